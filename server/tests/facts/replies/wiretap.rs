//! Somebody on the line: passes everything on and keeps what browsers sent.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// Listens beside a server for as long as the test runs.
pub(crate) struct Wiretap {
    pub(crate) address: SocketAddr,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Wiretap {
    pub(crate) fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, sent) = (listener.local_addr().unwrap(), Arc::new(Mutex::new(Vec::new())));
        let kept = Arc::clone(&sent);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, onward) = (Arc::clone(&kept), TcpStream::connect(server).unwrap());
                let (back, front) = (onward.try_clone().unwrap(), stream.try_clone().unwrap());
                std::thread::spawn(move || pass(stream, onward, |bytes| kept.lock().unwrap().extend_from_slice(bytes)));
                std::thread::spawn(move || pass(back, front, |_| {}));
            }
        });
        Self { address, sent }
    }

    /// Every request since the last look, its first line first.
    pub(crate) fn taken(&self) -> Vec<String> {
        let bytes = std::mem::take(&mut *self.sent.lock().unwrap());
        let text = String::from_utf8_lossy(&bytes).into_owned();
        text.split("\r\n\r\n").filter(|request| !request.is_empty()).map(str::to_owned).collect()
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, mut keep: impl FnMut(&[u8])) {
    let mut bytes = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut bytes) {
        keep(&bytes[..count]);
        if to.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
}
