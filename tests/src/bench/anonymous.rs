//! What the anonymous road costs: sealing, the phone's box, the drop over real HTTP, and an opening of 100,000.

use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use model::admission::{AdmissionKey, BATCH_SLOTS, Batch};
use model::ballot::{Ballot, Given};
use model::box_seal::{SALT_BYTES, SLOTS};
use model::envelope::Envelope;
use model::outcome::PaperCount;
use model::round::RoundDefinition;
use model::slip::SlipSecret;
use model::time::{Day, Timestamp};
use opener::machine::randomness;
use phone::courier::line::Sent;
use phone::store::ballot_box::{self, BallotBox};
use phone::store::{Store, StoreKey};
use server::ballots::boxes::Boxes;
use server::rounds::opening;
use server::running::Running;
use server::{machine, rounds};

use super::measure::{current_bytes, forget_peak, peak_bytes, thread_cpu};
use super::report::Report;
use crate::demo::{Told, failed};
use crate::house::House;
use crate::opinion::{Holders, announced, carried};

/// Envelopes of the opening under measurement.
const OPENED: usize = 100_000;

/// Envelopes of the drop over HTTP.
const DROPPED: usize = 3_200;

/// Connections of the drop.
const CARRIERS: usize = 8;

const REWRITES: u32 = 50;

const DAY_MS: i64 = 24 * 3_600 * 1_000;

const MEGABYTE: f64 = 1e6;

/// Measures everything.
pub fn measure() -> Told<Report> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(failed("No runtime could be started"))?.block_on(measure_within())
}

async fn measure_within() -> Told<Report> {
    let mut report = Report::default();
    let house = House::new();
    let server = house.opened().await;
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    eprintln!("a ceremony of {OPENED} slips");
    let holders = Holders::of(&plan(&house, today));
    announced(&house, &holders).await;
    let definition = holders.definition().clone();
    let envelopes = sealed(&definition, &holders.bag(1), &mut report)?;
    rewritten(house.folder.path(), &definition, &envelopes, &mut report)?;
    dropped(&server, &holders, &envelopes[..DROPPED], &mut report).await?;
    let filled = Instant::now();
    fill(&server.door().boxes, &holders, &envelopes[DROPPED..], today)?;
    report.figure("box_per_s", (OPENED - DROPPED) as f64 / filled.elapsed().as_secs_f64());
    machine::live_ahead(3 * DAY_MS);
    let file = house.folder.path().join("hom.lnhp");
    frozen(&house, &server, &definition, &file)?;
    opened(&holders, &file, &mut report)?;
    server.stop().await.map_err(failed("The server did not stop cleanly"))?;
    Ok(report)
}

/// One area large enough for everybody; the round closes today.
fn plan(house: &House, today: Day) -> serde_json::Value {
    let mut plan = crate::opinion::plan(&house.commune, today, [0, 1]);
    plan["neighbourhoods"] = serde_json::json!([{ "name": "Toàn xã", "eligible": OPENED }]);
    plan
}

/// Seals a ballot for every slip.
fn sealed(definition: &RoundDefinition, slips: &[SlipSecret], report: &mut Report) -> Told<Vec<Envelope>> {
    let answers: Vec<Given> = definition.asked().map(|_| Given::Option(0)).collect();
    let (envelopes, cpu_s) = thread_cpu(|| {
        let seal = |slip: &SlipSecret| {
            let ballot = Ballot { secret: slip.clone(), given: answers.clone() };
            Envelope::seal(definition, &ballot, &mut randomness())
        };
        slips[..OPENED].iter().map(seal).collect::<Result<Vec<Envelope>, _>>()
    })?;
    report.figure("envelope_bytes", definition.envelope_bytes());
    report.at_most("seal_cpu_ms", cpu_s * 1e3 / OPENED as f64, 1.0);
    envelopes.map_err(failed("A ballot could not be sealed"))
}

