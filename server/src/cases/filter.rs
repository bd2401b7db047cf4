//! What of a list of cases is asked for, as plain parameters of an address.

use model::case::CaseState;
use model::identity::{CycleId, UnitId};

use crate::cases::reading::CasePerson;

/// Every place where a case may be, with its word in addresses; none is before the case begins.
pub const PLACES: [(Option<CaseState>, &str); 14] = [
    (None, "not-begun"),
    (Some(CaseState::Excused), "excused"),
    (Some(CaseState::Submitted), "submitted"),
    (Some(CaseState::Returned), "returned"),
    (Some(CaseState::OpinionsOpen), "opinions-open"),
    (Some(CaseState::OpinionsClosed), "opinions-closed"),
    (Some(CaseState::UnderReview), "under-review"),
    (Some(CaseState::AwaitingComments), "awaiting-comments"),
    (Some(CaseState::Proposed), "proposed"),
    (Some(CaseState::Decided), "decided"),
    (Some(CaseState::Notified), "notified"),
    (Some(CaseState::Appealed), "appealed"),
    (Some(CaseState::Published), "published"),
    (Some(CaseState::Archived), "archived"),
];

/// Which cases are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Filter {
    /// Of one unit alone.
    pub unit: Option<UnitId>,
    /// In one state alone.
    pub place: Option<Option<CaseState>>,
    /// Which days.
    pub lateness: Lateness,
    /// The page of the list, from 1.
    pub page: usize,
}

/// Whether only late cases are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lateness {
    /// All.
    Any,
    /// Only those that wait longer than they may.
    Overdue,
}

impl Filter {
    /// Everything, from the beginning.
    pub const ALL: Self = Self { unit: None, place: None, lateness: Lateness::Any, page: 1 };

    /// Reads the parameters of an address. What it does not understand asks for nothing: a list that is too long shows
    /// more than was meant, an empty one would look like no work.
    pub fn read(query: &str) -> Self {
        let mut filter = Self::ALL;
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "unit" => filter.unit = UnitId::parse(value).ok(),
                "state" => filter.place = PLACES.iter().find(|(_, word)| *word == value).map(|(place, _)| *place),
                "overdue" if value == "1" => filter.lateness = Lateness::Overdue,
                "page" => filter.page = value.parse().ok().filter(|page| *page > 0).unwrap_or(1),
                _ => {}
            }
        }
        filter
    }

    /// Whether a case is asked for.
    pub fn takes(&self, person: &CasePerson) -> bool {
        self.unit.is_none_or(|unit| person.unit == Some(unit))
            && self.place.is_none_or(|place| person.state() == place)
            && (self.lateness == Lateness::Any || person.overdue.is_some())
    }

    /// Whether anything is left out.
    pub fn is_narrow(&self) -> bool {
        Self { page: 1, ..*self } != Self::ALL
    }

    /// The address of the list.
    pub fn link(&self, cycle: CycleId) -> String {
        let word = self.place.and_then(|place| PLACES.iter().find(|(known, _)| *known == place)).map(|(_, word)| *word);
        let pairs = [
            self.unit.map(|unit| format!("unit={unit}")),
            word.map(|word| format!("state={word}")),
            (self.lateness == Lateness::Overdue).then(|| "overdue=1".to_owned()),
            (self.page > 1).then(|| format!("page={}", self.page)),
        ];
        let pairs: Vec<String> = pairs.into_iter().flatten().collect();
        let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
        format!("/cases/{cycle}{query}")
    }
}

/// Name of a place on a screen.
pub fn place_label(place: Option<CaseState>) -> &'static str {
    place.map_or("Chưa nộp phiếu tự đánh giá", CaseState::label_vi)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CYCLE: CycleId = CycleId::from_bytes([1; 16]);

    #[test]
    fn a_link_is_read_as_what_it_was_made_from() {
        let unit = Some(UnitId::from_bytes([2; 16]));
        for place in PLACES.iter().map(|(place, _)| Some(*place)).chain([None]) {
            for (unit, lateness, page) in [(unit, Lateness::Overdue, 3), (None, Lateness::Any, 1)] {
                let filter = Filter { unit, place, lateness, page };
                let link = filter.link(CYCLE);
                let query = link.split_once('?').map_or("", |(_, query)| query);
                assert_eq!(Filter::read(query), filter, "{link}");
            }
        }
        assert_eq!(Filter::ALL.link(CYCLE), format!("/cases/{CYCLE}"));
    }

    #[test]
    fn what_is_not_understood_asks_for_nothing() {
        assert_eq!(Filter::read("unit=x&state=%ff&overdue=yes&page=0&more=1&&="), Filter::ALL);
    }

    #[test]
    fn every_state_has_its_place() {
        for state in CaseState::ALL {
            assert_eq!(PLACES.iter().filter(|(place, _)| *place == Some(state)).count(), 1, "{state:?}");
        }
    }
}
