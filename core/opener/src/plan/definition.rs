//! A plan with fresh keys is a definition.

use model::feedback::intake::Intake;
use model::hash::{ContentHash, PublicKey, SealingKey};
use model::identity::{NotAnIdentity, PersonId, RoundId, UnitId};
use model::round::area::{Area, Neighbourhood, joined};
use model::round::holder::{HOLDERS, Holder, Surroundings};
use model::round::template::{OpinionKind, OpinionOption, OpinionQuestion, OpinionTemplate, Side};
use model::round::{
    About, Denominator, GROUP_MIN_CONFIDENCE, GROUP_MIN_USUAL, RoundDefinition, RoundRefused, SIDE_MIN_LEAST, Standing,
    Subject, built_in,
};
use model::time::Day;
use model::unit::tree::UnitTree;

use super::{
    OwnQuestion, OwnSide, OwnTemplate, PlannedAbout, PlannedDenominator, PlannedHolder, PlannedStanding,
    PlannedSubject, PlannedTemplate, RoundPlan,
};

/// Why a plan is no round.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum PlanRefused {
    /// Not the form of a plan.
    #[error("line {line} is not as a plan is written")]
    Unreadable {
        /// From 1.
        line: usize,
    },
    /// A field that is not written.
    #[error("before line {line} there is no {field}")]
    Missing {
        /// Its name in the file.
        field: String,
        /// Where what should hold it ends, from 1.
        line: usize,
    },
    /// A field that no plan has.
    #[error("line {line} has a {field}")]
    Unknown {
        /// Its name in the file.
        field: String,
        /// From 1.
        line: usize,
    },
    /// A name that is not 32 hexadecimal digits.
    #[error("{place} is not 32 hexadecimal digits")]
    Identity {
        /// Which.
        place: &'static str,
    },
    /// A day that is not in the calendar.
    #[error("{place} is no day")]
    Day {
        /// Which.
        place: &'static str,
    },
    /// A code that no shipped template has.
    #[error("no template is called {code}")]
    Template {
        /// Which.
        code: String,
    },
    /// Options and a length, or neither.
    #[error("question {key} is neither a choice nor a text")]
    Question {
        /// Which.
        key: String,
    },
    /// Not three.
    #[error("{given} holders")]
    Holders {
        /// How many.
        given: usize,
    },
    /// It is over before its slips are made.
    #[error("the round closes on {closes}, today is {today}")]
    Over {
        /// Its last day.
        closes: Day,
        /// The machine's.
        today: Day,
    },
    /// What the rules of a round refuse.
    #[error(transparent)]
    Round(#[from] RoundRefused),
}

/// What the ceremony adds to a plan.
pub struct NewKeys {
    /// Random.
    pub id: RoundId,
    /// What the holders will sign with.
    pub holders: [PublicKey; HOLDERS],
    /// What envelopes are sealed to.
    pub key: SealingKey,
    /// Hash of the admission key.
    pub admission: ContentHash,
    /// What an intake opens and signs with.
    pub intake: (SealingKey, PublicKey),
}

impl RoundPlan {
    /// Whether a ceremony may begin; asked before anybody sits down. Who stands above whom is known to the office's
    /// server alone, which checks the holders again when the round is announced.
    pub fn check(&self) -> Result<RoundDefinition, PlanRefused> {
        let holders = std::array::from_fn(|holder| PublicKey::from_bytes([holder as u8; 32]));
        let (key, admission) = (SealingKey::from_bytes([0; 32]), ContentHash::from_bytes([0; 32]));
        let intake = (key, PublicKey::from_bytes([HOLDERS as u8; 32]));
        self.definition(NewKeys { id: RoundId::from_bytes([0; 16]), holders, key, admission, intake })
    }

    /// Like [`Self::check`], on a day: nobody answers in a round that is over.
    pub fn check_on(&self, today: Day) -> Result<RoundDefinition, PlanRefused> {
        let round = self.check()?;
        if round.closes < today { Err(PlanRefused::Over { closes: round.closes, today }) } else { Ok(round) }
    }

    /// The round with these keys, whose slip book is not written yet.
    pub fn definition(&self, keys: NewKeys) -> Result<RoundDefinition, PlanRefused> {
        let about = about(&self.about)?;
        let template = template(&self.template)?;
        let usual = if matches!(about, About::People(_)) { GROUP_MIN_CONFIDENCE } else { GROUP_MIN_USUAL };
        let group_min = self.group_min.unwrap_or(usual);
        let definition = RoundDefinition {
            id: keys.id,
            title: self.title.clone(),
            organiser: identity("organiser", &self.organiser, UnitId::parse)?,
            about,
            template,
            electorate: self.electorate.clone(),
            areas: self.areas(group_min),
            shows_areas: self.shows_areas,
            opens: day("opens", &self.opens)?,
            closes: day("closes", &self.closes)?,
            grace: day("grace", &self.grace)?,
            group_min,
            side_min: self.side_min.unwrap_or(SIDE_MIN_LEAST),
            standing: standing(&self.standing),
            holders: self.holders(keys.holders)?,
            key: keys.key,
            slip_book: ContentHash::from_bytes([0; 32]),
            admission: keys.admission,
            denominator: denominator(self.denominator),
            intake: self.intake(keys.intake),
        };
        let units = UnitTree::build(&[], Vec::new()).expect("no units are no contradiction");
        definition.check(&Surroundings { units: &units, posts: &[], operators: &[], office: &[] })?;
        Ok(definition)
    }

