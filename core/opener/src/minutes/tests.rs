use std::collections::BTreeMap;

use ed25519_dalek::SigningKey;
use model::envelope::PRIVATE_KEY_BYTES;
use model::handshake::public;
use model::hash::ContentHash;
use model::identity::RoundId;
use model::outcome::{Outcome, PaperCount, RecountWord, WentOn, set_aside_matters};
use model::publication::{Issued, publishable};
use model::sealing::RoundKey;
use model::tally::{Answers, AreaTally, EnvelopeKinds, Tally};
use model::time::Day;
use zeroize::Zeroizing;

use super::*;
use crate::plan::{NewKeys, RoundPlan};
use crate::rehearsal_tests::{PLAN, satisfaction_plan};

/// A counted round of which every number is known.
struct Counted {
    round: SignedRound,
    tally: Tally,
    issued: Issued,
}

fn keys() -> [SigningKey; 3] {
    [1, 2, 3].map(|seed| SigningKey::from_bytes(&[seed; 32]))
}

fn round_key() -> RoundKey {
    RoundKey::from_bytes(&Zeroizing::new([7; PRIVATE_KEY_BYTES])).unwrap()
}

impl Counted {
    /// `options` gives the answers of an area, from 0, to a question, from 0.
    fn of(plan: &str, sizes: &[u32], options: impl Fn(u32, u32) -> Vec<u32>) -> Self {
        let mut plan = RoundPlan::read(plan.as_bytes()).unwrap();
        plan.neighbourhoods.iter_mut().zip(sizes).for_each(|(area, size)| area.eligible = *size);
        let holders = keys().each_ref().map(public);
        let (id, key) = (RoundId::from_bytes([5; 16]), round_key().public());
        let admission = ContentHash::from_bytes([1; 32]);
        let definition = plan.definition(NewKeys { id, holders, key, admission, intake: (key, holders[0]) }).unwrap();
        let signatures = keys().map(|key| definition.signed_by(&key));
        let asked = definition.asked().map(|asked| asked.question.options().len()).collect::<Vec<_>>();
        let mut tally = Tally { kinds: EnvelopeKinds::default(), areas: BTreeMap::new() };
        for (area, index) in definition.areas.iter().zip(0..) {
            let valid = options(index, 0).iter().sum();
            let kinds = EnvelopeKinds { valid, doubled: 2, misformed: 1, ..EnvelopeKinds::default() };
            let answer = |(question, count): (u32, usize)| match count {
                0 => Answers { options: Vec::new(), blank: valid },
                _ => Answers { options: options(index, question), blank: 0 },
            };
            let answers = (0..).zip(asked.iter().copied()).map(answer).collect();
            tally.areas.insert(area.number, AreaTally { kinds, answers });
            tally.kinds.valid += valid;
            tally.kinds.doubled += 2;
            tally.kinds.misformed += 1;
        }
        (tally.kinds.not_of_this_round, tally.kinds.repeated, tally.kinds.returned) = (2, 11, 1);
        let issued = Issued {
            slips: definition.areas.iter().map(|area| (area.number, area.eligible)).collect(),
            carriers: definition.areas.iter().map(|area| (area.number, 2)).collect(),
        };
        Self { round: SignedRound { definition, signatures }, tally, issued }
    }

    fn signed(&self, pair: [usize; 2], change: impl Fn(&mut Outcome)) -> SignedOutcome {
        let round = &self.round.definition;
        let unused = round.slips() - self.issued.slips.values().sum::<u32>();
        let stubs = self.tally.kinds.of_this_round() - self.tally.kinds.repeated;
        let mut outcome = Outcome {
            published: publishable(round, &self.tally, &self.issued),
            input: ContentHash::from_bytes([1; 32]),
            frozen_box: ContentHash::from_bytes([2; 32]),
            counted: Day::parse("2026-02-03").unwrap(),
            paper: PaperCount { unused, spoiled: 0, stubs },
            went_on: Vec::new(),
            set_aside_matters: set_aside_matters(round, &self.tally),
            recount: RecountWord::of(round, &self.tally, &round_key()),
            packets: Vec::new(),
        };
        change(&mut outcome);
        let keys = keys();
        SignedOutcome::sign(outcome, round, pair.map(|holder| &keys[holder])).unwrap()
    }

    fn page(&self, outcome: &SignedOutcome, recount: Option<&SignedOutcome>) -> String {
        document(&MinutesOf { round: &self.round, outcome, recount }).unwrap()
    }
}

/// Three areas, the last of one mind; eight questions of which the first has few in one option.
fn satisfaction() -> Counted {
    Counted::of(&satisfaction_plan(), &[1_000, 220, 120], |area, question| match (area, question) {
        (2, _) => vec![40, 20, 0, 0, 0, 0],
        (1, _) => vec![60 - question, 40, 20 + question, 8, 3, 5],
        (_, 0) => vec![281, 452, 120, 51, 0, 26],
        (_, question) => vec![182 + question, 402, 171 - question, 97, 38, 40],
    })
}

