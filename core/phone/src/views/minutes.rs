//! Values of the minutes of a review, ready to show.

use model::identity::{DocumentId, ParagraphId, PersonId};
use model::minutes::Attendance;

use super::{DisputeView, SideView};

/// Minutes that several people write. The questions of their form are shown as those of any paper.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct MinutesView {
    /// Which.
    pub minutes: DocumentId,
    /// Who is reviewed.
    pub person_name: String,
    /// Their post.
    pub post: String,
    /// What was said, in its order.
    pub paragraphs: Vec<ParagraphView>,
    /// Everybody of the unit and whoever else was marked, by name.
    pub attendance: Vec<AttendeeView>,
    /// Whether somebody signed them; what is written afterwards is kept and does not count.
    pub is_signed: bool,
    /// Whether nothing keeps them from being signed.
    pub is_complete: bool,
}

/// One paragraph.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct ParagraphView {
    /// Which.
    pub id: ParagraphId,
    /// What it says; none while two versions wait for a choice.
    pub text: Option<String>,
    /// Two versions.
    pub dispute: Option<ParagraphDispute>,
}

/// A paragraph that was rewritten by several people at the same time.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct ParagraphDispute {
    /// The field.
    pub field: String,
    /// Every version with its author; none is the right one by itself.
    pub sides: Vec<SideView>,
    /// Both in one, word by word; none where there are more than two.
    pub merged: Option<String>,
}

/// Somebody who may have been at the meeting.
#[derive(Clone, PartialEq, Debug, uniffi::Record)]
pub struct AttendeeView {
    /// Who.
    pub person: PersonId,
    /// Their full name.
    pub person_name: String,
    /// Their post.
    pub post: String,
    /// Whether they were there; none if nobody said, or two people said different things.
    pub state: Option<Attendance>,
    /// Two people said different things.
    pub dispute: Option<DisputeView>,
}
