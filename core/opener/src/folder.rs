//! What the steps leave in a folder, by name.

use std::path::{Path, PathBuf};

use model::feedback::case::IntakePacket;
use model::feedback::replies::ReplyFile;
use model::round::RoundDefinition;
use model::round::holder::HOLDERS;
use model::time::Day;
use rand_core::CryptoRng;

use crate::ceremony::Ceremony;
use crate::count::Leaving;
use crate::failure::OpenerFailed;
use crate::files::{FileCause, FileFault, at, check_free, check_place, read_limited, write_new, write_over};
use crate::intake::keys::IntakeFile;
use crate::intake::ledger::{LEDGER_BYTES_MAX, Ledger};
use crate::intake::reading::{Concluded, Reading};
use crate::intake::{IntakeRefused, Reader, ReaderKind};
use crate::unfinished::Unfinished;

/// The announcement of a ceremony, for the office.
pub const ANNOUNCEMENT_FILE: &str = "cong-bo.lnr";

/// The announcement while the sheets are being printed: not yet worth anything.
pub const UNFINISHED_FILE: &str = "cong-bo.chua-xong";

/// The result of the first count.
pub const OUTCOME_FILE: &str = "ket-qua.lnx";

/// The result of the second pair.
pub const RECOUNT_FILE: &str = "ket-qua-kiem-lai.lnx";

/// The minutes.
pub const MINUTES_FILE: &str = "bien-ban-kiem-phieu.html";

/// The key of the intake.
pub const INTAKE_FILE: &str = "tiep-nhan.lni";

/// The ending of a packet of screened texts.
const PACKET_ENDING: &str = "lny";

/// The ending of a file of sealed answers.
const REPLIES_ENDING: &str = "lnj";

/// Files of one name and day in one folder.
const FILES_OF_A_DAY: u32 = 100;

/// The ledger of those who read feedback.
pub fn ledger_file(kind: ReaderKind) -> &'static str {
    match kind {
        ReaderKind::Intake => "so-tiep-nhan.lns",
        ReaderKind::Holders => "so-bao-ve.lns",
    }
}

/// Which count a result is of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Turn {
    /// By the pair that opens the round.
    First,
    /// By another pair on another machine.
    Recount,
}

impl Turn {
    /// Where its result is written.
    pub fn file(self) -> &'static str {
        match self {
            Self::First => OUTCOME_FILE,
            Self::Recount => RECOUNT_FILE,
        }
    }
}

/// A holder's share; holders count from 1.
pub fn share_file(holder: usize) -> String {
    format!("phan-khoa-{holder}.lnk")
}

/// A packet of texts; packets count from 1.
pub fn packet_file(number: usize) -> String {
    format!("goi-y-kien-{number}.lnt")
}

/// Makes the folder if need be, and refuses one where a ceremony left its files: asked before anybody sits down.
pub fn prepare_for_ceremony(folder: &Path) -> Result<(), FileFault> {
    make(folder)?;
    let shares = (1..=HOLDERS).map(share_file);
    let announcements = [ANNOUNCEMENT_FILE, UNFINISHED_FILE, INTAKE_FILE].map(str::to_owned);
    shares.chain(announcements).try_for_each(|name| check_place(&folder.join(name)))
}

/// Makes the folder if need be, and refuses one that holds a result of this turn: asked before anything is opened.
pub fn prepare_for_count(folder: &Path, turn: Turn) -> Result<(), FileFault> {
    make(folder)?;
    check_place(&folder.join(turn.file()))?;
    match turn {
        Turn::First => check_free(&folder.join(packet_file(1))),
        Turn::Recount => Ok(()),
    }
}

/// No name is no folder, and not the one in which the program happens to run.
fn make(folder: &Path) -> Result<(), FileFault> {
    if folder.as_os_str().is_empty() {
        return Err(FileFault { path: PathBuf::new(), cause: FileCause::Missing });
    }
    std::fs::create_dir_all(folder).map_err(at(folder))
}

