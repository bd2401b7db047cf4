//! The rules of the house as data. A new file that may do something rare is one more line here, with its reason.

/// Which of our crates a crate may link.
pub(crate) struct CrateRule {
    pub(crate) name: &'static str,
    pub(crate) folder: &'static str,
    pub(crate) may_link: &'static [&'static str],
    /// Crates of others that would break this one's promise.
    pub(crate) never_links: &'static [&'static str],
    pub(crate) because: &'static str,
}

pub(crate) const CRATES: &[CrateRule] = &[
    CrateRule {
        name: "model",
        folder: "core/model",
        may_link: &[],
        never_links: &["axum", "getrandom", "libc", "reqwest", "rustix", "rusqlite", "tempfile", "tokio"],
        because: "the ground floor is pure: bytes, time and randomness are arguments",
    },
    CrateRule {
        name: "opener",
        folder: "core/opener",
        may_link: &["model"],
        never_links: &["rand", "reqwest", "rusqlite", "uniffi"],
        because: "the holders' program shares the model with phones and server, and never uses a network or a database",
    },
    CrateRule {
        name: "phone",
        folder: "core/phone",
        may_link: &["model"],
        never_links: &["askama", "axum", "clap", "rand"],
        because: "a phone carries the model, its store and its synchronisation, and never the server",
    },
    CrateRule {
        name: "server",
        folder: "server",
        may_link: &["model"],
        never_links: &["rand", "uniffi"],
        because: "the server shares the model with the phones and nothing else; its tests speak HTTP as a phone does",
    },
    CrateRule {
        name: "tests",
        folder: "tests",
        may_link: &["model", "opener", "phone", "server"],
        never_links: &[],
        because: "only the tests see both ends",
    },
    CrateRule {
        name: "xtask",
        folder: "xtask",
        may_link: &[],
        never_links: &["uniffi"],
        because: "the commands must compile on a machine that lacks everything else",
    },
];

/// Whether test code (`tests.rs`, `*_tests.rs`, `#[cfg(test)]`, the crate `tests`) obeys a rule too.
#[derive(PartialEq, Eq)]
pub(crate) enum TestCode {
    Obeys,
    IsFree,
}

/// Who may name something in code; comments and texts may speak of anything.
pub(crate) struct NameRule {
    pub(crate) names: &'static [&'static str],
    /// The rule holds below this folder; empty for the whole house.
    pub(crate) within: &'static str,
    /// A file, a folder that ends with `/`, or a beginning that ends with `*`.
    pub(crate) only: &'static [&'static str],
    pub(crate) test_code: TestCode,
    pub(crate) belongs: &'static str,
}

pub(crate) const NAMES: &[NameRule] = &[
    NameRule {
        names: &["automerge"],
        within: "",
        only: &[
            "core/model/src/document.rs",
            "core/model/src/change/oracle_tests.rs",
            "tests/src/attacks.rs",
            "tests/src/attacks/",
        ],
        test_code: TestCode::Obeys,
        belongs: "core/model/src/document.rs is the only file that speaks automerge; the tests of the header parser and \
                  the attacks compare against it",
    },
    NameRule {
        names: &["rusqlite"],
        within: "",
        only: &[
            "core/phone/src/store.rs",
            "core/phone/src/store/",
            "core/phone/src/account.rs",
            "core/phone/src/sync/apply.rs",
            "core/phone/src/sync/fork.rs",
            "core/phone/src/work.rs",
            "server/src/",
            "server/tests/",
            "tests/",
        ],
        test_code: TestCode::Obeys,
        belongs: "the SQL of a noun stands with the noun, in core/phone/src/store/ or in server/src/",
    },
    NameRule {
        names: &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now", "UNIX_EPOCH"],
        within: "",
        only: &["core/opener/src/machine.rs", "core/phone/src/facade.rs", "server/src/machine.rs", "xtask/src/"],
        test_code: TestCode::IsFree,
        belongs: "time is an argument; the doors that read the clock are core/phone/src/facade.rs and the machine.rs of \
                  server and opener",
    },
    NameRule {
        names: &["getrandom", "rand", "OsRng", "thread_rng"],
        within: "",
        only: &["core/opener/src/machine.rs", "core/phone/src/facade.rs", "server/src/machine.rs"],
        test_code: TestCode::IsFree,
        belongs: "randomness is an argument; the doors that make it are core/phone/src/facade.rs and the machine.rs of \
                  server and opener",
    },
    NameRule {
        // It draws the weights of a batch of signatures from a hash over the batch: the same bytes, the same weights.
        names: &["rand_chacha"],
        within: "",
        only: &["core/model/src/signatures.rs"],
        test_code: TestCode::IsFree,
        belongs: "randomness is an argument; core/model/src/signatures.rs alone stretches a hash",
    },
    NameRule {
        names: &["uniffi::export"],
        within: "",
        only: &["core/phone/src/facade.rs", "core/phone/src/facade/", "core/phone/src/listener.rs"],
        test_code: TestCode::Obeys,
        belongs: "a phone has one door, core/phone/src/facade.rs, and one bell, core/phone/src/listener.rs",
    },
    NameRule {
        names: &["reqwest"],
        within: "",
        only: &[
            "core/phone/src/sync/http.rs",
            "core/phone/src/enrol.rs",
            "core/phone/src/courier/line.rs",
            "server/tests/",
        ],
        test_code: TestCode::IsFree,
        belongs: "only core/phone/src/sync/http.rs speaks to a network, and courier/line.rs where nobody has a name; what \
                  stands before them is a pure state machine",
    },
    NameRule {
        // `fs` and `net` alone, because a group `use std::{fs, io}` names them too.
        names: &["fs", "net", "std::env", "std::process", "SystemTime", "Instant"],
        within: "core/model/",
        only: &[],
        test_code: TestCode::Obeys,
        belongs: "the model has no files, no sockets and no clock; let core/phone or server hand over the value",
    },
    NameRule {
        names: &["unsafe"],
        within: "",
        only: &[],
        test_code: TestCode::Obeys,
        belongs: "what the system alone can do is asked through a library that made it safe",
    },
];

/// SQL that would take signed bytes away. A restored server may need each of them back (exchange rules R4, R14).
pub(crate) const BYTES_DROPPED: &[&str] =
    &["delete from entry", "delete from signed", "update signed", "set bytes", "drop table"];

/// Labels that comments and messages cite, and the list where each is written down.
pub(crate) const CITED: &[(char, &str)] = &[
    ('A', "core/model/ANONYMITY_RULES.md"),
    ('C', "tests/src/cases/world/PROPERTIES.md"),
    ('P', "tests/src/world/PROPERTIES.md"),
    ('R', "core/model/EXCHANGE_RULES.md"),
];

/// A longer file holds more than one noun.
pub(crate) const FILE_LINES_MAX: usize = 400;

/// What a line counts in.
pub(crate) const SOURCE_EXTENSIONS: &[&str] = &["rs", "kt", "swift", "html", "sql", "css", "js"];

/// Words that say nothing about what is inside; a plural is the same word.
pub(crate) const EMPTY_WORDS: &[&str] =
    &["util", "helper", "manager", "common", "misc", "base", "impl", "dto", "entity", "mapper", "handler"];

/// The only trait of ours that one side implements: Kotlin and Swift do.
pub(crate) const TRAITS_WITHOUT_TWO: &[&str] = &["Listener"];