    /// Whoever says something of their own needs no slip.
    fn areas(&self, group_min: u16) -> Vec<Area> {
        let mut areas = joined(&self.neighbourhoods(), group_min);
        if !self.intake.is_empty() {
            areas.iter_mut().for_each(|area| area.slips = 0);
        }
        areas
    }

    fn intake(&self, (key, signing): (SealingKey, PublicKey)) -> Option<Intake> {
        let officers = self.intake.clone();
        (!officers.is_empty()).then_some(Intake { officers, key, signing })
    }

    fn neighbourhoods(&self) -> Vec<Neighbourhood> {
        let one = |of: &super::PlannedNeighbourhood| Neighbourhood { name: of.name.clone(), eligible: of.eligible };
        self.neighbourhoods.iter().map(one).collect()
    }

    fn holders(&self, keys: [PublicKey; HOLDERS]) -> Result<[Holder; HOLDERS], PlanRefused> {
        let holder = |(planned, key): (&PlannedHolder, PublicKey)| {
            let person = planned.person.as_deref().map(|person| identity("person", person, PersonId::parse));
            Ok(Holder { name: planned.name.clone(), body: planned.body.clone(), person: person.transpose()?, key })
        };
        let holders: Result<Vec<Holder>, PlanRefused> = self.holders.iter().zip(keys).map(holder).collect();
        let given = self.holders.len();
        let refused = PlanRefused::Holders { given };
        if given == HOLDERS { holders?.try_into().map_err(|_| refused) } else { Err(refused) }
    }
}

fn identity<I>(
    place: &'static str,
    text: &str,
    parse: impl FnOnce(&str) -> Result<I, NotAnIdentity>,
) -> Result<I, PlanRefused> {
    parse(text).map_err(|_| PlanRefused::Identity { place })
}

fn day(place: &'static str, text: &str) -> Result<Day, PlanRefused> {
    Day::parse(text).map_err(|_| PlanRefused::Day { place })
}

fn about(planned: &PlannedAbout) -> Result<About, PlanRefused> {
    let subject = |planned: &PlannedSubject| {
        let person = identity("person", &planned.person, PersonId::parse)?;
        Ok::<_, PlanRefused>(Subject { person, name: planned.name.clone(), post: planned.post.clone() })
    };
    match planned {
        PlannedAbout::People(subjects) => Ok(About::People(subjects.iter().map(subject).collect::<Result<_, _>>()?)),
        PlannedAbout::Unit(unit) => identity("unit", unit, UnitId::parse).map(About::Unit),
    }
}

fn template(planned: &PlannedTemplate) -> Result<OpinionTemplate, PlanRefused> {
    match planned {
        PlannedTemplate::Own(own) => own_template(own),
        PlannedTemplate::Shipped(code) => match code.as_str() {
            "SAT" => Ok(built_in::satisfaction()),
            "SAT-NTM" => Ok(built_in::satisfaction_new_countryside()),
            "CONF" => Ok(built_in::confidence()),
            "CONF2" => Ok(built_in::confidence_two()),
            "FREE" => Ok(built_in::free()),
            _ => Err(PlanRefused::Template { code: code.clone() }),
        },
    }
}

fn own_template(own: &OwnTemplate) -> Result<OpinionTemplate, PlanRefused> {
    let questions: Result<Vec<OpinionQuestion>, PlanRefused> = own.questions.iter().map(own_question).collect();
    let (code, title) = (own.code.clone(), own.title.clone());
    Ok(OpinionTemplate { code, version: own.version, title, questions: questions? })
}

fn own_question(own: &OwnQuestion) -> Result<OpinionQuestion, PlanRefused> {
    let options = own.options.iter().map(|own| OpinionOption { label: own.label.clone(), side: side(own.side) });
    let kind = match (own.chars_max, own.options.is_empty()) {
        (Some(chars_max), true) => OpinionKind::Text { chars_max },
        (None, false) => OpinionKind::Choice { options: options.collect() },
        _ => return Err(PlanRefused::Question { key: own.key.clone() }),
    };
    let (key, label) = (own.key.clone(), own.label.clone());
    Ok(OpinionQuestion { key, label, is_per_subject: own.is_per_subject, kind })
}

fn side(own: OwnSide) -> Side {
    match own {
        OwnSide::For => Side::For,
        OwnSide::Rest => Side::Rest,
        OwnSide::Outside => Side::Outside,
    }
}

fn standing(planned: &PlannedStanding) -> Standing {
    match planned {
        PlannedStanding::Consultative => Standing::Consultative,
        PlannedStanding::Legal(reference) => Standing::Legal { reference: reference.clone() },
    }
}

fn denominator(planned: PlannedDenominator) -> Denominator {
    match planned {
        PlannedDenominator::Answers => Denominator::Answers,
        PlannedDenominator::ValidBallots => Denominator::ValidBallots,
        PlannedDenominator::Collected => Denominator::Collected,
    }
}
