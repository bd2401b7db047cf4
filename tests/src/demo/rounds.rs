//! The second chapter: two rounds of opinion, from the key ceremony to results that hide what would give somebody away.
//!
//! The phones here are the core without its app, because days pass: a ballot, a late box and a list each need another day.

use model::ballot::{Asked, Given};
use model::membership::Role;
use model::outcome::{PaperCount, SignedOutcome};
use model::publication::PublishedQuestion;
use model::publication::outcome::{self, ConfidenceBand, band};
use model::publication::slices::AreaCells;
use model::ratio::Rounding;
use model::round::{AreaNumber, RoundDefinition};
use model::slip::SlipSecret;
use model::time::{Day, Timestamp};
use serde_json::{Value, json};
use server::backup::back_up;
use server::machine;
use server::rounds::desk::RoundAsked;
use server::running::Running;

use super::story::say;
use super::{Told, failed};
use crate::house::{Handset, House};
use crate::opinion::{Holders, Volunteer, announced, done, plan};

const DAY_MS: i64 = 24 * 3_600 * 1_000;

/// Volunteers with a phone each.
const PHONES: usize = 6;

/// Slips of the confidence round that each volunteer hands out: 60 in all.
const CONFIDENCE_SLIPS: usize = 10;

/// Per volunteer the area of the satisfaction round, the residents who answer there, and those who keep the slip that they
/// drew. The second and the third area come to too few answers of one kind.
const SATISFACTION_SLIPS: [(u16, usize, usize); PHONES] =
    [(1, 14, 4), (1, 12, 4), (2, 8, 3), (2, 6, 3), (3, 7, 3), (3, 8, 3)];

/// Unused slips that were handed back, and that somebody uses all the same.
const RETURNED: usize = 3;

/// One round with everybody in it.
struct Round {
    holders: Holders,
    volunteers: Vec<Volunteer>,
    bags: Vec<Vec<SlipSecret>>,
}

/// Plays it in a house of its own.
pub fn tell() -> Told<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    runtime.map_err(failed("No runtime could be started"))?.block_on(tell_within())
}

async fn tell_within() -> Told<()> {
    machine::live_ahead(0);
    let house = House::new();
    let server = house.opened().await;
    let first = today();
    say("Residents speak: three holders make the keys and slips of two rounds on a laptop without a network.");
    let confidence = Holders::of(&confidence_plan(&house, first));
    let satisfaction = Holders::of(&satisfaction_plan(&house, first));
    for holders in [&confidence, &satisfaction] {
        announced(&house, holders).await;
        let round = holders.definition();
        say(&format!("Announced: “{}”, {} slips in {} areas.", round.title, round.slips(), round.areas.len()));
    }
    let mut confidence = Round::begun(&house, &server, confidence, 1).await;
    let mut satisfaction = Round::begun(&house, &server, satisfaction, 100).await;
    first_day(&mut confidence, &mut satisfaction, first)?;
    let server = through_a_restore(&house, server, [&mut confidence, &mut satisfaction], first).await?;
    late_box(&house, &server, &mut confidence, first).await?;
    machine::live_ahead(6 * DAY_MS);
    for round in [&confidence, &satisfaction] {
        round.opened(&house).await?;
    }
    machine::live_ahead(0);
    server.stop().await.map_err(failed("The server did not stop cleanly"))
}

fn today() -> Day {
    Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day()
}

/// About two heads of neighbourhoods, in two areas.
fn confidence_plan(house: &House, today: Day) -> Value {
    let mut plan = plan(&house.commune, today, [2, 4]);
    let subject = |index: usize| {
        let cadre = &house.commune.members[index].held.cadre;
        json!({ "person": cadre.id.to_string(), "name": cadre.full_name, "post": "Tổ trưởng tổ dân phố" })
    };
    plan["title"] = json!("Lấy phiếu tín nhiệm tổ trưởng");
    plan["about"] = json!({ "people": [subject(0), subject(4)] });
    plan["template"] = json!("CONF");
    plan["electorate"] = json!("Cử tri cư trú trên địa bàn");
    plan["neighbourhoods"] = json!([{ "name": "Tổ 1", "eligible": 40 }, { "name": "Tổ 2", "eligible": 40 }]);
    plan
}

/// About the commune's office, in four neighbourhoods of which one is too small alone.
fn satisfaction_plan(house: &House, today: Day) -> Value {
    let mut plan = plan(&house.commune, today, [2, 4]);
    plan["neighbourhoods"] = json!([
        { "name": "Tổ 1", "eligible": 60 }, { "name": "Tổ 2", "eligible": 40 },
        { "name": "Tổ 3", "eligible": 30 }, { "name": "Tổ 4", "eligible": 8 }
    ]);
    plan
}

impl Round {
    /// Every volunteer's phone gets the round over the named road.
    async fn begun(house: &House, server: &Running, holders: Holders, seed: u8) -> Self {
        let mut volunteers = Vec::new();
        for index in 0..PHONES {
            let member = house.cadre(index % house.commune.members.len());
            let mut handset = Handset::enrolled(server, seed + index as u8, member, Role::Subject).await;
            handset.synchronise(server).await;
            volunteers.push(Volunteer::new(handset, &holders));
        }
        let bags = holders.definition().areas.iter().map(|area| holders.bag(area.number.0)).collect();
        Self { holders, volunteers, bags }
    }

