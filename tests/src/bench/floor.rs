//! The floor: the same changes as one zstd body over HTTP into plain SQLite, both sides in one process.
//!
//! No signature, no gate, no receipt, no encryption, no cursor: nobody can be much cheaper. Source: the measured
//! baseline, part C.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::routing::post;
use rusqlite::Connection;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::measure::Cpu;
use crate::demo::{Told, failed};
use crate::wire::plain_client;

/// As the exchange packs.
const ZSTD_LEVEL: i32 = 3;

/// The largest body; 20,000 forms are 34 MB before packing.
const BYTES_MAX: usize = 1 << 30;

type Shared = Arc<Mutex<Connection>>;

/// Writes bodies to a file for the process that measures.
pub fn write<'a>(file: &Path, bodies: impl Iterator<Item = &'a [u8]>) -> Told<()> {
    std::fs::write(file, framed(bodies)).map_err(failed("The bodies cannot be written"))
}

/// Measures both directions; its two CPU times and two sizes.
pub fn measure(file: &Path) -> Told<Value> {
    let folder = file.parent().ok_or("the file is in no folder")?;
    let bodies = std::fs::read(file).map_err(failed("The bodies cannot be read"))?;
    let first = database(&folder.join("floor-1.db")).map_err(failed("The floor"))?;
    keep(&first, &bodies).map_err(failed("The floor"))?;
    drop(bodies);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(failed("No runtime could be started"))?;
    let server = Arc::new(Mutex::new(database(&folder.join("floor-server.db")).map_err(failed("The floor"))?));
    let second = database(&folder.join("floor-2.db")).map_err(failed("The floor"))?;
    runtime.block_on(exchange(server, (&first, &second)))
}

async fn exchange(server: Shared, (first, second): (&Connection, &Connection)) -> Told<Value> {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.map_err(failed("The floor"))?;
    let address = format!("http://{}/", listener.local_addr().map_err(failed("The floor"))?);
    let routes = Router::new().route("/", post(take).get(give)).layer(DefaultBodyLimit::max(BYTES_MAX));
    tokio::spawn(axum::serve(listener, routes.with_state(server)).into_future());
    let client = plain_client();
    let before = Cpu::own()?;
    let packed = packed(first).map_err(failed("The floor"))?;
    let push_bytes = packed.len();
    let sent = client.post(&address).body(packed).send().await.and_then(reqwest::Response::error_for_status);
    sent.map_err(failed("The floor's push"))?;
    let push_s = Cpu::own()?.since(before);
    let before = Cpu::own()?;
    let got = client.get(&address).send().await.and_then(reqwest::Response::error_for_status);
    let got = got.map_err(failed("The floor's pull"))?.bytes().await.map_err(failed("The floor's pull"))?;
    unpack(second, &got)?;
    let pull_s = Cpu::own()?.since(before);
    Ok(json!({ "push_s": push_s, "push_bytes": push_bytes, "pull_s": pull_s, "pull_bytes": got.len() }))
}

async fn take(State(server): State<Shared>, body: Bytes) -> StatusCode {
    let server = server.lock().unwrap_or_else(PoisonError::into_inner);
    if unpack(&server, &body).is_ok() { StatusCode::NO_CONTENT } else { StatusCode::BAD_REQUEST }
}

async fn give(State(server): State<Shared>) -> Result<Vec<u8>, StatusCode> {
    let server = server.lock().unwrap_or_else(PoisonError::into_inner);
    packed(&server).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

fn unpack(connection: &Connection, packed: &[u8]) -> Told<()> {
    let plain = zstd::stream::decode_all(packed).map_err(failed("The floor's body"))?;
    keep(connection, &plain).map_err(failed("The floor's database"))
}

fn packed(connection: &Connection) -> rusqlite::Result<Vec<u8>> {
    let mut statement = connection.prepare("select body from change where space = 1 order by seq")?;
    let bodies: Vec<Vec<u8>> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let plain = framed(bodies.iter().map(Vec::as_slice));
    Ok(zstd::bulk::compress(&plain, ZSTD_LEVEL).expect("packing memory cannot fail"))
}

fn framed<'a>(bodies: impl Iterator<Item = &'a [u8]>) -> Vec<u8> {
    let mut plain = Vec::new();
    for body in bodies {
        plain.extend_from_slice(&(body.len() as u32).to_be_bytes());
        plain.extend_from_slice(body);
    }
    plain
}

fn database(path: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "wal")?;
    connection.pragma_update(None, "synchronous", "normal")?;
    connection.execute_batch(
        "create table change (seq integer primary key, space integer, doc text, hash blob, body blob);
         create unique index change_hash on change (hash);
         create index change_space on change (space, seq);
         create index change_doc on change (doc);",
    )?;
    Ok(connection)
}

/// One transaction, one hash per change.
fn keep(connection: &Connection, mut plain: &[u8]) -> rusqlite::Result<()> {
    connection.execute_batch("begin")?;
    let mut statement = connection.prepare("insert into change (space, doc, hash, body) values (1, ?1, ?2, ?3)")?;
    while let Some((length, rest)) = plain.split_first_chunk::<4>() {
        let (body, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize).unwrap_or((rest, &[]));
        let hash: [u8; 32] = Sha256::digest(body).into();
        let document: String = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
        statement.execute((document, hash, body))?;
        plain = rest;
    }
    connection.execute_batch("commit")
}
