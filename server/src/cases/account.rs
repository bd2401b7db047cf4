//! What a cadre's filed self-assessment comes to under the rules of its cycle.

use model::cadre::CadreInPost;
use model::rating::{Rating, Violation, level};
use model::rule_set::RuleSet;
use model::score::results::Results;
use model::self_assessment::SelfAssessment;
use model::signed_value::read_canonical;

use crate::cases::file::FiledPaper;
use crate::report::directory::Directory;

/// The figures of a self-assessment.
#[derive(Debug, Clone)]
pub struct Account {
    /// Points and work.
    pub results: Results,
    /// The level that they reach; the office's findings and the months come with the decision.
    pub level: Rating,
    /// What the cadre chose.
    pub self_rating: Option<Rating>,
}

/// Counts a filed self-assessment by the form that was signed; the post is that of the directory, as in the report of the
/// cycle. `None` if it cannot be read or counted.
pub fn account(
    paper: &FiledPaper,
    (directory, rules): (&Directory, &RuleSet),
    held: Option<&CadreInPost>,
) -> Option<Account> {
    let form = directory.forms.get(&paper.submit.form)?;
    let mut read = SelfAssessment::read(&read_canonical(&paper.submit.value)?, form)?;
    if let Some(held) = held {
        read.heading.is_leader = held.assignment.is_leader;
    }
    let results = read.results(rules).ok()?;
    let level = level(rules, &results, Violation::Absent);
    Some(Account { level, self_rating: read.self_rating(), results })
}
