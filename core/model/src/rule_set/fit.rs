//! Whether a form asks for everything that a rule set counts.
//!
//! A form is data of its own and the office edits both, so nothing but this check keeps a commune from filling in papers
//! that give no result. It looks at the form as each kind of post meets it, before a single answer.

use std::collections::{BTreeMap, BTreeSet};

use crate::completion::{Filling, QuestionState};
use crate::form::Question;
use crate::form::checked::CheckedForm;
use crate::form::kind::{ChoiceOption, QuestionKind};
use crate::rating::Rating;
use crate::rule_set::general::Criterion;
use crate::rule_set::{LegalNumber, Post, RuleSet};
use crate::score::check_points;

/// The key of the question whose answer is the task table.
pub const TASKS_QUESTION: &str = "tasks";
/// The key of the question whose answer is the person's own level.
pub const SELF_RATING_QUESTION: &str = "self_rating";
/// The key of the question how many units a leader is directly in charge of.
pub const LED_UNITS_QUESTION: &str = "units_led";
/// The key of the question how many of them are rated completed or higher.
pub const COMPLETED_UNITS_QUESTION: &str = "units_completed";
/// The key of the question how many of them are rated good or excellent.
pub const GOOD_UNITS_QUESTION: &str = "units_good";

/// What a question must be able to answer.
enum Demand<'a> {
    /// The points of a criterion: a score of its maximum and steps, or a choice of points among which the maximum is.
    Points(&'a Criterion),
    /// One of the percentages of a judged share.
    Percent(&'a [LegalNumber]),
    /// The tasks.
    Tasks,
    /// A whole number.
    Count,
    /// One of the four levels.
    Level,
}

impl RuleSet {
    /// Refuses a form that does not ask a leader, or somebody who leads nobody, for everything that this rule set counts
    /// for them, each as a question that must be answered; or that asks for points which nothing counts.
    pub fn check_form(&self, form: &CheckedForm) -> Result<(), FormUnfit> {
        Post::ALL.into_iter().try_for_each(|post| {
            let (asked, demands) = (self.asked(form, post), self.demands(post));
            for (key, demand) in &demands {
                let question = form.template().question(key).ok_or_else(|| FormUnfit::Missing { key: key.clone() })?;
                if !asked.contains(key) {
                    return Err(FormUnfit::NotAsked { key: key.clone(), post });
                }
                if !demand.is_met_by(&question.kind) {
                    return Err(FormUnfit::Kind { key: key.clone() });
                }
            }
            let mut questions = form.template().questions().map(|(_, question)| question);
            let is_uncounted = |question: &&Question| {
                let is_score = matches!(question.kind, QuestionKind::Score { .. });
                is_score && asked.contains(&question.key) && !demands.contains_key(&question.key)
            };
            match questions.find(is_uncounted) {
                Some(question) => Err(FormUnfit::Uncounted { key: question.key.clone() }),
                None => Ok(()),
            }
        })
    }

    /// What must be answered, by question.
    fn demands(&self, post: Post) -> BTreeMap<String, Demand<'_>> {
        let criteria = self.criteria_for(post).map(|criterion| (criterion.key.clone(), Demand::Points(criterion)));
        let fixed = [(TASKS_QUESTION, Demand::Tasks), (SELF_RATING_QUESTION, Demand::Level)];
        let mut demands: BTreeMap<String, Demand<'_>> =
            criteria.chain(fixed.map(|(key, demand)| (key.to_owned(), demand))).collect();
        if let Some(task) = &self.task {
            let judged = task.shares(post).iter().filter_map(|share| share.question());
            demands.extend(judged.map(|key| (key.to_owned(), Demand::Percent(&task.judged_percents))));
        }
        if self.asks_for_led_units(post) {
            let counts = [LED_UNITS_QUESTION, COMPLETED_UNITS_QUESTION, GOOD_UNITS_QUESTION];
            demands.extend(counts.map(|key| (key.to_owned(), Demand::Count)));
        }
        demands
    }

    /// The questions that a blank form asks and requires of this kind of post, on the first day of the law.
    fn asked(&self, form: &CheckedForm, post: Post) -> BTreeSet<String> {
        let blank = Filling {
            answers: &BTreeMap::new(),
            tables: &BTreeMap::new(),
            conflicted: &BTreeSet::new(),
            is_leader: post == Post::Leading,
            today: self.valid_from,
        };
        let is_asked = |question: &QuestionState| question.is_shown && question.is_required;
        let questions = form.completion(&blank).questions.into_iter();
        questions.filter(is_asked).map(|question| question.key).collect()
    }
}

impl Demand<'_> {
    fn is_met_by(&self, kind: &QuestionKind) -> bool {
        match (self, kind) {
            (Self::Points(criterion), QuestionKind::Score { max_hundredths, step_hundredths }) => {
                let counted = (criterion.points_max_hundredths.value, criterion.step_hundredths.value);
                (*max_hundredths, *step_hundredths) == counted
            }
            (Self::Points(criterion), QuestionKind::Choice { options }) => are_points(options, criterion),
            (Self::Percent(percents), QuestionKind::Choice { options }) => options.iter().all(|option| {
                let given = option.key.parse().ok();
                given.is_some_and(|given: u8| percents.iter().any(|percent| percent.value == u32::from(given)))
            }),
            (Self::Level, QuestionKind::Choice { options }) => {
                let is_offered = |rating: &Rating| options.iter().any(|option| option.key == rating.wire_key());
                options.len() == Rating::ALL.len() && Rating::ALL.iter().all(is_offered)
            }
            (Self::Count, QuestionKind::Number { min, decimals: 0, .. }) => min.as_deref() == Some("0"),
            (Self::Tasks, QuestionKind::TaskTable) => true,
            _ => false,
        }
    }
}

/// Whether every option is a number of points that the criterion gives, and one of them is all of its points.
fn are_points(options: &[ChoiceOption], criterion: &Criterion) -> bool {
    let points: Option<Vec<u32>> = options.iter().map(|option| option.key.parse().ok()).collect();
    points.is_some_and(|points| {
        let are_given = points.iter().all(|points| check_points(criterion, *points).is_ok());
        are_given && points.contains(&criterion.points_max_hundredths.value)
    })
}

/// Why a form and a rule set do not go together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormUnfit {
    /// Something that the rule set counts is no question of the form.
    #[error("the form has no question {key}")]
    Missing {
        /// Key of the question.
        key: String,
    },
    /// The question is hidden from people in this kind of post, or they may leave it out.
    #[error("the question {key} is not asked of everybody whom it concerns")]
    NotAsked {
        /// Key of the question.
        key: String,
        /// Whom it concerns.
        post: Post,
    },
    /// The question takes other answers than those that the rule set counts.
    #[error("the question {key} takes other answers than the rule set counts")]
    Kind {
        /// Key of the question.
        key: String,
    },
    /// The form asks for points that the rule set does not know.
    #[error("nothing counts the points of the question {key}")]
    Uncounted {
        /// Key of the question.
        key: String,
    },
}