/// Writes the three shares, which are worth nothing before the announcement is there.
pub fn keep_shares(folder: &Path, ceremony: &Ceremony, unfinished: &mut Unfinished) -> Result<Vec<PathBuf>, FileFault> {
    let shares = ceremony.shares.iter().enumerate();
    let shares: Vec<(String, Vec<u8>)> =
        shares.map(|(index, share)| (share_file(index + 1), share.to_bytes())).collect();
    let paths: Vec<PathBuf> = shares.iter().map(|(name, _)| folder.join(name)).collect();
    paths.iter().try_for_each(|path| check_free(path))?;
    unfinished.written(&paths, || keep(folder, shares.into_iter()))
}

/// Writes the key of the intake, which is worth nothing before the announcement is there either.
pub fn keep_intake(folder: &Path, file: &IntakeFile, unfinished: &mut Unfinished) -> Result<PathBuf, FileFault> {
    let path = folder.join(INTAKE_FILE);
    check_free(&path)?;
    unfinished.written(std::slice::from_ref(&path), || write_new(&path, &file.to_bytes()))?;
    Ok(path)
}

/// The ledger of those who read; none if the folder has none.
pub fn ledger(folder: &Path, round: &RoundDefinition, reader: &Reader) -> Result<Option<Ledger>, OpenerFailed> {
    make(folder)?;
    match read_limited(&folder.join(ledger_file(reader.kind())), LEDGER_BYTES_MAX) {
        Ok(bytes) => Ok(Some(Ledger::read(&bytes, round, reader)?)),
        Err(fault) if fault.cause == FileCause::Missing => Ok(None),
        Err(fault) => Err(fault.into()),
    }
}

/// Writes the ledger over `known`, the one that was opened; what somebody else wrote meanwhile is never lost.
pub fn keep_ledger(
    folder: &Path,
    (ledger, round, reader): (&Ledger, &RoundDefinition, &Reader),
    known: Option<&Ledger>,
    random: &mut impl CryptoRng,
) -> Result<(), OpenerFailed> {
    if self::ledger(folder, round, reader)?.as_ref() != known {
        return Err(IntakeRefused::LedgerMoved.into());
    }
    Ok(write_over(&folder.join(ledger_file(reader.kind())), &ledger.to_bytes(round, reader, random))?)
}

/// Writes what is left of a batch: the ledger first, which holds the packet too, so that nothing is lost in between.
pub fn keep_batch(
    folder: &Path,
    (batch, reading, reader): (&Concluded, &Reading, &Reader),
    random: &mut impl CryptoRng,
) -> Result<PathBuf, OpenerFailed> {
    keep_ledger(folder, (&batch.ledger, reading.round(), reader), Some(reading.begun()), random)?;
    Ok(write_beside_others(folder, &packet_name(batch.packet.day), PACKET_ENDING, &batch.packet.to_bytes())?)
}

/// Writes a file of answers, after the ledger that holds it too.
pub fn keep_replies(
    folder: &Path,
    (ledger, round, reader): (&Ledger, &RoundDefinition, &Reader),
    known: &Ledger,
    random: &mut impl CryptoRng,
) -> Result<PathBuf, OpenerFailed> {
    keep_ledger(folder, (ledger, round, reader), Some(known), random)?;
    let text = ledger.replies.as_deref().unwrap_or_default();
    let day = ReplyFile::read(text).map_err(|_| IntakeRefused::NoAnswers)?.day;
    Ok(write_beside_others(folder, &replies_name(day), REPLIES_ENDING, text.as_bytes())?)
}

fn packet_name(day: Day) -> String {
    format!("goi-gop-y-{day}")
}

fn replies_name(day: Day) -> String {
    format!("tra-loi-{day}")
}

