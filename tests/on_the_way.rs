//! Somebody on the way between phone and server, without any key, on a line without encryption.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::enrolment::EnrolmentCode;
use model::exchange::{BUDGET_BYTES, Cursor, EXCHANGE_VERSION, Request, SpaceRequest};
use model::handshake::public;
use model::identity::PersonId;
use model::membership::Role;
use phone::facade::Phone;
use phone::failure::ExchangeFailed;
use phone::sync::http::{Cancel, Line};
use phone::views::Standing;
use server::running::start;
use server::settings::Settings;
use server::{enrolment, machine};

/// What is done to everything that the server says.
type Change = fn(&mut [u8]);

fn nothing(_: &mut [u8]) {}

fn another_signature(said: &mut [u8]) {
    let name = b"\r\nsignature: ";
    if let Some(at) = said.windows(name.len()).position(|bytes| bytes == name) {
        let letter = &mut said[at + name.len()];
        *letter = if *letter == b'A' { b'B' } else { b'A' };
    }
}

fn no_signature(said: &mut [u8]) {
    let name = b"\r\nsignature: ";
    if let Some(at) = said.windows(name.len()).position(|bytes| bytes == name) {
        said[at + 2] = b'x';
    }
}

fn another_body(said: &mut [u8]) {
    let is_exchange = said.windows(13).any(|bytes| bytes == b"\r\nsignature: ");
    if let Some(last) = said.last_mut().filter(|_| is_exchange) {
        *last ^= 1;
    }
}

/// Carries one connection after another to the server.
fn lay(server: SocketAddr, change: Change) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for phone in listener.incoming().flatten() {
            std::thread::spawn(move || carry(phone, TcpStream::connect(server).unwrap(), change));
        }
    });
    address
}

fn carry(mut phone: TcpStream, mut server: TcpStream, change: Change) {
    let (mut from_phone, mut to_server) = (phone.try_clone().unwrap(), server.try_clone().unwrap());
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_phone, &mut to_server);
        let _ = to_server.shutdown(Shutdown::Write);
    });
    let mut said = vec![0; 1 << 16];
    while let Ok(count @ 1..) = server.read(&mut said) {
        let mut said = said[..count].to_vec();
        change(&mut said);
        if phone.write_all(&said).is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_that_somebody_on_the_way_changed_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(&Settings::of_folder(folder.path())).await.unwrap();
    let key = SigningKey::from_bytes(&[5; 32]);
    let (device, person) = (public(&key), PersonId::from_bytes([7; 16]));
    let grant = move |office: &mut server::office::Office| {
        let given = office.grant_device(device, person, Role::Subject, machine::moment())?;
        Ok((office.directory(), given.len()))
    };
    let (space, _) = server.door().writer.act(grant).await.unwrap();
    let cursor = Cursor { epoch: server.door().epoch, ..Cursor::START };
    let (entries, receipts) = (Vec::new(), Vec::new());
    let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts, enrolment: None };
    let budget_bytes = BUDGET_BYTES as u32;
    let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes, newest: None };
    let (address, identity) = (server.address, server.identity);
    let changes: [(&str, Change, bool); 4] = [
        ("nothing", nothing, true),
        ("another signature", another_signature, false),
        ("no signature", no_signature, false),
        ("another body", another_body, false),
    ];
    let told = tokio::task::spawn_blocking(move || {
        changes.map(|(name, change, is_taken)| {
            let mut line = Line::open(&format!("http://{}", lay(address, change)), identity).unwrap();
            let told = line.exchange(&request, &key, &Arc::new(Cancel::default()));
            (name, is_taken, told.map(|answer| answer.reply.is_some()))
        })
    });
    for (name, is_taken, told) in told.await.unwrap() {
        let expected = if is_taken { Ok(true) } else { Err(ExchangeFailed::ForeignServer) };
        assert_eq!(told, expected, "{name}");
    }
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_about_an_enrolment_that_somebody_on_the_way_changed_is_not_taken() {
    let folder = tempfile::tempdir().unwrap();
    let server = start(&Settings::of_folder(folder.path())).await.unwrap();
    let code = [7; 16];
    let keep = move |office: &mut server::office::Office| {
        let lan = (PersonId::from_bytes([7; 16]), Role::Subject);
        enrolment::keep_code(office.reader(), &code, lan, machine::now_ms())
    };
    server.door().writer.act(keep).await.unwrap();
    let (address, identity) = (server.address, server.identity);
    let told = tokio::task::spawn_blocking(move || {
        let file = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let phone = Phone::open(file("phone.db"), file("phone.incarnation"), vec![9; 32], None).unwrap();
        let changes: [(&str, Change); 3] =
            [("another signature", another_signature), ("no signature", no_signature), ("another body", another_body)];
        for (name, change) in changes {
            let text = EnrolmentCode { address: format!("http://{}", lay(address, change)), server: identity, code };
            let told = phone.enrol(text.to_string(), Cancel::new());
            assert_eq!(told, Err(ExchangeFailed::ForeignServer.into()), "{name}");
            assert_eq!(phone.standing(), Ok(Standing::New), "{name}");
        }
        let text = EnrolmentCode { address: format!("http://{}", lay(address, nothing)), server: identity, code };
        phone.enrol(text.to_string(), Cancel::new())
    });
    assert!(matches!(told.await.unwrap(), Ok(Standing::Waiting { .. })), "the answers were lost, not the request");
    server.stop().await.unwrap();
}
