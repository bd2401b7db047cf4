//! The fourth chapter: one evaluation case under each of the three laws, from the self-assessment to the result that the
//! unit reads, through the app's own door.

pub mod filling;
pub mod people;

use std::path::Path;

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::identity::{CycleId, DocumentId, PersonId};
use model::membership::Role;
use model::minutes::Attendance;
use phone::failure::Failure;

use super::office::Office;
use super::story::say;
use super::{Told, failed};
use filling::{fill, typed};
use people::{LAWS, Law, Sitting};

const QUORUM_MISSED: &str = "40";
const QUORUM: &str = "41";

/// Plays it over a folder of its own; gives back the office, whose pages stay open.
pub fn tell(folder: &Path) -> Told<Office> {
    server::machine::live_ahead(0);
    let (office, sitting) = Sitting::open(folder)?;
    say(&format!(
        "Three cycles run side by side, each under its law: {}. {} people have a part in the cases of the first unit, each \
         with a phone.",
        LAWS.map(|law| law.name).join(", "),
        sitting.phones()
    ));
    for law in &LAWS {
        case_under(&office, &sitting, law)?;
    }
    Ok(office)
}

/// One case from the first form to the dossier; the first law's has everything that can go wrong in between.
fn case_under(office: &Office, sitting: &Sitting, law: &Law) -> Told<()> {
    let (cycle, person) = (law.cycle(), sitting.subject(law));
    let is_first = law.place == LAWS[0].place;
    let case = begun(sitting, law, is_first)?;
    opinion(sitting, (cycle, person), case, is_first)?;
    minutes(sitting, (cycle, person), case, is_first)?;
    let signs = |role, kind, said: &[(&str, &str)]| sitting.signs(role, kind, (cycle, person), said);
    signs(Role::PartyCommittee, PaperKind::PartyComment, &[])?;
    let proposed = if is_first { "hoan_thanh_xuat_sac" } else { "hoan_thanh_tot" };
    signs(Role::Head, PaperKind::HeadComment, &[("proposed_rating", proposed)])?;
    sitting.steps(Role::Head, case, CaseState::Proposed)?;
    if is_first {
        let page = office.page(&format!("/cases/{cycle}/reports"))?;
        if !page.contains("Nếu quyết định theo đề xuất") || !page.contains("Vượt 1 người") {
            return Err("The reports do not show the quota as proposed.".to_owned());
        }
        say(
            "The head proposes the highest level. Before anybody decides, the office's reports show that this would be one \
             more than the law allows, so the authority decides on a lower one.",
        );
    }
    let number = format!("12/QĐ-{}", law.place);
    let level = if is_first { "hoan_thanh" } else { "hoan_thanh_tot" };
    signs(Role::Authority, PaperKind::Decision, &[("decision_number", &number), ("rating", level)])?;
    sitting.steps(Role::Authority, case, CaseState::Decided)?;
    signs(Role::PersonnelOffice, PaperKind::Notice, &[])?;
    sitting.steps(Role::PersonnelOffice, case, CaseState::Notified)?;
    if is_first {
        appeal(sitting, (cycle, person), case)?;
    }
    signs(Role::PersonnelOffice, PaperKind::Publication, &[])?;
    sitting.steps(Role::PersonnelOffice, case, CaseState::Published)?;
    sitting.steps(Role::PersonnelOffice, case, CaseState::Archived)?;
    read_by_the_unit(sitting, law)
}

