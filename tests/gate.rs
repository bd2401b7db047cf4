//! What hostile or unlucky bytes meet at the gate: a typed refusal, nothing stored, others unaffected.

use ed25519_dalek::SigningKey;
use model::change::ChangeHeader;
use model::document::{DocumentKind, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, actor_of, device_id};
use model::exchange::{
    Acknowledgement, Answered, Cursor, EXCHANGE_VERSION, MessageRefused, Pushed, Request, SpaceRequest, pack,
    unpack_request,
};
use model::hash::PublicKey;
use model::identity::{CycleId, DocumentId, PersonId, SpaceId};
use model::membership::{Grant, Role};
use model::refusal::Refusal;
use model::self_assessment::{Heading, subject};
use model::time::Timestamp;
use server::office::{Moment, Office};
use server::prepared::Prepared;
use server::safety::Safety;
use tests::attacks;
use tests::attacks::chunk::Contents;
use tests::attacks::mutation::{bit_flips, truncations};

const MOMENT: Moment = Moment { now_ms: 1_780_000_000_000, random: 7 };

/// A server with one cadre and her phone.
struct Door {
    _folder: tempfile::TempDir,
    office: Office,
    key: SigningKey,
    person: PersonId,
    space: SpaceId,
    document: DocumentId,
}

impl Door {
    fn open() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let server = SigningKey::from_bytes(&[42; 32]);
        let mut office = Office::open(folder.path(), server, Safety::of_one_copy(), MOMENT).expect("it opens");
        let (key, person) = (SigningKey::from_bytes(&[9; 32]), PersonId::from_bytes([1; 16]));
        office.grant_device(public(&key), person, Role::Subject, MOMENT).expect("a grant is stored");
        let space = office.space_of(person);
        let document =
            DocumentKind::SelfAssessment.document_about(space, &subject(CycleId::from_bytes([5; 16]), person));
        Self { _folder: folder, office, key, person, space, document }
    }

    fn heading(&self) -> Heading {
        let form = model::form::built_in::civil_servant_self_assessment().pin();
        Heading { cycle: CycleId::from_bytes([5; 16]), person: self.person, form, is_leader: false }
    }

    fn honest(&self) -> Vec<u8> {
        let device = device_id(&public(&self.key));
        let actor = actor_of(device, self.space, self.document, 1);
        let mut document = WorkingDocument::default();
        let edits = self.heading().edits();
        document.record(actor, Timestamp::from_utc_ms(0), &edits).expect("there is something to record").bytes
    }

    /// Wraps a body as an entry without looking into it, as a hostile device would.
    fn wrap(&self, body: Vec<u8>, key: &SigningKey) -> Vec<u8> {
        let draft = EntryDraft {
            kind: EntryKind::Change,
            space: self.space,
            document: self.document,
            person: self.person,
            incarnation: 1,
            body: body.clone(),
        };
        if let Ok(entry) = Entry::sign(draft, key) {
            return entry.bytes;
        }
        let fields = model::entry::SignedFields {
            kind: EntryKind::Change,
            space: self.space,
            document: self.document,
            person: self.person,
            device: device_id(&public(key)),
            incarnation: 1,
            body,
            signature: model::hash::Signature::from_bytes([0; 64]),
        };
        minicbor::to_vec(&fields).expect("writing to memory cannot fail")
    }

    fn push(&mut self, entries: Vec<Vec<u8>>) -> Vec<Acknowledgement> {
        let epoch = self.office.epoch();
        let cursor = Cursor { epoch, ..Cursor::START };
        let entries = entries.into_iter().map(|entry| Pushed { entry, receipt: None }).collect();
        let space = self.space;
        let asked = SpaceRequest { space, cursor, safe: 0, entries, receipts: Vec::new(), enrolment: None };
        let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: 1 << 20, newest: None };
        let device = device_id(&public(&self.key));
        let prepared = Prepared::new(request, &self.office.identity());
        let reply = self.office.exchange(device, &prepared, MOMENT).expect("the server works");
        match &reply.spaces[0].answer {
            Answered::Rows(rows) => rows.acknowledgements.clone(),
            other => panic!("no rows: {other:?}"),
        }
    }

    fn rows(&self) -> i64 {
        let sql = "select count(*) from entry where kind <> 4";
        self.office.reader().query_row(sql, [], |row| row.get(0)).expect("the log can be read")
    }
}

