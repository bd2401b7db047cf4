//! A square code as one path of an SVG.

use std::fmt::Write;

use qrcode::{Color, EcLevel, QrCode};
use zeroize::Zeroizing;

/// Empty modules around it; the sheet leaves the rest of what the standard asks.
const QUIET_MODULES: usize = 2;

/// Bytes of the longest run, `M123,123h123`, and runs of the largest code that a slip makes.
const PATH_BYTES: usize = 8 * 1024;

/// What a template needs of it.
pub struct Square {
    /// Dark modules as runs of one path, one unit a module. Wiped.
    pub path: Zeroizing<String>,
    /// Units of a side with the quiet edge.
    pub side: usize,
    /// The first unit, negative by the quiet edge.
    pub from: i32,
}

impl Square {
    /// Draws a text.
    pub fn of(text: &str) -> Self {
        let code = QrCode::with_error_correction_level(text, EcLevel::M);
        let code = code.expect("a slip is shorter than a picture holds");
        let width = code.width();
        let mut path = Zeroizing::new(String::with_capacity(PATH_BYTES));
        for down in 0..width {
            let mut across = 0;
            while across < width {
                let is_dark = |across: &usize| code[(*across, down)] == Color::Dark;
                let run = (across..width).take_while(is_dark).count();
                if run > 0 {
                    write!(path, "M{across},{down}h{run}").expect("writing to memory cannot fail");
                }
                across += run.max(1);
            }
        }
        Self { path, side: width + 2 * QUIET_MODULES, from: -(QUIET_MODULES as i32) }
    }
}
