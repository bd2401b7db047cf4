//! The points that a self-assessment comes to under the rules of its cycle.

use super::SelfAssessment;
use crate::answer::Answer;
use crate::rating::Rating;
use crate::rule_set::RuleSet;
use crate::score::{CriterionPoints, Duty, LiveScore, Score, ScoreRefused, live_score, score};

impl SelfAssessment {
    /// The score so far: every missing answer counts as zero and is named.
    pub fn live_score(&self, rules: &RuleSet) -> Result<LiveScore, ScoreRefused> {
        live_score(rules, self.duty(), &self.criterion_points(), &self.task_lines())
    }

    /// The score of a complete form.
    pub fn score(&self, rules: &RuleSet) -> Result<Score, ScoreRefused> {
        score(rules, self.duty(), &self.criterion_points(), &self.task_lines())
    }

    /// What the cadre rates themself.
    pub fn self_rating(&self) -> Option<Rating> {
        match self.answers.get("self_rating") {
            Some(Answer::Choice { option }) => Rating::from_wire_key(option),
            _ => None,
        }
    }

    fn criterion_points(&self) -> Vec<CriterionPoints> {
        let points = |(key, answer): (&String, &Answer)| match answer {
            Answer::Score { points_hundredths } => {
                Some(CriterionPoints { key: key.clone(), points_hundredths: *points_hundredths })
            }
            _ => None,
        };
        self.answers.iter().filter_map(points).collect()
    }

    fn duty(&self) -> Duty {
        if !self.heading.is_leader {
            return Duty::NonLeader;
        }
        let percent = |question: &str| match self.answers.get(question) {
            Some(Answer::Choice { option }) => option.parse().ok(),
            _ => None,
        };
        Duty::Leader {
            unit_result_percent: percent("d"),
            organising_percent: percent("dd"),
            uniting_percent: percent("e"),
        }
    }
}