/// The cadre fills in the form of the law; the first time the head sends it back.
fn begun(sitting: &Sitting, law: &Law, is_first: bool) -> Told<DocumentId> {
    let cadre = sitting.cadre(law)?;
    let paper = cadre.phone.begin_self_assessment(law.cycle()).map_err(failed("The form could not be begun"))?;
    let answers = fill(cadre, paper, &[])?;
    submit(cadre, paper)?;
    let case = sitting.case(Role::Head, law)?;
    if is_first {
        let reason = "Thiếu minh chứng của hai nhiệm vụ ở mục B.";
        sitting.explains(Role::Head, case, (CaseState::Returned, reason))?;
        cadre.send()?;
        let shown = cadre.phone.cases().map_err(failed("The cases could not be read"))?;
        let told = shown.first().and_then(|item| item.latest.reason.clone());
        if told.as_deref() != Some(reason) {
            return Err("The cadre does not see why the form came back.".to_owned());
        }
        cadre.answer(paper, "strengths", typed("Đã bổ sung minh chứng của hai nhiệm vụ."))?;
        submit(cadre, paper)?;
        say(&format!(
            "{}: {} answers, points counted on the phone. The head sends the form back with a reason; the cadre reads it, \
             adds what was missing and submits again. Both versions stay.",
            law.name, answers
        ));
    }
    sitting.steps(Role::Head, case, CaseState::OpinionsOpen)?;
    Ok(case)
}

fn submit(cadre: &super::pocket::Pocket, paper: DocumentId) -> Told<()> {
    cadre.phone.submit(paper).map_err(failed("The form could not be submitted"))?;
    cadre.send().map(|_| ())
}

/// The meeting where the cadre lives: 40 of 80 voters are no quorum, 41 are.
fn opinion(sitting: &Sitting, about: (CycleId, PersonId), case: DocumentId, is_first: bool) -> Told<()> {
    let front = sitting.pocket(Role::FrontHead)?;
    let paper = sitting.begin(Role::FrontHead, PaperKind::ResidenceOpinion, about)?;
    if is_first {
        fill(front, paper, &[("voters_total", "80"), ("voters_present", QUORUM_MISSED)])?;
        match front.phone.submit(paper) {
            Err(Failure::Incomplete { .. }) => {}
            other => return Err(format!("An opinion without quorum was taken: {other:?}")),
        }
    }
    fill(
        front,
        paper,
        &[("voters_total", "80"), ("voters_present", QUORUM), ("agree", "38"), ("disagree", "1"), ("no_opinion", "2")],
    )?;
    front.phone.submit(paper).map_err(failed("The opinion could not be signed"))?;
    front.send()?;
    if is_first {
        say(
            "Where the cadre lives 40 of 80 voters came: no quorum, and the phone takes no signature. A second meeting with 41 \
             counts: 38 agree, 1 does not, 2 have no opinion.",
        );
    }
    sitting.steps(Role::PersonnelOffice, case, CaseState::OpinionsClosed)?;
    sitting.steps(Role::Head, case, CaseState::UnderReview)
}

/// Three people write the minutes at once without a network; two of them rewrite one paragraph.
fn minutes(sitting: &Sitting, about: (CycleId, PersonId), case: DocumentId, is_first: bool) -> Told<()> {
    let writers = [Role::Secretary, Role::Head, Role::PartyCommittee];
    let minutes = sitting.begin(Role::Secretary, PaperKind::Minutes, about)?;
    let secretary = sitting.pocket(Role::Secretary)?;
    let first = secretary.phone.add_paragraph(minutes, None, "Đồng chí tự phê bình trước cuộc họp.".to_owned());
    let first = first.map_err(failed("The paragraph was not taken"))?;
    sitting.meet(&writers)?;
    for (role, said) in
        writers.iter().zip(["Ý kiến một: nhất trí.", "Ý kiến hai: nhất trí.", "Ý kiến ba: còn nể nang."])
    {
        let added = sitting.pocket(*role)?.phone.add_paragraph(minutes, Some(first), said.to_owned());
        added.map_err(failed("The paragraph was not taken"))?;
    }
    let rewritten = [
        (Role::Secretary, "Đồng chí tự phê bình thẳng thắn trước cuộc họp."),
        (Role::Head, "Đồng chí tự phê bình trước cuộc họp và nhận khuyết điểm."),
    ];
    for (role, text) in rewritten.into_iter().take(if is_first { 2 } else { 0 }) {
        let written = sitting.pocket(role)?.phone.write_paragraph(minutes, first, text.to_owned());
        written.map_err(failed("The paragraph was not rewritten"))?;
    }
    let marked = secretary.phone.mark_attendance(minutes, about.1, Some(Attendance::Present));
    marked.map_err(failed("The attendance was not taken"))?;
    sitting.meet(&writers)?;
    if is_first {
        settled(sitting, minutes, &writers)?;
    }
    fill(secretary, minutes, &[("summoned", "8"), ("present", "7")])?;
    secretary.phone.submit(minutes).map_err(failed("The minutes could not be signed"))?;
    secretary.send()?;
    sitting.steps(Role::Head, case, CaseState::AwaitingComments)
}