fn public(key: &SigningKey) -> PublicKey {
    PublicKey::from_bytes(key.verifying_key().to_bytes())
}

#[track_caller]
fn is_refused(answer: &Acknowledgement) -> Refusal {
    match answer {
        Acknowledgement::Refused(refusal) => *refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn an_honest_change_is_stored() {
    let mut door = Door::open();
    let entry = door.wrap(door.honest(), &door.key);
    assert!(matches!(door.push(vec![entry])[0], Acknowledgement::Stored { in_force: true, .. }));
    assert_eq!(door.rows(), 1);
}

#[test]
fn every_attack_is_refused_and_nothing_is_stored() {
    let [_, orphan] = attacks::unknown_dependency();
    let equivocation = attacks::equivocation();
    for (name, body) in [
        ("run-length bomb of a million", attacks::run_length_bomb(1_000_000)),
        ("run-length bomb of five million", attacks::run_length_bomb(5_000_000)),
        ("deflate bomb", attacks::deflate_bomb(1 << 26)),
        ("counter poison", attacks::counter_poison(u64::from(u32::MAX) - 2)),
        ("equivocation under a foreign actor", equivocation[0].clone()),
        ("a whole document", attacks::document_chunk()),
        ("a bundle", attacks::bundle_chunk()),
        ("a message", attacks::message_present()),
        ("a key bomb", attacks::key_bomb(1_000, 60_000)),
        ("a predecessor bomb", attacks::predecessor_bomb(100_000)),
        ("an invented predecessor", attacks::predecessor_invented()),
        ("a stranger's actor", attacks::stranger_named()),
        ("an object that is missing", attacks::object_missing()),
        ("nothing", Vec::new()),
        ("noise", vec![0x5a; 40_000]),
    ] {
        let mut door = Door::open();
        let (entry, honest) = (door.wrap(body, &door.key), door.wrap(door.honest(), &door.key));
        let answers = door.push(vec![entry, honest]);
        is_refused(&answers[0]);
        assert!(matches!(answers[1], Acknowledgement::Stored { .. }), "{name} hurt an honest change");
        assert_eq!(door.rows(), 1, "{name} was stored");
    }
    let mut door = Door::open();
    let entry = door.wrap(orphan, &door.key);
    assert!(matches!(door.push(vec![entry])[0], Acknowledgement::Missing(_) | Acknowledgement::Refused(_)));
    assert_eq!(door.rows(), 0);
}

#[test]
fn a_second_change_under_one_number_is_refused() {
    let mut door = Door::open();
    let device = device_id(&public(&door.key));
    let actor = actor_of(device, door.space, door.document, 1);
    let make = |title: &str| {
        let mut document = WorkingDocument::default();
        let mut edits = door.heading().edits();
        edits.push(model::document::Edit {
            field: "a/strengths".to_owned(),
            value: Some(model::document::Scalar::Text(title.to_owned())),
        });
        document.record(actor, Timestamp::from_utc_ms(0), &edits).expect("there is something to record").bytes
    };
    let entries = vec![door.wrap(make("one"), &door.key), door.wrap(make("two"), &door.key)];
    let answers = door.push(entries);
    assert!(matches!(answers[0], Acknowledgement::Stored { .. }));
    assert_eq!(is_refused(&answers[1]), Refusal::Equivocation);
}

#[test]
fn a_foreign_key_writes_nowhere() {
    let mut door = Door::open();
    let thief = SigningKey::from_bytes(&[66; 32]);
    let entry = door.wrap(door.honest(), &thief);
    assert_eq!(is_refused(&door.push(vec![entry])[0]), Refusal::NotAMember);
}

#[test]
fn a_change_under_another_actor_is_refused() {
    let mut door = Door::open();
    let mut document = WorkingDocument::default();
    let edits = door.heading().edits();
    let made = document.record([7; 16], Timestamp::from_utc_ms(0), &edits).expect("there is something to record");
    let entry = door.wrap(made.bytes, &door.key);
    assert_eq!(is_refused(&door.push(vec![entry])[0]), Refusal::WrongActor);
}

#[test]
fn another_cadres_form_is_refused() {
    let mut door = Door::open();
    let other = PersonId::from_bytes([8; 16]);
    let heading = Heading { person: other, ..door.heading() };
    door.document = DocumentKind::SelfAssessment.document_about(door.space, &subject(heading.cycle, other));
    let actor = actor_of(device_id(&public(&door.key)), door.space, door.document, 1);
    let mut document = WorkingDocument::default();
    let made = document.record(actor, Timestamp::from_utc_ms(0), &heading.edits()).expect("something to record");
    let entry = door.wrap(made.bytes, &door.key);
    assert_eq!(is_refused(&door.push(vec![entry])[0]), Refusal::NotAllowed);
}

#[test]
fn a_space_of_somebody_else_answers_nothing() {
    let mut door = Door::open();
    let other = PersonId::from_bytes([8; 16]);
    let key = SigningKey::from_bytes(&[10; 32]);
    let grant = Grant { key: Some(public(&key)), person: other, role: Some(Role::Subject), claimed_ms: 0 };
    let foreign = door.office.space_of(other);
    door.office.act(&[foreign], &grant, MOMENT).expect("a grant is stored");
    door.space = foreign;
    let asked = SpaceRequest {
        space: foreign,
        cursor: Cursor::START,
        safe: 0,
        entries: Vec::new(),
        receipts: Vec::new(),
        enrolment: None,
    };
    let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: 1 << 20, newest: None };
    let device = device_id(&public(&door.key));
    let prepared = Prepared::new(request, &door.office.identity());
    let reply = door.office.exchange(device, &prepared, MOMENT).expect("the server works");
    assert_eq!(reply.spaces[0].answer, Answered::UnknownDevice);
}

#[test]
fn no_flipped_bit_and_no_cut_is_stored() {
    let mut door = Door::open();
    let honest = door.wrap(door.honest(), &door.key);
    let damaged: Vec<Vec<u8>> = bit_flips(&honest).chain(truncations(&honest).map(<[u8]>::to_vec)).collect();
    for entries in damaged.chunks(200) {
        for answer in door.push(entries.to_vec()) {
            assert!(!matches!(answer, Acknowledgement::Stored { .. }), "damaged bytes were stored");
        }
    }
    assert_eq!(door.rows(), 0);
}

#[test]
fn an_oversize_request_is_not_unpacked() {
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).expect("zeros can be packed");
    assert!(bomb.len() < 10_000);
    assert_eq!(unpack_request(&bomb), Err(MessageRefused::TooLarge));
    let request = Request { version: EXCHANGE_VERSION, spaces: Vec::new(), budget_bytes: 0, newest: None };
    let mut twice = pack(&request);
    twice.extend_from_slice(&pack(&request));
    assert_eq!(unpack_request(&twice), Err(MessageRefused::Unreadable), "nothing may follow the frame");
}

