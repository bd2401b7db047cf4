//! A round of opinion with everybody in it: three holders and their laptop, volunteers with phones, residents with slips.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use model::ballot::Given;
use model::document::DocumentKind;
use model::opening::SealedBytes;
use model::outcome::{PaperCount, SignedOutcome};
use model::round::announced::AnnouncedRound;
use model::round::record;
use model::round::{AreaNumber, RoundDefinition};
use model::sealing::{Purpose, seal};
use model::slip::SlipSecret;
use model::time::Day;
use opener::ceremony::{self, Ceremony};
use opener::count::{Count, Opening, Said};
use opener::frozen::FrozenBox;
use opener::machine::randomness;
use opener::passphrase::{Passphrase, Stretch};
use opener::plan::RoundPlan;
use opener::share::OpenerKeys;
use phone::courier::{self, Parcel, line};
use phone::directory::Directory;
use phone::guest::{self, Guest, GuestRefused, Shown};
use phone::store::StoreFailed;
use phone::sync::http::Cancel;
use phone::work::Paper;
use serde_json::json;
use server::counter::ask;
use server::desk::{Asked, Told};
use server::rounds::desk::{RoundAsked, RoundTold};
use server::rounds::overview::RoundOverview;
use server::running::Running;

use crate::commune::Commune;
use crate::house::{Handset, House};

const PASSPHRASES: [&str; 3] = ["con trâu trắng qua cầu", "bảy ngọn đèn trên sông", "mưa rơi mái ngói cũ"];

/// Enough for a rehearsal; the ceremony's own costs a second a share.
const CHEAP: Stretch = Stretch { memory_kib: 64, passes: 1, lanes: 1 };

/// About the commune's office in two areas, one of them joined of two; it closes and its grace ends so many days after
/// today.
pub fn plan(commune: &Commune, today: Day, [closes, grace]: [i64; 2]) -> serde_json::Value {
    let day = |later| today.plus_days(later).unwrap().to_string();
    let unit = commune.units[0].id.to_string();
    json!({
        "title": "Khảo sát hài lòng quý IV", "organiser": unit, "about": { "unit": unit }, "template": "SAT-NTM",
        "electorate": "Đại diện hộ gia đình",
        "neighbourhoods": [
            { "name": "Tổ 1", "eligible": 40 }, { "name": "Tổ 2", "eligible": 40 }, { "name": "Tổ 3", "eligible": 8 }
        ],
        "opens": day(0), "closes": day(closes), "grace": day(grace),
        "standing": "consultative", "denominator": "collected",
        "holders": [
            { "name": "Trần Quang Huy", "body": "Ban Thanh tra nhân dân" },
            { "name": "Ngô Thị Bích", "body": "Hội Người cao tuổi" },
            { "name": "Bùi Văn Lộc", "body": "Hội Cựu chiến binh" }
        ]
    })
}

/// An order of the operator, given to the running server through its folder.
pub async fn ordered(house: &House, asked: RoundAsked) -> Told {
    let settings = house.settings.clone();
    tokio::task::spawn_blocking(move || ask(&settings, &Asked::Round(asked)).unwrap()).await.unwrap()
}

/// How the round stands after an order that was carried out.
pub async fn done(house: &House, asked: RoundAsked) -> RoundOverview {
    match ordered(house, asked).await {
        Told::Round(RoundTold::Done(overview)) => *overview,
        other => panic!("{other:?}"),
    }
}

/// The office announces what they made.
pub async fn announced(house: &House, holders: &Holders) {
    let bytes = holders.ceremony.announcement.to_bytes();
    done(house, RoundAsked::Announce { bytes, operators: Vec::new() }).await;
}

/// The three holders and what their ceremony made.
pub struct Holders {
    pub ceremony: Ceremony,
}

impl Holders {
    pub fn of(plan: &serde_json::Value) -> Self {
        let plan = RoundPlan::read(plan.to_string().as_bytes()).unwrap();
        let passphrases = PASSPHRASES.map(|words| Passphrase::typed(words).unwrap());
        Self { ceremony: ceremony::hold(&plan, &passphrases, CHEAP, &mut randomness()).unwrap() }
    }

    pub fn definition(&self) -> &RoundDefinition {
        &self.ceremony.announcement.signed.definition
    }

    /// The bag of one area: its slips in the order in which they are drawn.
    pub fn bag(&self, area: u16) -> Vec<SlipSecret> {
        let slips = self.ceremony.slips.iter().find(|slips| slips.area.number == AreaNumber(area));
        slips.unwrap().secrets.clone()
    }

    /// The keys of two of them.
    pub fn keys(&self, pair: [usize; 2]) -> OpenerKeys {
        let [one, other] = pair.map(|holder| {
            let passphrase = Passphrase::typed(PASSPHRASES[holder]).unwrap();
            self.ceremony.shares[holder].unlock(&passphrase, self.definition()).unwrap()
        });
        OpenerKeys::of(one, other, self.definition()).unwrap()
    }

    /// Two of them open a box that was checked.
    pub fn opens(&self, pair: [usize; 2], frozen: FrozenBox) -> Count {
        Opening::new(frozen, self.keys(pair)).unwrap().count(&mut randomness(), |_| {}).unwrap()
    }

