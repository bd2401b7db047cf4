//! The operations of a change, counted and checked in groups of rows that are equal in every column.
//!
//! A group ends where any column's run ends, so there are no more groups than bytes, whatever the runs claim.

use super::bytes::Bytes;
use super::columns::{Columns, number};
use super::references::{Actors, Element, Predecessors, Sums};
use super::runs::{Presence, Runs, Switches};
use super::values::{self, Kind, Meaning};
use super::{ChangeHeader, ChangeRefused, OPERATION_COUNTER_MAX, OPERATIONS_FREE, OPERATIONS_MAX};
use super::{OPERATIONS_PER_BYTE, PREDECESSORS_MAX, TEXT_BYTES_MAX, at_most};

const PUT: u64 = 1;
const DELETE: u64 = 3;
const INCREMENT: u64 = 5;
const MARK: u64 = 7;
const ACTION_MAX: u64 = MARK;
/// The actions that make a map, a list, a text or a table.
const MAKE: [u64; 4] = [0, 2, 4, 6];

/// What the operations of a change come to.
pub(super) struct Weight {
    pub(super) operations: u64,
    pub(super) is_fresh: bool,
}

/// Counts and checks all operations; `chunk_bytes` is what the change weighs on the wire.
pub(super) fn weigh(columns: &Columns, header: &ChangeHeader, chunk_bytes: u64) -> Result<Weight, ChangeRefused> {
    let paid = OPERATIONS_FREE + OPERATIONS_PER_BYTE * chunk_bytes;
    let operations = count(columns.action, paid)?;
    let last = header.start_operation - 1 + operations;
    at_most(last, OPERATION_COUNTER_MAX, |given, limit| ChangeRefused::CounterOutOfRange { given, limit })?;
    let mut actors = Actors::new(header);
    let predecessors_max = PREDECESSORS_MAX.min(operations + paid);
    let is_fresh = Rows::new(columns, operations, predecessors_max).check(&mut actors)?;
    actors.finish()?;
    Ok(Weight { operations, is_fresh })
}

/// Adds up the runs of the column that decides how many operations the engine makes.
fn count(action: &[u8], paid: u64) -> Result<u64, ChangeRefused> {
    let mut runs = Runs::new(number::ACTION, Presence::Required, action, Bytes::unsigned);
    let (mut operations, mut deletions) = (0_u64, 0_u64);
    loop {
        let rows = runs.rows()?;
        if rows == 0 {
            break;
        }
        operations = operations.saturating_add(rows);
        at_most(operations, OPERATIONS_MAX, |given, limit| ChangeRefused::TooManyOperations { given, limit })?;
        if runs.present()? == DELETE {
            deletions += rows;
        }
        runs.skip(rows);
    }
    at_most(operations - deletions, paid, |given, limit| ChangeRefused::TooManyOperations { given, limit })?;
    Ok(operations)
}

/// Rows that are equal in every column but for counters that grow steadily.
#[derive(Debug, Clone, Copy)]
pub(super) struct Group {
    pub(super) rows: u64,
    /// The counter of the first operation; each next one's is one higher.
    pub(super) first_counter: u64,
}

impl Group {
    pub(super) fn last_counter(&self) -> u64 {
        self.first_counter + self.rows - 1
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Text,
    Head,
    Element,
}

/// Actor's place and counter of the operation that made an object; neither for the root.
type ObjectName = (Option<u64>, Option<u64>);

struct Rows<'a> {
    operations: u64,
    object_actor: Runs<'a, u64>,
    object_counter: Runs<'a, u64>,
    key_actor: Runs<'a, u64>,
    key_counter: Sums<'a>,
    key_text: Runs<'a, &'a [u8]>,
    insert: Switches<'a>,
    action: Runs<'a, u64>,
    value_kind: Runs<'a, u64>,
    value_bytes: Bytes<'a>,
    predecessor_count: Runs<'a, u64>,
    predecessors: Predecessors<'a>,
    expand: Switches<'a>,
    mark_name: Runs<'a, &'a [u8]>,
    text_bytes: u64,
    /// The object of a mark whose end must be the next operation.
    open_mark: Option<ObjectName>,
    is_fresh: bool,
}

