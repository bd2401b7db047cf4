//! Who is there: a commune with one office below it, three people who are evaluated, and everybody who has a part in it.

use model::appointment::Appointment;
use model::cadre::{Assignment, Cadre, CadreInPost, ResidenceMode, StaffClass};
use model::case::filed::subject;
use model::case::paper::PaperKind;
use model::cycle::{CycleScope, EvaluationCycle};
use model::directory::{DirectoryItem, ItemKind};
use model::document::DocumentKind;
use model::hash::PublicKey;
use model::identity::{PersonId, UnitId};
use model::membership::Role;
use model::period::Period;
use model::rule_set::RuleSet;
use model::space::case_space;
use model::time::{Day, Timestamp};
use model::unit::{OrganisationUnit, UnitKind};
use phone::work::Paper;

use super::CYCLE;
use super::papers::form_of;
use crate::world::servers::SimulatedServer;

/// The first moment of a run: a morning in November 2026.
pub const FIRST_MS: i64 = 1_795_000_000_000;

/// The commune, whose chair leads everybody in it.
pub const COMMUNE: UnitId = UnitId::from_bytes([201; 16]);
/// The office below it.
pub const OFFICE: UnitId = UnitId::from_bytes([202; 16]);

const fn person(seed: u8) -> PersonId {
    PersonId::from_bytes([seed; 16])
}

/// A cadre with two phones.
pub const LAN: PersonId = person(1);
/// Another cadre of the same office.
pub const MINH: PersonId = person(2);
/// The head of the office, evaluated too.
pub const HOA: PersonId = person(3);
/// The chair of the commune.
pub const CHAIR: PersonId = person(4);
/// Two of the personnel office; the second works under the head.
pub const PERSONNEL: [PersonId; 2] = [person(5), person(6)];
/// The head of the Front committee.
pub const FRONT: PersonId = person(7);
/// Two who write minutes; the first works under the head.
pub const SECRETARIES: [PersonId; 2] = [person(8), person(9)];
/// The party committee.
pub const PARTY: PersonId = person(10);
/// The authority, of another place.
pub const AUTHORITY: PersonId = person(11);
/// Somebody with no part in anything.
pub const STRANGER: PersonId = person(12);
/// The head of where people worked before.
pub const FORMER: PersonId = person(13);

/// Whose cases there are.
pub const SUBJECTS: [PersonId; 3] = [LAN, MINH, HOA];

/// Whose phones are there from the beginning.
pub const FIRST_PHONES: [PersonId; 14] = [
    LAN,
    LAN,
    MINH,
    HOA,
    CHAIR,
    PERSONNEL[0],
    PERSONNEL[1],
    FRONT,
    SECRETARIES[0],
    SECRETARIES[1],
    PARTY,
    AUTHORITY,
    STRANGER,
    FORMER,
];

/// Where somebody works; none for whoever comes from elsewhere.
pub fn works_in(person: PersonId) -> Option<UnitId> {
    match person {
        LAN | MINH | HOA => Some(OFFICE),
        _ if person == SECRETARIES[0] || person == PERSONNEL[1] => Some(OFFICE),
        AUTHORITY | FRONT => None,
        _ => Some(COMMUNE),
    }
}

/// What the office said, and when: the present appointments, and all that ever held.
pub struct Office {
    /// As last published.
    pub appointed: Vec<Appointment>,
    /// Every version since the beginning.
    pub history: Vec<Version>,
}

/// What the office said for a while.
pub struct Version {
    /// The earliest and the latest that the server's clock said meanwhile.
    pub clock_ms: (i64, i64),
    /// Who was appointed to what.
    pub appointed: Vec<Appointment>,
}

impl Office {
    /// A server that knows its people, its forms and who is appointed to what.
    pub fn opened(server: &mut SimulatedServer, now_ms: i64) -> Self {
        let appointed = first_appointments();
        let item = |kind, code: String, body: String| DirectoryItem { kind, code, body };
        let units = units().map(|unit| item(ItemKind::Unit, unit.id.to_string(), json(serde_json::to_string(&unit))));
        let people = FIRST_PHONES.iter().filter_map(|person| in_post(*person));
        let people = people.map(|held| item(ItemKind::Cadre, held.cadre.id.to_string(), held.to_json()));
        let forms = PaperKind::ALL.into_iter().map(|kind| {
            let form = form_of(kind);
            item(ItemKind::Form, form.code.clone(), form.to_json())
        });
        let moment = server.moment(now_ms);
        let (cycle, rules) = (cycle(), RuleSet::decree_335());
        let pinned = [
            item(ItemKind::RuleSet, format!("{} {}", rules.code, rules.version), json(serde_json::to_string(&rules))),
            item(ItemKind::Cycle, cycle.id.to_string(), json(serde_json::to_string(&cycle))),
        ];
        let items: Vec<DirectoryItem> = units.into_iter().chain(people).chain(forms).chain(pinned).collect();
        server.office().publish(&items, moment).expect("items can be published");
        let mut office = Self { appointed: Vec::new(), history: Vec::new() };
        office.publish(server, appointed, now_ms);
        office
    }

