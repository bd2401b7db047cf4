//! Strangers and members who mean harm: whatever they send, and whatever they do not take, the others are served.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use model::document::{DocumentKind, Edit, Scalar};
use model::entry::{Entry, EntryDraft, EntryKind, Submit};
use model::exchange::{
    Acknowledgement, Answered, Cursor, EXCHANGE_VERSION, MESSAGE_BYTES_MAX, Pushed, Request, SpaceRequest, pack,
};
use model::gate::DOCUMENT_DECISIONS_BYTES_MAX;
use model::handshake::{Challenge, Session, SessionRequest};
use model::hash::EntryHash;
use model::identity::RoundId;
use model::membership::Role;
use model::refusal::Refusal;
use model::round::record;
use phone::failure::ExchangeFailed;
use phone::store::spaces;
use phone::sync::http::{Cancel, Line};
use phone::sync::session::{Pace, next_request};
use phone::work::Paper;
use server::backup::back_up;
use server::limits::{
    BODIES_BYTES_MAX, BYTES_PER_LOOKED_CHANGE, FIELDS_PER_LOOKED_CHANGE, LOOKED_CHANGES_MAX, SPACE_DOCUMENTS_MAX,
    TURNS_MAX,
};
use server::{enrolment, machine};
use tests::house::{Handset, House, act, is_in_force, submitted};

/// Whoever waits longer has found what the test is about.
const PATIENCE: Duration = Duration::from_secs(150);

/// A connection of HTTP/2 that asks and has no room for a single byte of an answer.
fn asks_and_takes_nothing(address: SocketAddr) -> TcpStream {
    let mut line = TcpStream::connect(address).unwrap();
    let mut said = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
    // SETTINGS: the first window of a stream is 0.
    said.extend([0, 0, 6, 4, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0]);
    let mut head = vec![0x82, 0x86, 0x04, 7];
    head.extend(b"/health");
    head.extend([0x01, 9]);
    head.extend(b"localhost");
    said.extend([0, 0, head.len() as u8, 1, 5, 0, 0, 0, 1]);
    said.extend(head);
    line.write_all(&said).unwrap();
    line
}

