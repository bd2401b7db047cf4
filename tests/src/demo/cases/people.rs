//! Who has a part in the cases of the story, each with a phone, and the three laws under which they are held.

use std::path::Path;

use model::appointment::Appointment;
use model::case::CaseState;
use model::case::paper::PaperKind;
use model::cycle::{CycleScope, EvaluationCycle};
use model::directory::{DirectoryItem, ItemKind};
use model::form::FormTemplate;
use model::form::built_in;
use model::identity::{CycleId, DocumentId, PersonId};
use model::membership::Role;
use model::period::{Period, Quarter};
use model::rule_set::RuleSet;
use model::time::{Day, Timestamp};
use server::machine;

use super::filling::fill;
use crate::commune::Commune;
use crate::demo::office::Office;
use crate::demo::pocket::Pocket;
use crate::demo::{Told, failed};

const SEED: u64 = 366;

/// A law with its cycle, and the cadre of the first unit whose case is told.
pub struct Law {
    /// As people call it.
    pub name: &'static str,
    /// The title of its cycle.
    pub title: &'static str,
    /// Whether it is about leading posts alone.
    pub is_for_leaders: bool,
    /// The cadre's place in the commune.
    pub place: usize,
    rules: fn() -> RuleSet,
    form: fn() -> FormTemplate,
    period: Period,
}

/// The three laws.
pub const LAWS: [Law; 3] = [
    Law {
        name: "Nghị định 335/2025",
        title: "Đánh giá công chức năm 2026",
        is_for_leaders: false,
        place: 3,
        rules: RuleSet::decree_335,
        form: built_in::civil_servant_self_assessment,
        period: Period::Year { year: 2026 },
    },
    Law {
        name: "Quy định 366",
        title: "Đánh giá lãnh đạo quý IV năm 2026",
        is_for_leaders: true,
        place: 1,
        rules: RuleSet::regulation_366,
        form: built_in::regulation_366_self_assessment,
        period: Period::Quarter { year: 2026, quarter: Quarter::Fourth },
    },
    Law {
        name: "Nghị định 90/2020",
        title: "Đánh giá viên chức năm 2026",
        is_for_leaders: false,
        place: 6,
        rules: RuleSet::decree_90,
        form: built_in::public_employee_self_assessment_90,
        period: Period::Year { year: 2026 },
    },
];

/// Who holds which role over the cadres of the first unit, as places in the commune.
const CAST: [(Role, usize); 7] = [
    (Role::Head, 0),
    (Role::PersonnelOffice, 8),
    (Role::PartyCommittee, 9),
    (Role::FrontHead, 10),
    (Role::Secretary, 4),
    (Role::Authority, 16),
    (Role::Supervisor, 11),
];

/// A colleague of the first unit without any role.
const COLLEAGUE: usize = 7;

impl Law {
    /// Its cycle, the same in every run.
    pub fn cycle(&self) -> CycleId {
        CycleId::from_bytes([self.place as u8; 16])
    }

    fn items(&self, today: Day) -> [DirectoryItem; 3] {
        let (rules, form) = ((self.rules)(), (self.form)());
        let cycle = EvaluationCycle {
            id: self.cycle(),
            title: self.title.to_owned(),
            period: self.period,
            rule_set_code: rules.code.clone(),
            rule_set_version: rules.version,
            form: form.pin(),
            opens: today,
            closes: today.plus_days(30).unwrap_or(today),
            scope: CycleScope { leading: self.is_for_leaders.then_some(true), ..CycleScope::default() },
        };
        let json = "a trade type can be written as JSON";
        let item = |kind, code, body| DirectoryItem { kind, code, body };
        [
            item(
                ItemKind::RuleSet,
                format!("{} {}", rules.code, rules.version),
                serde_json::to_string(&rules).expect(json),
            ),
            item(ItemKind::Form, format!("{} {}", form.code, form.version), form.to_json()),
            item(ItemKind::Cycle, cycle.id.to_string(), serde_json::to_string(&cycle).expect(json)),
        ]
    }
}

/// Everybody with their phones.
pub struct Sitting {
    commune: Commune,
    pockets: Vec<(usize, Pocket)>,
}

impl Sitting {
    /// An office that published three cycles and appointed everybody, and their phones.
    pub fn open(folder: &Path) -> Told<(Office, Self)> {
        let commune = Commune::generate(SEED);
        let office = Office::open(&folder.join("server"), &commune)?;
        let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
        office.publish(LAWS.iter().flat_map(|law| law.items(today)).collect())?;
        let forms = built_in::all().into_iter().map(|form| DirectoryItem {
            kind: ItemKind::Form,
            code: format!("{} {}", form.code, form.version),
            body: form.to_json(),
        });
        office.publish(forms.collect())?;
        office.publish(CAST.iter().map(|(role, place)| appointment(&commune, *role, *place)).collect())?;
        let mut places: Vec<usize> = CAST.iter().map(|(_, place)| *place).collect();
        places.extend(LAWS.iter().map(|law| law.place));
        places.push(COLLEAGUE);
        let mut pockets = Vec::new();
        for place in places {
            let held = &commune.members[place].held.cadre;
            let pocket = Pocket::open(&folder.join(place.to_string()), &held.full_name)?;
            let words = pocket.enrol(&office.code_for(held.id, office.address)?)?;
            office.approve(&words)?;
            pocket.join()?;
            pockets.push((place, pocket));
        }
        Ok((office, Self { commune, pockets }))
    }

