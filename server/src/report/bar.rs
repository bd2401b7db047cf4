//! Bars of inline SVG: widths are attributes of `rect`, because the page may carry no style attribute.

use model::ratio::{Ratio, Rounded, Rounding};

/// A share of the whole from which its number stands inside, in hundredths of a percent. Source: look, chart tokens.
const LABEL_FROM: u64 = 600;

/// The whole, in hundredths of a percent.
const WHOLE: u64 = 10_000;

/// One piece of a bar; all numbers are percent of its width, with a decimal point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// Class of its fill.
    pub class: &'static str,
    /// Where it begins.
    pub from: String,
    /// How wide it is.
    pub width: String,
    /// Where its number stands.
    pub middle: String,
    /// Its number; empty where there is no room.
    pub label: String,
}

/// A bar of counts that together fill it; empty counts have no piece.
pub fn stacked_bar(counts: &[(&'static str, u32)]) -> Vec<Segment> {
    pieces(counts, |count, _| count.to_string())
}

/// The same, with whole percents inside, to the nearest.
pub fn percent_bar(counts: &[(&'static str, u32)]) -> Vec<Segment> {
    let label = |count: u32, whole| Ratio::of(count.into(), whole).map(|share| share.percent(0, Rounding::HalfUp));
    pieces(counts, |count, whole| label(count, whole).map(Rounded::vietnamese).unwrap_or_default())
}

fn pieces(counts: &[(&'static str, u32)], label: impl Fn(u32, u64) -> String) -> Vec<Segment> {
    let whole: u64 = counts.iter().map(|(_, count)| u64::from(*count)).sum();
    let mut before = 0;
    let mut segments = Vec::new();
    for (class, count) in counts.iter().filter(|(_, count)| *count > 0) {
        // Ends are computed from the running sum, so that pieces meet and the last one ends at the edge.
        let (from, to) = (before * WHOLE / whole, (before + u64::from(*count)) * WHOLE / whole);
        let label = if to - from >= LABEL_FROM { label(*count, whole) } else { String::new() };
        segments.push(segment(class, (from, to), label));
        before += u64::from(*count);
    }
    segments
}

/// A bar that is filled as far as the part is of the whole; without a whole it is empty.
pub fn share_bar(part: u32, whole: u32) -> Vec<Segment> {
    if part == 0 || whole == 0 {
        return Vec::new();
    }
    vec![segment("c-one", (0, u64::from(part) * WHOLE / u64::from(whole)), String::new())]
}

fn segment(class: &'static str, (from, to): (u64, u64), label: String) -> Segment {
    Segment { class, from: percent(from), width: percent(to - from), middle: percent((from + to) / 2), label }
}

fn percent(hundredths: u64) -> String {
    format!("{}.{:02}%", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_meet_and_fill_the_bar() {
        let bar = stacked_bar(&[("done", 4), ("doing", 1), ("todo", 1)]);
        let shown: Vec<_> = bar.iter().map(|piece| (&*piece.from, &*piece.width, &*piece.label)).collect();
        assert_eq!(shown, [("0.00%", "66.66%", "4"), ("66.66%", "16.67%", "1"), ("83.33%", "16.67%", "1")]);
    }

    #[test]
    fn percents_stand_inside_where_there_is_room() {
        let bar = percent_bar(&[("for", 74), ("rest", 22), ("low", 5)]);
        assert_eq!(bar.iter().map(|piece| &*piece.label).collect::<Vec<_>>(), ["73", "22", ""]);
    }

    #[test]
    fn a_narrow_piece_carries_no_number_and_an_empty_one_is_not_drawn() {
        let bar = stacked_bar(&[("done", 97), ("doing", 3), ("todo", 0)]);
        assert_eq!((bar.len(), &*bar[1].label), (2, ""));
        assert_eq!((stacked_bar(&[("done", 0)]), share_bar(3, 0), share_bar(0, 3)), (vec![], vec![], vec![]));
        assert_eq!(share_bar(5, 20)[0].width, "25.00%");
    }
}
