//! What stands above the title: the issuing unit with its superior at the left, the national or the party heading at the
//! right, number, place and date.
//!
//! All of it is data of the issuing unit in the directory. Source: look 7; Nghị định 30/2020/NĐ-CP, Phụ lục I.

use model::appointment::Appointment;
use model::case::paper::PaperKind;
use model::directory::ItemKind;
use model::form::kind::QuestionKind;
use model::identity::{PersonId, UnitId};
use model::time::Day;
use model::unit::{OrganisationUnit, UnitKind};
use rusqlite::Connection;

use crate::cases::file::FiledPaper;
use crate::cases::page::held;
use crate::cases::sheet::{Printing, Signed, signed_day};
use crate::failure::ServerFailed;
use crate::log::directory_bodies;
use crate::report::directory::Directory;

/// Words before the proper name of a place, longest first.
const PLACE_WORDS: [&str; 9] =
    ["Thành phố ", "Thị trấn ", "Đặc khu ", "Thị xã ", "Phường ", "Huyện ", "Quận ", "Tỉnh ", "Xã "];

/// The two columns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialHead {
    /// Above the issuing body; possibly empty.
    pub superior: String,
    /// The issuing body, line by line.
    pub body: String,
    /// "Số: 12/QĐ-UBND"; none for forms, which have no number.
    pub number: Option<String>,
    /// What stands at the right.
    pub right: RightHead,
    /// "Bến Sậy, ngày 05 tháng 12 năm 2026".
    pub place_and_date: String,
}

/// What stands at the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RightHead {
    /// The name of the country and its motto.
    National,
    /// The name of the Party.
    Party,
}

/// The unit on whose behalf a paper is signed.
#[derive(Debug, Clone, Default)]
pub struct Issuer {
    /// The unit; none where the office did not publish it.
    pub unit: Option<OrganisationUnit>,
    /// The unit above it.
    pub above: Option<OrganisationUnit>,
}

impl Issuer {
    /// The unit over which the author holds the role of the paper; of a cadre's own paper, and where no role is found, the
    /// one in which the author works.
    pub fn of(
        connection: &Connection,
        directory: &Directory,
        (subject, paper): (PersonId, &FiledPaper),
    ) -> Result<Self, ServerFailed> {
        let author = paper.entry.fields.person;
        let appointments = directory_bodies(connection, ItemKind::Appointment.word())?;
        let held_roles: Vec<Appointment> = appointments
            .iter()
            .filter_map(|body| Appointment::read(body))
            .filter(|held| held.person == author && held.role == paper.kind.author())
            .collect();
        let alone = held_roles.iter().find(|held| held.over == Some(subject));
        let appointed = alone.or_else(|| held_roles.iter().find(|held| held.over.is_none())).map(|held| held.unit);
        let works_in = held(directory, author).map(|held| held.assignment.unit);
        let unit = |id: UnitId| directory.units.get(&id).cloned();
        let own = appointed.or(works_in).and_then(unit);
        let above = own.as_ref().and_then(|own| own.parent).and_then(unit);
        Ok(Self { unit: own, above })
    }
}

impl OfficialHead {
    pub(super) fn of(printing: &Printing<'_>, signed: &Signed<'_>) -> Self {
        let (kind, issuer) = (printing.paper.kind, &printing.issuer);
        let (superior, body) = issuing(kind, issuer);
        let day = own_day(signed).unwrap_or_else(|| signed_day(printing.paper));
        let is_party =
            kind == PaperKind::PartyComment || issuer.unit.as_ref().is_some_and(|unit| unit.kind == UnitKind::Party);
        Self {
            superior,
            body,
            number: number(kind, signed),
            right: if is_party { RightHead::Party } else { RightHead::National },
            place_and_date: format!("{}, {}", place(printing.directory), date_words(day)),
        }
    }
}

