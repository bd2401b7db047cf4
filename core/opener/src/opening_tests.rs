//! A round from its ceremony to its result, in files.

use std::path::PathBuf;

use model::ballot::{Ballot, Given};
use model::envelope::Envelope;
use model::opening::InputRefused;
use model::outcome::{Outcome, PaperCount, SignedOutcome};
use model::round::RoundDefinition;
use model::slip::SlipSecret;
use model::tally::CountBlocked;
use model::time::Day;
use tempfile::TempDir;

use crate::ceremony::{self, Ceremony};
use crate::count::{Count, CountRefused, Opening, Said};
use crate::frozen::{BoxRefused, FrozenBox};
use crate::packet::{Packet, PacketRefused, Screeners};
use crate::passphrase::{Passphrase, Stretch};
use crate::plan::RoundPlan;
use crate::rehearsal_tests::{PASSPHRASES, PLAN, Wrong, envelopes, file, satisfaction_plan, seeded, sorted};
use crate::share::{OpenerKeys, Share, ShareRefused};
use crate::words::of_failure;

const CHEAP: Stretch = Stretch { memory_kib: 64, passes: 1, lanes: 1 };

/// A round after its ceremony, and a folder for its box.
struct Rehearsal {
    ceremony: Ceremony,
    folder: TempDir,
}

impl Rehearsal {
    fn of(plan: &str, seed: u64) -> Self {
        let plan = RoundPlan::read(plan.as_bytes()).unwrap();
        let passphrases = PASSPHRASES.map(typed);
        let ceremony = ceremony::hold(&plan, &passphrases, CHEAP, &mut seeded(seed)).unwrap();
        Self { ceremony, folder: tempfile::tempdir().unwrap() }
    }

    fn round(&self) -> &RoundDefinition {
        &self.ceremony.announcement.signed.definition
    }

    /// So many slips, from both areas in turn.
    fn slips(&self, count: usize) -> Vec<SlipSecret> {
        let [first, second, ..] = self.ceremony.slips.as_slice() else { panic!("two areas") };
        let both = first.secrets.iter().zip(&second.secrets).flat_map(|(one, other)| [one.clone(), other.clone()]);
        both.take(count).collect()
    }

    fn write(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("hom.lnhp");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn frozen(&self, envelopes: &[Envelope], wrong: &Wrong) -> FrozenBox {
        let path = self.write(&file(&self.ceremony.announcement, envelopes, wrong));
        FrozenBox::check(&path, today()).unwrap()
    }

    fn keys(&self, pair: [usize; 2]) -> Result<OpenerKeys, ShareRefused> {
        let unlock = |holder: usize| {
            let share = Share::read(&self.ceremony.shares[holder].to_bytes())?;
            share.unlock(&typed(PASSPHRASES[holder]), self.round())
        };
        OpenerKeys::of(unlock(pair[0])?, unlock(pair[1])?, self.round())
    }

    fn count(&self, pair: [usize; 2], (envelopes, wrong): (&[Envelope], &Wrong), seed: u64) -> Count {
        let opening = Opening::new(self.frozen(envelopes, wrong), self.keys(pair).unwrap()).unwrap();
        opening.count(&mut seeded(seed), |_| {}).unwrap()
    }
}

fn typed(words: &str) -> Passphrase {
    Passphrase::typed(words).unwrap()
}

fn today() -> Day {
    Day::parse("2026-01-19").unwrap()
}

fn said(reasons: &[&str]) -> Said {
    let paper = PaperCount { unused: 14, spoiled: 0, stubs: 60 };
    let reasons = reasons.iter().map(|reason| (*reason).to_owned()).collect();
    Said { paper, reasons, today: today(), screeners: None }
}

fn concluded(count: Count, reasons: &[&str]) -> SignedOutcome {
    count.conclude(said(reasons), &mut seeded(1)).unwrap().outcome
}

#[test]
fn every_pair_of_holders_counts_the_same() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(60), 2);
    let by = |pair, seed| concluded(rehearsal.count(pair, (&envelopes, &Wrong::default()), seed), &[]);
    let (first, second, third) = (by([0, 1], 1), by([2, 1], 2), by([0, 2], 3));
    assert_eq!(first.outcome.published.kinds.valid, 60);
    assert_eq!(first.outcome, second.outcome);
    assert_eq!(first.outcome, third.outcome);
    assert_eq!((first.openers, second.openers, third.openers), ([0, 1], [1, 2], [0, 2]));
    assert_eq!(first.check_recount(rehearsal.round(), Some(&second)), Ok(()));
    assert!(SignedOutcome::read(&first.to_bytes(), rehearsal.round()).is_ok());
}