    /// How many phones there are.
    pub fn phones(&self) -> usize {
        self.pockets.len()
    }

    /// Whose case is told under a law.
    pub fn subject(&self, law: &Law) -> PersonId {
        self.commune.members[law.place].held.cadre.id
    }

    /// Their full name.
    pub fn name_of(&self, law: &Law) -> String {
        self.commune.members[law.place].held.cadre.full_name.clone()
    }

    /// The cadre's phone.
    pub fn cadre(&self, law: &Law) -> Told<&Pocket> {
        self.at(law.place)
    }

    /// A phone of the unit without any role.
    pub fn colleague(&self) -> &Pocket {
        self.at(COLLEAGUE).expect("the colleague came in with the others")
    }

    /// The phone of whoever holds a role; the subject is that of the first law, who appeals.
    pub fn pocket(&self, role: Role) -> Told<&Pocket> {
        let place = CAST.iter().find(|(held, _)| *held == role).map_or(LAWS[0].place, |(_, place)| *place);
        self.at(place)
    }

    fn at(&self, place: usize) -> Told<&Pocket> {
        let found = self.pockets.iter().find(|(known, _)| *known == place);
        found.map(|(_, pocket)| pocket).ok_or_else(|| "somebody has no phone".to_owned())
    }

    /// The case as somebody's phone knows it.
    pub fn case(&self, role: Role, law: &Law) -> Told<DocumentId> {
        let pocket = self.pocket(role)?;
        pocket.send()?;
        let cases = pocket.phone.cases().map_err(failed("The cases could not be read"))?;
        let of_law = cases.into_iter().find(|item| item.cycle == law.cycle());
        of_law.map(|item| item.case).ok_or_else(|| "The case did not begin.".to_owned())
    }

    /// Begins a paper about somebody, with what the office says today.
    pub fn begin(&self, role: Role, kind: PaperKind, (cycle, person): (CycleId, PersonId)) -> Told<DocumentId> {
        let pocket = self.pocket(role)?;
        pocket.send()?;
        pocket.phone.begin_paper(kind, cycle, person).map_err(failed("The paper could not be begun"))
    }

    /// Writes a paper, signs and sends it.
    pub fn signs(&self, role: Role, kind: PaperKind, about: (CycleId, PersonId), said: &[(&str, &str)]) -> Told<()> {
        let paper = self.begin(role, kind, about)?;
        let pocket = self.pocket(role)?;
        fill(pocket, paper, said)?;
        let signed = pocket.phone.submit(paper);
        signed.map_err(|refused| format!("{} could not be signed: {refused:?}", kind.label_en()))?;
        pocket.send().map(|_| ())
    }

    /// Takes a step of a case and sends it.
    pub fn steps(&self, role: Role, case: DocumentId, to: CaseState) -> Told<()> {
        self.takes(role, case, (to, None))
    }

    /// The same with a reason.
    pub fn explains(&self, role: Role, case: DocumentId, (to, reason): (CaseState, &str)) -> Told<()> {
        self.takes(role, case, (to, Some(reason.to_owned())))
    }

    fn takes(&self, role: Role, case: DocumentId, (to, reason): (CaseState, Option<String>)) -> Told<()> {
        let pocket = self.pocket(role)?;
        pocket.send()?;
        let taken = pocket.phone.take_step(case, to, reason);
        taken.map_err(|refused| format!("The step to {} was not taken: {refused:?}", to.label_en()))?;
        pocket.send()?;
        let cases = pocket.phone.cases().map_err(failed("The cases could not be read"))?;
        let is_there = cases.iter().any(|item| item.case == case && item.state == to);
        if is_there { Ok(()) } else { Err(format!("The case is not {}.", to.label_en())) }
    }

    /// These phones send and receive until all know the same.
    pub fn meet(&self, roles: &[Role]) -> Told<()> {
        for role in roles.iter().chain(roles) {
            self.pocket(*role)?.send()?;
        }
        Ok(())
    }
}

fn appointment(commune: &Commune, role: Role, place: usize) -> DirectoryItem {
    let unit = commune.units[usize::from(role == Role::Head)].id;
    let person = commune.members[place].held.cadre.id;
    let from = Day::parse("2026-01-01").expect("a day of the calendar");
    let held = Appointment { person, role, unit, over: None, from, to: None };
    DirectoryItem { kind: ItemKind::Appointment, code: format!("{role:?} {person}"), body: held.to_json() }
}
