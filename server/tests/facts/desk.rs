//! The operator's orders, with and without a running server.

use std::os::unix::fs::PermissionsExt;

use model::directory::{DirectoryItem, ItemKind};
use model::door::DoorRefused;
use model::enrolment::{Enrolment, EnrolmentCode};
use model::four_words::four_words;
use model::handshake::public;
use model::identity::PersonId;
use model::membership::Role;
use server::counter::ask;
use server::desk::{Asked, Told};
use server::failure::ServerFailed;
use server::folder::Folder;
use server::order::{self, Outcome};
use server::safety::Safety;
use server::settings::Settings;
use server::{code_picture, machine};

use crate::bare_phone::{BarePhone, LAN, serve};

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
    let Told::Code { code, server: identity } = told else { panic!("{told:?}") };
    let text = EnrolmentCode { address: format!("http://{}", server.address), server: identity, code }.to_string();
    let mut phone = BarePhone::new(&server, 6);
    assert_eq!(phone.enrol(&EnrolmentCode::parse(&text).unwrap()).await, Ok(Enrolment::Waiting));
    let words = four_words(&server.identity, &public(&phone.key)).join(" ");
    let approving = settings.clone();
    let wrong = tokio::task::spawn_blocking(move || order::approve(&approving, Some("chè bàn lúa voi")));
    assert_eq!(wrong.await.unwrap(), Ok(Outcome::NotDone));
    let approving = settings.clone();
    let right = tokio::task::spawn_blocking(move || order::approve(&approving, Some(&words))).await.unwrap();
    assert_eq!(right, Ok(Outcome::Done));
    phone.open_session().await;
    assert!(matches!(phone.enrolment().await, Ok(Enrolment::Approved(given)) if given.len() == 2));
    let device = phone.device().to_string();
    let revoked = tokio::task::spawn_blocking(move || order::revoke_device(&settings, &device)).await.unwrap();
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
    assert_eq!(people.len(), 2);
    assert_eq!(ask(&settings, &Asked::Waiting), Ok(Told::Waiting(Vec::new())));
    assert_eq!(ask(&settings, &Asked::CloseRecovery), Ok(Told::Done));
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
    let person = LAN.to_string();
    let revoked = tokio::task::spawn_blocking(move || order::revoke_person(&settings, person)).await.unwrap();
    assert_eq!(revoked, Ok(Outcome::Done));
    let device = phone.device();
    let spaces = server.door().writer.act(move |office| office.spaces_of(device)).await.unwrap();
    assert_eq!(spaces, []);
    assert_eq!(phone.enrolment().await, Err(DoorRefused::UnknownDevice), "it never asked by code");
    server.stop().await.unwrap();
}

#[test]
fn the_picture_is_a_png_of_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let server = model::hash::PublicKey::from_bytes([3; 32]);
    let code = EnrolmentCode { address: "https://phuong.example".into(), server, code: [9; 16] };
    let path = folder.path().join("code.png");
    std::fs::write(&path, "an older picture that everybody may read").unwrap();
    code_picture::write_png(&code, &path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600, "it carries a one-time code");
    let decoder = png::Decoder::new(std::io::BufReader::new(std::fs::File::open(path).unwrap()));
    let header = decoder.read_info().unwrap().info().clone();
    assert_eq!(header.width, header.height);
    assert!((256..1_024).contains(&header.width), "{}", header.width);
    assert!(code_picture::in_terminal(&code).lines().count() > 20);
}
