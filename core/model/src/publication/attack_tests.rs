//! What somebody can work out who has everything that was ever published, knows the rules, and answered themselves.

use std::collections::{BTreeMap, HashMap};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::slices::{AreaCells, Slices, Thresholds};
use super::*;
use crate::round::area::Area;
use crate::round::samples;
use crate::tally::{Answers, AreaTally};

const USUAL: Thresholds = Thresholds { group_min: 10, side_min: 5 };

/// Respondents who put their own answers together.
const COLLUDERS_MAX: u32 = 4;

/// A commune: per area how many answered for, rest, outside or blank, and how many slips were drawn.
#[derive(Clone, Debug)]
struct Commune(Vec<[u32; 4]>);

impl Commune {
    /// Areas of unequal size and leaning, some nearly unanimous, some hardly visited.
    fn drawn(random: &mut ChaCha8Rng) -> Self {
        let lean = random.random_range(0..=100);
        let area = |random: &mut ChaCha8Rng| {
            let back_most = [12, 30, 60, 120][random.random_range(0..4_usize)];
            let back = random.random_range(0..=back_most);
            let outside = if random.random_bool(0.5) { 0 } else { random.random_range(0..=back / 4) };
            let lean = if random.random_bool(0.3) { [0, 3, 97, 100][random.random_range(0..4_usize)] } else { lean };
            let in_favour = (0..back - outside).filter(|_| random.random_range(0..100) < lean).count() as u32;
            [in_favour, back - outside - in_favour, outside, back + random.random_range(0..=20)]
        };
        Self((0..random.random_range(1..=8)).map(|_| area(random)).collect())
    }

    /// One question with two options and "don't know".
    fn published(&self) -> PublishedTally {
        self.carried_by(2)
    }

    /// The same, where so many phones each issued enough slips in every area.
    fn carried_by(&self, carriers: u32) -> PublishedTally {
        let mut round = samples::satisfaction();
        round.template = crate::round::built_in::satisfaction_new_countryside();
        round.template.questions.truncate(1);
        let mut tally = Tally { kinds: EnvelopeKinds::default(), areas: BTreeMap::new() };
        let mut issued = Issued::default();
        round.areas.clear();
        for (index, [in_favour, rest, outside, drawn]) in self.0.iter().enumerate() {
            let number = AreaNumber(index as u16 + 1);
            round.areas.push(Area::new(number, format!("Tổ {}", number.0), 200));
            let valid = in_favour + rest + outside;
            let kinds = EnvelopeKinds { valid, ..EnvelopeKinds::default() };
            let answers = vec![Answers { options: vec![*in_favour, *rest, *outside], blank: 0 }];
            tally.areas.insert(number, AreaTally { kinds, answers });
            tally.kinds.valid += valid;
            issued.slips.insert(number, *drawn);
            issued.carriers.insert(number, carriers);
        }
        publishable(&round, &tally, &issued)
    }
}

/// The smallest and the largest number that a hidden count can have by all that is known.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    least: u32,
    most: u32,
}

/// What is known of the hidden areas of one table of two columns.
struct Known<'a> {
    hidden: &'a [AreaNumber],
    /// Sums of both columns over the hidden areas.
    left: [u32; 2],
    /// What both columns of an area sum up to.
    sums: Vec<Bounds>,
    /// Whether no area is shown: then nothing is known but the total, less what somebody knows themselves.
    is_all: bool,
    /// What somebody knows themselves, of the area with this index.
    own: (usize, [u32; 2]),
}

impl Known<'_> {
    /// Exact: any split of the sums between the other areas can be.
    fn bounds(&self) -> Vec<[Bounds; 2]> {
        let of_area = |(index, sum): (usize, &Bounds)| {
            let (here, elsewhere) = if index == self.own.0 { (self.own.1, [0, 0]) } else { ([0, 0], self.own.1) };
            [0, 1].map(|side| {
                let other = 1 - side;
                let least = sum.least.saturating_sub(self.left[other] - elsewhere[other]).max(here[side]);
                Bounds { least, most: (self.left[side] - elsewhere[side]).min(sum.most - here[other]) }
            })
        };
        self.sums.iter().enumerate().map(of_area).collect()
    }
}

fn left_of(whole: [u32; 2], slices: &Slices) -> [u32; 2] {
    [0, 1].map(|side| whole[side] - slices.shown.iter().map(|area| area.cells[side]).sum::<u32>())
}

