//! Who reads a case: those whom the directory names today, on every phone of theirs, and nobody else.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::filed::subject;
use model::case::paper::PaperKind;
use model::directory::{DirectoryItem, ItemKind};
use model::document::DocumentKind;
use model::entry::{Content, Entry};
use model::exchange::{Answered, Row};
use model::identity::PersonId;
use model::membership::Role;
use model::refusal::Refusal;
use model::space::unit_space;
use model::time::{Day, Timestamp};
use phone::store::documents;
use phone::sync::session::{Pace, next_request, receive};
use server::backup::back_up;
use server::machine;
use server::office::Moment;
use server::prepared::Prepared;
use server::recovery;
use server::running::Running;
use tests::cases::{CAST, Cast, SUBJECT, answers, appointments};
use tests::house::{Handset, House, act};

use CaseState::{OpinionsOpen, Submitted};
use Role::{Authority, Head, PartyCommittee, PersonnelOffice, Secretary, Subject};

async fn begun() -> (House, Running, Cast) {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    cast.synchronise(&server).await;
    (house, server, cast)
}

/// The office publishes anew who holds a role over the cadre.
async fn appoint(house: &House, server: &Running, (role, person): (Role, PersonId), to: Option<&str>) {
    let place = CAST.iter().find(|(held, _)| *held == role).unwrap().1;
    let code = format!("{role:?} {}", house.cadre(place));
    let listed = appointments(house).into_iter().find(|item| item.code == code).unwrap();
    let held = Appointment::read(&listed.body).unwrap();
    let to = to.map(|to| Day::parse(to).unwrap());
    let code = if to.is_some() { code } else { format!("{role:?} {person}") };
    let item = DirectoryItem { kind: ItemKind::Appointment, code, body: Appointment { person, to, ..held }.to_json() };
    act(server, move |office| office.publish(&[item], machine::moment())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whose_role_ended_hears_nothing_more_and_does_nothing_more() {
    let (house, server, mut cast) = begun().await;
    let party = house.cadre(CAST.iter().find(|(role, _)| *role == PartyCommittee).unwrap().1);
    appoint(&house, &server, (PartyCommittee, party), Some("2026-01-02")).await;
    assert_eq!(cast.goes_on(&server, Head, OpinionsOpen).await, None);
    cast.synchronise(&server).await;
    assert_eq!(cast.state(PersonnelOffice), Some(OpinionsOpen));
    assert_eq!(cast.state(PartyCommittee), Some(Submitted), "what was read before stays on the phone, no more comes");
    server.stop().await.unwrap();
}

/// Before the office has looked after the case, too: the request itself asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_that_ends_with_the_day_ends_at_the_next_request() {
    let (house, server, mut cast) = begun().await;
    let head = house.cadre(0);
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    appoint(&house, &server, (Head, head), Some(&today.to_string())).await;
    assert_eq!(cast.goes_on(&server, PersonnelOffice, OpinionsOpen).await, None);
    let tomorrow = Moment { now_ms: machine::now_ms() + 86_400_000, random: 7 };
    let device = cast.phone(Head).author.device();
    let phone = cast.phone(Head);
    let outgoing = next_request(&phone.store, Pace::FULL, &phone.unknown).unwrap();
    let space = cast.case().space;
    let (request, identity) = (outgoing.request, server.identity);
    let reply = act(&server, move |office| office.exchange(device, &Prepared::new(request, &identity), tomorrow)).await;
    let told = reply.spaces.into_iter().find(|told| told.space == space).unwrap();
    let Answered::Rows(rows) = told.answer else { panic!("it is told that it is out") };
    let Some(Row::Full { entry, .. }) = rows.rows.last() else { panic!("it has pushed nothing") };
    let last = Entry::read(entry).unwrap().content;
    assert!(matches!(last, Content::Grant(grant) if grant.role.is_none()), "the last row takes it out");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_phone_and_a_new_holder_are_let_into_the_cases_that_run() {
    let (house, server, mut cast) = begun().await;
    let case = cast.case();
    let head = house.cadre(0);
    let mut second = Handset::enrolled(&server, 101, head, Subject).await;
    second.synchronise(&server).await;
    assert!(documents::find(second.store.reader(), case.space, case.document).unwrap().is_some(), "a second phone");
    let newcomer = house.cadre(12);
    let mut new = Handset::enrolled(&server, 102, newcomer, Subject).await;
    new.synchronise(&server).await;
    assert!(documents::find(new.store.reader(), case.space, case.document).unwrap().is_none());
    appoint(&house, &server, (Authority, newcomer), None).await;
    new.synchronise(&server).await;
    assert!(documents::find(new.store.reader(), case.space, case.document).unwrap().is_some(), "a second authority");
    server.stop().await.unwrap();
}

/// The office often names who reviews whom only when the first forms have come in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn forms_that_came_before_anybody_was_appointed_become_cases_then() {
    let house = House::new();
    let server = house.opened().await;
    let cadre = house.cadre(SUBJECT);
    let mut own = Handset::enrolled(&server, 1, cadre, Subject).await;
    let paper = house.paper(&server, cadre).await;
    own.edit(paper, &house.answers(cadre));
    let submitted = own.submit(paper, house.form());
    own.synchronise(&server).await;
    assert_eq!(own.held(&submitted).refusal, None);
    let mut cast = Cast::of(&house, &server).await;
    cast.synchronise(&server).await;
    assert_eq!(cast.state(Head), Some(Submitted));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filing_that_a_restore_lost_is_made_again() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    cast.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    let server = house.restored(server).await;
    act(&server, |office| office.look_after_all_cases(machine::moment())).await;
    for role in CAST.map(|(role, _)| role).into_iter().chain([Subject]) {
        cast.phone(role).synchronise(&server).await;
    }
    assert!(!is_recovering(&server).await, "everybody is back");
    act(&server, |office| office.look_after_all_cases(machine::moment())).await;
    cast.synchronise(&server).await;
    assert_eq!(cast.state(Head), Some(Submitted));
    server.stop().await.unwrap();
}

/// Until a filed paper is brought back it binds nobody, on phones as on the server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_filed_paper_that_a_restore_lost_is_shown_by_no_phone_until_it_is_back() {
    let (house, server, mut cast) = begun().await;
    back_up(&house.settings, &house.backup()).unwrap();
    let record = answers(PaperKind::ServiceRecord);
    assert_eq!(cast.files(&server, (PersonnelOffice, PaperKind::ServiceRecord), record).await, None);
    cast.synchronise(&server).await;
    let has_record = |cast: &mut Cast| cast.seen(Head).unwrap().papers.contains_key(&PaperKind::ServiceRecord);
    assert!(has_record(&mut cast));
    let server = house.restored(server).await;
    let phone = cast.phone(Head);
    let outgoing = next_request(&phone.store, Pace::FULL, &phone.unknown).unwrap();
    let reply = phone.ask(&server, outgoing.request.clone()).await;
    receive(&mut phone.store, &phone.parties, &outgoing, &reply).unwrap();
    assert!(!has_record(&mut cast), "the server told of its new life, and nothing was brought back yet");
    cast.synchronise(&server).await;
    assert!(has_record(&mut cast));
    server.stop().await.unwrap();
}

