//! Printing the sheets, area by area: codes are wiped after somebody looked at the sheets and said twice that they have
//! them.

use std::path::PathBuf;

use zeroize::Zeroizing;

use super::ceremony_way::{CeremonyStage, STEPS};
use super::screen::{Row, Screen};
use super::stage::{Stayed, Step};
use crate::ceremony::Ceremony;
use crate::failure::OpenerFailed;
use crate::folder::announce;
use crate::sheets;
use crate::unfinished::Unfinished;

/// A ceremony that is done but for its sheets. The slips of the areas before are gone.
pub(super) struct Printing {
    ceremony: Box<Ceremony>,
    folder: PathBuf,
    unfinished: Unfinished,
    /// Areas that are printed.
    printed: usize,
    answer: Answer,
}

/// How far the people are with the sheets of one area.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    /// Nobody has looked at them.
    Unseen,
    /// They were opened at least once.
    Seen,
    /// Somebody said that they are printed, and is asked once more.
    Printed,
}

impl Printing {
    pub(super) fn begin(ceremony: Ceremony, folder: PathBuf, unfinished: Unfinished) -> Self {
        Self { ceremony: Box::new(ceremony), folder, unfinished, printed: 0, answer: Answer::Unseen }
    }

    /// The sheets of the area that is being printed: from now on somebody has seen them.
    pub(super) fn sheets(&mut self) -> Option<Zeroizing<String>> {
        let area = self.ceremony.slips.get(self.printed)?;
        let sheets = sheets::document(&self.ceremony.announcement.signed.definition, std::slice::from_ref(area));
        if self.answer == Answer::Unseen {
            self.answer = Answer::Seen;
        }
        Some(sheets)
    }

    /// Back from the last question; there is no way back further, once the keys are made.
    pub(super) fn asked_again(self) -> Self {
        let answer = if self.answer == Answer::Printed { Answer::Seen } else { self.answer };
        Self { answer, ..self }
    }

    pub(super) fn answered(self) -> Step {
        match self.answer {
            Answer::Unseen => {
                Err(Stayed { stage: CeremonyStage::Sheets(self).into(), failed: OpenerFailed::NotLookedAt })
            }
            Answer::Seen => Ok(CeremonyStage::Sheets(Self { answer: Answer::Printed, ..self }).into()),
            Answer::Printed => self.next_area(),
        }
    }

    /// The slips of the area that was printed and counted are wiped here: there is no reprint. After the last one the
    /// round is announced; where that fails, they are still there.
    fn next_area(mut self) -> Step {
        if self.printed + 1 == self.ceremony.slips.len()
            && let Err(fault) = announce(&self.folder, &self.ceremony, &mut self.unfinished)
        {
            return Err(Stayed { stage: CeremonyStage::Sheets(self).into(), failed: fault.into() });
        }
        self.ceremony.slips[self.printed].secrets.clear();
        self.printed += 1;
        if self.printed < self.ceremony.slips.len() {
            return Ok(CeremonyStage::Sheets(Self { answer: Answer::Unseen, ..self }).into());
        }
        self.unfinished.keep();
        let round = self.ceremony.announcement.signed.definition;
        Ok(CeremonyStage::Done { folder: self.folder, round }.into())
    }

    pub(super) fn screen(&self) -> Screen {
        let area = &self.ceremony.slips[self.printed].area;
        let count = sheets::sheets(area.slips);
        let screen = Screen {
            steps: STEPS,
            now: 2,
            round: Some(self.ceremony.announcement.signed.definition.title.clone()),
            link: Some(("to".to_owned(), "MỞ TỜ ĐỂ IN")),
            ..Screen::default()
        };
        if self.answer == Answer::Printed {
            return Screen {
                title: format!("Hỏi lại: đã cầm đủ {count} tờ của {} trên tay chưa?", area.name),
                notes: vec![
                    "Bấm XÓA MÃ thì máy quên mọi mã của khu vực này, không in lại được, không ai lấy lại được."
                        .to_owned(),
                    "Chưa in hoặc thiếu tờ thì bấm QUAY LẠI, hoặc mở tờ để in lần nữa.".to_owned(),
                ],
                go: Some(format!("ĐÃ CẦM ĐỦ {count} TỜ, XÓA MÃ")),
                has_back: true,
                ..screen
            };
        }
        Screen {
            title: format!("In {count} tờ của {}, đếm đủ rồi đi tiếp", area.name),
            rows: self.rows(),
            notes: vec![
                "Bấm nút dưới đây, rồi in khổ A4, không co giãn. In xong thì đóng trang in.".to_owned(),
                "Đi tiếp rồi thì không in lại được. Tờ kẹt, tờ mờ: ghi ra giấy là hỏng, dùng lá dự phòng.".to_owned(),
                "Mỗi khu vực một túi: cắt, gấp đôi, bấm ghim, trộn đều. Không đánh số, không chụp ảnh.".to_owned(),
            ],
            go: Some(format!("ĐỦ {count} TỜ, TIẾP")),
            ..screen
        }
    }

    fn rows(&self) -> Vec<Row> {
        let rows = self.ceremony.slips.iter().enumerate().map(|(index, slips)| {
            let word = match index.cmp(&self.printed) {
                std::cmp::Ordering::Less => "đã in, đã xóa mã",
                std::cmp::Ordering::Equal => "đang in",
                std::cmp::Ordering::Greater => "chưa in",
            };
            let row = if index == self.printed { Row::whole } else { Row::part };
            row(&format!("{} ({word}), số tờ", slips.area.name), sheets::sheets(slips.area.slips))
        });
        rows.collect()
    }
}
