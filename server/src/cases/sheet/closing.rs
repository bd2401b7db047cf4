//! Who signs at the foot of a paper, in the form of official papers: at the left who receives it, at the right who signs.

use model::case::paper::PaperKind;
use model::text::sort_key;

use crate::cases::page::name_of;
use crate::cases::sheet::signature::SignatureCheck;
use crate::cases::sheet::{Printing, Signed};

/// The foot of a paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closing {
    /// Who receives it; nobody for forms.
    pub recipients: Vec<String>,
    /// A second signature at the left, to be given by hand.
    pub left: Option<Signer>,
    /// Who signed.
    pub right: Signer,
}

/// One signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// On whose behalf, in capitals.
    pub title: String,
    /// How it is signed.
    pub how: &'static str,
    /// The name.
    pub name: String,
}

/// Words with which the name of a body begins that decides together.
const BODIES: [&str; 6] = ["ỦY BAN", "BAN ", "HỘI ĐỒNG", "ĐẢNG ỦY", "CHI ỦY", "TẬP THỂ"];

impl Closing {
    pub(super) fn of(printing: &Printing<'_>, signed: &Signed<'_>) -> Self {
        let paper = printing.paper;
        let author = name_of(printing.directory, paper.entry.fields.person);
        let named = |question: &str| signed.words(question).unwrap_or_else(|| author.clone());
        let how = match printing.signature {
            SignatureCheck::Holds => "(Đã ký số)",
            SignatureCheck::Broken => "(Chữ ký số không khớp)",
            SignatureCheck::UnknownPhone => "(Chữ ký số chưa kiểm tra được)",
        };
        let right = |title: &str, name: String| Signer { title: title.to_owned(), how, name };
        let (recipients, left) = (Vec::new(), None);
        match paper.kind {
            PaperKind::SelfAssessment => Self { recipients, left, right: right("NGƯỜI TỰ ĐÁNH GIÁ", author) },
            PaperKind::ResidenceOpinion => {
                Self { recipients, left, right: right("TM. BAN CÔNG TÁC MẶT TRẬN\nTRƯỞNG BAN", author) }
            }
            PaperKind::OldUnitComment => {
                Self { recipients, left, right: right("NGƯỜI ĐỨNG ĐẦU ĐƠN VỊ CŨ", author) }
            }
            PaperKind::Minutes => {
                let title = "CHỦ TRÌ".to_owned();
                let chair = Signer { title, how: "(Ký, ghi rõ họ tên)", name: named("chair") };
                Self { recipients, left: Some(chair), right: right("THƯ KÝ", author) }
            }
            PaperKind::PartyComment => Self { recipients, left, right: right("TM. CẤP ỦY", author) },
            PaperKind::HeadComment => Self { recipients, left, right: right("NGƯỜI ĐỨNG ĐẦU", author) },
            PaperKind::Decision => {
                let title = signed.words("authority").map(|body| on_behalf_of(&body));
                let title = title.unwrap_or_else(|| "CẤP CÓ THẨM QUYỀN".to_owned());
                let name = named("signer");
                // Who is named may sign by hand what somebody else signed on a phone.
                let how = if sort_key(&name) == sort_key(&author) { how } else { "(Ký, ghi rõ họ tên)" };
                Self { recipients: recipients_of(printing), left, right: Signer { title, how, name } }
            }
            PaperKind::ServiceRecord => {
                Self { recipients, left, right: right("BỘ PHẬN TỔ CHỨC CÁN BỘ", author) }
            }
            PaperKind::Notice => {
                Self {
                    recipients: recipients_of(printing), left, right: right("BỘ PHẬN TỔ CHỨC CÁN BỘ", author)
                }
            }
            PaperKind::AppealOutcome => {
                Self { recipients: recipients_of(printing), left, right: right("CẤP CÓ THẨM QUYỀN", author) }
            }
            PaperKind::Appeal => Self { recipients, left, right: right("NGƯỜI KIẾN NGHỊ", author) },
            PaperKind::Publication => {
                Self { recipients, left, right: right("BỘ PHẬN TỔ CHỨC CÁN BỘ", author) }
            }
        }
    }
}

/// A body is signed for; somebody who holds a post signs as themselves. Source: Nghị định 30/2020/NĐ-CP, Phụ lục I.
fn on_behalf_of(authority: &str) -> String {
    let authority = authority.trim().to_uppercase();
    let is_body = BODIES.iter().any(|word| authority.starts_with(word));
    if is_body { format!("TM. {authority}") } else { authority }
}

fn recipients_of(printing: &Printing<'_>) -> Vec<String> {
    let cadre = name_of(printing.directory, printing.person);
    vec![format!("- Ông (bà) {cadre};"), "- Lưu: hồ sơ đánh giá.".to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_body_is_signed_for() {
        for (authority, title) in [
            ("Ủy ban nhân dân xã Bến Sậy", "TM. ỦY BAN NHÂN DÂN XÃ BẾN SẬY"),
            ("Ban Thường vụ Đảng ủy", "TM. BAN THƯỜNG VỤ ĐẢNG ỦY"),
            ("Chủ tịch Ủy ban nhân dân xã", "CHỦ TỊCH ỦY BAN NHÂN DÂN XÃ"),
            (" Giám đốc Trung tâm ", "GIÁM ĐỐC TRUNG TÂM"),
        ] {
            assert_eq!(on_behalf_of(authority), title);
        }
    }
}
