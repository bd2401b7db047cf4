//! Joining, with somebody on the way who answers for the server and somebody who makes pictures of codes. A real server
//! over real files, and phones through the app's only door.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::net::TcpListener;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::enrolment::{Enrolment, EnrolmentCode, EnrolmentRequest, NONCE_BYTES, Stage, sign_answer};
use model::entry::device_id;
use model::exchange::sign_reply;
use model::handshake::public;
use model::hash::Signature;
use model::identity::PersonId;
use model::membership::Role;
use phone::facade::Phone;
use phone::failure::{ExchangeFailed, Failure};
use phone::sync::http::{Cancel, Line};
use phone::views::Standing;
use reqwest::Method;
use server::running::{Running, start};
use server::{enrolment, machine};
use tests::house::{House, act};
use tests::pretender::{answer_for, http, pretend};

const FOREIGN: Failure = Failure::Exchange { source: ExchangeFailed::ForeignServer };

/// A phone as the app holds it.
struct Pocket {
    phone: Arc<Phone>,
    _folder: tempfile::TempDir,
}

impl Pocket {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let phone = Phone::open(path("phone.db"), path("incarnation"), vec![9; 32], None).unwrap();
        Self { phone, _folder: folder }
    }

    async fn does<T: Send + 'static>(&self, work: impl FnOnce(&Phone) -> T + Send + 'static) -> T {
        let phone = Arc::clone(&self.phone);
        tokio::task::spawn_blocking(move || work(&phone)).await.unwrap()
    }

    async fn reads(&self, code: &EnrolmentCode) -> Result<Standing, Failure> {
        let text = code.to_string();
        self.does(move |phone| phone.enrol(text, Cancel::new())).await
    }

    async fn checks(&self) -> Result<Standing, Failure> {
        self.does(|phone| phone.check_enrolment(Cancel::new())).await
    }

    async fn synchronises(&self) -> Result<u64, Failure> {
        self.does(|phone| phone.synchronise(Cancel::new()).map(|summary| summary.waiting)).await
    }

    /// The words that stand on its screen.
    fn words(&self) -> Option<Vec<String>> {
        match self.phone.standing().unwrap() {
            Standing::New => None,
            Standing::Waiting { words } => Some(words),
            Standing::Enrolled { words, .. } => words,
        }
    }

    /// Whose it takes itself for; empty until it knows the directory.
    fn person_name(&self) -> Option<String> {
        match self.phone.standing().unwrap() {
            Standing::New | Standing::Waiting { .. } => None,
            Standing::Enrolled { person_name, .. } => Some(person_name),
        }
    }

    async fn joins(&self, server: &Running, code: &EnrolmentCode) {
        self.reads(code).await.unwrap();
        assert!(approve(server, &self.words().unwrap()).await);
        self.checks().await.unwrap();
        assert_eq!((self.synchronises().await, self.words()), (Ok(0), None));
    }
}

impl Drop for Pocket {
    fn drop(&mut self) {
        // The runtime of its line may not end on a thread of the test's own runtime.
        std::mem::forget(Arc::clone(&self.phone));
    }
}

/// A code for a person, as the office makes it.
async fn code_for(server: &Running, seed: u8, person: PersonId) -> EnrolmentCode {
    let code = [seed; 16];
    let keep = move |office: &mut server::office::Office| {
        enrolment::keep_code(office.reader(), &code, (person, Role::Subject), machine::now_ms())
    };
    act(server, keep).await;
    EnrolmentCode { address: format!("https://{}", server.address), server: server.identity, code }
}

/// Lets in the phone that shows these words, if one waits.
async fn approve(server: &Running, words: &[String]) -> bool {
    let (identity, words) = (server.identity, words.to_vec());
    act(server, move |office| {
        let waiting = enrolment::waiting(office.reader())?;
        let same = waiting.iter().find(|applicant| applicant.words(&identity).iter().eq(words.iter()));
        let meant = same.map(|applicant| (device_id(&applicant.key), applicant.nonce));
        let Some((device, nonce)) = meant else { return Ok(false) };
        Ok(enrolment::approve(office, (device, &nonce), machine::moment())?.is_some())
    })
    .await
}

