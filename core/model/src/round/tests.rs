use super::area::Area;
use super::holder::HolderRefused;
use super::template::{OpinionKind, OpinionQuestion};
use super::*;
use crate::cadre::{Assignment, Cadre, CadreInPost, ResidenceMode, StaffClass};
use crate::unit::scheme::HierarchyScheme;
use crate::unit::tree::UnitTree;
use crate::unit::{OrganisationUnit, UnitKind};

const COMMUNE: UnitId = UnitId::from_bytes([8; 16]);
const AREA: UnitId = UnitId::from_bytes([10; 16]);
const STRANGER: PersonId = PersonId::from_bytes([99; 16]);

fn unit(id: UnitId, level: &str, parent: Option<UnitId>) -> OrganisationUnit {
    OrganisationUnit {
        id,
        scheme: "two_tiers".into(),
        level: level.into(),
        kind: UnitKind::Administrative,
        name_vi: level.into(),
        parent,
        predecessors: Vec::new(),
        valid_from: Day::parse("2025-07-01").unwrap(),
        valid_to: None,
    }
}

fn tree() -> UnitTree {
    let units = vec![unit(COMMUNE, "commune", None), unit(AREA, "residential_area", Some(COMMUNE))];
    UnitTree::build(&HierarchyScheme::shipped(), units).unwrap()
}

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn post(number: u8, unit: UnitId, is_leader: bool) -> CadreInPost {
    CadreInPost {
        cadre: Cadre { id: person(number), full_name: format!("Người {number}"), residence: ResidenceMode::Annual },
        assignment: Assignment {
            person: person(number),
            unit,
            title: "Chức vụ".into(),
            staff_class: StaffClass::CivilServant,
            is_leader,
            duty_group: "Nhóm".into(),
        },
    }
}

/// Whether a round may be announced with this person as its second holder.
fn with_holder(round: &RoundDefinition, number: u8) -> Result<(), RoundRefused> {
    let mut round = round.clone();
    round.holders[1].person = Some(person(number));
    let units = tree();
    // 1 leads the residential area, 20 works there, 21 leads the commune, 22 works beside the leader of the commune.
    let posts = [post(1, AREA, true), post(20, AREA, false), post(21, COMMUNE, true), post(22, COMMUNE, false)];
    let around = Surroundings { units: &units, posts: &posts, operators: &[person(30)], office: &[person(31)] };
    round.check(&around)
}

fn check(round: &RoundDefinition) -> Result<(), RoundRefused> {
    with_holder(round, 98)
}

#[test]
fn rounds_about_people_and_about_a_unit_may_be_announced() {
    assert_eq!(check(&samples::confidence()), Ok(()));
    assert_eq!(check(&samples::satisfaction()), Ok(()));
}

/// A32.
#[test]
fn no_party_to_a_round_holds_a_share_of_its_key() {
    let refused = |refused| Err(RoundRefused::Holder { number: 2, refused });
    let about_people = samples::confidence();
    for (number, expected) in [
        (1, refused(HolderRefused::IsSubject)),
        (2, refused(HolderRefused::IsSubject)),
        (20, refused(HolderRefused::IsSubordinate)),
        (21, refused(HolderRefused::IsSuperior)),
        (22, Ok(())),
        (30, refused(HolderRefused::IsOperator)),
        (31, Ok(())),
    ] {
        assert_eq!(with_holder(&about_people, number), expected, "person {number}");
    }
    let about_a_unit = samples::satisfaction();
    for number in [20, 21, 22] {
        assert_eq!(with_holder(&about_a_unit, number), refused(HolderRefused::IsRated), "person {number}");
    }
}

/// A32.
#[test]
fn the_three_holders_are_three_people_of_whom_one_may_be_from_the_office() {
    let units = tree();
    let office = [person(31), person(32)];
    let around = Surroundings { units: &units, posts: &[], operators: &[], office: &office };
    let refused = |number, refused| Err(RoundRefused::Holder { number, refused });
    let mut round = samples::confidence();
    (round.holders[0].person, round.holders[2].person) = (Some(person(31)), Some(person(32)));
    assert_eq!(round.check(&around), refused(3, HolderRefused::TwoFromOffice));
    round.holders[2].person = Some(person(31));
    assert_eq!(round.check(&around), refused(3, HolderRefused::Twice));
    let mut round = samples::confidence();
    round.holders[1].key = round.holders[0].key;
    assert_eq!(round.check(&around), refused(2, HolderRefused::Twice));
}

type Change = Box<dyn Fn(&mut RoundDefinition)>;