/// The superior and the issuing body, in capitals.
fn issuing(kind: PaperKind, issuer: &Issuer) -> (String, String) {
    let name =
        |unit: &Option<OrganisationUnit>| unit.as_ref().map_or_else(String::new, |unit| unit.name_vi.to_uppercase());
    let (own, above) = (name(&issuer.unit), name(&issuer.above));
    let is_administrative = issuer.above.as_ref().is_some_and(|above| above.kind == UnitKind::Administrative);
    let above = if is_administrative { format!("ỦY BAN NHÂN DÂN {above}") } else { above };
    let unit_kind = issuer.unit.as_ref().map(|unit| unit.kind);
    match (kind, unit_kind) {
        (_, None) => (String::new(), "CƠ QUAN, ĐƠN VỊ".to_owned()),
        (_, Some(UnitKind::Party | UnitKind::Front | UnitKind::MassOrganisation)) => (above, own),
        (PaperKind::PartyComment, Some(_)) => ("CẤP ỦY".to_owned(), own),
        (PaperKind::ResidenceOpinion, Some(UnitKind::Administrative)) => {
            (format!("ỦY BAN MTTQ VIỆT NAM {own}"), "BAN CÔNG TÁC MẶT TRẬN".to_owned())
        }
        (PaperKind::ResidenceOpinion, Some(_)) => ("BAN CÔNG TÁC MẶT TRẬN".to_owned(), own),
        (_, Some(UnitKind::Administrative)) => (String::new(), format!("ỦY BAN NHÂN DÂN\n{own}")),
        (_, Some(UnitKind::Agency | UnitKind::ResidentialArea)) => (above, own),
    }
}

/// The day that the paper gives itself: its first question for a day that is not about a person.
pub(super) fn own_day(signed: &Signed<'_>) -> Option<Day> {
    let questions = signed.form.template().questions();
    let mut days = questions.filter(|(_, question)| question.kind == QuestionKind::Date && !question.sensitive);
    days.next().and_then(|(_, question)| signed.day(&question.key))
}

/// Only decisions, notices and minutes are numbered; what nobody typed is left to be written by hand.
fn number(kind: PaperKind, signed: &Signed<'_>) -> Option<String> {
    let open = |symbol: &str| Some(format!("Số: ......./{symbol}"));
    match kind {
        PaperKind::Decision => signed.words("decision_number").map(|number| format!("Số: {number}")),
        PaperKind::Notice | PaperKind::AppealOutcome => open("TB"),
        PaperKind::Minutes => open("BB"),
        PaperKind::SelfAssessment
        | PaperKind::ServiceRecord
        | PaperKind::ResidenceOpinion
        | PaperKind::OldUnitComment
        | PaperKind::PartyComment
        | PaperKind::HeadComment
        | PaperKind::Appeal
        | PaperKind::Publication => None,
    }
}

/// "Xã Bến Sậy" is written "Bến Sậy" before a date.
fn place(directory: &Directory) -> String {
    let Some(name) = directory.place() else { return "..............".to_owned() };
    let proper = PLACE_WORDS.iter().find_map(|word| name.strip_prefix(word));
    proper.unwrap_or(name).to_owned()
}

/// Days and the first two months have two figures. Source: Nghị định 30/2020/NĐ-CP, Phụ lục I.
fn date_words(day: Day) -> String {
    let written = day.vietnamese();
    let mut parts = written.split('/');
    let (day, month, year) = (parts.next(), parts.next(), parts.next());
    let month = month.map(|month| if month >= "03" { month.trim_start_matches('0') } else { month });
    format!("ngày {} tháng {} năm {}", day.unwrap_or_default(), month.unwrap_or_default(), year.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_official_papers_write_it() {
        for (day, words) in [
            ("2026-12-05", "ngày 05 tháng 12 năm 2026"),
            ("2026-02-28", "ngày 28 tháng 02 năm 2026"),
            ("2026-03-01", "ngày 01 tháng 3 năm 2026"),
            ("2026-10-20", "ngày 20 tháng 10 năm 2026"),
        ] {
            assert_eq!(date_words(Day::parse(day).unwrap()), words);
        }
    }
}
