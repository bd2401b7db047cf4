//! A self-assessment as a cadre would fill it in, complete, and of a wanted quality.

use model::answer::Answer;
use model::document::Edit;
use model::form::FormTemplate;
use model::form::built_in::civil_servant_self_assessment;
use model::identity::{PersonId, TaskId, derive_bytes};
use model::rating::Rating;
use model::self_assessment::Heading;
use model::self_assessment::fields::{answer_edits, line_edits};
use model::task::TaskLine;
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::names::drawn;
use super::prose::{EVIDENCE, EXPLANATIONS, STRENGTHS, WEAKNESSES, WORKS};

/// Every answer of one form, as numbers and words before they become edits.
#[derive(Clone, Debug)]
pub struct FilledForm {
    /// Points of the ten general criteria in hundredths, in the order of the form.
    pub general_hundredths: [u32; 10],
    /// Evidence beside each; none under a criterion with 0 points, where the form does not ask for it.
    pub evidence: [&'static str; 10],
    /// The task table.
    pub lines: Vec<TaskLine>,
    /// d, đ and e in percent, 100 or 50; asked of leaders only.
    pub judged_percents: [u8; 3],
    /// Ưu điểm; hạn chế, khuyết điểm; giải trình, possibly empty.
    pub words: [&'static str; 3],
    /// What the cadre rates themself.
    pub self_rating: Rating,
}

/// The edits of a complete form, heading included, whose points come to the wanted level. The same arguments give the
/// same edits. The cycle and the form are those of every [`super::Commune`].
pub fn filled(seed: u64, person: PersonId, is_leader: bool, quality: Rating) -> Vec<Edit> {
    FilledForm::drawn(seed, person, quality).edits(&super::heading(person, is_leader))
}

/// What a level looks like: points in halves of a point, shares in percent.
struct Likeness {
    /// Halves of a point missing over all ten criteria, from and to.
    missing_halves: (u32, u32),
    /// Of 100 assigned products, so many are done.
    done_percent: (u32, u32),
    /// Failures and delays per table.
    deductions: (u16, u16),
    judged_percents: [u8; 3],
}

impl Likeness {
    /// Far enough from the thresholds of the rule set that no draw crosses one; a test tries many.
    const fn of(quality: Rating) -> Self {
        match quality {
            Rating::Excellent => Self {
                missing_halves: (1, 6),
                done_percent: (100, 100),
                deductions: (0, 1),
                judged_percents: [100, 100, 100],
            },
            Rating::Good => Self {
                missing_halves: (10, 16),
                done_percent: (82, 90),
                deductions: (1, 5),
                judged_percents: [100, 100, 50],
            },
            Rating::Completed => Self {
                missing_halves: (20, 27),
                done_percent: (60, 66),
                deductions: (2, 5),
                judged_percents: [100, 50, 50],
            },
            Rating::NotCompleted => Self {
                missing_halves: (32, 40),
                done_percent: (36, 46),
                deductions: (3, 6),
                judged_percents: [50, 50, 50],
            },
        }
    }
}

impl FilledForm {
    /// Drawn from a seed.
    pub fn drawn(seed: u64, person: PersonId, quality: Rating) -> Self {
        let bytes = derive_bytes("filled form", &[&seed.to_be_bytes(), person.as_bytes()]);
        let half: [u8; 8] = bytes[..8].try_into().expect("eight of sixteen bytes");
        let mut random = ChaCha8Rng::seed_from_u64(u64::from_be_bytes(half));
        let likeness = Likeness::of(quality);
        let general_hundredths = general(&mut random, likeness.missing_halves);
        let lines = lines(&mut random, person, &likeness);
        let has_excuse = lines.iter().any(|line| line.delays > 0);
        let excuse = if has_excuse { drawn(&mut random, &EXPLANATIONS) } else { "" };
        let words = [drawn(&mut random, &STRENGTHS), drawn(&mut random, &WEAKNESSES), excuse];
        let evidence = EVIDENCE.map(|(_, sentences)| drawn(&mut random, &sentences));
        let self_rating = self_rating(&mut random, quality);
        let judged_percents = likeness.judged_percents;
        Self { general_hundredths, evidence, lines, judged_percents, words, self_rating }
    }

    /// The edits that write it into an empty document.
    pub fn edits(&self, heading: &Heading) -> Vec<Edit> {
        let form = civil_servant_self_assessment();
        let mut edits = heading.edits();
        for ((key, _), (points, evidence)) in EVIDENCE.iter().zip(self.general_hundredths.iter().zip(self.evidence)) {
            edits.extend(edit(&form, key, Answer::Score { points_hundredths: *points }));
            if *points > 0 {
                edits.extend(edit(&form, &format!("{key}_evidence"), Answer::Text { text: evidence.into() }));
            }
        }
        for (order, line) in (1..).zip(&self.lines) {
            edits.extend(line_edits(line, Some(order * 1_000)));
        }
        let judged = ["d", "dd", "e"].into_iter().zip(self.judged_percents).filter(|_| heading.is_leader);
        for (key, percent) in judged {
            edits.extend(edit(&form, key, Answer::Choice { option: percent.to_string() }));
        }
        for (key, text) in ["strengths", "weaknesses", "explanation"].into_iter().zip(self.words) {
            if !text.is_empty() {
                edits.extend(edit(&form, key, Answer::Text { text: text.into() }));
            }
        }
        let option = self.self_rating.wire_key().into();
        edits.extend(edit(&form, "self_rating", Answer::Choice { option }));
        edits.extend(edit(&form, "acknowledgement", Answer::Acknowledged));
        edits
    }
}

fn edit(form: &FormTemplate, key: &str, answer: Answer) -> Vec<Edit> {
    let question = form.question(key).expect("the shipped form has the question");
    let checked = answer.check(question).expect("what is generated is within the limits of the form");
    answer_edits(&checked, question)
}

/// Full points less some halves, each taken from a criterion that has one left.
fn general(random: &mut ChaCha8Rng, (least, most): (u32, u32)) -> [u32; 10] {
    let mut points = [500, 500, 250, 250, 250, 250, 250, 250, 250, 250];
    let mut missing = random.random_range(least..=most);
    while missing > 0 {
        // The bold ones (3.1 to 3.4) lose points twice as often, as people judge themselves.
        let at = drawn(random, &[0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 8, 9, 9]);
        if points[at] >= 50 {
            points[at] -= 50;
            missing -= 1;
        }
    }
    points
}

fn lines(random: &mut ChaCha8Rng, person: PersonId, likeness: &Likeness) -> Vec<TaskLine> {
    let mut works: Vec<usize> = (0..WORKS.len()).collect();
    works.shuffle(random);
    works.truncate(random.random_range(4..=8));
    let (least, most) = likeness.done_percent;
    let mut lines: Vec<TaskLine> = (0_u8..)
        .zip(works)
        .map(|(index, work)| {
            let assigned = random.random_range(12..=120);
            let done = (assigned * random.random_range(least..=most) + 50) / 100;
            TaskLine {
                id: TaskId::from_bytes(derive_bytes("task", &[person.as_bytes(), &[index]])),
                name: WORKS[work].name.into(),
                coefficient_hundredths: WORKS[work].coefficient_hundredths,
                assigned,
                done,
                exceeded: 0,
                quality_failures: 0,
                delays: 0,
                is_cause_objective: false,
                evidence: WORKS[work].evidence.into(),
            }
        })
        .collect();
    let (least, most) = likeness.deductions;
    for _ in 0..random.random_range(least..=most) {
        let at = random.random_range(0..lines.len());
        match random.random_bool(0.5) {
            true => lines[at].quality_failures += 1,
            false => lines[at].delays += 1,
        }
    }
    lines
}

/// Most people choose the level of their points; some choose the one above or below.
fn self_rating(random: &mut ChaCha8Rng, quality: Rating) -> Rating {
    let at = Rating::ALL.iter().position(|rating| *rating == quality).expect("every level is in the list");
    let chosen = match random.random_range(0..10) {
        0 => at.saturating_sub(1),
        1 => (at + 1).min(Rating::ALL.len() - 1),
        _ => at,
    };
    Rating::ALL[chosen]
}