/// A3: every field counts, each changed in turn.
#[test]
fn whoever_changes_anything_changes_the_fingerprint() {
    let round = samples::confidence();
    let other = Day::parse("2026-12-20").unwrap();
    let changes: Vec<(&str, Change)> = vec![
        ("id", Box::new(|round| round.id = RoundId::from_bytes([6; 16]))),
        ("title", Box::new(|round| round.title.push('!'))),
        ("organiser", Box::new(|round| round.organiser = COMMUNE)),
        ("subject", Box::new(|round| round.about = About::Unit(COMMUNE))),
        ("question", Box::new(|round| round.template.questions[0].label.push('?'))),
        ("template version", Box::new(|round| round.template.version += 1)),
        ("electorate", Box::new(|round| round.electorate.push('.'))),
        ("area size", Box::new(|round| round.areas[0].eligible -= 1)),
        ("area name", Box::new(|round| round.areas[1].name.push('a'))),
        ("slips", Box::new(|round| round.areas[1].slips += 1)),
        ("slices", Box::new(|round| round.shows_areas = false)),
        ("opens", Box::new(move |round| round.opens = other)),
        ("closes", Box::new(move |round| round.closes = other)),
        ("grace", Box::new(move |round| round.grace = other)),
        ("k", Box::new(|round| round.group_min -= 1)),
        ("p", Box::new(|round| round.side_min += 1)),
        ("standing", Box::new(|round| round.standing = Standing::Legal { reference: "Luật".into() })),
        ("holder name", Box::new(|round| round.holders[0].name.push('h'))),
        ("holder body", Box::new(|round| round.holders[1].body.push('h'))),
        ("holder person", Box::new(|round| round.holders[1].person = Some(STRANGER))),
        ("holder key", Box::new(|round| round.holders[2].key = round.holders[0].key)),
        ("key", Box::new(|round| round.key = SealingKey::from_bytes([9; 32]))),
        ("slip book", Box::new(|round| round.slip_book = ContentHash::from_bytes([9; 32]))),
        ("denominator", Box::new(|round| round.denominator = Denominator::Collected)),
        ("admission", Box::new(|round| round.admission = ContentHash::from_bytes([9; 32]))),
    ];
    let fingerprint = round.fingerprint();
    for (name, change) in changes {
        let mut changed = round.clone();
        change(&mut changed);
        assert_ne!(changed.fingerprint(), fingerprint, "{name}");
    }
    assert_eq!(round.clone().fingerprint(), fingerprint);
}

#[test]
fn only_what_three_holders_signed_is_read() {
    let signed = samples::signed(samples::confidence());
    assert_eq!(SignedRound::read(&signed.to_bytes()), Ok(signed.clone()));
    let mut changed = signed.clone();
    changed.definition.group_min = 5;
    assert_eq!(SignedRound::read(&changed.to_bytes()), Err(NotSigned));
    for index in 0..HOLDERS {
        let mut lacking = signed.clone();
        lacking.signatures[index] = signed.signatures[(index + 1) % HOLDERS];
        assert_eq!(SignedRound::read(&lacking.to_bytes()), Err(NotSigned));
    }
    let longer = [&signed.to_bytes()[..], &[0]].concat();
    assert_eq!(SignedRound::read(&longer), Err(NotSigned), "one way of being written");
    assert_eq!(SignedRound::read(&[0x80]), Err(NotSigned));
}

#[test]
fn thresholds_go_up_and_never_below_five() {
    for (group_min, side_min, is_allowed) in
        [(10, 5, true), (50, 5, true), (5, 5, true), (4, 4, false), (10, 4, false), (51, 5, false), (10, 11, false)]
    {
        let mut round = samples::confidence();
        (round.group_min, round.side_min) = (group_min, side_min);
        round.areas = vec![Area::new(AreaNumber(1), "Phường".into(), 400)];
        assert_eq!(check(&round).is_ok(), is_allowed, "k {group_min}, p {side_min}");
    }
}

#[test]
fn questions_about_people_need_people() {
    let mut round = samples::confidence();
    round.about = About::Unit(COMMUNE);
    assert_eq!(check(&round), Err(RoundRefused::Subjects));
    let mut round = samples::satisfaction();
    round.about = samples::confidence().about;
    assert_eq!(check(&round), Err(RoundRefused::Subjects));
    let mut round = samples::confidence();
    let About::People(subjects) = &mut round.about else { unreachable!() };
    subjects[1].person = subjects[0].person;
    assert_eq!(check(&round), Err(RoundRefused::Subjects));
}

#[test]
fn a_ballot_has_room_for_so_much_and_no_more() {
    let mut round = samples::satisfaction();
    let texts = |chars_max| OpinionKind::Text { chars_max };
    for index in 0..2_000_u16 {
        let question =
            OpinionQuestion { kind: texts(2_000), key: format!("more_{index}"), ..round.template.questions[8].clone() };
        round.template.questions.push(question);
        let given = round.ballot_bytes();
        if given > BALLOT_BYTES_MAX {
            assert_eq!(check(&round), Err(RoundRefused::BallotTooLarge { given, limit: BALLOT_BYTES_MAX }));
            assert_eq!(index, 2, "9 bytes, 8 choices, 2 texts of 500 and the third of 2,000 characters");
            return;
        }
        assert_eq!(check(&round), Ok(()));
    }
}

#[test]
fn days_follow_each_other() {
    let mut round = samples::confidence();
    round.closes = round.opens.plus_days(-1).unwrap();
    assert_eq!(check(&round), Err(RoundRefused::Days));
    let mut round = samples::confidence();
    round.grace = round.closes.plus_days(400).unwrap();
    assert_eq!(check(&round), Err(RoundRefused::Days));
}
