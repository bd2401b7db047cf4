//! An enrolment code as a square picture: in a terminal, or as a PNG file to show or print.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use model::enrolment::EnrolmentCode;
use qrcode::render::unicode::Dense1x2;
use qrcode::{Color, EcLevel, QrCode};

use crate::disk::check_writable;
use crate::failure::ServerFailed;
use crate::file_fault::{FileCause, at, fault};
use crate::folder::{folder_of, write_private};

/// Pixels of one module of a PNG: readable from a screen at arm's length.
const MODULE_PIXELS: usize = 8;

/// Empty modules around it, as the standard asks.
const QUIET_MODULES: usize = 4;

/// Lines for a terminal, light on dark.
pub fn in_terminal(code: &EnrolmentCode) -> String {
    drawn(code).render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build()
}

/// The first bytes of every PNG file.
const PNG_BEGIN: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Whether a picture may be written here: into a folder that takes it, over an older picture and over nothing else.
pub fn check_place(path: &Path) -> Result<(), ServerFailed> {
    match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let folder = folder_of(path);
            std::fs::read_dir(folder).and_then(|_| check_writable(folder)).map_err(at(folder))
        }
        Err(error) => Err(at(path)(error)),
        Ok(file) => {
            let mut begin = Vec::new();
            file.take(PNG_BEGIN.len() as u64).read_to_end(&mut begin).map_err(at(path))?;
            if begin != PNG_BEGIN {
                return Err(fault(path, FileCause::Exists));
            }
            check_writable(path).map_err(at(path))
        }
    }
}

/// A PNG file that only its owner may read: it holds a secret for a quarter of an hour.
pub fn write_png(code: &EnrolmentCode, path: &Path) -> Result<(), ServerFailed> {
    check_place(path)?;
    let drawn = drawn(code);
    let modules = drawn.width() + 2 * QUIET_MODULES;
    let side = modules * MODULE_PIXELS;
    let colour_at = |module: usize| module.checked_sub(QUIET_MODULES).filter(|inner| *inner < drawn.width());
    let pixel = |at: usize| {
        let (across, down) = (at % side / MODULE_PIXELS, at / side / MODULE_PIXELS);
        match (colour_at(across), colour_at(down)) {
            (Some(across), Some(down)) if drawn[(across, down)] == Color::Dark => 0,
            _ => u8::MAX,
        }
    };
    let pixels: Vec<u8> = (0..side * side).map(pixel).collect();
    write_private(path, &png_of(&pixels, side as u32))
}

fn png_of(pixels: &[u8], side: u32) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Grayscale);
    let mut writer = encoder.write_header().expect("writing to memory cannot fail");
    writer.write_image_data(pixels).expect("there are as many pixels as the header says");
    drop(writer);
    file
}

fn drawn(code: &EnrolmentCode) -> QrCode {
    QrCode::with_error_correction_level(code.to_string(), EcLevel::M).expect("a code is shorter than a picture holds")
}
