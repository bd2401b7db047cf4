//! The story: who does what, where the network fails, and what the office sees in the end.
#![allow(clippy::print_stdout, reason = "the story is told on the terminal")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;

use model::answer::Answer;
use model::identity::DocumentId;
use phone::views::{PaperStatus, PaperView};

use super::office::Office;
use super::pocket::Pocket;
use super::{Told, cases, child, failed, feedback, keepsake, rounds};
use crate::commune::{Commune, FilledForm, Member};
use crate::lossy::{self, Weather};

/// Everything random in the demo follows from it.
const SEED: u64 = 2026;

/// Of a hundred pieces of two kilobytes so many are cut after some byte, and their connection with them.
const CUT_OF_100: u64 = 20;

/// Answers that the killed phone saves first.
const ANSWERS_BEFORE_KILL: u32 = 12;

/// Two days, for the cadre who submits after the deadline.
const TWO_DAYS_MS: i64 = 2 * 24 * 3_600 * 1_000;

/// A cadre's device in the story.
struct Actor {
    pocket: Pocket,
    member: Member,
    paper: DocumentId,
    typed: u32,
}

/// Plays it over a folder and prints in plain words what happened.
pub fn tell(folder: &Path, exit: bool) -> Told<()> {
    let started = Instant::now();
    let commune = commune();
    let office = Office::open(&folder.join("server"), &commune)?;
    let network = lossy::open(office.address, SEED).map_err(failed("No network could be made"))?;
    say(&format!(
        "A made-up commune: {} cadres in 3 units, a phone for each and a tablet too for the first; the office's server \
         listens on {}.",
        commune.members.len(),
        office.address
    ));
    let mut actors = enrol(&office, &commune, folder, network.0)?;
    network.1.down();
    say("The office let every device in, after the same four words stood on both screens. Now the network fails.");
    offline(&mut actors)?;
    network.1.up(CUT_OF_100);
    say(&format!(
        "The network is back, but a bad one: of every 100 pieces sent, {CUT_OF_100} break off half-way and take the \
         connection with them."
    ));
    deliver(&actors, &network.1)?;
    settle(&actors)?;
    submit_all(&actors)?;
    late(&actors)?;
    result(&office, &actors, &commune)?;
    rounds::tell()?;
    feedback::tell()?;
    let with_cases = cases::tell(&folder.join("cases"))?;
    say(&format!("All of this took {:.1} s.", started.elapsed().as_secs_f32()));
    finish((office, with_cases), &commune, exit)
}

#[allow(clippy::print_stdout, reason = "the story is told on the terminal")]
pub(super) fn say(line: &str) {
    println!("• {line}");
}

/// The commune of the demo; its cycle is open today.
pub fn commune() -> Commune {
    let mut commune = Commune::generate(SEED);
    let today = model::time::Timestamp::from_utc_ms(server::machine::now_ms()).vietnamese_day();
    (commune.cycle.opens, commune.cycle.closes) = (today, today);
    commune
}

/// One phone per cadre, and a tablet for the first.
fn enrol(office: &Office, commune: &Commune, folder: &Path, address: std::net::SocketAddr) -> Told<Vec<Actor>> {
    let mut actors = Vec::new();
    let first = commune.members.first().ok_or("the commune is empty")?;
    for (index, member) in std::iter::once(first).chain(&commune.members).enumerate() {
        let kind = if index == 1 { "tablet" } else { "phone" };
        let name = format!("{} ({kind})", member.held.cadre.full_name);
        let pocket = Pocket::open(&folder.join(format!("device-{index}")), &name)?;
        let words = pocket.enrol(&office.code_for(member.held.cadre.id, address)?)?;
        office.approve(&words)?;
        pocket.join()?;
        let paper = pocket.begin()?;
        actors.push(Actor { pocket, member: member.clone(), paper, typed: 0 });
    }
    Ok(actors)
}

/// Everybody fills in their form; two devices of one cadre disagree, one phone is killed.
fn offline(actors: &mut [Actor]) -> Told<()> {
    for (index, actor) in actors.iter_mut().enumerate() {
        let form = form_of(&actor.member);
        if index == 1 {
            continue;
        }
        if index == KILLED {
            actor.killed()?;
        }
        actor.typed = actor.pocket.fill(actor.paper, &form, actor.member.held.assignment.is_leader)?;
    }
    let typed: u32 = actors.iter().map(|actor| actor.typed).sum();
    say(&format!(
        "Without a network {typed} answers were typed on {} phones; each was on disk before the screen called it saved.",
        actors.iter().filter(|actor| actor.typed > 0).count()
    ));
    let points = |points_hundredths| Answer::Score { points_hundredths };
    actors[0].pocket.answer(actors[0].paper, "g1_1", points(450))?;
    actors[1].pocket.answer(actors[1].paper, "g1_1", points(400))?;
    let text = "Chủ động tham mưu, phối hợp tốt; bản này viết trên máy tính bảng.".to_owned();
    actors[1].pocket.answer(actors[1].paper, "strengths", Answer::Text { text })?;
    say(&format!(
        "Still without a network, {} answered two questions differently on phone and tablet: criterion 1.1 has 4,50 \
         points on one and 4,00 on the other, and the strengths read differently.",
        actors[0].member.held.cadre.full_name
    ));
    Ok(())
}

