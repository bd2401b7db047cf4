//! Sheets as CSV files.
//!
//! Commas between fields and every field in quotes (RFC 4180), because every spreadsheet and every later program reads
//! that without being told; semicolons would suit one setting of one program. Points carry a decimal comma, so they are
//! safe only inside quotes. The byte order mark in front makes Excel take the Vietnamese letters for UTF-8.
//! Formulas in names are made harmless by [`model::report::sheet`], and a test here looks at the bytes.

use model::report::sheet::Sheet;

/// Tells a spreadsheet that UTF-8 follows.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The bytes of the file.
pub fn csv_of(sheet: &Sheet) -> Vec<u8> {
    let mut out = csv::WriterBuilder::new()
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(BYTE_ORDER_MARK.to_vec());
    for row in std::iter::once(&sheet.header).chain(&sheet.rows) {
        out.write_record(row).expect("rows are as wide as the header, and writing to memory cannot fail");
    }
    out.into_inner().expect("writing to memory cannot fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_utf8_with_a_mark_commas_and_quotes() {
        let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
        let sheet =
            Sheet { header: words(["Họ và tên", "Tổng điểm"]), rows: vec![words(["Lan \"Bé\"", "84,17"])] };
        let expected = "\u{feff}\"Họ và tên\",\"Tổng điểm\"\r\n\"Lan \"\"Bé\"\"\",\"84,17\"\r\n";
        assert_eq!(String::from_utf8(csv_of(&sheet)).unwrap(), expected);
    }
}
