//! Whoever has no key of this office, or made one himself: members are served beside any number of them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use model::exchange::{Cursor, EXCHANGE_VERSION, Pushed, Request, SpaceRequest, pack};
use model::handshake::{Challenge, Session, SessionRequest};
use model::membership::Role;
use phone::sync::http::{Cancel, Line};
use phone::sync::session::{Pace, next_request};
use server::limits::{LISTENERS_MAX, PEER_CONNECTIONS_MAX};
use tests::house::{Handset, House};
use tokio::net::TcpSocket;

/// Whoever waits longer has found what the test is about.
const PATIENCE: Duration = Duration::from_secs(150);

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

/// A session under any key: nobody has to be let in for it.
fn bearer(address: SocketAddr, key: &SigningKey) -> String {
    let challenge: Challenge = minicbor::decode(&say(address, "GET", "/v1/challenge", &[])).unwrap();
    let answer = minicbor::to_vec(SessionRequest::sign(&challenge, key)).unwrap();
    let session: Session = minicbor::decode(&say(address, "POST", "/v1/session", &answer)).unwrap();
    session.bearer()
}

fn stranger(number: u64) -> SigningKey {
    let mut seed = [201; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    SigningKey::from_bytes(&seed)
}

/// Opens a line on which moves are told; the status of its answer.
fn listens(address: SocketAddr, key: &SigningKey) -> (TcpStream, String) {
    let bearer = bearer(address, key);
    let mut line = TcpStream::connect(address).unwrap();
    line.set_read_timeout(Some(PATIENCE)).unwrap();
    line.write_all(format!("GET /v1/live HTTP/1.1\r\nhost: x\r\nauthorization: {bearer}\r\n\r\n").as_bytes()).unwrap();
    let mut said = [0; 12];
    line.read_exact(&mut said).unwrap();
    (line, String::from_utf8_lossy(&said).into_owned())
}

/// A connection of another peer.
fn connected_from(source: SocketAddr, address: SocketAddr) -> TcpStream {
    let connect = async {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(source).unwrap();
        socket.connect(address).await.unwrap()
    };
    let line = tokio::runtime::Handle::current().block_on(connect).into_std().unwrap();
    line.set_nonblocking(false).unwrap();
    line
}

/// Nobody but members has anything to hear there, and a place is held for a quarter of an hour.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strangers_take_no_place_from_members_who_listen() {
    let house = House::new();
    let server = house.opened().await;
    let mut honest = Handset::enrolled(&server, 96, house.cadre(2), Role::Subject).await;
    honest.synchronise(&server).await;
    let (address, key) = (server.address, honest.author.key.clone());
    let told = tokio::task::spawn_blocking(move || {
        let few = LISTENERS_MAX.min(50) as u64;
        let lines: Vec<(TcpStream, String)> = (0..few).map(|number| listens(address, &stranger(number))).collect();
        let refused = lines.iter().all(|(_, said)| said.ends_with("404"));
        (refused, listens(address, &key).1)
    });
    assert_eq!(told.await.unwrap(), (true, "HTTP/1.1 200".to_owned()));
    server.stop().await.unwrap();
}

/// Whoever has no key at all announces a body and never sends it: as often as one peer may.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_that_never_come_leave_places_for_everybody_else() {
    let house = House::new();
    let server = house.opened().await;
    let address = server.address;
    let told = tokio::task::spawn_blocking(move || {
        let announced = b"POST /v1/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 200\r\n\r\n";
        let lines: Vec<TcpStream> = (0..PEER_CONNECTIONS_MAX)
            .map(|_| {
                let mut line = TcpStream::connect(address).unwrap();
                line.write_all(announced).unwrap();
                line
            })
            .collect();
        let mut one_more = TcpStream::connect(address).unwrap();
        one_more.set_read_timeout(Some(PATIENCE)).unwrap();
        let is_ended = match one_more.read(&mut [0]) {
            Ok(read) => read == 0,
            Err(error) => error.kind() == ErrorKind::ConnectionReset,
        };
        let mut line = connected_from("127.0.0.2:0".parse().unwrap(), address);
        line.set_read_timeout(Some(PATIENCE)).unwrap();
        line.write_all(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let mut said = [0; 12];
        line.read_exact(&mut said).unwrap();
        drop(lines);
        (is_ended, String::from_utf8_lossy(&said).into_owned())
    });
    assert_eq!(told.await.unwrap(), (true, "HTTP/1.1 200".to_owned()));
    server.stop().await.unwrap();
}

/// Some hundred bytes become a thousand signatures; a member does not stand in line behind those who send them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_answered_before_the_strangers_who_came_first() {
    const STRANGERS: u64 = 60;
    let house = House::new();
    let server = house.opened().await;
    let mut honest = Handset::enrolled(&server, 96, house.cadre(2), Role::Subject).await;
    honest.synchronise(&server).await;
    let (address, identity) = (server.address, server.identity);
    let mut forged = honest.given[0].page.clone();
    forged.leaves[0].received_ms += 1;
    let entries = vec![Pushed { entry: vec![0], receipt: None }; 1_024];
    let cursor = Cursor { epoch: server.door().epoch, ..Cursor::START };
    let space = honest.given[0].read().unwrap().0.fields.space;
    let receipts = vec![forged; 1_025];
    let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts, enrolment: None };
    let body = pack(&Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: 0, newest: None });
    let own = next_request(&honest.store, Pace::FULL, &[]).unwrap().request;
    let key = honest.author.key.clone();
    let answered = tokio::task::spawn_blocking(move || {
        let mut lines: Vec<TcpStream> = (0..STRANGERS)
            .map(|number| {
                let (bearer, length) = (bearer(address, &stranger(number)), body.len());
                let head = format!(
                    "POST /v1/exchange HTTP/1.1\r\nhost: x\r\nauthorization: {bearer}\r\n\
                     content-type: application/x-langnghe\r\ncontent-length: {length}\r\n\r\n"
                );
                let mut line = TcpStream::connect(address).unwrap();
                line.write_all(&[head.as_bytes(), &body].concat()).unwrap();
                line
            })
            .collect();
        let mut line = Line::open(&format!("https://{address}"), identity).unwrap();
        line.exchange(&own, &key, &Arc::new(Cancel::default())).unwrap();
        let is_answered = |line: &mut TcpStream| {
            line.set_nonblocking(true).unwrap();
            line.read(&mut [0]).is_ok()
        };
        lines.iter_mut().filter_map(|line| is_answered(line).then_some(())).count()
    });
    let answered = answered.await.unwrap();
    assert!(answered < STRANGERS as usize / 2, "{answered} strangers were answered before");
    server.stop().await.unwrap();
}
