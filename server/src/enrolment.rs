//! Letting devices in: one-time codes, devices that wait for the four words, approval, revocation.
//!
//! Source: security 2.2, 2.12.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::enrolment::{CODE_BYTES, CODE_NAME_BYTES, Enrolment, EnrolmentRequest, NONCE_BYTES, Stage, code_hash};
use model::entry::{Content, device_id};
use model::four_words::four_words;
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId, SpaceId};
use model::membership::{Grant, Membership, Role};
use model::receipt::ReceiptedEntry;
use rusqlite::{Connection, OptionalExtension, Row};

use crate::failure::ServerFailed;
use crate::limits::{CODE_CLOCK_MS_MAX, CODE_TIME_MS, CODE_TRIES_MAX, CODES_MAX, WAITING_MAX};
use crate::log;
use crate::machine;
use crate::office::{Moment, Office};
use crate::people;

/// A device that asked to be let in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Applicant {
    /// Its key.
    pub key: PublicKey,
    /// For whom the code was made.
    pub person: PersonId,
    /// As what.
    pub role: Role,
    /// When the office approved it; none while it waits.
    pub approved_ms: Option<i64>,
    /// When it asked; none if it asked before this was written down.
    pub asked_ms: Option<i64>,
    /// The hash of the code that it used; zeros, like the nonce, if it asked before they were written down: then no phone
    /// shows its words.
    pub code: [u8; 32],
    /// The server's part in its four words.
    pub nonce: [u8; NONCE_BYTES],
}

impl Applicant {
    /// What must also stand on the phone.
    pub fn words(&self, server: &PublicKey) -> [&'static str; 4] {
        four_words(server, &self.key, &self.code, &self.nonce)
    }
}

/// Keeps a fresh code for a person; an earlier one of the same person goes, for it may lie in a wrong hand, and so do
/// those that are over, and beyond the limit the oldest.
pub fn keep_code(
    connection: &Connection,
    code: &[u8; CODE_BYTES],
    (person, role): (PersonId, Role),
    now_ms: i64,
) -> Result<(), ServerFailed> {
    forget_codes(connection, now_ms)?;
    connection.execute("delete from enrolment_code where person = ?1", [person.as_bytes()])?;
    let sql = "delete from enrolment_code where name in
               (select name from enrolment_code order by expires_ms desc limit -1 offset ?1)";
    connection.execute(sql, [CODES_MAX - 1])?;
    let sql = "insert or replace into enrolment_code (name, hash, person, role, expires_ms, tries)
               values (?1, ?2, ?3, ?4, ?5, 0)";
    let role = role.number();
    connection.execute(sql, (name_of(code), code_hash(code), person.as_bytes(), role, now_ms + CODE_TIME_MS))?;
    Ok(())
}

/// Forgets the codes that are over. One that ends later than any that is made now was made by a clock that was ahead: it
/// would live as much longer as the clock was set back.
pub fn forget_codes(connection: &Connection, now_ms: i64) -> Result<(), ServerFailed> {
    let sql = "delete from enrolment_code where expires_ms <= ?1 or expires_ms > ?2";
    connection.execute(sql, (now_ms, now_ms + CODE_TIME_MS + CODE_CLOCK_MS_MAX))?;
    Ok(())
}

/// Takes a device's request: the code is used up and the device waits, in one transaction. `None` if the code is not
/// good. While the device waits it is answered again, for the answer may have been lost on the way; but not with another
/// code, or a phone would show words although somebody else used the code, and not when it is in: whoever has the picture
/// of a used code cannot lead a phone elsewhere with it.
pub fn enrol(office: &mut Office, request: &EnrolmentRequest, now_ms: i64) -> Result<Option<Enrolment>, ServerFailed> {
    let device = device_id(&request.device);
    let is_signed = request.is_signed_for(&office.identity());
    let code = code_hash(&request.code);
    let transaction = office.reader().unchecked_transaction()?;
    let taken = take_code(&transaction, &request.code, is_signed, now_ms)?;
    if let Some((person, role)) = taken {
        let sql = "insert into device (device, key, person, role, approved_ms, asked_ms, code, nonce)
                   values (?1, ?2, ?3, ?4, null, ?5, ?6, ?7)
                   on conflict (device) do update set
                   person = excluded.person, role = excluded.role, approved_ms = null, asked_ms = excluded.asked_ms,
                   code = excluded.code, nonce = excluded.nonce";
        let (key, person) = (request.device.as_bytes(), person.as_bytes());
        let nonce: [u8; NONCE_BYTES] = machine::random();
        transaction.execute(sql, (device.as_bytes(), key, person, role.number(), now_ms, code, nonce))?;
    }
    transaction.commit()?;
    let waiting = find(office.reader(), device)?.filter(|found| found.approved_ms.is_none() && found.code == code);
    let answer = |found: Applicant| Enrolment { nonce: found.nonce, stage: Stage::Waiting };
    Ok(waiting.filter(|_| is_signed).map(answer))
}