/// Writes the last packet and the last answers of a ledger again, unless a file has exactly these bytes.
pub fn write_again(folder: &Path, ledger: &Ledger) -> Result<Vec<PathBuf>, FileFault> {
    let packet = IntakePacket::day_of(&ledger.packet);
    let packet = packet.map(|day| (packet_name(day), PACKET_ENDING, ledger.packet.as_slice()));
    let replies = ledger.replies.as_ref().and_then(|text| {
        let day = ReplyFile::read(text).ok()?.day;
        Some((replies_name(day), REPLIES_ENDING, text.as_bytes()))
    });
    let mut written = Vec::new();
    for (name, ending, bytes) in packet.into_iter().chain(replies) {
        let mut files = (1..FILES_OF_A_DAY).map(|number| numbered(folder, &name, ending, number));
        let is_there = files.any(|path| std::fs::read(path).is_ok_and(|found| found == bytes));
        if !is_there {
            written.push(write_beside_others(folder, &name, ending, bytes)?);
        }
    }
    Ok(written)
}

fn numbered(folder: &Path, name: &str, ending: &str, number: u32) -> PathBuf {
    match number {
        1 => folder.join(format!("{name}.{ending}")),
        number => folder.join(format!("{name}-{number}.{ending}")),
    }
}

/// Batches of one day have one name and a number.
fn write_beside_others(folder: &Path, name: &str, ending: &str, bytes: &[u8]) -> Result<PathBuf, FileFault> {
    let named = |number: u32| numbered(folder, name, ending, number);
    let mut number = 1;
    while number < FILES_OF_A_DAY && named(number).symlink_metadata().is_ok() {
        number += 1;
    }
    write_new(&named(number), bytes).map(|()| named(number))
}

/// Writes the announcement under the name of one that is not finished, while a file of sheets is being printed.
pub fn keep_unfinished(folder: &Path, ceremony: &Ceremony, unfinished: &mut Unfinished) -> Result<(), FileFault> {
    let path = folder.join(UNFINISHED_FILE);
    check_free(&path)?;
    unfinished.written(std::slice::from_ref(&path), || write_new(&path, &ceremony.announcement.to_bytes()))
}

/// Writes the announcement: the last thing of a ceremony, once all sheets are printed.
pub fn announce(folder: &Path, ceremony: &Ceremony, unfinished: &mut Unfinished) -> Result<PathBuf, FileFault> {
    let path = folder.join(ANNOUNCEMENT_FILE);
    check_free(&path)?;
    unfinished.written(std::slice::from_ref(&path), || write_new(&path, &ceremony.announcement.to_bytes()))?;
    Ok(path)
}

/// Gives the announcement its name, once the sheets of a file are printed and gone.
pub fn announce_finished(folder: &Path, unfinished: &mut Unfinished) -> Result<PathBuf, FileFault> {
    let (from, to) = (folder.join(UNFINISHED_FILE), folder.join(ANNOUNCEMENT_FILE));
    check_free(&to)?;
    unfinished.written(std::slice::from_ref(&to), || std::fs::rename(&from, &to)).map_err(at(&from))?;
    Ok(to)
}

/// Writes what leaves a count: the packets first, because the result names them.
pub fn keep_count(folder: &Path, turn: Turn, leaving: &Leaving) -> Result<Vec<PathBuf>, FileFault> {
    let packets = leaving.packets.iter().enumerate();
    let packets = packets.map(|(index, packet)| (packet_file(index + 1), packet.to_bytes()));
    let outcome = (turn.file().to_owned(), leaving.outcome.to_bytes());
    keep(folder, packets.chain([outcome]))
}

fn keep(folder: &Path, files: impl Iterator<Item = (String, Vec<u8>)>) -> Result<Vec<PathBuf>, FileFault> {
    let written = files.map(|(name, bytes)| {
        let path = folder.join(name);
        write_new(&path, &bytes).map(|()| path)
    });
    written.collect()
}
