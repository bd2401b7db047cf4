//! A small commune made from a seed: units of the two tiers since 1 July 2025, cadres in posts, one cycle under Nghị
//! định 335/2025. For the demo and the tests; nobody and no place in it is real.

mod filled;
mod names;
mod prose;
pub mod served;

pub use filled::{FilledForm, filled};
use model::cadre::{Assignment, Cadre, CadreInPost, ResidenceMode, StaffClass};
use model::cycle::{CycleScope, EvaluationCycle};
use model::directory::{DirectoryItem, ItemKind};
use model::form::built_in::civil_servant_self_assessment;
use model::identity::{CycleId, PersonId, UnitId, derive_bytes};
use model::period::Period;
use model::rating::Rating;
use model::rule_set::RuleSet;
use model::self_assessment::Heading;
use model::time::Day;
use model::unit::{OrganisationUnit, UnitKind};
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// A cadre and how well their year went.
#[derive(Clone, Debug)]
pub struct Member {
    /// Who, in which post.
    pub held: CadreInPost,
    /// The level that the points of [`filled`] come to.
    pub quality: Rating,
}

/// The commune. Fields may be changed before [`Commune::items`].
#[derive(Clone, Debug)]
pub struct Commune {
    /// The seed it was made from.
    pub seed: u64,
    /// The commune first, then the units below it.
    pub units: Vec<OrganisationUnit>,
    /// Every cadre, unit by unit, the head of a unit first.
    pub members: Vec<Member>,
    /// The year's cycle, 15/11/2026 to 10/12/2026.
    pub cycle: EvaluationCycle,
}

/// What the units are called.
const UNIT_NAMES: [&str; 3] =
    ["Văn phòng Hội đồng nhân dân và Ủy ban nhân dân", "Phòng Kinh tế", "Phòng Văn hóa, Xã hội"];

/// How the years of eight people went. First unit: one excellent to five good, exactly the quota. Second: two to five,
/// one too many. Third: nobody excellent, one not completed.
const QUALITIES: [[Rating; 8]; 3] = {
    use Rating::{Completed, Excellent, Good, NotCompleted};
    [
        [Excellent, Good, Good, Completed, Good, Good, Completed, Good],
        [Excellent, Good, Excellent, Good, Good, Completed, Good, Good],
        [Good, Good, Good, Completed, Good, Good, NotCompleted, Good],
    ]
};

impl Commune {
    /// Three units of eight cadres each.
    pub fn generate(seed: u64) -> Self {
        Self::of_units(seed, &QUALITIES.map(|qualities| qualities.to_vec()))
    }

    /// One unit per list, one cadre per level in it; the first two of a unit lead it.
    pub fn of_units(seed: u64, qualities: &[Vec<Rating>]) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let commune = unit(seed, "Xã Bến Sậy", UnitKind::Administrative, None);
        let names = (0..qualities.len()).map(|at| match UNIT_NAMES.get(at) {
            Some(name) => (*name).to_owned(),
            None => format!("Trung tâm số {}", at + 1),
        });
        let below: Vec<_> = names.map(|name| unit(seed, &name, UnitKind::Agency, Some(commune.id))).collect();
        let people = qualities.iter().map(Vec::len).sum();
        let mut full_names = names::full_names(&mut random, people).into_iter();
        let mut members = Vec::new();
        for (unit, qualities) in below.iter().zip(qualities) {
            for (place, quality) in qualities.iter().enumerate() {
                let full_name = full_names.next().expect("as many names as people");
                let held = in_post(seed, full_name, unit, (members.len(), place));
                members.push(Member { held, quality: *quality });
            }
        }
        let units = std::iter::once(commune).chain(below).collect();
        Self { seed, units, members, cycle: cycle() }
    }

    /// What the office publishes: units, cadres, rule set, form, cycle.
    pub fn items(&self) -> Vec<DirectoryItem> {
        let (rules, form) = (RuleSet::decree_335(), civil_servant_self_assessment());
        let item = |kind, code: String, body: String| DirectoryItem { kind, code, body };
        let json = "a trade type can be written as JSON";
        let units = self
            .units
            .iter()
            .map(|unit| item(ItemKind::Unit, unit.id.to_string(), serde_json::to_string(unit).expect(json)));
        let cadres = self
            .members
            .iter()
            .map(|member| item(ItemKind::Cadre, member.held.cadre.id.to_string(), member.held.to_json()));
        // A version is a code of its own, so that a new one never takes the old one from a cycle that pins it.
        let fixed = [
            item(
                ItemKind::RuleSet,
                format!("{} {}", rules.code, rules.version),
                serde_json::to_string(&rules).expect(json),
            ),
            item(ItemKind::Form, format!("{} {}", form.code, form.version), form.to_json()),
            item(ItemKind::Cycle, self.cycle.id.to_string(), serde_json::to_string(&self.cycle).expect(json)),
        ];
        units.chain(cadres).chain(fixed).collect()
    }
}

