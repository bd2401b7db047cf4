//! Every form of every paper, filled in and printed, compared question by question with what was asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use ed25519_dalek::SigningKey;
use model::cadre::{Assignment, Cadre, CadreInPost, ResidenceMode, StaffClass};
use model::cycle::CycleScope;
use model::document::{Edit, Field, Fields, Scalar};
use model::entry::{Entry, EntryDraft, EntryKind, Submit};
use model::form::built_in;
use model::form::kind::QuestionKind;
use model::form::{FormTemplate, Question};
use model::hash::EntryHash;
use model::identity::{CycleId, DocumentId, ParagraphId, SpaceId, TaskId, UnitId};
use model::minutes::{self, attendance_field, paragraph_edits};
use model::paper;
use model::period::Period;
use model::rule_set::RuleSet;
use model::self_assessment::fields::{answer_name, line_edits};
use model::self_assessment::{Heading, read_form};
use model::signed_value::canonical;
use model::unit::{OrganisationUnit, UnitKind};

use super::*;
use crate::cases::sheet::block::LEFT_OPEN;
use crate::cases::sheet::table::MARK;

const CADRE: PersonId = PersonId::from_bytes([1; 16]);
const NAME: &str = "Nguyễn Thị Hoàng Bảo Ngọc Ánh Tuyết";

/// Three pages of it fill the longest answer that a form takes.
const SENTENCE: &str = "Trong năm đã chủ động rà soát, tham mưu và tổ chức thực hiện đầy đủ các nhiệm vụ được giao, \
                        phối hợp chặt chẽ với các tổ dân phố để giải quyết kiến nghị của bà con đúng hạn.";

fn unit(number: u8, name: &str, kind: UnitKind, parent: Option<u8>) -> OrganisationUnit {
    let id = |number| UnitId::from_bytes([number; 16]);
    OrganisationUnit {
        id: id(number),
        scheme: "two_tiers".into(),
        level: "commune".into(),
        kind,
        name_vi: name.into(),
        parent: parent.map(id),
        predecessors: Vec::new(),
        valid_from: Day::MIN,
        valid_to: None,
    }
}

fn directory(is_leader: bool) -> Directory {
    let commune = unit(1, "Phường Bến Sậy", UnitKind::Administrative, None);
    let office = unit(2, "Văn phòng Hội đồng nhân dân và Ủy ban nhân dân", UnitKind::Agency, Some(1));
    let assignment = Assignment {
        person: CADRE,
        unit: office.id,
        title: "Chuyên viên bộ phận Tiếp nhận và Trả kết quả".into(),
        staff_class: StaffClass::CivilServant,
        is_leader,
        duty_group: "Chuyên môn".into(),
    };
    let forms = built_in::all().into_iter().filter_map(|form| read_form(&form.to_json()));
    Directory {
        units: [commune, office].map(|unit| (unit.id, unit)).into(),
        cadres: vec![CadreInPost {
            cadre: Cadre { id: CADRE, full_name: NAME.into(), residence: ResidenceMode::Annual },
            assignment,
        }],
        forms: forms.map(|(fingerprint, form)| (fingerprint, Arc::new(form))).collect(),
        ..Directory::default()
    }
}

fn cycle(form: &FormTemplate) -> EvaluationCycle {
    EvaluationCycle {
        id: CycleId::from_bytes([3; 16]),
        title: "Đánh giá, xếp loại chất lượng năm 2026".into(),
        period: Period::Year { year: 2026 },
        rule_set_code: String::new(),
        rule_set_version: 1,
        form: form.pin(),
        opens: Day::parse("2026-11-15").unwrap(),
        closes: Day::parse("2026-12-10").unwrap(),
        scope: CycleScope::default(),
    }
}