impl<'a> Rows<'a> {
    fn new(columns: &Columns<'a>, operations: u64, predecessors_max: u64) -> Self {
        use Presence::{Optional, Required};
        let unsigned = |column, presence, bytes| Runs::new(column, presence, bytes, Bytes::unsigned);
        let text = |column, bytes| Runs::new(column, Optional, bytes, Bytes::text);
        Self {
            operations,
            object_actor: unsigned(number::OBJECT_ACTOR, Optional, columns.object_actor),
            object_counter: unsigned(number::OBJECT_COUNTER, Optional, columns.object_counter),
            key_actor: unsigned(number::KEY_ACTOR, Optional, columns.key_actor),
            key_counter: Sums::new(number::KEY_COUNTER, Optional, columns.key_counter),
            key_text: text(number::KEY_TEXT, columns.key_text),
            insert: Switches::new(number::INSERT, Required, columns.insert),
            action: unsigned(number::ACTION, Required, columns.action),
            value_kind: unsigned(number::VALUE_KIND, Required, columns.value_kind),
            value_bytes: Bytes::new(columns.value_bytes),
            predecessor_count: unsigned(number::PREDECESSOR_COUNT, Required, columns.predecessor_count),
            predecessors: Predecessors::new(columns, predecessors_max),
            expand: Switches::new(number::EXPAND, Optional, columns.expand),
            mark_name: text(number::MARK_NAME, columns.mark_name),
            text_bytes: 0,
            open_mark: None,
            is_fresh: true,
        }
    }

    /// Whether the change is fresh, if it can be opened at all.
    fn check(mut self, actors: &mut Actors) -> Result<bool, ChangeRefused> {
        let mut done = 0;
        while done < self.operations {
            let group = Group { rows: self.equal_rows()?, first_counter: actors.start_operation() + done };
            self.check_group(group, actors)?;
            self.skip(group.rows);
            done += group.rows;
        }
        let is_fresh = self.is_fresh;
        self.finish().map(|()| is_fresh)
    }

    /// How many next rows are equal in every column.
    fn equal_rows(&mut self) -> Result<u64, ChangeRefused> {
        let columns = [
            (number::OBJECT_ACTOR, self.object_actor.rows()?),
            (number::OBJECT_COUNTER, self.object_counter.rows()?),
            (number::KEY_ACTOR, self.key_actor.rows()?),
            (number::KEY_COUNTER, self.key_counter.rows()?),
            (number::KEY_TEXT, self.key_text.rows()?),
            (number::INSERT, self.insert.rows()?),
            (number::ACTION, self.action.rows()?),
            (number::VALUE_KIND, self.value_kind.rows()?),
            (number::PREDECESSOR_COUNT, self.predecessor_count.rows()?),
            (number::EXPAND, self.expand.rows()?),
            (number::MARK_NAME, self.mark_name.rows()?),
        ];
        let (column, rows) = columns.into_iter().min_by_key(|(_, rows)| *rows).unwrap_or_default();
        if rows == 0 {
            return Err(ChangeRefused::RowsDisagree { column, expected: self.operations });
        }
        Ok(rows)
    }

    fn check_group(&mut self, group: Group, actors: &mut Actors) -> Result<(), ChangeRefused> {
        let action = self.action.present()?;
        if action > ACTION_MAX {
            return Err(ChangeRefused::ActionUnknown { given: action });
        }
        let incoherent = ChangeRefused::OperationIncoherent { action };
        let is_root = self.check_object(group, actors, &incoherent)?;
        let key = self.check_key(group, actors, &incoherent)?;
        let meaning = if action == INCREMENT { Meaning::Step } else { Meaning::Free };
        let kind = values::check(&mut self.value_bytes, self.value_kind.present()?, group.rows, meaning)?;
        let predecessors = self.predecessor_count.present()?;
        self.predecessors.check(predecessors, group, actors)?;
        self.weigh_text(group.rows)?;
        self.is_fresh &= is_root && key == Key::Text && action == PUT && predecessors == 0;
        let is_coherent = self.key_is_coherent(key, is_root, predecessors)
            && self.action_is_coherent(action, kind)
            && self.mark_is_paired(action, kind, group.rows);
        if is_coherent { Ok(()) } else { Err(incoherent) }
    }

    /// Whether the object is the root map.
    fn check_object(
        &self,
        group: Group,
        actors: &mut Actors,
        incoherent: &ChangeRefused,
    ) -> Result<bool, ChangeRefused> {
        match (self.object_actor.value(), self.object_counter.value()) {
            (None, None) => Ok(true),
            (Some(actor), Some(counter)) => {
                actors
                    .check(Element { column: number::OBJECT_COUNTER, actor, first: counter, last: counter }, group)?;
                Ok(false)
            }
            _ => Err(incoherent.clone()),
        }
    }

