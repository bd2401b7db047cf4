//! What binds a case beside its order: months of service, the comment of a former unit, one decision under one number.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::cadre::ResidenceMode;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::membership::Role;
use model::refusal::Refusal;
use server::machine;
use server::running::Running;
use tests::cases::{Cast, SUBJECT, answers};
use tests::house::{House, act};

use CaseState::{AwaitingComments, Decided, Excused, Notified, OpinionsClosed, OpinionsOpen, Proposed, UnderReview};
use Role::{Authority, FormerHead, FrontHead, Head, PersonnelOffice, Secretary};

/// The answers of a paper with some of them changed.
fn but(kind: PaperKind, changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let kept = answers(kind).iter().filter(|(key, _)| changed.iter().all(|(other, _)| other != key));
    kept.chain(changed).copied().collect()
}

fn not_rated(reason: &'static str) -> Vec<(&'static str, &'static str)> {
    but(PaperKind::Decision, &[("outcome", "not_rated"), ("rating", ""), ("not_rated_reason", reason)])
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

fn months(worked: &'static str, absent: &'static str) -> Vec<(&'static str, &'static str)> {
    but(PaperKind::ServiceRecord, &[("worked_months", worked), ("absent_months", absent)])
}

async fn files(cast: &mut Cast, server: &Running, paper: (Role, PaperKind)) {
    assert_eq!(cast.files(server, paper, answers(paper.1)).await, None, "{paper:?}");
}

/// From the first submission until the head has proposed.
async fn proposed(cast: &mut Cast, (house, server): (&House, &Running)) {
    reviewed(cast, (house, server)).await;
    let completed = but(PaperKind::HeadComment, &[("proposed_rating", "hoan_thanh")]);
    assert_eq!(cast.files(server, (Head, PaperKind::HeadComment), &completed).await, None);
    assert_eq!(cast.goes_on(server, Head, Proposed).await, None);
}

/// The head proposes that there be no level.
async fn proposes_none(cast: &mut Cast, server: &Running) {
    let level = answers(PaperKind::HeadComment).iter();
    let none = level.filter(|(key, _)| !matches!(*key, "outcome" | "proposed_rating")).copied();
    let none: Vec<_> = none.chain([("outcome", "not_rated")]).collect();
    assert_eq!(cast.files(server, (Head, PaperKind::HeadComment), &none).await, None);
    assert_eq!(cast.goes_on(server, Head, Proposed).await, None);
}

/// From the first submission until the head comments.
async fn reviewed(cast: &mut Cast, (house, server): (&House, &Running)) {
    assert_eq!(cast.submits(house, server, &house.answers(house.cadre(SUBJECT))).await, None);
    assert_eq!(cast.goes_on(server, Head, OpinionsOpen).await, None);
    files(cast, server, (FrontHead, PaperKind::ResidenceOpinion)).await;
    assert_eq!(cast.goes_on(server, PersonnelOffice, OpinionsClosed).await, None);
    assert_eq!(cast.goes_on(server, Head, UnderReview).await, None);
    files(cast, server, (Secretary, PaperKind::Minutes)).await;
    assert_eq!(cast.goes_on(server, Head, AwaitingComments).await, None);
}

async fn opened() -> (House, Running, Cast) {
    let house = House::new();
    let server = house.opened().await;
    let cast = Cast::of(&house, &server).await;
    (house, server, cast)
}

/// Domain 2.1: absent 3 to under 6 months, at most completed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_was_absent_for_three_months_is_rated_below_good() {
    let (house, server, mut cast) = opened().await;
    let record = (PersonnelOffice, PaperKind::ServiceRecord);
    assert_eq!(cast.files(&server, record, &months("9", "3")).await, None);
    proposed(&mut cast, (&house, &server)).await;
    let decision = (Authority, PaperKind::Decision);
    let good = but(PaperKind::Decision, &[("rating", "hoan_thanh_tot")]);
    assert_eq!(cast.files(&server, decision, &good).await, Some(Refusal::Contradicts));
    let unrated = cast.files(&server, decision, &not_rated("too_few_months")).await;
    assert_eq!(unrated, Some(Refusal::Contradicts), "nine months are enough for a level");
    assert_eq!(cast.files(&server, decision, answers(PaperKind::Decision)).await, None);
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, None);
    server.stop().await.unwrap();
}

