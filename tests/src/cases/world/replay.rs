//! A small machine that replays a case from its rows, by the words of the domain.

use std::collections::{BTreeMap, BTreeSet};

use model::case::CaseState::{self, Appealed, AwaitingComments, Decided, Excused, Notified, Published, UnderReview};
use model::case::filed::Filed;
use model::case::paper::PaperKind;
use model::document::Fields;
use model::membership::Role;
use model::self_assessment::fields::answer_name;
use model::self_assessment::text_of;

use super::procedure::way;

/// A decision as somebody reads it.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Decision {
    sequence: u32,
    number: String,
    level: Option<String>,
    date: Option<String>,
}

/// A case as far as its rows tell: where it is, what was filed since, and what that says.
#[derive(Default)]
pub struct Replay {
    /// Where the case is.
    pub state: Option<CaseState>,
    /// Whether rows were lost and came back, perhaps in another order: then what bound a paper when it was signed may lie
    /// behind it.
    pub went_back: bool,
    /// The newest paper of each kind, and whether it was filed since the state began.
    filed: BTreeMap<PaperKind, bool>,
    /// The newest record of service: months worked, missed, at the former unit, and whether on maternity leave.
    service: Option<([u32; 3], bool)>,
    decided: Option<Decision>,
    has_two: bool,
    is_upheld: bool,
    /// The decision that the newest notice and the newest publication name, and the level that they tell.
    named: BTreeMap<PaperKind, (Option<String>, Option<String>)>,
}

fn answer(fields: &Fields, key: &str) -> Option<String> {
    text_of(fields, &answer_name(key)).map(str::to_owned).filter(|text| !text.is_empty())
}

fn months(fields: &Fields, key: &str) -> u32 {
    answer(fields, key).and_then(|text| text.parse().ok()).unwrap_or(0)
}

impl Replay {
    /// The office filed a paper; why it should not have been signed then.
    pub fn file(&mut self, filed: &Filed) -> Result<(), String> {
        let fields = filed.fields().ok_or("what was filed cannot be read")?;
        let told = self.check(filed.paper, &fields);
        self.filed.insert(filed.paper, true);
        match filed.paper {
            PaperKind::ServiceRecord => {
                let counted = ["worked_months", "absent_months", "former_unit_months"];
                let is_maternity = answer(&fields, "maternity_leave").as_deref() == Some("yes");
                self.service = Some((counted.map(|key| months(&fields, key)), is_maternity));
            }
            PaperKind::Decision => {
                let new = read(&fields);
                self.has_two = match &self.decided {
                    Some(known) if known.sequence == new.sequence => self.has_two || *known != new,
                    _ => false,
                };
                if self.decided.as_ref().is_none_or(|known| known.sequence < new.sequence) {
                    self.decided = Some(new);
                }
            }
            PaperKind::AppealOutcome => self.is_upheld = answer(&fields, "outcome").as_deref() == Some("changed"),
            PaperKind::Notice | PaperKind::Publication => {
                let named = (answer(&fields, "decision_number"), level_of(&fields));
                self.named.insert(filed.paper, named);
            }
            _ => {}
        }
        told.map_err(|why| format!("{:?} was filed, and {why}", filed.paper)).or_else(|why| match self.went_back {
            true => Ok(()),
            false => Err(why),
        })
    }

    /// Whether a paper agrees with what lies in the case.
    fn check(&self, kind: PaperKind, fields: &Fields) -> Result<(), &'static str> {
        let decided = self.decided.as_ref();
        let is_named = || answer(fields, "decision_number") == decided.map(|decided| decided.number.clone());
        let agrees = match kind {
            PaperKind::Decision => {
                let (new, last) = (read(fields), decided.map_or(0, |decided| decided.sequence));
                let replaces = answer(fields, "superseded_number") == decided.map(|decided| decided.number.clone());
                let is_next = new.sequence == last + 1 && (decided.is_none() || replaces);
                (is_next || decided == Some(&new)) && self.allows(new.level.as_deref())
            }
            PaperKind::Notice | PaperKind::Appeal => is_named(),
            PaperKind::Publication => is_named() && decided.is_some_and(|decided| decided.level == level_of(fields)),
            _ => true,
        };
        if agrees { Ok(()) } else { Err("the case says otherwise") }
    }

    /// Under six months nobody is rated; whoever was absent for three is at most completed.
    fn allows(&self, level: Option<&str>) -> bool {
        match self.service {
            Some(([worked, ..], _)) if worked < 6 => level.is_none(),
            Some(([_, absent, _], _)) if absent >= 3 => matches!(level, Some("hoan_thanh" | "khong_hoan_thanh")),
            _ => level.is_some(),
        }
    }

    /// Somebody, by the roles that they hold, or the office itself, took a step; why that could not be.
    pub fn step(&mut self, roles: Option<&BTreeSet<Role>>, to: CaseState) -> Result<(), String> {
        let from = self.state;
        let (by, kind) = way(from, to).ok_or(format!("no step leads from {from:?} to {to:?}"))?;
        let is_theirs = roles.map_or(by.is_empty(), |roles| by.iter().any(|role| roles.contains(role)));
        if !is_theirs {
            return Err(format!("{roles:?} took the step from {from:?} to {to:?}"));
        }
        let lasts = matches!(kind, PaperKind::SelfAssessment | PaperKind::Publication);
        if !self.filed.get(&kind).is_some_and(|is_new| *is_new || lasts) {
            return Err(format!("{kind:?} was not there for the step from {from:?} to {to:?}"));
        }
        if !self.went_back && !self.is_ready(to) {
            return Err(format!("what lies in the case forbids the step from {from:?} to {to:?}"));
        }
        self.state = Some(to);
        self.filed.values_mut().for_each(|is_new| *is_new = false);
        Ok(())
    }

    /// What else must lie on the table.
    fn is_ready(&self, to: CaseState) -> bool {
        let is_excused = self.service.is_some_and(|([worked, ..], is_maternity)| is_maternity && worked < 6);
        let has_moved = self.service.is_some_and(|([_, _, former], _)| former >= 6);
        let decided = self.decided.as_ref();
        let tells = |kind| {
            let named = self.named.get(&kind);
            !self.has_two && named.is_some_and(|(number, _)| *number == decided.map(|decided| decided.number.clone()))
        };
        match (self.state, to) {
            (None, Excused) => is_excused,
            (Some(UnderReview), AwaitingComments) => !has_moved || self.filed.contains_key(&PaperKind::OldUnitComment),
            (from, Decided) => {
                let is_new = self.filed.get(&PaperKind::Decision) == Some(&true);
                (from != Some(Excused) || is_excused)
                    && (from != Some(Appealed) || !self.is_upheld || is_new)
                    && decided.is_some_and(|decided| self.allows(decided.level.as_deref()))
            }
            (_, Notified) => tells(PaperKind::Notice),
            (_, Published) => {
                let told = self.named.get(&PaperKind::Publication).and_then(|(_, level)| level.clone());
                tells(PaperKind::Publication) && told == decided.and_then(|decided| decided.level.clone())
            }
            _ => true,
        }
    }
}

fn level_of(fields: &Fields) -> Option<String> {
    let is_rated = answer(fields, "outcome").as_deref() == Some("rated");
    answer(fields, "rating").filter(|_| is_rated)
}

fn read(fields: &Fields) -> Decision {
    Decision {
        sequence: months(fields, "sequence"),
        number: answer(fields, "decision_number").unwrap_or_default(),
        level: level_of(fields),
        date: answer(fields, "decision_date"),
    }
}
