//! What the papers of the World ask, and what people write into them: what their phones show of the case, and sometimes
//! something else.

use model::case::findings::{Findings, OutcomeBound};
use model::case::paper::PaperKind;
use model::document::{Edit, Scalar};
use model::form::FormTemplate;
use model::form::Question;
use model::form::Section;
use model::form::kind::QuestionKind;
use model::hash::{EntryHash, PublicKey};
use model::identity::ParagraphId;
use model::minutes::{self, paragraph_edits};
use model::paper::{About, Heading};
use model::rating::Rating;
use model::self_assessment;
use model::self_assessment::fields::answer_name;
use model::space::{minutes_space, person_space};
use phone::work::Paper;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

/// Answers by their questions.
pub type Said = Vec<(&'static str, String)>;

/// Months worked and missed, whether on maternity leave, and months at a former unit.
const MONTHS: [[&str; 4]; 8] = [
    ["12", "0", "no", "0"],
    ["12", "0", "no", "0"],
    ["11", "1", "no", "0"],
    ["12", "0", "no", "7"],
    ["12", "0", "no", "5"],
    ["8", "4", "no", "0"],
    ["5", "7", "yes", "0"],
    ["4", "0", "no", "0"],
];

/// What a paper asks beside its text.
fn questions(kind: PaperKind) -> &'static [&'static str] {
    match kind {
        PaperKind::ServiceRecord => &["worked_months", "absent_months", "maternity_leave", "former_unit_months"],
        PaperKind::HeadComment => &["outcome", "proposed_rating"],
        PaperKind::Decision => &[
            "sequence",
            "decision_number",
            "decision_date",
            "superseded_number",
            "outcome",
            "rating",
            "not_rated_reason",
        ],
        PaperKind::Appeal => &["decision_number"],
        PaperKind::Notice | PaperKind::Publication => &["decision_number", "outcome", "rating"],
        PaperKind::AppealOutcome => &["outcome"],
        PaperKind::SelfAssessment
        | PaperKind::ResidenceOpinion
        | PaperKind::OldUnitComment
        | PaperKind::Minutes
        | PaperKind::PartyComment => &[],
    }
}

/// A form whose questions may all stay empty, so that a paper can be signed at any time.
pub fn form_of(kind: PaperKind) -> FormTemplate {
    let question = |key: &&str| Question {
        key: (*key).to_owned(),
        label_vi: "Nội dung".to_owned(),
        kind: QuestionKind::ShortText { length_max: 200 },
        ..Question::default()
    };
    let questions = questions(kind).iter().chain(&["said"]).map(question).collect();
    let section = Section { key: "all".to_owned(), title_vi: "Tất cả".to_owned(), questions, ..Section::default() };
    FormTemplate {
        code: kind.form_code().unwrap_or("SA-TEST").to_owned(),
        version: 1,
        title_vi: "Phiếu thử".to_owned(),
        legal_reference: "thử".to_owned(),
        sections: vec![section],
        ..FormTemplate::default()
    }
}

/// The fingerprint by which a submission names its form.
pub fn fingerprint(kind: PaperKind) -> EntryHash {
    EntryHash::from_bytes(*form_of(kind).fingerprint().as_bytes())
}

/// A paper about somebody, where it is written.
pub fn paper_of(server: &PublicKey, about: About) -> Paper {
    let space = match about.kind {
        PaperKind::Minutes => minutes_space(server, about.cycle, about.person),
        _ => person_space(server, about.author),
    };
    Paper { space, document: about.document(space) }
}

/// What an edit of a paper changes: its heading, which is the same every time, and what is said. Whoever signs minutes has
/// looked through all paragraphs, and chosen where two versions stood.
pub fn edits(random: &mut ChaCha8Rng, about: About, known: &Findings, is_signed: bool) -> Vec<Edit> {
    let About { kind, cycle, person, author } = about;
    let form = form_of(kind).pin();
    let mut edits = match kind {
        PaperKind::SelfAssessment => self_assessment::Heading { cycle, person, form, is_leader: false }.edits(),
        PaperKind::Minutes => minutes::Heading { cycle, person, form }.edits(),
        _ => Heading { kind, cycle, person, author, form }.edits(),
    };
    let text = format!("said {}", random.random_range(0..5));
    let mut said = said(random, kind, known);
    if kind == PaperKind::Minutes {
        let any: u8 = random.random_range(1..4);
        let paragraphs = if is_signed { 1..4 } else { any..any + 1 };
        let written = |at| paragraph_edits(ParagraphId::from_bytes([at; 16]), i64::from(at), &text);
        edits.extend(paragraphs.flat_map(written));
    } else {
        said.push(("said", text));
    }
    let edit = |(key, text): (&str, String)| {
        let value = (!text.is_empty()).then_some(Scalar::Text(text));
        Edit { field: answer_name(key), value }
    };
    edits.extend(said.into_iter().map(edit));
    edits
}