/// Under six months: no level, which is no lowest level either; the year is reviewed all the same.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_worked_under_six_months_is_not_rated() {
    let (house, server, mut cast) = opened().await;
    let record = (PersonnelOffice, PaperKind::ServiceRecord);
    assert_eq!(cast.files(&server, record, &months("5", "0")).await, None);
    reviewed(&mut cast, (&house, &server)).await;
    let level = answers(PaperKind::HeadComment);
    let told = cast.files(&server, (Head, PaperKind::HeadComment), level).await;
    assert_eq!(told, Some(Refusal::Contradicts), "no level can be proposed");
    proposes_none(&mut cast, &server).await;
    let decision = (Authority, PaperKind::Decision);
    let lowest = but(PaperKind::Decision, &[("rating", "khong_hoan_thanh")]);
    assert_eq!(cast.files(&server, decision, &lowest).await, Some(Refusal::Contradicts));
    assert_eq!(cast.files(&server, decision, &not_rated("too_few_months")).await, None);
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, None);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn maternity_leave_excuses_from_the_self_assessment() {
    let (house, server, mut cast) = opened().await;
    let record =
        but(PaperKind::ServiceRecord, &[("worked_months", "5"), ("absent_months", "7"), ("maternity_leave", "yes")]);
    assert_eq!(cast.files(&server, (PersonnelOffice, PaperKind::ServiceRecord), &record).await, None);
    cast.synchronise(&server).await;
    assert_eq!(cast.state(Authority), Some(Excused));
    let decision = (Authority, PaperKind::Decision);
    assert_eq!(cast.files(&server, decision, answers(PaperKind::Decision)).await, Some(Refusal::Contradicts));
    assert_eq!(cast.files(&server, decision, &not_rated("too_few_months")).await, None);
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, None);
    let house = &house;
    let late = cast.submits(house, &server, &house.answers(house.cadre(SUBJECT))).await;
    assert_eq!(late, Some(Refusal::NotNow), "it is decided");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_is_excused_and_submits_all_the_same_is_reviewed() {
    let (house, server, mut cast) = opened().await;
    let record =
        but(PaperKind::ServiceRecord, &[("worked_months", "5"), ("absent_months", "7"), ("maternity_leave", "yes")]);
    assert_eq!(cast.files(&server, (PersonnelOffice, PaperKind::ServiceRecord), &record).await, None);
    reviewed(&mut cast, (&house, &server)).await;
    proposes_none(&mut cast, &server).await;
    cast.synchronise(&server).await;
    assert_eq!(cast.state(Authority), Some(Proposed));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_review_waits_for_the_former_unit_of_a_cadre_who_came_after_six_months() {
    let (house, server, mut cast) = opened().await;
    let record = but(PaperKind::ServiceRecord, &[("former_unit_months", "7")]);
    assert_eq!(cast.files(&server, (PersonnelOffice, PaperKind::ServiceRecord), &record).await, None);
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    assert_eq!(cast.goes_on(&server, Head, OpinionsOpen).await, None);
    files(&mut cast, &server, (FrontHead, PaperKind::ResidenceOpinion)).await;
    assert_eq!(cast.goes_on(&server, PersonnelOffice, OpinionsClosed).await, None);
    assert_eq!(cast.goes_on(&server, Head, UnderReview).await, None);
    files(&mut cast, &server, (Secretary, PaperKind::Minutes)).await;
    assert_eq!(cast.goes_on(&server, Head, AwaitingComments).await, Some(Refusal::Incomplete));
    files(&mut cast, &server, (FormerHead, PaperKind::OldUnitComment)).await;
    assert_eq!(cast.goes_on(&server, Head, AwaitingComments).await, None);
    server.stop().await.unwrap();
}

/// Domain 3.6: whoever need not be asked about every year is reviewed without it, unless somebody asked; of whoever is
/// exempt nothing is taken. The personnel office puts a wrong entry of the directory right with a new record of service.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_place_of_residence_is_asked_as_the_directory_says() {
    for mode in [ResidenceMode::OnDemand, ResidenceMode::Exempt] {
        let mut house = House::new();
        house.commune.members[SUBJECT].held.cadre.residence = mode;
        let server = house.opened().await;
        let mut cast = Cast::of(&house, &server).await;
        assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
        assert_eq!(cast.goes_on(&server, Head, OpinionsOpen).await, None);
        let opinion = (FrontHead, PaperKind::ResidenceOpinion);
        let told = cast.files(&server, opinion, answers(PaperKind::ResidenceOpinion)).await;
        assert_eq!(told, (mode == ResidenceMode::Exempt).then_some(Refusal::Contradicts), "{mode:?}");
        assert_eq!(cast.goes_on(&server, PersonnelOffice, OpinionsClosed).await, None, "{mode:?}");
        server.stop().await.unwrap();
    }
    let mut house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    assert_eq!(cast.goes_on(&server, Head, OpinionsOpen).await, None);
    house.commune.members[SUBJECT].held.cadre.residence = ResidenceMode::OnDemand;
    let items = house.commune.items();
    act(&server, move |office| office.publish(&items, machine::moment())).await;
    let record = (PersonnelOffice, PaperKind::ServiceRecord);
    assert_eq!(cast.files(&server, record, answers(PaperKind::ServiceRecord)).await, None);
    assert_eq!(cast.goes_on(&server, PersonnelOffice, OpinionsClosed).await, None);
    server.stop().await.unwrap();
}

