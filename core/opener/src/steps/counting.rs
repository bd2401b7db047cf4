//! Opening and counting at the terminal.

use std::path::{Path, PathBuf};

use model::outcome::{PaperCount, SignedOutcome};
use model::round::RoundDefinition;
use model::tally::{CountBlocked, EnvelopeKinds};
use opener::count::{CountRefused, Opening, Said, asks_for_texts, is_same_pair, with_reasons};
use opener::desk::{Desk, complain, say};
use opener::failure::OpenerFailed;
use opener::files::read_limited;
use opener::folder::{Turn, keep_count, prepare_for_count};
use opener::frozen::FrozenBox;
use opener::packet::{PacketRefused, SCREENERS, Screeners};
use opener::passphrase::Stretch;
use opener::share::{HolderKeys, OpenerKeys, SHARE_BYTES_MAX, Share, ShareRefused};
use opener::{machine, words};

use super::{OUTCOME_BYTES_MAX, warn_of_the_machine};
use crate::arguments;

/// Envelopes between two lines about progress.
const PROGRESS_ENVELOPES: u32 = 10_000;

/// Opens and counts as the first pair.
pub(crate) fn open(asked: &arguments::Open) -> Result<(), OpenerFailed> {
    warn_of_the_machine();
    prepare_for_count(&asked.out, Turn::First)?;
    let frozen = FrozenBox::check(&asked.input, machine::today())?;
    count(asked, frozen, None).map(drop)
}

/// Counts again as another pair, and compares.
pub(crate) fn recount(asked: &arguments::Recount) -> Result<(), OpenerFailed> {
    warn_of_the_machine();
    prepare_for_count(&asked.open.out, Turn::Recount)?;
    let frozen = FrozenBox::check(&asked.open.input, machine::today())?;
    let round = frozen.input.round.definition.clone();
    let first = SignedOutcome::read(&read_limited(&asked.against, OUTCOME_BYTES_MAX)?, &round)?;
    let second = count(&asked.open, frozen, Some(&first))?;
    // The first word stays hidden until the second is there: nobody counts towards it.
    say(&format!("Chữ kiểm lại của cặp này: {}", second.outcome.recount));
    say(&format!("Chữ kiểm lại lần đầu: {}", first.outcome.recount));
    first.check_recount(&round, Some(&second))?;
    say("Hai cặp đếm ra cùng một kết quả.");
    Ok(())
}

/// Counts for the first time, or again after another pair.
fn count(
    asked: &arguments::Open,
    frozen: FrozenBox,
    first: Option<&SignedOutcome>,
) -> Result<SignedOutcome, OpenerFailed> {
    let turn = if first.is_some() { Turn::Recount } else { Turn::First };
    let round = frozen.input.round.definition.clone();
    let leaves_texts = turn == Turn::First && asks_for_texts(&round) && !asked.without_texts;
    if leaves_texts && asked.screener.len() != SCREENERS {
        return Err(OpenerFailed::NoScreeners);
    }
    if leaves_texts && asked.screener.iter().any(|name| name.trim().is_empty()) {
        return Err(PacketRefused::Unnamed.into());
    }
    let mut desk = Desk::of(asked.script.file.as_deref())?;
    let keys = unlock(&asked.share, &round, first, &mut desk)?;
    let opening = Opening::new(frozen, keys)?;
    let count = opening.count(&mut machine::randomness(), |done| {
        if done % PROGRESS_ENVELOPES == 0 {
            say(&format!("Đã mở {done} phong bì."));
        }
    })?;
    show(count.kinds());
    if let Some(stop) = count.blocked().iter().find(|blocked| !blocked.may_go_on_with_a_reason()) {
        return Err(CountRefused::Blocked(*stop).into());
    }
    let paper = paper(&asked.paper, &desk)?;
    let reasons = reasons(&count.against(paper)?, &asked.reason, &desk)?;
    let screeners = if leaves_texts && count.texts() > 0 { Some(screeners(&asked.screener, &mut desk)?) } else { None };
    let today = machine::today();
    let leaving = count.conclude(Said { paper, reasons, today, screeners }, &mut machine::randomness())?;
    for path in keep_count(&asked.out, turn, &leaving)? {
        say(&format!("Đã ghi {}", path.display()));
    }
    Ok(leaving.outcome)
}