fn confidence() -> Counted {
    Counted::of(PLAN, &[600, 220, 120], |area, subject| match area {
        0 => vec![150 - 40 * subject, 60, 30 + 40 * subject],
        _ => vec![100 - 30 * subject, 40, 20 + 30 * subject],
    })
}

#[test]
fn minutes_hold_every_count_of_slips_and_envelopes() {
    let counted = satisfaction();
    let page = counted.page(&counted.signed([0, 1], |_| {}), None);
    for what in [
        "BIÊN BẢN KIỂM PHIẾU",
        "Hài lòng quý IV/2026",
        "Phiếu có giá trị tham khảo",
        "<td>1.340</td><td>1.474</td><td>1.340</td><td>134</td><td>0</td>",
        "Số in ra bằng số phát ra cộng chưa phát cộng hỏng.",
        "Số cuống bằng số lá thăm có phong bì trong hòm.",
        "Trần Quang Huy, Ngô Thị Bích.",
        "Chưa ghi nhận cặp khác đếm lại",
        "Không thiếu phong bì nào",
        "<h2>7. Ý kiến khác</h2>\n<p class=\"left\">",
    ] {
        assert!(page.contains(what), "{what}");
    }
    for (label, count) in [
        ("Tổng số phong bì trong hòm", "<b>1.149</b>"),
        ("Mang lá thăm đã trả lại", "1"),
        ("Lặp lại của lá thăm đã có phong bì khác", "11"),
        ("Không hợp lệ vì trùng mã", "6"),
        ("Không hợp lệ vì sai mẫu", "3"),
    ] {
        let row = page.split("<tr").find(|row| row.contains(label)).unwrap();
        assert!(row.contains(&format!("<td>{count}</td>")), "{row}");
    }
}

/// A8: what does not add up is said.
#[test]
fn slips_that_are_not_accounted_for_and_missing_stubs_are_printed() {
    let counted = satisfaction();
    let outcome = counted.signed([0, 1], |outcome| {
        outcome.paper = PaperCount { unused: 100, spoiled: 4, stubs: 900 };
        let blocked = CountBlocked::ListedMissing { missing: 3 };
        outcome.went_on = vec![WentOn { blocked, reason: "Ổ đĩa hỏng <ngày 3>.".to_owned() }];
    });
    let page = counted.page(&outcome, None);
    assert!(page.contains("lệch 30 lá") && page.contains("Trong túi có 900 cuống"));
    assert!(page.contains("Thiếu 3 phong bì") && page.contains("Ổ đĩa hỏng &#60;ngày 3&#62;."));
    assert!(!page.contains("Không thiếu phong bì nào"));
    let outcome = counted.signed([0, 1], |outcome| {
        let blocked = CountBlocked::StubsDiffer { stubs: 900, sealed: 1_135 };
        outcome.went_on = vec![WentOn { blocked, reason: "Một túi bị ướt.".to_owned() }];
    });
    let page = counted.page(&outcome, None);
    assert!(page.contains("Một túi bị ướt.") && page.contains("Không thiếu phong bì nào"), "paper is not the box");
}

/// A40-A42: a hidden area has its name and a sentence, joined options one number.
#[test]
fn only_published_cells_are_printed() {
    let counted = satisfaction();
    let outcome = counted.signed([0, 1], |_| {});
    let page = counted.page(&outcome, None);
    assert!(page.contains(HIDDEN_SENTENCE));
    let hidden = page.split("<tr").find(|row| row.contains(">Tổ dân phố 3<")).unwrap();
    assert!(hidden.contains("ẩn **") && !hidden.contains("60 / 0"), "{hidden}");
    assert!(page.contains("<td class=\"r\" colspan=\"1\">381</td>"), "281, 60 and 40");
    assert!(page.contains("<td class=\"c\" colspan=\"2\">62 *</td>"), "51 and 8 dissatisfied, 3 very dissatisfied");
    assert!(page.contains("một mức dưới 5 phiếu"));
}

/// R10, A38.
#[test]
fn a_round_about_people_says_its_bands_and_who_counted_again() {
    let counted = confidence();
    let (first, second) = (counted.signed([0, 1], |_| {}), counted.signed([1, 2], |_| {}));
    let page = counted.page(&first, Some(&second));
    assert!(page.contains("Ngô Thị Bích, Bùi Văn Lộc đếm lại trên máy khác"));
    let word = first.outcome.recount.to_string();
    assert!(page.contains(&word));
    let alone = counted.page(&first, None);
    assert!(
        !alone.contains(&word) && alone.contains("chỉ in ra khi cặp khác đã đếm lại xong"),
        "nobody counts towards it"
    );
    assert_eq!(page.matches("thấp: không quá nửa").count(), 3);
    assert!(page.contains("không kéo theo kết luận nào theo luật"));
    assert!(page.contains("Nguyễn Văn An, Tổ trưởng tổ 1"));
    let altered = counted.signed([1, 2], |outcome| outcome.published.issued += 1);
    let refused = document(&MinutesOf { round: &counted.round, outcome: &first, recount: Some(&altered) });
    assert_eq!(refused, Err(OutcomeRefused::RecountDiffers));
}