    fn definition(&self) -> &RoundDefinition {
        self.holders.definition()
    }

    fn draw(&mut self, area: u16) -> Told<SlipSecret> {
        self.bags[usize::from(area) - 1].pop().ok_or_else(|| "The bag is empty.".to_owned())
    }

    /// A resident draws a slip, answers on the phone, and keeps or tears it.
    fn answers(&mut self, phone: usize, area: u16, (today, kind): (Day, usize)) -> Told<SlipSecret> {
        let slip = self.draw(area)?;
        let given = answers_of(self.definition(), kind);
        self.volunteers[phone].hears(&slip, &given, today).map_err(failed("A ballot was not taken"))?;
        Ok(slip)
    }

    async fn delivered(&mut self, server: &Running, today: Day, phones: std::ops::Range<usize>) -> usize {
        let mut parcels = 0;
        for volunteer in &mut self.volunteers[phones] {
            parcels += volunteer.delivers(server, today).await;
        }
        parcels
    }
}

/// Deterministic answers: of four residents three are satisfied.
fn answers_of(round: &RoundDefinition, kind: usize) -> Vec<Given> {
    let least = |asked: &Asked<'_>| asked.question.options().len().saturating_sub(1).min(2) as u8;
    let choose = |asked: Asked<'_>| match kind % 4 {
        0 if asked.subject.is_some() => Given::Option(least(&asked)),
        0 => Given::Option(1),
        _ => Given::Option(0),
    };
    round.asked().map(choose).collect()
}

/// Everybody's residents answer, one slip is used twice, and slips that were handed back are used all the same.
fn first_day(confidence: &mut Round, satisfaction: &mut Round, today: Day) -> Told<()> {
    let mut drawn = Vec::new();
    for (phone, (satisfaction_area, slips, kept)) in SATISFACTION_SLIPS.into_iter().enumerate() {
        let area = (phone % 2) as u16 + 1;
        for kind in 0..CONFIDENCE_SLIPS {
            drawn.push(confidence.answers(phone, area, (today, kind))?);
        }
        confidence.volunteers[phone].ticks(area, lines(phone, CONFIDENCE_SLIPS));
        for kind in 0..slips {
            satisfaction.answers(phone, satisfaction_area, (today, kind))?;
        }
        satisfaction.volunteers[phone].ticks(satisfaction_area, lines(phone, slips + kept));
    }
    say(&format!(
        "On {PHONES} phones without a network {} residents answer. Each ballot is sealed for the holders before the phone \
         goes back to the volunteer; no phone, and no server, can open one.",
        drawn.len() + SATISFACTION_SLIPS.iter().map(|(_, answered, _)| answered).sum::<usize>()
    ));
    let other = answers_of(confidence.definition(), 0);
    confidence.volunteers[3].hears(&drawn[1], &other, today).map_err(failed("The second use was not taken"))?;
    let returned: Vec<SlipSecret> = (0..RETURNED).map(|_| confidence.draw(1)).collect::<Told<_>>()?;
    confidence.volunteers[0].returns(&returned);
    for slip in &returned {
        confidence.volunteers[2].hears(slip, &other, today).map_err(failed("A returned slip was not taken"))?;
    }
    say(&format!(
        "One slip is used a second time with other answers, and {RETURNED} slips that were handed back unused are stuffed \
         into a box. The server cannot tell; the holders will."
    ));
    Ok(())
}

/// Lines of the roll that no other phone ticks.
fn lines(phone: usize, count: usize) -> std::ops::Range<u32> {
    let first = phone as u32 * 100 + 1;
    first..first + count as u32
}

/// The boxes travel, the server is set back to an older backup in between, and the lists let the phones forget.
async fn through_a_restore(house: &House, server: Running, rounds: [&mut Round; 2], first: Day) -> Told<Running> {
    back_up(&house.settings, &house.backup()).map_err(failed("The backup was not written"))?;
    let [confidence, satisfaction] = rounds;
    let parcels = confidence.delivered(&server, first, 0..PHONES - 1).await
        + satisfaction.delivered(&server, first, 0..PHONES).await;
    let mut server = house.restored(server).await;
    say(&format!(
        "{parcels} parcels of one size reach the box by an own way at an own time. Then the server is restored from a \
         backup made before them."
    ));
    machine::live_ahead(DAY_MS);
    let mut kept = 0;
    for round in [&mut *confidence, &mut *satisfaction] {
        for phone in 0..PHONES {
            (server, _) = house.talks(&mut round.volunteers[phone].handset, server).await;
            let is_late =
                round.volunteers[phone].round.signed.definition.title.contains("tín nhiệm") && phone == PHONES - 1;
            if !is_late {
                kept += round.volunteers[phone].reads_list(&server).await;
                round.volunteers[phone].seals();
                round.volunteers[phone].handset.synchronise(&server).await;
            }
        }
    }
    if kept > 0 {
        return Err(format!("{kept} envelopes are on no list a day later."));
    }
    say(
        "A day later the server's list names every envelope; only then do the phones forget theirs. Each seals its box.",
    );
    Ok(server)
}

