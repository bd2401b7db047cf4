//! Entries as this phone holds them: signed bytes, place in the log, receipt, refusal.

use model::entry::{Entry, EntryKind, SignedFields};
use model::hash::{ChainHash, EntryHash};
use model::identity::{DeviceId, DocumentId, PersonId, SpaceId};
use model::receipt::{Epoch, Place, ReceiptPage};
use model::refusal::Refusal;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::StoreFailed;
use super::documents::DocumentRow;

/// What is known of an entry that this phone holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Held {
    /// Order of coming to this phone.
    pub id: i64,
    /// Its address.
    pub hash: EntryHash,
    /// What it is.
    pub kind: EntryKind,
    /// Who made it.
    pub device: DeviceId,
    /// Number of its row in the present log.
    pub number: Option<u64>,
    /// Number that the server named before the row came.
    pub acknowledged: Option<u64>,
    /// Whether it has effect, as far as the server said.
    pub in_force: Option<bool>,
    /// First receipt.
    pub first: Option<Place>,
    /// Page of that receipt.
    pub page: Option<i64>,
    /// In the outbox.
    pub is_unsent: bool,
    /// Refused, and why.
    pub refusal: Option<Refusal>,
}

impl Held {
    /// Its place in the present log by row or by answer.
    pub fn place(&self) -> Option<u64> {
        self.number.or(self.acknowledged)
    }
}

const HELD: &str = "id, hash, device, number, acknowledged, in_force, first_epoch, first_number, page, is_unsent,
                    refusal, kind";

/// Keeps an entry about a document that was made here and puts it into the outbox.
pub fn keep_own(transaction: &Transaction<'_>, entry: &Entry, about: &DocumentRow) -> Result<i64, StoreFailed> {
    keep(transaction, entry, Some(about), None)?.ok_or(StoreFailed::Damaged)
}

/// Keeps an act of membership that came with its receipt but not as a row. `None` if it is held already.
pub fn keep_grant(transaction: &Transaction<'_>, entry: &Entry) -> Result<Option<i64>, StoreFailed> {
    keep(transaction, entry, None, None)
}

/// Keeps an entry that came as a row of the log, at its place. `about` is its document; an act of membership has none.
/// `None` if it is held already; then nothing changed.
pub fn keep_row(
    transaction: &Transaction<'_>,
    entry: &Entry,
    about: Option<&DocumentRow>,
    at: &Placed,
) -> Result<Option<i64>, StoreFailed> {
    keep(transaction, entry, about, Some(at))
}

/// What has neither place nor receipt and is about a document was made here.
fn keep(
    transaction: &Transaction<'_>,
    entry: &Entry,
    about: Option<&DocumentRow>,
    at: Option<&Placed>,
) -> Result<Option<i64>, StoreFailed> {
    let is_unsent = about.is_some() && at.is_none();
    let sql = "insert into entry (hash, space, document, kind, person, device, is_unsent,
                                  number, chain, first_epoch, first_number, page, in_force)
               values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) on conflict (hash) do nothing";
    let fields = &entry.fields;
    let kept = transaction.prepare_cached(sql)?.execute(params![
        entry.hash.as_bytes(),
        fields.space.as_bytes(),
        about.map(|about| about.key),
        fields.kind as i64,
        fields.person.as_bytes(),
        fields.device.as_bytes(),
        is_unsent,
        at.map(|at| at.number),
        at.map(|at| at.chain.as_bytes()),
        at.map(|at| at.first.epoch.to_bytes()),
        at.map(|at| at.first.number),
        at.map(|at| at.page),
        at.map(|at| at.in_force),
    ])?;
    if kept == 0 {
        return Ok(None);
    }
    let id = transaction.last_insert_rowid();
    let sql = "insert into signed (entry, bytes) values (?1, ?2)";
    transaction.prepare_cached(sql)?.execute((id, &entry.bytes))?;
    Ok(Some(id))
}

