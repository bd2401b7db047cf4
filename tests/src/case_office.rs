//! A real office and the phones of a case through the app's own door; these block, as the app's threads do.
#![allow(clippy::unwrap_used, missing_docs, reason = "a test that cannot go on says where")]

use model::enrolment::EnrolmentCode;
use model::identity::DocumentId;
use model::membership::Role;
use model::rating::Rating;
use server::running::Running;
use server::{enrolment, machine};
use tokio::runtime::Runtime;

use crate::cases::{CAST, SUBJECT, appointments};
use crate::commune::FilledForm;
use crate::demo::pocket::Pocket;
use crate::house::{House, SEED, act};

/// An office that appointed everybody, and the folder of the phones; these block, as the app's own threads do.
pub struct Office {
    pub runtime: Runtime,
    pub house: House,
    pub server: Running,
    pub folder: tempfile::TempDir,
}

impl Office {
    pub fn open() -> Self {
        let (runtime, house) = (Runtime::new().unwrap(), House::new());
        let server = runtime.block_on(house.opened());
        let items = appointments(&house);
        runtime.block_on(act(&server, move |office| office.publish(&items, machine::moment())));
        Self { runtime, house, server, folder: tempfile::tempdir().unwrap() }
    }

    pub fn close(self) {
        self.runtime.block_on(self.server.stop()).unwrap();
    }

    /// Lets somebody in with a phone of their own.
    pub fn lets_in(&self, place: usize) -> Pocket {
        let (code, person) = ([place as u8; 16], self.house.cadre(place));
        let keep = move |office: &mut server::office::Office| {
            enrolment::keep_code(office.reader(), &code, (person, Role::Subject), machine::now_ms())
        };
        self.runtime.block_on(act(&self.server, keep));
        let address = format!("https://{}", self.server.address);
        let shown = EnrolmentCode { address, server: self.server.identity, code }.to_string();
        let pocket = Pocket::open(&self.folder.path().join(place.to_string()), &place.to_string()).unwrap();
        pocket.enrol(&shown).unwrap();
        let approve = |office: &mut server::office::Office| {
            let waiting = enrolment::waiting(office.reader())?;
            let (device, nonce) = (model::entry::device_id(&waiting[0].key), waiting[0].nonce);
            enrolment::approve(office, (device, &nonce), machine::moment())
        };
        self.runtime.block_on(act(&self.server, approve)).unwrap();
        pocket.join().unwrap();
        pocket
    }

    pub fn lets_in_the(&self, role: Role) -> Pocket {
        self.lets_in(CAST.iter().find(|(held, _)| *held == role).unwrap().1)
    }

    pub fn name(&self, place: usize) -> String {
        self.house.commune.members[place].held.cadre.full_name.clone()
    }

    /// The cadre fills in the whole form and submits it.
    pub fn submits(&self, cadre: &Pocket) -> DocumentId {
        let member = &self.house.commune.members[SUBJECT].held;
        let form = FilledForm::drawn(SEED, member.cadre.id, Rating::Good);
        let paper = cadre.begin().unwrap();
        cadre.fill(paper, &form, member.assignment.is_leader).unwrap();
        cadre.phone.submit(paper).unwrap();
        cadre.send().unwrap();
        paper
    }
}