/// What is written into each question so that as much as possible is shown.
fn value_of(form: &FormTemplate, question: &Question) -> Option<Scalar> {
    let text = |text: &str| Some(Scalar::Text(text.to_owned()));
    let fixed = match question.key.as_str() {
        "voters_total" => text("80"),
        "voters_present" | "present" => text("41"),
        "agree" => text("38"),
        "disagree" => text("1"),
        "no_opinion" => text("2"),
        "purpose" => text("nomination"),
        "sequence" => text("2"),
        _ => None,
    };
    fixed.or_else(|| match &question.kind {
        QuestionKind::ShortText { .. } => Some(Scalar::Text(format!("Trả lời <{}> & đủ", question.key))),
        QuestionKind::LongText { .. } => {
            let times = if question.key == "strengths" { 22 } else { 2 };
            Some(Scalar::Text(format!("{}\n{}.", SENTENCE.repeat(times), question.key)))
        }
        QuestionKind::Number { .. } => text("7"),
        QuestionKind::Choice { options } => {
            // Neither always the first nor always the same, so that a mark in a wrong column is found.
            let place = if form.code == "DECISION" { 0 } else { question.key.len() % options.len() };
            Some(Scalar::Text(options[place].key.clone()))
        }
        QuestionKind::Score { max_hundredths, .. } => Some(Scalar::Integer(i64::from(*max_hundredths))),
        QuestionKind::Date => text("2026-12-05"),
        QuestionKind::Acknowledgement => Some(Scalar::Flag(true)),
        QuestionKind::Likert5 | QuestionKind::Likert3 => Some(Scalar::Integer(2)),
        QuestionKind::YesNoNotApplicable => text("no"),
        QuestionKind::Ratio => text("2/3"),
        QuestionKind::MultiChoice { .. } | QuestionKind::TaskTable => None,
        QuestionKind::Note | QuestionKind::Calculated | QuestionKind::Unknown { .. } => None,
    })
}

fn task(number: u8) -> TaskLine {
    TaskLine {
        id: TaskId::from_bytes([number; 16]),
        name: format!("Tiếp nhận và trả kết quả hồ sơ tại bộ phận một cửa, việc số {number}"),
        coefficient_hundredths: 150,
        assigned: 1_200,
        done: 1_180,
        exceeded: 3,
        quality_failures: 2,
        delays: 4,
        is_cause_objective: number == 2,
        evidence: "Sổ theo dõi hồ sơ năm 2026".into(),
    }
}

fn fields(kind: PaperKind, form: &FormTemplate, is_leader: bool) -> Fields {
    let cycle = cycle(form).id;
    let mut edits = match kind {
        PaperKind::SelfAssessment => {
            let tasks = (1..=5).flat_map(|number| line_edits(&task(number), Some(number.into())));
            let heading = Heading { cycle, person: CADRE, form: form.pin(), is_leader };
            heading.edits().into_iter().chain(tasks).collect()
        }
        PaperKind::Minutes => {
            let said = paragraph_edits(ParagraphId::from_bytes([8; 16]), 0, "Mở đầu <cuộc họp>.\nKết luận & bế mạc.");
            let mark = Edit { field: attendance_field(CADRE), value: Some(Scalar::Text("excused".to_owned())) };
            let heading = minutes::Heading { cycle, person: CADRE, form: form.pin() };
            [heading.edits(), said, vec![mark]].concat()
        }
        _ => paper::Heading { kind, cycle, person: CADRE, author: CADRE, form: form.pin() }.edits(),
    };
    let answers = form.questions().filter_map(|(_, question)| {
        Some(Edit { field: answer_name(&question.key), value: Some(value_of(form, question)?) })
    });
    edits.extend(answers);
    edits.into_iter().filter_map(|edit| Some((edit.field, Field::Settled(edit.value?)))).collect::<BTreeMap<_, _>>()
}