/// Where a row of the log is.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// Number in the present log.
    pub number: u64,
    /// Chain after it.
    pub chain: ChainHash,
    /// First receipt.
    pub first: Place,
    /// Page of that receipt.
    pub page: i64,
    /// Whether it has effect.
    pub in_force: bool,
}

/// The entry stands in the log: out of the outbox, received, whatever was answered before (exchange rule R17).
pub fn place(transaction: &Transaction<'_>, id: i64, at: &Placed) -> Result<(), StoreFailed> {
    let sql = "update entry set number = ?2, chain = ?3, first_epoch = ?4, first_number = ?5, page = ?6, in_force = ?7,
               is_unsent = 0, refusal = null, acknowledged = null where id = ?1";
    transaction.prepare_cached(sql)?.execute((
        id,
        at.number,
        at.chain.as_bytes(),
        at.first.epoch.to_bytes(),
        at.first.number,
        at.page,
        at.in_force,
    ))?;
    Ok(())
}

/// The server has it; the row comes later. The earlier receipt stays the first one.
pub fn acknowledge(
    transaction: &Transaction<'_>,
    held: &Held,
    first: Place,
    number: u64,
    told: (i64, bool),
) -> Result<(), StoreFailed> {
    let sql = "update entry set is_unsent = 0, refusal = null, acknowledged = ?2, in_force = ?3 where id = ?1";
    transaction.prepare_cached(sql)?.execute((held.id, number, told.1))?;
    if held.first.is_none_or(|known| first < known) {
        let sql = "update entry set first_epoch = ?2, first_number = ?3, page = ?4 where id = ?1";
        transaction.prepare_cached(sql)?.execute((held.id, first.epoch.to_bytes(), first.number, told.0))?;
    }
    Ok(())
}

/// The entry is refused; its bytes stay and the reason is shown.
pub fn refuse(transaction: &Transaction<'_>, id: i64, refusal: Refusal) -> Result<(), StoreFailed> {
    let code = refusal.code();
    transaction.prepare_cached("update entry set is_unsent = 0, refusal = ?2 where id = ?1")?.execute((id, code))?;
    Ok(())
}

/// The entry goes back to the outbox.
pub fn unsend(transaction: &Transaction<'_>, id: i64) -> Result<(), StoreFailed> {
    transaction.prepare_cached("update entry set is_unsent = 1, refusal = null where id = ?1")?.execute([id])?;
    Ok(())
}

