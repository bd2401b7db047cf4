//! A member's paper in which every field has many values: few changes and few fields, and yet much to open and to read. A
//! real server over real files; the work is counted, not timed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use model::document::{Edit, Scalar, WorkingDocument};
use model::entry::{Entry, EntryDraft, EntryKind, actor_of};
use model::exchange::{Acknowledgement, Answered, Cursor, EXCHANGE_VERSION, Pushed, Request, SpaceRequest};
use model::membership::Role;
use model::refusal::Refusal;
use model::time::Timestamp;
use phone::work::Paper;
use server::limits::{LOOKED_CHANGES_MAX, OPERATIONS_PER_OPENED_CHANGE};
use server::running::Running;
use tests::house::{Handset, House, is_in_force};

const SIDES: u64 = 40;
const FIELDS: i64 = 950;

/// A change beside all others, under an incarnation of its own.
fn beside(phone: &Handset, paper: Paper, base: &[u8], (incarnation, edits): (u64, &[Edit])) -> Entry {
    let (device, person) = (phone.author.device(), phone.author.person);
    let Paper { space, document } = paper;
    let mut open = WorkingDocument::open([base].into_iter());
    let actor = actor_of(device, space, document, incarnation);
    let body = open.record(actor, Timestamp::from_utc_ms(incarnation as i64), edits).unwrap().bytes;
    let draft = EntryDraft { kind: EntryKind::Change, space, document, person, incarnation, body };
    Entry::sign(draft, &phone.author.key).unwrap()
}

async fn pushed(phone: &Handset, server: &Running, paper: Paper, entries: &[Entry]) -> Vec<Acknowledgement> {
    let cursor = Cursor { epoch: server.door().epoch, ..Cursor::START };
    let entries = entries.iter().map(|entry| Pushed { entry: entry.bytes.clone(), receipt: None }).collect();
    let asked = SpaceRequest { space: paper.space, cursor, safe: 0, entries, receipts: Vec::new(), enrolment: None };
    let request = Request { version: EXCHANGE_VERSION, spaces: vec![asked], budget_bytes: 0, newest: None };
    let reply = phone.ask(server, request).await;
    match reply.spaces.into_iter().next().unwrap().answer {
        Answered::Rows(rows) => rows.acknowledgements,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_changes_of_a_disputed_paper_do_not_keep_the_writer_from_others() {
    let house = House::new();
    let server = house.opened().await;
    let lan = house.cadre(2);
    let mut hostile = Handset::enrolled(&server, 91, lan, Role::Subject).await;
    let paper = house.paper(&server, lan).await;
    let first = hostile.edit(paper, &house.answers(lan));
    hostile.synchronise(&server).await;
    let base = hostile.entry(&first).fields.body;
    for side in 1..=SIDES {
        let field = |number: i64| Edit {
            field: format!("zz{number}"),
            value: Some(Scalar::Integer(number * 100 + side as i64)),
        };
        let edits: Vec<Edit> = (0..FIELDS).map(field).collect();
        let entry = beside(&hostile, paper, &base, (1_000 + side, &edits));
        let told = pushed(&hostile, &server, paper, &[entry]).await;
        assert!(is_in_force(&told[0]), "{told:?}");
    }
    let other_kind = [Edit { field: "_t".to_owned(), value: Some(Scalar::Text("directory".to_owned())) }];
    let refused: Vec<Entry> =
        (0..1_000).map(|number| beside(&hostile, paper, &base, (5_000 + number, &other_kind))).collect();
    let told = pushed(&hostile, &server, paper, &refused).await;
    let is_refused = |answer: &&Acknowledgement| matches!(answer, Acknowledgement::Refused(refusal) if *refusal != Refusal::DocumentFull);
    let looked = told.iter().take_while(is_refused).count() as u64;
    assert!(told[looked as usize..].iter().all(|answer| *answer == Acknowledgement::Wait), "{looked}: {told:?}");
    // Each but the first, which finds it open, opens the paper anew; the last may go beyond.
    let (opened, opened_max) = (looked * SIDES * FIELDS as u64, LOOKED_CHANGES_MAX * OPERATIONS_PER_OPENED_CHANGE);
    assert!(
        looked > 0 && opened <= opened_max + 2 * SIDES * FIELDS as u64,
        "{opened} operations of at most {opened_max}"
    );
    server.stop().await.unwrap();
}
