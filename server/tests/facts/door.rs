//! The door over real HTTP and real files: who gets in, what is answered, what is turned away.

use crate::bare_phone::{BarePhone, LAN, beginning, code_for, own_space, refusal, request_of, serve, stored};
use model::door::DoorRefused;
use model::enrolment::{EnrolmentRequest, Stage};
use model::exchange::{Answered, Cursor, MESSAGE_BYTES_MAX, Request, SPACES_MAX, SignedEpoch, pack, unpack_reply};
use model::handshake::{SessionRequest, public};
use model::hash::Signature;
use model::identity::DeviceId;
use model::receipt::{Epoch, ReceiptPage, ReceiptedEntry};
use server::door::MESSAGE_TYPE;
use server::failure::ServerFailed;
use server::limits::{BODIES_BYTES_MAX, CODE_TIME_MS, CODE_TRIES_MAX, HEAD_TIME_MAX};
use server::office::Office;
use server::running::start;
use server::settings::Settings;
use server::{enrolment, machine};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn an_exchange_is_stored_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let space = own_space(&server).await;
    let entries = [phone.change(space), phone.change(space)];
    let reply = phone.push(space, beginning(&server), &entries).await.unwrap();
    assert_eq!(stored(&reply), 2);
    let Answered::Rows(rows) = &reply.spaces[0].answer else { panic!() };
    assert_eq!(rows.rows.len(), 3, "the phone's own membership and two changes");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn the_spaces_of_one_reply_share_its_room() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let space = own_space(&server).await;
    let entries: Vec<_> = (0..20).map(|_| phone.change(space)).collect();
    phone.push(space, beginning(&server), &entries).await.unwrap();
    let mut request = request_of(space, beginning(&server), &[]);
    request.budget_bytes = entries.iter().take(10).map(|entry| entry.bytes.len() as u32).sum();
    request.spaces = vec![request.spaces[0].clone(); SPACES_MAX];
    let reply = unpack_reply(&phone.exchange(&request).await.bytes().await.unwrap()).unwrap();
    let rows = reply.spaces.iter().map(|space| match &space.answer {
        Answered::Rows(rows) => rows,
        other => panic!("{other:?}"),
    });
    assert!(rows.clone().all(|rows| rows.has_more), "nothing may look like the end that is not");
    assert!((5..=10).contains(&rows.map(|rows| rows.rows.len()).sum::<usize>()));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn nothing_new_is_204_without_a_body() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::member(&server, 5).await;
    let spaces = server.door().writer.act({
        let device = phone.device();
        move |office| {
            let spaces = office.spaces_of(device)?;
            let rows = spaces
                .iter()
                .map(|space| server::log::space(office.reader(), *space))
                .collect::<Result<Vec<_>, _>>()?;
            Ok((office.epoch(), rows))
        }
    });
    let (epoch, rows) = spaces.await.unwrap();
    let mut request = request_of(rows[0].unwrap().space, Cursor::START, &[]);
    let template = request.spaces[0].clone();
    request.spaces = rows
        .into_iter()
        .flatten()
        .map(|row| model::exchange::SpaceRequest {
            space: row.space,
            cursor: Cursor { epoch, number: row.head, chain: row.chain },
            safe: row.head,
            ..template.clone()
        })
        .collect();
    let response = phone.exchange(&request).await;
    assert_eq!(response.status().as_u16(), 204);
    let head: usize = response.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    assert!(head < 200, "{head} bytes of headers");
    assert!(response.bytes().await.unwrap().is_empty());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_stranger_opens_a_session_but_reads_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::new(&server, 9);
    phone.open_session().await;
    let space = own_space(&server).await;
    let reply = phone.push(space, Cursor::START, &[]).await.unwrap();
    assert_eq!(reply.spaces[0].answer, Answered::UnknownDevice);
    assert_eq!(phone.enrolment().await, Err(DoorRefused::UnknownDevice));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_request_without_a_good_session_is_turned_away() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::new(&server, 9);
    let request = request_of(own_space(&server).await, Cursor::START, &[]);
    for bearer in ["", "Bearer 00", &format!("Bearer {}", "0".repeat(64)), "Basic bGFuOmxhbg=="] {
        phone.bearer = bearer.to_owned();
        let response = phone.exchange(&request).await;
        assert_eq!(response.status().as_u16(), 401, "{bearer}");
        assert_eq!(refusal(response).await, DoorRefused::NoSession);
    }
    let challenge = phone.challenge().await;
    assert!(challenge.is_signed_by(&server.identity));
    let mut stolen = SessionRequest::sign(&challenge, &phone.key);
    stolen.device = public(&ed25519_dalek::SigningKey::from_bytes(&[1; 32]));
    let response = phone.post("/v1/session").body(minicbor::to_vec(&stolen).unwrap()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 401);
    server.stop().await.unwrap();
}