/// Reads both shares before anybody types, so that a wrong file costs nobody a passphrase.
pub(super) fn unlock(
    paths: &[PathBuf],
    round: &RoundDefinition,
    first: Option<&SignedOutcome>,
    desk: &mut Desk,
) -> Result<OpenerKeys, OpenerFailed> {
    let [one, other] = paths else { return Err(ShareRefused::OneHolder.into()) };
    let read = |path: &Path| -> Result<Share, OpenerFailed> {
        let share = Share::read(&read_limited(path, SHARE_BYTES_MAX)?)?;
        share.check(round)?;
        Ok(share)
    };
    let shares = [read(one)?, read(other)?];
    if shares[0].holder() == shares[1].holder() {
        return Err(ShareRefused::OneHolder.into());
    }
    let [one, other] = shares;
    if first.is_some_and(|first| is_same_pair(first, [one.holder(), other.holder()])) {
        return Err(OpenerFailed::SamePair);
    }
    Ok(OpenerKeys::of(unlocked(&one, round, desk)?, unlocked(&other, round, desk)?, round)?)
}

fn unlocked(share: &Share, round: &RoundDefinition, desk: &mut Desk) -> Result<HolderKeys, OpenerFailed> {
    let name = &round.holders[usize::from(share.holder()) - 1].name;
    loop {
        match share.unlock(&desk.passphrase(name)?, round) {
            Err(refused @ ShareRefused::WrongPassphrase { .. }) if desk.can_try_again() => {
                complain(&words::of_share(refused));
            }
            unlocked => return Ok(unlocked?),
        }
    }
}

fn show(kinds: EnvelopeKinds) {
    for (what, count) in [
        ("Phong bì trong hòm", kinds.in_box()),
        ("  Không thuộc đợt này", kinds.not_of_this_round),
        ("  Mang lá thăm đã trả lại", kinds.returned),
        ("  Lặp lại của cùng lá thăm", kinds.repeated),
        ("Phiếu thu về", kinds.collected()),
        ("  Hợp lệ", kinds.valid),
        ("  Trùng mã, để riêng cả", kinds.doubled),
        ("  Sai mẫu", kinds.misformed),
    ] {
        say(&format!("{what}: {count}"));
    }
}

/// One reason for everything that speaks against the count, all of which is said first; without an answer it ends here.
fn reasons(against: &[CountBlocked], given: &[String], desk: &Desk) -> Result<Vec<String>, OpenerFailed> {
    for (number, blocked) in (1..).zip(against) {
        complain(&format!("{number}. {}", words::of_blocked(*blocked)));
    }
    let mut reasons = given.to_vec();
    for number in given.len() + 1..=against.len() {
        if !desk.can_try_again() {
            return Err(OpenerFailed::ReasonsMissing { needed: against.len() });
        }
        let question = format!("Lý do đếm tiếp dù có điều {number} (in trong biên bản; để trống là dừng): ");
        reasons.push(desk.line(&question)?.to_string());
    }
    if reasons.iter().any(|reason| reason.trim().is_empty()) {
        return Err(OpenerFailed::ReasonsMissing { needed: against.len() });
    }
    with_reasons(against, &reasons)?;
    Ok(reasons)
}

fn paper(given: &arguments::Paper, desk: &Desk) -> Result<PaperCount, OpenerFailed> {
    let number = |given: Option<u32>, question: &str| given.map_or_else(|| desk.number(question), Ok);
    Ok(PaperCount {
        unused: number(given.unused, "Lá thăm chưa phát, đếm trên bàn: ")?,
        spoiled: number(given.spoiled, "Lá thăm hỏng: ")?,
        stubs: number(given.stubs, "Cuống trắng trong túi: ")?,
    })
}

fn screeners(names: &[String], desk: &mut Desk) -> Result<Screeners, OpenerFailed> {
    let [first, second] = names else { return Err(PacketRefused::Screeners.into()) };
    say("Hai người sàng lọc đặt câu khóa cho gói ý kiến viết.");
    let passphrases = desk.new_passphrases([first, second])?;
    let names = [first.clone(), second.clone()];
    Ok(Screeners::new(names, &passphrases, Stretch::USUAL, &mut machine::randomness())?)
}
