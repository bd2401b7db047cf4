//! What minutes say beside their form: who was there, and what was said.

use model::minutes::{Attendance, Minutes};
use model::text::sort_key;

use crate::cases::page::name_of;
use crate::cases::sheet::block::{Block, Line};
use crate::cases::sheet::{ReadPaper, Signed};
use crate::report::directory::Directory;

/// The list of attendance and the paragraphs; nothing for other papers.
pub fn blocks(signed: &Signed<'_>, directory: &Directory) -> Vec<Block> {
    let ReadPaper::Minutes(minutes) = &signed.paper else { return Vec::new() };
    let attended = Attendance::ALL.into_iter().filter_map(|state| attended(minutes, state, directory));
    let said = minutes.paragraphs.iter().filter_map(|paragraph| paragraph.text.as_deref());
    let said: Vec<String> = said.flat_map(str::lines).map(str::to_owned).collect();
    let spoken =
        Line { label: "Diễn biến và ý kiến tại cuộc họp:".to_owned(), paragraphs: said, is_prose: true };
    attended.map(Block::Line).chain([Block::Line(spoken)]).collect()
}

/// Everybody with this mark, by name; none if nobody has it.
fn attended(minutes: &Minutes, state: Attendance, directory: &Directory) -> Option<Line> {
    let marked = minutes.attendance.iter().filter(|(_, marked)| **marked == state);
    let mut names: Vec<String> = marked.map(|(person, _)| name_of(directory, *person)).collect();
    names.sort_by_cached_key(|name| sort_key(name));
    let label = format!("{} ({} người):", state.label_vi(), names.len());
    (!names.is_empty()).then(|| Line { label, paragraphs: vec![names.join("; ")], is_prose: false })
}
