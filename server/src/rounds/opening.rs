//! The file that the holders open: the frozen box with everything that it must agree with, on its way to a stick.
//!
//! Source: anonymity A33, A36.

use std::fs::OpenOptions;
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use model::handshake::public;
use model::opening::{BoxDigest, EarlierRound, OpeningInput};
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
    NotFrozen,
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
    let round = kept.definition().id;
    if !boxes.freeze(round, today)? {
        return Err(OpeningRefused::NotFrozen);
    }
    let mut digest = BoxDigest::default();
    let is_frozen = boxes.each_frozen(round, |envelope| {
        digest.take(&envelope);
        Ok::<(), ServerFailed>(())
    })?;
    let (true, Some((envelopes, frozen_box))) = (is_frozen, digest.finish()) else {
        return Err(OpeningRefused::NotFrozen);
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
    put(&input.signed(boxes.key()), boxes, to)
}

fn earlier(connection: &Connection) -> Result<Vec<EarlierRound>, ServerFailed> {
    let reported = all(connection)?.into_iter().filter(|kept| kept.steps.reported.is_some());
    let earlier = reported.filter_map(|kept| {
        let [outcome, _] = kept.outcomes;
        outcome.map(|outcome| EarlierRound { definition: kept.announcement.signed.definition, outcome })
    });
    Ok(earlier.collect())
}

/// Written beside its place first: a file that broke off is never taken for whole.
fn put(input: &OpeningInput, boxes: &Boxes, to: &Path) -> Result<(), OpeningRefused> {
    let fresh = to.with_extension("part");
    let file = OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&fresh);
    let mut file = BufWriter::new(file.map_err(at(&fresh))?);
    file.write_all(&input.framed()).map_err(at(&fresh))?;
    boxes
        .each_frozen(input.round.definition.id, |envelope| file.write_all(&envelope.to_bytes()).map_err(at(&fresh)))?;
    let file = file.into_inner().map_err(|error| at(&fresh)(error.into_error()))?;
    file.sync_all().map_err(at(&fresh))?;
    std::fs::rename(&fresh, to).map_err(at(to))?;
    Ok(sync_folder(folder_of(to))?)
}
