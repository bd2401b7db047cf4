//! The general criteria: 30 points that do not depend on tasks.

use crate::rule_set::{LegalNumber, Post, Provenance};

/// All general criteria of a rule set, in the order of the form.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct GeneralRule {
    /// What the criteria of one person sum to, in hundredths.
    pub points_max_hundredths: LegalNumber,
    /// How well the wording of groups and criteria is known.
    pub labels_provenance: Provenance,
    /// Headings.
    pub groups: Vec<CriterionGroup>,
    /// Criteria; each belongs to a group.
    pub criteria: Vec<Criterion>,
}

impl GeneralRule {
    /// The criteria that a person in this kind of post answers.
    pub fn criteria_for(&self, post: Post) -> impl Iterator<Item = &Criterion> {
        self.criteria.iter().filter(move |criterion| criterion.applies_to.includes(post))
    }
}

/// A heading above criteria.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct CriterionGroup {
    /// Name in the data, unique among groups.
    pub key: String,
    /// Heading on a Vietnamese screen.
    pub label_vi: String,
    /// Heading on an English screen.
    pub label_en: String,
}

/// One general criterion.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Name in the data and in answers, unique among criteria.
    pub key: String,
    /// Key of its [`CriterionGroup`].
    pub group: String,
    /// Wording on a Vietnamese screen.
    pub label_vi: String,
    /// Wording on an English screen.
    pub label_en: String,
    /// The most it gives, in hundredths of a point.
    pub points_max_hundredths: LegalNumber,
    /// Points are multiples of this, in hundredths; equal to the maximum where a criterion is met or not met.
    pub step_hundredths: LegalNumber,
    /// Who answers it.
    pub applies_to: AppliesTo,
}

/// Of whom something is asked: who answers a criterion, for whom a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum)]
#[serde(rename_all = "snake_case")]
pub enum AppliesTo {
    /// Every post.
    Everyone,
    /// Leading posts only.
    Leading,
    /// All but leading posts.
    Other,
}

impl AppliesTo {
    /// Whether a person in this kind of post is among them.
    pub fn includes(self, post: Post) -> bool {
        match (self, post) {
            (Self::Everyone, _) | (Self::Leading, Post::Leading) | (Self::Other, Post::Other) => true,
            (Self::Leading, Post::Other) | (Self::Other, Post::Leading) => false,
        }
    }
}