#[tokio::test]
async fn garbage_and_oversize_are_told_apart_and_leave_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::member(&server, 5).await;
    let bomb = zstd_of_zeros();
    for (body, status, expected) in [
        (b"hello".to_vec(), 400, DoorRefused::Unreadable),
        (Vec::new(), 400, DoorRefused::Unreadable),
        (pack(&minicbor::bytes::ByteVec::from(vec![1, 2, 3])), 400, DoorRefused::Unreadable),
        (bomb, 413, DoorRefused::TooLarge),
        (vec![0; MESSAGE_BYTES_MAX + 1], 413, DoorRefused::TooLarge),
    ] {
        let response = phone.post("/v1/exchange").body(body).send().await.unwrap();
        assert_eq!(response.status().as_u16(), status);
        assert_eq!(refusal(response).await, expected);
    }
    let response = phone.post("/v1/session").body(vec![0; 10_000]).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 413);
    let response = phone.get("/v1/nothing").await;
    assert_eq!(refusal(response).await, DoorRefused::NotFound);
    let page = phone.http.get(format!("{}/nothing", phone.address)).header("accept", "text/html,*/*").send().await;
    assert!(page.unwrap().text().await.unwrap().contains("Không tìm thấy trang"), "a browser gets a page");
    server.stop().await.unwrap();
}

/// A proxy that names this machine and nothing else looks like a browser of this machine.
#[tokio::test]
async fn behind_a_public_address_the_pages_have_a_port_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let public_address = Some("https://phuong.example".to_owned());
    let server = start(&Settings { public_address, ..Settings::of_folder(folder.path()) }).await.unwrap();
    let http = crate::plain_client();
    let status = |address: std::net::SocketAddr, path: &str| {
        let get = http.get(format!("http://{address}{path}"));
        async move { get.send().await.unwrap().status().as_u16() }
    };
    assert_ne!(server.pages, server.address);
    assert!(server.pages.ip().is_loopback());
    assert_eq!((status(server.address, "/rounds").await, status(server.pages, "/rounds").await), (404, 200));
    assert_eq!(
        (status(server.address, "/v1/challenge").await, status(server.pages, "/v1/challenge").await),
        (200, 404)
    );
    server.stop().await.unwrap();
    let plain = serve(folder.path()).await;
    assert_eq!((plain.pages, status(plain.address, "/").await), (plain.address, 200));
    plain.stop().await.unwrap();
}

/// A small message that unpacks to more than a message may be.
fn zstd_of_zeros() -> Vec<u8> {
    let packed = pack(&minicbor::bytes::ByteVec::from(vec![0; 9 * 1024 * 1024]));
    assert!(packed.len() < 10_000);
    packed
}

#[tokio::test]
async fn a_newer_life_stops_the_server_only_under_its_own_signature() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let space = own_space(&server).await;
    let epoch = Epoch { started_ms: u64::MAX, random: 0 };
    let newer = Cursor { epoch, ..Cursor::START };
    let mut phone = BarePhone::member(&server, 5).await;
    let entry = phone.change(space);
    let forged = SignedEpoch::sign(epoch, &phone.key);
    for newest in [None, Some(forged)] {
        let claim = Request { newest, ..request_of(space, newer, std::slice::from_ref(&entry)) };
        let reply = unpack_reply(&phone.exchange(&claim).await.bytes().await.unwrap()).unwrap();
        assert!(
            matches!(reply.spaces[0].answer, Answered::OtherEpoch(_)),
            "a claim is answered like any other history"
        );
    }
    let digits = std::fs::read_to_string(folder.path().join("identity.key")).unwrap();
    let key = data_encoding::HEXLOWER.decode(digits.trim().as_bytes()).unwrap();
    let key = ed25519_dalek::SigningKey::from_bytes(&key.try_into().unwrap());
    let proof = Request { newest: Some(SignedEpoch::sign(epoch, &key)), ..request_of(space, newer, &[]) };
    assert_eq!(refusal(phone.exchange(&proof).await).await, DoorRefused::Superseded);
    assert_eq!(server.until_stopped().await, Err(ServerFailed::Superseded));
}

