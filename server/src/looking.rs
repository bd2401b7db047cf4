//! Looking after the cases: what was signed and lies in no case yet is filed, and whoever may read is let in.
//!
//! Done in small parts between the exchanges, whenever it may have become necessary: when a day has begun, appointments
//! were published, a phone was let in, or a recovery ended. A part costs what it looks at; nothing is written where
//! nothing has changed. Source: domain 2.1, exchange rules R10 and R12.

use model::time::{Day, Timestamp};

use crate::failure::ServerFailed;
use crate::office::{Moment, Office};
use crate::serve::Serving;
use crate::shared::{self, Shared};

/// Submissions or shared spaces looked at in one turn of the writer.
pub const LOOKED_AT_ONCE_MAX: usize = 500;

/// How far the office has looked.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// On which day, and after how many reasons to look.
    of: Option<(Day, u64)>,
    /// The last submission that was looked at.
    submission: i64,
    /// Whether all submissions were.
    has_filed: bool,
    /// The last shared space.
    space: i64,
    /// Whether all of it was looked at.
    is_done: bool,
}

impl Look {
    /// Something is done on this day: whatever was looked at on another one, before a clock was set back, is looked at again.
    pub(crate) fn note_day(&mut self, moment: Moment) {
        let day = Timestamp::from_utc_ms(moment.now_ms).vietnamese_day();
        self.of = self.of.filter(|(looked, _)| *looked == day);
    }
}

impl Office {
    /// Looks at the next part; whether there is more to look at.
    pub fn look_after_cases(&mut self, moment: Moment) -> Result<bool, ServerFailed> {
        let due = (Timestamp::from_utc_ms(moment.now_ms).vietnamese_day(), self.reasons);
        if self.look.of != Some(due) {
            self.look = Look { of: Some(due), ..Look::default() };
        }
        if self.look.is_done {
            return Ok(false);
        }
        let mut look = self.look;
        self.transact(moment, |serving| serving.look_on(&mut look))?;
        self.look = look;
        Ok(!look.is_done)
    }

    /// The same to the end, for small offices and tests.
    pub fn look_after_all_cases(&mut self, moment: Moment) -> Result<(), ServerFailed> {
        while self.look_after_cases(moment)? {}
        Ok(())
    }
}

impl Serving<'_> {
    fn look_on(&mut self, look: &mut Look) -> Result<(), ServerFailed> {
        if self.rules.chart.is_empty() || self.is_directory_behind()? {
            look.is_done = true;
            return Ok(());
        }
        if !look.has_filed {
            let unfiled = shared::unfiled_after(self.connection, look.submission, LOOKED_AT_ONCE_MAX)?;
            look.has_filed = unfiled.len() < LOOKED_AT_ONCE_MAX;
            for (row, entry) in unfiled {
                look.submission = row;
                match entry {
                    Some(entry) => self.file_late(&entry)?,
                    // The pages on cases count it as unread; everybody else's cases go on.
                    None => tracing::warn!(row, "a submission cannot be read and is not filed"),
                }
            }
        }
        if look.has_filed {
            let spaces = shared::after(self.connection, look.space, LOOKED_AT_ONCE_MAX)?;
            look.is_done = spaces.len() < LOOKED_AT_ONCE_MAX;
            for (space, shared) in spaces {
                look.space = space;
                self.keep_readers(space, shared)?;
                if let Shared::Case(cycle, person) = shared {
                    self.publish_late(space, (cycle, person))?;
                }
            }
        }
        Ok(())
    }
}
