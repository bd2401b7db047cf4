//! The file that the holders open: the frozen box with everything that it must agree with, on its way to a stick.
//!
//! Source: anonymity A33, A36.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use model::handshake::public;
use model::opening::{BoxDigest, EarlierRound, OpeningInput};
use model::round::state::RoundState;
use model::time::Day;
use rusqlite::Connection;

use super::recorded::{Recorded, seals_in_time};
use super::{KeptRound, all};
use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{folder_of, sync_folder};

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum OpeningRefused {
    /// The grace date is not over.
    #[error("boxes may still arrive until the grace date is over")]
    NotFrozen {
        /// Where the round stands.
        from: RoundState,
    },
    /// Feedback is read while the round runs, and never counted.
    #[error("this round takes feedback, which is not counted")]
    TakesFeedback,
    /// The server, or the place of the file.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Freezes a round's box and writes its file. A file that is there already is not replaced: it may be the one that was
/// opened.
pub fn write(
    connection: &Connection,
    boxes: &Boxes,
    kept: &KeptRound,
    (to, today): (&Path, Day),
) -> Result<(), OpeningRefused> {
    if to.exists() {
        return Err(fault(to, FileCause::Exists).into());
    }
    if kept.definition().takes_feedback() {
        return Err(OpeningRefused::TakesFeedback);
    }
    let round = kept.definition().id;
    if !boxes.freeze(round, today)? {
        return Err(OpeningRefused::NotFrozen { from: kept.state(today) });
    }
    let mut digest = BoxDigest::default();
    let is_frozen = boxes.each_frozen(round, |envelope| {
        digest.take(&envelope);
        Ok::<(), ServerFailed>(())
    })?;
    let (true, Some((envelopes, frozen_box))) = (is_frozen, digest.finish()) else {
        return Err(OpeningRefused::NotFrozen { from: kept.state(today) });
    };
    let recorded = Recorded::read(connection, round, None)?;
    let announcement = &kept.announcement;
    let mut input = OpeningInput::of(announcement.signed.clone(), announcement.slip_book.clone(), public(boxes.key()));
    input.lists = boxes.lists(round)?;
    input.seals = seals_in_time(connection, kept.definition())?.into_iter().collect();
    input.returned = recorded.returned();
    input.issued = recorded.issued();
    input.earlier = earlier(connection)?;
    (input.envelopes, input.frozen_box) = (envelopes, frozen_box);
    let framed = input.signed(boxes.key()).framed();
    Ok(put(to, |file| {
        file.write_all(&framed).map_err(at(to))?;
        boxes.each_frozen(round, |envelope| file.write_all(&envelope.to_bytes()).map_err(at(to))).map(drop)
    })?)
}

fn earlier(connection: &Connection) -> Result<Vec<EarlierRound>, ServerFailed> {
    let reported = all(connection)?.into_iter().filter(|kept| kept.steps.reported.is_some());
    let earlier = reported.filter_map(|kept| {
        let [outcome, _] = kept.outcomes;
        outcome.map(|outcome| EarlierRound { definition: kept.announcement.signed.definition, outcome })
    });
    Ok(earlier.collect())
}

/// Writes a file that people carry away, for its owner alone. It is written beside its place first: one that broke off is
/// never taken for whole.
pub(crate) fn put(
    to: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<(), ServerFailed>,
) -> Result<(), ServerFailed> {
    let fresh = to.with_extension("part");
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh);
    let mut file = BufWriter::new(file.map_err(at(&fresh))?);
    write(&mut file)?;
    let file = file.into_inner().map_err(|error| at(&fresh)(error.into_error()))?;
    file.sync_all().map_err(at(&fresh))?;
    std::fs::rename(&fresh, to).map_err(at(to))?;
    sync_folder(folder_of(to))
}
