//! Rounds of which every exact number is known, counted and published without phones, boxes or a ceremony.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use model::admission::AdmissionKey;
use model::envelope::PRIVATE_KEY_BYTES;
use model::handshake::public;
use model::hash::ContentHash;
use model::identity::RoundId;
use model::outcome::{Outcome, PaperCount, RecountWord, SignedOutcome, set_aside_matters};
use model::publication::{Issued, publishable};
use model::round::announced::{AnnouncedRound, Announcement};
use model::round::state::RoundSteps;
use model::round::{RoundDefinition, SignedRound};
use model::sealing::RoundKey;
use model::tally::{Answers, AreaTally, EnvelopeKinds, Tally};
use model::time::Day;
use opener::plan::{NewKeys, RoundPlan};
use serde_json::{Value, json};
use server::report::directory::Directory;
use server::results::PublishedRound;
use server::rounds::KeptRound;

const ADMISSION: [u8; 32] = [4; 32];

/// The exact numbers of a round.
pub struct CountedRound {
    pub signed: SignedRound,
    pub tally: Tally,
    pub issued: Issued,
}

/// About satisfaction in areas of these sizes; `about` is a unit or people, `template` one of those that ship.
pub fn plan(template: &str, title: &str, sizes: &[u32]) -> Value {
    let people = [("Nguyễn Văn An", 1), ("Trần Thị Bình", 2), ("Lê Văn Cường", 3)].map(
        |(name, number)| json!({ "person": format!("{number:02}").repeat(16), "name": name, "post": format!("Tổ trưởng tổ {number}") }),
    );
    let about =
        if template.starts_with("CONF") { json!({ "people": people }) } else { json!({ "unit": "08".repeat(16) }) };
    let neighbourhood =
        |(size, number): (&u32, u32)| json!({ "name": format!("Tổ dân phố {number}"), "eligible": size });
    json!({
        "title": title, "organiser": "09".repeat(16), "about": about, "template": template,
        "electorate": "Đại diện hộ gia đình cư trú trên địa bàn phường",
        "neighbourhoods": sizes.iter().zip(1..).map(neighbourhood).collect::<Vec<_>>(),
        "opens": "2026-11-10", "closes": "2026-11-30", "grace": "2026-12-02",
        "standing": "consultative", "denominator": "collected",
        "holders": [
            { "name": "Trần Quang Huy", "body": "Ban Thanh tra nhân dân" },
            { "name": "Ngô Thị Bích", "body": "Hội Người cao tuổi phường" },
            { "name": "Bùi Văn Lộc", "body": "Hội Cựu chiến binh phường" }
        ]
    })
}

fn keys() -> [SigningKey; 3] {
    [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]))
}

fn round_key() -> RoundKey {
    RoundKey::from_bytes(&zeroize::Zeroizing::new([7; PRIVATE_KEY_BYTES])).unwrap()
}

impl CountedRound {
    /// `options` gives the answers of an area, from 0, to a question, from 0. Everybody drew a slip.
    pub fn of(plan: &Value, options: impl Fn(usize, usize) -> Vec<u32>) -> Self {
        let plan = RoundPlan::read(plan.to_string().as_bytes()).unwrap();
        let holders = keys().each_ref().map(public);
        let (id, key) = (RoundId::from_bytes([5; 16]), round_key().public());
        let admission = AdmissionKey::from_bytes(ADMISSION).hash();
        let definition = plan.definition(NewKeys { id, holders, key, admission, intake: (key, holders[0]) }).unwrap();
        let asked: Vec<usize> = definition.asked().map(|asked| asked.question.options().len()).collect();
        let mut tally = Tally { kinds: EnvelopeKinds::default(), areas: BTreeMap::new() };
        for (index, area) in definition.areas.iter().enumerate() {
            let valid = options(index, 0).iter().sum();
            let kinds = EnvelopeKinds { valid, ..EnvelopeKinds::default() };
            let answer = |(question, count): (usize, &usize)| match count {
                0 => Answers { options: Vec::new(), blank: valid },
                _ => Answers { options: options(index, question), blank: 0 },
            };
            let answers = asked.iter().enumerate().map(answer).collect();
            tally.areas.insert(area.number, AreaTally { kinds, answers });
            tally.kinds.valid += valid;
        }
        let slips = definition.areas.iter().map(|area| (area.number, area.eligible)).collect();
        let carriers = definition.areas.iter().map(|area| (area.number, 2)).collect();
        let signatures = keys().map(|key| definition.signed_by(&key));
        Self { signed: SignedRound { definition, signatures }, tally, issued: Issued { slips, carriers } }
    }

    pub fn definition(&self) -> &RoundDefinition {
        &self.signed.definition
    }

    /// What leaves the opener, signed by two holders.
    pub fn outcome(&self, pair: [usize; 2], change: impl Fn(&mut Outcome)) -> SignedOutcome {
        let round = self.definition();
        let mut outcome = Outcome {
            published: publishable(round, &self.tally, &self.issued),
            input: ContentHash::from_bytes([1; 32]),
            frozen_box: ContentHash::from_bytes([2; 32]),
            counted: Day::new(2026, 12, 3).unwrap(),
            paper: PaperCount::default(),
            went_on: Vec::new(),
            set_aside_matters: set_aside_matters(round, &self.tally),
            recount: RecountWord::of(round, &self.tally, &round_key()),
            packets: Vec::new(),
        };
        change(&mut outcome);
        let keys = keys();
        SignedOutcome::sign(outcome, round, pair.map(|holder| &keys[holder])).unwrap()
    }

    /// As the office keeps it with these outcomes; published on a day or not yet.
    pub fn kept(&self, outcomes: [Option<SignedOutcome>; 2], reported: Option<Day>) -> KeptRound {
        let admission = AdmissionKey::from_bytes(ADMISSION);
        let announcement = Announcement::new(AnnouncedRound { signed: self.signed.clone(), admission }, Vec::new());
        let steps = RoundSteps {
            announced: Some(self.definition().opens),
            counted: Day::new(2026, 12, 3).ok(),
            reported,
            ..RoundSteps::default()
        };
        KeptRound { announcement, steps, outcomes }
    }

    /// Published; a round about people is counted again by another pair.
    pub fn published(&self, change: impl Fn(&mut Outcome)) -> PublishedRound {
        let second = (!self.definition().subjects().is_empty()).then(|| self.outcome([0, 2], &change));
        let kept = self.kept([Some(self.outcome([0, 1], &change)), second], Day::new(2026, 12, 4).ok());
        PublishedRound::of(&kept, &Directory::default()).unwrap()
    }
}
