//! The list of columns behind the header, and the bytes of each.

use super::ChangeRefused;
use super::bytes::Bytes;

/// The bit of a column's number that says its bytes are deflated.
const DEFLATED: u64 = 0b1000;

/// The columns that the engine knows, each by its number in the format: an id above four bits of type.
pub(super) mod number {
    pub(crate) const OBJECT_ACTOR: u64 = 1;
    pub(crate) const OBJECT_COUNTER: u64 = 2;
    pub(crate) const KEY_ACTOR: u64 = 17;
    pub(crate) const KEY_COUNTER: u64 = 19;
    pub(crate) const KEY_TEXT: u64 = 21;
    pub(crate) const INSERT: u64 = 52;
    pub(crate) const ACTION: u64 = 66;
    pub(crate) const VALUE_KIND: u64 = 86;
    pub(crate) const VALUE_BYTES: u64 = 87;
    pub(crate) const PREDECESSOR_COUNT: u64 = 112;
    pub(crate) const PREDECESSOR_ACTOR: u64 = 113;
    pub(crate) const PREDECESSOR_COUNTER: u64 = 115;
    pub(crate) const EXPAND: u64 = 148;
    pub(crate) const MARK_NAME: u64 = 165;
}

/// The bytes of every column; those of a column that was left out are empty.
#[derive(Debug, Default)]
pub(super) struct Columns<'a> {
    pub(super) object_actor: &'a [u8],
    pub(super) object_counter: &'a [u8],
    pub(super) key_actor: &'a [u8],
    pub(super) key_counter: &'a [u8],
    pub(super) key_text: &'a [u8],
    pub(super) insert: &'a [u8],
    pub(super) action: &'a [u8],
    pub(super) value_kind: &'a [u8],
    pub(super) value_bytes: &'a [u8],
    pub(super) predecessor_count: &'a [u8],
    pub(super) predecessor_actor: &'a [u8],
    pub(super) predecessor_counter: &'a [u8],
    pub(super) expand: &'a [u8],
    pub(super) mark_name: &'a [u8],
}

impl<'a> Columns<'a> {
    /// Reads the list twice: once to find where the data begins, once to hand each column its bytes.
    pub(super) fn read(input: &mut Bytes<'a>) -> Result<Self, ChangeRefused> {
        let count = input.unsigned()?;
        let mut list = *input;
        skip_list(input, count)?;
        let mut columns = Self::default();
        for _ in 0..count {
            let column = list.unsigned()?;
            let length = list.unsigned()?;
            *columns.bytes_of(column)? = input.take(length)?;
        }
        Ok(columns)
    }

    fn bytes_of(&mut self, column: u64) -> Result<&mut &'a [u8], ChangeRefused> {
        Ok(match column {
            number::OBJECT_ACTOR => &mut self.object_actor,
            number::OBJECT_COUNTER => &mut self.object_counter,
            number::KEY_ACTOR => &mut self.key_actor,
            number::KEY_COUNTER => &mut self.key_counter,
            number::KEY_TEXT => &mut self.key_text,
            number::INSERT => &mut self.insert,
            number::ACTION => &mut self.action,
            number::VALUE_KIND => &mut self.value_kind,
            number::VALUE_BYTES => &mut self.value_bytes,
            number::PREDECESSOR_COUNT => &mut self.predecessor_count,
            number::PREDECESSOR_ACTOR => &mut self.predecessor_actor,
            number::PREDECESSOR_COUNTER => &mut self.predecessor_counter,
            number::EXPAND => &mut self.expand,
            number::MARK_NAME => &mut self.mark_name,
            deflated if deflated & DEFLATED != 0 => return Err(ChangeRefused::ColumnDeflated { column }),
            _ => return Err(ChangeRefused::ColumnUnknown { column }),
        })
    }
}

/// Steps over the list. It ends with the bytes at the latest, whatever count was announced.
fn skip_list(input: &mut Bytes, count: u64) -> Result<(), ChangeRefused> {
    let mut before = 0;
    for _ in 0..count {
        let column = input.unsigned()?;
        if column <= before {
            return Err(ChangeRefused::ColumnsUnordered { column });
        }
        if input.unsigned()? == 0 {
            return Err(ChangeRefused::ColumnEmpty { column });
        }
        before = column;
    }
    Ok(())
}
