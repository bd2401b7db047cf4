//! Columns as runs of equal rows, read one run at a time and never expanded.
//!
//! A column of values is a sequence of: a count above zero and one value; a count below zero and that many different
//! values; zero and a count of absent rows. A column of switches is counts of `false` and `true` in turn. The shortest
//! of the possible encodings is the only one accepted.

use super::ChangeRefused;
use super::bytes::Bytes;

/// Rows that a left-out column has: as many as anybody asks for.
const ENDLESS: u64 = u64::MAX;

/// Whether honest writers leave a column out when it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Run {
    LeftOut,
    Start,
    Repeated,
    Different,
    Absent,
}

/// One match, and no flag that is kept and asked again: rustc 1.95.0 lost such a flag at opt-level 2 and above.
fn start(presence: Presence, bytes: &[u8]) -> (Run, u64) {
    match presence {
        Presence::Optional if bytes.is_empty() => (Run::LeftOut, ENDLESS),
        Presence::Optional | Presence::Required => (Run::Start, 0),
    }
}

/// A column of values.
#[derive(Debug, Clone)]
pub(super) struct Runs<'a, Value> {
    column: u64,
    presence: Presence,
    bytes: Bytes<'a>,
    read: fn(&mut Bytes<'a>) -> Result<Value, ChangeRefused>,
    run: Run,
    value: Option<Value>,
    /// Rows of the present value that nobody has taken.
    rows: u64,
    /// Values of the present run of different ones that nobody has read.
    different: u64,
    says_something: bool,
}

impl<'a, Value: Copy + PartialEq> Runs<'a, Value> {
    pub(super) fn new(
        column: u64,
        presence: Presence,
        bytes: &'a [u8],
        read: fn(&mut Bytes<'a>) -> Result<Value, ChangeRefused>,
    ) -> Self {
        let (run, rows) = start(presence, bytes);
        Self {
            column,
            presence,
            bytes: Bytes::new(bytes),
            read,
            run,
            value: None,
            rows,
            different: 0,
            says_something: false,
        }
    }

    pub(super) fn column(&self) -> u64 {
        self.column
    }

    /// The value of the next rows, `None` for absent.
    pub(super) fn value(&self) -> Option<Value> {
        self.value
    }

    /// The value of the next rows, where one is needed.
    pub(super) fn present(&self) -> Result<Value, ChangeRefused> {
        self.value.ok_or(ChangeRefused::ValueAbsent { column: self.column })
    }

    /// How many next rows are equal; zero at the end of the column.
    pub(super) fn rows(&mut self) -> Result<u64, ChangeRefused> {
        if self.rows == 0 && self.different > 0 {
            self.next_different()?;
        } else if self.rows == 0 && !self.bytes.is_empty() {
            self.next_run()?;
        }
        Ok(self.rows)
    }

    /// Steps over rows that `rows` has announced.
    pub(super) fn skip(&mut self, rows: u64) {
        self.rows -= rows;
    }

    /// Refuses a column that has rows left or was not worth writing.
    pub(super) fn finish(&mut self, expected: u64) -> Result<(), ChangeRefused> {
        if self.run == Run::LeftOut {
            return Ok(());
        }
        if self.rows()? != 0 {
            return Err(ChangeRefused::RowsDisagree { column: self.column, expected });
        }
        if self.presence == Presence::Optional && !self.says_something {
            return Err(self.malformed());
        }
        Ok(())
    }

    fn next_run(&mut self) -> Result<(), ChangeRefused> {
        match self.bytes.signed()? {
            0 => self.next_absent(),
            1 => Err(self.malformed()),
            count if count > 0 => self.next_repeated(count.unsigned_abs()),
            count => {
                if self.run == Run::Different {
                    return Err(self.malformed());
                }
                self.different = count.unsigned_abs();
                self.next_different()
            }
        }
    }

    fn next_repeated(&mut self, rows: u64) -> Result<(), ChangeRefused> {
        self.turn_to_value(rows)?;
        self.run = Run::Repeated;
        Ok(())
    }

    fn next_different(&mut self) -> Result<(), ChangeRefused> {
        self.turn_to_value(1)?;
        self.different -= 1;
        self.run = Run::Different;
        Ok(())
    }

    fn next_absent(&mut self) -> Result<(), ChangeRefused> {
        let rows = self.bytes.unsigned()?;
        if rows == 0 || self.run == Run::Absent {
            return Err(self.malformed());
        }
        (self.run, self.value, self.rows) = (Run::Absent, None, rows);
        Ok(())
    }

    fn turn_to_value(&mut self, rows: u64) -> Result<(), ChangeRefused> {
        let value = (self.read)(&mut self.bytes)?;
        if self.value == Some(value) {
            return Err(self.malformed());
        }
        (self.value, self.rows, self.says_something) = (Some(value), rows, true);
        Ok(())
    }

    fn malformed(&self) -> ChangeRefused {
        ChangeRefused::RunMalformed { column: self.column }
    }
}

/// A column of switches.
#[derive(Debug, Clone)]
pub(super) struct Switches<'a> {
    column: u64,
    presence: Presence,
    bytes: Bytes<'a>,
    run: Run,
    is_on: bool,
    was_on: bool,
    rows: u64,
}

impl<'a> Switches<'a> {
    pub(super) fn new(column: u64, presence: Presence, bytes: &'a [u8]) -> Self {
        let (run, rows) = start(presence, bytes);
        Self { column, presence, bytes: Bytes::new(bytes), run, is_on: false, was_on: false, rows }
    }

    /// The position of the next rows.
    pub(super) fn is_on(&self) -> bool {
        self.is_on
    }

    /// How many next rows are equal; zero at the end of the column.
    pub(super) fn rows(&mut self) -> Result<u64, ChangeRefused> {
        if self.rows == 0 && !self.bytes.is_empty() {
            self.next_run()?;
        }
        Ok(self.rows)
    }

    /// Steps over rows that `rows` has announced.
    pub(super) fn skip(&mut self, rows: u64) {
        self.rows -= rows;
    }

    /// Refuses a column that has rows left or was not worth writing.
    pub(super) fn finish(&mut self, expected: u64) -> Result<(), ChangeRefused> {
        if self.run == Run::LeftOut {
            return Ok(());
        }
        if self.rows()? != 0 {
            return Err(ChangeRefused::RowsDisagree { column: self.column, expected });
        }
        if self.presence == Presence::Optional && !self.was_on { Err(self.malformed()) } else { Ok(()) }
    }

    /// Only the first count, of rows that are off, may be zero.
    fn next_run(&mut self) -> Result<(), ChangeRefused> {
        if self.run == Run::Start {
            self.run = Run::Repeated;
            self.rows = self.bytes.unsigned()?;
            if self.rows > 0 {
                return Ok(());
            }
        }
        self.is_on = !self.is_on;
        self.was_on = true;
        self.rows = self.bytes.unsigned()?;
        if self.rows == 0 { Err(self.malformed()) } else { Ok(()) }
    }

    fn malformed(&self) -> ChangeRefused {
        ChangeRefused::RunMalformed { column: self.column }
    }
}
