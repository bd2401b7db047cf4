//! Which file or folder stood in the way, and why: what an operator needs to mend it.

use std::io::{Error, ErrorKind};
use std::path::Path;

use minicbor::{Decode, Encode};

use crate::failure::ServerFailed;

/// A file or folder that cannot be used. The path is for the operator; it is in no log line.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(map)]
pub struct FileFault {
    /// Where, as it was named.
    #[n(0)]
    pub path: String,
    /// Why.
    #[n(1)]
    pub cause: FileCause,
}

/// Why a file or folder cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
#[cbor(index_only)]
pub enum FileCause {
    /// There is nothing at this path.
    #[n(1)]
    #[error("is missing")]
    Missing,
    /// This user may not read or write it.
    #[n(2)]
    #[error("is not for this user")]
    Forbidden,
    /// A folder where a file is needed.
    #[n(3)]
    #[error("is a folder")]
    Folder,
    /// A file where a folder is needed.
    #[n(4)]
    #[error("is no folder")]
    NoFolder,
    /// Not whole, or not of Lắng Nghe.
    #[n(5)]
    #[error("is damaged")]
    Damaged,
    /// On a disk that can only be read.
    #[n(6)]
    #[error("is on a disk that cannot be written")]
    ReadOnly,
    /// The disk does not give or take it.
    #[n(7)]
    #[error("cannot be read or written")]
    Failing,
    /// There already, and not to be overwritten.
    #[n(8)]
    #[error("exists already")]
    Exists,
    /// Just being written by another order.
    #[n(9)]
    #[error("is being written")]
    Held,
    /// No text where one is needed.
    #[n(10)]
    #[error("is no text")]
    NoText,
}

/// What the system said about a path.
pub fn at(path: &Path) -> impl FnOnce(Error) -> ServerFailed + '_ {
    move |error| match error.kind() {
        ErrorKind::StorageFull => ServerFailed::DiskFull,
        ErrorKind::NotFound => fault(path, FileCause::Missing),
        ErrorKind::PermissionDenied => fault(path, FileCause::Forbidden),
        ErrorKind::IsADirectory => fault(path, FileCause::Folder),
        // Making a folder where a file lies says that something exists already.
        ErrorKind::NotADirectory | ErrorKind::AlreadyExists => fault(path, FileCause::NoFolder),
        ErrorKind::ReadOnlyFilesystem => fault(path, FileCause::ReadOnly),
        _ => fault(path, FileCause::Failing),
    }
}

/// A fault of this path.
pub fn fault(path: &Path, cause: FileCause) -> ServerFailed {
    ServerFailed::File(FileFault { path: path.display().to_string(), cause })
}
