//! Somebody who answers for the server: on the way, or at an address of his own.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use model::exchange::write_signature;
use model::hash::Signature;

/// Answers every request itself, by its body; where it listens.
pub fn pretend(answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut phone in listener.incoming().flatten() {
            let asked = heard(&mut phone);
            let _ = phone.write_all(&answer(&asked));
        }
    });
    address
}

/// The body of one request.
fn heard(phone: &mut TcpStream) -> Vec<u8> {
    let (mut said, mut piece) = (Vec::new(), vec![0; 1 << 16]);
    loop {
        let count = phone.read(&mut piece).unwrap_or(0);
        said.extend_from_slice(&piece[..count]);
        let end = said.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4);
        let head = String::from_utf8_lossy(&said[..end.unwrap_or(0)]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        if count == 0 || end.is_some_and(|end| said.len() >= end + length.unwrap_or(0)) {
            return said.split_off(end.unwrap_or(0));
        }
    }
}

/// An answer as it goes over the line.
pub fn http(body: &[u8], signature: Option<&Signature>) -> Vec<u8> {
    let signature = signature.map(|by| format!("signature: {}\r\n", write_signature(by))).unwrap_or_default();
    let length = body.len();
    let head = format!("HTTP/1.1 200 OK\r\n{signature}content-length: {length}\r\nconnection: close\r\n\r\n");
    [head.as_bytes(), body].concat()
}

/// Passes everything on, but answers the question about the enrolment itself; where it listens.
pub fn answer_for(server: SocketAddr, answer: Vec<u8>) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for mut phone in listener.incoming().flatten() {
            let answer = answer.clone();
            std::thread::spawn(move || {
                let mut office = TcpStream::connect(server).unwrap();
                let (mut from_office, mut to_phone) = (office.try_clone().unwrap(), phone.try_clone().unwrap());
                std::thread::spawn(move || std::io::copy(&mut from_office, &mut to_phone));
                let mut said = vec![0; 1 << 16];
                while let Ok(count @ 1..) = phone.read(&mut said) {
                    if said[..count].starts_with(b"GET /v1/enrolment ") {
                        phone.write_all(&answer).unwrap();
                    } else {
                        office.write_all(&said[..count]).unwrap();
                    }
                }
            });
        }
    });
    address
}
