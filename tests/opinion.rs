//! A round from its ceremony to its result, through real phones, a real server and the holders' laptop.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::path::PathBuf;

use model::ballot::Given;
use model::membership::Role;
use model::outcome::PaperCount;
use model::promise::{FEEDBACK, NOT_PROMISED, PROTECTED};
use model::round::RoundDefinition;
use model::round::state::{DAYS_UNTIL_PURGE, RoundState};
use model::time::{Day, Timestamp};
use server::backup::back_up;
use server::desk::Told;
use server::file_fault::{FileCause, fault};
use server::limits::RESULTS_LOOK_PAUSE;
use server::machine;
use server::rounds::desk::{RoundAsked, RoundTold};
use server::running::{Running, start};
use tests::house::{Handset, House};
use tests::opinion::{Holders, Volunteer, announced, done, ordered, plan};
use tests::wire::plain_client;

const DAY_MS: i64 = 24 * 3_600 * 1_000;

fn today() -> Day {
    Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day()
}

/// What a browser on this machine gets.
struct Answer {
    status: u16,
    headers: String,
    body: String,
}

async fn read(server: &Running, path: &str) -> Answer {
    let address = if path.starts_with("/results") || path == "/promise" { server.address } else { server.pages };
    let http = plain_client();
    let answer = http.get(format!("http://{address}{path}")).send().await.unwrap();
    let (status, headers) = (answer.status().as_u16(), format!("{:?}", answer.headers()));
    Answer { status, headers, body: answer.text().await.unwrap() }
}

/// A31: who brought what, and from where, stands nowhere.
async fn the_office_sees_a_sealed_box(server: &Running, definition: &RoundDefinition) {
    let list = read(server, "/rounds").await.body;
    assert!(list.contains(&definition.title) && list.contains(&format!("/rounds/{}", definition.id)));
    let page = read(server, &format!("/rounds/{}", definition.id)).await;
    assert_eq!(page.status, 200);
    for what in
        ["Hòm phiếu còn niêm phong", "<b>3 / 3</b>", "<b>từ 20</b>", "Ngô Thị Bích", "Phiếu có giá trị tham khảo"]
    {
        assert!(page.body.contains(what), "{what}: {}", page.body);
    }
    assert!(!page.body.contains("Thu về") && !page.body.contains("<b>42</b> thu"));
    nothing_is_published(server, definition).await;
}

/// Before the publication nobody learns that there is such a round.
async fn nothing_is_published(server: &Running, definition: &RoundDefinition) {
    let unknown = read(server, &format!("/results/{}", "0f".repeat(16))).await;
    assert!(unknown.status == 404 && unknown.body.contains("Không tìm thấy kết quả"), "{}", unknown.body);
    for part in ["", "/poster", "/result.csv", "/x"] {
        let answer = read(server, &format!("/results/{}{part}", definition.id)).await;
        assert_eq!((answer.status, answer.body), (404, unknown.body.clone()), "{part}");
    }
    assert!(read(server, "/results").await.body.contains("Chưa có kết quả nào"));
    let promise = read(server, "/promise").await;
    assert!(
        promise.status == 200
            && promise.body.matches("<li>").count() == PROTECTED.len() + FEEDBACK.len() + NOT_PROMISED.len()
    );
    let sheet = read(server, &format!("/rounds/{}/result.csv", definition.id)).await;
    assert_eq!((sheet.status, sheet.body.contains("Chưa có kết quả")), (404, true));
}

async fn everybody_reads_the_result(server: &Running, definition: &RoundDefinition) {
    let path = format!("/results/{}", definition.id);
    machine::live_ahead(5 * DAY_MS + RESULTS_LOOK_PAUSE.as_millis() as i64);
    let page = read(server, &path).await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<b>42</b>") && page.body.contains("Từng câu hỏi"), "{}", page.body);
    assert!(page.headers.contains("public, max-age") && !page.headers.contains("cookie"), "{}", page.headers);
    assert_eq!(read(server, &path).await.body, page.body, "a result never changes");
    assert!(read(server, "/results").await.body.contains(&definition.title));
    let poster = read(server, &format!("{path}/poster")).await;
    assert!(poster.status == 200 && poster.body.contains("Cứ 100 phiếu có ý kiến thì 50 phiếu hài lòng</h1>"));
    let office = read(server, &format!("/rounds/{}", definition.id)).await;
    assert!(office.status == 200 && office.body.contains("Từng câu hỏi"), "{}", office.body);
    let sheets = [format!("{path}/result.csv"), format!("/rounds/{}/result.csv", definition.id)];
    let [one, other] = [read(server, &sheets[0]).await, read(server, &sheets[1]).await];
    assert!(one.headers.contains("attachment") && one.body == other.body && one.body.contains("\"Phát ra\",\"42\""));
    assert_eq!(read(server, "/rounds/x").await.status, 404);
}

