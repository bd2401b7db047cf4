//! Who may see the pages until accounts exist: whoever sits at the server itself.
//!
//! A request passes if its peer is a loopback address, if it names a loopback host (so that a page of the internet
//! cannot reach in through a name that it points at 127.0.0.1), and if no proxy passed it on. A proxy that says nothing
//! of itself cannot be told from a browser of this machine, so a server with a public address has its pages at a port of
//! their own, which no proxy is told of. The server must be run
//! with `into_make_service_with_connect_info::<SocketAddr>()`; without it nobody's address is known and everybody is
//! refused. Accounts and their passwords come in a later issue and replace this file.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::report::answer;

/// Headers by which a proxy says that somebody else asked.
const FORWARDED: [&str; 4] = ["forwarded", "via", "x-forwarded-for", "x-real-ip"];

/// Lets requests of this machine pass, and answers any other with 403 and a sentence.
pub async fn only_from_this_machine(request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0);
    match is_from_this_machine(peer, request.headers(), request.uri().host()) {
        true => next.run(request).await,
        false => answer::refused(),
    }
}

fn is_from_this_machine(peer: Option<SocketAddr>, headers: &HeaderMap, host_of_uri: Option<&str>) -> bool {
    let is_near = peer.is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    let is_passed_on = FORWARDED.iter().any(|name| headers.contains_key(*name));
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).or(host_of_uri);
    is_near && !is_passed_on && host.is_some_and(names_this_machine)
}

/// `localhost` or a loopback address, with or without a port.
pub(crate) fn names_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, _)) => address,
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_under_its_own_name_is_let_in() {
        let check = |peer: &str, host: &str, proxy: Option<&'static str>, expected: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            if let Some(name) = proxy {
                headers.insert(name, "192.0.2.7".parse().unwrap());
            }
            let peer = Some(peer.parse().unwrap());
            assert_eq!(is_from_this_machine(peer, &headers, None), expected, "{peer:?} {host} {proxy:?}");
        };
        check("127.0.0.1:50000", "localhost:8080", None, true);
        check("127.0.0.1:50000", "127.0.0.1:8080", None, true);
        check("[::1]:50000", "[::1]:8080", None, true);
        check("[::ffff:127.0.0.1]:50000", "localhost", None, true);
        check("192.168.1.20:50000", "localhost:8080", None, false);
        check("[::ffff:192.168.1.20]:50000", "localhost:8080", None, false);
        check("127.0.0.1:50000", "office.example:8080", None, false);
        check("127.0.0.1:50000", "127.0.0.1.example", None, false);
        check("127.0.0.1:50000", "localhost", Some("x-forwarded-for"), false);
        check("127.0.0.1:50000", "localhost", Some("forwarded"), false);
    }

    #[test]
    fn a_request_of_unknown_origin_is_refused() {
        let mut headers = HeaderMap::new();
        assert!(!is_from_this_machine(None, &headers, Some("localhost")));
        headers.insert(header::HOST, "localhost".parse().unwrap());
        assert!(!is_from_this_machine(None, &headers, None));
    }
}
