//! Phones that ask nobody before they send: everything here is signed by a real member of the commune, with a real key.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::collections::BTreeMap;

use model::case::CaseState;
use model::case::filed::Filed;
use model::case::paper::PaperKind;
use model::document::DocumentKind;
use model::entry::{Content, Entry, EntryDraft, EntryKind, Status};
use model::exchange::{Acknowledgement, Answered, Cursor, Pushed, Reply, Request, SpaceRequest, pack};
use model::handshake::public;
use model::hash::{ChainHash, EntryHash};
use model::identity::SpaceId;
use model::membership::{Grant, Role};
use model::paper::{About, Heading};
use model::receipt::Epoch;
use model::refusal::Refusal;
use model::space::{directory_space, unit_space};
use phone::sync::http::{Cancel, Line};
use phone::work::Paper;
use server::log::MEMBERSHIP_DOCUMENT;
use server::running::Running;
use tests::cases::chamber::{Chamber, asking, come_down, reading};
use tests::cases::matrix::Sitting;
use tests::cases::ordinary::{self, TURNS, turns};
use tests::cases::pen::{Pen, Told};
use tests::cases::{Cast, SUBJECT, form_of};
use tests::house::House;

/// Who may not read the ordinary case, and the paper that each of them writes for it.
const OUTSIDE: [(&str, Option<PaperKind>); 4] = [
    ("front", Some(PaperKind::ResidenceOpinion)),
    ("former head", Some(PaperKind::OldUnitComment)),
    ("secretary", Some(PaperKind::Minutes)),
    ("nobody", None),
];

/// Everything that the office could say in a case, said by this phone.
fn of_the_office(pen: &Pen, sitting: &Sitting, signed: &Entry) -> [Entry; 3] {
    let (case, claimed_ms) = (sitting.case(), 0);
    let (cycle, person, paper) = (sitting.cycle(), sitting.person, PaperKind::Decision);
    let filed = Filed {
        cycle,
        person,
        paper,
        entry: signed.bytes.clone(),
        claimed_ms,
        consequence: None,
        unit: None,
        residence: None,
    };
    let grant = |key, role| Grant { key, person: pen.person, role: Some(role), claimed_ms };
    let member = Paper { space: case.space, document: MEMBERSHIP_DOCUMENT };
    let key = public(&pen.key);
    [
        pen.signed(EntryKind::File, case, minicbor::to_vec(filed).unwrap()),
        pen.signed(EntryKind::Grant, member, minicbor::to_vec(grant(Some(key), Role::Authority)).unwrap()),
        pen.signed(EntryKind::Grant, member, minicbor::to_vec(grant(None, Role::Head)).unwrap()),
    ]
}

/// Everything that somebody outside a case can ask about it.
fn questions(sitting: &Sitting, chamber: &Chamber, (name, own): (&str, Option<PaperKind>)) -> Vec<Request> {
    let (index, case, epoch) = (sitting.seat(name), sitting.case(), chamber.office.epoch());
    let pen = &sitting.seats[index].pen;
    let nothing = EntryHash::from_bytes([0; 32]);
    let cursors = [
        Cursor::START,
        Cursor { epoch, ..Cursor::START },
        Cursor { epoch, number: 7, chain: ChainHash::from_bytes([9; 16]) },
    ];
    let mut asked: Vec<Request> = cursors.into_iter().map(|cursor| asking(vec![reading(case.space, cursor)])).collect();
    asked.push(asking(Vec::new()));
    for to in CaseState::ALL {
        asked.push(pen.pushing(chamber, case.space, &[&pen.step(case, (None, to), nothing)]));
    }
    for kind in PaperKind::ALL.into_iter().filter(|kind| Some(*kind) != own) {
        let (paper, signed) = (sitting.paper(index, kind), pen.submission(sitting.paper(index, kind), None));
        asked.push(pen.pushing(chamber, paper.space, &[pen.change(paper), &signed]));
        for said in of_the_office(pen, sitting, &signed) {
            asked.push(pen.pushing(chamber, case.space, &[&said]));
        }
    }
    asked
}