/// Everybody sees both versions of the paragraph and the merged one; one tap takes that.
fn settled(sitting: &Sitting, minutes: DocumentId, writers: &[Role]) -> Told<()> {
    let view = sitting.pocket(Role::PartyCommittee)?.phone.minutes(minutes);
    let view = view.map_err(failed("The minutes could not be read"))?;
    let dispute = view.paragraphs.iter().find_map(|paragraph| paragraph.dispute.clone());
    let dispute = dispute.ok_or("nobody sees that two people rewrote one paragraph")?;
    let merged = dispute.merged.clone().ok_or("the two versions were not merged")?;
    if view.paragraphs.len() != 4 || dispute.sides.len() != 2 {
        return Err("Something that was written apart is missing from the minutes.".to_owned());
    }
    let settled = sitting.pocket(Role::PartyCommittee)?.phone.settle_merged(minutes, dispute.field);
    settled.map_err(failed("The paragraph could not be settled"))?;
    sitting.meet(writers)?;
    say(&format!(
        "Three phones wrote the minutes of the review at once without a network; every paragraph is there. Two people had \
         rewritten the same one: both versions stood side by side with the merged one, which one tap took: “{merged}”."
    ));
    Ok(())
}

/// The cadre appeals, and the authority changes the decision: the new one replaces the old, which stays in the file.
fn appeal(sitting: &Sitting, about: (CycleId, PersonId), case: DocumentId) -> Told<()> {
    let signs = |role, kind, said: &[(&str, &str)]| sitting.signs(role, kind, about, said);
    signs(Role::Subject, PaperKind::Appeal, &[("text", "Chưa tính nhiệm vụ đột xuất tháng 9.")])?;
    sitting.steps(Role::Subject, case, CaseState::Appealed)?;
    signs(Role::Authority, PaperKind::AppealOutcome, &[("outcome", "changed")])?;
    signs(Role::Authority, PaperKind::Decision, &[("decision_number", "15/QĐ"), ("rating", "hoan_thanh_tot")])?;
    sitting.steps(Role::Authority, case, CaseState::Decided)?;
    signs(Role::PersonnelOffice, PaperKind::Notice, &[])?;
    sitting.steps(Role::PersonnelOffice, case, CaseState::Notified)?;
    say(
        "The cadre is notified and appeals. The authority changes the decision: the second one names the first, which stays in \
         the file, and a notice or a publication of the old level would be refused.",
    );
    Ok(())
}

/// A colleague of the unit reads the result, and nothing else of the case.
fn read_by_the_unit(sitting: &Sitting, law: &Law) -> Told<()> {
    let colleague = sitting.colleague();
    colleague.send()?;
    let results = colleague.phone.published_results().map_err(failed("The results could not be read"))?;
    let name = sitting.name_of(law);
    let is_there = results.iter().any(|result| result.person_name == name && result.cycle_title == law.title);
    let cases = colleague.phone.cases().map_err(failed("The cases could not be read"))?;
    if !is_there || !cases.is_empty() {
        return Err("The unit does not read the published result, or reads more.".to_owned());
    }
    say(&format!(
        "{}: decided, notified, published and filed. A colleague's phone shows the level and the summary of {name}, and \
         nothing else of the case.",
        law.name
    ));
    Ok(())
}