/// Answers of the one question, by somebody who knows `own` answers in one hidden area.
fn answers_known(published: &PublishedTally, own: (usize, [u32; 2])) -> Option<Known<'_>> {
    let question = &published.questions[0];
    let hidden = &question.areas.hidden[..];
    let whole = [sum_of(question, 0)?, sum_of(question, 1)?];
    // Who came back and took neither side: in all, and in the areas that are shown.
    let back = |area: &AreaNumber| published.participation.shown.iter().find(|shown| shown.area == *area);
    let back_of = |area: &AreaCells| back(&area.area).map_or(0, |shown| shown.cells[0]);
    let neither_shown: u32 =
        question.areas.shown.iter().map(|area| back_of(area) - area.cells[0] - area.cells[1]).sum();
    let neither = published.kinds.collected() - whole[0] - whole[1] - neither_shown;
    let back_hidden =
        published.kinds.collected() - published.participation.shown.iter().map(|area| area.cells[0]).sum::<u32>();
    let sum = |index: usize| {
        let known = if index == own.0 { own.1[0] + own.1[1] } else { 0 };
        match back(&hidden[index]) {
            Some(shown) => Bounds { least: shown.cells[0].saturating_sub(neither).max(known), most: shown.cells[0] },
            None => {
                let is_beside = own.0 != index && back(&hidden[own.0]).is_none();
                Bounds { least: known, most: back_hidden - if is_beside { own.1[0] + own.1[1] } else { 0 } }
            }
        }
    };
    let sums = (0..hidden.len()).map(sum).collect();
    let is_all = question.areas.shown.is_empty();
    Some(Known { hidden, left: left_of(whole, &question.areas), sums, is_all, own })
}

/// Participation, by somebody who knows how many slips each area drew.
fn participation_known<'a>(commune: &Commune, published: &'a PublishedTally, own: (usize, [u32; 2])) -> Known<'a> {
    let hidden = &published.participation.hidden[..];
    let drawn = |area: &AreaNumber| commune.0[usize::from(area.0) - 1][3];
    let back = published.kinds.collected();
    let whole = [back, published.issued - back];
    let sums = hidden.iter().map(|area| Bounds { least: drawn(area), most: drawn(area) }).collect();
    let is_all = published.participation.shown.is_empty();
    Known { hidden, left: left_of(whole, &published.participation), sums, is_all, own }
}

/// The sum of one side, if the total keeps both sides apart.
fn sum_of(question: &PublishedQuestion, side: usize) -> Option<u32> {
    let cells = &question.total;
    let is_of = |cell: &&Cell| cell.options == [side as u8];
    cells.iter().find(is_of).map(|cell| cell.count)
}

/// A40-A42, A44: 200,000 communes, up to four respondents of one hidden area who put their answers together.
#[test]
fn no_hidden_count_can_be_worked_out_and_no_unanimity_learnt() {
    let mut random = ChaCha8Rng::seed_from_u64(1);
    let (mut areas, mut hidden_areas) = (0, 0);
    for number in 0..200_000 {
        let commune = Commune::drawn(&mut random);
        let published = commune.published();
        areas += commune.0.len();
        hidden_areas += published.questions[0].areas.hidden.len();
        let own = own_answers(&mut random, &commune, &published.questions[0].areas.hidden, |area| [area[0], area[1]]);
        if let Some(known) = own.and_then(|own| answers_known(&published, own)) {
            check(number, &commune, &known, |area| [area[0], area[1]]);
        }
        let took_part = |area: &[u32; 4]| {
            let back = area[0] + area[1] + area[2];
            [back, area[3] - back]
        };
        let own = own_answers(&mut random, &commune, &published.participation.hidden, took_part);
        // How many slips were drawn and came back in all stands in the minutes, however few did not (A8, A37).
        let known = own.map(|own| participation_known(&commune, &published, own));
        if let Some(known) = known.filter(|known| USUAL.pass(known.left)) {
            check(number, &commune, &known, took_part);
        }
    }
    let percent = hidden_areas * 100 / areas;
    println!("{hidden_areas} of {areas} areas are hidden: {percent} %");
    assert!((5..95).contains(&percent), "the communes show nothing: {percent} %");
}

fn own_answers(
    random: &mut ChaCha8Rng,
    commune: &Commune,
    hidden: &[AreaNumber],
    cells: impl Fn(&[u32; 4]) -> [u32; 2],
) -> Option<(usize, [u32; 2])> {
    let place = random.random_range(0..hidden.len().max(1));
    let cells = cells(&commune.0[usize::from(hidden.get(place)?.0) - 1]);
    let first = random.random_range(0..=COLLUDERS_MAX).min(cells[0]);
    Some((place, [first, (COLLUDERS_MAX - first).min(cells[1])]))
}

