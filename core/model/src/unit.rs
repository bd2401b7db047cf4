//! Units of the organisation and the tree they form, of any depth and with its past.
//!
//! The depth is data: the three tiers of the district era and the two tiers since 1 July 2025 run through the same
//! code, and a level may be skipped. A reform makes new units that name the old ones as predecessors; nothing is
//! deleted, and a report chooses the day it looks at. This module knows no place by name.

pub mod scheme;
pub mod tree;

use crate::identity::UnitId;
use crate::text::TextRefused;
use crate::time::Day;

/// Characters of a unit's name. Source: domain model, `OrgUnit`.
pub const NAME_CHARS_MAX: u32 = 200;
/// Predecessors of one unit; the merger of a whole district into one commune stays far below.
pub const PREDECESSORS_MAX: u32 = 64;
/// Units of one tree: 34 provinces, 3 321 communes and some 90 000 residential areas fit twice.
pub const UNITS_MAX: u32 = 200_000;

/// What a unit is, beside its level.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
#[serde(rename_all = "snake_case")]
pub enum UnitKind {
    /// A tier of government: province, district (until 2025-06-30), commune.
    Administrative,
    /// A party organisation.
    Party,
    /// The Fatherland Front and its working committees.
    Front,
    /// Youth union, women's union, veterans and the other mass organisations.
    MassOrganisation,
    /// An office, school or public service unit.
    Agency,
    /// A village or residential group; not a tier of government.
    ResidentialArea,
}

/// One unit during one stretch of time.
///
/// Refusals are those of [`tree::UnitTree::build`], which sees the unit among the others.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct OrganisationUnit {
    /// Its name for ever.
    pub id: UnitId,
    /// Code of the [`scheme::HierarchyScheme`] that its level belongs to.
    pub scheme: String,
    /// Code of its [`scheme::Level`] in that scheme.
    pub level: String,
    /// What it is.
    pub kind: UnitKind,
    /// What people call it, 1 to [`NAME_CHARS_MAX`] characters.
    pub name_vi: String,
    /// The unit above, of the same scheme and a higher level; none at the top.
    pub parent: Option<UnitId>,
    /// The older units that it continues, for instance the wards merged on 1 July 2025; at most [`PREDECESSORS_MAX`].
    pub predecessors: Vec<UnitId>,
    /// Its first day.
    pub valid_from: Day,
    /// Its last day; none while it lasts.
    pub valid_to: Option<Day>,
}

impl OrganisationUnit {
    /// Whether the unit exists on this day; its first and last day count.
    pub fn exists_on(&self, day: Day) -> bool {
        self.valid_from <= day && self.valid_to.is_none_or(|last| day <= last)
    }
}

/// Why schemes and units do not form a tree. The same input is refused for the same reason on every device: units are
/// looked at in the order of their ids, and the first one at fault is named.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnitRefused {
    /// More than [`UNITS_MAX`].
    #[error("{given} units, and {limit} may form a tree")]
    TooManyUnits {
        /// Units given.
        given: u32,
        /// Units allowed.
        limit: u32,
    },
    /// Too many schemes, levels out of order, a code used twice or an end before the start.
    #[error("the scheme {scheme} is not in order")]
    Scheme {
        /// Its code.
        scheme: String,
        /// What is wrong with it.
        source: scheme::SchemeRefused,
    },
    /// Two units have one id.
    #[error("unit {unit} occurs twice")]
    Duplicate {
        /// The id.
        unit: UnitId,
    },
    /// The name is blank, too long or invisible.
    #[error("the name of unit {unit} cannot be kept")]
    Name {
        /// The unit.
        unit: UnitId,
        /// What is wrong with it.
        source: TextRefused,
    },
    /// The last day is before the first.
    #[error("unit {unit} ends before it begins")]
    EndsBeforeItBegins {
        /// The unit.
        unit: UnitId,
    },
    /// Its scheme or level is not among the given ones.
    #[error("the level of unit {unit} is unknown")]
    UnknownLevel {
        /// The unit.
        unit: UnitId,
    },
    /// Its parent is not among the given units.
    #[error("the parent of unit {unit} is unknown")]
    UnknownParent {
        /// The unit.
        unit: UnitId,
    },
    /// Its parent belongs to another scheme; after a reform a new unit continues the old one.
    #[error("unit {unit} and its parent belong to different schemes")]
    ParentOfOtherScheme {
        /// The unit.
        unit: UnitId,
    },
    /// Going up from the unit leads back to it.
    #[error("unit {unit} stands above itself")]
    Cycle {
        /// The unit.
        unit: UnitId,
    },
    /// Its level is not below its parent's.
    #[error("unit {unit} is not of a lower level than its parent")]
    NotBelowParent {
        /// The unit.
        unit: UnitId,
    },
    /// A predecessor is not among the given units, or there are more than [`PREDECESSORS_MAX`].
    #[error("the predecessors of unit {unit} are not known")]
    UnknownPredecessor {
        /// The unit.
        unit: UnitId,
    },
    /// A predecessor did not begin before the unit; so the past has no circles.
    #[error("unit {unit} is not younger than its predecessor")]
    PredecessorNotOlder {
        /// The unit.
        unit: UnitId,
    },
}
