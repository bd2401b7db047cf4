//! The ceremony: three holders, one after the other at one machine, make the key of a round and its slips.
//!
//! Everything is made here and in memory: the round's key, the holders' keys, the admission key, the slips. What is left
//! afterwards are three locked shares, the announcement for the office, and paper. There is no reprint. Source:
//! anonymity A1-A6, A23, A32.

use ed25519_dalek::SigningKey;
use model::admission::{ADMISSION_BYTES, AdmissionKey};
use model::chance::shuffle;
use model::envelope::PRIVATE_KEY_BYTES;
use model::handshake::public;
use model::hash::{PublicKey, SealingKey};
use model::identity::RoundId;
use model::round::announced::{AnnouncedRound, Announcement};
use model::round::area::Area;
use model::round::holder::HOLDERS;
use model::round::{Fingerprint, RoundDefinition, SignedRound};
use model::sealing::{Purpose, RoundKey, seal};
use model::slip::book::SlipBook;
use model::slip::{SECRET_BYTES, SlipSecret};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

use crate::intake::keys::{IntakeFile, IntakeKeys};
use crate::passphrase::{Passphrase, Stretch};
use crate::plan::{NewKeys, PlanRefused, RoundPlan};
use crate::share::{HolderKeys, Share};
use crate::sharing::split;

/// What a ceremony made. The slips are wiped with it.
pub struct Ceremony {
    /// For the office.
    pub announcement: Announcement,
    /// For the holders, in their order.
    pub shares: [Share; HOLDERS],
    /// For the printer, area by area; none where feedback is taken.
    pub slips: Vec<AreaSlips>,
    /// For those who take feedback in, where it is taken.
    intake: Option<IntakeKeys>,
}

/// The slips of one area in the order in which they are printed, which is chance.
pub struct AreaSlips {
    /// Where they are drawn.
    pub area: Area,
    /// In random order.
    pub secrets: Vec<SlipSecret>,
}

/// The keys of a round under way; none of them is ever written as it is.
struct Keys {
    round: Zeroizing<[u8; PRIVATE_KEY_BYTES]>,
    holders: [SigningKey; HOLDERS],
    admission: AdmissionKey,
    intake: IntakeKeys,
}

/// Holds the ceremony of a plan. `random` is the system's source, never a seeded one outside tests.
pub fn hold(
    plan: &RoundPlan,
    passphrases: &[Passphrase; HOLDERS],
    stretch: Stretch,
    random: &mut impl CryptoRng,
) -> Result<Ceremony, PlanRefused> {
    let keys = Keys::drawn(random);
    let round_key = RoundKey::from_bytes(&keys.round).expect("any 32 bytes are a key");
    let mut id = [0; 16];
    random.fill_bytes(&mut id);
    let mut definition = plan.definition(NewKeys {
        id: RoundId::from_bytes(id),
        holders: keys.holders.each_ref().map(public),
        key: round_key.public(),
        admission: keys.admission.hash(),
        intake: keys.of_intake(),
    })?;
    let slips: Vec<AreaSlips> = definition.areas.iter().map(|area| AreaSlips::drawn(area, random)).collect();
    let book = book_of(&slips, definition.id);
    definition.slip_book = book.digest();
    let plain = Zeroizing::new(book.to_bytes());
    let slip_book = seal((&definition.key, definition.id), Purpose::SlipBook, &plain, random)
        .expect("a key that was made from a private one is a key");
    let shares = keys.locked(&definition, (passphrases, stretch), random);
    let signatures = keys.holders.each_ref().map(|key| definition.signed_by(key));
    let signed = SignedRound { definition, signatures };
    let round = AnnouncedRound { signed, admission: keys.admission.clone() };
    let announcement = Announcement::new(round, slip_book);
    let intake = announcement.signed.definition.takes_feedback().then_some(keys.intake);
    Ok(Ceremony { announcement, shares, slips, intake })
}

impl Ceremony {
    /// What stands on every slip.
    pub fn fingerprint(&self) -> Fingerprint {
        self.announcement.signed.definition.fingerprint()
    }

    /// The file of the intake, where feedback is taken.
    pub fn intake_file(
        &self,
        (passphrase, stretch): (&Passphrase, Stretch),
        random: &mut impl CryptoRng,
    ) -> Option<IntakeFile> {
        let keys = self.intake.as_ref()?;
        Some(IntakeFile::lock(keys, &self.announcement.signed.definition, (passphrase, stretch), random))
    }
}

impl Keys {
    fn drawn(random: &mut impl CryptoRng) -> Self {
        let mut round = Zeroizing::new([0; PRIVATE_KEY_BYTES]);
        random.fill_bytes(round.as_mut());
        let holders = std::array::from_fn(|_| {
            let mut seed = Zeroizing::new([0; 32]);
            random.fill_bytes(seed.as_mut());
            SigningKey::from_bytes(&seed)
        });
        let mut admission = [0; ADMISSION_BYTES];
        random.fill_bytes(&mut admission);
        let intake = IntakeKeys::drawn(random);
        Self { round, holders, admission: AdmissionKey::from_bytes(admission), intake }
    }

    /// What the definition holds of the intake.
    fn of_intake(&self) -> (SealingKey, PublicKey) {
        let key = RoundKey::from_bytes(&self.intake.private).expect("any 32 bytes are a key");
        (key.public(), public(&self.intake.signing))
    }

    fn locked(
        &self,
        round: &RoundDefinition,
        (passphrases, stretch): (&[Passphrase; HOLDERS], Stretch),
        random: &mut impl CryptoRng,
    ) -> [Share; HOLDERS] {
        let halves = split(&self.round, random);
        let kept = halves.into_iter().zip(&self.holders);
        let mut kept = kept.map(|(halves, signing)| HolderKeys { halves, signing: signing.clone() });
        passphrases.each_ref().map(|passphrase| {
            let keys = kept.next().expect("there are as many halves as holders");
            Share::lock(&keys, round, (passphrase, stretch), random)
        })
    }
}

impl AreaSlips {
    /// As many as the area needs. The order of printing is drawn apart from the secrets, so that nobody who saw one of
    /// the two being made knows the other (A5).
    fn drawn(area: &Area, random: &mut impl CryptoRng) -> Self {
        let secret = |_| {
            let mut bytes = Zeroizing::new([0; SECRET_BYTES]);
            random.fill_bytes(bytes.as_mut());
            SlipSecret::from_random(*bytes)
        };
        let mut secrets: Vec<SlipSecret> = (0..area.slips).map(secret).collect();
        shuffle(&mut secrets, random);
        Self { area: area.clone(), secrets }
    }
}

fn book_of(slips: &[AreaSlips], round: RoundId) -> SlipBook {
    let of_area = |of: &AreaSlips| {
        let number = of.area.number;
        let tags: Vec<_> = of.secrets.iter().map(|secret| (number, secret.tag(round, number))).collect();
        tags
    };
    SlipBook::of(slips.iter().flat_map(of_area))
}

#[cfg(test)]
mod tests;