fn filed(kind: PaperKind, form: &FormTemplate, is_leader: bool) -> FiledPaper {
    let value = canonical(&fields(kind, form, is_leader)).unwrap();
    let fingerprint = EntryHash::from_bytes(*form.pin().fingerprint.as_bytes());
    let submit = Submit { heads: Vec::new(), value, form: fingerprint, over: None, claimed_ms: 1_796_000_000_000 };
    let draft = EntryDraft {
        kind: EntryKind::Submit,
        space: SpaceId::from_bytes([4; 16]),
        document: DocumentId::from_bytes([5; 16]),
        person: CADRE,
        incarnation: 1,
        body: minicbor::to_vec(&submit).unwrap(),
    };
    let entry = Entry::sign(draft, &SigningKey::from_bytes(&[7; 32])).unwrap();
    let hash = EntryHash::from_bytes([6; 32]);
    FiledPaper { hash, kind, entry, submit, filed: Timestamp::from_utc_ms(1_796_000_000_000), is_newest: true }
}

/// The page of a filled form, and what the form asked.
struct Printed {
    html: String,
    text: String,
    asked: Vec<(Question, Option<String>)>,
}

fn printed(kind: PaperKind, form: &FormTemplate, is_leader: bool) -> Printed {
    let (directory, cycle, paper) = (directory(is_leader), cycle(form), filed(kind, form, is_leader));
    let rules = [RuleSet::decree_335(), RuleSet::regulation_366(), RuleSet::decree_90()];
    let rules = rules.iter().find(|rules| match form.code.as_str() {
        "SA-335" => rules.code == RuleSet::decree_335().code,
        "SA-366" => rules.code == RuleSet::regulation_366().code,
        _ => rules.code == RuleSet::decree_90().code,
    });
    let account = crate::cases::account::account(&paper, (&directory, rules.unwrap()), held(&directory, CADRE));
    let unit = |number: u8| directory.units.get(&UnitId::from_bytes([number; 16])).cloned();
    let printing = Printing {
        directory: &directory,
        cycle: &cycle,
        person: CADRE,
        paper: &paper,
        account: account.filter(|_| kind == PaperKind::SelfAssessment),
        issuer: Issuer { unit: unit(2), above: unit(1) },
        signature: SignatureCheck::Holds,
    };
    let html = SheetPage::new(&printing).unwrap().render().unwrap();
    let signed = Signed::read(&directory, &paper).unwrap();
    let asked = form
        .questions()
        .filter(|(_, question)| signed.completion.question(&question.key).is_some_and(|state| state.is_shown));
    let asked = asked.map(|(_, question)| (question.clone(), signed.words(&question.key))).collect();
    Printed { text: text_of(&html), html, asked }
}

fn text_of(html: &str) -> String {
    let text: String = html
        .split('<')
        .map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text))
        .collect::<Vec<_>>()
        .join(" ");
    let text = text.replace("&#60;", "<").replace("&#62;", ">").replace("&#38;", "&").replace("&#34;", "\"");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The header and the row of the table in which a question stands; none if it stands in none.
fn row_of(html: &str, label: &str) -> Option<(Vec<String>, Vec<String>)> {
    let cells = |row: &str, tag: &str| -> Vec<String> {
        let (begin, end) = (format!("<{tag}"), format!("</{tag}>"));
        let cells = row.split(&begin).skip(1);
        cells.map(|cell| text_of(&format!("<{}", cell.split(&end).next().unwrap_or_default()))).collect()
    };
    html.split("<table").skip(1).find_map(|table| {
        let mut rows = table.split("</table>").next()?.split("<tr").skip(1);
        let head = cells(rows.next()?, "th");
        let found = rows.map(|row| cells(row, "td")).find(|row| row.iter().any(|cell| cell == label))?;
        Some((head, found))
    })
}

