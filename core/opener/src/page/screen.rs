//! One screen: one sentence that says who does what now, and what is needed for it. Source: look 10.

use askama::Template;
use model::outcome::REASON_CHARS_MAX;

use crate::machine;

/// What stands on the page of one step.
#[derive(Default)]
pub(super) struct Screen {
    /// The four steps of the way.
    pub(super) steps: &'static [&'static str],
    /// Which of them this is, from 0.
    pub(super) now: usize,
    /// The round, once it is known.
    pub(super) round: Option<String>,
    /// Who does what now.
    pub(super) title: String,
    /// The holders.
    pub(super) people: Vec<Person>,
    /// What was checked.
    pub(super) checks: Vec<Check>,
    /// Counts.
    pub(super) rows: Vec<Row>,
    /// What was written by residents.
    pub(super) texts: Vec<String>,
    /// What is to be known.
    pub(super) notes: Vec<String>,
    /// What is to be written.
    pub(super) fields: Vec<Field>,
    /// What is to be chosen from.
    pub(super) choices: Vec<Choice>,
    /// A page to open beside this one, and its word.
    pub(super) link: Option<(String, &'static str)>,
    /// How far a count is: done and whole.
    pub(super) progress: Option<(u32, u32)>,
    /// The filled button.
    pub(super) go: Option<String>,
    /// A second way, by the name of its button.
    pub(super) other: Option<(&'static str, &'static str)>,
    /// Whether there is a way back.
    pub(super) has_back: bool,
    /// Whether this is the last screen, with the button that ends the program.
    pub(super) is_last: bool,
    /// Whether the program has ended, so that no button does anything.
    pub(super) has_ended: bool,
}

/// A holder on a card.
pub(super) struct Person {
    pub(super) name: String,
    pub(super) body: String,
    pub(super) turn: Turn,
}

/// Where a person stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    Done(&'static str),
    Now(&'static str),
    Later(&'static str),
    Absent(&'static str),
}

/// One sentence that was checked.
pub(super) struct Check {
    pub(super) text: String,
    pub(super) is_right: bool,
}

/// One count.
pub(super) struct Row {
    pub(super) label: String,
    pub(super) count: String,
    pub(super) is_part: bool,
}

/// One thing to write.
pub(super) struct Field {
    pub(super) label: String,
    pub(super) name: String,
    pub(super) kind: Kind,
    /// Of prose: what stands there already, how much fits, and how high it is.
    pub(super) value: String,
    pub(super) chars_max: u32,
    pub(super) rows: u32,
}

/// How it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Hidden,
    Number,
    Line,
    Prose,
}

/// One thing to choose.
#[derive(Clone)]
pub(super) struct Choice {
    pub(super) value: String,
    pub(super) name: String,
    pub(super) place: String,
}

#[derive(Template)]
#[template(path = "screen.html")]
struct Page<'a> {
    screen: &'a Screen,
    refused: Option<&'a str>,
    /// The random beginning of every address.
    root: &'a str,
    /// Which step this is the page of.
    at: u32,
    is_online: bool,
    swaps: bool,
}

impl Turn {
    fn word(self) -> &'static str {
        match self {
            Self::Done(word) | Self::Now(word) | Self::Later(word) | Self::Absent(word) => word,
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Done(_) | Self::Later(_) => "",
            Self::Now(_) => "now",
            Self::Absent(_) => "off",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Done(_) => "check",
            Self::Now(_) => "edit",
            Self::Later(_) | Self::Absent(_) => "schedule",
        }
    }
}

impl Kind {
    fn of_input(self) -> &'static str {
        match self {
            Self::Hidden => "password",
            Self::Number | Self::Line | Self::Prose => "text",
        }
    }
}

impl Field {
    pub(super) fn new(label: impl Into<String>, name: impl Into<String>, kind: Kind) -> Self {
        let (value, chars_max, rows) = (String::new(), REASON_CHARS_MAX, 2);
        Self { label: label.into(), name: name.into(), kind, value, chars_max, rows }
    }

    /// Prose of which something stands there already.
    pub(super) fn prose(label: &str, name: &str, (value, chars_max): (&str, u32), rows: u32) -> Self {
        Self { value: value.to_owned(), chars_max, rows, ..Self::new(label, name, Kind::Prose) }
    }
}

impl Row {
    pub(super) fn whole(label: &str, count: u32) -> Self {
        Self { label: label.to_owned(), count: number(count), is_part: false }
    }

    pub(super) fn part(label: &str, count: u32) -> Self {
        Self { is_part: true, ..Self::whole(label, count) }
    }

    /// What stands above the rows that belong to it.
    pub(super) fn heading(label: &str) -> Self {
        Self { label: label.to_owned(), count: String::new(), is_part: false }
    }

    /// Two numbers of one thing.
    pub(super) fn pair(label: &str, counts: &str) -> Self {
        Self { label: label.to_owned(), count: counts.to_owned(), is_part: true }
    }

    /// Words where others have a number.
    pub(super) fn sentence(words: &str) -> Self {
        Self::pair(words, "")
    }
}

/// A number as a Vietnamese reader writes it.
pub(super) fn number(count: u32) -> String {
    model::ratio::Rounded::whole(count.into()).vietnamese()
}

impl Screen {
    /// The page, with the sentence of what was refused.
    pub(super) fn page(&self, root: &str, (refused, at): (Option<&str>, u32)) -> String {
        let (is_online, swaps) = (machine::is_online(), machine::swaps());
        let page = Page { screen: self, refused, root, at, is_online, swaps };
        page.render().expect("writing to memory cannot fail")
    }
}