    /// Two of them open the file of the server; what leaves.
    pub fn count(
        &self,
        pair: [usize; 2],
        file: &Path,
        (today, paper, reasons): (Day, PaperCount, &[&str]),
    ) -> SignedOutcome {
        let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
        let count = self.opens(pair, FrozenBox::check(file, today).unwrap());
        count.conclude(Said { paper, reasons, today, screeners: None }, &mut randomness()).unwrap().outcome
    }
}

/// A volunteer with a phone, in one round.
pub struct Volunteer {
    pub handset: Handset,
    pub round: Arc<AnnouncedRound>,
}

impl Volunteer {
    /// The round as the phone got it over the named road.
    pub fn new(mut handset: Handset, holders: &Holders) -> Self {
        let directory = model::space::directory_space(&handset.parties.server);
        let read = Directory::read(&handset.store, &mut handset.work, directory).unwrap();
        Self { round: Arc::clone(&read.rounds[&holders.definition().id]), handset }
    }

    /// A resident shows a slip, answers every question and drops the ballot.
    pub fn hears(&mut self, slip: &SlipSecret, given: &[Given], today: Day) -> Result<usize, GuestRefused> {
        let square = slip.square(&self.round.signed.definition.fingerprint());
        let (store, random) = (&mut self.handset.store, &mut randomness());
        let device = (&*store, self.handset.author.incarnation);
        let mut guest = Guest::begin(device, Arc::clone(&self.round), &Shown::Square(&square), today, random)?;
        for (question, answer) in given.iter().enumerate() {
            guest.answer(store, question, answer.clone(), random)?;
        }
        guest.cast(store, random)
    }

    /// The day's ticks leave with the next exchange.
    pub fn ticks(&mut self, area: u16, lines: impl IntoIterator<Item = u32>) {
        let lines: BTreeSet<u32> = lines.into_iter().collect();
        self.records(&[record::ticks(AreaNumber(area), &lines)]);
    }

    /// Slips that came back unused, sealed to the holders.
    pub fn returns(&mut self, slips: &[SlipSecret]) {
        let definition = &self.round.signed.definition;
        let plain: Vec<u8> = slips.iter().flat_map(|slip| slip.to_bytes().to_vec()).collect();
        let sealed = seal((&definition.key, definition.id), Purpose::ReturnedSlips, &plain, &mut randomness());
        self.records(&[record::returned(&SealedBytes(sealed.unwrap()))]);
    }

    /// Seals the box; the seal leaves with the next exchange.
    pub fn seals(&mut self) -> model::box_seal::BoxSeal {
        let definition = &self.round.signed.definition;
        let seal = guest::seal_box(&mut self.handset.store, definition, &mut randomness()).unwrap();
        self.records(&[record::seal(&seal)]);
        seal
    }

    fn records(&mut self, edits: &[model::document::Edit]) {
        let (round, person) = (self.round.signed.definition.id, self.handset.author.person);
        let space = model::space::person_space(&self.handset.parties.server, person);
        let document = DocumentKind::RoundRecord.document_about(space, &record::subject(round, person));
        let edits = [record::begin(round, person), edits.to_vec()].concat();
        self.handset.edit(Paper { space, document }, &edits);
    }

    pub fn parcel(&mut self, today: Day) -> Option<Parcel> {
        courier::next(&mut self.handset.store, &self.round, today, &mut randomness()).unwrap()
    }

    /// Carries everything that may travel today; how many parcels the server took.
    pub async fn delivers(&mut self, server: &Running, today: Day) -> usize {
        let mut taken = 0;
        while let Some(parcel) = self.parcel(today) {
            if carried(server, parcel.bytes.clone()).await != line::Sent::Taken {
                break;
            }
            courier::arrived(&mut self.handset.store, &self.round, &parcel, &mut randomness()).unwrap();
            taken += 1;
        }
        taken
    }

    /// Fetches the list and forgets what it names; how many envelopes are left.
    pub async fn reads_list(&mut self, server: &Running) -> usize {
        let (address, identity) = (format!("https://{}", server.address), server.identity);
        let id = self.round.signed.definition.id;
        let fetch =
            tokio::task::spawn_blocking(move || line::list((&address, &identity), id, &Arc::new(Cancel::default())));
        if let Some(list) = fetch.await.unwrap().unwrap() {
            let listed = (list.as_slice(), &server.identity);
            courier::take_list(&mut self.handset.store, &self.round, listed, &mut randomness()).unwrap();
        }
        self.left().unwrap()
    }

    fn left(&self) -> Result<usize, StoreFailed> {
        let definition = &self.round.signed.definition;
        let found = phone::store::ballot_box::find(self.handset.store.reader(), definition)?;
        Ok(found.map_or(0, |found| found.slots.used().len()))
    }
}

/// One parcel over a real encrypted connection.
pub async fn carried(server: &Running, bytes: Vec<u8>) -> line::Sent {
    let (address, identity) = (format!("https://{}", server.address), server.identity);
    let sent =
        tokio::task::spawn_blocking(move || line::send((&address, &identity), bytes, &Arc::new(Cancel::default())));
    sent.await.unwrap().unwrap()
}
