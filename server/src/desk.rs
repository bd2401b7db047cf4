//! What the operator can ask of an office, and its answers: the same whether a server runs on the folder or not.

use std::sync::Arc;

use minicbor::{Decode, Encode};
use model::enrolment::{CODE_BYTES, NONCE_BYTES};
use model::entry::device_id;
use model::hash::PublicKey;
use model::identity::{DeviceId, PersonId};
use model::membership::Role;

use crate::ballots::boxes::Boxes;
use crate::enrolment::{self, Applicant};
use crate::failure::ServerFailed;
use crate::feedback;
use crate::feedback::desk::{FeedbackAsked, FeedbackTold};
use crate::machine;
use crate::office::Office;
use crate::people::{self, Meant};
use crate::recovery::{self, Recovering};
use crate::roll::{self, Listed};
use crate::rounds;
use crate::rounds::desk::{RoundAsked, RoundTold};

/// A question or an order of the operator.
#[derive(Clone, Debug, Encode, Decode)]
pub enum Asked {
    /// A one-time code for a person, by id or name.
    #[n(0)]
    Code {
        /// Who, as typed.
        #[n(0)]
        person: String,
        /// As what.
        #[n(1)]
        role: Role,
    },
    /// Who waits for the four words.
    #[n(1)]
    Waiting,
    /// The words were the same: let the device in, if it still waits with them.
    #[n(2)]
    Approve {
        /// Which.
        #[n(0)]
        device: DeviceId,
        /// The server's part in the words that were compared.
        #[cbor(n(1), with = "minicbor::bytes")]
        nonce: [u8; NONCE_BYTES],
    },
    /// A device is lost.
    #[n(3)]
    RevokeDevice(#[n(0)] DeviceId),
    /// A person leaves, by id or name.
    #[n(4)]
    RevokePerson(#[n(0)] String),
    /// Ends the recovery by hand (exchange rule R18).
    #[n(5)]
    CloseRecovery,
    /// Everybody with their phones.
    #[n(6)]
    People,
    /// Who is meant by an id or a name.
    #[n(7)]
    Person(#[n(0)] String),
    /// A waiting device is not to come in.
    #[n(8)]
    Dismiss(#[n(0)] DeviceId),
    /// Who was let in, and how many codes no phone has used yet: why nobody waits.
    #[n(9)]
    Admitted,
    /// Whether phones still bring back what a restore lost.
    #[n(10)]
    Recovery,
    /// About rounds.
    #[n(11)]
    Round(#[n(0)] RoundAsked),
    /// About what residents say on their own.
    #[n(12)]
    Feedback(#[n(0)] FeedbackAsked),
}

/// The office's answer.
#[derive(Clone, Debug, PartialEq, Encode, Decode)]
pub enum Told {
    /// A fresh code; only its hash stays here.
    #[n(0)]
    Code {
        /// The secret.
        #[cbor(n(0), with = "minicbor::bytes")]
        code: [u8; CODE_BYTES],
        /// This server.
        #[n(1)]
        server: PublicKey,
        /// Where phones find this server.
        #[n(2)]
        address: String,
        /// For whom the code is.
        #[n(3)]
        whom: Listed,
    },
    /// Who waits.
    #[n(1)]
    Waiting(#[n(0)] Vec<Candidate>),
    /// Done, and on disk.
    #[n(2)]
    Done,
    /// Nobody and nothing of that name.
    #[n(3)]
    Unknown,
    /// Several people have that name.
    #[n(4)]
    Several(#[n(0)] Vec<Listed>),
    /// The office failed.
    #[n(5)]
    Failed(#[n(0)] ServerFailed),
    /// Everybody.
    #[n(6)]
    People(#[n(0)] Vec<Listed>),
    /// Who is meant.
    #[n(7)]
    Person(#[n(0)] Listed),
    /// There was nothing to end, or nobody to take out.
    #[n(8)]
    Nothing,
    /// Who was let in, and what may still be used.
    #[n(9)]
    Admitted {
        /// Phones that are in.
        #[n(0)]
        phones: Vec<Candidate>,
        /// Codes that no phone has used yet and that are not over.
        #[n(1)]
        codes: u32,
    },
    /// A recovery is under way.
    #[n(10)]
    Recovering(#[n(0)] Recovering),
    /// About rounds.
    #[n(11)]
    Round(#[n(0)] RoundTold),
    /// About what residents say on their own.
    #[n(12)]
    Feedback(#[n(0)] FeedbackTold),
}

/// A device that waits or that was let in, as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct Candidate {
    /// Which.
    #[n(0)]
    pub device: DeviceId,
    /// Of whom: the name of the directory, or the id.
    #[n(1)]
    pub person: String,
    /// As what.
    #[n(2)]
    pub role: Role,
    /// What must also stand on the phone.
    #[n(3)]
    pub words: String,
    /// The server's part in these words.
    #[cbor(n(4), with = "minicbor::bytes")]
    pub nonce: [u8; NONCE_BYTES],
}

/// What an order may need beside the office.
#[derive(Clone)]
pub struct Desk {
    /// Where phones find the server.
    pub address: String,
    /// The ballots of its rounds.
    pub boxes: Arc<Boxes>,
}

/// Carries one order out.
pub fn answer(office: &mut Office, desk: &Desk, asked: &Asked) -> Told {
    try_answer(office, desk, asked).unwrap_or_else(Told::Failed)
}

fn try_answer(office: &mut Office, desk: &Desk, asked: &Asked) -> Result<Told, ServerFailed> {
    let moment = machine::moment();
    match asked {
        Asked::Code { person, role } => with_person(office, person, |office, person| {
            let code = machine::random();
            enrolment::keep_code(office.reader(), &code, (person, *role), moment.now_ms)?;
            let whom = listed(office, person)?;
            Ok(Told::Code { code, server: office.identity(), address: desk.address.clone(), whom })
        }),
        Asked::Waiting => {
            let waiting = enrolment::waiting(office.reader())?;
            let seen = waiting.iter().map(|applicant| candidate(office, applicant)).collect::<Result<_, _>>()?;
            Ok(Told::Waiting(seen))
        }
        Asked::Admitted => {
            let mut phones = Vec::new();
            for applicant in enrolment::admitted(office.reader())? {
                if !office.spaces_of(device_id(&applicant.key))?.is_empty() {
                    phones.push(candidate(office, &applicant)?);
                }
            }
            Ok(Told::Admitted { phones, codes: enrolment::codes(office.reader(), moment.now_ms)? })
        }
        Asked::Approve { device, nonce } => Ok(done(enrolment::approve(office, (*device, nonce), moment)?)),
        Asked::RevokeDevice(device) => Ok(done(enrolment::revoke_device(office, *device, moment)?)),
        Asked::Dismiss(device) => Ok(done(enrolment::dismiss(office.reader(), *device)?)),
        Asked::RevokePerson(person) => with_known(office, person, |office, person| {
            let was_in = enrolment::revoke_person(office, person, moment)?.is_some();
            Ok(if was_in { Told::Done } else { Told::Nothing })
        }),
        Asked::People => Ok(Told::People(roll::everybody(office)?)),
        Asked::Person(person) => with_known(office, person, |office, person| Ok(Told::Person(listed(office, person)?))),
        Asked::Round(asked) => Ok(Told::Round(rounds::desk::answer(office, &desk.boxes, asked, moment)?)),
        Asked::Feedback(asked) => Ok(Told::Feedback(feedback::desk::answer(office, &desk.boxes, asked, moment)?)),
        Asked::Recovery => Ok(recovery::progress(office)?.map_or(Told::Nothing, Told::Recovering)),
        Asked::CloseRecovery => Ok(if office.close_recovery()? { Told::Done } else { Told::Nothing }),
    }
}

fn with_person(
    office: &mut Office,
    typed: &str,
    act: impl FnOnce(&mut Office, PersonId) -> Result<Told, ServerFailed>,
) -> Result<Told, ServerFailed> {
    match people::find(office.reader(), typed)? {
        Meant::One(person) => act(office, person),
        Meant::Nobody => Ok(Told::Unknown),
        Meant::Several(people) => Ok(Told::Several(roll::of(office, &people)?)),
    }
}

/// The same, for somebody with whom the office ever had to do: an id may be anybody's.
fn with_known(
    office: &mut Office,
    typed: &str,
    act: impl FnOnce(&mut Office, PersonId) -> Result<Told, ServerFailed>,
) -> Result<Told, ServerFailed> {
    with_person(office, typed, |office, person| match enrolment::is_known(office, person)? {
        true => act(office, person),
        false => Ok(Told::Unknown),
    })
}

fn listed(office: &mut Office, person: PersonId) -> Result<Listed, ServerFailed> {
    let listed = roll::of(office, &[person])?.into_iter().next();
    Ok(listed.unwrap_or_else(|| Listed::unnamed(person)))
}

fn candidate(office: &Office, applicant: &Applicant) -> Result<Candidate, ServerFailed> {
    let name = people::name_of(office.reader(), applicant.person)?;
    let person = if name.is_empty() { applicant.person.to_string() } else { name };
    let words = applicant.words(&office.identity()).join(" ");
    let (device, role, nonce) = (device_id(&applicant.key), applicant.role, applicant.nonce);
    Ok(Candidate { device, person, role, words, nonce })
}

fn done<T>(found: Option<T>) -> Told {
    if found.is_some() { Told::Done } else { Told::Unknown }
}
