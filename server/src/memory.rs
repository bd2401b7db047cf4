//! What the writer remembers between requests, all of it bounded and rebuilt from the database at any time.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;

use lru::LruCache;
use model::appointment::Chart;
use model::document::WorkingDocument;
use model::entry::Content;
use model::identity::{DocumentId, PersonId, SpaceId};
use model::membership::{Membership, Role};
use model::time::Day;
use rusqlite::Connection;

use crate::failure::ServerFailed;
use crate::limits::{
    BYTES_PER_LOOKED_CHANGE, FIELDS_PER_LOOKED_CHANGE, LOOKED_CHANGES_MAX, OPERATIONS_PER_LOOKED_CHANGE,
    OPERATIONS_PER_OPENED_CHANGE,
};
use crate::log::{SpaceRow, changes_of, membership_rows};
use crate::shared::{self, Shared};

/// Open documents that are kept; one costs about 17 KB whatever it holds.
const DOCUMENTS_MAX: NonZeroUsize = NonZeroUsize::new(256).expect("not zero");

/// Spaces whose membership is kept.
const MEMBERSHIPS_MAX: NonZeroUsize = NonZeroUsize::new(4_096).expect("not zero");

/// Spaces of which it is kept what they are shared for.
const SHARED_MAX: NonZeroUsize = NonZeroUsize::new(65_536).expect("not zero");

/// Who holds which role over one person.
pub type Roles = Arc<BTreeSet<(PersonId, Role)>>;

/// Caches of the one writer. After a rolled-back transaction they are thrown away.
pub struct Memory {
    documents: LruCache<(i64, DocumentId), (u32, WorkingDocument)>,
    /// A new document: its submission often comes right behind it, and if not, it is not worth a place among the others.
    new: Option<((i64, DocumentId), WorkingDocument)>,
    memberships: LruCache<i64, Arc<Membership>>,
    /// What spaces are shared for; none for the others.
    shared: LruCache<i64, Option<Shared>>,
    /// Who holds which role over whom on a day; the directory lists so many people at most.
    roles: (Option<Day>, HashMap<PersonId, Roles>),
    /// Changes that the engine opened or looked through since the present request began, and what else it read, as so many
    /// changes.
    looked: u64,
}

impl Default for Memory {
    fn default() -> Self {
        let (documents, memberships) = (LruCache::new(DOCUMENTS_MAX), LruCache::new(MEMBERSHIPS_MAX));
        let (shared, roles) = (LruCache::new(SHARED_MAX), (None, HashMap::new()));
        Self { documents, new: None, memberships, shared, roles, looked: 0 }
    }
}

impl Memory {
    /// Forgets everything.
    pub fn clear(&mut self) {
        self.documents.clear();
        self.new = None;
        self.memberships.clear();
        self.shared.clear();
        self.forget_roles();
    }

    /// Forgets who holds which role: the directory moved.
    pub fn forget_roles(&mut self) {
        self.roles = (None, HashMap::new());
    }

    /// Who holds which role over somebody on a day.
    pub fn roles_over(&mut self, chart: &Chart, person: PersonId, today: Day) -> Roles {
        if self.roles.0 != Some(today) {
            self.roles = (Some(today), HashMap::new());
        }
        let found = self.roles.1.entry(person).or_insert_with(|| Arc::new(chart.roles_over(person, today)));
        Arc::clone(found)
    }

    /// What a space is shared for; none if it is the directory or a person's own.
    pub fn shared(&mut self, connection: &Connection, space: i64) -> Result<Option<Shared>, ServerFailed> {
        if let Some(known) = self.shared.get(&space) {
            return Ok(*known);
        }
        let found = shared::find(connection, space)?;
        self.shared.put(space, found);
        Ok(found)
    }

    /// Forgets what a space is shared for.
    pub fn forget_shared(&mut self, space: i64) {
        self.shared.pop(&space);
    }

    /// A request begins.
    pub fn begin_request(&mut self) {
        self.looked = 0;
    }

    /// Whether the engine has looked at as much as one request may cost.
    pub fn has_looked_enough(&self) -> bool {
        self.looked >= LOOKED_CHANGES_MAX
    }

    /// The engine goes through so many changes of a document.
    pub fn note_look(&mut self, changes: u32) {
        self.looked += u64::from(changes);
    }

    /// The engine reads all fields of a document, which are so many bytes at most, and their values, which are at most as
    /// many as its operations.
    pub fn note_reading(&mut self, fields: u64, operations: u64, bytes: u64) {
        let values = (fields / FIELDS_PER_LOOKED_CHANGE).max(operations / OPERATIONS_PER_LOOKED_CHANGE);
        self.looked += values + bytes / BYTES_PER_LOOKED_CHANGE;
    }

    /// Takes the open document out, or opens it from its stored changes, which have so many operations.
    pub fn document(
        &mut self,
        connection: &Connection,
        space: i64,
        document: DocumentId,
        (changes, operations): (u32, u64),
    ) -> Result<WorkingDocument, ServerFailed> {
        if changes == 0 {
            return Ok(WorkingDocument::default());
        }
        if let Some((_, open)) = self.new.take_if(|(known, _)| changes == 1 && *known == (space, document)) {
            return Ok(open);
        }
        match self.documents.pop(&(space, document)) {
            Some((known, open)) if known == changes => Ok(open),
            Some(_) | None => {
                self.note_look(changes);
                self.looked += operations / OPERATIONS_PER_OPENED_CHANGE;
                let stored = changes_of(connection, space, document)?;
                Ok(WorkingDocument::open(stored.iter().map(Vec::as_slice)))
            }
        }
    }

    /// Keeps an open document that holds exactly so many stored changes.
    pub fn keep_document(&mut self, space: i64, document: DocumentId, changes: u32, open: WorkingDocument) {
        match changes {
            1 => self.new = Some(((space, document), open)),
            _ => drop(self.documents.put((space, document), (changes, open))),
        }
    }

    /// Members of a space by its present log.
    pub fn membership(&mut self, connection: &Connection, space: &SpaceRow) -> Result<Arc<Membership>, ServerFailed> {
        if let Some(known) = self.memberships.get(&space.id) {
            return Ok(Arc::clone(known));
        }
        let mut membership = Membership::default();
        for (entry, row) in membership_rows(connection, space.id)? {
            if let Content::Grant(grant) = entry.content {
                membership.record(row.first, row.number, grant);
            }
        }
        let membership = Arc::new(membership);
        self.memberships.put(space.id, Arc::clone(&membership));
        Ok(membership)
    }

    /// Forgets the members of a space whose log got a membership row.
    pub fn forget_membership(&mut self, space: i64) {
        self.memberships.pop(&space);
    }
}

/// The spaces of one commune that are not random: each is derived from the server's identity.
pub fn derived_space(domain: &str, server: &[u8; 32], subject: &[u8]) -> SpaceId {
    SpaceId::from_bytes(model::identity::derive_bytes(domain, &[server, subject]))
}