/// A reply without what one's own space holds by now: one's own signed paper is no secret. Whoever writes the minutes is
/// told of them when the case begins, and whoever works in the unit of its results.
fn beside_own(pen: &Pen, open: [SpaceId; 2], mut reply: Reply) -> Reply {
    reply.invited.retain(|space| !open.contains(space));
    for space in reply.spaces.iter_mut().filter(|space| space.space == pen.own_space()) {
        if let Answered::Rows(rows) = &mut space.answer {
            (rows.safe, rows.rows, rows.rows_by) = (0, Vec::new(), Vec::new());
            rows.acknowledgements.retain(|answer| !matches!(answer, Acknowledgement::Stored { .. }));
            rows.acknowledged_by.clear();
        }
    }
    reply
}

/// Byte for byte the same, whether there is a case, and wherever it is: the clock of these servers stands still.
#[test]
fn a_refusal_tells_nobody_outside_a_case_whether_there_is_one() {
    let mut sitting = ordinary::sitting();
    let mut first: BTreeMap<(&str, usize), Vec<u8>> = BTreeMap::new();
    let mut states = 0;
    sitting.visit(&turns(), |sitting, state, mut chamber| {
        states += 1;
        let is_early = matches!(state, None | Some(CaseState::Excused));
        let minutes = sitting.paper(0, PaperKind::Minutes).space;
        let unit = unit_space(&chamber.identity(), sitting.commune.units[1].id);
        for outside in OUTSIDE {
            let pen = &sitting.seats[sitting.seat(outside.0)].pen;
            for (number, asked) in questions(sitting, &chamber, outside).iter().enumerate() {
                let told = pen.ask(&mut chamber, asked);
                let is_told = told.invited.contains(&minutes);
                assert_eq!(is_told, outside.0 == "secretary" && !is_early, "{} is told of minutes", outside.0);
                let reply = pack(&beside_own(pen, [minutes, unit], told));
                let known = first.entry((outside.0, number)).or_insert_with(|| reply.clone());
                assert_eq!(*known, reply, "question {number} of {} in {state:?}", outside.0);
            }
        }
    });
    assert_eq!((states, first.len()), (14, 3 * (17 + 11 * 4) + 17 + 12 * 4));
}

/// Whatever a phone asks for, only the directory and its own papers come down, and no word of a case in them.
#[test]
fn nothing_of_a_case_comes_down_to_a_phone_outside_it() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&turns(), |sitting, state, mut chamber| {
        let case = sitting.case();
        let head = &sitting.seats[sitting.seat("head")].pen;
        let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
        let inside = come_down(&head.ask(&mut chamber, &asking(vec![reading(case.space, cursor)])));
        assert_eq!(inside.is_empty(), state.is_none());
        let mut secrets: Vec<Vec<u8>> = inside.iter().map(|entry| entry.hash.as_bytes().to_vec()).collect();
        secrets.extend([case.space.as_bytes().to_vec(), case.document.as_bytes().to_vec()]);
        let every = sitting.seats.iter().map(|seat| seat.pen.own_space());
        let minutes = sitting.paper(0, PaperKind::Minutes).space;
        let every: Vec<_> = every.chain([case.space, minutes, directory_space(&chamber.identity())]).collect();
        for (name, _) in OUTSIDE {
            let pen = &sitting.seats[sitting.seat(name)].pen;
            let asked = asking(every.iter().map(|space| reading(*space, cursor)).collect());
            let reply = pen.ask(&mut chamber, &asked);
            assert!(!reply.invited.contains(&case.space), "{name} is invited");
            for entry in come_down(&reply) {
                let is_own = [pen.own_space(), directory_space(&chamber.identity())].contains(&entry.fields.space);
                let is_written = name == "secretary" && entry.fields.space == minutes;
                assert!(is_own || is_written, "{name} reads {:?}", entry.fields.space);
                let told = secrets.iter().find(|secret| entry.bytes.windows(secret.len()).any(|at| at == *secret));
                assert_eq!(told, None, "{name} in {state:?}");
            }
        }
    });
}

