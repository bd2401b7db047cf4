//! Whether a filed paper was signed by a phone of the person who is said to have written it.

use model::entry::{Content, device_id};
use model::hash::PublicKey;
use model::space::person_space;
use model::time::Timestamp;
use rusqlite::Connection;

use crate::cases::file::FiledPaper;
use crate::cases::page::moment_words;
use crate::failure::ServerFailed;
use crate::log;

/// What is known of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureCheck {
    /// A phone that the office let in for the author signed exactly these bytes.
    Holds,
    /// It did not.
    Broken,
    /// The office let in no such phone for the author.
    UnknownPhone,
}

impl SignatureCheck {
    /// Asks the membership of the author's own space for the key.
    pub fn of(connection: &Connection, server: &PublicKey, paper: &FiledPaper) -> Result<Self, ServerFailed> {
        let fields = &paper.entry.fields;
        let Some(space) = log::space(connection, person_space(server, fields.person))? else {
            return Ok(Self::UnknownPhone);
        };
        let key = log::membership_rows(connection, space.id)?.into_iter().find_map(|(entry, _)| match entry.content {
            Content::Grant(grant) if grant.person == fields.person => {
                grant.key.filter(|key| device_id(key) == fields.device)
            }
            _ => None,
        });
        Ok(match key {
            Some(key) if paper.entry.is_signed_by(&key) => Self::Holds,
            Some(_) => Self::Broken,
            None => Self::UnknownPhone,
        })
    }

    /// What the foot of a sheet says: when the phone says that it was signed, and when the server received it.
    pub fn sentence(self, author: &str, (signed, filed): (Timestamp, Timestamp)) -> String {
        let (signed, filed) = (moment_words(signed), moment_words(filed));
        let found = match self {
            Self::Holds => "chữ ký số khớp với nội dung",
            Self::Broken => "chữ ký số KHÔNG khớp với nội dung, không dùng bản này",
            Self::UnknownPhone => "máy chủ không có khóa để kiểm tra chữ ký này",
        };
        format!(
            "{author} ký số trên điện thoại lúc {signed} theo đồng hồ của điện thoại; máy chủ nhận lúc {filed}; {found}."
        )
    }
}