#[test]
fn one_share_another_round_a_wrong_passphrase_and_a_damaged_file_are_told_apart() {
    let (rehearsal, other) = (Rehearsal::of(PLAN, 1), Rehearsal::of(PLAN, 2));
    let round = rehearsal.round();
    assert_eq!(rehearsal.keys([1, 1]).err(), Some(ShareRefused::OneHolder));
    let share = &rehearsal.ceremony.shares[1];
    assert_eq!(share.check(other.round()), Err(ShareRefused::OtherRound { holder: 2 }));
    let wrong = share.unlock(&typed(PASSPHRASES[0]), round).err();
    assert_eq!(wrong, Some(ShareRefused::WrongPassphrase { holder: 2 }));
    let bytes = share.to_bytes();
    for place in 0..bytes.len() {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        let refused = Share::read(&changed).err();
        assert!(matches!(refused, Some(ShareRefused::Damaged | ShareRefused::Unreadable)), "byte {place}");
    }
    assert_eq!(Share::read(PLAN.as_bytes()).err(), Some(ShareRefused::Unreadable));
}

/// A33: in the head, in the first and in the last envelope, cut, and longer.
#[test]
fn a_box_that_was_changed_is_not_opened() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(60), 2);
    let bytes = file(&rehearsal.ceremony.announcement, &envelopes, &Wrong::default());
    let refused = |bytes: &[u8]| match FrozenBox::check(&rehearsal.write(bytes), today()) {
        Err(BoxRefused::Input(refused)) => refused,
        _ => panic!("a changed box was taken"),
    };
    let body = 60 * rehearsal.round().envelope_bytes();
    for (place, expected) in [
        (0, InputRefused::Unreadable),
        (4, InputRefused::Unreadable),
        (bytes.len() - body - 1, InputRefused::Changed),
        (bytes.len() - body, InputRefused::BoxChanged),
        (bytes.len() - 1, InputRefused::BoxChanged),
    ] {
        let mut changed = bytes.clone();
        changed[place] ^= 1;
        assert_eq!(refused(&changed), expected, "byte {place}");
    }
    assert_eq!(refused(&bytes[..bytes.len() - 1]), InputRefused::BoxChanged);
    assert_eq!(refused(&bytes[..7]), InputRefused::Unreadable);
    assert_eq!(refused(&[&bytes[..], &[0]].concat()), InputRefused::BoxChanged);
    let early = FrozenBox::check(&rehearsal.write(&bytes), rehearsal.round().grace);
    let Err(early @ BoxRefused::TooEarly { .. }) = early else { panic!("a box is opened before its time") };
    let sentence = of_failure(&early.into());
    assert!(sentence.contains("đến hết ngày 18/01/2026") && sentence.contains("đồng hồ máy sai"), "{sentence}");
}

#[test]
fn a_box_that_is_changed_while_it_is_opened_is_noticed() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(60), 2);
    let frozen = rehearsal.frozen(&envelopes, &Wrong::default());
    let opening = Opening::new(frozen, rehearsal.keys([0, 1]).unwrap()).unwrap();
    let mut bytes = std::fs::read(rehearsal.folder.path().join("hom.lnhp")).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    rehearsal.write(&bytes);
    let refused = opening.count(&mut seeded(1), |_| {}).err();
    assert!(matches!(refused, Some(BoxRefused::Input(InputRefused::BoxChanged))));
}

/// A36.
#[test]
fn what_does_not_add_up_goes_on_only_with_a_reason_that_is_printed() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(60), 2);
    let wrong = Wrong { listed_more: 2, sealed_more: 3, ..Wrong::default() };
    let counted = || rehearsal.count([0, 1], (&envelopes, &wrong), 1);
    let missing = CountBlocked::ListedMissing { missing: 2 };
    let differ = CountBlocked::SealsDiffer { sealed: 63, in_box: 60 };
    assert_eq!(counted().blocked(), [missing, differ]);
    let refused = |reasons: &[&str]| counted().conclude(said(reasons), &mut seeded(1)).err();
    assert_eq!(refused(&[]), Some(CountRefused::NoReason(missing)));
    assert_eq!(refused(&["Một máy mất."]), Some(CountRefused::NoReason(differ)));
    assert_eq!(refused(&["Một máy mất.", " \n"]), Some(CountRefused::NoReason(differ)));
    assert_eq!(refused(&["\u{202e}", "x"]), Some(CountRefused::Reason));
    let outcome = concluded(counted(), &["Một máy mất trước khi gửi hết.", "Như trên."]).outcome;
    let printed: Vec<(CountBlocked, &str)> =
        outcome.went_on.iter().map(|went| (went.blocked, went.reason.as_str())).collect();
    assert_eq!(printed, [(missing, "Một máy mất trước khi gửi hết."), (differ, "Như trên.")]);
}

