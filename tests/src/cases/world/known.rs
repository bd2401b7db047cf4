//! Holes that are known and being mended. Each constant leaves out one fact; whoever mends the hole turns it to `false`,
//! and the World asks for that fact from then on.

/// A phone that is let in after the last paper was filed is not in the case before the next one is.
pub const A_LATE_PHONE_WAITS_FOR_THE_NEXT_PAPER: bool = false;

/// Whoever's role ended reads on: nothing takes them out of the case.
pub const AN_ENDED_ROLE_READS_ON: bool = false;

/// After a restore that lost what was filed, a submission that its author brings back is not filed anew.
pub const A_LOST_CASE_IS_NOT_FILED_ANEW: bool = false;

/// A person who was taken out of a case and comes back is let in again with every paper, and never is in: the phone counts
/// only after the person, and nobody lets in the person. Two papers of one moment then fail the whole request.
pub const A_PERSON_WHO_RETURNS_IS_LET_INTO_NO_CASE: bool = false;
