//! The ceremony, screen by screen.

use std::path::{Path, PathBuf};

use model::round::area::Area;
use model::round::holder::HOLDERS;
use model::round::{RoundDefinition, Standing};
use model::time::Day;
use zeroize::Zeroizing;

use super::form::Form;
use super::places;
use super::printing::Printing;
use super::screen::{Field, Kind, Row, Screen, Turn, number};
use super::stage::{Stage, Stayed, Step, people, where_to_look};
use crate::ceremony::{self, Ceremony};
use crate::failure::OpenerFailed;
use crate::files::read_limited;
use crate::folder::{ANNOUNCEMENT_FILE, INTAKE_FILE, announce, keep_intake, keep_shares, prepare_for_ceremony};
use crate::passphrase::{Passphrase, PassphraseRefused, Stretch};
use crate::plan::{PLAN_BYTES_MAX, RoundPlan};
use crate::unfinished::Unfinished;
use crate::{machine, words};

pub(super) const STEPS: &[&str] = &["Xem thể lệ đợt", "Mỗi người đặt câu khóa", "In lá thăm", "Xóa mã, cất khóa"];

/// Where a ceremony is.
pub(super) enum CeremonyStage {
    /// Which plan, on this day?
    Plan(Day),
    /// Is this what was agreed?
    Terms(Planned),
    /// Where are the shares written?
    Folder(Planned),
    /// Each holder alone.
    Passphrases(Planned, PathBuf, Vec<Passphrase>),
    /// Area by area.
    Sheets(Printing),
    /// Nothing of a slip is left.
    Done { folder: PathBuf, round: RoundDefinition },
}

/// A plan that may become a round.
pub(super) struct Planned {
    plan: RoundPlan,
    round: RoundDefinition,
    today: Day,
}

impl CeremonyStage {
    pub(super) fn begin(today: Day) -> Self {
        Self::Plan(today)
    }

    /// A ceremony that is done but for its sheets.
    pub(super) fn printing(ceremony: Ceremony, folder: PathBuf, unfinished: Unfinished) -> Self {
        Self::Sheets(Printing::begin(ceremony, folder, unfinished))
    }

    pub(super) fn screen(&self) -> Screen {
        match self {
            Self::Plan(_) => plan_screen(),
            Self::Terms(planned) => terms_screen(planned),
            Self::Folder(planned) => folder_screen(&planned.round),
            Self::Passphrases(planned, _, set) => passphrase_screen(&planned.round, set.len()),
            Self::Sheets(printing) => printing.screen(),
            Self::Done { folder, round } => done_screen(round, folder),
        }
    }

    pub(super) fn answered(self, form: &Form) -> Step {
        if form.has("back") {
            return Ok(self.before());
        }
        match self {
            Self::Plan(today) => read_plan(Path::new(form.text("choice")), today),
            Self::Terms(planned) => Ok(Self::Folder(planned).into()),
            Self::Folder(planned) => {
                let folder = PathBuf::from(form.text("choice"));
                match prepare_for_ceremony(&folder) {
                    Ok(()) => Ok(Self::Passphrases(planned, folder, Vec::new()).into()),
                    Err(fault) => Err(stayed(Self::Folder(planned), fault)),
                }
            }
            Self::Passphrases(planned, folder, set) => set_passphrase(planned, (folder, set), form),
            Self::Sheets(printing) => printing.answered(),
            done @ Self::Done { .. } => Ok(done.into()),
        }
    }

    /// The sheets of the area that is being printed.
    pub(super) fn sheets(&mut self) -> Option<Zeroizing<String>> {
        match self {
            Self::Sheets(printing) => printing.sheets(),
            Self::Plan(_) | Self::Terms(_) | Self::Folder(_) | Self::Passphrases(..) | Self::Done { .. } => None,
        }
    }

    /// There is no way back once the keys are made.
    fn before(self) -> Stage {
        match self {
            Self::Plan(_) => Stage::Start,
            Self::Terms(planned) => Self::Plan(planned.today).into(),
            Self::Folder(planned) => Self::Terms(planned).into(),
            Self::Passphrases(planned, folder, mut set) => match set.pop() {
                Some(_) => Self::Passphrases(planned, folder, set).into(),
                None => Self::Folder(planned).into(),
            },
            Self::Sheets(printing) => Self::Sheets(printing.asked_again()).into(),
            made @ Self::Done { .. } => made.into(),
        }
    }
}

impl From<CeremonyStage> for Stage {
    fn from(stage: CeremonyStage) -> Self {
        Self::Ceremony(Box::new(stage))
    }
}

fn stayed(stage: CeremonyStage, failed: impl Into<OpenerFailed>) -> Stayed {
    Stayed { stage: stage.into(), failed: failed.into() }
}

