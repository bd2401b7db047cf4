//! Names of other operations: an actor by its place in the change, and a counter.

use super::bytes::Bytes;
use super::columns::{Columns, number};
use super::operations::Group;
use super::runs::{Presence, Runs};
use super::{ChangeHeader, ChangeRefused, OPERATION_COUNTER_MAX, OTHER_ACTORS_MAX, at_most};

/// One operation named by each row of a group; the counter moves steadily from `first` to `last`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    pub(super) column: u64,
    pub(super) actor: u64,
    pub(super) first: u64,
    pub(super) last: u64,
}

/// The author at place 0 and the other actors behind, with a note of who was named.
#[derive(Debug)]
pub(super) struct Actors<'a> {
    header: &'a ChangeHeader,
    is_named: [bool; OTHER_ACTORS_MAX as usize + 1],
    /// Other actors whose names come before the author's.
    before_author: u64,
}

impl<'a> Actors<'a> {
    pub(super) fn new(header: &'a ChangeHeader) -> Self {
        let before_author = header.other_actors.iter().filter(|other| **other < header.actor).count() as u64;
        Self { header, is_named: [false; OTHER_ACTORS_MAX as usize + 1], before_author }
    }

    pub(super) fn start_operation(&self) -> u64 {
        self.header.start_operation
    }

    /// An author's own operations may be named as soon as they exist, others' only from before the change.
    pub(super) fn check(&mut self, element: Element, group: Group) -> Result<(), ChangeRefused> {
        let Element { column, actor: given, first, last } = element;
        let limit = self.header.other_actors.len() as u64;
        at_most(given, limit, |given, limit| ChangeRefused::ActorUnknown { given, limit })?;
        self.is_named[given as usize] = true;
        let is_earlier = if given == 0 {
            first < group.first_counter && last < group.last_counter()
        } else {
            first.max(last) < self.header.start_operation
        };
        if is_earlier && first.min(last) > 0 { Ok(()) } else { Err(ChangeRefused::ReferenceOutOfRange { column }) }
    }

    /// Refuses actors that were listed but never named: the engine would not list them again.
    pub(super) fn finish(&self) -> Result<(), ChangeRefused> {
        let others = 1..=self.header.other_actors.len();
        match others.clone().find(|place| !self.is_named[*place]) {
            Some(place) => Err(ChangeRefused::ActorUnused { place: place as u64 }),
            None => Ok(()),
        }
    }

    /// A number that orders places as the actors' names are ordered.
    fn rank(&self, place: u64) -> u64 {
        if place == 0 { 2 * self.before_author } else { 2 * place - 1 }
    }
}

/// A column of differences between neighbouring counters.
#[derive(Debug)]
pub(super) struct Sums<'a> {
    differences: Runs<'a, i64>,
    sum: i64,
}

impl<'a> Sums<'a> {
    pub(super) fn new(column: u64, presence: Presence, bytes: &'a [u8]) -> Self {
        Self { differences: Runs::new(column, presence, bytes, Bytes::signed), sum: 0 }
    }

    pub(super) fn rows(&mut self) -> Result<u64, ChangeRefused> {
        self.differences.rows()
    }

    /// The counters of the first and the last of the next rows, at most [`OPERATION_COUNTER_MAX`].
    pub(super) fn range(&self, rows: u64) -> Result<Option<(u64, u64)>, ChangeRefused> {
        let Some(difference) = self.differences.value() else { return Ok(None) };
        let first = self.counter_after(difference, 1)?;
        let last = self.counter_after(difference, rows)?;
        Ok(Some((first, last)))
    }

    /// Steps over rows whose `range` was accepted.
    pub(super) fn skip(&mut self, rows: u64) {
        if let Some(difference) = self.differences.value() {
            self.sum = self.sum.saturating_add(difference.saturating_mul(rows as i64));
        }
        self.differences.skip(rows);
    }

    pub(super) fn finish(&mut self, expected: u64) -> Result<(), ChangeRefused> {
        self.differences.finish(expected)
    }