fn collapsed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(kind: PaperKind, form: &FormTemplate, is_leader: bool) {
    let printed = printed(kind, form, is_leader);
    assert!(!printed.asked.is_empty());
    for (question, answer) in &printed.asked {
        let (label, code) = (collapsed(&question.label_vi), &form.code);
        if kind == PaperKind::Decision && ruling::WORDED.contains(&question.key.as_str()) {
            continue;
        }
        let is_remark = question.key.ends_with("_evidence") || question.key.ends_with("_note") && label == "Ghi chú";
        assert!(is_remark || printed.text.contains(label.trim_end_matches('.')), "{code} {}: {label}", question.key);
        let Some(answer) = answer.as_ref().map(|answer| collapsed(answer)) else { continue };
        match row_of(&printed.html, &label) {
            // A chosen option is a mark in its column, or points beside it.
            Some((head, row)) if matches!(question.kind, QuestionKind::Choice { .. }) => {
                let column = row
                    .iter()
                    .position(|cell| cell == MARK)
                    .unwrap_or_else(|| panic!("{code} {}: {row:?}", question.key));
                assert!(
                    answer.starts_with(&head[column]),
                    "{code} {}: {answer} is marked as {}",
                    question.key,
                    head[column]
                );
            }
            _ => assert!(printed.text.contains(&answer), "{code} {}: {answer}\n{}", question.key, printed.text),
        }
    }
}

fn form(code: &str) -> FormTemplate {
    built_in::all().into_iter().find(|form| form.code == code).unwrap()
}

#[test]
fn minutes_print_who_was_there_and_what_was_said() {
    let printed = printed(PaperKind::Minutes, &built_in::case_papers::minutes(), false);
    assert!(printed.text.contains("Vắng có lý do (1 người)"), "{}", printed.text);
    assert!(printed.html.contains("Mở đầu &#60;cuộc họp&#62;.") && printed.html.contains("Kết luận &#38; bế mạc."));
}

