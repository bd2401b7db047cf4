//! A paper as its author fills it in, or as it was signed: a self-assessment or another paper of a case, read alike.

use std::collections::BTreeMap;

use model::answer::Answer;
use model::case::paper::PaperKind;
use model::completion::Completion;
use model::document::Fields;
use model::form::checked::CheckedForm;
use model::form::pin::FormPin;
use model::identity::PersonId;
use model::minutes::{self, Minutes};
use model::paper::{self, About};
use model::rule_set::RuleSet;
use model::rule_set::fit::TASKS_QUESTION;
use model::score::{LiveScore, ScoreRefused};
use model::self_assessment::{self, Dispute, DraftLine, SelfAssessment};
use model::time::Day;

/// What keeps minutes from being signed when every question is answered: paragraphs or attendance.
pub(crate) const PARAGRAPHS: &str = "paragraphs";

/// A paper, read with its form.
pub(crate) enum Draft {
    /// A cadre's account of a period.
    SelfAssessment(SelfAssessment),
    /// Any other paper; it has no table of tasks and comes to no points.
    Paper(paper::Paper),
    /// What several people write of a review.
    Minutes(Minutes),
}

impl Draft {
    /// The form that a paper is pinned to; `None` if the fields are no paper.
    pub(crate) fn form_of(fields: &Fields) -> Option<FormPin> {
        let account = self_assessment::Heading::read(fields).map(|heading| heading.form);
        let paper = || paper::Heading::read(fields).map(|heading| heading.form);
        account.or_else(paper).or_else(|| minutes::Heading::read(fields).map(|heading| heading.form))
    }

    /// Reads the fields; `None` if they are no paper.
    pub(crate) fn read(fields: &Fields, form: &CheckedForm) -> Option<Self> {
        let account = SelfAssessment::read(fields, form).map(Self::SelfAssessment);
        let paper = || paper::Paper::read(fields, form).map(Self::Paper);
        account.or_else(paper).or_else(|| Minutes::read(fields, form).map(Self::Minutes))
    }

    /// What it is and whose case it belongs into; minutes are those of whoever signs them.
    pub(crate) fn about(&self, signer: PersonId) -> About {
        match self {
            Self::SelfAssessment(SelfAssessment { heading, .. }) => {
                let (cycle, person) = (heading.cycle, heading.person);
                About { kind: PaperKind::SelfAssessment, cycle, person, author: person }
            }
            Self::Paper(paper::Paper { heading, .. }) => {
                let paper::Heading { kind, cycle, person, author, .. } = *heading;
                About { kind, cycle, person, author }
            }
            Self::Minutes(Minutes { heading, .. }) => {
                let (cycle, person) = (heading.cycle, heading.person);
                About { kind: PaperKind::Minutes, cycle, person, author: signer }
            }
        }
    }

    /// The form that it is pinned to.
    pub(crate) fn form(&self) -> &FormPin {
        match self {
            Self::SelfAssessment(account) => &account.heading.form,
            Self::Paper(paper) => &paper.heading.form,
            Self::Minutes(minutes) => &minutes.heading.form,
        }
    }

    /// Answers that nobody disputes, by question.
    pub(crate) fn answers(&self) -> &BTreeMap<String, Answer> {
        match self {
            Self::SelfAssessment(account) => &account.answers,
            Self::Paper(paper) => &paper.answers,
            Self::Minutes(minutes) => &minutes.answers,
        }
    }

    /// What waits for a choice.
    pub(crate) fn disputes(&self) -> &[Dispute] {
        match self {
            Self::SelfAssessment(account) => &account.disputes,
            Self::Paper(paper) => &paper.disputes,
            Self::Minutes(minutes) => &minutes.disputes,
        }
    }

    /// Lines of the task table; none where there is no table.
    pub(crate) fn lines(&self) -> &[DraftLine] {
        match self {
            Self::SelfAssessment(account) => &account.lines,
            Self::Paper(_) | Self::Minutes(_) => &[],
        }
    }

    /// Whether something beside the questions keeps it from being signed: a line of the table, or what was said.
    pub(crate) fn loose_end(&self) -> Option<&'static str> {
        match self {
            Self::SelfAssessment(account) if !account.incomplete_lines().is_empty() => Some(TASKS_QUESTION),
            Self::Minutes(minutes) if !minutes.is_settled() => Some(PARAGRAPHS),
            Self::SelfAssessment(_) | Self::Paper(_) | Self::Minutes(_) => None,
        }
    }

    /// What was said, in minutes; nothing in other papers.
    pub(crate) fn paragraphs(&self) -> Vec<String> {
        match self {
            Self::SelfAssessment(_) | Self::Paper(_) => Vec::new(),
            Self::Minutes(minutes) => minutes.paragraphs.iter().filter_map(|said| said.text.clone()).collect(),
        }
    }

    /// How far it is filled in.
    pub(crate) fn completion(&self, form: &CheckedForm, today: Day) -> Completion {
        match self {
            Self::SelfAssessment(account) => account.completion(form, today),
            Self::Paper(paper) => paper.completion(form, today),
            Self::Minutes(minutes) => minutes.completion(form, today),
        }
    }

    /// What the answers come to so far; none where nothing is counted.
    pub(crate) fn live_score(&self, rules: &RuleSet) -> Option<Result<LiveScore, ScoreRefused>> {
        match self {
            Self::SelfAssessment(account) => Some(account.live_score(rules)),
            Self::Paper(_) | Self::Minutes(_) => None,
        }
    }
}
