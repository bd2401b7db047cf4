//! A whole server in this process: the command `serve` and the tests start the same one.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle as ThreadHandle;

use ed25519_dalek::SigningKey;
use model::hash::PublicKey;
use model::time::Timestamp;
use rusqlite::Connection;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::ballots::boxes::Boxes;
use crate::copier::{Copier, CopyPaths};
use crate::door::{Door, Stop, StopReason};
use crate::enrolment;
use crate::failure::ServerFailed;
use crate::folder::{self, Folder, Found};
use crate::limits::DAY_LOOK_PAUSE;
use crate::moves::Moves;
use crate::office::{DATABASE_FILE, Office};
use crate::report::ReportSource;
use crate::results::shelf::Shelf;
use crate::round_pages::{Orders, RoundSource};
use crate::safety::Safety;
use crate::second_copy::SecondCopy;
use crate::session::Sessions;
use crate::settings::Settings;
use crate::writer::Writer;
use crate::{
    cases, counter, database, feedback, listener, log, machine, report, results, round_pages, rounds, routes,
    second_copy, tls,
};

/// A server at work. Dropping it without [`Running::stop`] is like a kill: nothing that was answered is lost.
pub struct Running {
    /// Where it listens.
    pub address: SocketAddr,
    /// Where the office's pages are, for this machine alone.
    pub pages: SocketAddr,
    /// Its identity, as it stands in enrolment codes.
    pub identity: PublicKey,
    /// How the database was found.
    pub found: Found,
    door: Arc<Door>,
    listening: JoinHandle<()>,
    writing: ThreadHandle<()>,
    copier: Option<Copier>,
    /// Where a second copy with another history was put, if there was one.
    pub set_aside: Option<PathBuf>,
    folder: Arc<Folder>,
}

/// Starts a server over its folder, with the pages of the office.
pub async fn start(settings: &Settings) -> Result<Running, ServerFailed> {
    let (listener, pages_listener) = listeners(settings).await?;
    let address = listener.local_addr()?;
    let folder = Arc::new(Folder::hold(&settings.data, &settings.membership_file())?);
    let commands = counter::open(folder.path())?;
    let copy = settings.second_copy.as_deref().map(|copy| find_copy(copy, folder.path())).transpose()?;
    let (safety, copy) = copy.unwrap_or_else(|| (Safety::of_one_copy(), None));
    let (office, found) = folder.open(safety.clone())?;
    let (identity, epoch) = (office.identity(), office.epoch());
    let boxes = Arc::new(open_boxes(settings, &office, folder.key())?);
    let (moves, known) = (Moves::default(), log::devices(office.reader())?);
    let (writer, writing) = Writer::start(office, moves.clone());
    let sessions = Sessions::new(folder.key().clone());
    let clock = || Timestamp::from_utc_ms(machine::now_ms());
    let database = settings.data.join(DATABASE_FILE);
    let pages_address = pages_listener.as_ref().map_or(Ok(address), TcpListener::local_addr)?;
    let source = ReportSource::new(&database, identity, safety.clone(), clock);
    let round_source = RoundSource::new(source.clone(), Arc::clone(&boxes), Orders::of(settings));
    let pages = report::routes(source.clone()).merge(round_pages::routes(round_source));
    let pages = pages.merge(cases::routes(source.clone()));
    let results = results::routes(Arc::new(Shelf::new(source))).merge(report::assets());
    let mut door = Door::new((writer, boxes), sessions, moves.clone(), (identity, epoch), folder.path());
    door.known = Mutex::new(known);
    let set_aside = copy.as_ref().and_then(|copy| copy.set_aside.clone());
    let paths = settings.second_copy.as_ref().map(|copy| CopyPaths {
        folder: folder.path().to_owned(),
        membership: folder.membership().to_owned(),
        copy: copy.clone(),
    });
    let copier = paths.map(|paths| {
        let (copier, state) = Copier::start((paths, copy), safety, &moves);
        door.copy = state;
        copier
    });
    let door = Arc::new(door);
    let (beside, pages) = match pages_listener {
        Some(listener) => (Some((listener, routes::page_routes(Arc::clone(&door), results.clone(), pages))), None),
        None => (None, Some(pages)),
    };
    let (router, tls) = (routes::routes(Arc::clone(&door), results, pages), tls::acceptor(folder.key())?);
    tokio::spawn(begin_days(Arc::clone(&door)));
    tokio::spawn(counter::serve(commands, Arc::clone(&door), (settings.address_for_phones(address), database)));
    let stop = door.stop.clone();
    let listening = tokio::spawn(async move {
        let pages = async {
            if let Some((listener, router)) = beside {
                listener::serve(listener, (router, tls.clone()), stop.clone()).await;
            }
        };
        tokio::join!(listener::serve(listener, (router, tls.clone()), stop.clone()), pages);
    });
    let pages = pages_address;
    Ok(Running { address, pages, identity, found, door, listening, writing, copier, set_aside, folder })
}

/// The boxes of every round that was announced, with what this day begins with done.
pub fn open_boxes(settings: &Settings, office: &Office, key: &SigningKey) -> Result<Boxes, ServerFailed> {
    let boxes = Boxes::open(&settings.data, settings.second_copy.as_deref(), key.clone())?;
    let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
    for kept in rounds::all(office.reader())? {
        match kept.steps.purged {
            None if boxes.is_destroyed(kept.definition().id) => {
                rounds::ending::forget(office, kept.definition().id, today)?;
            }
            None => boxes.begin(kept.announcement.round())?,
            // One that broke off is finished.
            Some(_) => boxes.destroy(kept.definition().id)?,
        }
    }
    boxes.begin_day(today)?;
    Ok(boxes)
}