/// Domain 4.2, `Decision`: written once. The next one bears the next number and names the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_decision_under_one_number_is_refused_and_the_next_replaces_the_first() {
    let (house, server, mut cast) = opened().await;
    proposed(&mut cast, (&house, &server)).await;
    let decision = (Authority, PaperKind::Decision);
    assert_eq!(cast.files(&server, decision, answers(PaperKind::Decision)).await, None);
    let other = but(PaperKind::Decision, &[("rating", "khong_hoan_thanh")]);
    assert_eq!(cast.files(&server, decision, &other).await, Some(Refusal::DecidedAlready));
    let next = but(
        PaperKind::Decision,
        &[("sequence", "2"), ("decision_number", "15/QĐ-UBND"), ("superseded_number", "12/QĐ-UBND")],
    );
    assert_eq!(cast.files(&server, decision, &next).await, None);
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, None);
    let notice = (PersonnelOffice, PaperKind::Notice);
    let told = cast.files(&server, notice, answers(PaperKind::Notice)).await;
    assert_eq!(told, Some(Refusal::Contradicts), "it names the decision that was replaced");
    let named = but(PaperKind::Notice, &[("decision_number", "15/QĐ-UBND")]);
    assert_eq!(cast.files(&server, notice, &named).await, None);
    assert_eq!(cast.goes_on(&server, PersonnelOffice, Notified).await, None);
    let publication = (PersonnelOffice, PaperKind::Publication);
    let good = but(PaperKind::Publication, &[("decision_number", "15/QĐ-UBND"), ("rating", "hoan_thanh_tot")]);
    assert_eq!(cast.files(&server, publication, &good).await, Some(Refusal::Contradicts), "it says another level");
    server.stop().await.unwrap();
}

/// An appeal that is upheld needs the new decision before the case goes on; the old one stays in the file.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_appeal_changes_the_decision() {
    let (house, server, mut cast) = opened().await;
    proposed(&mut cast, (&house, &server)).await;
    files(&mut cast, &server, (Authority, PaperKind::Decision)).await;
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, None);
    files(&mut cast, &server, (PersonnelOffice, PaperKind::Notice)).await;
    assert_eq!(cast.goes_on(&server, PersonnelOffice, Notified).await, None);
    files(&mut cast, &server, (Role::Subject, PaperKind::Appeal)).await;
    assert_eq!(cast.goes_on(&server, Role::Subject, CaseState::Appealed).await, None);
    let upheld = but(PaperKind::AppealOutcome, &[("outcome", "changed")]);
    assert_eq!(cast.files(&server, (Authority, PaperKind::AppealOutcome), &upheld).await, None);
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, Some(Refusal::Incomplete));
    let next = but(
        PaperKind::Decision,
        &[
            ("sequence", "2"),
            ("decision_number", "15/QĐ-UBND"),
            ("superseded_number", "12/QĐ-UBND"),
            ("rating", "hoan_thanh_tot"),
        ],
    );
    assert_eq!(cast.files(&server, (Authority, PaperKind::Decision), &next).await, None);
    assert_eq!(cast.goes_on(&server, Authority, Decided).await, None);
    cast.synchronise(&server).await;
    let findings = cast.seen(Role::Subject).unwrap().findings;
    assert_eq!(findings.decided.unwrap().number, "15/QĐ-UBND");
    server.stop().await.unwrap();
}
