//! The reports on a cycle's cases: how levels are spread, the quota, chosen against decided levels, publication, and
//! opinions of the place of residence. Every figure comes from the model; here it is laid out.

use askama::Template;
use model::cycle::EvaluationCycle;
use model::identity::CycleId;
use model::rating::{Outcome, Rating};
use model::ratio::{Ratio, Rounding};
use model::report::case_sheet::{publication_sheet, rating_gap_sheet, residence_sheet};
use model::report::compliance::{PublicationCompliance, PublicationCount, publication_compliance};
use model::report::decided::{DecidedPerson, DecidedReport, distribution_sheet, quota_sheet, summarise_decisions};
use model::report::figures::DecidedCase;
use model::report::gap::{RatingGap, rating_gap};
use model::report::group_min::GroupMin;
use model::report::residence::{ResidenceOpinion, ResidenceReport, VoterQuorum, summarise_residence_opinions};
use model::report::sheet::Sheet;
use model::rule_set::RuleSet;

use crate::cases::reading::{CasePerson, CycleCases};
use crate::limits::REPORT_PEOPLE_MAX;
use crate::report::bar::{Segment, share_bar};
use crate::report::page::{CycleLink, Frame};
use crate::report::quota::{QuotaSection, quota_section};

/// The fewest people of whom a number of residents or a self-rating is shown.
const GROUP_MIN: GroupMin = GroupMin::LEAST;

/// Decimals of a percentage on the page.
const PERCENT_DECIMALS: u8 = 2;

/// Every report of a cycle, as figures.
pub struct CaseReports {
    decided: DecidedReport,
    /// As if everybody without a decision got the level that their head proposes.
    projected: DecidedReport,
    gap: RatingGap,
    publication: PublicationCompliance,
    residence: ResidenceReport,
}

/// One of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReportName {
    /// How decided levels are spread.
    Levels,
    /// Whether too many are excellent.
    Quota,
    /// Whether too many would be, if every proposal were decided.
    Projected,
    /// Chosen against decided levels.
    Gap,
    /// Whether decisions were published.
    Publication,
    /// What places of residence say.
    Residence,
}

impl ReportName {
    /// Every report with its word in addresses and in names of files.
    pub const ALL: [(Self, &'static str); 6] = [
        (Self::Levels, "levels"),
        (Self::Quota, "quota"),
        (Self::Projected, "quota-as-proposed"),
        (Self::Gap, "self-against-decided"),
        (Self::Publication, "publication"),
        (Self::Residence, "residence"),
    ];

    /// The report of a file, `levels.csv`.
    pub fn of_file(file: &str) -> Option<(Self, &'static str)> {
        let word = file.strip_suffix(".csv")?;
        Self::ALL.into_iter().find(|(_, known)| *known == word)
    }
}

impl CaseReports {
    /// Counts the cases of a cycle under its rules.
    pub fn of(cases: &CycleCases, rules: &RuleSet) -> Self {
        let people: Vec<&CasePerson> = cases.people.iter().filter(|person| person.standing.is_some()).collect();
        let decided: Vec<DecidedCase> = people.iter().filter_map(|person| decided_case(person)).collect();
        let persons: Vec<DecidedPerson> = people.iter().filter_map(|person| decided_person(person)).collect();
        let projected: Vec<DecidedPerson> = people.iter().filter_map(|person| projected_person(person)).collect();
        let opinions: Vec<ResidenceOpinion> = people.iter().filter_map(|person| opinion(person)).collect();
        Self {
            decided: summarise_decisions(&rules.quota, &persons),
            projected: summarise_decisions(&rules.quota, &projected),
            gap: rating_gap(GROUP_MIN, &decided),
            publication: publication_compliance(&decided),
            residence: summarise_residence_opinions(&VoterQuorum::of_voter_conferences(), GROUP_MIN, &opinions),
        }
    }

