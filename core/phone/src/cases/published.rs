//! Results that the people of a unit may read, as this phone holds them.

use std::cmp::Reverse;

use model::case::paper::PaperKind;
use model::document::DocumentKind;
use model::identity::DocumentId;
use model::text::sort_key;

use super::Case;
use crate::desk::{Desk, shown_moment};
use crate::failure::Failure;
use crate::store::documents::DocumentRow;
use crate::store::{documents, spaces};
use crate::views::case::{PaperRead, PublishedResult};

impl Desk {
    /// Every result, the newest cycle first, by name.
    pub(crate) fn published_results(&self) -> Result<Vec<PublishedResult>, Failure> {
        let mut results = Vec::new();
        for row in documents::of_kind(self.store.reader(), DocumentKind::Published)? {
            results.extend(self.published_result(&row)?);
        }
        let closes = |result: &PublishedResult| self.directory.cycles.get(&result.cycle).map(|cycle| cycle.closes);
        results.sort_by_cached_key(|result| (Reverse(closes(result)), sort_key(&result.person_name), result.result));
        Ok(results)
    }

    /// What a result says.
    pub(crate) fn read_result(&self, result: DocumentId) -> Result<PaperRead, Failure> {
        let is_result = DocumentKind::of(result) == Some(DocumentKind::Published);
        let row = if is_result { documents::find_anywhere(self.store.reader(), result)? } else { None };
        let row = row.ok_or(Failure::NotHere)?;
        let at = row.decisions.papers.get(&PaperKind::Publication).ok_or(Failure::NotHere)?;
        let filed = self.opened(at)?.filed;
        let members = spaces::members(self.store.reader(), row.space)?;
        let (cycle, person) = (filed.cycle, filed.person);
        self.read_filed(&Case::published(row, (cycle, person), members), PaperKind::Publication)
    }

    fn published_result(&self, row: &DocumentRow) -> Result<Option<PublishedResult>, Failure> {
        let Some(at) = row.decisions.papers.get(&PaperKind::Publication) else { return Ok(None) };
        let filed = self.opened(at)?.filed;
        Ok(Some(PublishedResult {
            result: row.id,
            cycle: filed.cycle,
            cycle_title: self.cycle_title(filed.cycle),
            person: filed.person,
            person_name: self.directory.name_of(filed.person),
            post: self.directory.post_of(filed.person),
            published: shown_moment(filed.claimed_ms),
        }))
    }
}
