//! Joining: from the code in the office's picture to the membership that this device keeps for ever.
//!
//! Anybody can make a picture with the server's public key and an address of his own, and whoever is on the way may
//! answer. So nothing is kept that the server of the code has not signed, and a phone that is in stays what it is, where
//! it is, until a signed answer says that the office approved it anew: so it also moves to a new address of its office.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::door::DoorRefused;
use model::enrolment::{Enrolment, EnrolmentCode, EnrolmentRequest, Stage, code_hash, is_answer_signed};
use model::entry::Content;
use model::handshake::public;
use model::hash::PublicKey;
use model::identity::PersonId;
use model::receipt::ReceiptedEntry;
use reqwest::{Method, StatusCode};

use crate::device::{Application, Home};
use crate::facade::{Phone, random};
use crate::failure::{ExchangeFailed, Failure};
use crate::sync::http::{Cancel, Fetched, Line};

/// Shows the server of the code this device's key.
pub(crate) fn ask(phone: &Phone, code: &str, cancel: &Arc<Cancel>) -> Result<(), Failure> {
    let code = EnrolmentCode::parse(code).map_err(|_| Failure::BadCode)?;
    let key = {
        let desk = phone.desk();
        if desk.device.home.as_ref().is_some_and(|home| home.server != code.server) {
            return Err(Failure::OtherOffice);
        }
        desk.device.key.clone()
    };
    let request = EnrolmentRequest::sign(&code, &key, random());
    let body = minicbor::to_vec(&request).expect("writing to memory cannot fail");
    let mut line = Line::open(&code.address, code.server)?;
    let fetched = line.call((Method::POST, "/v1/enrol"), body.clone(), None, cancel)?;
    let Enrolment { nonce, stage } = read(&fetched, &body, &code.server)?;
    let application = Application { address: code.address, server: code.server, code: code_hash(&code.code), nonce };
    {
        let mut guard = phone.desk();
        let desk = &mut *guard;
        desk.device.apply(&mut desk.store, application.clone())?;
    }
    take(phone, application, stage)
}

/// Asks the server whether the office approved this device.
pub(crate) fn check(phone: &Phone, cancel: &Arc<Cancel>) -> Result<(), Failure> {
    let (application, key) = {
        let desk = phone.desk();
        match (&desk.device.application, &desk.device.home) {
            (Some(application), _) => (application.clone(), desk.device.key.clone()),
            (None, Some(_)) => return Ok(()),
            (None, None) => return Err(Failure::NotEnrolled),
        }
    };
    let mut line = Line::open(&application.address, application.server)?;
    let fetched = line.call((Method::GET, "/v1/enrolment"), Vec::new(), Some(&key), cancel)?;
    let Enrolment { nonce, stage } = read(&fetched, public(&key).as_bytes(), &application.server)?;
    if nonce != application.nonce {
        // About another request of this device; the server knows nothing of the one that waits here.
        return Err(Failure::BadCode);
    }
    take(phone, application, stage)
}

/// What the server with this identity answered about what was asked.
fn read(fetched: &Fetched, asked: &[u8], server: &PublicKey) -> Result<Enrolment, Failure> {
    if fetched.status != StatusCode::OK {
        return Err(match DoorRefused::read(&fetched.bytes) {
            Some(DoorRefused::CodeNotGood | DoorRefused::UnknownDevice) => Failure::BadCode,
            Some(_) | None => ExchangeFailed::ForeignServer.into(),
        });
    }
    let signature = fetched.signature.as_ref();
    if !signature.is_some_and(|by| is_answer_signed(asked, &fetched.bytes, by, server)) {
        return Err(ExchangeFailed::ForeignServer.into());
    }
    minicbor::decode(&fetched.bytes).map_err(|_| ExchangeFailed::ForeignServer.into())
}

fn take(phone: &Phone, application: Application, stage: Stage) -> Result<(), Failure> {
    let Stage::Approved(given) = stage else { return Ok(()) };
    let mut guard = phone.desk();
    let desk = &mut *guard;
    if desk.device.application.as_ref() != Some(&application) {
        // Another code was read while the answer was on its way.
        return Ok(());
    }
    let Application { address, server, .. } = application;
    if desk.device.home.as_ref().is_some_and(|home| home.server != server) {
        return Err(Failure::OtherOffice);
    }
    let person = person_of(&given, &server, &desk.device.public_key()).ok_or(ExchangeFailed::ForeignServer)?;
    desk.device.settle(&mut desk.store, Home { address, server, person }, &given)?;
    desk.unknown.clear();
    Ok(())
}

/// Whose device these acts make this one: each under the server's receipt, each a role for this very key, and all of them
/// for one person.
fn person_of(given: &[ReceiptedEntry], server: &PublicKey, device: &PublicKey) -> Option<PersonId> {
    let person = |given: &ReceiptedEntry| match given.read()?.0.content {
        Content::Grant(grant) if grant.key == Some(*device) && grant.role.is_some() => Some(grant.person),
        Content::Grant(_) | Content::Change(_) | Content::Submit(_) | Content::Status(_) | Content::File(_) => None,
    };
    let is_received = given.iter().all(|given| given.page.is_signed_by(server));
    let people: BTreeSet<PersonId> = given.iter().map(person).collect::<Option<_>>()?;
    people.first().copied().filter(|_| is_received && people.len() == 1)
}