/// Lets in who waits, with the words that it waits with.
fn approve(office: &mut Office, device: DeviceId) -> Result<Option<Vec<ReceiptedEntry>>, ServerFailed> {
    let Some(waiting) = enrolment::find(office.reader(), device)? else { return Ok(None) };
    enrolment::approve(office, (device, &waiting.nonce), machine::moment())
}

#[tokio::test]
async fn a_device_is_in_after_its_code_and_the_four_words() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::new(&server, 6);
    let code = code_for(&server, [3; 16], machine::now_ms()).await;
    assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting));
    assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting), "a lost answer is given again");
    phone.open_session().await;
    assert_eq!(phone.enrolment().await, Ok(Stage::Waiting));
    let device = phone.device();
    let given = server.door().writer.act(move |office| approve(office, device)).await.unwrap().unwrap();
    assert_eq!(phone.enrolment().await, Ok(Stage::Approved(given.clone())));
    assert_eq!(phone.enrol(&code).await, Err(DoorRefused::CodeNotGood), "for a phone that is in, the code is used");
    assert_eq!(given.len(), 2, "the directory and the person's own space");
    assert!(given.iter().all(|act| act.page.is_signed_by(&server.identity)));
    let thief = BarePhone::new(&server, 8);
    assert_eq!(thief.enrol(&code).await, Err(DoorRefused::CodeNotGood), "a code is good once");
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_new_code_for_a_person_ends_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::new(&server, 3);
    let first = code_for(&server, [1; 16], machine::now_ms()).await;
    let second = code_for(&server, [2; 16], machine::now_ms()).await;
    assert_eq!(phone.enrol(&first).await, Err(DoorRefused::CodeNotGood));
    assert_eq!(phone.enrol(&second).await, Ok(Stage::Waiting));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_person_who_was_taken_out_comes_back_with_the_new_phone_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phones = [BarePhone::new(&server, 6), BarePhone::new(&server, 7)];
    for (seed, phone) in [3, 4].into_iter().zip(&mut phones) {
        let code = code_for(&server, [seed; 16], machine::now_ms()).await;
        assert_eq!(phone.enrol(&code).await, Ok(Stage::Waiting));
        let device = phone.device();
        assert!(server.door().writer.act(move |office| approve(office, device)).await.unwrap().is_some());
        assert_eq!(spaces_of(&server, device).await, 2);
        let revoke = |office: &mut Office| enrolment::revoke_person(office, LAN, machine::moment());
        if seed == 3 {
            server.door().writer.act(revoke).await.unwrap();
            assert_eq!(spaces_of(&server, device).await, 0);
        }
    }
    assert_eq!(spaces_of(&server, phones[0].device()).await, 0, "the phone of before may be lost");
    server.stop().await.unwrap();
}

async fn spaces_of(server: &server::running::Running, device: DeviceId) -> usize {
    server.door().writer.act(move |office| office.spaces_of(device)).await.unwrap().len()
}

#[tokio::test]
async fn a_code_ends_after_its_time_and_after_wrong_tries() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::new(&server, 6);
    let old = code_for(&server, [3; 16], machine::now_ms() - CODE_TIME_MS).await;
    assert_eq!(phone.enrol(&old).await, Err(DoorRefused::CodeNotGood));
    let right = code_for(&server, [4; 16], machine::now_ms()).await;
    let mut wrong = right.clone();
    wrong.code[15] = 0;
    for _ in 0..CODE_TRIES_MAX {
        assert_eq!(phone.enrol(&wrong).await, Err(DoorRefused::CodeNotGood));
    }
    assert_eq!(phone.enrol(&right).await, Err(DoorRefused::CodeNotGood));
    let unsigned = code_for(&server, [5; 16], machine::now_ms()).await;
    let mut request = EnrolmentRequest::sign(&unsigned, &phone.key, machine::random());
    request.device = public(&ed25519_dalek::SigningKey::from_bytes(&[1; 32]));
    let response = phone.post("/v1/enrol").body(minicbor::to_vec(&request).unwrap()).send().await.unwrap();
    assert_eq!(refusal(response).await, DoorRefused::CodeNotGood);
    assert_eq!(phone.enrol(&unsigned).await, Ok(Stage::Waiting));
    server.stop().await.unwrap();
}