/// Whose phone is killed in the middle, and who submits too late.
const KILLED: usize = 4;
const LATE: usize = 5;

impl Actor {
    /// The app's process dies while it types; the form opens again with the last answer that it called saved.
    fn killed(&mut self) -> Told<()> {
        let folder = self.pocket.folder().to_owned();
        let name = self.pocket.name.clone();
        let closed = Pocket::open(&folder.join("closed"), "closed")?;
        self.pocket = closed;
        let last = child::kill_after(&folder, ANSWERS_BEFORE_KILL)?;
        self.pocket = Pocket::open(&folder, &name)?;
        let view = self.pocket.phone.question(self.paper, "strengths".to_owned());
        let found = match view.map_err(failed("The form did not open again"))?.answer {
            Some(Answer::Text { text }) => text,
            other => return Err(format!("The answer is gone: {other:?}")),
        };
        let number: u32 =
            found.split(' ').filter_map(|word| word.parse().ok()).next().ok_or("no number in the answer")?;
        if number < last {
            return Err(format!("Answer {last} was called saved, the store holds {number}."));
        }
        say(&format!(
            "The app on {name} was killed (signal 9) while its owner typed. The last text it called saved was number \
             {last}; opened again, it shows number {number}, so nothing saved was lost."
        ));
        Ok(())
    }
}

fn form_of(member: &Member) -> FilledForm {
    FilledForm::drawn(SEED, member.held.cadre.id, member.quality)
}

fn deliver(actors: &[Actor], weather: &Arc<Weather>) -> Told<()> {
    let mut eaten = 0;
    for actor in actors {
        eaten += actor.pocket.send()?;
    }
    for actor in &actors[..2] {
        eaten += actor.pocket.send()?;
    }
    say(&format!(
        "Every answer reached the server: {} connections were cut, and the phones tried {eaten} times again by \
         themselves.",
        weather.cuts()
    ));
    Ok(())
}

/// Both devices show both values; one tap settles each.
fn settle(actors: &[Actor]) -> Told<()> {
    let [phone, tablet] = [&actors[0], &actors[1]];
    for view in [phone.view()?, tablet.view()?] {
        if view.disputes.len() != 2 || view.is_complete {
            return Err(format!("A device shows {} disputes, not 2.", view.disputes.len()));
        }
    }
    for dispute in phone.view()?.disputes {
        let (on_phone, on_tablet): (Vec<_>, Vec<_>) = dispute.sides.iter().partition(|side| side.is_own_device);
        let ([on_phone], [on_tablet]) = (&on_phone[..], &on_tablet[..]) else {
            return Err(format!("The dispute has {} sides, not one of each device.", dispute.sides.len()));
        };
        say(&format!(
            "Phone and tablet both show both values of {}: “{}”, typed on the phone, and “{}”, typed on the tablet.",
            question_name(&dispute.question),
            shortened(&on_phone.value),
            shortened(&on_tablet.value)
        ));
    }
    for dispute in phone.view()?.disputes {
        let own = dispute.sides.iter().find(|side| side.is_own_device).ok_or("no side is of this device")?;
        let settled = phone.pocket.phone.settle(phone.paper, dispute.field.clone(), own.by);
        settled.map_err(failed("The dispute could not be settled"))?;
    }
    phone.pocket.send()?;
    tablet.pocket.send()?;
    if !tablet.view()?.disputes.is_empty() {
        return Err("The tablet still shows a dispute.".to_owned());
    }
    say("One tap for each on the phone chose a value; the tablet now shows the same.");
    Ok(())
}

/// The two questions of the dispute, as the story calls them.
fn question_name(key: &str) -> &str {
    match key {
        "g1_1" => "criterion 1.1",
        "strengths" => "the strengths",
        other => other,
    }
}

fn shortened(text: &str) -> String {
    const CHARS: usize = 40;
    let short: String = text.chars().take(CHARS).collect();
    if text.chars().count() > CHARS { format!("{short}…") } else { short }
}

impl Actor {
    fn view(&self) -> Told<PaperView> {
        self.pocket.phone.paper(self.paper).map_err(failed("The paper could not be read"))
    }

