//! Minutes that several people write at once, each on a phone of their own without a network, through the app's door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::answer::Answer;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::identity::DocumentId;
use model::membership::Role;
use model::minutes::Attendance;
use phone::failure::Failure;
use phone::views::minutes::MinutesView;
use tests::case_office::Office;
use tests::cases::SUBJECT;
use tests::demo::pocket::Pocket;

/// What was said, in its order; none where two versions wait.
fn said(pocket: &Pocket, minutes: DocumentId) -> Vec<Option<String>> {
    shown(pocket, minutes).paragraphs.into_iter().map(|paragraph| paragraph.text).collect()
}

fn shown(pocket: &Pocket, minutes: DocumentId) -> MinutesView {
    pocket.phone.minutes(minutes).unwrap()
}

fn everybody_meets(phones: [&Pocket; 3]) {
    for _ in 0..2 {
        for pocket in phones {
            pocket.send().unwrap();
        }
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Everybody who writes the minutes, and the minutes as each of them begins them, apart.
fn begun(office: &Office) -> ([Pocket; 3], DocumentId) {
    let cadre = office.lets_in(SUBJECT);
    let writers = [Role::Secretary, Role::Head, Role::PartyCommittee].map(|role| office.lets_in_the(role));
    office.submits(&cadre);
    everybody_meets([&writers[0], &writers[1], &writers[2]]);
    let (cycle, person) = (office.house.commune.cycle.id, office.house.cadre(SUBJECT));
    let begin = |pocket: &Pocket| pocket.phone.begin_paper(PaperKind::Minutes, cycle, person).unwrap();
    let begun = [0, 1, 2].map(|writer| begin(&writers[writer]));
    assert!(begun.iter().all(|minutes| *minutes == begun[0]), "begun apart, they are one paper");
    assert_eq!(cadre.phone.begin_paper(PaperKind::Minutes, cycle, person), Err(Failure::OtherRole));
    (writers, begun[0])
}

#[test]
fn three_people_write_at_once_and_nothing_anybody_wrote_is_lost() {
    let office = Office::open();
    let ([secretary, head, party], minutes) = begun(&office);
    let opening = secretary.phone.add_paragraph(minutes, None, "Đồng chí Lan tự phê bình.".to_owned()).unwrap();
    everybody_meets([&secretary, &head, &party]);
    for (pocket, words) in [(&secretary, "Ý kiến một."), (&head, "Ý kiến hai."), (&party, "Ý kiến ba.")] {
        pocket.phone.add_paragraph(minutes, Some(opening), words.to_owned()).unwrap();
    }
    let present = office.house.cadre(5);
    secretary.phone.mark_attendance(minutes, present, Some(Attendance::Present)).unwrap();
    head.phone.mark_attendance(minutes, present, Some(Attendance::Present)).unwrap();
    everybody_meets([&secretary, &head, &party]);
    let all = said(&secretary, minutes);
    assert_eq!((all.len(), &all[0]), (4, &text("Đồng chí Lan tự phê bình.")));
    for words in ["Ý kiến một.", "Ý kiến hai.", "Ý kiến ba."] {
        assert!(all.contains(&text(words)), "{words}");
    }
    assert_eq!(said(&head, minutes), all);
    assert_eq!(said(&party, minutes), all);
    let view = shown(&party, minutes);
    let marked: Vec<_> = view.attendance.iter().filter(|attendee| attendee.state.is_some()).collect();
    assert_eq!((marked.len(), marked[0].person, marked[0].state), (1, present, Some(Attendance::Present)));
    office.close();
}

#[test]
fn two_versions_of_one_paragraph_stand_with_the_merged_one_until_somebody_chooses() {
    let office = Office::open();
    let ([secretary, head, party], minutes) = begun(&office);
    let first = "Đồng chí Lan hoàn thành tốt công việc được giao.";
    let paragraph = secretary.phone.add_paragraph(minutes, None, first.to_owned()).unwrap();
    everybody_meets([&secretary, &head, &party]);
    let (ours, theirs) = (
        "Đồng chí Trần Thị Lan hoàn thành tốt công việc được giao.",
        "Đồng chí Lan hoàn thành tốt công việc được giao trong năm.",
    );
    secretary.phone.write_paragraph(minutes, paragraph, ours.to_owned()).unwrap();
    head.phone.write_paragraph(minutes, paragraph, theirs.to_owned()).unwrap();
    everybody_meets([&secretary, &head, &party]);
    for pocket in [&secretary, &head, &party] {
        let view = shown(pocket, minutes);
        let [shown] = &view.paragraphs[..] else { panic!("one paragraph") };
        let dispute = shown.dispute.as_ref().unwrap();
        let mut versions: Vec<_> =
            dispute.sides.iter().map(|side| (side.value.as_str(), side.person_name.is_empty())).collect();
        versions.sort_unstable();
        let mut expected = [(ours, false), (theirs, false)];
        expected.sort_unstable();
        assert_eq!(versions, expected, "both, with their authors");
        let merged = "Đồng chí Trần Thị Lan hoàn thành tốt công việc được giao trong năm.";
        assert_eq!((shown.text.clone(), dispute.merged.as_deref()), (None, Some(merged)));
        assert!(!view.is_complete);
    }
    // Two people settle it the same way at once: silent.
    let field = shown(&secretary, minutes).paragraphs[0].dispute.as_ref().unwrap().field.clone();
    secretary.phone.settle_merged(minutes, field.clone()).unwrap();
    party.phone.settle_merged(minutes, field.clone()).unwrap();
    everybody_meets([&secretary, &head, &party]);
    let merged = "Đồng chí Trần Thị Lan hoàn thành tốt công việc được giao trong năm.";
    for pocket in [&secretary, &head, &party] {
        assert_eq!(said(pocket, minutes), [text(merged)]);
    }
    assert_eq!(head.phone.settle_merged(minutes, field), Err(Failure::NotHere), "nothing is disputed any more");
    office.close();
}

/// The secretary signs; what others write afterwards is kept beside and is not part of what everybody reads.
#[test]
fn signed_minutes_are_final_and_only_the_secretary_signs_them() {
    let office = Office::open();
    let ([secretary, head, _party], minutes) = begun(&office);
    let personnel = office.lets_in_the(Role::PersonnelOffice);
    let front = office.lets_in_the(Role::FrontHead);
    for (pocket, role) in [(&head, Role::Head), (&front, Role::FrontHead), (&personnel, Role::PersonnelOffice)] {
        pocket.send().unwrap();
        assert!(role != Role::Head || pocket.phone.cases().unwrap().len() == 1, "{role:?}");
    }
    let case = head.phone.cases().unwrap()[0].case;
    head.phone.take_step(case, CaseState::OpinionsOpen, None).unwrap();
    head.send().unwrap();
    let (cycle, person) = (office.house.commune.cycle.id, office.house.cadre(SUBJECT));
    let opinion = front.phone.begin_paper(PaperKind::ResidenceOpinion, cycle, person).unwrap();
    answer_all(&front, opinion, PaperKind::ResidenceOpinion);
    front.phone.submit(opinion).unwrap();
    front.send().unwrap();
    personnel.send().unwrap();
    personnel.phone.take_step(case, CaseState::OpinionsClosed, None).unwrap();
    personnel.send().unwrap();
    head.send().unwrap();
    head.phone.take_step(case, CaseState::UnderReview, None).unwrap();
    head.send().unwrap();
    secretary.send().unwrap();
    answer_all(&secretary, minutes, PaperKind::Minutes);
    let incomplete = Failure::Incomplete { question: "paragraphs".to_owned() };
    assert_eq!(secretary.phone.submit(minutes), Err(incomplete), "nothing was said yet");
    secretary.phone.add_paragraph(minutes, None, "Cuộc họp nhất trí.".to_owned()).unwrap();
    secretary.send().unwrap();
    head.send().unwrap();
    assert_eq!(head.phone.submit(minutes), Err(Failure::OtherRole));
    head.phone.add_paragraph(minutes, None, "Ghi thêm khi chưa có mạng.".to_owned()).unwrap();
    secretary.phone.submit(minutes).unwrap();
    secretary.send().unwrap();
    head.send().unwrap();
    let read = head.phone.read_paper(case, PaperKind::Minutes).unwrap();
    assert_eq!(read.paragraphs, ["Cuộc họp nhất trí."]);
    assert!(shown(&head, minutes).is_signed);
    head.phone.take_step(case, CaseState::AwaitingComments, None).unwrap();
    head.send().unwrap();
    assert_eq!(head.phone.cases().unwrap()[0].state, CaseState::AwaitingComments);
    office.close();
}

fn answer_all(pocket: &Pocket, paper: DocumentId, kind: PaperKind) {
    use model::form::kind::QuestionKind;
    let form = tests::cases::form_of(kind);
    for (key, typed) in tests::cases::answers(kind) {
        let answer = match form.question(key).unwrap().kind {
            QuestionKind::Acknowledgement => Answer::Acknowledged,
            QuestionKind::Number { .. } => Answer::Number { decimal: (*typed).to_owned() },
            QuestionKind::Choice { .. } => Answer::Choice { option: (*typed).to_owned() },
            QuestionKind::Date => Answer::Date { day: (*typed).to_owned() },
            _ => Answer::Text { text: (*typed).to_owned() },
        };
        pocket.phone.record_answer(paper, (*key).to_owned(), answer).unwrap();
    }
}