/// One that asks again and again until the server takes no more, because nobody takes its answers.
fn asks_and_never_listens(address: SocketAddr) -> TcpStream {
    let mut line = TcpStream::connect(address).unwrap();
    line.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let asked = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n".repeat(1_000);
    while line.write_all(&asked).is_ok() {}
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_has_no_room_for_an_answer_loses_the_line() {
    let house = House::new();
    let server = house.opened().await;
    let address = server.address;
    let ended = tokio::task::spawn_blocking(move || {
        let mut line = asks_and_takes_nothing(address);
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.read_to_end(&mut Vec::new()).map(|_| ()).or_else(|error| match error.kind() {
            ErrorKind::ConnectionReset => Ok(()),
            kind => Err(kind),
        })
    });
    assert_eq!(ended.await.unwrap(), Ok(()), "the line is still open");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_asks_and_never_listens_loses_the_line() {
    let house = House::new();
    let server = house.opened().await;
    let address = server.address;
    let ended = tokio::task::spawn_blocking(move || {
        let mut line = asks_and_never_listens(address);
        line.set_write_timeout(Some(PATIENCE)).unwrap();
        // A line that is open has no room and waits; one that ended says so.
        line.write(b"G").map_err(|error| error.kind())
    });
    let ended = ended.await.unwrap();
    assert!(ended.is_err_and(|kind| kind != ErrorKind::WouldBlock), "the line is still open: {ended:?}");
    server.stop().await.unwrap();
}

const PAPER_CHANGES: u32 = 1_500;

/// A paper with many changes, and submissions of it whose value is wrong.
fn refused_submissions(house: &House, hostile: &mut Handset, paper: Paper, count: i64) -> Vec<Pushed> {
    let person = hostile.author.person;
    hostile.edit(paper, &house.answers(person));
    for number in 1..PAPER_CHANGES {
        let value = Some(Scalar::Integer(i64::from(number)));
        hostile.edit(paper, &[Edit { field: format!("x{}", number % 40), value }]);
    }
    let heads = hostile.work.open(hostile.store.reader(), paper).unwrap().heads();
    let refused = |claimed_ms: i64| {
        let submit = Submit { heads: heads.clone(), value: vec![0], form: house.form(), over: None, claimed_ms };
        let body = minicbor::to_vec(&submit).unwrap();
        let (space, document, kind) = (paper.space, paper.document, EntryKind::Submit);
        let draft = EntryDraft { kind, space, document, person, incarnation: 1, body };
        Pushed { entry: Entry::sign(draft, &hostile.author.key).unwrap().bytes, receipt: None }
    };
    (0..count).map(refused).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_members_refused_entries_do_not_keep_the_writer_from_others() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut hostile = Handset::enrolled(&server, 91, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    let mut entries = refused_submissions(&house, &mut hostile, paper, 100);
    hostile.synchronise(&server).await;
    let cursor = Cursor { epoch: server.door().epoch, ..Cursor::START };
    let space = paper.space;
    // Once to open the paper, which a refusal leaves open, and once for each of them.
    let looks_max = (LOOKED_CHANGES_MAX / u64::from(PAPER_CHANGES)) as usize;
    while !entries.is_empty() {
        let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts: Vec::new(), enrolment: None };
        let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: 0, newest: None };
        let reply = hostile.ask(&server, request.clone()).await;
        let Answered::Rows(rows) = &reply.spaces[0].answer else { panic!("{reply:?}") };
        let refused = Acknowledgement::Refused(Refusal::ValueDiffers);
        let looked = rows.acknowledgements.iter().take_while(|answer| **answer == refused).count();
        assert!((1..=looks_max + 1).contains(&looked), "{looked} of at most {looks_max}");
        // Reading the fields each time costs a little beside.
        let looks_min = (looks_max * 9 / 10).min(rows.acknowledgements.len());
        assert!(looked >= looks_min, "{looked} of at least {looks_min}");
        assert!(rows.acknowledgements[looked..].iter().all(|answer| *answer == Acknowledgement::Wait));
        // What waits comes again, and some of it is looked at each time.
        entries = request.spaces[0].entries[looked..].to_vec();
    }
    server.stop().await.unwrap();
}

/// Each small change of a paper has all of it read: the many fields of one, the long texts of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn small_changes_of_a_large_paper_do_not_keep_the_writer_from_others() {
    let field = |number: i64| Edit { field: format!("zz{number}"), value: Some(Scalar::Integer(number)) };
    let text = |number: i64| Edit { field: format!("zz{number}"), value: Some(Scalar::Text("z".repeat(59_000))) };
    let many: Vec<Vec<Edit>> = vec![(0..950).map(field).collect(), (950..1_900).map(field).collect()];
    let long: Vec<Vec<Edit>> = (0..33).map(|number| vec![text(number)]).collect();
    let (fields, bytes) = (1_900 / FIELDS_PER_LOOKED_CHANGE, 33 * 59_000 / BYTES_PER_LOOKED_CHANGE);
    for (edits, look) in [(many, fields), (long, bytes)] {
        let house = House::new();
        let server = house.opened().await;
        let lan = house.cadre(2);
        let mut hostile = Handset::enrolled(&server, 91, lan, Role::Subject).await;
        let paper = house.paper(&server, lan).await;
        hostile.edit(paper, &house.answers(lan));
        edits.iter().for_each(|edits| _ = hostile.edit(paper, edits));
        hostile.synchronise(&server).await;
        for number in 0..1_000 {
            hostile.edit(paper, &[Edit { field: "a".to_owned(), value: Some(Scalar::Integer(number)) }]);
        }
        let looks_max = (LOOKED_CHANGES_MAX / look) as usize;
        let outgoing = next_request(&hostile.store, Pace::FULL, &[]).unwrap();
        let reply = hostile.ask(&server, outgoing.request.clone()).await;
        let answers: Vec<&Acknowledgement> = reply
            .spaces
            .iter()
            .flat_map(|space| match &space.answer {
                Answered::Rows(rows) => rows.acknowledgements.as_slice(),
                other => panic!("{other:?}"),
            })
            .collect();
        let stored = answers.iter().take_while(|answer| is_in_force(answer)).count();
        assert!((looks_max / 2..=looks_max).contains(&stored), "{stored} of at most {looks_max}");
        // What builds on one that waits is not there yet either.
        let is_later =
            |answer: &&Acknowledgement| matches!(answer, Acknowledgement::Wait | Acknowledgement::Missing(_));
        assert!(answers[stored..].iter().all(is_later));
        hostile.synchronise(&server).await;
        assert!(hostile.changes(paper.space).iter().all(|hash| hostile.held(hash).number.is_some()));
        server.stop().await.unwrap();
    }
}

/// Says one request; the body of the answer.
fn say(address: SocketAddr, method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let mut line = TcpStream::connect(address).unwrap();
    let length = body.len();
    let head = format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n");
    line.write_all(&[head.as_bytes(), body].concat()).unwrap();
    let mut said = Vec::new();
    line.read_to_end(&mut said).unwrap();
    let at = said.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    said.split_off(at)
}