/// Another device asks with a code; what the server tells it.
async fn another_asks(server: &Running, key: &SigningKey, code: &EnrolmentCode) -> Option<Enrolment> {
    let request = EnrolmentRequest::sign(code, key, machine::random());
    act(server, move |office| enrolment::enrol(office, &request, machine::now_ms())).await
}

fn waiting() -> Vec<u8> {
    minicbor::to_vec(Enrolment { nonce: [1; NONCE_BYTES], stage: Stage::Waiting }).unwrap()
}

/// The server's identity, as it lies in its folder.
fn identity_of(house: &House) -> SigningKey {
    let digits = std::fs::read_to_string(house.settings.data.join("identity.key")).unwrap();
    let byte = |at: usize| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap();
    SigningKey::from_bytes(&std::array::from_fn(byte))
}

/// How an answer is signed: with the server's key and somebody else's at hand, over what was asked and answered.
type Signing = fn(&SigningKey, &SigningKey, &[u8], &[u8]) -> Option<Signature>;

/// Somebody on the way keeps the request for himself, answers "wait", and looks for a key with the same words.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_shows_no_words_for_a_request_that_its_server_never_got() {
    let house = House::new();
    let server = house.opened().await;
    let key = identity_of(&house);
    let stranger = SigningKey::from_bytes(&[3; 32]);
    let signatures: [(&str, Signing); 4] = [
        ("none", |_, _, _, _| None),
        ("a stranger's", |_, stranger, asked, answer| Some(sign_answer(asked, answer, stranger))),
        ("about another request", |key, _, _, answer| Some(sign_answer(b"another", answer, key))),
        ("of an exchange", |key, _, asked, answer| Some(sign_reply(asked, answer, key))),
    ];
    for (name, sign) in signatures {
        let (key, stranger) = (key.clone(), stranger.clone());
        let address = pretend(move |asked| {
            let answer = waiting();
            http(&answer, sign(&key, &stranger, asked, &answer).as_ref())
        });
        let phone = Pocket::new();
        let code = EnrolmentCode { address, server: server.identity, code: [9; 16] };
        assert_eq!(phone.reads(&code).await, Err(FOREIGN), "{name}");
        assert_eq!(phone.phone.standing(), Ok(Standing::New), "{name}");
    }
    server.stop().await.unwrap();
}

/// The phone asked before with another code and is known as waiting; that says nothing about this code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_shows_no_new_words_for_a_code_that_somebody_else_used() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let phone = Pocket::new();
    phone.reads(&code_for(&server, 7, lan).await).await.unwrap();
    let before = phone.words();
    let code = code_for(&server, 8, lan).await;
    let thief = SigningKey::from_bytes(&[66; 32]);
    assert!(another_asks(&server, &thief, &code).await.is_some());
    assert_eq!(phone.reads(&code).await, Err(Failure::BadCode));
    assert_eq!(phone.words(), before);
    server.stop().await.unwrap();
}

/// Nobody can look for a key with the same words: they stand fast only when the server has taken the code for a key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_device_with_one_code_shows_other_words_each_time_the_server_takes_it() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let phone = Pocket::new();
    phone.reads(&code_for(&server, 7, lan).await).await.unwrap();
    let first = phone.words().unwrap();
    phone.reads(&code_for(&server, 7, lan).await).await.unwrap();
    let second = phone.words().unwrap();
    assert_ne!(first, second);
    assert!(!approve(&server, &first).await);
    assert!(approve(&server, &second).await);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_phone_does_not_take_another_phones_enrolment() {
    let house = House::new();
    let server = house.opened().await;
    let (lan, binh) = (house.cadre(2), house.cadre(3));
    let other = SigningKey::from_bytes(&[81; 32]);
    let code = code_for(&server, 6, binh).await;
    let nonce = another_asks(&server, &other, &code).await.unwrap().nonce;
    let device = device_id(&public(&other));
    act(&server, move |office| enrolment::approve(office, (device, &nonce), machine::moment())).await.unwrap();
    let (address, identity) = (code.address, server.identity);
    let captured = tokio::task::spawn_blocking(move || {
        let mut line = Line::open(&address, identity).unwrap();
        line.call((Method::GET, "/v1/enrolment"), Vec::new(), Some(&other), &Cancel::new()).unwrap()
    });
    let captured = captured.await.unwrap();
    assert!(captured.signature.is_some());
    for signature in [captured.signature.as_ref(), None] {
        let address = answer_for(server.address, http(&captured.bytes, signature));
        let code = EnrolmentCode { address, ..code_for(&server, 7, lan).await };
        let phone = Pocket::new();
        phone.reads(&code).await.unwrap();
        assert_eq!(phone.checks().await, Err(FOREIGN));
        assert!(matches!(phone.phone.standing(), Ok(Standing::Waiting { .. })));
        assert_eq!(phone.synchronises().await, Err(Failure::NotEnrolled));
    }
    server.stop().await.unwrap();
}