    /// Says anew who is appointed to what.
    pub fn publish(&mut self, server: &mut SimulatedServer, appointed: Vec<Appointment>, now_ms: i64) {
        let item = |held: &Appointment| DirectoryItem {
            kind: ItemKind::Appointment,
            code: format!("{:?} {} {}", held.role, held.person, held.unit),
            body: held.to_json(),
        };
        let items: Vec<DirectoryItem> = appointed.iter().map(item).collect();
        let moment = server.moment(now_ms);
        server.office().publish(&items, moment).expect("items can be published");
        self.appointed.clone_from(&appointed);
        self.history.push(Version { clock_ms: (now_ms, now_ms), appointed });
    }

    /// The server's clock goes on, or back.
    pub fn note_clock(&mut self, now_ms: i64) {
        let present = self.history.last_mut().expect("the office said something first");
        present.clock_ms = (present.clock_ms.0.min(now_ms), present.clock_ms.1.max(now_ms));
    }
}

fn first_appointments() -> Vec<Appointment> {
    let from = Day::parse("2026-01-01").expect("a day of the calendar");
    let held = |person, role, unit| Appointment { person, role, unit, over: None, from, to: None };
    vec![
        held(HOA, Role::Head, OFFICE),
        held(CHAIR, Role::Head, COMMUNE),
        held(PERSONNEL[0], Role::PersonnelOffice, COMMUNE),
        held(FRONT, Role::FrontHead, COMMUNE),
        held(SECRETARIES[0], Role::Secretary, COMMUNE),
        held(SECRETARIES[1], Role::Secretary, COMMUNE),
        held(PARTY, Role::PartyCommittee, COMMUNE),
        held(AUTHORITY, Role::Authority, COMMUNE),
        held(FORMER, Role::FormerHead, COMMUNE),
    ]
}

fn cycle() -> EvaluationCycle {
    let (rules, day) = (RuleSet::decree_335(), |text| Day::parse(text).expect("a day of the calendar"));
    EvaluationCycle {
        id: CYCLE,
        title: "Đánh giá, xếp loại chất lượng năm 2026".into(),
        period: Period::Year { year: 2026 },
        rule_set_code: rules.code,
        rule_set_version: rules.version,
        form: form_of(PaperKind::SelfAssessment).pin(),
        opens: day("2026-11-15"),
        closes: day("2026-12-10"),
        scope: CycleScope::default(),
    }
}

fn units() -> [OrganisationUnit; 2] {
    let unit = |id, name: &str, parent| OrganisationUnit {
        id,
        scheme: "two_tiers".into(),
        level: if parent == Some(COMMUNE) { "residential_area" } else { "commune" }.into(),
        kind: UnitKind::Administrative,
        name_vi: name.into(),
        parent,
        predecessors: Vec::new(),
        valid_from: Day::parse("2025-07-01").expect("a day of the calendar"),
        valid_to: None,
    };
    [unit(COMMUNE, "Xã", None), unit(OFFICE, "Văn phòng", Some(COMMUNE))]
}

fn in_post(person: PersonId) -> Option<CadreInPost> {
    let assignment = Assignment {
        person,
        unit: works_in(person)?,
        title: "Chuyên viên".into(),
        staff_class: StaffClass::CivilServant,
        is_leader: false,
        duty_group: "Chuyên môn".into(),
    };
    Some(CadreInPost {
        cadre: Cadre {
            id: person,
            full_name: format!("Người {}", person.as_bytes()[0]),
            residence: ResidenceMode::Annual,
        },
        assignment,
    })
}

fn json(said: serde_json::Result<String>) -> String {
    said.expect("a trade type can be written as JSON")
}

/// The case of somebody.
pub fn case_of(server: &PublicKey, person: PersonId) -> Paper {
    let space = case_space(server, CYCLE, person);
    Paper { space, document: DocumentKind::Case.document_about(space, &subject(CYCLE, person)) }
}

/// The day in Vietnam at a moment.
pub fn day_of(now_ms: i64) -> Day {
    Timestamp::from_utc_ms(now_ms).vietnamese_day()
}
