//! Vietnamese names put together from lists; whoever they sound like is a coincidence.

use std::collections::BTreeSet;

use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// More frequent family names stand more often.
const FAMILY: [&str; 20] = [
    "Nguyễn", "Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng",
    "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý",
];
const MIDDLE_OF_MEN: [&str; 8] = ["Văn", "Văn", "Hữu", "Công", "Quốc", "Thành", "Đình", "Ngọc"];
const GIVEN_OF_MEN: [&str; 16] = [
    "Cường", "Hải", "Hòa", "Khánh", "Lộc", "Nghĩa", "Phong", "Sơn", "Thịnh", "Tiến", "Vinh", "Đạt", "Hiếu", "Kiên",
    "Tuấn", "Thuận",
];
const MIDDLE_OF_WOMEN: [&str; 8] = ["Thị", "Thị", "Thị Thu", "Thị Ngọc", "Thị Kim", "Thị Thanh", "Ngọc", "Thanh"];
const GIVEN_OF_WOMEN: [&str; 18] = [
    "An", "Bích", "Diệp", "Dung", "Hạnh", "Hằng", "Hiền", "Hương", "Lan", "Liên", "Mai", "Nga", "Nhung", "Oanh",
    "Thảo", "Thúy", "Trang", "Yến",
];

/// People of a place where no two are called alike; in a larger one there are namesakes, and the lists come to an end.
const DISTINCT_MAX: usize = 2_000;

/// So many full names.
pub(super) fn full_names(random: &mut ChaCha8Rng, count: usize) -> Vec<String> {
    let (mut names, mut known) = (Vec::new(), BTreeSet::new());
    while names.len() < count {
        let name = full_name(random);
        if known.insert(name.clone()) || count > DISTINCT_MAX {
            names.push(name);
        }
    }
    names
}

fn full_name(random: &mut ChaCha8Rng) -> String {
    let (middle, given) = match random.random_bool(0.5) {
        true => (&MIDDLE_OF_MEN[..], &GIVEN_OF_MEN[..]),
        false => (&MIDDLE_OF_WOMEN[..], &GIVEN_OF_WOMEN[..]),
    };
    [&FAMILY[..], middle, given].map(|list| drawn(random, list)).join(" ")
}

/// One of a list that is not empty.
pub(super) fn drawn<T: Copy>(random: &mut ChaCha8Rng, list: &[T]) -> T {
    *list.choose(random).expect("the list is not empty")
}