async fn is_recovering(server: &Running) -> bool {
    act(server, |office| recovery::is_under_way(office.reader())).await
}

/// Everybody is appointed and nobody but the cadre has a phone yet: after a restore nobody can bring minutes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_space_that_no_phone_was_let_into_waits_for_none() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::with(&house, &server, &[]).await;
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    cast.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let server = house.restored(server).await;
    cast.synchronise(&server).await;
    assert!(!is_recovering(&server).await);
    server.stop().await.unwrap();
}

async fn publish_case(cast: &mut Cast, server: &Running) {
    let done = [
        (Role::FrontHead, PaperKind::ResidenceOpinion, PersonnelOffice, CaseState::OpinionsClosed),
        (Secretary, PaperKind::Minutes, Head, CaseState::AwaitingComments),
        (Head, PaperKind::HeadComment, Head, CaseState::Proposed),
        (Authority, PaperKind::Decision, Authority, CaseState::Decided),
        (PersonnelOffice, PaperKind::Notice, PersonnelOffice, CaseState::Notified),
        (PersonnelOffice, PaperKind::Publication, PersonnelOffice, CaseState::Published),
    ];
    assert_eq!(cast.goes_on(server, Head, OpinionsOpen).await, None);
    for (author, paper, by, to) in done {
        assert_eq!(cast.files(server, (author, paper), answers(paper)).await, None, "{paper:?}");
        assert_eq!(cast.goes_on(server, by, to).await, None, "{to:?}");
        if to == CaseState::OpinionsClosed {
            assert_eq!(cast.goes_on(server, Head, CaseState::UnderReview).await, None);
        }
    }
}

/// SEED 000-2: shown to the cadres of the unit, and to nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_published_result_is_read_in_the_unit_and_nowhere_else() {
    let (house, server, mut cast) = begun().await;
    let (colleague, stranger) = (house.cadre(5), house.cadre(13));
    let mut colleague = Handset::enrolled(&server, 111, colleague, Subject).await;
    let mut stranger = Handset::enrolled(&server, 112, stranger, Subject).await;
    publish_case(&mut cast, &server).await;
    let unit = house.commune.members[SUBJECT].held.assignment.unit;
    let space = unit_space(&server.identity, unit);
    let about = subject(house.commune.cycle.id, house.cadre(SUBJECT));
    let document = DocumentKind::Published.document_about(space, &about);
    for phone in [&mut colleague, &mut stranger] {
        phone.synchronise(&server).await;
    }
    let read = documents::find(colleague.store.reader(), space, document).unwrap().unwrap();
    assert_eq!(read.decisions.papers.keys().copied().collect::<Vec<_>>(), [PaperKind::Publication]);
    assert!(documents::find(stranger.store.reader(), space, document).unwrap().is_none());
    let case = cast.case();
    assert!(documents::find(colleague.store.reader(), case.space, case.document).unwrap().is_none());
    let mut late = Handset::enrolled(&server, 113, house.cadre(6), Subject).await;
    late.synchronise(&server).await;
    assert!(documents::find(late.store.reader(), space, document).unwrap().is_some(), "who comes later reads it too");
    server.stop().await.unwrap();
}

/// The pushing phone is told as soon as it has asked, and what it wrote in the role that ended is refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_taken_offline_in_a_role_that_ended_is_refused() {
    let (house, server, mut cast) = begun().await;
    let step = cast.steps(PersonnelOffice, CaseState::Returned, Some("Thiếu minh chứng."));
    let personnel = house.cadre(CAST.iter().find(|(role, _)| *role == PersonnelOffice).unwrap().1);
    appoint(&house, &server, (PersonnelOffice, personnel), Some("2026-01-02")).await;
    let phone = cast.phone(PersonnelOffice);
    phone.synchronise(&server).await;
    assert_eq!(phone.held(&step).refusal, Some(Refusal::NotAMember));
    assert_eq!(cast.state(Head), Some(Submitted));
    server.stop().await.unwrap();
}