#[tokio::test]
async fn a_listening_phone_hears_which_space_moved_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let listener = BarePhone::member(&server, 6).await;
    let mut stranger = BarePhone::new(&server, 9);
    stranger.open_session().await;
    let space = own_space(&server).await;
    let mut line = listener.get("/v1/live").await;
    assert_eq!(refusal(stranger.get("/v1/live").await).await, DoorRefused::UnknownDevice, "a stranger has no line");
    let entries = [phone.change(space), phone.change(space)];
    phone.push(space, beginning(&server), &entries).await.unwrap();
    let heard = line.chunk().await.unwrap().unwrap();
    let expected = format!("event: moved\ndata: {{\"space\":\"{space}\",\"head\":4}}\n\n");
    assert_eq!(String::from_utf8_lossy(&heard), expected, "a burst is one event");
    server.stop().await.unwrap();
    assert_eq!(line.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn the_server_says_that_it_is_alive_and_ready() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::new(&server, 5);
    let health = phone.get("/health").await;
    assert_eq!(health.text().await.unwrap(), "{\"second_copy\":\"none\",\"status\":\"alive\"}");
    assert_eq!(phone.get("/ready").await.status().as_u16(), 200);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_says_nothing_gives_its_place_back() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let silent = async |first: &[u8]| {
        let mut line = tokio::net::TcpStream::connect(server.address).await.unwrap();
        line.write_all(first).await.unwrap();
        let mut heard = Vec::new();
        line.read_to_end(&mut heard).await.map(|_| ()).or_else(|error| match error.kind() {
            std::io::ErrorKind::ConnectionReset => Ok(()),
            _ => Err(error),
        })
    };
    let ended = futures_util::future::join3(
        silent(b""),
        silent(b"PRI * HT"),
        silent(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0"),
    );
    let ended = tokio::time::timeout(3 * HEAD_TIME_MAX, ended).await.expect("every silent line is closed");
    assert!(ended.0.is_ok() && ended.1.is_ok() && ended.2.is_ok());
    server.stop().await.unwrap();
}

#[tokio::test]
async fn more_pages_of_receipts_than_entries_never_reach_the_writer() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let phone = BarePhone::member(&server, 5).await;
    let space = own_space(&server).await;
    let mut request = request_of(space, beginning(&server), &[]);
    let page = ReceiptPage { space, leaves: Vec::new(), signature: Signature::from_bytes([7; 64]) };
    request.spaces[0].receipts = vec![page; 60_000];
    assert_eq!(refusal(phone.exchange(&request).await).await, DoorRefused::TooLarge);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_were_only_announced_take_nobodys_room() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve(folder.path()).await;
    let mut phone = BarePhone::member(&server, 5).await;
    let mut stranger = BarePhone::new(&server, 6);
    stranger.open_session().await;
    let head = format!(
        "POST /v1/exchange HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-type: {MESSAGE_TYPE}\r\n\
         content-length: {MESSAGE_BYTES_MAX}\r\n\r\n",
        stranger.bearer
    );
    let mut lines = Vec::new();
    for _ in 0..2 * BODIES_BYTES_MAX / MESSAGE_BYTES_MAX {
        let mut line = tokio::net::TcpStream::connect(server.address).await.unwrap();
        line.write_all(head.as_bytes()).await.unwrap();
        lines.push(line);
    }
    let space = own_space(&server).await;
    let entry = phone.change(space);
    assert_eq!(stored(&phone.push(space, beginning(&server), &[entry]).await.unwrap()), 1);
    drop(lines);
    server.stop().await.unwrap();
}
