//! What whoever sits between a phone and its server can read, and whom a phone speaks with at all.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::net::SocketAddr;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::handshake::public;
use model::identity::RoundId;
use model::membership::Role;
use phone::courier::line;
use phone::failure::ExchangeFailed;
use phone::sync::http::{Cancel, Line};
use phone::sync::session::{Pace, next_request};
use rustls::crypto::ring;
use rustls::server::ServerSessionMemoryCache;
use rustls::{HandshakeKind, ServerConfig};
use server::tls;
use tests::house::{Handset, House};
use tests::wire::Wire;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

fn elsewhere() -> SigningKey {
    SigningKey::from_bytes(&[77; 32])
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_listens_on_the_way_learns_neither_words_nor_who_speaks() {
    let house = House::new();
    let server = house.opened().await;
    let mut phone = Handset::enrolled(&server, 1, house.cadre(1), Role::Subject).await;
    phone.synchronise(&server).await;
    let request = next_request(&phone.store, Pace::FULL, &[]).unwrap().request;
    let (address, identity, key) = (server.address, server.identity, phone.author.key.clone());
    let heard = tokio::task::spawn_blocking(move || {
        ["http", "https"].map(|scheme| {
            let wire = Wire::lay_overheard(address).unwrap();
            let mut line = Line::open(&format!("{scheme}://{}", wire.address), identity).unwrap();
            line.exchange(&request, &key, &Arc::new(Cancel::default())).unwrap();
            let device = public(&key);
            [&b"POST /v1/exchange"[..], b"authorization", device.as_bytes()].map(|needle| wire.heard(needle))
        })
    });
    assert_eq!(heard.await.unwrap(), [[true; 3], [false; 3]]);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_speaks_with_nobody_but_the_server_of_its_code() {
    let house = House::new();
    let server = house.opened().await;
    let (address, identity) = (format!("https://{}", server.address), server.identity);
    let round = RoundId::from_bytes([1; 16]);
    let told = tokio::task::spawn_blocking(move || {
        [identity, public(&elsewhere())].map(|identity| {
            let cancel = Arc::new(Cancel::default());
            let mut line = Line::open(&address, identity).unwrap();
            let named = line.call((reqwest::Method::GET, "/v1/challenge"), Vec::new(), None, &cancel).map(|_| ());
            let own_way = line::list((&address, &identity), round, &cancel).map(|_| ());
            (named, own_way)
        })
    });
    let nobody = || Err(ExchangeFailed::Unreachable);
    assert_eq!(told.await.unwrap(), [(Ok(()), Ok(())), (nobody(), nobody())]);
    server.stop().await.unwrap();
}

/// Takes so many connections as somebody who would like to know a phone again: with tickets and a memory.
async fn remembering(listener: TcpListener, identity: SigningKey, connections: usize) -> Vec<Option<HandshakeKind>> {
    let (shown, key) = tls::certificate(&identity).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut config = config.with_single_cert(vec![shown], key.into()).unwrap();
    config.session_storage = ServerSessionMemoryCache::new(100);
    config.ticketer = ring::Ticketer::new().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let mut kinds = Vec::new();
    for _ in 0..connections {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = acceptor.accept(stream).await.unwrap();
        let mut asked = [0; 1_024];
        assert!(stream.read(&mut asked).await.unwrap() > 0);
        stream.write_all(b"HTTP/1.1 204 No Content\r\nconnection: keep-alive\r\n\r\n").await.unwrap();
        stream.flush().await.unwrap();
        kinds.push(stream.get_ref().1.handshake_kind());
    }
    kinds
}

/// A22: a resumed handshake names the phone, also where the server would offer one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_connection_goes_on_with_an_earlier_one() {
    let identity = elsewhere();
    let server = public(&identity);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let kinds = tokio::spawn(remembering(listener, identity, 6));
    let asked = tokio::task::spawn_blocking(move || {
        let (address, cancel) = (format!("https://{address}"), Arc::new(Cancel::default()));
        for _ in 0..2 {
            let mut line = Line::open(&address, server).unwrap();
            line.call((reqwest::Method::GET, "/v1/challenge"), Vec::new(), None, &cancel).unwrap();
            line::send((&address, &server), vec![0; 100], &cancel).unwrap();
            line::replies((&address, &server), &cancel).unwrap();
        }
    });
    asked.await.unwrap();
    assert_eq!(kinds.await.unwrap(), [Some(HandshakeKind::Full); 6]);
}