/// Naming a space, an enrolment of one's own for another space, or somebody else's for this one: it opens nothing.
#[test]
fn nobody_reads_the_papers_of_somebody_else_by_naming_their_space() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..3], |_, _, _| {});
    let mut chamber = sitting.chamber.twin();
    let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
    let head = sitting.seats[sitting.seat("head")].pen.device();
    let of_head = chamber.office.enrolment_of(head).unwrap();
    assert_eq!(of_head.len(), 2, "the directory and the own space; to a case one is invited");
    for reader in &sitting.seats {
        for other in sitting.seats.iter().filter(|other| other.name != reader.name) {
            let asked = reading(other.pen.own_space(), cursor);
            let stolen = other.pen.given.iter().chain(&reader.pen.given).cloned().map(Some);
            for enrolment in stolen.chain([None]) {
                let asked = asking(vec![SpaceRequest { enrolment, ..asked.clone() }]);
                let reply = reader.pen.ask(&mut chamber, &asked);
                assert_eq!(reply.spaces[0].answer, Answered::UnknownDevice, "{} of {}", reader.name, other.name);
            }
        }
    }
    let nobody = &sitting.seats[sitting.seat("nobody")].pen;
    for enrolment in of_head {
        let asked = reading(enrolment.read().unwrap().0.fields.space, cursor);
        let asked = SpaceRequest { enrolment: Some(enrolment), ..asked };
        let is_directory = asked.space == directory_space(&chamber.identity());
        let reply = nobody.ask(&mut chamber, &asking(vec![asked]));
        assert_eq!(reply.spaces[0].answer != Answered::UnknownDevice, is_directory, "everybody reads the directory");
    }
}

/// A signed paper is worth nothing in another hand: not where it was, not in one's own space, not in the case.
#[test]
fn somebody_elses_signed_paper_is_of_no_use() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..4], |_, _, _| {});
    let (head, party) = (sitting.seat("head"), sitting.seat("party"));
    let mut chamber = sitting.chamber.twin();
    let (case, paper) = (sitting.case(), sitting.paper(head, PaperKind::HeadComment));
    let (author, thief) = (&sitting.seats[head].pen, sitting.seats[party].pen.clone());
    let (change, signed) = (author.change(paper).clone(), author.submission(paper, None));
    let rows = chamber.office.rows().unwrap();
    let own = Paper { space: thief.own_space(), document: paper.document };
    let again = |entry: &Entry, place: Paper| thief.signed(entry.fields.kind, place, entry.fields.body.clone());
    let refused = Told::Refused;
    for (space, entry, expected) in [
        (paper.space, signed.clone(), Told::Unknown),
        (own.space, signed.clone(), Told::Missing),
        (case.space, signed.clone(), Told::Missing),
        (own.space, change.clone(), refused(Refusal::NotAMember)),
        (own.space, again(&change, own), refused(Refusal::WrongActor)),
        (own.space, again(&signed, own), Told::Missing),
        (case.space, again(&signed, case), Told::Missing),
    ] {
        assert_eq!(thief.push(&mut chamber, space, &[&entry]), [expected], "{:?} into {space:?}", entry.content);
    }
    // In the thief's own draft the head is named as the author.
    let form = form_of(PaperKind::HeadComment);
    let (cycle, person, kind) = (sitting.cycle(), sitting.person, PaperKind::HeadComment);
    let heading = Heading { kind, cycle, person, author: author.person, form: form.pin() };
    let document = About { kind, cycle, person, author: author.person }.document(own.space);
    let mut forger = thief.clone();
    let named = Paper { space: own.space, document };
    forger.begin(named, &heading.edits(), EntryHash::from_bytes([1; 32]));
    assert_eq!(forger.push(&mut chamber, own.space, &[forger.change(named)]), [refused(Refusal::NotAllowed)]);
    assert_eq!(chamber.office.rows().unwrap(), rows);
    // Sent by its author it is filed all the same.
    assert_eq!(sitting.signs(&mut chamber, head, PaperKind::HeadComment), Told::Stored);
}

