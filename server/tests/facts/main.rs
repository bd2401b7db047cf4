//! Facts about the server, over real HTTP, real files and real signatures.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bare_phone;
mod copies;
mod desk;
mod door;
mod ended;
mod feedback;
mod feedback_orders;
mod feedback_round;
mod keeping;
mod mistaken;
mod mistakes;
mod program;
mod replies;
mod rounds;
mod storage;

use rustls::crypto::ring;

/// A client without encryption and without a proxy, as the office's own browser is.
fn plain_client() -> reqwest::Client {
    // The client wants a kind of cryptography to be named, also where it never encrypts; the second to name it is refused.
    let _ = ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