/// The head of an exchange in a session of its own.
fn head_of_exchange(address: SocketAddr, key: &SigningKey, length: usize) -> String {
    let challenge: Challenge = minicbor::decode(&say(address, "GET", "/v1/challenge", &[])).unwrap();
    let answer = minicbor::to_vec(SessionRequest::sign(&challenge, key)).unwrap();
    let session: Session = minicbor::decode(&say(address, "POST", "/v1/session", &answer)).unwrap();
    format!(
        "POST /v1/exchange HTTP/1.1\r\nhost: x\r\nauthorization: {}\r\ncontent-type: application/x-langnghe\r\n\
         content-length: {length}\r\n\r\n",
        session.bearer()
    )
}

/// An exchange that lacks the last byte of its body.
fn unfinished(address: SocketAddr, key: &SigningKey) -> TcpStream {
    let head = head_of_exchange(address, key, MESSAGE_BYTES_MAX);
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(Duration::from_secs(1))).unwrap();
    // A server that turns it away closes the line while it is written.
    let _ = line.write_all(&[head.as_bytes(), &vec![0; MESSAGE_BYTES_MAX - 1]].concat());
    line
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unfinished_bodies_of_strangers_leave_room_for_those_who_are_in() {
    let house = House::new();
    let server = house.opened().await;
    let mut honest = Handset::enrolled(&server, 96, house.cadre(2), Role::Subject).await;
    honest.synchronise(&server).await;
    let (address, identity) = (server.address, server.identity);
    let request = next_request(&honest.store, Pace::FULL, &[]).unwrap().request;
    let key = honest.author.key.clone();
    let told = tokio::task::spawn_blocking(move || {
        // One stranger many times, then as many strangers.
        let count = BODIES_BYTES_MAX / MESSAGE_BYTES_MAX + 1;
        let one = (0..count).map(|_| SigningKey::from_bytes(&[97; 32]));
        let many = (0..count).map(|index| SigningKey::from_bytes(&[100 + index as u8; 32]));
        let mut lines: Vec<TcpStream> = one.chain(many).map(|key| unfinished(address, &key)).collect();
        let mut said = [0; 12];
        let last = lines.last_mut().unwrap().read_exact(&mut said).map(|()| said);
        let mut line = Line::open(&format!("https://{address}"), identity).unwrap();
        (last.ok(), line.exchange(&request, &key, &Arc::new(Cancel::default())).map(|_| ()))
    });
    let (stranger, honest) = told.await.unwrap();
    assert_eq!(stranger.as_ref().map(|said| &said[..]), Some(&b"HTTP/1.1 503"[..]), "their own room is full");
    assert_eq!(honest, Ok(()));
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_has_few_exchanges_under_way_at_a_time() {
    let house = House::new();
    let server = house.opened().await;
    let honest = Handset::enrolled(&server, 95, house.cadre(2), Role::Subject).await;
    let (address, identity) = (server.address, server.identity);
    let request = next_request(&honest.store, Pace::FULL, &[]).unwrap().request;
    let key = honest.author.key.clone();
    let told = tokio::task::spawn_blocking(move || {
        let mut lines: Vec<TcpStream> = (0..TURNS_MAX).map(|_| unfinished(address, &key)).collect();
        let mut line = Line::open(&format!("https://{address}"), identity).unwrap();
        let mut ask = || line.exchange(&request, &key, &Arc::new(Cancel::default())).map(|_| ());
        let busy = ask();
        lines.pop();
        // The server notices the end of a line in its own time.
        (busy, (0..1_000).any(|_| ask().is_ok()))
    });
    let (busy, after) = told.await.unwrap();
    assert!(matches!(busy, Err(ExchangeFailed::Busy { .. })), "{busy:?}");
    assert!(after, "a turn that ended is free again");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_device_does_not_hear_how_much_is_written_after_it() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 58, lan, Role::Subject).await;
    let mut out = Handset::enrolled(&server, 59, lan, Role::Subject).await;
    out.synchronise(&server).await;
    let device = out.author.device();
    act(&server, move |office| enrolment::revoke_device(office, device, machine::moment())).await;
    out.synchronise(&server).await;
    let paper = house.paper(&server, lan).await;
    let state = |phone: &Handset| spaces::state(phone.store.reader(), paper.space).unwrap().unwrap();
    let before = state(&out);
    own.edit(paper, &house.answers(lan));
    for number in 0..5 {
        own.edit(paper, &[Edit { field: "note".to_owned(), value: Some(Scalar::Integer(number)) }]);
        own.synchronise(&server).await;
    }
    assert!(state(&own).cursor.number > before.cursor.number);
    out.synchronise(&server).await;
    let after = state(&out);
    assert_eq!((after.safe, after.cursor.number), (before.safe, before.cursor.number));
    server.stop().await.unwrap();
}