    fn check_key(&self, group: Group, actors: &mut Actors, incoherent: &ChangeRefused) -> Result<Key, ChangeRefused> {
        let counters = self.key_counter.range(group.rows)?;
        match (self.key_text.value(), self.key_actor.value(), counters) {
            (Some(_), None, None) => Ok(Key::Text),
            (None, None, Some((0, 0))) => Ok(Key::Head),
            (None, Some(actor), Some((first, last))) => {
                actors.check(Element { column: number::KEY_COUNTER, actor, first, last }, group)?;
                Ok(Key::Element)
            }
            _ => Err(incoherent.clone()),
        }
    }

    /// The engine gives each operation its own copy of its key and its mark's name.
    fn weigh_text(&mut self, rows: u64) -> Result<(), ChangeRefused> {
        self.text_bytes += (text_bytes(&self.key_text)? + text_bytes(&self.mark_name)?) * rows;
        at_most(self.text_bytes, TEXT_BYTES_MAX, |given, limit| ChangeRefused::TextTooLong { given, limit })
    }

    /// The root is a map; lists alone have inserts, and an insert overwrites nothing.
    fn key_is_coherent(&self, key: Key, is_root: bool, predecessors: u64) -> bool {
        match key {
            Key::Text => !self.insert.is_on(),
            Key::Head => !is_root && self.insert.is_on() && predecessors == 0,
            Key::Element => !is_root && (!self.insert.is_on() || predecessors == 0),
        }
    }

    fn action_is_coherent(&self, action: u64, kind: Kind) -> bool {
        let is_marked = self.expand.is_on() || self.mark_name.value().is_some();
        match action {
            MARK => self.insert.is_on(),
            DELETE => kind == Kind::Null && !self.insert.is_on() && !is_marked,
            INCREMENT => kind == Kind::Integer && !self.insert.is_on() && !is_marked,
            _ => (kind == Kind::Null || !MAKE.contains(&action)) && !is_marked,
        }
    }

    /// The engine takes the operation before a mark's end for its begin, and does not load a document where it is not.
    fn mark_is_paired(&mut self, action: u64, kind: Kind, rows: u64) -> bool {
        let object = (self.object_actor.value(), self.object_counter.value());
        let begins = self.mark_name.value().is_some();
        match self.open_mark.take() {
            None if action != MARK => true,
            None => {
                self.open_mark = Some(object);
                begins && rows == 1
            }
            Some(open) => action == MARK && !begins && rows == 1 && open == object && kind == Kind::Null,
        }
    }

    fn skip(&mut self, rows: u64) {
        self.object_actor.skip(rows);
        self.object_counter.skip(rows);
        self.key_actor.skip(rows);
        self.key_counter.skip(rows);
        self.key_text.skip(rows);
        self.insert.skip(rows);
        self.action.skip(rows);
        self.value_kind.skip(rows);
        self.predecessor_count.skip(rows);
        self.expand.skip(rows);
        self.mark_name.skip(rows);
    }

    fn finish(mut self) -> Result<(), ChangeRefused> {
        let expected = self.operations;
        self.object_actor.finish(expected)?;
        self.object_counter.finish(expected)?;
        self.key_actor.finish(expected)?;
        self.key_counter.finish(expected)?;
        self.key_text.finish(expected)?;
        self.insert.finish(expected)?;
        self.value_kind.finish(expected)?;
        self.predecessor_count.finish(expected)?;
        self.expand.finish(expected)?;
        self.mark_name.finish(expected)?;
        self.predecessors.finish()?;
        if self.open_mark.is_some() {
            return Err(ChangeRefused::OperationIncoherent { action: MARK });
        }
        match self.value_bytes.left() as u64 {
            0 => Ok(()),
            given => Err(ChangeRefused::ValueBytesLeft { given }),
        }
    }
}

fn text_bytes(column: &Runs<&[u8]>) -> Result<u64, ChangeRefused> {
    let text = column.value().unwrap_or_default();
    match std::str::from_utf8(text) {
        Ok(text) => Ok(text.len() as u64),
        Err(_) => Err(ChangeRefused::TextMalformed { column: column.column() }),
    }
}
