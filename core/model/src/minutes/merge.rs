//! Two versions of one paragraph in one, word by word.
//!
//! What only one of them changed is taken from that one. Where both changed the same words both stand one behind the
//! other, so that nothing anybody wrote is missing; people choose between the two and this. Source: sync 3, prose.

/// Between the words that two people wrote in one place.
const BETWEEN: &str = " / ";

/// Merges two versions that were made from the same text.
pub fn merged(base: &str, ours: &str, theirs: &str) -> String {
    let [base, ours, theirs] = [base, ours, theirs].map(as_lines);
    let lines = match diffy::merge(&base, &ours, &theirs) {
        Ok(clean) => clean,
        Err(marked) => marked,
    };
    read_lines(&lines)
}

/// One word a line, behind a mark that no line of the merge itself begins with.
fn as_lines(text: &str) -> String {
    let word = |word: &str| format!("w{}\n", word.replace('\\', r"\\").replace('\n', r"\n"));
    text.split_inclusive(char::is_whitespace).map(word).collect()
}

fn read_lines(lines: &str) -> String {
    let mut text = String::new();
    let mut is_base = false;
    for line in lines.lines() {
        match line.strip_prefix('w') {
            Some(word) if !is_base => text.push_str(&unescaped(word)),
            Some(_) => {}
            None if line.starts_with("|||||||") => is_base = true,
            None if line.starts_with("=======") => {
                is_base = false;
                let ends = text.trim_end().len();
                text.truncate(ends);
                text.push_str(BETWEEN);
            }
            None => is_base = false,
        }
    }
    text
}

fn unescaped(word: &str) -> String {
    let mut text = String::new();
    let mut letters = word.chars();
    while let Some(letter) = letters.next() {
        match (letter, letter == '\\') {
            (_, true) => text.push(if letters.next() == Some('n') { '\n' } else { '\\' }),
            (letter, false) => text.push(letter),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const BASE: &str = "Đồng chí Lan hoàn thành tốt công việc được giao trong năm.";

    #[test]
    fn what_one_of_them_changed_is_taken_from_that_one() {
        let ours = "Đồng chí Trần Thị Lan hoàn thành tốt công việc được giao trong năm.";
        let theirs = "Đồng chí Lan hoàn thành tốt công việc được giao trong năm 2026.";
        let both = "Đồng chí Trần Thị Lan hoàn thành tốt công việc được giao trong năm 2026.";
        assert_eq!(merged(BASE, ours, theirs), both);
        assert_eq!(merged(BASE, BASE, theirs), theirs);
        assert_eq!(merged(BASE, ours, BASE), ours);
    }

    #[test]
    fn where_both_changed_the_same_words_both_stand() {
        let ours = "Đồng chí Lan hoàn thành xuất sắc công việc được giao trong năm.";
        let theirs = "Đồng chí Lan hoàn thành đúng hạn công việc được giao trong năm.";
        let both = "Đồng chí Lan hoàn thành xuất sắc / đúng hạn công việc được giao trong năm.";
        assert_eq!(merged(BASE, ours, theirs), both);
        assert_eq!(merged("", "Lan", "Hoa"), "Lan / Hoa");
    }

    #[test]
    fn lines_and_signs_of_a_text_come_back_as_they_were() {
        let text = "Một\n\nhai \\n ba\n<<<<<<< =======\n||||||| bốn";
        assert_eq!(merged(text, text, text), text);
        assert_eq!(merged("", text, ""), text);
    }

    proptest! {
        #[test]
        fn every_word_that_somebody_added_is_in_the_merged_text(
            base in prop::collection::vec("[a-d]{1,2}", 0..12),
            at in 0_usize..12,
            other in 0_usize..12,
        ) {
            let with = |word: &str, at: usize| {
                let mut words = base.clone();
                words.insert(at.min(words.len()), word.to_owned());
                words.join(" ")
            };
            let merged = merged(&base.join(" "), &with("ours", at), &with("theirs", other));
            prop_assert!(merged.contains("ours") && merged.contains("theirs"), "{merged}");
        }

        #[test]
        fn a_side_that_changed_nothing_loses_nothing(base in "\\PC{0,60}", text in "\\PC{0,60}") {
            prop_assert_eq!(merged(&base, &text, &base), text.clone());
            prop_assert_eq!(merged(&base, &base, &text), text);
        }
    }
}