fn read_plan(path: &Path, today: Day) -> Step {
    let read = || -> Result<Planned, OpenerFailed> {
        let plan = RoundPlan::read(&read_limited(path, PLAN_BYTES_MAX)?)?;
        let round = plan.check_on(today)?;
        Ok(Planned { plan, round, today })
    };
    match read() {
        Ok(planned) => Ok(CeremonyStage::Terms(planned).into()),
        Err(failed) => Err(stayed(CeremonyStage::Plan(today), failed)),
    }
}

fn set_passphrase(planned: Planned, (folder, mut set): (PathBuf, Vec<Passphrase>), form: &Form) -> Step {
    let typed = Passphrase::typed_twice(form.text("passphrase"), form.text("again"));
    match typed.and_then(|passphrase| passphrase.unlike(&set)) {
        Ok(passphrase) => set.push(passphrase),
        Err(refused @ PassphraseRefused::Shared) => {
            return Err(stayed(CeremonyStage::Passphrases(planned, folder, Vec::new()), refused));
        }
        Err(refused) => return Err(stayed(CeremonyStage::Passphrases(planned, folder, set), refused)),
    }
    let wanted = HOLDERS + usize::from(planned.round.takes_feedback());
    let all: &[Passphrase; HOLDERS] = match set.first_chunk() {
        Some(all) if set.len() == wanted => all,
        _ => return Ok(CeremonyStage::Passphrases(planned, folder, set).into()),
    };
    match hold(&planned.plan, (&folder, all, set.get(HOLDERS))) {
        Ok((ceremony, unfinished)) if ceremony.slips.iter().all(|area| area.secrets.is_empty()) => {
            unfinished.keep();
            let round = ceremony.announcement.signed.definition.clone();
            Ok(CeremonyStage::Done { folder, round }.into())
        }
        Ok((ceremony, unfinished)) => Ok(CeremonyStage::printing(ceremony, folder, unfinished).into()),
        Err(failed) => Err(stayed(CeremonyStage::Folder(planned), failed)),
    }
}

/// Makes the keys and writes the shares; where feedback is taken, all that is to be written.
fn hold(
    plan: &RoundPlan,
    (folder, holders, intake): (&Path, &[Passphrase; HOLDERS], Option<&Passphrase>),
) -> Result<(Ceremony, Unfinished), OpenerFailed> {
    let mut random = machine::randomness();
    let ceremony = ceremony::hold(plan, holders, Stretch::USUAL, &mut random)?;
    let mut unfinished = Unfinished::default();
    keep_shares(folder, &ceremony, &mut unfinished)?;
    if let Some(file) = intake.and_then(|words| ceremony.intake_file((words, Stretch::USUAL), &mut random)) {
        keep_intake(folder, &file, &mut unfinished)?;
        announce(folder, &ceremony, &mut unfinished)?;
    }
    Ok((ceremony, unfinished))
}