/// The parts of a decision stand in its wording instead of beside their questions.
#[test]
fn a_decision_is_worded_article_by_article() {
    let text = printed(PaperKind::Decision, &built_in::case_papers::decision(), false).text;
    for words in [
        "ngày 05 tháng 12 năm 2026 QUYẾT ĐỊNH Về việc đánh giá, xếp loại chất lượng năm 2026 TRẢ LỜI <AUTHORITY> & ĐỦ Căn cứ Trong năm",
        "Điều 1. Xếp loại chất lượng đối với ông (bà) Nguyễn Thị Hoàng Bảo Ngọc Ánh Tuyết, Chuyên viên bộ phận",
        "Ủy ban nhân dân: Hoàn thành xuất sắc nhiệm vụ. Điều 2. Nhận xét của cấp có thẩm quyền: Trong năm",
        "Điều 3. Nhận định chiều hướng, triển vọng phát triển: ",
        "Điều 4. Đây là quyết định lần 2 trong hồ sơ đánh giá, thay thế Quyết định số Trả lời <superseded_number> & đủ. Điều 5. ",
        "TRẢ LỜI <AUTHORITY> & ĐỦ (Ký, ghi rõ họ tên) Trả lời <signer> & đủ",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

#[test]
fn every_question_of_every_self_assessment_is_printed_with_its_answer() {
    for code in ["SA-335", "SA-366", "SA-90-01", "SA-90-02", "SA-90-03"] {
        for is_leader in [false, true] {
            check(PaperKind::SelfAssessment, &form(code), is_leader);
        }
    }
}

#[test]
fn every_question_of_every_other_paper_is_printed_with_its_answer() {
    for kind in PaperKind::ALL {
        if let Some(code) = kind.form_code() {
            check(kind, &form(code), false);
        }
    }
}

#[test]
fn the_self_assessments_have_the_tables_of_their_laws() {
    let tables = |code, is_leader| {
        let html = printed(PaperKind::SelfAssessment, &form(code), is_leader).html;
        html.split("<thead>").skip(1).map(|table| text_of(table.split("</thead>").next().unwrap())).collect::<Vec<_>>()
    };
    let tasks = "TT Sản phẩm, công việc Hệ số Được giao Hoàn thành Vượt mức Không đạt chất lượng Chậm tiến độ Minh chứng, \
                 ghi chú";
    let points = "Nội dung Kết quả";
    assert_eq!(tables("SA-335", false), ["TT Tiêu chí Điểm tối đa Điểm tự chấm Minh chứng", tasks, points]);
    assert_eq!(
        tables("SA-335", true),
        ["TT Tiêu chí Điểm tối đa Điểm tự chấm Minh chứng", tasks, "Nội dung 100% 50%", points]
    );
    let met = "TT Tiêu chí Đảm bảo Không đảm bảo Điểm tối đa Điểm đạt Ghi chú";
    assert_eq!(tables("SA-366", true), [met, tasks, points]);
    assert_eq!(tables("SA-366", false), [met, tasks, points]);
    assert_eq!(tables("SA-90-02", true), [tasks]);
}

#[test]
fn the_sum_of_the_criteria_is_the_score_of_part_a() {
    let text = printed(PaperKind::SelfAssessment, &form("SA-335"), false).text;
    assert!(text.contains("A. Tiêu chí chung (tối đa 30 điểm)"), "{text}");
    assert!(text.contains("Tổng điểm tiêu chí chung 30,00 30,00"), "{text}");
    assert!(text.contains("Điểm tiêu chí chung (A) 30,00"), "{text}");
}

#[test]
fn a_paper_of_the_party_committee_has_the_heading_of_the_party_and_every_other_the_national_one() {
    for kind in PaperKind::ALL {
        let text = printed(kind, &form(kind.form_code().unwrap_or("SA-335")), false).text;
        let found = ["ĐẢNG CỘNG SẢN VIỆT NAM", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA"].map(|words| text.contains(words));
        assert_eq!(found, [kind == PaperKind::PartyComment, kind != PaperKind::PartyComment], "{kind:?}");
        assert!(text.contains("Bến Sậy, ngày 0") || text.contains("Bến Sậy, ngày 3"), "{kind:?}: {text}");
        assert!(text.contains("chữ ký số khớp với nội dung"), "{kind:?}");
    }
}

#[test]
fn what_was_left_open_is_said() {
    let form = form("PARTY-COMMENT");
    let mut paper = filed(PaperKind::PartyComment, &form, false);
    let mut values = fields(PaperKind::PartyComment, &form, false);
    values.remove("a/strengths");
    paper.submit.value = canonical(&values).unwrap();
    let directory = directory(false);
    let signed = Signed::read(&directory, &paper).unwrap();
    let open = |block: &Block| matches!(block, Block::Line(line) if line.label == "Ưu điểm:" && line.paragraphs == [LEFT_OPEN]);
    assert!(block::blocks(&signed, None).iter().any(open));
}

#[test]
fn a_paper_whose_form_was_not_published_is_not_guessed_at() {
    let paper = filed(PaperKind::Appeal, &form("APPEAL"), false);
    assert!(Signed::read(&directory(false), &paper).is_some());
    assert!(Signed::read(&Directory::default(), &paper).is_none());
}

#[test]
fn a_phone_whose_clock_was_never_set_gives_no_date() {
    let mut paper = filed(PaperKind::Appeal, &form("APPEAL"), false);
    let day_ms = 86_400_000;
    for (claimed_ms, expected) in [
        (paper.submit.claimed_ms - 3 * day_ms, "2026-11-27"),
        (paper.submit.claimed_ms + 3 * day_ms, "2026-11-30"),
        (0, "2026-11-30"),
    ] {
        paper.submit.claimed_ms = claimed_ms;
        assert_eq!(signed_day(&paper).to_string(), expected);
    }
}

#[test]
fn a_sheet_has_no_script_no_style_attribute_and_no_outside_address() {
    for kind in PaperKind::ALL {
        let html = printed(kind, &form(kind.form_code().unwrap_or("SA-335")), true).html;
        for forbidden in [" style=", "<style", "<script", "javascript:", "http://", "https://"] {
            assert!(!html.contains(forbidden), "{kind:?}: {forbidden}");
        }
    }
}