    fn submit(&self) -> Told<()> {
        self.pocket.phone.submit(self.paper).map_err(failed("The form could not be submitted"))?;
        let before = self.pocket.status(self.paper)?;
        self.pocket.send()?;
        let after = self.pocket.status(self.paper)?;
        match (before, after) {
            (PaperStatus::Waiting, PaperStatus::Received) => Ok(()),
            words => Err(format!("{} says {words:?}, not waiting and then received.", self.pocket.name)),
        }
    }
}

fn submit_all(actors: &[Actor]) -> Told<()> {
    let in_time = actors.iter().enumerate().filter(|(index, _)| *index != 1 && *index != LATE);
    let mut submitted = 0;
    for (_, actor) in in_time {
        actor.submit()?;
        submitted += 1;
    }
    say(&format!(
        "{submitted} cadres submitted their forms. Each phone said “Chờ gửi” (waiting to be sent) until it had verified \
         the server's signed receipt, and only then “Máy chủ đã nhận” (the server has it)."
    ));
    let tablet = &actors[1];
    tablet.pocket.send()?;
    let text = "Bổ sung sau khi đã nộp.".to_owned();
    tablet.pocket.answer(tablet.paper, "explanation", Answer::Text { text })?;
    tablet.pocket.send()?;
    let view = tablet.view()?;
    if view.item.late_edits != Some(1) {
        return Err(format!("The late edit is not shown: {:?}", view.item.late_edits));
    }
    say("An answer typed on the tablet after its form was submitted is kept, and shown as not part of the submission.");
    Ok(())
}

fn late(actors: &[Actor]) -> Told<()> {
    server::machine::live_ahead(TWO_DAYS_MS);
    actors[LATE].submit()?;
    say(&format!("With the clock set two days ahead, past the deadline, {} submits too.", actors[LATE].pocket.name));
    Ok(())
}

/// What the office sees must be what the phones hold.
fn result(office: &Office, actors: &[Actor], commune: &Commune) -> Told<()> {
    let cycle = commune.cycle.id;
    let scores = office.page(&format!("/report/{cycle}/scores.csv"))?;
    for actor in actors.iter().enumerate().filter(|(index, _)| *index != 1).map(|(_, actor)| actor) {
        let view = actor.view()?;
        let total = view.item.total_hundredths.ok_or("a phone shows no score")?;
        let (name, points) = (&actor.member.held.cadre.full_name, hundredths(total));
        if !scores.lines().any(|line| line.contains(name.as_str()) && line.contains(&points)) {
            return Err(format!("The report does not show {name} with {points} points."));
        }
    }
    let received: usize = scores.lines().count().saturating_sub(1);
    let page = office.page(&format!("/report/{cycle}"))?;
    let over = page.split("Có ").find_map(|rest| rest.split_once(" nơi vượt mức")?.0.parse::<u32>().ok());
    let over = over.ok_or("The report does not say who is over the quota.")?;
    say(&format!(
        "The office's report lists all {received} cadres with the points that their phones show, and names {over} units \
         or groups with more people rated excellent than the law allows."
    ));
    if !page.contains("Nộp muộn 2 ngày") || page.contains("uá hạn") {
        return Err("The report does not mark the late submission, and nobody else.".to_owned());
    }
    say("The one who came late is marked “Nộp muộn 2 ngày” (two days late). Nobody is missing.");
    Ok(())
}

fn hundredths(points: u32) -> String {
    format!("{},{:02}", points / 100, points % 100)
}

fn finish((office, with_cases): (Office, Office), commune: &Commune, exit: bool) -> Told<()> {
    let kept = keepsake::folder()?;
    keepsake::keep(&office, commune.cycle.id, &kept)?;
    let [scores, progress] = keepsake::TABLES;
    say(&format!(
        "The report is kept as {} with its tables {scores} and {progress}.",
        kept.join(keepsake::PAGE).display()
    ));
    if exit {
        with_cases.close()?;
        return office.close();
    }
    let address = format!("http://{}/report/{}", office.address, commune.cycle.id);
    say(&format!("The same report from the server at work: {address}"));
    let cases = format!("http://{}/cases", with_cases.address);
    say(&format!("The three cases with their papers and reports, from a second server: {cases}"));
    say("Ctrl-C ends the demo and takes its scratch folder away.");
    show(&address);
    // The server works on; the end of the input ends this process.
    loop {
        std::thread::park();
    }
}

/// Opens a browser if the machine has one, without a word of it on the terminal; the address stands there anyway.
fn show(address: &str) {
    let mut opener = Command::new("xdg-open");
    let opener = opener.arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    // A machine without a browser shows the address; that is enough.
    let _ = opener.spawn();
}