fn check(number: u32, commune: &Commune, known: &Known<'_>, cells: impl Fn(&[u32; 4]) -> [u32; 2]) {
    for (index, bounds) in known.bounds().iter().enumerate() {
        let own = if index == known.own.0 { known.own.1 } else { [0, 0] };
        let area = &commune.0[usize::from(known.hidden[index].0) - 1];
        let truth = cells(area);
        // Where nobody else is there is nobody to hide; and what joined the hidden ones for their sake alone might have
        // been shown: only their secret counts.
        if truth == own || USUAL.pass(truth) {
            continue;
        }
        for (side, bound) in bounds.iter().enumerate() {
            let of = format!("{number}: side {side} of {:?} in {commune:?}", known.hidden[index]);
            assert!((bound.least..=bound.most).contains(&truth[side]), "the solver is wrong, {of}");
            assert!(known.is_all || bound.least < bound.most, "it is exactly {}, {of}", bound.least);
            assert!(bound.most > own[side], "nobody else took it, {of}");
        }
    }
}

/// A41: every group up to forty, every answer that up to four of it can have given.
#[test]
fn up_to_four_respondents_never_learn_that_all_others_took_one_side() {
    for opinions in 0..=40_u32 {
        for in_favour in 0..=opinions {
            let cells = [in_favour, opinions - in_favour];
            if !USUAL.pass(cells) {
                continue;
            }
            for own in 0..=COLLUDERS_MAX {
                for own_for in 0..=own.min(cells[0]) {
                    let own_rest = (own - own_for).min(cells[1]);
                    assert!(cells[0] > own_for && cells[1] > own_rest, "{cells:?} against {own_for} and {own_rest}");
                }
            }
        }
    }
}

/// A40-A42 against somebody who knows the rules too: all communes of two and three areas up to a size are sorted by what
/// is published of them; those that look alike must differ in every hidden area.
#[test]
fn communes_that_look_alike_differ_in_every_hidden_area() {
    let thresholds = Thresholds { group_min: 5, side_min: 5 };
    for (areas, most) in [(2, 13), (3, 7)] {
        let mut alike: HashMap<Vec<u32>, Vec<Vec<[u32; 2]>>> = HashMap::new();
        for commune in all_communes(areas, most) {
            alike.entry(look(&commune, thresholds)).or_default().push(commune);
        }
        for communes in alike.values() {
            for index in hidden_in(&communes[0], thresholds) {
                let differs = |side: usize| communes.iter().any(|other| other[index][side] != communes[0][index][side]);
                let is_open = |side: usize| communes.iter().any(|other| other[index][side] > 0);
                // At the largest size there is nothing larger to be taken for.
                let is_inside = communes[0].iter().flatten().all(|count| *count < most);
                assert!(!is_inside || (differs(0) && differs(1)), "{:?} stands alone in area {index}", communes[0]);
                assert!(!is_inside || (is_open(0) && is_open(1)), "{:?} is known to be unanimous", communes[0]);
            }
        }
    }
}

fn all_communes(areas: usize, most: u32) -> Vec<Vec<[u32; 2]>> {
    let side = most + 1;
    let count = (side * side).pow(areas as u32);
    let commune = |mut number: u32| {
        let mut next = || {
            let digit = number % side;
            number /= side;
            digit
        };
        (0..areas).map(|_| [next(), next()]).collect()
    };
    (0..count).map(commune).collect()
}

fn slices(commune: &[[u32; 2]], thresholds: Thresholds) -> Slices {
    let area = |(index, cells): (usize, &[u32; 2])| (AreaCells { area: AreaNumber(index as u16), cells: *cells }, true);
    Slices::of(&commune.iter().enumerate().map(area).collect::<Vec<_>>(), thresholds)
}

fn hidden_in(commune: &[[u32; 2]], thresholds: Thresholds) -> Vec<usize> {
    slices(commune, thresholds).hidden.iter().map(|area| usize::from(area.0)).collect()
}

/// Everything that is published of a commune, as numbers.
fn look(commune: &[[u32; 2]], thresholds: Thresholds) -> Vec<u32> {
    let sum = commune.iter().fold([0, 0], |sum, cells| [sum[0] + cells[0], sum[1] + cells[1]]);
    let mut look = Vec::new();
    for cell in cells::joined(&sum, &[Side::For, Side::Rest], thresholds) {
        look.extend(cell.options.iter().map(|option| u32::from(*option)));
        look.extend([900, cell.count]);
    }
    for area in slices(commune, thresholds).shown {
        look.extend([901, u32::from(area.area.0), area.cells[0], area.cells[1]]);
    }
    look
}

/// A43: a lone volunteer with planted ballots would subtract them and read the last neighbour.
#[test]
fn an_area_under_thirty_opinions_needs_two_carriers() {
    let commune = Commune(vec![[20, 9, 0, 40], [15, 14, 0, 40], [20, 10, 0, 40], [30, 20, 0, 60]]);
    let shown = |carriers| {
        let published = commune.carried_by(carriers);
        published.questions[0].areas.shown.iter().map(|area| area.area.0).collect::<Vec<_>>()
    };
    assert_eq!(shown(2), [1, 2, 3, 4]);
    assert_eq!(shown(1), [3, 4], "of thirty opinions on one carrier is enough");
    assert_eq!(shown(0), [3, 4]);
}