/// One phone has no network until after the closing day: its seal is read over the telephone.
async fn late_box(house: &House, server: &Running, confidence: &mut Round, first: Day) -> Told<()> {
    let late = &mut confidence.volunteers[PHONES - 1];
    let seal = late.seals().spoken().to_string();
    let round = late.round.signed.definition.id.to_string();
    done(house, RoundAsked::Seal { round, seal: seal.clone() }).await;
    machine::live_ahead(3 * DAY_MS);
    let day = first.plus_days(3).ok_or("the calendar ends")?;
    if late.delivers(server, day).await == 0 {
        return Err("The late box was not taken.".to_owned());
    }
    late.handset.synchronise(server).await;
    say(&format!(
        "One phone finds no network before the round closes. Its seal, {seal}, is read over the telephone in time; so its \
         box is taken after the closing day, and not one ballot more."
    ));
    Ok(())
}

impl Round {
    /// Two of three holders open the box, another pair counts again where it is about people, and the result is published.
    async fn opened(&self, house: &House) -> Told<()> {
        let definition = self.definition();
        let file = house.folder.path().join(format!("{}.lnhp", definition.id));
        let to = file.to_str().ok_or("a path that is no text")?.to_owned();
        let round = definition.id.to_string();
        done(house, RoundAsked::OpeningFile { round: round.clone(), to }).await;
        let sum = |of: fn(&(u16, usize, usize)) -> usize| SATISFACTION_SLIPS.iter().map(of).sum::<usize>() as u32;
        let (issued, stubs) = match definition.subjects() {
            [] => (sum(|(_, answered, kept)| answered + kept), sum(|(_, answered, _)| *answered)),
            _ => ((PHONES * CONFIDENCE_SLIPS) as u32, (PHONES * CONFIDENCE_SLIPS + RETURNED) as u32),
        };
        let paper = PaperCount { unused: definition.slips() - issued, spoiled: 0, stubs };
        let said = (today(), paper, &[][..]);
        let counted = self.holders.count([0, 2], &file, said);
        done(house, RoundAsked::Outcome { bytes: counted.to_bytes() }).await;
        let recounted = self.holders.count([0, 1], &file, said);
        done(house, RoundAsked::Outcome { bytes: recounted.to_bytes() }).await;
        done(house, RoundAsked::Publish { round }).await;
        self.told(&counted)
    }

    fn told(&self, counted: &SignedOutcome) -> Told<()> {
        let (definition, published) = (self.definition(), &counted.outcome.published);
        let kinds = published.kinds;
        say(&format!(
            "“{}”: two of three holders opened {} envelopes, another pair counted again and found the same word: {} valid, \
             {} used twice with other answers and set aside, {} with a slip that was handed back.",
            definition.title,
            kinds.in_box(),
            kinds.valid,
            kinds.doubled,
            kinds.returned
        ));
        for question in &published.questions {
            let asked = definition.asked().nth(question.question.into()).ok_or("a question is missing")?;
            if let Some(subject) = asked.subject {
                let band = if band(definition, published, question) == Some(ConfidenceBand::NotMoreThanHalf) {
                    "no"
                } else {
                    "a"
                };
                say(&format!("{}: {}; {band} majority of low confidence.", subject.name, told_cells(&asked, question)));
            }
        }
        let last = published.questions.last().ok_or("a round asks something")?;
        if let Some(share) = outcome::satisfied(definition, last).filter(|_| definition.subjects().is_empty()) {
            let (shown, hidden) =
                (names(definition, &numbers(&last.areas.shown)), names(definition, &last.areas.hidden));
            let share = share.vietnamese_percent(2, Rounding::HalfUp);
            say(&format!(
                "{share} are satisfied over all. Shown by itself: {shown}. Hidden together, because a single one would tell \
                 what few people said: {hidden}."
            ));
        }
        Ok(())
    }
}

/// The published cells; options of which few were chosen are one cell with a neighbour.
fn told_cells(asked: &Asked<'_>, question: &PublishedQuestion) -> String {
    let label = |index: &u8| asked.question.options()[usize::from(*index)].label.clone();
    let cells = question.total.iter().map(|cell| {
        let labels: Vec<String> = cell.options.iter().map(label).collect();
        format!("{} × {}", cell.count, labels.join(" + "))
    });
    cells.collect::<Vec<_>>().join(", ")
}

fn numbers(areas: &[AreaCells]) -> Vec<AreaNumber> {
    areas.iter().map(|area| area.area).collect()
}

fn names(definition: &RoundDefinition, areas: &[AreaNumber]) -> String {
    let named = definition.areas.iter().filter(|area| areas.contains(&area.number));
    named.map(|area| area.name.as_str()).collect::<Vec<_>>().join("; ")
}
