//! The frozen box: the file that the server wrote, read twice and never held in memory as a whole.
//!
//! The first reading checks it against what the server signed. The second opens one envelope after the other in random
//! order, each checked to be the one that was read before. Source: anonymity A33, A34.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use model::chance::shuffle;
use model::envelope::{Envelope, EnvelopeId};
use model::hash::ContentHash;
use model::opening::container::{START_BYTES, input_bytes};
use model::opening::{BoxDigest, InputRefused, OpeningInput};
use model::time::Day;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};

use crate::files::{FileFault, at};

/// Bytes by which an envelope is known again at the second reading.
const MARK_BYTES: usize = 16;

/// A box that was checked and can be counted.
pub struct FrozenBox {
    /// Everything beside the envelopes.
    pub input: OpeningInput,
    /// Names of the signed lists that are not in the box.
    pub missing: u32,
    path: PathBuf,
    file: File,
    first_envelope_at: u64,
    marks: Vec<[u8; MARK_BYTES]>,
}

/// Why the holders do not begin with this file.
#[derive(Debug, thiserror::Error)]
pub enum BoxRefused {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// Envelopes may still arrive.
    #[error("the round takes envelopes until {grace}, today is {today}")]
    TooEarly {
        /// The last day for what is late.
        grace: Day,
        /// The machine's day.
        today: Day,
    },
    /// It is not what the server froze, or it was published.
    #[error(transparent)]
    Input(#[from] InputRefused),
}

impl FrozenBox {
    /// Reads the file of a round that is over and checks all that can be checked without a key.
    pub fn check(path: &Path, today: Day) -> Result<Self, BoxRefused> {
        Self::read(path, |input, frozen| {
            input.check(frozen, today).map_err(|refused| match refused {
                InputRefused::TooEarly => BoxRefused::TooEarly { grace: input.round.definition.grace, today },
                refused => refused.into(),
            })
        })
    }

    /// Reads the file of a round that takes feedback and still runs: what came so far.
    pub fn check_running(path: &Path) -> Result<Self, BoxRefused> {
        Self::read(path, |input, so_far| Ok(input.check_running(so_far)?))
    }

    fn read(
        path: &Path,
        check: impl FnOnce(&OpeningInput, Option<(u32, ContentHash)>) -> Result<(), BoxRefused>,
    ) -> Result<Self, BoxRefused> {
        let file = File::open(path).map_err(at(path))?;
        let length = file.metadata().map_err(at(path))?.len();
        let mut reader = BufReader::with_capacity(1024 * 1024, &file);
        let (input, first_envelope_at) = read_input(&mut reader, path)?;
        if length != first_envelope_at + input.envelopes_bytes() {
            return Err(InputRefused::BoxChanged.into());
        }
        let (mut digest, mut names, mut marks) = (BoxDigest::default(), HashSet::<EnvelopeId>::new(), Vec::new());
        let round = &input.round.definition;
        let mut bytes = vec![0; round.envelope_bytes()];
        for _ in 0..input.envelopes {
            reader.read_exact(&mut bytes).map_err(at(path))?;
            let envelope = Envelope::read(&bytes, round).map_err(|_| InputRefused::BoxChanged)?;
            digest.take(&envelope);
            names.insert(envelope.id);
            marks.push(mark(&bytes));
        }
        check(&input, digest.finish())?;
        let missing = input.missing(&names);
        Ok(Self { input, missing, path: path.to_owned(), file, first_envelope_at, marks })
    }

    /// Hands over every envelope once, in random order, one at a time.
    pub fn each_in_random_order(
        &self,
        random: &mut impl CryptoRng,
        mut take: impl FnMut(Envelope),
    ) -> Result<(), BoxRefused> {
        let mut order: Vec<u32> = (0..self.input.envelopes).collect();
        shuffle(&mut order, random);
        let round = &self.input.round.definition;
        let mut bytes = vec![0; round.envelope_bytes()];
        for number in order {
            let offset = self.first_envelope_at + u64::from(number) * bytes.len() as u64;
            self.file.read_exact_at(&mut bytes, offset).map_err(at(&self.path))?;
            if self.marks[number as usize] != mark(&bytes) {
                return Err(InputRefused::BoxChanged.into());
            }
            take(Envelope::read(&bytes, round).map_err(|_| InputRefused::BoxChanged)?);
        }
        Ok(())
    }
}

fn read_input(reader: &mut impl Read, path: &Path) -> Result<(OpeningInput, u64), BoxRefused> {
    let mut start = [0; START_BYTES];
    match reader.read_exact(&mut start) {
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Err(InputRefused::Unreadable.into()),
        read => read.map_err(at(path))?,
    }
    let length = u64::from(input_bytes(&start)?);
    let mut bytes = Vec::new();
    reader.take(length).read_to_end(&mut bytes).map_err(at(path))?;
    if bytes.len() as u64 != length {
        return Err(InputRefused::Unreadable.into());
    }
    Ok((OpeningInput::read(&bytes)?, START_BYTES as u64 + length))
}

fn mark(bytes: &[u8]) -> [u8; MARK_BYTES] {
    let digest: [u8; 32] = Sha256::digest(bytes).into();
    *digest.first_chunk().expect("a digest has more than sixteen bytes")
}
