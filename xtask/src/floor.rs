//! The floors of `cargo xtask check`: one table, walked from the cheapest to the dearest.
//!
//! Nothing here decides what a test proves; a floor only names the commands that do.

use clap::builder::PossibleValuesParser;

use crate::install::Requirement::{self, CCompiler, Clippy, Java, Jna, Npm, PkgConfig, Rustfmt, SslHeaders};

/// One named part of the check.
pub(crate) struct Floor {
    pub(crate) name: &'static str,
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
        needs: &[Rustfmt],
        steps: &[Step::Cargo(&["fmt", "--all", "--check", "--", "--color", "never"])],
    },
    Floor {
        name: "lints",
        needs: &[CCompiler, PkgConfig, SslHeaders, Clippy],
        steps: &[
            Step::Cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
            Step::Cargo(&["clippy", "--package", "tests", "--test", "floors", "--", "-D", "warnings"]),
        ],
    },
    Floor { name: "floors", needs: BUILD, steps: &[Step::Cargo(&["test", "--package", "tests", "--test", "floors"])] },
    Floor { name: "tests", needs: BUILD, steps: &[Step::Cargo(&["test", "--workspace", "--no-fail-fast"])] },
    Floor {
        name: "docs",
        needs: BUILD,
        steps: &[Step::CargoWith(&["doc", "--workspace", "--no-deps"], ("RUSTDOCFLAGS", "-D warnings"))],
    },
    Floor { name: "world", needs: BUILD, steps: &[Step::Program("world", &["--seeds", "500", "--events", "300"])] },
    Floor { name: "kill", needs: BUILD, steps: &[Step::Program("kill", &["--kills", "50"])] },
    Floor {
        name: "bindings",
        needs: &[CCompiler, PkgConfig, SslHeaders, Npm, Java, Jna],
        steps: &[Step::Xtask(&["bindings"])],
    },
];

/// The names that `cargo xtask check` accepts.
pub(crate) fn names() -> PossibleValuesParser {
    FLOORS.iter().map(|floor| floor.name).collect::<Vec<_>>().into()
}
