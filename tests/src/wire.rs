//! A plain network on loopback whose far end may change: phones keep one address while servers come and go.
//!
//! It counts what passes, headers included, because that is what a phone in the hills pays for.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that go through at once.
const PIECE_BYTES: usize = 64 * 1024;

/// The network.
pub struct Wire {
    /// Where phones connect.
    pub address: SocketAddr,
    server: Mutex<SocketAddr>,
    up: AtomicU64,
    down: AtomicU64,
    /// Everything that passed, for whoever sits in between.
    heard: Option<Mutex<Vec<u8>>>,
}

/// Bytes that passed since the wire was laid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Passed {
    /// From phones to the server.
    pub up: u64,
    /// From the server to phones.
    pub down: u64,
}

impl Passed {
    /// What passed since an earlier look.
    pub fn since(self, earlier: Self) -> Self {
        Self { up: self.up - earlier.up, down: self.down - earlier.down }
    }
}

impl Wire {
    /// Lays a wire to a server; its threads end with the process.
    pub fn lay(server: SocketAddr) -> std::io::Result<Arc<Self>> {
        Self::lay_with(server, None)
    }

    /// Lays a wire on which somebody listens.
    pub fn lay_overheard(server: SocketAddr) -> std::io::Result<Arc<Self>> {
        Self::lay_with(server, Some(Mutex::default()))
    }

    fn lay_with(server: SocketAddr, heard: Option<Mutex<Vec<u8>>>) -> std::io::Result<Arc<Self>> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let (up, down) = (AtomicU64::new(0), AtomicU64::new(0));
        let wire = Arc::new(Self { address, server: Mutex::new(server), up, down, heard });
        let shared = Arc::clone(&wire);
        std::thread::spawn(move || {
            for phone in listener.incoming().flatten() {
                let wire = Arc::clone(&shared);
                std::thread::spawn(move || wire.carry(phone));
            }
        });
        Ok(wire)
    }

    /// From here on new connections go to this server.
    pub fn lead_to(&self, server: SocketAddr) {
        *self.server.lock().unwrap_or_else(PoisonError::into_inner) = server;
    }

    /// What passed so far.
    pub fn passed(&self) -> Passed {
        Passed { up: self.up.load(Ordering::SeqCst), down: self.down.load(Ordering::SeqCst) }
    }

    /// Whether these bytes passed, on a wire on which somebody listens.
    pub fn heard(&self, needle: &[u8]) -> bool {
        let Some(heard) = &self.heard else { return false };
        let heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.windows(needle.len()).any(|window| window == needle)
    }

    fn carry(&self, phone: TcpStream) {
        let server = *self.server.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(server) = TcpStream::connect(server) else { return };
        let is_quick = [&phone, &server].into_iter().all(|side| side.set_nodelay(true).is_ok());
        let (Ok(from_phone), Ok(from_server), true) = (phone.try_clone(), server.try_clone(), is_quick) else { return };
        std::thread::scope(|scope| {
            scope.spawn(|| self.copy((from_phone, server), &self.up));
            self.copy((from_server, phone), &self.down);
        });
    }

    fn copy(&self, (mut from, mut to): (TcpStream, TcpStream), count: &AtomicU64) {
        let mut piece = vec![0; PIECE_BYTES];
        while let Ok(length) = from.read(&mut piece) {
            if let Some(heard) = &self.heard {
                heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece[..length]);
            }
            if length == 0 || to.write_all(&piece[..length]).is_err() {
                break;
            }
            count.fetch_add(length as u64, Ordering::SeqCst);
        }
        // Both sides learn of it; a connection that is closed already is no failure.
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}

/// A client without encryption and without a proxy, as the office's own browser is.
pub fn plain_client() -> reqwest::Client {
    // The client wants a kind of cryptography to be named, also where it never encrypts; the second to name it is refused.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().expect("a client can be made")
}
