//! What a thief reads who has the store's key and its file: every page of it, also those that are free.

use std::path::Path;

use aes::Aes256;
use aes::cipher::{Block, BlockCipherDecrypt, KeyInit};

use model::slots::Stage;

use super::*;

const PAGE_BYTES: usize = 8 * 1024;
const BLOCK_BYTES: usize = 16;

/// At the end of every page: what its encryption began with, and its HMAC-SHA-256. Source: SQLCipher 4.
const RESERVED_BYTES: usize = BLOCK_BYTES + 32;

/// Every page of the file in plain, one after another; the first lacks the salt that it begins with.
fn plain_pages(file: &Path, key: [u8; 32]) -> Vec<u8> {
    let (bytes, cipher) = (std::fs::read(file).unwrap(), Aes256::new(&key.into()));
    let mut plain = Vec::new();
    for (number, page) in bytes.as_chunks::<PAGE_BYTES>().0.iter().enumerate() {
        let (sealed, reserved) = page.split_at(PAGE_BYTES - RESERVED_BYTES);
        let mut before: [u8; BLOCK_BYTES] = reserved[..BLOCK_BYTES].try_into().unwrap();
        for block in sealed[if number == 0 { BLOCK_BYTES } else { 0 }..].as_chunks::<BLOCK_BYTES>().0 {
            let mut opened: Block<Aes256> = (*block).into();
            cipher.decrypt_block(&mut opened);
            plain.extend(opened.iter().zip(before).map(|(byte, earlier)| byte ^ earlier));
            before = *block;
        }
    }
    plain
}

fn count(haystack: &[u8], needle: &[u8]) -> usize {
    haystack.windows(needle.len()).filter(|window| *window == needle).count()
}

/// A18: nothing of an earlier save is left, so neither file nor free pages tell which envelope came when; and what the
/// server has for good is gone.
#[test]
fn every_envelope_stands_once_in_all_pages_and_nowhere_after_it_was_listed() {
    let (mut phone, round) = (Phone::new(), satisfaction());
    for slip in 1..=12 {
        phone.cast(&round, slip).unwrap();
    }
    let definition = &round.signed.definition;
    let file = phone.folder.path().join("p.db");
    let names: Vec<[u8; 16]> =
        phone.found(&round).unwrap().slots.used().iter().map(|slot| *slot.envelope.id.as_bytes()).collect();
    let pages = plain_pages(&file, [3; 32]);
    assert!(count(&pages, b"CREATE TABLE") > 3 && count(&pages, b"ballot_box") > 0, "the pages are read");
    assert!(names.iter().all(|name| count(&pages, name) <= 1), "an earlier save is left in a page");
    assert!(names.iter().any(|name| count(&pages, name) == 1), "the search finds what is there");
    assert_eq!(std::fs::metadata(phone.folder.path().join("p.db-wal")).map_or(0, |found| found.len()), 0);
    let mut found = phone.found(&round).unwrap();
    found.slots.used_mut().iter_mut().for_each(|slot| slot.stage = Stage::Taken);
    found.slots.let_go(|_| true);
    let random = &mut phone.random;
    phone.store.transact(|transaction| ballot_box::write(transaction, definition, &found, random)).unwrap();
    ballot_box::cut_journal(&phone.store).unwrap();
    let pages = plain_pages(&file, [3; 32]);
    assert!(names.iter().all(|name| count(&pages, name) == 0));
}