/// What the self-assessment of a person in the year's cycle is begun with.
pub fn heading(person: PersonId, is_leader: bool) -> Heading {
    Heading { cycle: cycle().id, person, form: cycle().form, is_leader }
}

fn cycle() -> EvaluationCycle {
    let rules = RuleSet::decree_335();
    EvaluationCycle {
        id: CycleId::from_bytes(derive_bytes("cycle of the demo", &[b"2026"])),
        title: "Đánh giá, xếp loại chất lượng công chức năm 2026".into(),
        period: Period::Year { year: 2026 },
        rule_set_code: rules.code,
        rule_set_version: rules.version,
        form: civil_servant_self_assessment().pin(),
        opens: day("2026-11-15"),
        closes: day("2026-12-10"),
        scope: CycleScope::default(),
    }
}

fn unit(seed: u64, name: &str, kind: UnitKind, parent: Option<UnitId>) -> OrganisationUnit {
    OrganisationUnit {
        id: UnitId::from_bytes(derive_bytes("unit of the demo", &[&seed.to_be_bytes(), name.as_bytes()])),
        scheme: "two_tiers".into(),
        // The schemes have no level for an office of the commune; it stands beside the villages, with its own kind.
        level: if parent.is_some() { "residential_area" } else { "commune" }.into(),
        kind,
        name_vi: name.into(),
        parent,
        predecessors: Vec::new(),
        valid_from: day("2025-07-01"),
        valid_to: None,
    }
}

fn in_post(seed: u64, full_name: String, unit: &OrganisationUnit, (number, place): (usize, usize)) -> CadreInPost {
    let (seed, number) = (seed.to_be_bytes(), (number as u64).to_be_bytes());
    let id = PersonId::from_bytes(derive_bytes("person of the demo", &[&seed, &number]));
    let is_office = unit.name_vi == UNIT_NAMES[0];
    let (title, duty_group) = match (place, is_office) {
        (0, true) => ("Chánh Văn phòng", LEADING),
        (0, false) => ("Trưởng phòng", LEADING),
        (1, true) => ("Phó Chánh Văn phòng", LEADING),
        (1, false) => ("Phó Trưởng phòng", LEADING),
        (5, true) => ("Văn thư, lưu trữ", SERVING),
        (6, true) => ("Kế toán", SERVING),
        (7, _) => ("Chuyên viên trực bộ phận một cửa", SERVING),
        _ => ("Chuyên viên", EXPERT),
    };
    let assignment = Assignment {
        person: id,
        unit: unit.id,
        title: title.into(),
        staff_class: StaffClass::CivilServant,
        is_leader: duty_group == LEADING,
        duty_group: duty_group.into(),
    };
    CadreInPost { cadre: Cadre { id, full_name, residence: ResidenceMode::Annual }, assignment }
}

const LEADING: &str = "Lãnh đạo, quản lý";
const EXPERT: &str = "Chuyên môn, nghiệp vụ";
const SERVING: &str = "Hành chính, phục vụ";

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day of the calendar")
}

#[cfg(test)]
mod tests;