/// Who is in, what is filed and where the case is after a paper, the office alone says.
#[test]
fn no_member_of_a_case_speaks_as_the_office() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..6], |_, _, _| {});
    let mut chamber = sitting.chamber.twin();
    let (case, rows) = (sitting.case(), chamber.office.rows().unwrap());
    let decided = chamber.case(case);
    for name in ["subject", "head", "personnel", "supervisor", "party", "authority"] {
        let index = sitting.seat(name);
        let pen = &sitting.seats[index].pen;
        let signed = pen.submission(sitting.paper(index, PaperKind::Decision), None);
        for said in of_the_office(pen, &sitting, &signed) {
            assert_eq!(pen.push(&mut chamber, case.space, &[&said]), [Told::Refused(Refusal::NotAllowed)], "{name}");
        }
        // Under the office's own name it is not signed by the office.
        let mut claimed = pen.clone();
        claimed.person = chamber.office.office_person();
        for said in of_the_office(&claimed, &sitting, &signed) {
            let told = pen.push(&mut chamber, case.space, &[&said]).remove(0);
            assert!(matches!(told, Told::Refused(Refusal::NotAllowed | Refusal::NotAMember)), "{name}: {told:?}");
        }
    }
    assert_eq!((chamber.office.rows().unwrap(), chamber.case(case)), (rows, decided));
}

/// A case holds what was signed, and the directory what the office says: a draft belongs into neither.
#[test]
fn nobody_writes_a_draft_where_others_read() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..2], |_, _, _| {});
    let mut chamber = sitting.chamber.twin();
    let (case, directory) = (sitting.case().space, directory_space(&chamber.identity()));
    for (name, space) in [("subject", case), ("head", case), ("head", directory), ("nobody", directory)] {
        let mut pen = sitting.seats[sitting.seat(name)].pen.clone();
        let (kind, cycle, person) = (PaperKind::PartyComment, sitting.cycle(), sitting.person);
        let heading = Heading { kind, cycle, person, author: pen.person, form: form_of(kind).pin() };
        let paper = Paper { space, document: DocumentKind::Paper.document_about(space, &heading.subject()) };
        pen.begin(paper, &heading.edits(), EntryHash::from_bytes([1; 32]));
        let told = pen.push(&mut chamber, space, &[pen.change(paper)]);
        assert_eq!(told, [Told::Refused(Refusal::WrongDocument)], "{name} in {space:?}");
    }
}

/// After an appeal the authority decides again, and the cadre is told again: the first notice does not serve.
#[test]
fn a_notice_of_before_the_appeal_does_not_serve_after_it() {
    let mut sitting = ordinary::sitting();
    let (mut states, mut again) = (0, None);
    sitting.visit(&TURNS[..8], |sitting, state, mut chamber| {
        states += 1;
        if state == Some(CaseState::Appealed) {
            sitting.file_all(&mut chamber, &ordinary::APPEALED);
            let (authority, personnel) = (sitting.seat("authority"), sitting.seat("personnel"));
            assert_eq!(sitting.steps(&mut chamber, authority, CaseState::Decided), Told::Stored);
            let told = sitting.steps(&mut chamber, personnel, CaseState::Notified);
            assert_eq!(told, Told::Refused(Refusal::Incomplete));
            assert_eq!(sitting.signs(&mut chamber, personnel, PaperKind::Notice), Told::Stored);
            again = Some(sitting.steps(&mut chamber, personnel, CaseState::Notified));
        }
    });
    assert_eq!((states, again), (11, Some(Told::Stored)));
}