/// A8.
#[test]
fn paper_that_cannot_be_is_refused_and_paper_that_differs_needs_a_reason() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(60), 2);
    let concluded = |[unused, spoiled, stubs]: [u32; 3], reasons: &[&str]| {
        let paper = PaperCount { unused, spoiled, stubs };
        let count = rehearsal.count([0, 1], (&envelopes, &Wrong::default()), 1);
        count.conclude(Said { paper, ..said(reasons) }, &mut seeded(1))
    };
    let refused = |paper, reasons: &[&str]| concluded(paper, reasons).err();
    let impossible = CountRefused::Paper { left: 200, printed: 149 };
    assert_eq!(refused([200, 0, 60], &["Vẫn đúng."]), Some(impossible));
    assert!(matches!(refused([u32::MAX, u32::MAX, 60], &[]), Some(CountRefused::Paper { .. })));
    let (slips, stubs) =
        (CountBlocked::SlipsDiffer { printed: 149, found: 148 }, CountBlocked::StubsDiffer { stubs: 500, sealed: 60 });
    assert_eq!(refused([13, 0, 60], &[]), Some(CountRefused::NoReason(slips)));
    assert_eq!(refused([13, 0, 500], &["Rách."]), Some(CountRefused::NoReason(stubs)));
    let superfluous = CountRefused::Superfluous { given: 1, needed: 0 };
    assert_eq!(refused([13, 1, 60], &["Không cần."]), Some(superfluous));
    let outcome = concluded([13, 0, 500], &["Rách.", "Túi có sẵn giấy."]).unwrap().outcome.outcome;
    assert_eq!(outcome.went_on.iter().map(|went| went.blocked).collect::<Vec<_>>(), [slips, stubs]);
}

/// A8: a phone that drops ballots, slips that were handed back and used, slips that were never given out and used.
#[test]
fn stubs_and_slips_tell_what_a_changed_phone_or_a_hand_in_the_stack_did() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let slips = rehearsal.slips(63);
    let against = |used: usize, returned: &[SlipSecret], unused| {
        let all = sorted(envelopes(rehearsal.round(), &slips[..used], 2));
        let wrong = Wrong { returned: returned.to_vec(), ..Wrong::default() };
        let count = rehearsal.count([0, 1], (&all, &wrong), 1);
        (count.against(PaperCount { unused, spoiled: 0, stubs: 60 }).unwrap(), count.kinds().returned)
    };
    let [dropped, stuffed] = [54, 63].map(|sealed| CountBlocked::StubsDiffer { stubs: 60, sealed });
    assert_eq!(against(60, &[], 14), (vec![], 0), "sixty drew, answered and left their stubs");
    assert_eq!(against(54, &[], 14), (vec![dropped], 0), "a phone dropped six");
    assert_eq!(against(63, &slips[60..], 14), (vec![stuffed], 3), "three came back and were used");
    assert_eq!(against(63, &[], 14), (vec![stuffed], 0), "three of the stack were used");
    let taken = CountBlocked::SlipsDiffer { printed: 149, found: 146 };
    assert_eq!(against(63, &[], 11), (vec![taken, stuffed], 0), "three were taken from the stack and used");
}

/// A36: no reason helps.
#[test]
fn fewer_ballots_than_the_smallest_group_are_never_counted() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(19), 2);
    let count = rehearsal.count([0, 1], (&envelopes, &Wrong::default()), 1);
    let few = CountBlocked::TooFew { valid: 19, least: 20 };
    assert_eq!(count.blocked(), [few]);
    let refused = count.conclude(said(&["Vẫn muốn biết."]), &mut seeded(1)).err();
    assert_eq!(refused, Some(CountRefused::Blocked(few)));
}

