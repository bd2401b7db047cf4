//! Joining: from the code in the office's picture to the membership that this device keeps for ever.

use std::sync::{Arc, PoisonError};

use model::enrolment::{Enrolment, EnrolmentCode, EnrolmentRequest};
use model::entry::Content;
use model::receipt::ReceiptedEntry;
use reqwest::Method;

use crate::account;
use crate::device::Home;
use crate::facade::Phone;
use crate::failure::{ExchangeFailed, Failure};
use crate::sync::http::{Cancel, Line};

/// Shows the server of the code this device's key.
pub(crate) fn ask(phone: &Phone, code: &str, cancel: &Arc<Cancel>) -> Result<(), Failure> {
    let code = EnrolmentCode::parse(code).map_err(|_| Failure::BadCode)?;
    let is_elsewhere = phone.desk().device.home.as_ref().is_some_and(|home| home.server != code.server);
    if is_elsewhere {
        return Err(Failure::OtherOffice);
    }
    let request = EnrolmentRequest::sign(&code, &phone.desk().device.key);
    let body = minicbor::to_vec(&request).expect("writing to memory cannot fail");
    let mut line = Line::open(&code.address, code.server)?;
    let (status, bytes) = line.call((Method::POST, "/v1/enrol"), body, None, cancel)?;
    if status != 200 {
        return Err(Failure::BadCode);
    }
    let enrolment: Enrolment = minicbor::decode(&bytes).map_err(|_| ExchangeFailed::ForeignServer)?;
    {
        let mut guard = phone.desk();
        let desk = &mut *guard;
        let home = Home { address: code.address, server: code.server, person: None };
        desk.device.settle(&mut desk.store, home)?;
    }
    *phone.line.lock().unwrap_or_else(PoisonError::into_inner) = Some(line);
    take(phone, enrolment)
}

/// Asks the server whether the office approved this device.
pub(crate) fn check(phone: &Phone, cancel: &Arc<Cancel>) -> Result<(), Failure> {
    let (home, key) = {
        let desk = phone.desk();
        (desk.device.home.clone().ok_or(Failure::NotEnrolled)?, desk.device.key.clone())
    };
    let mut line = Line::open(&home.address, home.server)?;
    let (status, bytes) = line.call((Method::GET, "/v1/enrolment"), Vec::new(), Some(&key), cancel)?;
    if status != 200 {
        return Err(Failure::BadCode);
    }
    let enrolment: Enrolment = minicbor::decode(&bytes).map_err(|_| ExchangeFailed::ForeignServer)?;
    take(phone, enrolment)
}

fn take(phone: &Phone, enrolment: Enrolment) -> Result<(), Failure> {
    let Enrolment::Approved(given) = enrolment else { return Ok(()) };
    let mut guard = phone.desk();
    let desk = &mut *guard;
    let mut home = desk.device.home.clone().ok_or(Failure::NotEnrolled)?;
    let is_ours = |given: &ReceiptedEntry| given.page.is_signed_by(&home.server);
    if given.is_empty() || !given.iter().all(is_ours) {
        return Err(ExchangeFailed::ForeignServer.into());
    }
    let person = given.iter().find_map(|given| match given.read()?.0.content {
        Content::Grant(grant) => Some(grant.person),
        _ => None,
    });
    desk.store.transact(|transaction| account::enrol(transaction, &given))?;
    home.person = Some(person.ok_or(ExchangeFailed::ForeignServer)?);
    desk.device.settle(&mut desk.store, home)?;
    desk.unknown.clear();
    Ok(())
}