fn answers(round: &RoundDefinition, number: usize) -> Vec<Given> {
    (0..round.asked().count()).map(|index| Given::Option(((number + index) % 2) as u8)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_residents_said_is_counted_published_and_destroyed() {
    let house = House::new();
    let server = house.opened().await;
    let first_day = today();
    assert!(read(&server, "/rounds").await.body.contains("langnghe round announce --file"), "the empty page says how");
    let holders = Holders::of(&plan(&house.commune, first_day, [2, 4]));
    let definition = holders.definition().clone();
    assert_eq!(definition.areas.len(), 2, "the small one was joined");
    announced(&house, &holders).await;

    let mut volunteers = Vec::new();
    for (index, area) in [(1, 1), (2, 1), (3, 2)] {
        let mut handset = Handset::enrolled(&server, index as u8, house.cadre(index), Role::Subject).await;
        handset.synchronise(&server).await;
        volunteers.push((Volunteer::new(handset, &holders), area));
    }
    let mut bags: Vec<Vec<_>> = definition.areas.iter().map(|area| holders.bag(area.number.0)).collect();
    for (volunteer, area) in &mut volunteers {
        for number in 0..14 {
            let slip = bags[usize::from(*area) - 1].pop().unwrap();
            volunteer.hears(&slip, &answers(&definition, number), first_day).unwrap();
        }
        volunteer.ticks(*area, 1..=14);
    }
    let (last, others) = volunteers.split_last_mut().unwrap();
    for (volunteer, _) in others.iter_mut() {
        assert_eq!(volunteer.delivers(&server, first_day).await, 1);
        assert_eq!(volunteer.reads_list(&server).await, 14, "nothing is listed before the day is over");
        volunteer.seals();
        volunteer.handset.synchronise(&server).await;
    }
    last.0.seals();
    last.0.handset.synchronise(&server).await;

    machine::live_ahead(DAY_MS);
    for (volunteer, _) in others.iter_mut() {
        assert_eq!(volunteer.reads_list(&server).await, 0, "what the safe copy has is forgotten");
    }
    machine::live_ahead(3 * DAY_MS);
    assert_eq!(last.0.delivers(&server, today()).await, 1, "sealed in time, arrived late");
    the_office_sees_a_sealed_box(&server, &definition).await;
    machine::live_ahead(5 * DAY_MS);

    let (file, round) = (house.folder.path().join("hom.lnhp"), definition.id.to_string());
    let to = file.to_str().unwrap().to_owned();
    let opening = RoundAsked::OpeningFile { round: round.clone(), to };
    let frozen = done(&house, opening.clone()).await;
    assert_eq!((frozen.state, frozen.phones, frozen.sealed), (RoundState::Closed, 3, 3));
    assert_eq!(frozen.listed_at_least, Some(40), "in steps until the count");
    assert_eq!(frozen.areas.iter().map(|area| area.drawn).collect::<Vec<_>>(), [28, 14]);
    let again = ordered(&house, opening).await;
    assert_eq!(again, Told::Failed(fault(&file, FileCause::Exists)), "it may be the one that was opened");
    assert_eq!(last.0.reads_list(&server).await, 0);
    let printed: u32 = definition.slips();
    let paper = PaperCount { unused: printed - 42, spoiled: 0, stubs: 42 };
    let outcome = holders.count([0, 2], &file, (today(), paper, &[]));
    assert_eq!(outcome.outcome.published.kinds.valid, 42);
    assert_eq!(outcome.outcome.published.issued, 42);
    let publishing = RoundAsked::Publish { round };
    assert!(
        matches!(ordered(&house, publishing.clone()).await, Told::Round(RoundTold::Refused(_))),
        "nothing is counted yet"
    );
    let taken = done(&house, RoundAsked::Outcome { bytes: outcome.to_bytes() }).await;
    assert_eq!((taken.state, taken.may_be_published), (RoundState::Counted, true));
    nothing_is_published(&server, &definition).await;
    assert_eq!(done(&house, publishing.clone()).await.state, RoundState::Reported);
    assert!(
        matches!(ordered(&house, publishing).await, Told::Round(RoundTold::Refused(_))),
        "a result is published once"
    );
    everybody_reads_the_result(&server, &definition).await;
    is_destroyed_when_its_time_is_over(&house, server, &definition).await;
}

/// A52: a backup of before brings no ballot back, and a destruction that broke off is finished by the next start.
async fn is_destroyed_when_its_time_is_over(house: &House, server: Running, definition: &RoundDefinition) {
    back_up(&house.settings, &house.backup()).unwrap();
    let destroying = RoundAsked::Destroy { round: definition.id.to_string() };
    assert!(matches!(ordered(house, destroying.clone()).await, Told::Round(RoundTold::Refused(_))), "thirty days");
    machine::live_ahead((5 + DAYS_UNTIL_PURGE) * DAY_MS);
    let left = || -> Vec<PathBuf> {
        let folders = ["ballots", "ballots/safe"].map(|folder| house.settings.data.join(folder));
        let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
        // Two files hold nothing of a ballot: the day of the last look, and that the box is destroyed, which is empty.
        let says_nothing = |path: &PathBuf| path.ends_with("begun") || path.extension() == Some("destroyed".as_ref());
        let left = files.map(|file| file.unwrap().path()).filter(|path| path.is_file());
        left.filter(|path| !says_nothing(path) || std::fs::metadata(path).unwrap().len() > "2026-12-01".len() as u64)
            .collect()
    };
    let (box_file, half) = (left().pop().unwrap(), house.folder.path().join("half"));
    assert!(left().len() > 4, "a box, its copy, their keys, the lists");
    std::fs::copy(&box_file, &half).unwrap();
    assert_eq!(done(house, destroying.clone()).await.state, RoundState::Purged);
    assert_eq!(left(), Vec::<PathBuf>::new());
    assert!(matches!(ordered(house, destroying).await, Told::Round(RoundTold::Refused(_))), "once");
    server.stop().await.unwrap();
    std::fs::copy(&half, &box_file).unwrap();
    let server = start(&house.settings).await.unwrap();
    assert_eq!(left(), Vec::<PathBuf>::new());
    let server = house.restored(server).await;
    let to = house.folder.path().join("again.lnhp").to_str().unwrap().to_owned();
    // The restored database does not know of it, and the folder of the boxes does.
    let opening = ordered(house, RoundAsked::OpeningFile { round: definition.id.to_string(), to: to.clone() }).await;
    assert!(matches!(opening, Told::Round(RoundTold::Refused(_))) && !std::fs::exists(to).unwrap());
    assert_eq!(left(), Vec::<PathBuf>::new());
    server.stop().await.unwrap();
}
