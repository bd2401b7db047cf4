//! The operator's orders, with and without a running server.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use model::directory::{DirectoryItem, ItemKind};
use model::door::DoorRefused;
use model::enrolment::{EnrolmentCode, Stage};
use model::identity::PersonId;
use model::membership::Role;
use model::time::Timestamp;
use server::approving::approve;
use server::consent::Consent;
use server::counter::ask;
use server::desk::{Asked, Candidate, Desk, Told, answer};
use server::failure::ServerFailed;
use server::file_fault::{FileCause, fault};
use server::folder::Folder;
use server::office::{DATABASE_FILE, Office};
use server::order::Outcome;
use server::revoking::{Whom, dismiss, revoke};
use server::roll::{ListedPhone, PhoneState, SHORT_CHARS};
use server::running::start;
use server::safety::Safety;
use server::settings::Settings;
use server::{code_picture, enrolment, machine};

use crate::bare_phone::{BarePhone, LAN, code_for, serve, words_of};

/// A folder whose directory knows Lan, and two people called Minh.
fn folder_with_people() -> (tempfile::TempDir, Settings) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings::of_folder(folder.path());
    let held = Folder::hold(&settings.data, &settings.membership_file()).unwrap();
    let (mut office, _) = held.open(Safety::of_one_copy()).unwrap();
    let cadre = |person: PersonId, name: &str| DirectoryItem {
        kind: ItemKind::Cadre,
        code: person.to_string(),
        body: format!("{{\"cadre\":{{\"id\":\"{person}\",\"full_name\":\"{name}\"}}}}"),
    };
    let minhs = [PersonId::from_bytes([8; 16]), PersonId::from_bytes([9; 16])];
    let items = [cadre(LAN, "Trần Thị Lan"), cadre(minhs[0], "Lê Minh"), cadre(minhs[1], "Lê Minh")];
    office.publish(&items, machine::moment()).unwrap();
    (folder, settings)
}

fn code_asked(person: &str) -> Asked {
    Asked::Code { person: person.to_owned(), role: Role::Subject }
}

#[tokio::test]
async fn a_phone_joins_while_the_server_runs() {
    let (folder, settings) = folder_with_people();
    let server = serve(folder.path()).await;
    let asking = settings.clone();
    let told = tokio::task::spawn_blocking(move || ask(&asking, &code_asked("tran thi lan"))).await.unwrap().unwrap();
    let Told::Code { code, server: identity, address, whom } = told else { panic!("{told:?}") };
    assert_eq!((whom.person, whom.name.as_str()), (LAN, "Trần Thị Lan"));
    assert_eq!(address, format!("https://{}", server.address), "of the server that runs, not of who asks");
    let text = EnrolmentCode { address, server: identity, code }.to_string();
    let mut phone = BarePhone::new(&server, 6);
    assert_eq!(phone.enrol(&EnrolmentCode::parse(&text).unwrap()).await, Ok(Stage::Waiting));
    let words = words_of(&server, phone.device()).await;
    let approving = settings.clone();
    let wrong = tokio::task::spawn_blocking(move || approve(&approving, Some("chè bàn lúa voi")));
    assert_eq!(wrong.await.unwrap(), Ok(Outcome::NotDone));
    let approving = settings.clone();
    let right = tokio::task::spawn_blocking(move || approve(&approving, Some(&words))).await.unwrap();
    assert_eq!(right, Ok(Outcome::Done));
    phone.open_session().await;
    assert!(matches!(phone.enrolment().await, Ok(Stage::Approved(given)) if given.len() == 2));
    let device = phone.device().to_string();
    let whom = Whom::Phone(device[..SHORT_CHARS].to_owned());
    let revoked = tokio::task::spawn_blocking(move || revoke(&settings, &whom, Consent::Given)).await.unwrap();
    assert_eq!(revoked, Ok(Outcome::Done));
    let device = phone.device();
    let spaces = server.door().writer.act(move |office| office.spaces_of(device)).await.unwrap();
    assert_eq!(spaces, []);
    server.stop().await.unwrap();
}

#[test]
fn without_a_server_the_folder_itself_answers() {
    let (_folder, settings) = folder_with_people();
    assert!(matches!(ask(&settings, &code_asked("Trần Thị Lan")), Ok(Told::Code { .. })));
    assert!(matches!(ask(&settings, &code_asked(&LAN.to_string())), Ok(Told::Code { .. })));
    assert_eq!(ask(&settings, &code_asked("Nguyễn Văn A")), Ok(Told::Unknown));
    let Ok(Told::Several(people)) = ask(&settings, &code_asked("le minh")) else { panic!() };
    assert!(people.len() == 2 && people.iter().all(|listed| listed.name == "Lê Minh"));
    assert_eq!(ask(&settings, &Asked::Waiting), Ok(Told::Waiting(Vec::new())));
    assert_eq!(ask(&settings, &Asked::CloseRecovery), Ok(Told::Nothing));
}