/// A full box is written whole, as with every "Hoàn tất".
fn rewritten(folder: &Path, definition: &RoundDefinition, envelopes: &[Envelope], report: &mut Report) -> Told<()> {
    let key = StoreKey::from_slice(&[5; 32]).ok_or("A key of another length")?;
    let mut store = Store::open(&folder.join("box.db"), &key).map_err(failed("A phone's store did not open"))?;
    let random = &mut randomness();
    let mut full = BallotBox::begun(random);
    for envelope in &envelopes[..SLOTS] {
        full.slots.put(envelope.clone(), [1; SALT_BYTES]).map_err(failed("The box is full"))?;
    }
    let began = Instant::now();
    for _ in 0..REWRITES {
        let written = store.transact(|transaction| ballot_box::write(transaction, definition, &full, random));
        written.and_then(|()| ballot_box::cut_journal(&store)).map_err(failed("A box could not be written"))?;
    }
    report.at_most("rewrite_ms", began.elapsed().as_secs_f64() * 1e3 / f64::from(REWRITES), 10.0);
    Ok(())
}

fn parcel(definition: &RoundDefinition, admission: &AdmissionKey, envelopes: &[Envelope]) -> Vec<u8> {
    Batch { envelopes: envelopes.to_vec() }.to_bytes(definition, admission)
}

/// Over real HTTP, each parcel on a connection of its own, as phones do.
async fn dropped(server: &Running, holders: &Holders, envelopes: &[Envelope], report: &mut Report) -> Told<()> {
    let round = holders.ceremony.announcement.round();
    let parcels: Vec<Vec<u8>> =
        envelopes.chunks(BATCH_SLOTS).map(|some| parcel(holders.definition(), &round.admission, some)).collect();
    let began = Instant::now();
    let share = parcels.len().div_ceil(CARRIERS);
    let carrying = parcels.chunks(share).map(|parcels| async move {
        for parcel in parcels {
            assert!(carried(server, parcel.clone()).await == Sent::Taken, "the drop refused a parcel");
        }
    });
    join_all(carrying).await;
    report.at_least("drop_per_s", envelopes.len() as f64 / began.elapsed().as_secs_f64(), 200.0);
    Ok(())
}

/// What the drop does without the line.
fn fill(boxes: &Boxes, holders: &Holders, envelopes: &[Envelope], today: Day) -> Told<()> {
    let round = holders.ceremony.announcement.round();
    for some in envelopes.chunks(BATCH_SLOTS) {
        let bytes = parcel(holders.definition(), &round.admission, some);
        let admitted = boxes.admit(&bytes, today).map_err(failed("A batch was not admitted"))?;
        boxes.put(&admitted, today.begins().utc_ms()).map_err(failed("A batch was not stored"))?;
    }
    Ok(())
}

fn frozen(house: &House, server: &Running, definition: &RoundDefinition, file: &Path) -> Told<()> {
    let database = house.settings.data.join(server::office::DATABASE_FILE);
    let connection = server::database::open_to_read(&database).map_err(failed("The database did not open"))?;
    let kept = rounds::find(&connection, definition.id).ok().flatten().ok_or("The round was not kept")?;
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let written = opening::write(&connection, &server.door().boxes, &kept, (file, today));
    written.map_err(failed("The file of the opening could not be written"))
}

/// Two holders open and count it.
fn opened(holders: &Holders, file: &Path, report: &mut Report) -> Told<()> {
    forget_peak();
    let (before, began) = (current_bytes()?, Instant::now());
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let unused = holders.definition().slips() - OPENED as u32;
    let paper = PaperCount { unused, spoiled: 0, stubs: OPENED as u32 };
    let outcome = holders.count([0, 1], file, (today, paper, &["không có sổ phát", "không niêm"]));
    let took: Duration = began.elapsed();
    assert_eq!(outcome.outcome.published.kinds.valid, OPENED as u32, "every envelope is counted once");
    report.figure("opened", OPENED);
    report.at_most("opening_s", took.as_secs_f64(), 60.0);
    report.figure("opening_file_mb", std::fs::metadata(file).map_or(0.0, |file| file.len() as f64 / MEGABYTE));
    report.at_most("opening_memory_mb", (peak_bytes(std::process::id())? - before) as f64 / MEGABYTE, 256.0);
    Ok(())
}