    fn counter_after(&self, difference: i64, rows: u64) -> Result<u64, ChangeRefused> {
        let counter = self.sum.saturating_add(difference.saturating_mul(rows as i64));
        match u64::try_from(counter) {
            Ok(counter) if counter <= OPERATION_COUNTER_MAX => Ok(counter),
            _ => Err(ChangeRefused::ReferenceOutOfRange { column: self.differences.column() }),
        }
    }
}

/// The operations that each operation overwrites.
#[derive(Debug)]
pub(super) struct Predecessors<'a> {
    actor: Runs<'a, u64>,
    counter: Sums<'a>,
    total: u64,
    limit: u64,
}

impl<'a> Predecessors<'a> {
    pub(super) fn new(columns: &Columns<'a>, limit: u64) -> Self {
        let presence = Presence::Required;
        let actor = Runs::new(number::PREDECESSOR_ACTOR, presence, columns.predecessor_actor, Bytes::unsigned);
        let counter = Sums::new(number::PREDECESSOR_COUNTER, presence, columns.predecessor_counter);
        Self { actor, counter, total: 0, limit }
    }

    /// Checks the next `each` predecessors of every row of the group.
    pub(super) fn check(&mut self, each: u64, group: Group, actors: &mut Actors) -> Result<(), ChangeRefused> {
        self.total = self.total.saturating_add(each.saturating_mul(group.rows));
        at_most(self.total, self.limit, |given, limit| ChangeRefused::TooManyPredecessors { given, limit })?;
        match each {
            0 => Ok(()),
            1 => self.check_single(group, actors),
            _ => (0..group.rows).try_for_each(|row| {
                let group = Group { rows: 1, first_counter: group.first_counter + row };
                self.check_several(each, group, actors)
            }),
        }
    }

    pub(super) fn finish(mut self) -> Result<(), ChangeRefused> {
        self.actor.finish(self.total)?;
        self.counter.finish(self.total)
    }

    fn check_single(&mut self, group: Group, actors: &mut Actors) -> Result<(), ChangeRefused> {
        let mut left = group;
        while left.rows > 0 {
            let rows = self.equal_rows()?.min(left.rows);
            self.next(Group { rows, ..left }, actors)?;
            left = Group { rows: left.rows - rows, first_counter: left.first_counter + rows };
        }
        Ok(())
    }

    /// The predecessors of one operation, which must ascend by counter and then by the actor's name.
    fn check_several(&mut self, each: u64, group: Group, actors: &mut Actors) -> Result<(), ChangeRefused> {
        let mut before = None;
        for _ in 0..each {
            self.equal_rows()?;
            let (actor, counter) = self.next(group, actors)?;
            let rank = Some((counter, actors.rank(actor)));
            if rank <= before {
                return Err(ChangeRefused::PredecessorsUnordered);
            }
            before = rank;
        }
        Ok(())
    }

    fn equal_rows(&mut self) -> Result<u64, ChangeRefused> {
        let expected = self.total;
        let (actors, counters) = (self.actor.rows()?, self.counter.rows()?);
        if actors == 0 {
            return Err(ChangeRefused::RowsDisagree { column: number::PREDECESSOR_ACTOR, expected });
        }
        if counters == 0 {
            return Err(ChangeRefused::RowsDisagree { column: number::PREDECESSOR_COUNTER, expected });
        }
        Ok(actors.min(counters))
    }

    /// Checks one predecessor for each row of the group, all named by the same actor.
    fn next(&mut self, group: Group, actors: &mut Actors) -> Result<(u64, u64), ChangeRefused> {
        let column = number::PREDECESSOR_COUNTER;
        let actor = self.actor.present()?;
        let (first, last) = self.counter.range(group.rows)?.ok_or(ChangeRefused::ValueAbsent { column })?;
        actors.check(Element { column, actor, first, last }, group)?;
        self.actor.skip(group.rows);
        self.counter.skip(group.rows);
        Ok((actor, first))
    }
}
