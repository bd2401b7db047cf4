use std::collections::HashSet;

use model::slip::GROUPS;
use rand_core::Rng;

use super::*;
use crate::folder::{announce, keep_shares};
use crate::rehearsal_tests::{PASSPHRASES, PLAN, seeded};
use crate::sheets;
use crate::unfinished::Unfinished;

const CHEAP: Stretch = Stretch { memory_kib: 64, passes: 1, lanes: 1 };

fn held(seed: u64) -> Ceremony {
    let plan = RoundPlan::read(PLAN.as_bytes()).unwrap();
    let passphrases = PASSPHRASES.map(|words| Passphrase::typed(words).unwrap());
    hold(&plan, &passphrases, CHEAP, &mut seeded(seed)).unwrap()
}

#[test]
fn three_holders_sign_a_round_with_a_slip_for_everybody_and_a_tenth() {
    let ceremony = held(1);
    let definition = &ceremony.announcement.signed.definition;
    assert!(Announcement::read(&ceremony.announcement.to_bytes()).is_ok());
    let slips: Vec<usize> = ceremony.slips.iter().map(|area| area.secrets.len()).collect();
    assert_eq!(slips, [66, 83]);
    assert_eq!(definition.slips(), 149);
    let different: HashSet<&SlipSecret> = ceremony.slips.iter().flat_map(|area| &area.secrets).collect();
    assert_eq!(different.len(), 149);
    assert!(held(2).fingerprint() != ceremony.fingerprint());
}

/// A1: canary codes have no hit in any file but the sheets. Every form in which a secret or its tag is written anywhere.
#[test]
fn no_file_of_a_ceremony_holds_anything_of_a_slip() {
    let ceremony = held(3);
    let folder = tempfile::tempdir().unwrap();
    let mut unfinished = Unfinished::default();
    assert_eq!(keep_shares(folder.path(), &ceremony, &mut unfinished).unwrap().len(), 3);
    announce(folder.path(), &ceremony, &mut unfinished).unwrap();
    let files: Vec<Vec<u8>> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| std::fs::read(entry.unwrap().path()).unwrap()).collect();
    assert_eq!(files.len(), 4);
    let (round, fingerprint) = (ceremony.announcement.signed.definition.id, ceremony.fingerprint());
    let document = sheets::document(&ceremony.announcement.signed.definition, &ceremony.slips);
    for slips in &ceremony.slips {
        for secret in &slips.secrets {
            let groups = secret.groups(&fingerprint);
            assert!(groups.iter().all(|group| document.contains(group)), "the sheets hold every code");
            let tag = secret.tag(round, slips.area.number);
            let mut canaries = vec![groups.concat().into_bytes(), secret.square(&fingerprint).into_bytes()];
            for bytes in [&secret.to_bytes()[..], tag.as_bytes()] {
                canaries.push(bytes.to_vec());
                canaries.push(data_encoding::HEXLOWER.encode(bytes).into_bytes());
                canaries.push(data_encoding::HEXUPPER.encode(bytes).into_bytes());
                canaries.push(data_encoding::BASE64_NOPAD.encode(bytes).into_bytes());
                canaries.push(data_encoding::BASE32_NOPAD.encode(bytes).into_bytes());
            }
            for canary in canaries {
                let holds = |file: &Vec<u8>| file.windows(canary.len()).any(|window| window == canary);
                assert!(!files.iter().any(holds), "a file holds what only the sheets may");
            }
        }
    }
}

/// A5: where a slip stands on the sheets says nothing about when it was made. 500 runs; the mean place of the first slip
/// that is made stays within four standard errors of the middle.
#[test]
fn the_printed_order_is_chance_against_the_order_of_making() {
    let area = Area::new(model::round::AreaNumber(1), "Tổ 1".to_owned(), 60);
    let (runs, slips) = (500_i64, i64::from(area.slips));
    let mut places = 0_i64;
    let mut firsts = HashSet::new();
    for run in 0..runs as u64 {
        let mut first = [0; SECRET_BYTES];
        seeded(run).fill_bytes(&mut first);
        let printed = AreaSlips::drawn(&area, &mut seeded(run)).secrets;
        let place = printed.iter().position(|secret| *secret == SlipSecret::from_random(first)).unwrap();
        places += 2 * place as i64 - (slips - 1);
        firsts.insert(place);
    }
    // Twice the place has a standard deviation below the number of slips; of a mean over 500 runs, a 22nd of it.
    assert!(places.abs() / runs <= 4 * slips / 22 && firsts.len() as i64 > slips * 9 / 10, "{places} {}", firsts.len());
}

/// A5, A8: the reserve included, areas apart, a blank stub for every slip, the instruction on every sheet.
#[test]
fn the_sheets_hold_every_slip_once_and_areas_apart() {
    let ceremony = held(4);
    let document = sheets::document(&ceremony.announcement.signed.definition, &ceremony.slips);
    assert_eq!(document.matches("class=\"slip\"").count(), 149);
    assert_eq!(document.matches("class=\"stub\"").count(), 149);
    assert_eq!(document.matches("<span>").count(), 149 * GROUPS + 9 + 11, "codes, and one instruction a sheet");
    assert_eq!(document.matches("class=\"sheet\"").count(), 9 + 11);
    assert_eq!(document.matches("ít nhất 20 lá").count(), 9 + 11);
    assert!(document.capacity() > document.len(), "the document never grew, so no copy of it was left behind");
    let sheets: Vec<&str> = document.split("class=\"sheet\"").skip(1).collect();
    assert!(sheets.iter().all(|sheet| sheet.contains("Tổ dân phố 1") != sheet.contains("Tổ dân phố 3")));
    assert!(document.contains("grid-template-rows: repeat(4, 66mm)"), "stacks of sheets are cut in the same places");
    assert!(!document.contains("http") && !document.contains("<script"), "nothing from elsewhere");
}
