//! How many tests a floor passed and failed, read from what it printed.

use std::iter::Sum;
use std::ops::Add;

/// Single tests, not floors.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

impl Count {
    pub(crate) const ONE_FAILED: Self = Self { passed: 0, failed: 1 };

    /// Adds up cargo's `test result:` lines and the closing `N passed, N failed` lines of our own programs.
    ///
    /// A step that prints neither counts as one. A step that failed fails at least one, so that a build that breaks
    /// before its first test is not taken for silence.
    pub(crate) fn of_step(output: &str, success: bool) -> Self {
        let counted: Self = output.lines().filter_map(Self::of_line).sum();
        match (success, counted) {
            (true, Self { passed: 0, failed: 0 }) => Self { passed: 1, failed: 0 },
            (false, Self { passed, failed: 0 }) => Self { passed, failed: 1 },
            _ => counted,
        }
    }

    fn of_line(line: &str) -> Option<Self> {
        match line.strip_prefix("test result: ") {
            Some(result) => Self::of_cargo(result),
            None => Self::of_closing_line(line),
        }
    }

    /// `ok. 12 passed; 0 failed; 1 ignored; …`
    fn of_cargo(result: &str) -> Option<Self> {
        let (_, counts) = result.split_once(". ")?;
        let mut counts = counts.split(';').map(str::trim);
        let passed = counts.next()?.strip_suffix(" passed")?.parse().ok()?;
        let failed = counts.next()?.strip_suffix(" failed")?.parse().ok()?;
        Some(Self { passed, failed })
    }

    /// `12 passed, 0 failed`, alone on its line.
    fn of_closing_line(line: &str) -> Option<Self> {
        let (passed, failed) = line.trim().split_once(" passed, ")?;
        Some(Self { passed: passed.parse().ok()?, failed: failed.strip_suffix(" failed")?.parse().ok()? })
    }
}

impl Add for Count {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { passed: self.passed + other.passed, failed: self.failed + other.failed }
    }
}

impl Sum for Count {
    fn sum<I: Iterator<Item = Self>>(counts: I) -> Self {
        counts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Count;

    fn check(output: &str, success: bool, passed: u64, failed: u64) {
        assert_eq!(Count::of_step(output, success), Count { passed, failed }, "{output:?} {success}");
    }

    #[test]
    fn every_single_test_counts() {
        check("test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured\n", true, 12, 0);
        check("test result: ok. 2 passed; 0 failed;\ntest result: FAILED. 3 passed; 1 failed;\n", false, 5, 1);
        check("seed 7 broke P3\n499 passed, 1 failed\n", false, 499, 1);
        check("  20 passed, 0 failed  \n", true, 20, 0);
    }

    #[test]
    fn a_silent_step_counts_as_one() {
        check("", true, 1, 0);
        check("error: could not compile `model`\n", false, 0, 1);
    }

    #[test]
    fn a_failed_step_fails_at_least_one() {
        check("test result: ok. 4 passed; 0 failed;\nerror: linking failed\n", false, 4, 1);
    }

    #[test]
    fn prose_is_not_counted() {
        check("tests: 3 passed, 1 failed\nall passed, 0 failed\n", true, 1, 0);
    }
}