/// How far a device is; `None` if it never asked.
pub fn state(office: &mut Office, device: DeviceId) -> Result<Option<Enrolment>, ServerFailed> {
    let Some(applicant) = find(office.reader(), device)? else { return Ok(None) };
    let stage = match applicant.approved_ms {
        None => Stage::Waiting,
        Some(_) => {
            let mut given = office.enrolment_of(device)?;
            // A phone that changed hands stands in the space of whoever had it before, too.
            given.retain(|given| is_for(given, applicant.person));
            Stage::Approved(given)
        }
    };
    Ok(Some(Enrolment { nonce: applicant.nonce, stage }))
}

fn is_for(given: &ReceiptedEntry, person: PersonId) -> bool {
    given.read().is_some_and(|(entry, _)| matches!(entry.content, Content::Grant(grant) if grant.person == person))
}

/// Devices that wait for the four words.
pub fn waiting(connection: &Connection) -> Result<Vec<Applicant>, ServerFailed> {
    let sql = "select key, person, role, approved_ms, asked_ms, code, nonce from device
               where approved_ms is null order by device";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Devices that were let in after their four words were compared, those that are out again too.
pub fn admitted(connection: &Connection) -> Result<Vec<Applicant>, ServerFailed> {
    let sql = "select key, person, role, approved_ms, asked_ms, code, nonce from device
               where approved_ms is not null order by device";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], read)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// How many codes can still be used.
pub fn codes(connection: &Connection, now_ms: i64) -> Result<u32, ServerFailed> {
    let sql = "select count(*) from enrolment_code where expires_ms > ?1 and expires_ms <= ?2 and tries < ?3";
    let latest_ms = now_ms + CODE_TIME_MS + CODE_CLOCK_MS_MAX;
    Ok(connection.query_row(sql, (now_ms, latest_ms, CODE_TRIES_MAX), |row| row.get(0))?)
}

/// Lets a waiting device in, after somebody compared the words that this nonce made. A device that has asked again since,
/// perhaps with a code of somebody else, waits with other words: what was compared waits no more.
pub fn approve(
    office: &mut Office,
    (device, compared): (DeviceId, &[u8; NONCE_BYTES]),
    moment: Moment,
) -> Result<Option<Vec<ReceiptedEntry>>, ServerFailed> {
    let is_meant = |found: &Applicant| found.approved_ms.is_none() && found.nonce == *compared;
    let Some(applicant) = find(office.reader(), device)?.filter(is_meant) else {
        return Ok(None);
    };
    bring_back(office, &applicant, moment)?;
    let given = office.grant_device(applicant.key, applicant.person, applicant.role, moment)?;
    let sql = "update device set approved_ms = ?2 where device = ?1";
    office.reader().execute(sql, (device.as_bytes(), moment.now_ms))?;
    Ok(Some(given))
}

/// A person who was taken out comes back with this one phone: those of before, perhaps lost, stay out (exchange rule R12).
fn bring_back(office: &mut Office, applicant: &Applicant, moment: Moment) -> Result<(), ServerFailed> {
    let person = applicant.person;
    for space in [office.directory(), office.space_of(person)] {
        if members_of(office, space)?.is_none_or(|members| !members.is_person_out(person)) {
            continue;
        }
        let back = Grant { key: None, person, role: Some(applicant.role), claimed_ms: moment.now_ms };
        office.act(&[space], &back, moment)?;
    }
    Ok(())
}

/// Whether the office ever had to do with a person: in the directory, in a space, or with a phone that asked.
pub fn is_known(office: &mut Office, person: PersonId) -> Result<bool, ServerFailed> {
    let sql = "select exists (select 1 from device where person = ?1)";
    let has_asked: bool = office.reader().query_row(sql, [person.as_bytes()], |row| row.get(0))?;
    let own = office.space_of(person);
    let is_listed = !people::name_of(office.reader(), person)?.is_empty();
    Ok(has_asked || is_listed || members_of(office, own)?.is_some())
}

/// The members of a space, if there is such a space yet.
fn members_of(office: &mut Office, space: SpaceId) -> Result<Option<Arc<Membership>>, ServerFailed> {
    if log::space(office.reader(), space)?.is_some() { office.members(space).map(Some) } else { Ok(None) }
}

/// Forgets a device that waits; it may ask again with a new code. `None` if it does not wait.
pub fn dismiss(connection: &Connection, device: DeviceId) -> Result<Option<()>, ServerFailed> {
    let sql = "delete from device where device = ?1 and approved_ms is null";
    let was_waiting = connection.execute(sql, [device.as_bytes()])? > 0;
    Ok(was_waiting.then_some(()))
}

/// Takes a device out of every space, also of those of its people that a restore has lost and that would be found again
/// with it in them; one that only waits is forgotten. `None` if it is neither in nor waiting.
pub fn revoke_device(office: &mut Office, device: DeviceId, moment: Moment) -> Result<Option<()>, ServerFailed> {
    let was_waiting = dismiss(office.reader(), device)?.is_some();
    let mut acts = BTreeMap::new();
    for space in office.spaces_of(device)? {
        let members = office.members(space)?;
        // A phone that changed hands is in the space of each of its people under that person's name.
        let (Some(key), Some(person)) = (members.key_of(device), members.person_of(device)) else { continue };
        acts.insert(space, Grant { key: Some(key), person, role: None, claimed_ms: moment.now_ms });
    }
    for grant in acts.values().cloned().collect::<Vec<_>>() {
        for space in [office.directory(), office.space_of(grant.person)] {
            if members_of(office, space)?.is_none_or(|members| members.key_of(device).is_none()) {
                acts.entry(space).or_insert_with(|| grant.clone());
            }
        }
    }
    let acts: Vec<(SpaceId, Grant)> = acts.into_iter().collect();
    office.acts(&acts, moment)?;
    Ok((was_waiting || !acts.is_empty()).then_some(()))
}

/// Takes a person out of every space, on every device, also those enrolled later (exchange rule R12). Devices that wait
/// and codes that were not used yet are forgotten: approving one of them would bring the person back unseen. `None` if
/// there was nothing to take out or forget.
pub fn revoke_person(office: &mut Office, person: PersonId, moment: Moment) -> Result<Option<()>, ServerFailed> {
    let mut forgotten = 0;
    for sql in
        ["delete from device where person = ?1 and approved_ms is null", "delete from enrolment_code where person = ?1"]
    {
        forgotten += office.reader().execute(sql, [person.as_bytes()])?;
    }
    let mut spaces = BTreeSet::from([office.directory(), office.space_of(person)]);
    for space in log::spaces(office.reader())? {
        let members = office.members(space.space)?;
        if members.devices().iter().any(|device| members.person_of(*device) == Some(person)) {
            spaces.insert(space.space);
        }
    }
    let spaces: Vec<SpaceId> = spaces.into_iter().collect();
    if forgotten == 0 && is_out_of_all(office, &spaces, person)? {
        return Ok(None);
    }
    let grant = Grant { key: None, person, role: None, claimed_ms: moment.now_ms };
    office.act(&spaces, &grant, moment)?;
    Ok(Some(()))
}

fn is_out_of_all(office: &mut Office, spaces: &[SpaceId], person: PersonId) -> Result<bool, ServerFailed> {
    for space in spaces {
        if !members_of(office, *space)?.is_some_and(|members| members.is_person_out(person)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Every device that ever asked.
pub fn find(connection: &Connection, device: DeviceId) -> Result<Option<Applicant>, ServerFailed> {
    let sql = "select key, person, role, approved_ms, asked_ms, code, nonce from device where device = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([device.as_bytes()], read).optional()?)
}

fn take_code(
    connection: &Connection,
    code: &[u8; CODE_BYTES],
    is_signed: bool,
    now_ms: i64,
) -> Result<Option<(PersonId, Role)>, ServerFailed> {
    forget_codes(connection, now_ms)?;
    let sql = "select hash, person, role from enrolment_code where name = ?1 and tries < ?2";
    let read =
        |row: &Row<'_>| Ok((row.get::<_, [u8; 32]>(0)?, PersonId::from_bytes(row.get(1)?), row.get::<_, i64>(2)?));
    let found = connection.query_row(sql, (name_of(code), CODE_TRIES_MAX), read).optional()?;
    let Some((hash, person, role)) = found else { return Ok(None) };
    let waiting: u32 =
        connection.query_row("select count(*) from device where approved_ms is null", [], |row| row.get(0))?;
    if hash != code_hash(code) || !is_signed {
        connection.execute("update enrolment_code set tries = tries + 1 where name = ?1", [name_of(code)])?;
        return Ok(None);
    }
    if waiting >= WAITING_MAX {
        return Err(ServerFailed::Busy);
    }
    connection.execute("delete from enrolment_code where name = ?1", [name_of(code)])?;
    Ok(Some((person, Role::from_number(role).ok_or(ServerFailed::Damaged)?)))
}

fn name_of(code: &[u8; CODE_BYTES]) -> &[u8] {
    &code[..CODE_NAME_BYTES]
}

fn read(row: &Row<'_>) -> rusqlite::Result<Applicant> {
    let role = Role::from_number(row.get(2)?)
        .ok_or(ServerFailed::Damaged)
        .map_err(|_| rusqlite::Error::IntegralValueOutOfRange(2, 0))?;
    let (key, person) = (PublicKey::from_bytes(row.get(0)?), PersonId::from_bytes(row.get(1)?));
    let (code, nonce): (Option<_>, Option<_>) = (row.get(5)?, row.get(6)?);
    let (code, nonce) = (code.unwrap_or_default(), nonce.unwrap_or_default());
    Ok(Applicant { key, person, role, approved_ms: row.get(3)?, asked_ms: row.get(4)?, code, nonce })
}
