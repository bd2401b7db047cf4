//! Which faults a run may have; drawn per seed, so that rare mixes get whole runs of their own.

use model::identity::PersonId;
use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::people::{CADRE, HEAD};

/// What may go wrong in one run.
#[derive(Clone, Copy, Debug)]
pub struct Faults {
    /// How often the server is restored from its backup.
    pub restores: u8,
    /// A restored server's predecessor keeps answering.
    pub split: bool,
    /// The membership file is lost with the database.
    pub loses_sidecar: bool,
    /// A restored server keeps a second copy from then on.
    pub gains_copy: bool,
    /// How often phones are restored from older copies.
    pub revivals: u8,
    /// Members are revoked and let in again.
    pub revokes: bool,
    /// Whose further device is let in late.
    pub late: Option<PersonId>,
    /// Recovery may be closed by hand.
    pub closes_early: bool,
    /// Processes die in the middle of a write.
    pub kills: bool,
    /// Of a hundred messages, how many are lost.
    pub losses_percent: u32,
    /// Entries that one request carries at most.
    pub push_entries_max: usize,
}

impl Faults {
    /// Draws the faults of a run. A lost membership file is never mixed with a recovery that is closed by hand: nothing
    /// could then tell a revoked device. Nor with a revocation that only a device knows which was forgotten itself.
    pub fn draw(random: &mut ChaCha8Rng) -> Self {
        let restores = random.random_range(0..3);
        let loses_sidecar = restores > 0 && random.random_bool(0.4);
        let revokes = random.random_bool(0.5);
        let has_late = !(loses_sidecar && revokes) && random.random_bool(0.4);
        let late = has_late.then(|| if random.random_bool(0.5) { CADRE } else { HEAD });
        Self {
            restores,
            split: restores > 0 && random.random_bool(0.3),
            loses_sidecar,
            gains_copy: restores > 0 && random.random_bool(0.3),
            revivals: random.random_range(0..3),
            revokes,
            late,
            closes_early: restores > 0 && !loses_sidecar && random.random_bool(0.2),
            kills: random.random_bool(0.6),
            losses_percent: [2, 10, 35][random.random_range(0..3)],
            push_entries_max: [1, 2, 6, 6][random.random_range(0..4)],
        }
    }
}
