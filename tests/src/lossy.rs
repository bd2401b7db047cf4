//! A bad network on loopback: a proxy in front of the server that cuts connections after any byte, seeded.
//!
//! Real TCP, so that the real HTTP client meets torn requests and torn replies.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// Bytes that go through at once.
const PIECE_BYTES: usize = 2_048;

/// What the network does to connections.
#[derive(Default)]
pub struct Weather {
    is_down: AtomicBool,
    cut_of_100: AtomicU64,
    cuts: AtomicU64,
}

impl Weather {
    /// No connection gets through.
    pub fn down(&self) {
        self.is_down.store(true, Ordering::SeqCst);
    }

    /// So many of a hundred pieces are cut somewhere, and their connection with them.
    pub fn up(&self, cut_of_100: u64) {
        self.cut_of_100.store(cut_of_100, Ordering::SeqCst);
        self.is_down.store(false, Ordering::SeqCst);
    }

    fn cuts_now(&self, random: &mut ChaCha8Rng) -> bool {
        let cut_of_100 = self.cut_of_100.load(Ordering::SeqCst);
        let is_cut = self.is_down.load(Ordering::SeqCst) || random.random_range(0..100) < cut_of_100;
        self.cuts.fetch_add(u64::from(is_cut), Ordering::SeqCst);
        is_cut
    }

    /// Connections cut so far.
    pub fn cuts(&self) -> u64 {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// Opens the proxy in front of a server; its threads end with the process.
pub fn open(server: SocketAddr, seed: u64) -> std::io::Result<(SocketAddr, Arc<Weather>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let weather = Arc::new(Weather::default());
    let shared = Arc::clone(&weather);
    std::thread::spawn(move || {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        for phone in listener.incoming().flatten() {
            if !shared.is_down.load(Ordering::SeqCst) {
                let (weather, seed) = (Arc::clone(&shared), random.random());
                std::thread::spawn(move || carry(phone, server, &weather, seed));
            }
        }
    });
    Ok((address, weather))
}

/// Carries one connection both ways until a side closes or the weather cuts it.
fn carry(phone: TcpStream, server: SocketAddr, weather: &Weather, seed: u64) {
    let Ok(server) = TcpStream::connect(server) else { return };
    let (Ok(up), Ok(down)) = (phone.try_clone(), server.try_clone()) else { return };
    std::thread::scope(|scope| {
        scope.spawn(|| copy(up, server, weather, seed));
        copy(down, phone, weather, !seed);
    });
}

/// Copies piece by piece; the weather may cut after any byte of any piece.
fn copy(mut from: TcpStream, mut to: TcpStream, weather: &Weather, seed: u64) {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let mut piece = [0; PIECE_BYTES];
    while let Ok(length) = from.read(&mut piece) {
        let is_cut = weather.cuts_now(&mut random);
        let length = if is_cut { random.random_range(0..=length) } else { length };
        if to.write_all(&piece[..length]).is_err() || is_cut || length == 0 {
            break;
        }
    }
    // Both sides learn of it; a connection that is closed already is no failure.
    let _ = from.shutdown(Shutdown::Both);
    let _ = to.shutdown(Shutdown::Both);
}
