//! Why the server itself could not do its work; never a fault of one entry, that is a refusal.

use minicbor::{Decode, Encode};

use crate::file_fault::FileFault;

/// Nothing that was answered before is touched by any of these. Numbers are for the command socket.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum ServerFailed {
    /// No space left where the data lies.
    #[n(1)]
    #[error("no space is left on the disk")]
    DiskFull,
    /// The folder or a file in it cannot be written.
    #[n(2)]
    #[error("the data folder cannot be written")]
    ReadOnly,
    /// The database file is damaged.
    #[n(3)]
    #[error("the database is damaged")]
    Damaged,
    /// Another process holds the database.
    #[n(4)]
    #[error("the database is held by another process")]
    Busy,
    /// Stopped before the commit; nothing of it is stored.
    #[n(5)]
    #[error("the work was stopped before it was stored")]
    Interrupted,
    /// The engine or the system failed in a way that names no file.
    #[n(6)]
    #[error("the data cannot be read")]
    Unreadable,
    /// This build's SQLite is too old or too lax.
    #[n(7)]
    #[error("this build's database engine is not fit")]
    UnfitEngine,
    /// Written by a newer server.
    #[n(8)]
    #[error("the database has version {found}, this server knows {known}")]
    NewerVersion {
        /// Version of the file.
        #[n(0)]
        found: u32,
        /// Newest version of this server.
        #[n(1)]
        known: u32,
    },
    /// Another server runs on this folder.
    #[n(9)]
    #[error("another server runs on this folder")]
    FolderInUse,
    /// A port is taken.
    #[n(10)]
    #[error("the port {port} is in use")]
    AddressInUse {
        /// Which.
        #[n(0)]
        port: u16,
    },
    /// A newer life of this server exists: this one must stop (exchange rule R20).
    #[n(11)]
    #[error("a newer life of this server exists")]
    Superseded,
    /// A phone holds receipts of this very life for rows that the log does not have (exchange rule R7).
    #[n(24)]
    #[error("the whole folder went back in time")]
    WentBack,
    /// The identity key is gone while the database is there: no phone would believe a new one.
    #[n(12)]
    #[error("the identity key is missing")]
    IdentityLost,
    /// The identity key is another server's: no phone would believe what it signs.
    #[n(25)]
    #[error("the identity key is another server's")]
    IdentityForeign,
    /// The second copy is another server's; it is left as it is.
    #[n(26)]
    #[error("the second copy is another server's")]
    CopyForeign,
    /// The identity key's file is not a key.
    #[n(13)]
    #[error("the identity key cannot be read")]
    IdentityMalformed,
    /// This machine's clock is years off.
    #[n(14)]
    #[error("the clock is wrong")]
    ClockWrong,
    /// The second copy holds rows that the database has lost.
    #[n(15)]
    #[error("the second copy holds {rows} rows more than the database")]
    CopyAhead {
        /// Rows that only the copy has.
        #[n(0)]
        rows: u64,
    },
    /// This machine does not have the address, or may not use the port.
    #[n(16)]
    #[error("the address cannot be used")]
    AddressRefused,
    /// One request broke a rule of the code itself; nothing of it is stored.
    #[n(18)]
    #[error("a defect of the server")]
    Defect,
    /// What lies where the membership file should be is something else.
    #[n(19)]
    #[error("the membership file is not one")]
    MembershipForeign {
        /// Where it lies.
        #[n(0)]
        path: String,
    },
    /// A whole backup, but of a server with another identity.
    #[n(20)]
    #[error("the backup is of another server")]
    ForeignBackup,
    /// Nothing of a server lies in the folder that was named.
    #[n(21)]
    #[error("there is no server in this folder")]
    NoServer,
    /// A file or folder cannot be used.
    #[n(22)]
    #[error("a file {}", .0.cause)]
    File(#[n(0)] FileFault),
    /// The second copy cannot lie where it was wanted.
    #[n(23)]
    #[error("the second copy's place {}", .0.cause)]
    CopyRefused(#[n(0)] FileFault),
}

impl ServerFailed {
    /// Whether the same request may go well later without anybody doing something.
    pub fn retryable(&self) -> bool {
        match self {
            Self::Busy | Self::Interrupted | Self::DiskFull => true,
            Self::ReadOnly
            | Self::Damaged
            | Self::Unreadable
            | Self::UnfitEngine
            | Self::NewerVersion { .. }
            | Self::FolderInUse
            | Self::AddressInUse { .. }
            | Self::Superseded
            | Self::WentBack
            | Self::IdentityLost
            | Self::IdentityMalformed
            | Self::IdentityForeign
            | Self::CopyForeign
            | Self::ClockWrong
            | Self::CopyAhead { .. }
            | Self::AddressRefused
            | Self::Defect
            | Self::MembershipForeign { .. }
            | Self::ForeignBackup
            | Self::NoServer
            | Self::File(_)
            | Self::CopyRefused(_) => false,
        }
    }
}

impl From<std::io::Error> for ServerFailed {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull => Self::DiskFull,
            std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly,
            _ => Self::Unreadable,
        }
    }
}