/// Looks an entry up.
pub fn find(connection: &Connection, hash: &EntryHash) -> Result<Option<Held>, StoreFailed> {
    let sql = format!("select {HELD} from entry where hash = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([hash.as_bytes()], read_held).optional()?)
}

/// The document of space `?1` with id `?2`, as entries name it.
pub const DOCUMENT: &str = "(select key from document where space = ?1 and id = ?2)";

/// Entries of one document in the order in which they came, without bytes.
pub fn of_document(connection: &Connection, space: SpaceId, document: DocumentId) -> Result<Vec<Held>, StoreFailed> {
    let sql = format!("select {HELD} from entry where document = {DOCUMENT} order by id");
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((space.as_bytes(), document.as_bytes()), read_held)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether anything of a space stands refused.
pub fn has_refused(connection: &Connection, space: SpaceId) -> Result<bool, StoreFailed> {
    let sql = "select exists (select 1 from entry where space = ?1 and refusal is not null)";
    Ok(connection.prepare_cached(sql)?.query_row([space.as_bytes()], |row| row.get(0))?)
}

/// The signed bytes of an entry.
pub fn bytes_of(connection: &Connection, hash: &EntryHash) -> Result<Option<Vec<u8>>, StoreFailed> {
    let sql = "select bytes from entry join signed on signed.entry = entry.id where hash = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement.query_row([hash.as_bytes()], |row| row.get(0)).optional()?)
}

/// An entry that this phone holds, read again.
pub fn entry_of(connection: &Connection, hash: &EntryHash) -> Result<Option<Entry>, StoreFailed> {
    let Some(bytes) = bytes_of(connection, hash)? else { return Ok(None) };
    Entry::read(&bytes).map(Some).map_err(|_| StoreFailed::Damaged)
}

/// The change bytes that make a document: everything held and not refused, in the order of first receipts, as on the
/// server; what has none comes last.
pub fn changes_of(connection: &Connection, space: SpaceId, document: DocumentId) -> Result<Vec<Vec<u8>>, StoreFailed> {
    let sql = format!(
        "select bytes from entry join signed on signed.entry = entry.id
         where document = {DOCUMENT} and kind = 1 and refusal is null
         order by first_epoch is null, first_epoch, first_number, id"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map((space.as_bytes(), document.as_bytes()), |row| row.get::<_, Vec<u8>>(0))?;
    let mut changes = Vec::new();
    for bytes in rows {
        let fields: SignedFields = minicbor::decode(&bytes?).map_err(|_| StoreFailed::Damaged)?;
        changes.push(fields.body);
    }
    Ok(changes)
}

/// Keeps a verified page of receipts.
pub fn keep_page(transaction: &Transaction<'_>, page: &ReceiptPage) -> Result<i64, StoreFailed> {
    let bytes = minicbor::to_vec(page).expect("writing to memory cannot fail");
    transaction.prepare_cached("insert into page (bytes) values (?1)")?.execute([bytes])?;
    Ok(transaction.last_insert_rowid())
}

/// A kept page of receipts.
pub fn page(connection: &Connection, id: i64) -> Result<ReceiptPage, StoreFailed> {
    let mut statement = connection.prepare_cached("select bytes from page where id = ?1")?;
    let bytes: Vec<u8> = statement.query_row([id], |row| row.get(0))?;
    minicbor::decode(&bytes).map_err(|_| StoreFailed::Damaged)
}

/// The page with the latest receipt that a life gave in a space.
pub fn newest_page(connection: &Connection, space: SpaceId, epoch: Epoch) -> Result<Option<ReceiptPage>, StoreFailed> {
    let sql = "select page from entry where space = ?1 and first_epoch = ?2 and page is not null
               order by first_number desc limit 1";
    let mut statement = connection.prepare_cached(sql)?;
    let found: Option<i64> = statement.query_row((space.as_bytes(), epoch.to_bytes()), |row| row.get(0)).optional()?;
    found.map(|id| page(connection, id)).transpose()
}

/// Who wrote an entry, for showing both sides of a dispute.
pub fn author_of(connection: &Connection, hash: &EntryHash) -> Result<Option<PersonId>, StoreFailed> {
    let mut statement = connection.prepare_cached("select person from entry where hash = ?1")?;
    let person: Option<[u8; 16]> = statement.query_row([hash.as_bytes()], |row| row.get(0)).optional()?;
    Ok(person.map(PersonId::from_bytes))
}

fn read_held(row: &Row<'_>) -> rusqlite::Result<Held> {
    let first = match (row.get::<_, Option<[u8; 16]>>(6)?, row.get::<_, Option<u64>>(7)?) {
        (Some(epoch), Some(number)) => Some(Place { epoch: Epoch::from_bytes(epoch), number }),
        _ => None,
    };
    let refusal: Option<u64> = row.get(10)?;
    let kind: i64 = row.get(11)?;
    Ok(Held {
        id: row.get(0)?,
        hash: EntryHash::from_bytes(row.get(1)?),
        kind: EntryKind::from_number(kind).ok_or(rusqlite::Error::IntegralValueOutOfRange(11, kind))?,
        device: DeviceId::from_bytes(row.get(2)?),
        number: row.get(3)?,
        acknowledged: row.get(4)?,
        in_force: row.get(5)?,
        first,
        page: row.get(8)?,
        is_unsent: row.get(9)?,
        refusal: refusal.map(Refusal::from_code),
    })
}
