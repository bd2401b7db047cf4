//! Packets of screened feedback on their way in: all of a packet or nothing, and each packet once.
//!
//! Source: anonymity A48, A49.

use model::feedback::case::{FeedbackCase, IntakePacket, PacketRefused};
use model::time::Day;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use super::{case_of, number_of};
use crate::failure::ServerFailed;
use crate::rounds;

/// What came of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Taken {
    /// So many cases are new.
    New(u32),
    /// It was taken before, and nothing changed.
    Again,
}

/// Why a packet was not taken. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum TakeRefused {
    /// Of no round that was announced here.
    #[error("no round of this packet was announced")]
    UnknownRound,
    /// Of a round of ballots.
    #[error("the round of this packet takes ballots")]
    TakesBallots,
    /// The packet itself.
    #[error(transparent)]
    Packet(#[from] PacketRefused),
    /// A batch of a day that has not come.
    #[error("the batch has a day that has not come")]
    Future,
    /// A case of this name is here and says something else.
    #[error("a case of this name was taken before, with other contents")]
    OtherContents,
    /// The server.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Takes a packet that the intake or two holders signed.
pub fn take(connection: &Connection, bytes: &[u8], today: Day) -> Result<Taken, TakeRefused> {
    let round = IntakePacket::round_of(bytes).ok_or(PacketRefused::Unreadable)?;
    let kept = rounds::find(connection, round)?.ok_or(TakeRefused::UnknownRound)?;
    if !kept.definition().takes_feedback() {
        return Err(TakeRefused::TakesBallots);
    }
    let packet = IntakePacket::read(bytes, kept.definition())?;
    if packet.day > today {
        return Err(TakeRefused::Future);
    }
    let transaction = connection.unchecked_transaction().map_err(ServerFailed::from)?;
    let taken = keep(&transaction, &packet, bytes)?;
    transaction.commit().map_err(ServerFailed::from)?;
    Ok(taken)
}

fn keep(connection: &Connection, packet: &IntakePacket, bytes: &[u8]) -> Result<Taken, TakeRefused> {
    if !note_packet(connection, packet, bytes)? {
        return Ok(Taken::Again);
    }
    let mut new = 0;
    for case in &packet.cases {
        match is_known(connection, packet, case)? {
            None => {
                keep_case(connection, packet, case)?;
                new += 1;
            }
            Some(true) => {}
            Some(false) => return Err(TakeRefused::OtherContents),
        }
    }
    Ok(Taken::New(new))
}

/// Remembers a packet by its digest; whether it is new.
fn note_packet(connection: &Connection, packet: &IntakePacket, bytes: &[u8]) -> Result<bool, ServerFailed> {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    let sql = "insert into feedback_packet (digest, round, day, denounced, out_of_scope) values (?1, ?2, ?3, ?4, ?5)
               on conflict do nothing";
    let IntakePacket { round, day, denounced, out_of_scope, .. } = packet;
    let row = (digest, round.as_bytes(), day.to_string(), denounced, out_of_scope);
    Ok(connection.prepare_cached(sql)?.execute(row)? == 1)
}

/// Whether a case of this name says the same; none if there is none.
fn is_known(connection: &Connection, packet: &IntakePacket, case: &FeedbackCase) -> Result<Option<bool>, ServerFailed> {
    let sql = "select id, round, day, topic, about, area, text, paraphrase, awaits_reply, is_protected
               from feedback_case where id = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let known = statement.query_row([case.id.as_bytes()], |row| Ok(case_of(row))).optional()?.transpose()?;
    Ok(known.map(|known| known.case == *case && known.round == packet.round && known.day == packet.day))
}

fn keep_case(connection: &Connection, packet: &IntakePacket, case: &FeedbackCase) -> Result<(), ServerFailed> {
    let about = minicbor::to_vec(case.about).expect("writing to memory cannot fail");
    let sql = "insert into feedback_case
               (id, round, day, topic, about, area, text, paraphrase, awaits_reply, is_protected)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    connection.prepare_cached(sql)?.execute((
        case.id.as_bytes(),
        packet.round.as_bytes(),
        packet.day.to_string(),
        number_of(case.topic),
        about,
        case.area.map(|area| area.0),
        &case.text,
        &case.paraphrase,
        case.awaits_reply,
        packet.is_of_holders(),
    ))?;
    Ok(())
}