fn said(random: &mut ChaCha8Rng, kind: PaperKind, known: &Findings) -> Said {
    let number = match (&known.decided, random.random_bool(0.1)) {
        (Some(decided), false) => decided.number.clone(),
        _ => "0".to_owned(),
    };
    match kind {
        PaperKind::ServiceRecord => {
            let months = MONTHS[random.random_range(0..MONTHS.len())];
            questions(kind).iter().copied().zip(months.map(str::to_owned)).collect()
        }
        PaperKind::HeadComment => proposal(random, known.bound()),
        PaperKind::Decision => decision(random, known),
        PaperKind::Appeal => vec![("decision_number", number)],
        PaperKind::Notice | PaperKind::Publication => {
            let outcome = known.decided.as_ref().map(|decided| decided.outcome);
            let (outcome, level) = match outcome {
                Some(model::rating::Outcome::Rated { rating }) => ("rated", rating.wire_key().to_owned()),
                _ => ("not_rated", String::new()),
            };
            let level = if random.random_bool(0.1) { rating(random, OutcomeBound::Open) } else { level };
            vec![("decision_number", number), ("outcome", outcome.to_owned()), ("rating", level)]
        }
        PaperKind::AppealOutcome => {
            vec![("outcome", if random.random_bool(0.4) { "changed" } else { "kept" }.to_owned())]
        }
        PaperKind::SelfAssessment
        | PaperKind::ResidenceOpinion
        | PaperKind::OldUnitComment
        | PaperKind::Minutes
        | PaperKind::PartyComment => Vec::new(),
    }
}

/// What the months allow, mostly.
fn proposal(random: &mut ChaCha8Rng, bound: OutcomeBound) -> Said {
    let bound = if random.random_bool(0.1) { OutcomeBound::Open } else { bound };
    let (outcome, level) = match bound {
        OutcomeBound::NotRated { .. } => ("not_rated", String::new()),
        OutcomeBound::Open | OutcomeBound::AtMost { .. } => ("rated", rating(random, bound)),
    };
    vec![("outcome", outcome.to_owned()), ("proposed_rating", level)]
}

/// The next decision, mostly; now and then another one under the number of the last.
fn decision(random: &mut ChaCha8Rng, known: &Findings) -> Said {
    let (last, replaced) =
        known.decided.as_ref().map_or((0, String::new()), |last| (last.sequence, last.number.clone()));
    let sequence = if random.random_bool(0.15) { last.max(1) } else { last + 1 };
    let bound = if random.random_bool(0.1) { OutcomeBound::Open } else { known.bound() };
    let (outcome, level, reason) = match bound {
        OutcomeBound::NotRated { reason } => ("not_rated", String::new(), reason.wire_key()),
        OutcomeBound::Open | OutcomeBound::AtMost { .. } => ("rated", rating(random, bound), ""),
    };
    vec![
        ("sequence", sequence.to_string()),
        ("decision_number", format!("{sequence}/{}", random.random_range(0..3))),
        ("decision_date", "2026-12-10".to_owned()),
        ("superseded_number", replaced),
        ("outcome", outcome.to_owned()),
        ("rating", level),
        ("not_rated_reason", reason.to_owned()),
    ]
}

/// A level, mostly one that the months allow.
fn rating(random: &mut ChaCha8Rng, bound: OutcomeBound) -> String {
    let all = [Rating::NotCompleted, Rating::Completed, Rating::Good, Rating::Excellent];
    let highest = match bound {
        OutcomeBound::AtMost { rating } if random.random_bool(0.9) => rating,
        _ => Rating::Excellent,
    };
    let allowed: Vec<Rating> = all.into_iter().filter(|level| *level <= highest).collect();
    allowed[random.random_range(0..allowed.len())].wire_key().to_owned()
}
