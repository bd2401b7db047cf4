//! The share of the excellent, said with the real limit and the real surplus. It changes nobody's level.

use model::quota::{QuotaCheck, QuotaStanding};
use model::ratio::{Ratio, Rounding};
use model::report::figures::{QuotaFinding, QuotaScope};
use model::rule_set::{LegalShare, Provenance, RuleSet};

use crate::report::chip::Chip;

/// Every place where the quota is counted.
#[derive(Debug, Clone)]
pub struct QuotaSection {
    /// Units first, then groups of similar duties.
    pub rows: Vec<QuotaRow>,
    /// How many of the rows are above the ordinary share.
    pub exceeded: u32,
    /// What is counted, and by which law.
    pub explanation: String,
}

/// One place.
#[derive(Debug, Clone)]
pub struct QuotaRow {
    /// The unit or the group.
    pub name: String,
    /// "Đơn vị" or "Nhóm nhiệm vụ".
    pub kind: &'static str,
    /// Its numbers.
    pub check: QuotaCheck,
    /// The finding in a sentence.
    pub sentence: String,
    /// The finding in a word.
    pub chip: Chip,
}

/// The section of a report under its rules; `counted_by` says whose levels they are, "Theo điểm" or "Theo quyết định".
pub(crate) fn quota_section(rules: &RuleSet, findings: &[QuotaFinding], counted_by: &str) -> QuotaSection {
    let rows: Vec<QuotaRow> = findings.iter().map(|finding| row(rules, finding, counted_by)).collect();
    let exceeded = rows.iter().filter(|row| row.check.surplus > 0).count() as u32;
    let LegalShare { value, provenance } = rules.quota.excellent_of_good_max;
    let explanation = format!(
        "Mức cao nhất là {} số người xếp loại tốt, không phải của tất cả mọi người; tính trong từng đơn vị và từng nhóm \
         nhiệm vụ giống nhau ({}).{}",
        percent(value),
        rules.legal_reference,
        doubt(provenance),
    );
    QuotaSection { rows, exceeded, explanation }
}

fn row(rules: &RuleSet, finding: &QuotaFinding, counted_by: &str) -> QuotaRow {
    let (name, kind) = match &finding.scope {
        QuotaScope::InUnit { unit_name, .. } => (unit_name.clone(), "Đơn vị"),
        QuotaScope::InDutyGroup { duty_group } => (duty_group.clone(), "Nhóm nhiệm vụ"),
    };
    let check = finding.check;
    let chip = match check.surplus {
        0 => Chip::plain("check", "Trong mức"),
        surplus => Chip::act(format!("Vượt {surplus} người")),
    };
    QuotaRow { name, kind, check, sentence: sentence(rules, &check, counted_by), chip }
}

fn sentence(rules: &RuleSet, check: &QuotaCheck, counted_by: &str) -> String {
    let QuotaCheck { excellent, good, allowed, allowed_if_outstanding, surplus, standing } = *check;
    if excellent == 0 {
        return format!("{counted_by} chưa có người xuất sắc.");
    }
    let share = percent(rules.quota.excellent_of_good_max.value);
    let limit = match allowed {
        0 => format!("Với {good} người tốt thì chưa được ai xuất sắc ({share} số người tốt, chưa đủ 1 người)."),
        allowed => format!("Mức cao nhất là {allowed} người, bằng {share} của {good} người tốt."),
    };
    let counted = format!("{counted_by}: xuất sắc {excellent} người, tốt {good} người. {limit}");
    let LegalShare { value, provenance } = rules.quota.outstanding_excellent_of_good_max;
    let (wider, doubt) = (percent(value), doubt(provenance));
    match standing {
        QuotaStanding::Kept => counted,
        QuotaStanding::KeptIfOutstanding => format!(
            "{counted} Vượt {surplus} người; chỉ được nếu cấp có thẩm quyền công nhận thành tích xuất sắc (mức {wider}, \
             {allowed_if_outstanding} người).{doubt}"
        ),
        QuotaStanding::Exceeded => format!("{counted} Vượt {surplus} người."),
    }
}

/// Whole percents lose their empty decimals; a share of the law is rarely anything else.
fn percent(share: Ratio) -> String {
    let decimals = if share.percent(2, Rounding::HalfUp).units().is_multiple_of(100) { 0 } else { 2 };
    share.vietnamese_percent(decimals, Rounding::HalfUp)
}

/// A number that nobody read in the law is never shown without saying so.
fn doubt(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Found => "",
        Provenance::Default => " Mức này chưa đối chiếu với văn bản; văn phòng kiểm tra lại trước khi dùng.",
    }
}

#[cfg(test)]
mod tests {
    use model::quota::check_quota;
    use model::rating::RatingCounts;

    use super::*;

    fn said(excellent: u32, good: u32) -> (String, String) {
        let rules = RuleSet::decree_335();
        let counts = RatingCounts { excellent, good, completed: 3, not_completed: 0 };
        let check = check_quota(&rules.quota, &counts);
        let finding = QuotaFinding { scope: QuotaScope::InDutyGroup { duty_group: "Chuyên môn".into() }, check };
        let row = row(&rules, &finding, "Theo điểm");
        (row.chip.word, row.sentence)
    }

    #[test]
    fn the_quota_is_said_with_its_real_limit() {
        let check = |(excellent, good), word: &str, part: &str| {
            let (chip, sentence) = said(excellent, good);
            assert_eq!(chip, word);
            assert!(sentence.contains(part), "{sentence}");
        };
        check((4, 20), "Trong mức", "Mức cao nhất là 4 người, bằng 20 % của 20 người tốt.");
        check((5, 20), "Vượt 1 người", "Vượt 1 người; chỉ được nếu");
        check((5, 20), "Vượt 1 người", "(mức 25 %, 5 người). Mức này chưa đối chiếu với văn bản");
        check((7, 20), "Vượt 3 người", "bằng 20 % của 20 người tốt. Vượt 3 người.");
        check((1, 0), "Vượt 1 người", "Với 0 người tốt thì chưa được ai xuất sắc");
        check((0, 3), "Trong mức", "chưa có người xuất sắc");
    }
}