#[test]
fn a_frame_that_lies_about_its_size_is_not_unpacked() {
    let mut bomb = zstd::bulk::compress(&vec![0; 64 << 20], 3).expect("zeros can be packed");
    let promise = (64_u32 << 20).to_le_bytes();
    let place = bomb.windows(4).position(|bytes| bytes == promise).expect("the frame says its size");
    bomb[place..place + 4].copy_from_slice(&1_000_u32.to_le_bytes());
    assert_eq!(unpack_request(&bomb), Err(MessageRefused::Unreadable));
    let mut silent = Vec::new();
    zstd::stream::copy_encode(&b"\x80"[..], &mut silent, 3).expect("memory can be written");
    assert_eq!(unpack_request(&silent), Err(MessageRefused::Unreadable), "every message of ours says its size");
}

#[test]
fn a_change_that_counts_again_from_below_is_refused() {
    let mut door = Door::open();
    let honest = door.honest();
    let after = ChangeHeader::read(&honest).expect("an honest change is read");
    let recounted = Contents {
        dependencies: vec![after.hash],
        actor: after.actor.to_vec(),
        sequence: 2,
        start_operation: 1,
        ..Contents::repeated(1)
    };
    assert!(ChangeHeader::read(&recounted.sealed()).is_ok_and(|header| header.is_fresh));
    let entries = vec![door.wrap(honest, &door.key), door.wrap(recounted.sealed(), &door.key)];
    let answers = door.push(entries);
    assert!(matches!(answers[0], Acknowledgement::Stored { .. }));
    assert_eq!(is_refused(&answers[1]), Refusal::Unopenable);
    assert_eq!(door.rows(), 1);
}
