//! One cycle out of the logs: for every cadre the submission in force, its points, when it came and what became of it.
//!
//! Only reads. A paper that cannot be read is named in [`CycleReading::unread`] and takes nothing from the others.

use std::collections::HashMap;

use model::cadre::CadreInPost;
use model::case::CaseState;
use model::cycle::EvaluationCycle;
use model::document::DocumentKind;
use model::entry::Content;
use model::gate::DocumentState;
use model::hash::{EntryHash, PublicKey};
use model::identity::PersonId;
use model::rating::Violation;
use model::report::figures::{AssessmentState, Punctuality, ReportLine};
use model::rule_set::RuleSet;
use model::self_assessment::{SelfAssessment, subject};
use model::signed_value::read_canonical;
use model::time::{Day, Timestamp};
use rusqlite::Connection;

use crate::case_register;
use crate::failure::ServerFailed;
use crate::log;
use crate::memory::derived_space;
use crate::report::directory::Directory;

/// A unit that somebody works in and that the office did not publish.
pub(crate) const UNKNOWN_UNIT: &str = "Đơn vị chưa công bố";

/// Everything that the page of one cycle is made from.
#[derive(Debug, Clone)]
pub struct CycleReading {
    /// The cycle.
    pub cycle: EvaluationCycle,
    /// The rules that it pins.
    pub rules: RuleSet,
    /// What the commune is called, if one unit stands above all others.
    pub place: Option<String>,
    /// Everybody in a post whose paper, if there is one, can be read.
    pub papers: Vec<PaperReading>,
    /// Everybody whose submission cannot be read or scored.
    pub unread: Vec<UnreadPaper>,
    /// Directory items that this version cannot read.
    pub unread_items: u32,
}

/// One cadre and their paper.
#[derive(Debug, Clone)]
pub struct PaperReading {
    /// Who, where, how far.
    pub line: ReportLine,
    /// The Vietnamese day on which the submission in force reached this server.
    pub received: Option<Day>,
    /// The step of the case about that submission; one about an earlier submission is over.
    pub case: Option<CaseState>,
}

/// A submission that stands in the log and gives no points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadPaper {
    /// Whose.
    pub name: String,
    /// In which unit.
    pub unit_name: String,
}

/// What the log says about one paper.
enum Found {
    Nothing,
    Draft,
    Submitted(Submission),
    Unread,
}

struct Submission {
    state: AssessmentState,
    received: Day,
    case: Option<CaseState>,
}

/// The logs of one server as a report reads them.
pub struct Reader<'a> {
    /// An open transaction, so that the whole page shows one moment.
    pub connection: &'a Connection,
    /// The server's identity, from which the spaces of people are derived.
    pub identity: &'a PublicKey,
    /// What the office published.
    pub directory: &'a Directory,
}