#[test]
fn a_folder_held_by_another_process_without_a_socket_is_left_alone() {
    let (_folder, settings) = folder_with_people();
    let _held = Folder::hold(&settings.data, &settings.membership_file()).unwrap();
    assert_eq!(ask(&settings, &Asked::Waiting), Err(ServerFailed::FolderInUse));
}

#[tokio::test]
async fn a_revoked_person_is_out_on_every_device() {
    let (folder, settings) = folder_with_people();
    let server = serve(folder.path()).await;
    let phone = BarePhone::member(&server, 5).await;
    let whom = Whom::Person(LAN.to_string());
    let revoked = tokio::task::spawn_blocking(move || revoke(&settings, &whom, Consent::Given)).await.unwrap();
    assert_eq!(revoked, Ok(Outcome::Done));
    let device = phone.device();
    let spaces = server.door().writer.act(move |office| office.spaces_of(device)).await.unwrap();
    assert_eq!(spaces, []);
    assert_eq!(phone.enrolment().await, Err(DoorRefused::UnknownDevice), "it never asked by code");
    server.stop().await.unwrap();
}

/// What the roll says of each phone of Lan.
fn phones_of_lan(settings: &Settings) -> Vec<(PhoneState, String)> {
    let Ok(Told::People(listed)) = ask(settings, &Asked::People) else { panic!() };
    let lan = listed.into_iter().find(|listed| listed.person == LAN).unwrap();
    assert_eq!(lan.name, "Trần Thị Lan");
    let day = |phone: &ListedPhone| phone.since.map(|since| since.vietnamese_day().vietnamese()).unwrap_or_default();
    lan.phones.iter().map(|phone| (phone.state, day(phone))).collect()
}

/// Runs what blocks beside the server of a test.
async fn aside<T: Send + 'static>(settings: &Settings, work: impl FnOnce(&Settings) -> T + Send + 'static) -> T {
    let settings = settings.clone();
    tokio::task::spawn_blocking(move || work(&settings)).await.unwrap()
}

#[tokio::test]
async fn the_roll_says_who_waits_who_is_in_and_who_is_out_and_since_when() {
    let (folder, settings) = folder_with_people();
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day().vietnamese();
    let server = serve(folder.path()).await;
    assert_eq!(aside(&settings, phones_of_lan).await, []);
    let mut phone = BarePhone::new(&server, 6);
    let code = code_for(&server, [3; 16], machine::now_ms()).await;
    assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting));
    assert_eq!(aside(&settings, phones_of_lan).await, [(PhoneState::Waiting, today.clone())]);
    let words = words_of(&server, phone.device()).await;
    aside(&settings, move |settings| approve(settings, Some(&words))).await.unwrap();
    assert_eq!(aside(&settings, phones_of_lan).await, [(PhoneState::In, today.clone())]);
    phone.open_session().await;
    let whom = Whom::Person("lan".to_owned());
    let nobody = aside(&settings, move |settings| revoke(settings, &whom, Consent::Given)).await;
    assert_eq!(nobody, Ok(Outcome::NotDone), "not her whole name");
    let whom = Whom::Person("tran thi lan".to_owned());
    aside(&settings, move |settings| revoke(settings, &whom, Consent::Given)).await.unwrap();
    assert_eq!(aside(&settings, phones_of_lan).await, [(PhoneState::Out, today)]);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_dismissed_phone_waits_no_more_and_one_that_is_in_is_not_dismissed() {
    let (folder, settings) = folder_with_people();
    let server = serve(folder.path()).await;
    let member = BarePhone::member(&server, 5).await.device().to_string();
    let phone = BarePhone::new(&server, 6);
    let code = code_for(&server, [3; 16], machine::now_ms()).await;
    assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting));
    for (typed, expected) in [
        (member, Outcome::NotDone),
        (phone.device().to_string()[..3].to_owned(), Outcome::NotDone),
        (phone.device().to_string()[..8].to_uppercase(), Outcome::Done),
        (phone.device().to_string(), Outcome::NotDone),
    ] {
        let dismissed = aside(&settings, move |settings| dismiss(settings, &typed)).await;
        assert_eq!(dismissed, Ok(expected));
    }
    let states = aside(&settings, phones_of_lan).await;
    assert_eq!(states.iter().map(|(state, _)| *state).collect::<Vec<_>>(), [PhoneState::In]);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_revoked_person_has_no_phone_that_waits_and_no_code_left() {
    let (folder, settings) = folder_with_people();
    let server = serve(folder.path()).await;
    let (phone, late) = (BarePhone::new(&server, 6), BarePhone::new(&server, 8));
    let code = code_for(&server, [3; 16], machine::now_ms()).await;
    assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting));
    let unused = code_for(&server, [4; 16], machine::now_ms()).await;
    let whom = Whom::Person(LAN.to_string());
    assert_eq!(aside(&settings, move |settings| revoke(settings, &whom, Consent::Given)).await, Ok(Outcome::Done));
    assert_eq!(aside(&settings, phones_of_lan).await, []);
    assert_eq!(late.enrol(&unused).await, Err(DoorRefused::CodeNotGood));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn an_address_set_at_the_start_stands_in_every_code() {
    let (_folder, settings) = folder_with_people();
    let address = "https://phuong.example".to_owned();
    let settings = Settings { public_address: Some(address.clone()), ..settings };
    let server = start(&settings).await.unwrap();
    let asking = Settings::of_folder(&settings.data);
    let told = aside(&asking, |asking| ask(asking, &code_asked("Trần Thị Lan"))).await;
    assert!(matches!(told, Ok(Told::Code { address: told, .. }) if told == address));
    server.stop().await.unwrap();
}

