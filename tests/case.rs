//! One evaluation case from the first submission to the dossier, through the real server, every phone by itself.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::case::CaseState;
use model::case::paper::PaperKind;
use model::membership::Role;
use model::refusal::Refusal;
use tests::cases::{Cast, SUBJECT, answers};
use tests::house::House;

use CaseState::{
    AwaitingComments, Decided, Notified, OpinionsClosed, OpinionsOpen, Proposed, Published, Returned, Submitted,
    UnderReview,
};
use Role::{Authority, FrontHead, Head, PartyCommittee, PersonnelOffice, Secretary, Subject, Supervisor};

/// Signs, sends and takes the step that it is for.
async fn done(cast: &mut Cast, server: &server::running::Running, paper: (Role, PaperKind), step: (Role, CaseState)) {
    assert_eq!(cast.files(server, paper, answers(paper.1)).await, None, "{paper:?}");
    assert_eq!(cast.goes_on(server, step.0, step.1).await, None, "{step:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_case_goes_from_the_self_assessment_to_the_dossier() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    cast.synchronise(&server).await;
    for role in [Subject, Head, PersonnelOffice, PartyCommittee, Authority, Supervisor] {
        assert_eq!(cast.state(role), Some(Submitted), "{role:?}");
    }
    for role in [FrontHead, Secretary] {
        assert!(cast.seen(role).is_none(), "{role:?} writes into the case and does not read it");
    }
    assert_eq!(cast.goes_on(&server, Head, OpinionsOpen).await, None);
    done(&mut cast, &server, (FrontHead, PaperKind::ResidenceOpinion), (PersonnelOffice, OpinionsClosed)).await;
    assert_eq!(cast.goes_on(&server, Head, UnderReview).await, None);
    done(&mut cast, &server, (Secretary, PaperKind::Minutes), (Head, AwaitingComments)).await;
    let commented = cast.files(&server, (PartyCommittee, PaperKind::PartyComment), answers(PaperKind::PartyComment));
    assert_eq!(commented.await, None);
    done(&mut cast, &server, (Head, PaperKind::HeadComment), (Head, Proposed)).await;
    done(&mut cast, &server, (Authority, PaperKind::Decision), (Authority, Decided)).await;
    done(&mut cast, &server, (PersonnelOffice, PaperKind::Notice), (PersonnelOffice, Notified)).await;
    done(&mut cast, &server, (PersonnelOffice, PaperKind::Publication), (PersonnelOffice, Published)).await;
    assert_eq!(cast.goes_on(&server, PersonnelOffice, CaseState::Archived).await, None);
    cast.synchronise(&server).await;
    let filed: Vec<PaperKind> = cast.seen(Subject).unwrap().papers.into_keys().collect();
    let expected = [
        PaperKind::SelfAssessment,
        PaperKind::ResidenceOpinion,
        PaperKind::Minutes,
        PaperKind::PartyComment,
        PaperKind::HeadComment,
        PaperKind::Decision,
        PaperKind::Notice,
        PaperKind::Publication,
    ];
    assert_eq!((cast.state(Subject), filed), (Some(CaseState::Archived), expected.to_vec()));
    let whole = cast.seen(Subject);
    for role in [Head, PersonnelOffice, PartyCommittee, Authority, Supervisor] {
        assert!(cast.seen(role) == whole, "{role:?} sees the same case");
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_returned_form_comes_back_and_the_case_goes_on() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    let edits = house.answers(house.cadre(SUBJECT));
    assert_eq!(cast.submits(&house, &server, &edits).await, None);
    assert_eq!(cast.goes_on(&server, Head, Returned).await, None);
    cast.synchronise(&server).await;
    assert_eq!(cast.state(Subject), Some(Returned));
    let first = cast.seen(Head).unwrap().papers[&PaperKind::SelfAssessment];
    let changed = tests::cases::strengths("Bổ sung: đã hoàn thành số hoá sổ hộ tịch.");
    assert_eq!(cast.submits(&house, &server, &changed).await, None);
    cast.synchronise(&server).await;
    assert_eq!(cast.state(Head), Some(Submitted));
    assert_ne!(cast.seen(Head).unwrap().papers[&PaperKind::SelfAssessment], first, "the newer one counts");
    assert_eq!(cast.goes_on(&server, PersonnelOffice, OpinionsOpen).await, None);
    let late = tests::cases::strengths("Sửa thêm sau khi đã tiếp nhận.");
    assert_eq!(cast.submits(&house, &server, &late).await, Some(Refusal::NotNow), "it was taken as complete");
    server.stop().await.unwrap();
}

/// Every role but the right one, and the right one too early: refused with a word, and nothing moves.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn papers_and_steps_out_of_turn_or_of_somebody_else_are_refused() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    cast.synchronise(&server).await;
    for (role, kind, expected) in [
        (Authority, PaperKind::Decision, Refusal::NotNow),
        (Head, PaperKind::HeadComment, Refusal::NotNow),
        (FrontHead, PaperKind::ResidenceOpinion, Refusal::NotNow),
        (Head, PaperKind::Notice, Refusal::NotAllowed),
        (Subject, PaperKind::PartyComment, Refusal::NotAllowed),
        (Supervisor, PaperKind::HeadComment, Refusal::NotAllowed),
    ] {
        assert_eq!(cast.files(&server, (role, kind), answers(kind)).await, Some(expected), "{role:?} {kind:?}");
    }
    for (role, to) in [(Subject, OpinionsOpen), (Authority, Returned), (Supervisor, OpinionsOpen)] {
        assert_eq!(cast.goes_on(&server, role, to).await, Some(Refusal::NotAllowed), "{role:?} {to:?}");
    }
    cast.synchronise(&server).await;
    assert_eq!(cast.state(PersonnelOffice), Some(Submitted));
    server.stop().await.unwrap();
}

/// The second comes back to the phone that asked, which sees where the case is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_steps_that_were_taken_apart_the_first_to_arrive_counts() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    cast.synchronise(&server).await;
    let (taken, returned) =
        (cast.steps(Head, OpinionsOpen, None), cast.steps(PersonnelOffice, Returned, Some("Thiếu minh chứng.")));
    cast.phone(Head).synchronise(&server).await;
    cast.phone(PersonnelOffice).synchronise(&server).await;
    assert_eq!(cast.phone(Head).held(&taken).refusal, None);
    assert_eq!(cast.phone(PersonnelOffice).held(&returned).refusal, Some(Refusal::DecidedAlready));
    assert_eq!(cast.state(PersonnelOffice), Some(OpinionsOpen));
    server.stop().await.unwrap();
}
