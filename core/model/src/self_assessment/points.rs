//! The points that a self-assessment comes to under the rules of its cycle.

use super::SelfAssessment;
use crate::answer::Answer;
use crate::rating::Rating;
use crate::rule_set::fit::{COMPLETED_UNITS_QUESTION, GOOD_UNITS_QUESTION, LED_UNITS_QUESTION, SELF_RATING_QUESTION};
use crate::rule_set::{RuleSet, TaskShare};
use crate::score::duty::{Duty, LedUnits};
use crate::score::results::Results;
use crate::score::{CriterionPoints, LiveScore, ScoreRefused, live_score, results};

impl SelfAssessment {
    /// What the form comes to so far: every missing answer counts as nothing and is named.
    pub fn live_score(&self, rules: &RuleSet) -> Result<LiveScore, ScoreRefused> {
        live_score(rules, self.duty(), &self.criterion_points(rules), &self.task_lines())
    }

    /// What a complete form comes to.
    pub fn results(&self, rules: &RuleSet) -> Result<Results, ScoreRefused> {
        results(rules, self.duty(), &self.criterion_points(rules), &self.task_lines())
    }

    /// What the cadre rates themself.
    pub fn self_rating(&self) -> Option<Rating> {
        Rating::from_wire_key(self.option(SELF_RATING_QUESTION)?)
    }

    /// The points of every criterion that is answered. Answers to criteria of the other kind of post are kept in the
    /// document and count nothing: the post may have changed while the form was filled in.
    fn criterion_points(&self, rules: &RuleSet) -> Vec<CriterionPoints> {
        let post = self.duty().post();
        let points = |(key, answer): (&String, &Answer)| {
            let mut criteria = rules.general.iter().flat_map(|general| &general.criteria);
            let criterion = criteria.find(|criterion| criterion.key == *key);
            let points_hundredths = match (answer, criterion) {
                (_, Some(criterion)) if !criterion.applies_to.includes(post) => None,
                (Answer::Score { points_hundredths }, _) => Some(*points_hundredths),
                (Answer::Choice { option }, Some(_)) => option.parse().ok(),
                _ => None,
            };
            points_hundredths.map(|points_hundredths| CriterionPoints { key: key.clone(), points_hundredths })
        };
        self.answers.iter().filter_map(points).collect()
    }

    fn duty(&self) -> Duty {
        if !self.heading.is_leader {
            return Duty::NonLeader;
        }
        let percent = |share: TaskShare| self.option(share.question()?)?.parse().ok();
        Duty::Leader {
            unit_result_percent: percent(TaskShare::UnitResult),
            organising_percent: percent(TaskShare::Organising),
            uniting_percent: percent(TaskShare::Uniting),
            units: self.units(),
        }
    }

    fn units(&self) -> Option<LedUnits> {
        let count = |question: &str| match self.answers.get(question) {
            Some(Answer::Number { decimal }) => decimal.parse().ok(),
            _ => None,
        };
        Some(LedUnits {
            led: count(LED_UNITS_QUESTION)?,
            completed: count(COMPLETED_UNITS_QUESTION)?,
            good: count(GOOD_UNITS_QUESTION)?,
        })
    }

    fn option(&self, question: &str) -> Option<&str> {
        match self.answers.get(question) {
            Some(Answer::Choice { option }) => Some(option),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Heading;
    use super::super::fields::{answer_edits, line_edits};
    use super::*;
    use crate::document::{Field, Fields};
    use crate::form::FormTemplate;
    use crate::form::built_in::{civil_servant_self_assessment_90, regulation_366_self_assessment};
    use crate::form::kind::QuestionKind;
    use crate::identity::{CycleId, PersonId};
    use crate::rating::{Violation, level};
    use crate::rule_set::Post;
    use crate::task::TaskLine;
    use crate::task::tests::line;

    /// A paper in which the first option of every choice is taken, and these numbers are given.
    fn paper(form: &FormTemplate, is_leader: bool, tasks: &[TaskLine], numbers: &[(&str, &str)]) -> SelfAssessment {
        let (cycle, person) = (CycleId::from_bytes([1; 16]), PersonId::from_bytes([2; 16]));
        let mut edits = Heading { cycle, person, form: form.pin(), is_leader }.edits();
        for (_, question) in form.questions() {
            let number = numbers.iter().find(|(key, _)| *key == question.key);
            let answer = match (&question.kind, number) {
                (QuestionKind::Choice { options }, _) => Answer::Choice { option: options[0].key.clone() },
                (_, Some((_, number))) => Answer::Number { decimal: (*number).into() },
                (_, None) => continue,
            };
            edits.extend(answer_edits(&answer.check(question).unwrap(), question));
        }
        edits.extend(tasks.iter().flat_map(|line| line_edits(line, Some(1))));
        let fields = edits.into_iter().filter_map(|edit| Some((edit.field, Field::Settled(edit.value?))));
        SelfAssessment::read(&fields.collect::<Fields>(), &form.clone().check().unwrap()).unwrap()
    }

    #[test]
    fn criteria_that_are_met_count_all_their_points_for_the_own_kind_of_post() {
        let rules = RuleSet::regulation_366();
        let tasks = [TaskLine { exceeded: 3, ..line(1, (10, 10, 0, 0)) }];
        for (is_leader, post) in [(true, Post::Leading), (false, Post::Other)] {
            let paper = paper(&regulation_366_self_assessment(), is_leader, &tasks, &[]);
            let results = paper.results(&rules).unwrap();
            let score = results.score.as_ref().unwrap();
            assert_eq!((results.post, score.general_hundredths, score.total_hundredths), (post, 3_000, 10_000));
            assert_eq!(level(&rules, &results, Violation::Absent), Rating::Excellent);
            assert_eq!(paper.self_rating(), Some(Rating::Excellent));
        }
    }

    #[test]
    fn a_criterion_that_is_not_met_gives_nothing() {
        let rules = RuleSet::regulation_366();
        let mut paper = paper(&regulation_366_self_assessment(), true, &[line(1, (1, 1, 0, 0))], &[]);
        paper.answers.insert("p1".into(), Answer::Choice { option: "0".into() });
        assert_eq!(paper.results(&rules).unwrap().score.unwrap().general_hundredths, 2_800);
        paper.answers.remove("p1");
        let missing = vec![crate::score::MissingAnswer::Criterion { key: "p1".into() }];
        assert_eq!(paper.results(&rules), Err(ScoreRefused::Missing { missing }));
    }

    #[test]
    fn a_leader_counts_the_led_units_and_gets_no_points_under_decree_90() {
        let (rules, form) = (RuleSet::decree_90(), civil_servant_self_assessment_90());
        let tasks = [TaskLine { exceeded: 1, ..line(1, (2, 2, 0, 0)) }];
        let units = [("units_led", "10"), ("units_completed", "10"), ("units_good", "7")];
        let results = paper(&form, true, &tasks, &units).results(&rules).unwrap();
        assert_eq!(results.units, Some(LedUnits { led: 10, completed: 10, good: 7 }));
        assert_eq!((level(&rules, &results, Violation::Absent), results.score), (Rating::Excellent, None));
        let missing = vec![crate::score::MissingAnswer::LedUnits];
        let unanswered = paper(&form, true, &tasks, &units[..2]).results(&rules);
        assert_eq!(unanswered, Err(ScoreRefused::Missing { missing }));
    }
}