impl Reader<'_> {
    /// Reads a cycle under its rules.
    pub fn cycle(&self, cycle: &EvaluationCycle, rules: &RuleSet) -> Result<CycleReading, ServerFailed> {
        let mut reading = CycleReading {
            cycle: cycle.clone(),
            rules: rules.clone(),
            place: self.directory.place().map(str::to_owned),
            papers: Vec::new(),
            unread: Vec::new(),
            unread_items: self.directory.unread,
        };
        let registered = case_register::of_cycle(self.connection, cycle.id)?.cases;
        let steps: HashMap<PersonId, CaseState> =
            registered.into_iter().filter_map(|case| Some((case.person, case.step?.state))).collect();
        for held in &self.directory.cadres {
            let found = match self.paper(held, cycle, rules) {
                // One damaged row must not hide everybody else; a disk that fails must not look like an empty year.
                Err(ServerFailed::Damaged) => Found::Unread,
                found => found?,
            };
            let unit_name = self.unit_name(held);
            match found {
                Found::Nothing if !cycle.covers(&held.assignment) => {}
                Found::Nothing => reading.papers.push(paper(held, unit_name, AssessmentState::Missing)),
                Found::Draft => reading.papers.push(paper(held, unit_name, AssessmentState::Draft)),
                Found::Submitted(Submission { state, received, case }) => {
                    let paper = paper(held, unit_name, state);
                    // A case stands in a space of its own; that it begins is said by the submission itself.
                    let registered = steps.get(&held.cadre.id).copied().filter(|step| *step != CaseState::Submitted);
                    let case = case.or(registered);
                    reading.papers.push(PaperReading { received: Some(received), case, ..paper });
                }
                Found::Unread => {
                    reading.unread.push(UnreadPaper { name: held.cadre.full_name.clone(), unit_name });
                }
            }
        }
        Ok(reading)
    }

    fn paper(&self, held: &CadreInPost, cycle: &EvaluationCycle, rules: &RuleSet) -> Result<Found, ServerFailed> {
        let person = held.cadre.id;
        let space = derived_space("person", self.identity.as_bytes(), person.as_bytes());
        let document = DocumentKind::SelfAssessment.document_about(space, &subject(cycle.id, person));
        let Some(space) = log::space(self.connection, space)? else { return Ok(Found::Nothing) };
        let Some(state) = log::document(self.connection, space.id, document)? else { return Ok(Found::Nothing) };
        let Some(submitted) = state.decisions.submitted else { return Ok(Found::Draft) };
        let Some((entry, received_ms)) = log::received(self.connection, space.id, &submitted)? else {
            return Ok(Found::Unread);
        };
        let Content::Submit(submit) = &entry.content else { return Ok(Found::Unread) };
        let received = Timestamp::from_utc_ms(received_ms).vietnamese_day();
        let punctuality = if cycle.is_late(received) { Punctuality::Late } else { Punctuality::OnTime };
        let Some(state_of_paper) = self.scored(&submit.value, &submit.form, (held, rules), punctuality) else {
            return Ok(Found::Unread);
        };
        let case = self.case(space.id, &state, &submitted)?;
        Ok(Found::Submitted(Submission { state: state_of_paper, received, case }))
    }

    /// The points of a signed value. The form is the one that was signed, the post is the one of the directory: a paper
    /// that calls itself a leader's, or not, changes nobody's formula.
    fn scored(
        &self,
        value: &[u8],
        form: &EntryHash,
        (held, rules): (&CadreInPost, &RuleSet),
        punctuality: Punctuality,
    ) -> Option<AssessmentState> {
        let mut read = SelfAssessment::read(&read_canonical(value)?, self.directory.forms.get(form)?)?;
        read.heading.is_leader = held.assignment.is_leader;
        let (results, self_rating) = (read.results(rules).ok()?, read.self_rating()?);
        // Findings and months come with the office's decision (a later issue); the paper itself names neither.
        let (violation, year) = (Violation::Absent, None);
        Some(AssessmentState::Submitted { results, violation, year, self_rating, punctuality })
    }

    /// The step in force, if it is about the submission in force.
    fn case(&self, space: i64, state: &DocumentState, about: &EntryHash) -> Result<Option<CaseState>, ServerFailed> {
        let Some(step) = state.decisions.status else { return Ok(None) };
        let Some((entry, _)) = log::received(self.connection, space, &step.hash)? else { return Ok(None) };
        match entry.content {
            Content::Status(status) if status.about == *about => Ok(Some(status.to)),
            Content::Status(_) | Content::Submit(_) | Content::Change(_) | Content::Grant(_) | Content::File(_) => {
                Ok(None)
            }
        }
    }

    fn unit_name(&self, held: &CadreInPost) -> String {
        let unit = self.directory.units.get(&held.assignment.unit);
        unit.map_or_else(|| UNKNOWN_UNIT.to_owned(), |unit| unit.name_vi.clone())
    }
}

fn paper(held: &CadreInPost, unit_name: String, state: AssessmentState) -> PaperReading {
    let CadreInPost { cadre, assignment } = held;
    let line = ReportLine {
        person: cadre.id,
        name: cadre.full_name.clone(),
        unit: assignment.unit,
        unit_name,
        title: assignment.title.clone(),
        duty_group: assignment.duty_group.clone(),
        is_leader: assignment.is_leader,
        state,
    };
    PaperReading { line, received: None, case: None }
}
