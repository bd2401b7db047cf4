//! What every run begins with, made once in a process: a ceremony, an office that announced its round, enrolled phones.
//!
//! A run copies the files. So 500 runs need one ceremony, and each still has an office, boxes and phones of its own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ed25519_dalek::SigningKey;
use model::directory::ItemKind;
use model::hash::PublicKey;
use model::identity::PersonId;
use model::membership::Role;
use model::round::RoundDefinition;
use model::round::announced::AnnouncedRound;
use model::time::Day;
use opener::share::OpenerKeys;
use phone::directory::Directory;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use server::office::{Moment, Office};
use server::rounds;
use server::safety::Safety;

use super::phones::Pocket;
use crate::commune::Commune;
use crate::opinion::Holders;

/// Phones that the office let in.
pub const PHONES: usize = 4;

/// Days from opening to closing, and to the grace date.
pub const CLOSES: i64 = 4;
/// Days from opening to the grace date.
pub const GRACE: i64 = 7;

/// Characters of the one text that is asked for.
const TEXT_CHARS: u16 = 24;

/// The files of a folder, in memory.
struct Files(Vec<(PathBuf, Vec<u8>)>);

/// What was made once.
pub struct Rehearsal {
    /// The three holders.
    pub holders: Holders,
    /// The round as every phone has it.
    pub round: Arc<AnnouncedRound>,
    /// Two holders' keys, for whoever counts beside the opener.
    pub keys: OpenerKeys,
    office: Files,
    phones: Vec<Files>,
}

/// The key of every simulated server of this road.
pub fn server_key() -> SigningKey {
    SigningKey::from_bytes(&[43; 32])
}

/// The day on which the round opens.
pub fn first_day() -> Day {
    Day::parse("2026-12-01").expect("a day of the calendar")
}

/// A moment so many milliseconds after the first day began.
pub fn moment(ms: i64) -> Moment {
    Moment { now_ms: first_day().begins().utc_ms() + ms, random: ms.unsigned_abs() }
}

/// The one rehearsal of this process.
pub fn rehearsal() -> &'static Rehearsal {
    static MADE: OnceLock<Rehearsal> = OnceLock::new();
    MADE.get_or_init(Rehearsal::make)
}

impl Rehearsal {
    fn make() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let (holders, files) = (holders(), folder.path().join("office"));
        std::fs::create_dir(&files).expect("a scratch folder can be written");
        let mut office =
            Office::open(&files, server_key(), Safety::of_one_copy(), moment(0)).expect("a new office can be opened");
        let units: Vec<_> = commune().items().into_iter().filter(|item| item.kind == ItemKind::Unit).collect();
        office.publish(&units, moment(1)).expect("units can be published");
        let bytes = holders.ceremony.announcement.to_bytes();
        rounds::announce(&mut office, &bytes, &[], moment(2)).expect("the round can be announced");
        let mut phones = Vec::new();
        for index in 0..PHONES {
            let below = folder.path().join(format!("phone-{index}"));
            std::fs::create_dir(&below).expect("a scratch folder can be written");
            // No run has such a seed: equal streams would give a device's key and an envelope's name the same bytes.
            let random = &mut ChaCha8Rng::seed_from_u64(u64::MAX - index as u64);
            let mut pocket = Pocket::open((&below, person(index)), office.identity(), random);
            let given = office.grant_device(pocket.public_key(), person(index), Role::Subject, moment(3));
            pocket.enrol(&given.expect("a device can be let in"));
            pocket.exchange(&mut office, moment(4), random);
            let round = pocket.round(&holders);
            assert!(*round == holders.ceremony.announcement.round(), "a phone has the round over the named road");
            drop(pocket);
            phones.push(Files::below(&below));
        }
        checkpoint(&office);
        drop(office);
        let round = Arc::new(holders.ceremony.announcement.round());
        let keys = holders.keys([0, 1]);
        Self { office: Files::below(&files), phones, keys, round, holders }
    }

    /// The round.
    pub fn definition(&self) -> &RoundDefinition {
        &self.round.signed.definition
    }

    /// Who the server is.
    pub fn identity(&self) -> PublicKey {
        model::handshake::public(&server_key())
    }

    /// Lays out the files of a run: the folder of its server, and those of its phones.
    pub fn lay_out(&self, folder: &Path) -> (PathBuf, Vec<PathBuf>) {
        let server = folder.join("server");
        self.office.write(&server);
        let phones = self.phones.iter().enumerate().map(|(index, files)| {
            let below = folder.join(format!("phone-{index}"));
            files.write(&below);
            below
        });
        (server, phones.collect())
    }
}

/// Whose phone it is.
pub fn person(index: usize) -> PersonId {
    PersonId::from_bytes([20 + index as u8; 16])
}

/// Reads the round from the phone's directory.
pub fn round_of(directory: &Directory, holders: &Holders) -> Arc<AnnouncedRound> {
    Arc::clone(&directory.rounds[&holders.definition().id])
}

/// Writes the journal of the office into its file.
fn checkpoint(office: &Office) {
    let done = office.reader().query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(()));
    done.expect("a checkpoint can be written");
}

fn commune() -> Commune {
    Commune::generate(crate::house::SEED)
}

/// Two choices and a short text in two areas of forty households, so that envelopes are small and a run is quick.
fn holders() -> Holders {
    let day = |later| first_day().plus_days(later).expect("a day of the calendar").to_string();
    let unit = commune().units[0].id.to_string();
    let option = |label: &str, side: &str| json!({ "label": label, "side": side });
    let yes_no = [option("Có", "for"), option("Không", "rest"), option("Không biết", "outside")];
    let questions = json!([
        { "key": "first", "label": "Câu một", "options": yes_no },
        { "key": "second", "label": "Câu hai", "options": yes_no[..2] },
        { "key": "text", "label": "Lời", "chars_max": TEXT_CHARS },
    ]);
    let plan = json!({
        "title": "Vòng thử", "organiser": unit, "about": { "unit": unit },
        "template": { "code": "SMALL", "version": 1, "title": "Phiếu thử", "questions": questions },
        "electorate": "Đại diện hộ gia đình",
        "neighbourhoods": [{ "name": "Tổ 1", "eligible": 40 }, { "name": "Tổ 2", "eligible": 40 }],
        "opens": day(0), "closes": day(CLOSES), "grace": day(GRACE),
        "standing": "consultative", "denominator": "collected",
        "holders": [
            { "name": "Trần Quang Huy", "body": "Ban Thanh tra nhân dân" },
            { "name": "Ngô Thị Bích", "body": "Hội Người cao tuổi" },
            { "name": "Bùi Văn Lộc", "body": "Hội Cựu chiến binh" }
        ]
    });
    Holders::of(&plan)
}

impl Files {
    fn below(folder: &Path) -> Self {
        let files = std::fs::read_dir(folder).expect("a folder of ours can be read").flatten();
        let read = |file: std::fs::DirEntry| {
            let bytes = std::fs::read(file.path()).expect("a file of ours can be read");
            (PathBuf::from(file.file_name()), bytes)
        };
        Self(files.map(read).collect())
    }

    fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).expect("the scratch folder can be written");
        for (name, bytes) in &self.0 {
            std::fs::write(folder.join(name), bytes).expect("the scratch folder can be written");
        }
    }
}
