//! What the office asks for: the plan of a round, a file that a person can read.
//!
//! The plan holds no key and no secret. It becomes a [`model::round::RoundDefinition`] at the ceremony, and small
//! neighbourhoods are joined before anything is printed. Source: anonymity A6, A41; domain 2.2.

mod definition;

use serde::Deserialize;

pub use definition::{NewKeys, PlanRefused};

/// The largest file that is taken for a plan.
pub const PLAN_BYTES_MAX: u64 = 1024 * 1024;

/// A plan that an office can edit: every field, with an explanation in Vietnamese beside it.
pub const PLAN_EXAMPLE: &str = include_str!("../assets/plan.json");

/// A round as the office plans it.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoundPlan {
    /// What people call it.
    pub title: String,
    /// The unit that organises it: 32 hexadecimal digits.
    pub organiser: String,
    /// Whom or what it asks about.
    pub about: PlannedAbout,
    /// What it asks.
    pub template: PlannedTemplate,
    /// Who may answer, in words.
    pub electorate: String,
    /// Where they live, in the order of the map.
    pub neighbourhoods: Vec<PlannedNeighbourhood>,
    /// Whether areas are shown beside the total.
    #[serde(default = "yes")]
    pub shows_areas: bool,
    /// `yyyy-mm-dd`.
    pub opens: String,
    /// `yyyy-mm-dd`.
    pub closes: String,
    /// `yyyy-mm-dd`.
    pub grace: String,
    /// Opinions below which a slice is hidden; without it, what is usual for the kind of round.
    pub group_min: Option<u16>,
    /// Opinions below which a cell is hidden; without it, the least.
    pub side_min: Option<u16>,
    /// What the result is worth.
    pub standing: PlannedStanding,
    /// Of what a share of low confidence is a share; laws differ, so nothing is usual.
    pub denominator: PlannedDenominator,
    /// Who will hold the key.
    pub holders: Vec<PlannedHolder>,
    /// Who takes feedback in, by name; only with the template `FREE`.
    #[serde(default)]
    pub intake: Vec<String>,
}

/// Whom or what a round asks about.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedAbout {
    /// People, in the order of the paper.
    People(Vec<PlannedSubject>),
    /// The work of a unit: 32 hexadecimal digits.
    Unit(String),
}

/// Somebody about whom the round asks.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedSubject {
    /// 32 hexadecimal digits.
    pub person: String,
    /// Full name, as printed.
    pub name: String,
    /// The post, as printed.
    pub post: String,
}

/// A template that ships with the product, by its code, or one of the office's own.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(untagged)]
pub enum PlannedTemplate {
    /// `SAT`, `SAT-NTM`, `CONF`, `CONF2` or `FREE`.
    Shipped(String),
    /// The office's own.
    Own(OwnTemplate),
}

/// A template of the office.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnTemplate {
    /// The name that all versions share.
    pub code: String,
    /// Counts from 1.
    pub version: u32,
    /// What people call it.
    pub title: String,
    /// In the order in which they are asked.
    pub questions: Vec<OwnQuestion>,
}

/// One question of it: a choice if it has options, else a text.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnQuestion {
    /// Unique in the template.
    pub key: String,
    /// What is asked.
    pub label: String,
    /// Asked once about every subject.
    #[serde(default)]
    pub is_per_subject: bool,
    /// Of a choice.
    #[serde(default)]
    pub options: Vec<OwnOption>,
    /// Characters of a text.
    pub chars_max: Option<u16>,
}

/// One option of a choice.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnOption {
    /// What is shown.
    pub label: String,
    /// Which of the two cells it belongs to.
    pub side: OwnSide,
}

/// Which of the two cells an option belongs to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnSide {
    /// Satisfied or better; confidence.
    For,
    /// The rest.
    Rest,
    /// In no denominator.
    Outside,
}

/// A neighbourhood before it is an area.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedNeighbourhood {
    /// Its name.
    pub name: String,
    /// How many may answer.
    pub eligible: u32,
}

/// What the result is worth.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedStanding {
    /// Nothing follows from it by law.
    Consultative,
    /// The law that gives it effect, in words.
    Legal(String),
}

/// The whole of a share of low confidence.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlannedDenominator {
    /// Marks given to this subject.
    Answers,
    /// Ballots that count.
    ValidBallots,
    /// Ballots that came back.
    Collected,
}

/// Who will hold a share.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlannedHolder {
    /// As it is printed in the minutes.
    pub name: String,
    /// The body that sent them.
    pub body: String,
    /// 32 hexadecimal digits, if the directory knows them.
    pub person: Option<String>,
}

fn yes() -> bool {
    true
}

impl RoundPlan {
    /// Reads the office's file. Lines whose first sign is `//` explain it; they are read as blank, so that a line keeps
    /// its number.
    pub fn read(bytes: &[u8]) -> Result<Self, PlanRefused> {
        let lines = bytes.split(|byte| *byte == b'\n').map(|line| match line.trim_ascii_start().starts_with(b"//") {
            true => &[][..],
            false => line,
        });
        let plan = lines.collect::<Vec<_>>().join(&b'\n');
        serde_json::from_slice(&plan).map_err(|error| refused(&error))
    }
}

/// Serde names a field in its sentence alone.
fn refused(error: &serde_json::Error) -> PlanRefused {
    let (line, sentence) = (error.line(), error.to_string());
    let field = |before: &str| {
        let name = sentence.strip_prefix(before)?.split('`').next()?;
        Some(name.to_owned())
    };
    match (field("missing field `"), field("unknown field `")) {
        (Some(field), _) => PlanRefused::Missing { field, line },
        (_, Some(field)) => PlanRefused::Unknown { field, line },
        (None, None) => PlanRefused::Unreadable { line },
    }
}

#[cfg(test)]
mod tests;
