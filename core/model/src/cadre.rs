//! The people who are assessed and the posts they hold.
//!
//! The legal class belongs to the post, not to the person: one cadre may be elected here and a civil servant there.
//! Residents never appear in this module.

use minicbor::{Decode, Encode};

use crate::identity::{PersonId, UnitId};
use crate::text::{TextRefused, check_line};

/// Characters of a person's full name. Source: domain model, `Person`.
pub const FULL_NAME_CHARS_MAX: u32 = 120;
/// Characters of a title.
pub const TITLE_CHARS_MAX: u32 = 200;
/// Characters of a duty group's name.
pub const DUTY_GROUP_CHARS_MAX: u32 = 120;

/// The legal class of a post; each has its own regulation and form.
///
/// Source: domain specification 0.1 and the glossary; the wire keys are the law's own words.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
pub enum StaffClass {
    /// Cán bộ: elected or approved for a term.
    #[serde(rename = "can_bo")]
    ElectedCadre,
    /// Công chức: recruited into a rank of the civil service.
    #[serde(rename = "cong_chuc")]
    CivilServant,
    /// Viên chức: under contract with a public service unit.
    #[serde(rename = "vien_chuc")]
    PublicEmployee,
    /// Người hoạt động không chuyên trách: part-time at the grassroots.
    #[serde(rename = "khong_chuyen_trach")]
    PartTimeWorker,
}

/// Whether the place of residence says its opinion about a cadre. Source: Quy định 213-QĐ/TW, Điều 3.4, and Hướng dẫn
/// 33-HD/BTCTW (domain specification 3.6). Numbers are on the wire and never reused.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Encode, Decode, serde::Serialize, serde::Deserialize, uniffi::Enum,
)]
#[cbor(index_only)]
#[serde(rename_all = "snake_case")]
pub enum ResidenceMode {
    /// Every year: no case goes on without it.
    #[default]
    #[n(1)]
    Annual,
    /// Only when somebody asks for it, as of army, police and those who study or travel all year.
    #[n(2)]
    OnDemand,
    /// Never.
    #[n(3)]
    Exempt,
}

impl ResidenceMode {
    /// Name on a Vietnamese screen.
    pub fn label_vi(self) -> &'static str {
        match self {
            Self::Annual => "Lấy nhận xét nơi cư trú hằng năm",
            Self::OnDemand => "Lấy nhận xét nơi cư trú khi có yêu cầu",
            Self::Exempt => "Không lấy nhận xét nơi cư trú",
        }
    }

    /// Name on an English screen.
    pub fn label_en(self) -> &'static str {
        match self {
            Self::Annual => "The place of residence is asked every year",
            Self::OnDemand => "The place of residence is asked when needed",
            Self::Exempt => "The place of residence is not asked",
        }
    }

    fn is_annual(&self) -> bool {
        *self == Self::Annual
    }
}

/// A person who is assessed: what every phone of the commune may know of them.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Cadre {
    /// Their name for ever.
    pub id: PersonId,
    /// Full name, 1 to [`FULL_NAME_CHARS_MAX`] characters.
    pub full_name: String,
    /// Whether the place of residence is asked about them.
    #[serde(default, skip_serializing_if = "ResidenceMode::is_annual")]
    pub residence: ResidenceMode,
}

impl Cadre {
    /// Refuses a name that is blank, too long or invisible.
    pub fn check(&self) -> Result<(), TextRefused> {
        check_line(&self.full_name, FULL_NAME_CHARS_MAX)
    }
}

/// A post that a person holds.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct Assignment {
    /// Who holds it.
    pub person: PersonId,
    /// Where.
    pub unit: UnitId,
    /// The post as it is written, 1 to [`TITLE_CHARS_MAX`] characters.
    pub title: String,
    /// Its legal class.
    pub staff_class: StaffClass,
    /// Whether it is a leading or managing post; such posts are scored by six shares, others by three.
    pub is_leader: bool,
    /// The group of similar duties in which the excellent quota is counted, 1 to [`DUTY_GROUP_CHARS_MAX`] characters.
    pub duty_group: String,
}

impl Assignment {
    /// Refuses a title or group that is blank, too long or invisible.
    pub fn check(&self) -> Result<(), TextRefused> {
        check_line(&self.title, TITLE_CHARS_MAX)?;
        check_line(&self.duty_group, DUTY_GROUP_CHARS_MAX)
    }
}

/// A cadre with the post held now: the body of a [`crate::directory::ItemKind::Cadre`] item, as JSON.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize, uniffi::Record)]
#[serde(deny_unknown_fields)]
pub struct CadreInPost {
    /// Who.
    pub cadre: Cadre,
    /// Which post; its person is the cadre.
    pub assignment: Assignment,
}

impl CadreInPost {
    /// Reads the body of a directory item; `None` if it is not one, or names and person do not fit.
    pub fn read(body: &str) -> Option<Self> {
        let read: Self = serde_json::from_str(body).ok()?;
        let is_sound = read.cadre.check().is_ok() && read.assignment.check().is_ok();
        (is_sound && read.assignment.person == read.cadre.id).then_some(read)
    }

    /// The body of a directory item.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("names and flags can be written as JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_post_of_somebody_else_is_not_read() {
        let cadre = Cadre {
            id: PersonId::from_bytes([1; 16]),
            full_name: "Trần Thị Lan".into(),
            residence: ResidenceMode::Annual,
        };
        let assignment = Assignment {
            person: cadre.id,
            unit: UnitId::from_bytes([2; 16]),
            title: "Chuyên viên".into(),
            staff_class: StaffClass::CivilServant,
            is_leader: false,
            duty_group: "Chuyên môn".into(),
        };
        let mut held = CadreInPost { cadre, assignment };
        assert_eq!(CadreInPost::read(&held.to_json()), Some(held.clone()));
        held.assignment.person = PersonId::from_bytes([3; 16]);
        assert_eq!(CadreInPost::read(&held.to_json()), None);
    }

    #[test]
    fn a_class_travels_as_the_words_of_the_law() {
        for (class, expected) in [
            (StaffClass::ElectedCadre, "\"can_bo\""),
            (StaffClass::CivilServant, "\"cong_chuc\""),
            (StaffClass::PublicEmployee, "\"vien_chuc\""),
            (StaffClass::PartTimeWorker, "\"khong_chuyen_trach\""),
        ] {
            assert_eq!(serde_json::to_string(&class).unwrap(), expected);
        }
    }

    #[test]
    fn a_person_and_a_post_need_names() {
        let mut cadre = Cadre {
            id: PersonId::from_bytes([1; 16]),
            full_name: "Trần Thị Lan".into(),
            residence: ResidenceMode::Annual,
        };
        assert_eq!(cadre.check(), Ok(()));
        cadre.full_name = "L".repeat(121);
        assert_eq!(cadre.check(), Err(TextRefused::TooLong { given: 121, limit: 120 }));
        let assignment = Assignment {
            person: cadre.id,
            unit: UnitId::from_bytes([2; 16]),
            title: "Phó Chủ tịch".into(),
            staff_class: StaffClass::CivilServant,
            is_leader: true,
            duty_group: " ".into(),
        };
        assert_eq!(assignment.check(), Err(TextRefused::Blank));
    }
}
