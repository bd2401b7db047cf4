//! The way from a command to the office: through the running server's socket, or over the folder if none runs.
//!
//! The socket lies in the data folder with mode 0600: who may read the folder may give orders, and nobody else.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream as Connection;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use model::time::Timestamp;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

use crate::desk::{self, Asked, Desk, Told};
use crate::door::Door;
use crate::failure::ServerFailed;
use crate::feedback::desk::FeedbackAsked;
use crate::file_fault::{FileCause, fault};
use crate::folder::{COMMANDS_FILE, FRESH_DATABASE_FILE, Folder, holds_server};
use crate::limits::{COMMAND_BYTES_MAX, COMMAND_TIME_MAX};
use crate::office::DATABASE_FILE;
use crate::rounds::desk::RoundAsked;
use crate::running::open_boxes;
use crate::safety::Safety;
use crate::second_copy;
use crate::settings::Settings;
use crate::writer::WriterRefused;
use crate::{database, feedback, machine, rounds};

/// Asks the office of a folder, wherever it is.
pub fn ask(settings: &Settings, asked: &Asked) -> Result<Told, ServerFailed> {
    if let Ok(connection) = Way::to(&settings.data).and_then(|way| Connection::connect(&way.path)) {
        return ask_server(connection, asked);
    }
    if !holds_server(&settings.data)? {
        return Err(ServerFailed::NoServer);
    }
    let folder = Folder::hold(&settings.data, &settings.membership_file())?;
    // A command makes no database: one that is lost is for a restore, and the start of the server looks at the copy.
    let database = settings.data.join(DATABASE_FILE);
    if !database.exists() && !settings.data.join(FRESH_DATABASE_FILE).exists() {
        return Err(fault(&database, FileCause::Missing));
    }
    if let Some(copy) = &settings.second_copy {
        second_copy::check_ahead(copy, &database)?;
    }
    let (mut office, _) = folder.open(Safety::of_one_copy())?;
    let boxes = Arc::new(open_boxes(settings, &office, folder.key())?);
    let desk = Desk { address: settings.address_for_phones(settings.listening()), boxes };
    let told = desk::answer(&mut office, &desk, asked);
    office.settle()?;
    Ok(told)
}

/// A path to the socket of a folder that the system takes, however long the folder's own path is.
struct Way {
    path: PathBuf,
    /// Open as long as the path leads through it.
    _folder: Option<File>,
}

/// The name of a socket and a zero after it have 108 bytes (`unix(7)`).
const SOCKET_PATH_BYTES_MAX: usize = 107;

impl Way {
    fn to(folder: &Path) -> std::io::Result<Self> {
        let path = folder.join(COMMANDS_FILE);
        if path.as_os_str().len() <= SOCKET_PATH_BYTES_MAX {
            return Ok(Self { path, _folder: None });
        }
        let open = File::open(folder)?;
        let path = format!("/proc/self/fd/{}/{COMMANDS_FILE}", open.as_raw_fd()).into();
        Ok(Self { path, _folder: Some(open) })
    }
}

/// Opens the socket of a running server; one left over from a killed server is replaced.
pub fn open(folder: &Path) -> Result<UnixListener, ServerFailed> {
    let path = folder.join(COMMANDS_FILE);
    match std::fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        Ok(()) | Err(_) => {}
    }
    let listener = UnixListener::bind(&Way::to(folder)?.path)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Takes orders one after another until the stop; phones find this server at the address, its rounds in the database.
pub async fn serve(listener: UnixListener, door: Arc<Door>, (address, database): (String, PathBuf)) {
    let desk = Desk { address, boxes: Arc::clone(&door.boxes) };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = door.stop.asked() => return,
        };
        if let Ok((stream, _)) = accepted {
            // A command that breaks off hears nothing and can be given again.
            let _ = tokio::time::timeout(COMMAND_TIME_MAX, take_order(stream, &door, (&desk, &database))).await;
        }
    }
}

async fn take_order(mut stream: UnixStream, door: &Door, (desk, database): (&Desk, &Path)) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    (&mut stream).take(u64::from(COMMAND_BYTES_MAX)).read_to_end(&mut bytes).await?;
    let told = match minicbor::decode::<Asked>(&bytes) {
        Err(_) => Told::Unknown,
        Ok(Asked::Round(RoundAsked::OpeningFile { round, to })) => {
            write_opening(database, desk, (round, PathBuf::from(to))).await.unwrap_or_else(Told::Failed)
        }
        Ok(Asked::Feedback(FeedbackAsked::Box { round, to })) => {
            write_box(database, desk, (round, PathBuf::from(to))).await.unwrap_or_else(Told::Failed)
        }
        Ok(asked) => {
            let desk = desk.clone();
            match door.writer.act(move |office| Ok(desk::answer(office, &desk, &asked))).await {
                Ok(told) => told,
                Err(WriterRefused::Busy | WriterRefused::Stopping) => Told::Failed(ServerFailed::Busy),
                Err(WriterRefused::Failed(failed)) => Told::Failed(failed),
            }
        }
    };
    stream.write_all(&minicbor::to_vec(&told).expect("writing to memory cannot fail")).await?;
    stream.shutdown().await
}

/// Beside the writer: phones do not wait until a whole box is written.
async fn write_opening(database: &Path, desk: &Desk, (round, to): (String, PathBuf)) -> Result<Told, ServerFailed> {
    let (database, boxes) = (database.to_owned(), Arc::clone(&desk.boxes));
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let written = tokio::task::spawn_blocking(move || {
        let connection = database::open_to_read(&database)?;
        rounds::desk::write_opening(&connection, &boxes, (&round, &to), today)
    });
    Ok(Told::Round(written.await.map_err(|_| ServerFailed::Defect)??))
}

/// Beside the writer, likewise.
async fn write_box(database: &Path, desk: &Desk, (round, to): (String, PathBuf)) -> Result<Told, ServerFailed> {
    let (database, boxes) = (database.to_owned(), Arc::clone(&desk.boxes));
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    let written = tokio::task::spawn_blocking(move || {
        let connection = database::open_to_read(&database)?;
        feedback::desk::write_box(&connection, &boxes, (&round, &to), today)
    });
    Ok(Told::Feedback(written.await.map_err(|_| ServerFailed::Defect)??))
}

fn ask_server(mut connection: Connection, asked: &Asked) -> Result<Told, ServerFailed> {
    let patience: Option<Duration> = Some(COMMAND_TIME_MAX);
    connection.set_read_timeout(patience)?;
    connection.write_all(&minicbor::to_vec(asked).expect("writing to memory cannot fail"))?;
    connection.shutdown(std::net::Shutdown::Write)?;
    let mut bytes = Vec::new();
    connection.read_to_end(&mut bytes).map_err(|_| ServerFailed::Busy)?;
    minicbor::decode(&bytes).map_err(|_| ServerFailed::Busy)
}