#[test]
fn a_phone_that_asked_before_the_day_was_written_down_is_on_the_roll_without_one() {
    let (_folder, settings) = folder_with_people();
    let database = rusqlite::Connection::open(settings.data.join(DATABASE_FILE)).unwrap();
    for column in ["asked_ms", "code", "nonce"] {
        database.execute(&format!("alter table device drop column {column}"), []).unwrap();
    }
    let rounds = ["announcement", "outcome", "round_step", "spoken_seal", "objection"];
    let feedback = ["feedback_packet", "feedback_case", "feedback_event", "reply_file"];
    database.execute("drop index case_cycle", []).unwrap();
    for table in rounds.into_iter().chain(feedback).chain(["shared_space", "filed", "case_standing"]) {
        database.execute(&format!("alter table {table} rename to later_{table}"), []).unwrap();
    }
    database.execute("drop index entry_submission", []).unwrap();
    database.pragma_update(None, "user_version", 1).unwrap();
    let sql = "insert into device (device, key, person, role, approved_ms) values (?1, ?2, ?3, 1, null)";
    database.execute(sql, ([1; 16], [1; 32], LAN.as_bytes())).unwrap();
    drop(database);
    assert_eq!(phones_of_lan(&settings), [(PhoneState::Waiting, String::new())]);
}

#[test]
fn the_picture_is_a_png_of_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let server = model::hash::PublicKey::from_bytes([3; 32]);
    let code = EnrolmentCode { address: "https://phuong.example".into(), server, code: [9; 16] };
    let path = folder.path().join("code.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\nan older picture that everybody may read").unwrap();
    code_picture::write_png(&code, &path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "it carries a one-time code");
    let database = folder.path().join("langnghe.db");
    std::fs::write(&database, "SQLite format 3").unwrap();
    let refused = fault(&database, FileCause::Exists);
    assert_eq!(code_picture::write_png(&code, &database), Err(refused), "a picture never replaces anything else");
    assert_eq!(std::fs::read(&database).unwrap(), b"SQLite format 3");
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    let header = decoder.read_info().unwrap().info().clone();
    assert_eq!(header.width, header.height);
    assert!((256..1_024).contains(&header.width), "{}", header.width);
    assert!(code_picture::in_terminal(&code).lines().count() > 20);
}

/// The office compares four words and says yes to them. Meanwhile the same phone asks again, with the picture of a code
/// that was made for somebody else.
#[tokio::test]
async fn what_is_approved_is_what_was_compared() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::new(&server, 6);
    let (own, photographed) = ([3; 16], [4; 16]);
    let boss = PersonId::from_bytes([9; 16]);
    let code = code_for(&server, own, machine::now_ms()).await;
    let keep = move |office: &mut Office| {
        enrolment::keep_code(office.reader(), &photographed, (boss, Role::PersonnelOffice), machine::now_ms())
    };
    server.door().writer.act(keep).await.unwrap();
    assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting));
    let desk = Desk { address: String::new(), boxes: Arc::clone(&server.door().boxes) };
    let asked = |asked: Asked| {
        let desk = desk.clone();
        server.door().writer.act(move |office| Ok(answer(office, &desk, &asked)))
    };
    let Ok(Told::Waiting(compared)) = asked(Asked::Waiting).await else { panic!("the phone waits") };
    assert_eq!((compared.len(), compared[0].role), (1, Role::Subject));
    // The question stands on the operator's terminal; the phone asks again.
    assert_eq!(phone.enrol(&EnrolmentCode { code: photographed, ..code }).await, Ok(Stage::Waiting));
    let approve = |candidate: &Candidate| Asked::Approve { device: candidate.device, nonce: candidate.nonce };
    assert_eq!(asked(approve(&compared[0])).await, Ok(Told::Unknown));
    phone.open_session().await;
    assert_eq!(phone.enrolment().await, Ok(Stage::Waiting), "nobody compared the words of its new request");
    let Ok(Told::Waiting(again)) = asked(Asked::Waiting).await else { panic!("the phone waits") };
    assert_eq!(again[0].role, Role::PersonnelOffice);
    assert_eq!(asked(approve(&again[0])).await, Ok(Told::Done), "somebody compared these");
    server.stop().await.unwrap();
}
