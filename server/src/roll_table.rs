//! The roll in the operator's words: a table for a terminal, and the choices when a name or an id means several.

use model::membership::Role;
use model::text::length_chars;

use crate::roll::{Listed, ListedPhone, PhoneState};
use crate::settings::Language;
use crate::words::pick;

/// Name, role, phone, state, day.
const COLUMNS: usize = 5;

/// One line per phone, and one for somebody without a phone; the first line names the columns.
pub fn table(listed: &[Listed], language: Language) -> Vec<String> {
    let heading = match language {
        Language::Vi => ["Họ và tên", "Vai trò", "Điện thoại", "Tình trạng", "Từ ngày"],
        Language::En => ["Name", "Role", "Phone", "State", "Since"],
    };
    let mut rows = vec![heading.map(str::to_owned)];
    rows.extend(listed.iter().flat_map(|listed| rows_of(listed, language)));
    let mut widths = [0; COLUMNS];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = length_chars(cell).max(*width);
        }
    }
    rows.iter().map(|row| laid_out(row, &widths)).collect()
}

/// One line per person: the id that can be typed, the name, the phones.
pub fn choices(listed: &[Listed], language: Language) -> Vec<String> {
    let line = |listed: &Listed| {
        let phones: Vec<String> = listed.phones.iter().map(|phone| with_state(phone, language)).collect();
        let phones = if phones.is_empty() { no_phone(language).to_owned() } else { phones.join(", ") };
        format!("{}  {}: {phones}", listed.person, listed.called())
    };
    listed.iter().map(line).collect()
}

/// What somebody is on a phone.
pub fn role(role: Role, language: Language) -> &'static str {
    pick(language, role.label_vi(), role.label_en())
}

fn rows_of(listed: &Listed, language: Language) -> Vec<[String; COLUMNS]> {
    let row = |phone: &ListedPhone| {
        let since = phone.since.map(|since| since.vietnamese_day().vietnamese()).unwrap_or_default();
        let (role, state) = (role(phone.role, language).to_owned(), state(phone.state, language).to_owned());
        [listed.called(), role, phone.short(), state, since]
    };
    if listed.phones.is_empty() {
        let empty = String::new;
        return vec![[listed.called(), empty(), empty(), no_phone(language).to_owned(), empty()]];
    }
    listed.phones.iter().map(row).collect()
}

fn laid_out(row: &[String; COLUMNS], widths: &[u32; COLUMNS]) -> String {
    let mut line = String::new();
    for (cell, width) in row.iter().zip(widths) {
        line.push_str(cell);
        // By characters as a reader counts them: a name may have come decomposed.
        let missing = width.saturating_sub(length_chars(cell)) as usize;
        line.push_str(&" ".repeat(missing + 2));
    }
    line.trim_end().to_owned()
}

fn with_state(phone: &ListedPhone, language: Language) -> String {
    format!("{} ({})", phone.short(), state(phone.state, language))
}

const fn state(state: PhoneState, language: Language) -> &'static str {
    let (vi, en) = match state {
        PhoneState::Waiting => ("đang chờ", "waiting"),
        PhoneState::In => ("đã vào", "in"),
        PhoneState::Out => ("đã đưa ra", "out"),
    };
    pick(language, vi, en)
}

const fn no_phone(language: Language) -> &'static str {
    pick(language, "chưa có điện thoại", "no phone yet")
}

#[cfg(test)]
mod tests {
    use model::identity::{DeviceId, PersonId};
    use model::time::Timestamp;

    use super::*;

    /// 2026-11-22, 23:30 in Vietnam.
    const LATE: Timestamp = Timestamp::from_utc_ms(1_795_365_000_000);

    fn people() -> Vec<Listed> {
        let phone = |seed: u8, state| {
            let since = (state != PhoneState::Waiting).then_some(LATE);
            ListedPhone { device: DeviceId::from_bytes([seed; 16]), role: Role::Subject, state, since }
        };
        let lan = vec![phone(0xab, PhoneState::Waiting), phone(0xcd, PhoneState::In), phone(0xef, PhoneState::Out)];
        vec![
            Listed { person: PersonId::from_bytes([7; 16]), name: "Trần Thị Lan".into(), phones: lan },
            Listed { person: PersonId::from_bytes([8; 16]), name: "Lê Minh".into(), phones: Vec::new() },
        ]
    }

    #[test]
    fn the_table_has_a_line_for_each_phone_and_for_who_has_none() {
        let expected = [
            "Họ và tên     Vai trò  Điện thoại  Tình trạng          Từ ngày",
            "Trần Thị Lan  cán bộ   abababab    đang chờ",
            "Trần Thị Lan  cán bộ   cdcdcdcd    đã vào              22/11/2026",
            "Trần Thị Lan  cán bộ   efefefef    đã đưa ra           22/11/2026",
            "Lê Minh                            chưa có điện thoại",
        ];
        assert_eq!(table(&people(), Language::Vi), expected);
        assert!(table(&people(), Language::En)[1].ends_with("cadre  abababab  waiting"));
    }

    #[test]
    fn a_choice_shows_the_name_and_the_phones_beside_the_id() {
        let lines = choices(&people(), Language::Vi);
        assert!(lines[0].starts_with("0707") && lines[0].contains("Trần Thị Lan: abababab (đang chờ), cdcdcdcd"));
        assert!(lines[1].ends_with("Lê Minh: chưa có điện thoại"));
    }
}
