//! The floors of `cargo xtask check`: one table, walked from the cheapest to the dearest.
//!
//! Nothing here decides what a test proves; a floor only names the commands that do.

use clap::builder::PossibleValuesParser;

use crate::install::Requirement::{self, CCompiler, Chromium, Clippy, Java, Jna, Npm, PkgConfig, Rustfmt, SslHeaders};

/// One named part of the check.
pub(crate) struct Floor {
    pub(crate) name: &'static str,
    /// What it does, said before it begins.
    pub(crate) about: &'static str,
    pub(crate) needs: &'static [Requirement],
    pub(crate) steps: &'static [Step],
}

/// One command of a floor.
pub(crate) enum Step {
    /// Cargo with these arguments.
    Cargo(&'static [&'static str]),
    /// Cargo with these arguments and one setting of the environment.
    CargoWith(&'static [&'static str], (&'static str, &'static str)),
    /// A program of the crate `tests`, which closes with `N passed, N failed`.
    Program(&'static str, &'static [&'static str]),
    /// Another command of ours.
    Xtask(&'static [&'static str]),
}

/// What compiling the whole house needs.
pub(crate) const BUILD: &[Requirement] = &[CCompiler, PkgConfig, SslHeaders];

pub(crate) const FLOORS: &[Floor] = &[
    Floor {
        name: "format",
        about: "the text of every file is as rustfmt writes it",
        needs: &[Rustfmt],
        steps: &[Step::Cargo(&["fmt", "--all", "--check", "--", "--color", "never"])],
    },
    Floor {
        name: "lints",
        about: "clippy has nothing to say about any crate",
        needs: &[CCompiler, PkgConfig, SslHeaders, Clippy],
        steps: &[
            Step::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            Step::Cargo(&["clippy", "--package", "tests", "--test", "floors", "--", "-D", "warnings"]),
        ],
    },
    Floor {
        name: "floors",
        about: "no file imports or names what it may not",
        needs: BUILD,
        steps: &[Step::Cargo(&["test", "--package", "tests", "--test", "floors"])],
    },
    Floor {
        name: "tests",
        about: "every test of every crate",
        needs: &[CCompiler, PkgConfig, SslHeaders, Chromium],
        steps: &[Step::Cargo(&["test", "--workspace", "--no-fail-fast"])],
    },
    Floor {
        name: "docs",
        about: "the documentation builds, and its links lead somewhere",
        needs: BUILD,
        steps: &[Step::CargoWith(&["doc", "--workspace", "--no-deps"], ("RUSTDOCFLAGS", "-D warnings"))],
    },
    Floor {
        name: "world",
        about: "500 simulated communes under faults",
        needs: BUILD,
        steps: &[Step::Program("world", &["--seeds", "500", "--events", "300"])],
    },
    Floor {
        name: "cases",
        about: "500 simulated offices and their evaluation cases",
        needs: BUILD,
        steps: &[Step::Program("world", &["--cases", "--seeds", "500", "--events", "300"])],
    },
    Floor {
        name: "kill",
        about: "server and phone processes killed under load",
        needs: BUILD,
        steps: &[Step::Program("kill", &["--kills", "50"])],
    },
    Floor {
        name: "bindings",
        about: "Kotlin and Swift from the library, a story on the JVM",
        needs: &[CCompiler, PkgConfig, SslHeaders, Npm, Java, Jna],
        steps: &[Step::Xtask(&["bindings"])],
    },
];

/// The names that `cargo xtask check` accepts.
pub(crate) fn names() -> PossibleValuesParser {
    FLOORS.iter().map(|floor| floor.name).collect::<Vec<_>>().into()
}

#[cfg(test)]
mod tests {
    use super::FLOORS;

    #[test]
    fn the_readme_lists_every_floor_in_its_order() {
        let readme = include_str!("../../README.md");
        let table: Vec<String> =
            FLOORS.iter().map(|floor| format!("| `{}` | {} |\n", floor.name, floor.about)).collect();
        assert!(readme.contains(&table.concat()), "README.md must have these lines:\n{}", table.concat());
    }
}
