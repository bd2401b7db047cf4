//! What the server's door says when it does not let a request in: one word each, the same for every client.
//!
//! The body of such an answer is `{"code":"…"}`; it never carries personal data, and the words are never reused.

/// Why a request was turned away at the door. Nothing of it was stored, and whoever sent it still has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, thiserror::Error)]
pub enum DoorRefused {
    /// Not a message of this version; sending it again does not help.
    #[error("the message cannot be read")]
    Unreadable,
    /// Larger than a message may be.
    #[error("the message is too large")]
    TooLarge,
    /// Its bytes came too slowly.
    #[error("the message came too slowly")]
    TooSlow,
    /// No session, or one that has ended; a new one is opened by challenge.
    #[error("a session is needed")]
    NoSession,
    /// The queue is full; `Retry-After` says when to come again.
    #[error("the server is busy")]
    Busy,
    /// The server is being stopped.
    #[error("the server is stopping")]
    Stopping,
    /// A newer life of this server exists, and this one stops (exchange rule R20).
    #[error("a newer life of this server exists")]
    Superseded,
    /// The server cannot write; its operator is told.
    #[error("the server cannot store anything now")]
    CannotStore,
    /// The enrolment code is unknown, used, too old, or was tried too often.
    #[error("the enrolment code is not good any more")]
    CodeNotGood,
    /// The device has not asked to be enrolled.
    #[error("the device is not known")]
    UnknownDevice,
    /// No such page.
    #[error("there is nothing at this address")]
    NotFound,
    /// The phone speaks another version than this server.
    #[error("the phone is of another version")]
    OtherVersion,
    /// A request for the boxes that says who asks; such are not taken (anonymity A22).
    #[error("the request says who asks")]
    NamesSomebody,
    /// Made without the round's admission (anonymity A23).
    #[error("the batch does not carry the round's admission")]
    NotAdmitted,
    /// The round takes no envelopes now, or the box was not sealed in time (anonymity A20).
    #[error("the round takes no envelopes now")]
    RoundClosed,
    /// More came than can come; phones keep what they have (anonymity A30).
    #[error("the box is full")]
    BoxFull,
}

impl DoorRefused {
    /// Every word.
    pub const ALL: [Self; 16] = [
        Self::Unreadable,
        Self::TooLarge,
        Self::TooSlow,
        Self::NoSession,
        Self::Busy,
        Self::Stopping,
        Self::Superseded,
        Self::CannotStore,
        Self::CodeNotGood,
        Self::UnknownDevice,
        Self::NotFound,
        Self::OtherVersion,
        Self::NamesSomebody,
        Self::NotAdmitted,
        Self::RoundClosed,
        Self::BoxFull,
    ];

    /// The word on the wire.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::TooSlow => "too_slow",
            Self::NoSession => "no_session",
            Self::Busy => "busy",
            Self::Stopping => "stopping",
            Self::Superseded => "superseded",
            Self::CannotStore => "cannot_store",
            Self::CodeNotGood => "code_not_good",
            Self::UnknownDevice => "unknown_device",
            Self::NotFound => "not_found",
            Self::OtherVersion => "other_version",
            Self::NamesSomebody => "names_somebody",
            Self::NotAdmitted => "not_admitted",
            Self::RoundClosed => "round_closed",
            Self::BoxFull => "box_full",
        }
    }

    /// The number of the HTTP answer.
    pub const fn status(self) -> u16 {
        match self {
            Self::Unreadable | Self::NamesSomebody => 400,
            Self::NoSession => 401,
            Self::CodeNotGood | Self::NotAdmitted => 403,
            Self::UnknownDevice | Self::NotFound => 404,
            Self::TooSlow => 408,
            Self::Superseded => 409,
            Self::RoundClosed => 410,
            Self::TooLarge => 413,
            Self::OtherVersion => 426,
            Self::BoxFull => 429,
            Self::Busy | Self::Stopping => 503,
            Self::CannotStore => 507,
        }
    }

    /// Whether the same request may go well later.
    pub const fn retryable(self) -> bool {
        match self {
            Self::TooSlow
            | Self::NoSession
            | Self::Busy
            | Self::Stopping
            | Self::Superseded
            | Self::CannotStore
            | Self::BoxFull => true,
            Self::Unreadable
            | Self::TooLarge
            | Self::CodeNotGood
            | Self::UnknownDevice
            | Self::NotFound
            | Self::OtherVersion
            | Self::NamesSomebody
            | Self::NotAdmitted
            | Self::RoundClosed => false,
        }
    }

    /// The body of the answer.
    pub fn body(self) -> String {
        format!("{{\"code\":\"{}\"}}", self.code())
    }

    /// Reads such a body; `None` for a word of a newer server or an answer of something else on the way.
    pub fn read(body: &[u8]) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Body {
            code: String,
        }
        let body: Body = serde_json::from_slice(body).ok()?;
        Self::ALL.into_iter().find(|refused| refused.code() == body.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_is_written() {
        for refused in DoorRefused::ALL {
            assert_eq!(DoorRefused::read(refused.body().as_bytes()), Some(refused));
        }
        assert_eq!(DoorRefused::read(b"<html>502 Bad Gateway</html>"), None);
    }
}
