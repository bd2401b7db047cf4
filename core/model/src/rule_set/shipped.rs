//! The rule sets that ship with the product; the office may publish its own versions of them.

use super::RuleSet;

impl RuleSet {
    /// Nghị định 335/2025 for civil servants, leaders and others: points alone.
    pub fn decree_335() -> Self {
        read(include_str!("../../data/rule-set-nd335.json"))
    }

    /// Quy định 366-QĐ/TW for cadres, leaders and others, by quarter, year or term: points and conditions on tasks.
    ///
    /// Source: domain specification 3.3. How 70 points follow from tasks was not found; the default is the mean of
    /// quantity, quality and progress for everybody.
    pub fn regulation_366() -> Self {
        read(include_str!("../../data/rule-set-qd366.json"))
    }

    /// Nghị định 90/2020 for cadres, civil servants and public employees, kept for files of its years: conditions on
    /// tasks and led units, no points.
    ///
    /// Source: domain specification 3.4.
    pub fn decree_90() -> Self {
        read(include_str!("../../data/rule-set-nd90.json"))
    }

    /// Every shipped rule set, the newest law first.
    pub fn shipped() -> Vec<Self> {
        vec![Self::decree_335(), Self::regulation_366(), Self::decree_90()]
    }
}

fn read(json: &str) -> RuleSet {
    RuleSet::parse(json).expect("a test reads every shipped rule set")
}
