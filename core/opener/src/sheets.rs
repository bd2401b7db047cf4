//! The sheets of slips: A4 to print and to cut, area by area.
//!
//! A document holds codes, so it is made in memory, wiped after printing, and never made again. Source: anonymity A1,
//! A5, A8.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use askama::Template;
use data_encoding::HEXLOWER;
use model::round::{Fingerprint, RoundDefinition};
use model::slip::{GROUPS, SlipSecret};
use zeroize::{Zeroize, Zeroizing};

use crate::ceremony::AreaSlips;
use crate::files::{FileFault, at};
use crate::square::Square;

/// Slips of one sheet.
pub const SLIPS_PER_SHEET: usize = 8;

/// Slips that a bag holds at least, while there are so many (A5).
pub const BAG_SLIPS: u32 = 20;

/// Bytes of one slip in the document, with room: a document that grows leaves a copy of itself behind.
const SLIP_BYTES: usize = 6 * 1024;

/// Bytes of everything else.
const HEAD_BYTES: usize = 32 * 1024;

/// Bytes at the beginning of a document among which its mark stands.
const MARKED_BYTES: u64 = 512;

/// Characters of title and area together that are printed large; longer ones small, and the longest smaller still.
const NAME_CHARS_LARGE: usize = 120;
const NAME_CHARS_SMALL: usize = 240;

#[derive(Template)]
#[template(path = "sheets.html")]
struct Document<'a> {
    mark: String,
    title: &'a str,
    size: &'static str,
    sheets: Vec<Sheet<'a>>,
    bag_slips: u32,
}

struct Sheet<'a> {
    area: &'a str,
    slips_of_area: u32,
    number: usize,
    of: usize,
    slips: Vec<PrintedSlip>,
}

struct PrintedSlip {
    square: Square,
    groups: [String; GROUPS],
}

impl Drop for PrintedSlip {
    fn drop(&mut self) {
        self.groups.zeroize();
    }
}

/// The sheets of these areas, one document.
pub fn document(round: &RoundDefinition, areas: &[AreaSlips]) -> Zeroizing<String> {
    let fingerprint = round.fingerprint();
    let slips: usize = areas.iter().map(|area| area.secrets.len()).sum();
    let document = Document {
        mark: mark(round),
        title: &round.title,
        size: size(&round.title, areas),
        sheets: areas.iter().flat_map(|area| sheets_of(area, &fingerprint)).collect(),
        bag_slips: BAG_SLIPS,
    };
    let mut text = Zeroizing::new(String::with_capacity(HEAD_BYTES + slips * SLIP_BYTES));
    document.render_into(&mut *text).expect("writing to memory cannot fail");
    text
}

/// By what the document of a round's sheets is known: only the sheets of the ceremony are wiped after printing.
fn mark(round: &RoundDefinition) -> String {
    let fingerprint = HEXLOWER.encode(round.fingerprint().as_bytes());
    format!("<meta name=\"langnghe-sheets\" content=\"{fingerprint}\">")
}

/// Whether a file holds the sheets of this round; nothing else of it is read.
pub fn are_of(path: &Path, round: &RoundDefinition) -> Result<bool, FileFault> {
    let mut begins = Vec::new();
    File::open(path).map_err(at(path))?.take(MARKED_BYTES).read_to_end(&mut begins).map_err(at(path))?;
    let mark = mark(round);
    Ok(begins.windows(mark.len()).any(|window| window == mark.as_bytes()))
}

/// Sheets of an area.
pub fn sheets(slips: u32) -> u32 {
    slips.div_ceil(SLIPS_PER_SHEET as u32)
}

/// One size for all slips of a round.
fn size(title: &str, areas: &[AreaSlips]) -> &'static str {
    let area = areas.iter().map(|area| area.area.name.chars().count()).max().unwrap_or_default();
    match title.chars().count() + area {
        0..=NAME_CHARS_LARGE => "large",
        chars if chars <= NAME_CHARS_SMALL => "small",
        _ => "least",
    }
}

fn sheets_of<'a>(slips: &'a AreaSlips, fingerprint: &Fingerprint) -> Vec<Sheet<'a>> {
    let chunks = slips.secrets.chunks(SLIPS_PER_SHEET);
    let of = chunks.len();
    let sheet = |(index, chunk): (usize, &[SlipSecret])| Sheet {
        area: &slips.area.name,
        slips_of_area: slips.area.slips,
        number: index + 1,
        of,
        slips: chunk.iter().map(|secret| PrintedSlip::of(secret, fingerprint)).collect(),
    };
    chunks.enumerate().map(sheet).collect()
}

impl PrintedSlip {
    fn of(secret: &SlipSecret, fingerprint: &Fingerprint) -> Self {
        let text = Zeroizing::new(secret.square(fingerprint));
        Self { square: Square::of(&text), groups: secret.groups(fingerprint) }
    }
}
