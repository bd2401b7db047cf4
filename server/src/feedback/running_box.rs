//! The file that those who read feedback get while a round runs: what stands in its newest list.
//!
//! Two files differ by a whole list, however often they are written: by twenty envelopes, or by what came in five working
//! days. Nothing is frozen before the round is over, and phones go on dropping while it is written. Source: anonymity A26,
//! A27, A47, A48.

use std::io::Write;
use std::path::Path;

use model::handshake::public;
use model::opening::{BoxDigest, OpeningInput};
use model::time::Day;

use crate::ballots::boxes::Boxes;
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::rounds::KeptRound;
use crate::rounds::opening::put;

/// Why no file was written.
#[derive(Debug, thiserror::Error)]
pub enum BoxRefused {
    /// A round of ballots.
    #[error("this round takes ballots")]
    TakesBallots,
    /// No list yet.
    #[error("nothing was listed yet")]
    NothingListed,
    /// The box was destroyed.
    #[error("the box of the round is gone")]
    Gone,
    /// The server, or the place of the file.
    #[error(transparent)]
    Failed(#[from] ServerFailed),
}

/// Writes what is listed of a round of feedback; once the round is over, its box is frozen and that is all of it. What
/// the phones sealed is not in it: readers need no number that belongs to one phone. A file that is there already is not
/// replaced.
pub fn write(boxes: &Boxes, kept: &KeptRound, (to, today): (&Path, Day)) -> Result<(), BoxRefused> {
    let definition = kept.definition();
    if !definition.takes_feedback() {
        return Err(BoxRefused::TakesBallots);
    }
    if to.exists() {
        return Err(fault(to, FileCause::Exists).into());
    }
    boxes.begin_day(today)?;
    boxes.freeze(definition.id, today)?;
    let names = boxes.listed(definition.id).ok_or(BoxRefused::Gone)?;
    let lists = boxes.lists(definition.id)?;
    if lists.is_empty() {
        return Err(BoxRefused::NothingListed);
    }
    let mut digest = BoxDigest::default();
    let is_whole = boxes.each_of(definition.id, &names, |envelope| {
        digest.take(&envelope);
        Ok::<(), ServerFailed>(())
    })?;
    let (true, Some(so_far)) = (is_whole, digest.finish()) else { return Err(BoxRefused::Gone) };
    let announcement = &kept.announcement;
    let mut input = OpeningInput::of(announcement.signed.clone(), announcement.slip_book.clone(), public(boxes.key()));
    input.lists = lists;
    (input.envelopes, input.frozen_box) = so_far;
    let framed = input.signed(boxes.key()).framed();
    Ok(put(to, |file| {
        file.write_all(&framed).map_err(at(to))?;
        let write = |envelope: model::envelope::Envelope| file.write_all(&envelope.to_bytes()).map_err(at(to));
        if boxes.each_of(definition.id, &names, write)? { Ok(()) } else { Err(ServerFailed::Interrupted) }
    })?)
}