/// What the server once said about an earlier request of the same phone, perhaps for somebody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_phone_does_not_take_what_was_approved_before_it_asked_again() {
    let house = House::new();
    let server = house.opened().await;
    let (lan, binh) = (house.cadre(2), house.cadre(3));
    let phone = Pocket::new();
    phone.joins(&server, &code_for(&server, 6, binh).await).await;
    let of_binh = phone.person_name();
    let key = identity_of(&house);
    let (nonce, device, given) = act(&server, |office| {
        let sql = "select device from device";
        let device = office.reader().query_row(sql, [], |row| row.get(0).map(model::identity::DeviceId::from_bytes))?;
        let found = enrolment::find(office.reader(), device)?.unwrap();
        Ok((found.nonce, found.key, office.enrolment_of(device)?))
    })
    .await;
    let answer = minicbor::to_vec(Enrolment { nonce, stage: Stage::Approved(given) }).unwrap();
    let signature = sign_answer(device.as_bytes(), &answer, &key);
    let address = answer_for(server.address, http(&answer, Some(&signature)));
    let code = EnrolmentCode { address, ..code_for(&server, 7, lan).await };
    phone.reads(&code).await.unwrap();
    assert_eq!(phone.checks().await, Err(Failure::BadCode));
    assert!(phone.words().is_some() && phone.person_name() == of_binh, "it still waits to become Lan's");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_takes_memberships_of_its_own_key_and_of_one_person_alone() {
    let house = House::new();
    let server = house.opened().await;
    let (lan, binh) = (house.cadre(2), house.cadre(3));
    let key = identity_of(&house);
    for (name, is_own_key, people, is_taken) in [
        ("as it should be", true, vec![lan], true),
        ("another key", false, vec![lan], false),
        ("two people", true, vec![lan, binh], false),
        ("nobody", true, vec![], false),
    ] {
        let (key, door) = (key.clone(), server.door().clone());
        let runtime = tokio::runtime::Handle::current();
        let address = pretend(move |asked| {
            let request: EnrolmentRequest = minicbor::decode(asked).unwrap();
            let device = if is_own_key { request.device } else { public(&SigningKey::from_bytes(&[5; 32])) };
            let people = people.clone();
            let given = runtime.block_on(door.writer.act(move |office| {
                let grant = |person| office.grant_device(device, person, Role::Subject, machine::moment());
                people.into_iter().map(grant).collect::<Result<Vec<_>, _>>()
            }));
            let stage = Stage::Approved(given.unwrap().concat());
            let answer = minicbor::to_vec(Enrolment { nonce: [1; NONCE_BYTES], stage }).unwrap();
            http(&answer, Some(&sign_answer(asked, &answer, &key)))
        });
        let phone = Pocket::new();
        let told = phone.reads(&EnrolmentCode { address, server: server.identity, code: [9; 16] }).await;
        assert_eq!(matches!(told, Ok(Standing::Enrolled { .. })), is_taken, "{name}: {told:?}");
        assert!(is_taken || told == Err(FOREIGN), "{name}: {told:?}");
    }
    server.stop().await.unwrap();
}

/// Everybody may know the server's public key: it stands in every picture of a code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_code_does_not_take_a_phone_out() {
    let house = House::new();
    let server = house.opened().await;
    let phone = Pocket::new();
    phone.joins(&server, &code_for(&server, 7, house.cadre(2)).await).await;
    let cycle = house.commune.cycle.id;
    phone.does(move |phone| phone.begin_self_assessment(cycle)).await.unwrap();
    let before = phone.phone.standing();
    let address = pretend(|_| http(&waiting(), None));
    let strange = EnrolmentCode { address, server: server.identity, code: [9; 16] };
    assert_eq!(phone.reads(&strange).await, Err(FOREIGN));
    assert_eq!(phone.phone.standing(), before);
    assert_eq!(phone.phone.papers(None, 10).map(|papers| papers.len()), Ok(1));
    assert_eq!(phone.synchronises().await, Ok(0));
    assert!(phone.checks().await.is_ok());
    server.stop().await.unwrap();
}

