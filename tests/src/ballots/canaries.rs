//! What must be in no file: words of residents, slips and everything that follows from a slip.

use std::collections::HashSet;
use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ValueRef;

use super::ghosts::Ghosts;
use super::rehearsal::rehearsal;

/// How every text of a resident begins: as long as one window of the search.
pub const CANARY: &str = "zqjkvwxh";

const WINDOW: usize = 8;

/// Eight bytes at any place of a file by which a secret is known.
pub struct Needles {
    windows: HashSet<[u8; WINDOW]>,
    /// The first two bytes of any of them: a file is read faster so.
    begins: Vec<bool>,
}

impl Needles {
    /// Canary words, and of every slip: its secret, its symbols, the end of its square, its tag in every area.
    pub fn of(ghosts: &Ghosts) -> Self {
        let (round, mut found) =
            (rehearsal().definition(), Self { windows: HashSet::new(), begins: vec![false; 1 << 16] });
        found.add(CANARY.as_bytes());
        for (_, secret) in ghosts.slips.iter().take(ghosts.drawn) {
            let (groups, square) = (secret.groups(&round.fingerprint()), secret.square(&round.fingerprint()));
            found.add(&secret.to_bytes());
            found.add(groups.join("").as_bytes());
            found.add(groups.join(" ").as_bytes());
            found.add(&square.as_bytes()[square.len() - WINDOW..]);
            round.areas.iter().for_each(|area| found.add(secret.tag(round.id, area.number).as_bytes()));
        }
        found
    }

    /// Names, for what a phone must have forgotten.
    pub fn of_names<'a>(names: impl Iterator<Item = &'a [u8; 16]>) -> Self {
        let mut found = Self { windows: HashSet::new(), begins: vec![false; 1 << 16] };
        names.for_each(|name| found.add(name));
        found
    }

    fn add(&mut self, bytes: &[u8]) {
        let window: [u8; WINDOW] = bytes[..WINDOW].try_into().expect("a needle is long enough");
        self.begins[begin(&window)] = true;
        self.windows.insert(window);
    }

    /// Whether any of it stands anywhere in these bytes.
    pub fn are_in(&self, bytes: &[u8]) -> bool {
        let is_it = |window: &[u8]| self.begins[begin(window)] && self.windows.contains(window);
        bytes.windows(WINDOW).any(is_it)
    }

    /// The first file below a folder that holds any of it.
    pub fn in_files(&self, folder: &Path) -> Option<String> {
        for file in std::fs::read_dir(folder).expect("a folder of ours can be read").flatten() {
            let path = file.path();
            let found = if path.is_dir() {
                self.in_files(&path)
            } else {
                let bytes = std::fs::read(&path).expect("a file of ours can be read");
                self.are_in(&bytes).then(|| path.display().to_string())
            };
            if found.is_some() {
                return found;
            }
        }
        None
    }
}

fn begin(window: &[u8]) -> usize {
    usize::from(u16::from_be_bytes([window[0], window[1]]))
}

/// Everything that whoever has the key of a database can read in it.
pub fn everything(connection: &Connection) -> Vec<u8> {
    let mut tables = connection.prepare("select name from sqlite_master where type = 'table'").unwrap();
    let tables: Vec<String> = tables.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut bytes = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("select * from {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for column in 0..columns {
                if let ValueRef::Text(found) | ValueRef::Blob(found) = row.get_ref(column).unwrap() {
                    bytes.extend_from_slice(found);
                }
            }
        }
    }
    bytes
}