fn plan_screen() -> Screen {
    let choices = places::files("json");
    Screen {
        steps: STEPS,
        title: "Chọn kế hoạch đợt của văn phòng".to_owned(),
        notes: vec![where_to_look(&choices, "json")],
        choices,
        go: Some("XEM THỂ LỆ".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn terms_screen(planned: &Planned) -> Screen {
    let round = &planned.round;
    let area = |area: &Area| match round.takes_feedback() {
        true => Row::part(&format!("{}, số người", area.name), area.eligible),
        false => Row::part(&format!("{}, {} người, số lá thăm", area.name, number(area.eligible)), area.slips),
    };
    let whole = match round.takes_feedback() {
        true => Row::sentence("Đợt góp ý: không in lá thăm"),
        false => Row::whole("Lá thăm sẽ in, cả dự phòng", round.slips()),
    };
    let subjects: Vec<&str> = round.subjects().iter().map(|subject| subject.name.as_str()).collect();
    let about = if subjects.is_empty() { String::new() } else { format!(" Về: {}.", subjects.join(", ")) };
    let worth = match &round.standing {
        Standing::Consultative => "Phiếu có giá trị tham khảo.".to_owned(),
        Standing::Legal { reference } => format!("Căn cứ: {reference}."),
    };
    let officers = round.intake.as_ref().map(|intake| format!("Người tiếp nhận: {}.", intake.officers.join(", ")));
    let (opens, closes, grace) = (round.opens.vietnamese(), round.closes.vietnamese(), round.grace.vietnamese());
    Screen {
        steps: STEPS,
        round: Some(round.title.clone()),
        title: "Cùng đọc thể lệ đợt, đúng thì đi tiếp".to_owned(),
        people: people(round, |_| Turn::Later("Sẽ giữ một phần khóa")),
        rows: [whole].into_iter().chain(round.areas.iter().map(area)).collect(),
        notes: [
            vec![format!("{}.{about}", round.template.title), worth],
            officers.into_iter().collect(),
            vec![
                format!("Người được trả lời: {}.", round.electorate),
                format!("Mở {opens}, đóng {closes}, nhận muộn đến {grace}."),
                words::of_today(round, planned.today),
                format!("Không công bố nhóm dưới {} ý kiến, ô dưới {}.", round.group_min, round.side_min),
            ],
        ]
        .concat(),
        go: Some("ĐÚNG, TIẾP".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn folder_screen(round: &RoundDefinition) -> Screen {
    Screen {
        steps: STEPS,
        round: Some(round.title.clone()),
        title: "Chọn nơi ghi ba phần khóa".to_owned(),
        choices: places::folders(),
        notes: vec![
            "Nên ghi vào thẻ nhớ. Sau buổi này mỗi người cầm về tệp phần khóa của mình.".to_owned(),
            "Không thấy thẻ nhớ? Cắm vào rồi tải lại trang (phím F5).".to_owned(),
        ],
        go: Some("GHI VÀO ĐÂY".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn passphrase_screen(round: &RoundDefinition, set: usize) -> Screen {
    if let (HOLDERS, Some(intake)) = (set, &round.intake) {
        return intake_screen(round, &intake.officers);
    }
    let turn = |holder: usize| match holder.cmp(&set) {
        std::cmp::Ordering::Less => Turn::Done("Đã đặt câu khóa"),
        std::cmp::Ordering::Equal => Turn::Now("Đang đặt"),
        std::cmp::Ordering::Greater => Turn::Later("Chưa đến lượt"),
    };
    let others = round.holders.iter().enumerate().filter(|(holder, _)| *holder != set);
    let others: Vec<&str> = others.map(|(_, holder)| holder.name.as_str()).collect();
    Screen {
        steps: STEPS,
        now: 1,
        round: Some(round.title.clone()),
        title: format!("Mời {} ngồi một mình trước máy", round.holders[set].name),
        people: people(round, turn),
        fields: vec![
            Field::new("Câu khóa", "passphrase", Kind::Hidden),
            Field::new("Viết lại lần nữa", "again", Kind::Hidden),
        ],
        notes: vec![
            format!("{} xin quay đi.", others.join(", ")),
            "Ít nhất 12 ký tự, nên sáu từ trở lên. Không dùng tên, ngày sinh, câu hát, câu thơ.".to_owned(),
            "Ghi ra giấy, bỏ phong bì dán kín, cất ở nơi chỉ mình biết.".to_owned(),
            "Quên thì không ai lấy lại được. Hai trong ba câu khóa mới mở được hòm.".to_owned(),
        ],
        go: Some("XONG".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

/// The intake reads without the holders, so its passphrase is its own.
fn intake_screen(round: &RoundDefinition, officers: &[String]) -> Screen {
    Screen {
        steps: STEPS,
        now: 1,
        round: Some(round.title.clone()),
        title: format!("Mời người tiếp nhận ({}) ngồi trước máy", officers.join(", ")),
        people: people(round, |_| Turn::Done("Đã đặt câu khóa")),
        fields: vec![
            Field::new("Câu khóa của người tiếp nhận", "passphrase", Kind::Hidden),
            Field::new("Viết lại lần nữa", "again", Kind::Hidden),
        ],
        notes: vec![
            "Ba người giữ khóa xin quay đi.".to_owned(),
            "Khóa này đọc góp ý về dịch vụ và đường phố. Góp ý về người, lãnh đạo, văn phòng và chính người tiếp nhận chỉ hai trong ba người giữ khóa mở được.".to_owned(),
            "Ít nhất 12 ký tự, nên sáu từ trở lên. Quên thì không ai lấy lại được.".to_owned(),
        ],
        go: Some("XONG".to_owned()),
        has_back: true,
        ..Screen::default()
    }
}

fn done_screen(round: &RoundDefinition, folder: &Path) -> Screen {
    let intake =
        round.takes_feedback().then(|| format!("Người tiếp nhận cầm về {INTAKE_FILE}; đừng để chung với phần khóa."));
    Screen {
        steps: STEPS,
        now: 3,
        round: Some(round.title.clone()),
        title: if round.takes_feedback() {
            "Xong. Đã lập khóa của đợt góp ý"
        } else {
            "Xong. Mã lá thăm đã xóa khỏi máy"
        }
        .to_owned(),
        people: people(round, |_| Turn::Done("Cầm về phần khóa của mình")),
        notes: [
            vec![
                format!(
                    "Trong {}: phan-khoa-1.lnk, phan-khoa-2.lnk, phan-khoa-3.lnk theo thứ tự trên.",
                    folder.display()
                ),
                "Chép mỗi tệp sang thẻ nhớ của từng người, rồi xóa khỏi máy này.".to_owned(),
                format!("Gửi {ANNOUNCEMENT_FILE} cho văn phòng. Tệp này không có mã nào."),
            ],
            intake.into_iter().collect(),
        ]
        .concat(),
        is_last: true,
        ..Screen::default()
    }
}