/// Over 256 kbit/s a full answer takes half a minute, and nothing else is asked meanwhile.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_on_a_slow_line_gets_the_whole_of_a_large_answer() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut own = Handset::enrolled(&server, 98, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    own.edit(paper, &house.answers(lan));
    for number in 0..18 {
        let text: [u8; 50_000] = machine::random();
        let value = Some(Scalar::Text(text.iter().map(|byte| char::from(b'0' + byte % 64)).collect()));
        own.edit(paper, &[Edit { field: format!("x{number}"), value }]);
    }
    own.synchronise(&server).await;
    let other = Handset::enrolled(&server, 99, lan, Role::Subject).await;
    let body = pack(&next_request(&other.store, Pace::FULL, &[]).unwrap().request);
    let (address, key) = (server.address, other.author.key.clone());
    let taken = tokio::task::spawn_blocking(move || {
        let mut line = TcpStream::connect(address).unwrap();
        rustix::net::sockopt::set_socket_recv_buffer_size(&line, 4_096).unwrap();
        line.write_all(&[head_of_exchange(address, &key, body.len()).as_bytes(), &body].concat()).unwrap();
        let (mut piece, mut taken) = ([0; 3_200], Vec::new());
        while let Ok(count @ 1..) = line.read(&mut piece) {
            taken.extend_from_slice(&piece[..count]);
            // The slowness of a far-off village: what this fact is about.
            std::thread::sleep(Duration::from_millis(100));
        }
        taken
    });
    let taken = taken.await.unwrap();
    let at = taken.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let head = String::from_utf8_lossy(&taken[..at]).to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse();
    assert_eq!(Ok(taken.len() - at), length, "{head}");
    server.stop().await.unwrap();
}

/// Papers of cycles that nobody opened would fill the disk.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_begins_no_more_papers_than_a_persons_space_has_room_for() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut hostile = Handset::enrolled(&server, 58, lan, Role::Subject).await;
    let space = house.paper(&server, lan).await.space;
    let begin = |number: u64, hostile: &mut Handset| {
        let round = RoundId::from_bytes([number.to_be_bytes(), [7; 8]].concat().try_into().unwrap());
        let document = DocumentKind::RoundRecord.document_about(space, &record::subject(round, lan));
        hostile.edit(Paper { space, document }, &record::begin(round, lan))
    };
    let kept: Vec<EntryHash> = (0..SPACE_DOCUMENTS_MAX).map(|number| begin(number, &mut hostile)).collect();
    let last = begin(SPACE_DOCUMENTS_MAX, &mut hostile);
    hostile.synchronise(&server).await;
    assert!(kept.iter().all(|hash| hostile.held(hash).in_force == Some(true)));
    assert_eq!(hostile.held(&last).refusal, Some(Refusal::DocumentFull));
    server.stop().await.unwrap();
}

/// A submission is a whole copy of its paper, and each may correct the one before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn submissions_of_one_paper_have_room_of_their_own_and_come_back_all_the_same() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut hostile = Handset::enrolled(&server, 91, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    hostile.edit(paper, &house.answers(lan));
    hostile.edit(paper, &[Edit { field: "zz".to_owned(), value: Some(Scalar::Text("z".repeat(50_000))) }]);
    hostile.synchronise(&server).await;
    back_up(&house.settings, &house.backup()).unwrap();
    let submissions: Vec<EntryHash> = (0..45).map(|_| hostile.submit(paper, house.form())).collect();
    hostile.synchronise(&server).await;
    let refusals = |hostile: &Handset| -> Vec<Option<Refusal>> {
        submissions.iter().map(|hash| hostile.held(hash).refusal).collect()
    };
    let before = refusals(&hostile);
    let stored = before.iter().take_while(|refusal| refusal.is_none()).count();
    let bytes = hostile.entry(&submissions[0]).bytes.len() * stored;
    let room = DOCUMENT_DECISIONS_BYTES_MAX as usize;
    assert!((room * 9 / 10..=room).contains(&bytes), "{stored} stand in the log, {bytes} bytes");
    assert_eq!(before[stored], Some(Refusal::DocumentFull));

    let server = house.restored(server).await;
    hostile.synchronise(&server).await;
    assert_eq!(refusals(&hostile), before);
    assert_eq!(submitted(&server, paper).await, Some(submissions[stored - 1]));
    act(&server, |office| office.close_recovery()).await;
    let one_more = hostile.submit(paper, house.form());
    hostile.synchronise(&server).await;
    assert_eq!(hostile.held(&one_more).refusal, Some(Refusal::DocumentFull));
    server.stop().await.unwrap();
}