/// Whoever heard everything on the line when a phone joined has its code and the server's answers.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_used_code_does_not_lead_a_phone_elsewhere() {
    let house = House::new();
    let server = house.opened().await;
    let phone = Pocket::new();
    let code = code_for(&server, 7, house.cadre(2)).await;
    phone.joins(&server, &code).await;
    let relayed = EnrolmentCode { address: answer_for(server.address, Vec::new()), ..code.clone() };
    assert_eq!(phone.reads(&relayed).await, Err(Failure::BadCode));
    let (tell, heard) = std::sync::mpsc::channel();
    let address = pretend(move |asked| {
        tell.send(asked.to_vec()).unwrap();
        http(&waiting(), None)
    });
    for _ in 0..2 {
        let code = EnrolmentCode { address: address.clone(), ..code.clone() };
        assert_eq!(phone.reads(&code).await, Err(FOREIGN));
    }
    assert_ne!(heard.recv().unwrap(), heard.recv().unwrap(), "an answer to one request is none to the next");
    assert_eq!(phone.words(), None);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_moves_to_a_new_address_of_its_office_and_works_meanwhile() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let phone = Pocket::new();
    phone.joins(&server, &code_for(&server, 7, lan).await).await;
    let name = phone.person_name();
    assert!(name.as_ref().is_some_and(|name| !name.is_empty()));
    let before = server.address;
    // Held, so that the server comes back at another address.
    server.stop().await.unwrap();
    let _held = TcpListener::bind(before).unwrap();
    let server = start(&house.settings).await.unwrap();
    assert_ne!(server.address, before);

    phone.reads(&code_for(&server, 8, lan).await).await.unwrap();
    let words = phone.words().unwrap();
    let cycle = house.commune.cycle.id;
    phone.does(move |phone| phone.begin_self_assessment(cycle)).await.unwrap();
    assert_eq!(phone.phone.papers(None, 10).map(|papers| papers.len()), Ok(1));
    assert_eq!(phone.person_name(), name);
    phone.checks().await.unwrap();
    assert_eq!(phone.words().as_ref(), Some(&words), "the office has not approved");
    assert!(approve(&server, &words).await);
    phone.checks().await.unwrap();
    assert_eq!((phone.words(), phone.person_name()), (None, name));
    assert_eq!(phone.synchronises().await, Ok(0), "the paper is at the new address");
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_that_changes_hands_is_the_next_persons_once_the_office_approved() {
    let house = House::new();
    let server = house.opened().await;
    let phone = Pocket::new();
    phone.joins(&server, &code_for(&server, 7, house.cadre(2)).await).await;
    let name = phone.person_name();
    phone.joins(&server, &code_for(&server, 8, house.cadre(3)).await).await;
    assert_ne!(phone.person_name(), name);
    server.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_phone_of_another_version_is_told_so_and_its_code_is_not_used_up() {
    let house = House::new();
    let server = house.opened().await;
    let code = code_for(&server, 7, house.cadre(2)).await;
    let phone = Pocket::new();
    for version in [None, Some(1), Some(3)] {
        let signed = EnrolmentRequest::sign(&code, &SigningKey::from_bytes(&[5; 32]), machine::random());
        let request = EnrolmentRequest { version, ..signed };
        let (address, identity, body) = (code.address.clone(), code.server, minicbor::to_vec(&request).unwrap());
        let told = tokio::task::spawn_blocking(move || {
            let mut line = Line::open(&address, identity).unwrap();
            line.call((Method::POST, "/v1/enrol"), body, None, &Cancel::new()).map(|fetched| fetched.status)
        });
        assert_eq!(told.await.unwrap(), Err(ExchangeFailed::AppTooOld));
    }
    assert!(phone.reads(&code).await.is_ok());
    server.stop().await.unwrap();
}