/// A34: other names, another order, the same ballots. Only the two digests of the file tell the boxes apart.
#[test]
fn names_and_order_of_envelopes_leave_nothing_in_the_outcome() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let slips = rehearsal.slips(60);
    let outcome = |names, order| {
        let envelopes = envelopes(rehearsal.round(), &slips, names);
        concluded(rehearsal.count([0, 1], (&envelopes, &Wrong::default()), order), &[])
    };
    let first = outcome(1, 1);
    assert_eq!(outcome(1, 2).to_bytes(), first.to_bytes(), "another order of opening");
    for (names, order) in [(2, 1), (3, 2)] {
        let other = outcome(names, order).outcome;
        let (input, frozen_box) = (first.outcome.input, first.outcome.frozen_box);
        assert_ne!(other.frozen_box, frozen_box);
        let other = minicbor::to_vec(Outcome { input, frozen_box, ..other }).unwrap();
        assert_eq!(other, minicbor::to_vec(&first.outcome).unwrap());
    }
}

/// A16, A8: two different ballots of one slip are set aside, a returned slip does not count, a repeated ballot counts once.
#[test]
fn double_use_returned_slips_and_repeats_are_named() {
    let rehearsal = Rehearsal::of(PLAN, 1);
    let (round, slips) = (rehearsal.round(), rehearsal.slips(64));
    let mut all = envelopes(round, &slips[..62], 2);
    let again = |secret: &SlipSecret, option, seed| {
        let given = vec![Given::Option(option); 3];
        Envelope::seal(round, &Ballot { secret: secret.clone(), given }, &mut seeded(seed)).unwrap()
    };
    all.push(again(&slips[0], 0, 90));
    all.push(again(&slips[62], 1, 91));
    all.push(again(&slips[62], 1, 92));
    all.push(again(&slips[63], 2, 93));
    let wrong = Wrong { returned: vec![slips[63].clone()], ..Wrong::default() };
    let kinds = rehearsal.count([1, 2], (&sorted(all), &wrong), 5).kinds();
    assert_eq!((kinds.valid, kinds.doubled, kinds.repeated, kinds.returned), (62, 1, 2, 1));
    assert_eq!((kinds.in_box(), kinds.not_of_this_round), (66, 0));
}

/// A39.
#[test]
fn texts_leave_shuffled_for_two_screeners_and_for_neither_alone() {
    let rehearsal = Rehearsal::of(&satisfaction_plan(), 1);
    let envelopes = envelopes(rehearsal.round(), &rehearsal.slips(40), 2);
    let count = rehearsal.count([0, 2], (&envelopes, &Wrong::default()), 1);
    assert_eq!(count.texts(), 2);
    let passphrases = ["người sàng lọc một", "người sàng lọc hai"].map(typed);
    let names = ["Lê Thị Thu", "Phan Văn Đông"].map(str::to_owned);
    let alone = [names[0].clone(), names[0].clone()];
    assert!(Screeners::new(alone, &passphrases, CHEAP, &mut seeded(1)).err() == Some(PacketRefused::Screeners));
    let unnamed = [names[0].clone(), " ".to_owned()];
    assert!(Screeners::new(unnamed, &passphrases, CHEAP, &mut seeded(1)).err() == Some(PacketRefused::Unnamed));
    let screeners = Screeners::new(names, &passphrases, CHEAP, &mut seeded(1)).unwrap();
    let paper = PaperCount { stubs: 40, ..said(&[]).paper };
    let leaving = count.conclude(Said { screeners: Some(screeners), paper, ..said(&[]) }, &mut seeded(7)).unwrap();
    let digests: Vec<_> = leaving.packets.iter().map(Packet::digest).collect();
    assert_eq!(leaving.outcome.outcome.packets, digests);
    let packet = Packet::read(&leaving.packets[0].to_bytes()).unwrap_or_else(|refused| panic!("{refused}"));
    let texts = packet.open(&passphrases).unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!((texts.question.as_str(), texts.texts.len()), ("Điều làm tốt", 40));
    assert!(!texts.texts.is_sorted(), "shuffled");
    let [one, other] = passphrases;
    let swapped = packet.open(&[other, typed("người sàng lọc một")]);
    assert!(swapped.err() == Some(PacketRefused::DoesNotOpen));
    assert!(packet.open(&[one, typed("một câu khóa khác")]).err() == Some(PacketRefused::DoesNotOpen));
}
