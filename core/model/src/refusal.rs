//! Why the server did not take an entry: one word per rule, kept by the phone beside the bytes.

use minicbor::{Decode, Encode};

use crate::change::ChangeRefused;
use crate::document::DocumentRefused;
use crate::entry::EntryRefused;

/// A typed refusal. Numbers are on the wire and never reused; never given twice. A reason of a newer server reads as `Unreadable`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, Encode, uniffi::Enum, thiserror::Error)]
#[cbor(index_only)]
pub enum Refusal {
    /// Larger than an entry, a text or a document may be.
    #[n(1)]
    #[error("larger than allowed")]
    TooLarge = 1,
    /// Not an entry that this server understands.
    #[n(2)]
    #[error("not readable")]
    Unreadable = 2,
    /// A change that is packed, a whole document, or malformed.
    #[n(3)]
    #[error("not one plain change")]
    NotPlainChange = 3,
    /// More operations than bytes can honestly hold.
    #[n(4)]
    #[error("too many operations")]
    TooManyOperations = 4,
    /// The operation counter is far beyond the document's.
    #[n(5)]
    #[error("the operation counter is too far ahead")]
    CounterTooFar = 5,
    /// The author's sequence number is not the next one.
    #[n(6)]
    #[error("not the author's next change")]
    SequenceNotNext = 6,
    /// A second change under one author and sequence number.
    #[n(7)]
    #[error("the author has already written another change under this number")]
    Equivocation = 7,
    /// Written under an actor that is not this device's.
    #[n(8)]
    #[error("written under another author's name")]
    WrongActor = 8,
    /// The signature does not fit.
    #[n(9)]
    #[error("the signature does not fit")]
    BadSignature = 9,
    /// The author is not, or no longer, a member of the space.
    #[n(10)]
    #[error("the author is not a member here")]
    NotAMember = 10,
    /// The author's role may not do this.
    #[n(11)]
    #[error("the author's role may not do this")]
    NotAllowed = 11,
    /// Meant for another space than the one it was sent to.
    #[n(12)]
    #[error("belongs to another space")]
    WrongSpace = 12,
    /// The document is not of a kind, or about a subject, that belongs here.
    #[n(13)]
    #[error("the document does not belong here")]
    WrongDocument = 13,
    /// The document has no room for more changes or more decisions.
    #[n(14)]
    #[error("the document is full")]
    DocumentFull = 14,
    /// Another decision came first.
    #[n(15)]
    #[error("another decision came first")]
    DecidedAlready = 15,
    /// The form is not complete, or two values wait for a choice.
    #[n(16)]
    #[error("the form is not complete")]
    Incomplete = 16,
    /// The signed value is not the document's value at the named heads.
    #[n(17)]
    #[error("the signed value is not the document's")]
    ValueDiffers = 17,
    /// The form version is unknown here.
    #[n(18)]
    #[error("the form version is unknown")]
    UnknownForm = 18,
    /// It builds on an entry that was refused.
    #[n(19)]
    #[error("it builds on something that was refused")]
    BuildsOnRefused = 19,
    /// The engine cannot open the change.
    #[n(20)]
    #[error("the change cannot be opened")]
    Unopenable = 20,
    /// The document holds more than single values, or values of the wrong kind.
    #[n(21)]
    #[error("the document's form is broken")]
    BrokenDocument = 21,
    /// The case is not where this can be done.
    #[n(22)]
    #[error("the case is not where this can be done")]
    NotNow = 22,
    /// It says something else than the papers that lie in the case.
    #[n(23)]
    #[error("it contradicts what lies in the case")]
    Contradicts = 23,
}

impl Refusal {
    /// The number on the wire.
    pub const fn code(self) -> u64 {
        self as u64
    }

    /// Reads a number of the wire; a newer server's reason reads as `Unreadable`.
    pub fn from_code(code: u64) -> Self {
        Self::ALL.into_iter().find(|refusal| refusal.code() == code).unwrap_or(Self::Unreadable)
    }

    /// What a person is told, on a Vietnamese screen.
    pub const fn label_vi(self) -> &'static str {
        match self {
            Self::TooLarge => "Nội dung dài hơn mức cho phép",
            Self::Unreadable => "Máy chủ không đọc được",
            Self::NotPlainChange | Self::TooManyOperations | Self::CounterTooFar | Self::Unopenable => {
                "Máy chủ không mở được bản ghi này"
            }
            Self::SequenceNotNext | Self::Equivocation => "Máy chủ đã có bản ghi khác ở chỗ này",
            Self::WrongActor => "Bản ghi mang tên máy khác",
            Self::BadSignature => "Chữ ký không khớp",
            Self::NotAMember => "Máy này không, hoặc không còn, ở trong hồ sơ",
            Self::NotAllowed => "Vai trò của người gửi không được làm việc này",
            Self::WrongSpace | Self::WrongDocument => "Không thuộc hồ sơ này",
            Self::DocumentFull => "Hồ sơ đã đầy",
            Self::DecidedAlready => "Đã có người quyết định trước",
            Self::Incomplete => "Còn thiếu nội dung, hoặc có hai bản chưa chọn",
            Self::ValueDiffers => "Nội dung đã ký khác nội dung trên máy chủ",
            Self::UnknownForm => "Máy chủ không có mẫu phiếu này",
            Self::BuildsOnRefused => "Dựa trên một bản ghi đã bị từ chối",
            Self::BrokenDocument => "Mẫu của giấy tờ không đúng",
            Self::NotNow => "Hồ sơ không ở bước làm được việc này",
            Self::Contradicts => "Trái với giấy tờ đã có trong hồ sơ",
        }
    }

    /// Every reason that this version knows.
    pub const ALL: [Self; 23] = [
        Self::TooLarge,
        Self::Unreadable,
        Self::NotPlainChange,
        Self::TooManyOperations,
        Self::CounterTooFar,
        Self::SequenceNotNext,
        Self::Equivocation,
        Self::WrongActor,
        Self::BadSignature,
        Self::NotAMember,
        Self::NotAllowed,
        Self::WrongSpace,
        Self::WrongDocument,
        Self::DocumentFull,
        Self::DecidedAlready,
        Self::Incomplete,
        Self::ValueDiffers,
        Self::UnknownForm,
        Self::BuildsOnRefused,
        Self::Unopenable,
        Self::BrokenDocument,
        Self::NotNow,
        Self::Contradicts,
    ];
}

impl<'b, C> Decode<'b, C> for Refusal {
    fn decode(input: &mut minicbor::Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Ok(Self::from_code(input.u64()?))
    }
}

impl From<&EntryRefused> for Refusal {
    fn from(refused: &EntryRefused) -> Self {
        match refused {
            EntryRefused::TooLarge { .. } | EntryRefused::TooManyDependencies { .. } => Self::TooLarge,
            EntryRefused::Unreadable => Self::Unreadable,
            EntryRefused::Change(refused) => refused.into(),
        }
    }
}

impl From<&ChangeRefused> for Refusal {
    fn from(_: &ChangeRefused) -> Self {
        Self::NotPlainChange
    }
}

impl From<DocumentRefused> for Refusal {
    fn from(refused: DocumentRefused) -> Self {
        match refused {
            DocumentRefused::Unopenable | DocumentRefused::Orphan => Self::Unopenable,
            DocumentRefused::NotFlat => Self::BrokenDocument,
            DocumentRefused::TooLarge => Self::TooLarge,
        }
    }
}
