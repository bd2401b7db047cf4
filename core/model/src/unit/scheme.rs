//! How many tiers there are, as data.

use crate::text::{TextRefused, check_line};
use crate::time::Day;
use crate::unit::NAME_CHARS_MAX;

/// Levels of one scheme, hence the depth of a tree. Source: domain model, `HierarchyScheme`.
pub const LEVELS_MAX: u32 = 8;
/// Schemes of one tree: one per reform of the administration.
pub const SCHEMES_MAX: u32 = 16;
/// Characters of a code.
pub const CODE_CHARS_MAX: u32 = 60;

/// One tier.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// Position from the top, 1 and up; a child's order is greater than its parent's.
    pub order: u8,
    /// Name in the data, unique in its scheme.
    pub code: String,
    /// Name on a Vietnamese screen.
    pub name_vi: String,
    /// Name on an English screen.
    pub name_en: String,
    /// Whether it is a tier of government; a residential area is not.
    pub is_administrative: bool,
}

/// The tiers of one era.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct HierarchyScheme {
    /// Name in the data, unique among schemes.
    pub code: String,
    /// Name on a Vietnamese screen.
    pub name_vi: String,
    /// Name on an English screen.
    pub name_en: String,
    /// The tiers from the top, 1 to [`LEVELS_MAX`].
    pub levels: Vec<Level>,
    /// First day; none when it is older than the records.
    pub valid_from: Option<Day>,
    /// Last day; none while it lasts.
    pub valid_to: Option<Day>,
}

impl HierarchyScheme {
    /// The two schemes that every office starts with: three tiers until 2025-06-30, two tiers since 2025-07-01.
    pub fn shipped() -> Vec<Self> {
        [include_str!("../../data/hierarchy-three-tiers.json"), include_str!("../../data/hierarchy-two-tiers.json")]
            .into_iter()
            .map(|json| serde_json::from_str(json).expect("a test reads the shipped schemes"))
            .collect()
    }

    /// The level of this code.
    pub fn level(&self, code: &str) -> Option<&Level> {
        self.levels.iter().find(|level| level.code == code)
    }

    /// Whether the scheme holds on this day; its first and last day count.
    pub fn holds_on(&self, day: Day) -> bool {
        self.valid_from.is_none_or(|first| first <= day) && self.valid_to.is_none_or(|last| day <= last)
    }

    /// Checks names, count, order and codes of the levels, and the two days.
    pub fn check(&self) -> Result<(), SchemeRefused> {
        if self.levels.is_empty() || self.levels.len() > LEVELS_MAX as usize {
            return Err(SchemeRefused::LevelCount { given: self.levels.len() as u32, limit: LEVELS_MAX });
        }
        self.check_texts()?;
        if !self.levels.is_sorted_by(|upper, lower| upper.order < lower.order) {
            return Err(SchemeRefused::LevelsOutOfOrder);
        }
        if self.levels.iter().enumerate().any(|(at, level)| self.levels[..at].iter().any(|one| one.code == level.code))
        {
            return Err(SchemeRefused::CodeTwice);
        }
        match (self.valid_from, self.valid_to) {
            (Some(first), Some(last)) if last < first => Err(SchemeRefused::EndsBeforeItBegins),
            _ => Ok(()),
        }
    }

    fn check_texts(&self) -> Result<(), TextRefused> {
        let levels = self.levels.iter().map(|level| (&level.code, &level.name_vi, &level.name_en));
        for (code, name_vi, name_en) in levels.chain([(&self.code, &self.name_vi, &self.name_en)]) {
            check_line(code, CODE_CHARS_MAX)?;
            check_line(name_vi, NAME_CHARS_MAX)?;
            check_line(name_en, NAME_CHARS_MAX)?;
        }
        Ok(())
    }
}

/// Why a scheme cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SchemeRefused {
    /// No level, or more than [`LEVELS_MAX`].
    #[error("{given} levels, and a scheme has 1 to {limit}")]
    LevelCount {
        /// Levels given.
        given: u32,
        /// Levels allowed.
        limit: u32,
    },
    /// More than [`SCHEMES_MAX`] schemes.
    #[error("more than {limit} schemes")]
    TooMany {
        /// Schemes allowed.
        limit: u32,
    },
    /// The levels do not go down strictly.
    #[error("the levels are not in order")]
    LevelsOutOfOrder,
    /// Two levels, or two schemes, share a code.
    #[error("a code is used twice")]
    CodeTwice,
    /// The last day is before the first.
    #[error("the scheme ends before it begins")]
    EndsBeforeItBegins,
    /// A code or name cannot be kept.
    #[error("a name cannot be kept")]
    Text {
        /// What is wrong with it.
        #[from]
        source: TextRefused,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_tiers() -> HierarchyScheme {
        HierarchyScheme::shipped().remove(1)
    }

    #[test]
    fn the_shipped_schemes_meet_without_gap() {
        let [old, new] = &HierarchyScheme::shipped()[..] else { panic!("two schemes are shipped") };
        assert_eq!((old.check(), new.check()), (Ok(()), Ok(())));
        let (last, first) = (old.valid_to.unwrap(), new.valid_from.unwrap());
        assert_eq!(last.days_until(first), 1);
        assert!(old.holds_on(last) && !old.holds_on(first));
        assert!(new.holds_on(first) && !new.holds_on(last));
        assert!(old.level("district").is_some() && new.level("district").is_none());
    }

    #[test]
    fn a_broken_scheme_is_refused() {
        let check = |spoil: fn(&mut HierarchyScheme), expected| {
            let mut scheme = two_tiers();
            spoil(&mut scheme);
            assert_eq!(scheme.check(), Err(expected));
        };
        check(|scheme| scheme.levels.clear(), SchemeRefused::LevelCount { given: 0, limit: 8 });
        check(
            |scheme| scheme.levels = vec![scheme.levels[0].clone(); 9],
            SchemeRefused::LevelCount { given: 9, limit: 8 },
        );
        check(|scheme| scheme.levels.swap(0, 1), SchemeRefused::LevelsOutOfOrder);
        check(|scheme| scheme.levels[1].code = "province".into(), SchemeRefused::CodeTwice);
        check(|scheme| scheme.valid_to = Some(Day::MIN), SchemeRefused::EndsBeforeItBegins);
        check(|scheme| scheme.name_vi.clear(), SchemeRefused::Text { source: TextRefused::Blank });
    }
}