    /// One of them as rows of text.
    pub fn sheet(&self, name: ReportName) -> Sheet {
        match name {
            ReportName::Levels => distribution_sheet(&self.decided),
            ReportName::Quota => quota_sheet(&self.decided),
            ReportName::Projected => quota_sheet(&self.projected),
            ReportName::Gap => rating_gap_sheet(&self.gap, GROUP_MIN),
            ReportName::Publication => publication_sheet(&self.publication),
            ReportName::Residence => residence_sheet(&self.residence, GROUP_MIN),
        }
    }
}

/// Somebody who left is in no unit, and in no report of units.
fn decided_case(person: &CasePerson) -> Option<DecidedCase> {
    use model::case::CaseState::{Archived, Published};
    let standing = person.standing.as_ref()?;
    Some(DecidedCase {
        unit: person.unit?,
        unit_name: person.unit_name.clone(),
        self_rating: standing.self_rating,
        decided: standing.decided,
        is_published: matches!(person.state(), Some(Published | Archived)),
    })
}

fn decided_person(person: &CasePerson) -> Option<DecidedPerson> {
    with_outcome(person, person.standing.as_ref()?.decided?)
}

/// Whoever is decided about as decided, whoever is not as their head proposes.
fn projected_person(person: &CasePerson) -> Option<DecidedPerson> {
    let standing = person.standing.as_ref()?;
    let proposed = standing.proposed.map(|rating| Outcome::Rated { rating });
    with_outcome(person, standing.decided.or(proposed)?)
}

fn with_outcome(person: &CasePerson, outcome: Outcome) -> Option<DecidedPerson> {
    let (unit_name, duty_group) = (person.unit_name.clone(), person.duty_group.clone());
    Some(DecidedPerson { unit: person.unit?, unit_name, duty_group, outcome })
}

fn opinion(person: &CasePerson) -> Option<ResidenceOpinion> {
    let found = person.standing.as_ref()?.residence?;
    Some(ResidenceOpinion {
        person: person.person,
        name: person.name.clone(),
        unit: person.unit?,
        unit_name: person.unit_name.clone(),
        voters_total: found.voters_total,
        voters_present: found.voters_present,
        counts: found.counts,
    })
}

/// The page of all reports.
#[derive(Template)]
#[template(path = "case_reports.html")]
pub struct CaseReportsPage {
    /// What stands above every page.
    pub frame: Frame,
    /// The cycle in addresses.
    pub cycle: CycleId,
    /// By which law.
    pub law: String,
    /// Links to the reports of every cycle, this one marked; empty when it is the only one.
    pub cycles: Vec<CycleLink>,
    /// How decided levels are spread.
    pub levels: Vec<LevelRow>,
    /// People with a decided level.
    pub rated: u32,
    /// People decided without a level.
    pub not_rated: u32,
    /// The levels of each unit: name, four counts, rated, not rated.
    pub units: Vec<(String, [u32; 4], u32, u32)>,
    /// Whether too many are excellent.
    pub quota: QuotaSection,
    /// Whether too many would be; empty when nothing is proposed that is not decided.
    pub projected: QuotaSection,
    /// Chosen against decided levels.
    pub gap: PageTable,
    /// How many cases were compared, and how many have no self-rating.
    pub compared: (u32, u32),
    /// Publications of each unit, then of all.
    pub publication: Vec<PublicationRow>,
    /// Opinions of the place of residence.
    pub residence: PageTable,
    /// All opinions, those that count, and their share.
    pub quorate: (u32, u32, String),
    /// Cases that cannot be read.
    pub unread: u32,
}

/// One decided level.
#[derive(Debug, Clone)]
pub struct LevelRow {
    /// Its full name.
    pub label: &'static str,
    /// People with it.
    pub count: u32,
    /// Their share of the rated; a dash while nobody is rated.
    pub share: String,
    /// The share as a bar.
    pub bar: Vec<Segment>,
}

/// A sheet as a table of the page.
#[derive(Debug, Clone)]
pub struct PageTable {
    /// Each column: its name, and the class of its cells, which is `r` for figures.
    pub head: Vec<(String, &'static str)>,
    /// The rows, at most [`REPORT_PEOPLE_MAX`].
    pub rows: Vec<Vec<String>>,
    /// Rows that are only in the file.
    pub left_out: usize,
}

impl PageTable {
    /// The sheet without its first columns.
    fn of(sheet: Sheet, columns_left_out: usize) -> Self {
        let left_out = sheet.rows.len().saturating_sub(REPORT_PEOPLE_MAX);
        let kept = sheet.rows.into_iter().take(REPORT_PEOPLE_MAX);
        let rows: Vec<Vec<String>> = kept.map(|row| row.into_iter().skip(columns_left_out).collect()).collect();
        let is_figure =
            |cell: &String| cell.is_empty() || cell.starts_with(|first: char| first.is_ascii_digit() || first == '<');
        let class = |column: usize| {
            let mut cells = rows.iter().filter_map(|row: &Vec<String>| row.get(column));
            let is_empty = rows.iter().all(|row| row.get(column).is_none_or(String::is_empty));
            if !is_empty && cells.all(is_figure) { "r" } else { "" }
        };
        let names = sheet.header.into_iter().skip(columns_left_out).enumerate();
        Self { head: names.map(|(column, name)| (name, class(column))).collect(), rows, left_out }
    }
}

/// The publications of one unit.
#[derive(Debug, Clone)]
pub struct PublicationRow {
    /// Its name.
    pub name: String,
    /// Its cases.
    pub count: PublicationCount,
    /// Published of decided; a dash while nothing is decided.
    pub share: String,
    /// The share as a bar.
    pub bar: Vec<Segment>,
}

impl CaseReportsPage {
    /// The page.
    pub fn new(
        (cases, rules): (&CycleCases, &RuleSet),
        reports: &CaseReports,
        cycles: &[EvaluationCycle],
        frame: Frame,
    ) -> Self {
        let CaseReports { decided, projected, gap, publication, residence } = reports;
        let distribution = &decided.distribution;
        let level = |level: &model::report::figures::LevelShare| LevelRow {
            label: level.rating.label_vi(),
            count: level.count,
            share: percent(level.share),
            bar: share_bar(level.count, distribution.rated),
        };
        let units = decided.units.iter().map(|unit| {
            let counts = Rating::ALL.map(|rating| unit.counts.count(rating));
            (unit.unit_name.clone(), counts, unit.counts.rated(), unit.not_rated)
        });
        let publications = publication.units.iter().map(|unit| publication_row(&unit.unit_name, unit.count));
        Self {
            cycle: cases.cycle.id,
            law: rules.legal_reference.clone(),
            cycles: crate::cases::list::links(cycles, cases.cycle.id),
            levels: distribution.levels.iter().map(level).collect(),
            rated: distribution.rated,
            not_rated: distribution.not_rated,
            units: units.collect(),
            quota: quota_section(rules, &decided.quotas, "Theo quyết định"),
            projected: quota_section(rules, &projected.quotas, "Nếu quyết định theo đề xuất"),
            gap: PageTable::of(reports.sheet(ReportName::Gap), 0),
            compared: (gap.compared, gap.without_self_rating),
            publication: publications.chain([publication_row("Tất cả", publication.total)]).collect(),
            // On a narrow screen the first cell is the title of a card, so the number of the row stays out.
            residence: PageTable::of(reports.sheet(ReportName::Residence), 1),
            quorate: (residence.opinions, residence.quorate, percent(residence.quorate_share)),
            unread: cases.unread,
            frame,
        }
    }
}

fn publication_row(name: &str, count: PublicationCount) -> PublicationRow {
    let bar = share_bar(count.published, count.decided);
    PublicationRow { name: name.to_owned(), count, share: percent(count.published_share), bar }
}

/// A dash where there is nothing of which it would be a share.
fn percent(share: Option<Ratio>) -> String {
    share.map_or_else(|| "–".to_owned(), |share| share.vietnamese_percent(PERCENT_DECIMALS, Rounding::HalfUp))
}
