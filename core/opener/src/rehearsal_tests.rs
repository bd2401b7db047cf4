//! A rehearsed round for tests: the office's plan, residents who answer, the server's file. It knows `model` alone, so
//! that the tests of the library and of the program share it.

use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use model::ballot::{Ballot, Given};
use model::box_seal::{BoxId, BoxSeal, Leaf};
use model::envelope::{Envelope, EnvelopeId};
use model::handshake::public;
use model::opening::{BoxDigest, OpeningInput, SealedBytes};
use model::publication::Issued;
use model::received::ReceivedList;
use model::round::RoundDefinition;
use model::round::announced::Announcement;
use model::sealing::{Purpose, seal};
use model::slip::SlipSecret;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

/// About three people, two areas of which one was joined, over long ago.
pub(crate) const PLAN: &str = r#"{
  "title": "Lấy phiếu tín nhiệm tổ trưởng năm 2026",
  "organiser": "09090909090909090909090909090909",
  "about": { "people": [
    { "person": "01010101010101010101010101010101", "name": "Nguyễn Văn An", "post": "Tổ trưởng tổ 1" },
    { "person": "02020202020202020202020202020202", "name": "Trần Thị Bình", "post": "Tổ trưởng tổ 2" },
    { "person": "03030303030303030303030303030303", "name": "Lê Văn Cường", "post": "Tổ trưởng tổ 3" }
  ] },
  "template": "CONF",
  "electorate": "Cử tri cư trú trên địa bàn phường",
  "neighbourhoods": [
    { "name": "Tổ dân phố 1", "eligible": 60 },
    { "name": "Tổ dân phố 2", "eligible": 30 },
    { "name": "Tổ dân phố 3", "eligible": 45 }
  ],
  "opens": "2026-01-05", "closes": "2026-01-15", "grace": "2026-01-18",
  "standing": "consultative",
  "denominator": "collected",
  "holders": [
    { "name": "Trần Quang Huy", "body": "Ban Thanh tra nhân dân" },
    { "name": "Ngô Thị Bích", "body": "Hội Người cao tuổi phường" },
    { "name": "Bùi Văn Lộc", "body": "Hội Cựu chiến binh phường" }
  ]
}"#;

/// The same place about the work of its office, with texts.
pub(crate) fn satisfaction_plan() -> String {
    let (before, rest) = PLAN.split_once(r#""about""#).unwrap();
    let (_, after) = rest.split_once(r#""electorate""#).unwrap();
    let about = r#""about": { "unit": "08080808080808080808080808080808" }, "template": "SAT", "electorate""#;
    format!("{before}{about}{after}").replace("Lấy phiếu tín nhiệm tổ trưởng năm 2026", "Hài lòng quý IV/2026")
}

/// The same place with two people who take feedback in.
pub(crate) fn feedback_plan() -> String {
    let plan = satisfaction_plan().replace(r#""SAT""#, r#""FREE""#).replace("Hài lòng quý IV/2026", "Góp ý quý I/2026");
    plan.replace(r#""standing""#, r#""intake": ["Đỗ Thị Hoa", "Lý Văn Khang"], "standing""#)
}

pub(crate) const PASSPHRASES: [&str; 3] = ["con trâu trắng qua cầu", "bảy ngọn đèn trên sông", "mưa rơi mái ngói cũ"];

/// A stranger to the holders.
pub(crate) fn server() -> SigningKey {
    SigningKey::from_bytes(&[9; 32])
}

pub(crate) fn seeded(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// What a resident answers, so that every side has enough: by number.
pub(crate) fn given(round: &RoundDefinition, number: usize) -> Vec<Given> {
    let answer = |(index, options): (usize, usize)| match options {
        0 => Given::Text(format!("Lời của người thứ {number}")),
        options => Given::Option(((number + index) % options) as u8),
    };
    round.asked().map(|asked| asked.question.options().len()).enumerate().map(answer).collect()
}

/// One envelope for every slip, sorted by name as the server sorts them.
pub(crate) fn envelopes(round: &RoundDefinition, secrets: &[SlipSecret], seed: u64) -> Vec<Envelope> {
    let mut random = seeded(seed);
    let sealed = |(number, secret): (usize, &SlipSecret)| {
        let ballot = Ballot { secret: secret.clone(), given: given(round, number) };
        Envelope::seal(round, &ballot, &mut random).unwrap()
    };
    sorted(secrets.iter().enumerate().map(sealed).collect())
}

pub(crate) fn sorted(mut envelopes: Vec<Envelope>) -> Vec<Envelope> {
    envelopes.sort_by_key(|envelope| envelope.id);
    envelopes
}

/// What the server knows and may get wrong.
#[derive(Default)]
pub(crate) struct Wrong {
    /// Names that it listed and lost.
    pub(crate) listed_more: usize,
    /// Envelopes that phones sealed and it never got.
    pub(crate) sealed_more: u8,
    /// Slips that were handed back.
    pub(crate) returned: Vec<SlipSecret>,
}

/// The file of the opening.
pub(crate) fn file(announcement: &Announcement, envelopes: &[Envelope], wrong: &Wrong) -> Vec<u8> {
    let round = &announcement.signed.definition;
    let mut digest = BoxDigest::default();
    envelopes.iter().for_each(|envelope| digest.take(envelope));
    let (count, frozen_box) = digest.finish().unwrap();
    let mut names: Vec<EnvelopeId> = envelopes.iter().map(|envelope| envelope.id).collect();
    names.extend((0..wrong.listed_more).map(|number| EnvelopeId::from_bytes([number as u8; 16])));
    let slips: Vec<u8> = wrong.returned.iter().flat_map(SlipSecret::to_bytes).collect();
    let returned = seal((&round.key, round.id), Purpose::ReturnedSlips, &slips, &mut seeded(3)).unwrap();
    let issued: BTreeMap<_, _> = round.areas.iter().map(|area| (area.number, area.eligible)).collect();
    let carriers = round.areas.iter().map(|area| (area.number, 2)).collect();
    let mut input = OpeningInput::of(announcement.signed.clone(), announcement.slip_book.clone(), public(&server()));
    // A round that takes feedback runs on, and few have come: nothing is listed yet.
    if !round.takes_feedback() || wrong.listed_more > 0 {
        input.lists = vec![ReceivedList::sign((round.id, None, None), &names, true, &server())];
    }
    input.seals = seals(count + u32::from(wrong.sealed_more));
    input.returned = vec![SealedBytes(returned)];
    input.issued = Issued { slips: issued, carriers };
    (input.envelopes, input.frozen_box) = (count, frozen_box);
    let mut bytes = input.signed(&server()).framed();
    envelopes.iter().for_each(|envelope| bytes.extend_from_slice(&envelope.to_bytes()));
    bytes
}

/// Boxes of at most sixty envelopes.
fn seals(mut envelopes: u32) -> Vec<model::box_seal::SpokenSeal> {
    let mut random = seeded(4);
    let mut seals = Vec::new();
    while envelopes > 0 {
        let leaves: Vec<Leaf> = (0..envelopes.min(60)).map(|leaf| Leaf::from_bytes([leaf as u8; 32])).collect();
        let mut id = [0; 16];
        random.fill_bytes(&mut id);
        seals.push(BoxSeal::of(BoxId::from_bytes(id), &leaves).unwrap_or_else(|refused| panic!("{refused}")).spoken());
        envelopes -= leaves.len() as u32;
    }
    seals
}