/// An entry of the office without its receipt would count as a new one: what was filed last would be whatever a member of
/// the case chose.
#[test]
fn a_filed_paper_that_a_restore_lost_comes_back_only_with_its_receipt() {
    let mut sitting = ordinary::sitting();
    sitting.visit(&TURNS[..1], |_, _, _| {});
    let case = sitting.case();
    sitting.chamber.back_up();
    let mut chamber = sitting.chamber.twin();
    chamber.back_up();
    let front = sitting.seat("front");
    assert_eq!(sitting.signs(&mut chamber, front, PaperKind::ResidenceOpinion), Told::Stored);
    let party = &sitting.seats[sitting.seat("party")].pen;
    let cursor = Cursor { epoch: chamber.office.epoch(), ..Cursor::START };
    let held = come_down(&party.ask(&mut chamber, &asking(vec![reading(case.space, cursor)])));
    let filed = held.into_iter().rfind(|entry| matches!(entry.content, Content::File(_))).unwrap();
    chamber.restore();
    let rows = chamber.office.rows().unwrap();
    assert_ne!(party.push(&mut chamber, case.space, &[&filed]), [Told::Stored]);
    assert!(chamber.office.close_recovery().unwrap());
    assert_ne!(party.push(&mut chamber, case.space, &[&filed]), [Told::Stored], "nor later");
    assert_eq!(chamber.office.rows().unwrap(), rows);
}

/// The same over HTTPS, where somebody who listens counts bytes: status and weight of the answers say nothing either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn over_the_line_an_answer_about_a_case_weighs_the_same_whether_there_is_one() {
    let house = House::new();
    let server = house.opened().await;
    let mut cast = Cast::of(&house, &server).await;
    let case = cast.case();
    let mut weighed = vec![weigh(&mut cast, &server, case).await];
    assert_eq!(cast.submits(&house, &server, &house.answers(house.cadre(SUBJECT))).await, None);
    weighed.push(weigh(&mut cast, &server, case).await);
    cast.synchronise(&server).await;
    assert_eq!(cast.goes_on(&server, Role::Head, CaseState::OpinionsOpen).await, None);
    weighed.push(weigh(&mut cast, &server, case).await);
    assert_eq!(weighed[0].len(), 1 + CaseState::ALL.len());
    assert!(weighed.iter().all(|of_state| *of_state == weighed[0]), "{weighed:?}");
    server.stop().await.unwrap();
}

/// What the Front's phone is told about the case, as somebody on the line sees it: status and bytes.
async fn weigh(cast: &mut Cast, server: &Running, case: Paper) -> Vec<(u16, usize)> {
    let phone = cast.phone(Role::FrontHead);
    let (key, person, identity) = (phone.author.key.clone(), phone.author.person, server.identity);
    // Of a life that never was: the echo of the present one packs by as much as its clock and the reply's have in common.
    let cursor = Cursor { epoch: Epoch { started_ms: 1, random: 0x9e37_79b9_7f4a_7c15 }, ..Cursor::START };
    let nothing = EntryHash::from_bytes([0; 32]);
    let step = |to: CaseState| {
        let (follows, reason, claimed_ms) = (None, Some("Thiếu minh chứng.".to_owned()), 0);
        let body = minicbor::to_vec(Status { follows, to, reason, about: nothing, claimed_ms }).unwrap();
        let Paper { space, document } = case;
        let draft = EntryDraft { kind: EntryKind::Status, space, document, person, incarnation: 1, body };
        let entry = Entry::sign(draft, &key).unwrap().bytes;
        SpaceRequest { entries: vec![Pushed { entry, receipt: None }], ..reading(case.space, cursor) }
    };
    let asked: Vec<SpaceRequest> =
        std::iter::once(reading(case.space, cursor)).chain(CaseState::ALL.into_iter().map(step)).collect();
    let address = format!("https://{}", server.address);
    let told = tokio::task::spawn_blocking(move || {
        let mut line = Line::open(&address, identity).unwrap();
        let tell = |asked: SpaceRequest| {
            let (door, body) = ((reqwest::Method::POST, "/v1/exchange"), pack(&asking(vec![asked])));
            let told = line.call(door, body, Some(&key), &Cancel::new()).unwrap();
            (told.status.as_u16(), told.bytes.len())
        };
        asked.into_iter().map(tell).collect()
    });
    told.await.unwrap()
}