/// Looks from time to time whether a day has begun and codes are over, also when nobody comes.
async fn begin_days(door: Arc<Door>) {
    loop {
        // Before the first pause too: the clock may have been set right while the server was off.
        look_after_cases(&door).await;
        let forgotten = door.writer.act(|office| forget_what_is_over(office.reader(), machine::now_ms())).await;
        if let Err(failed) = forgotten {
            tracing::warn!(reason = %failed, "what is over cannot be looked through; the next look comes soon");
        }
        tokio::select! {
            () = tokio::time::sleep(DAY_LOOK_PAUSE) => {}
            _ = door.stop.asked() => return,
        }
        let boxes = Arc::clone(&door.boxes);
        let today = Timestamp::from_utc_ms(machine::now_ms()).vietnamese_day();
        let begun = tokio::task::spawn_blocking(move || boxes.begin_day(today)).await;
        if let Ok(Err(failed)) = begun {
            tracing::error!(reason = %failed, "the safe copy of a box cannot be written; phones keep their envelopes");
        }
    }
}

/// In small parts, so that phones are answered in between.
async fn look_after_cases(door: &Door) {
    loop {
        match door.writer.act(|office| office.look_after_cases(machine::moment())).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(failed) => {
                tracing::warn!(reason = %failed, "the cases cannot be looked through; the next look comes soon");
                return;
            }
        }
    }
}

/// Codes of enrolment and public answers live so long and no longer.
fn forget_what_is_over(connection: &Connection, now_ms: i64) -> Result<(), ServerFailed> {
    enrolment::forget_codes(connection, now_ms)?;
    // What was erased while somebody read is cut now, if nobody does.
    database::cut_journal(connection)?;
    feedback::published::forget_old(connection, Timestamp::from_utc_ms(now_ms).vietnamese_day())
}

/// The phones' door, and where needed that of the pages ([`Settings::pages_port`]). Both are opened before anything is
/// made in the folder: a start that a taken port refuses leaves nothing behind.
async fn listeners(settings: &Settings) -> Result<(TcpListener, Option<TcpListener>), ServerFailed> {
    let listener = listen(settings, settings.listening()).await?;
    let pages = match settings.pages_port() {
        Some(port) => Some(listen(settings, (Ipv4Addr::LOCALHOST, port).into()).await?),
        None => None,
    };
    Ok((listener, pages))
}

/// A port that the server of this very folder has taken says less than that this server runs.
async fn listen(settings: &Settings, address: SocketAddr) -> Result<TcpListener, ServerFailed> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        ErrorKind::AddrInUse if folder::is_held(&settings.data) => ServerFailed::FolderInUse,
        ErrorKind::AddrInUse => ServerFailed::AddressInUse { port: address.port() },
        _ => ServerFailed::AddressRefused,
    })
}

impl Running {
    /// What the routes share: for acts of the office in tests, benchmarks and the demo.
    pub fn door(&self) -> &Arc<Door> {
        &self.door
    }

    /// The identity's private half, for what is signed outside the writer.
    pub fn signing_key(&self) -> &SigningKey {
        self.folder.key()
    }

    /// The wish to stop, to be handed to whoever may have it.
    pub fn stop_handle(&self) -> Stop {
        self.door.stop.clone()
    }

    /// Waits until somebody wishes it, then stops.
    pub async fn until_stopped(self) -> Result<(), ServerFailed> {
        let (reason, folder) = (self.door.stop.asked().await, Arc::clone(&self.folder));
        self.end().await?;
        match reason {
            StopReason::Asked => Ok(()),
            StopReason::WentBack => {
                folder.doubt_history()?;
                Err(ServerFailed::WentBack)
            }
            StopReason::Superseded => Err(ServerFailed::Superseded),
        }
    }

    /// Stops: running answers are sent, the queue is finished, the database is settled, the folder is free.
    pub async fn stop(self) -> Result<(), ServerFailed> {
        self.door.stop.ask(StopReason::Asked);
        self.until_stopped().await
    }

    async fn end(self) -> Result<(), ServerFailed> {
        self.listening.await.map_err(|_| ServerFailed::Defect)?;
        self.door.writer.stop().await;
        let joined = tokio::task::spawn_blocking(move || {
            self.writing.join().map_err(|_| ServerFailed::Defect)?;
            self.copier.map_or(Ok(()), Copier::finish)
        });
        joined.await.map_err(|_| ServerFailed::Defect)?
    }
}

/// Looks at the second copy before the database may begin a new life: one that holds more is what to restore from.
fn find_copy(copy: &Path, folder: &Path) -> Result<(Safety, Option<SecondCopy>), ServerFailed> {
    second_copy::try_place(copy)?;
    let database = folder.join(DATABASE_FILE);
    if !database.exists() {
        return match second_copy::rows_in(copy) {
            Ok(rows) if rows > 0 => Err(ServerFailed::CopyAhead { rows }),
            Ok(_) | Err(_) => Ok((Safety::of_two_copies(HashMap::new()), None)),
        };
    }
    second_copy::check_owner(copy, folder)?;
    match SecondCopy::open(copy, &database) {
        Ok(open) => Ok((Safety::of_two_copies(open.heads()?), Some(open))),
        Err(ahead @ ServerFailed::CopyAhead { .. }) => Err(ahead),
        // A disk that fails today must not stop the work; the copier tells and tries again.
        Err(_) => Ok((Safety::of_two_copies(HashMap::new()), None)),
    }
}
