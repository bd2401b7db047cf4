//! How many connections one peer may hold: a single stranger never takes all places. Addresses are counted while they are
//! connected, and neither kept nor logged.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::PEER_CONNECTIONS_MAX;

/// Connections by peer.
#[derive(Clone, Default)]
pub(crate) struct Peers(Arc<Mutex<HashMap<IpAddr, usize>>>);

/// A connection's share; given back when it is dropped.
pub(crate) struct Share {
    peers: Peers,
    peer: IpAddr,
}

impl Peers {
    /// One more connection of a peer; none if it has as many as it may.
    pub(crate) fn take(&self, peer: SocketAddr) -> Option<Share> {
        let peer = network_of(peer.ip());
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = open.entry(peer).or_default();
        if *held >= PEER_CONNECTIONS_MAX {
            return None;
        }
        *held += 1;
        Some(Share { peers: self.clone(), peer })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let mut open = self.peers.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = open.get_mut(&self.peer) {
            *held -= 1;
            if *held == 0 {
                open.remove(&self.peer);
            }
        }
    }
}

/// One customer of a provider has a whole network of the newer addresses.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
        known @ IpAddr::V4(_) => known,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_peer_holds_so_many_connections_and_gets_back_what_it_gives_back() {
        let peers = Peers::default();
        let held: Vec<Share> = (0..PEER_CONNECTIONS_MAX).map_while(|_| peers.take(peer("10.0.0.1:5"))).collect();
        assert_eq!(held.len(), PEER_CONNECTIONS_MAX);
        assert!(peers.take(peer("10.0.0.1:6")).is_none() && peers.take(peer("[::ffff:10.0.0.1]:6")).is_none());
        assert!(peers.take(peer("10.0.0.2:5")).is_some());
        drop(held);
        assert!(peers.take(peer("10.0.0.1:6")).is_some());
        assert!(peers.0.lock().unwrap().is_empty(), "nobody is remembered");
    }

    #[test]
    fn a_whole_network_of_one_customer_is_one_peer() {
        let peers = Peers::default();
        let held: Vec<Share> = (0..PEER_CONNECTIONS_MAX)
            .map_while(|number| peers.take(peer(&format!("[2001:db8:1:2::{number:x}]:5"))))
            .collect();
        assert_eq!(held.len(), PEER_CONNECTIONS_MAX);
        assert!(peers.take(peer("[2001:db8:1:2:ffff::1]:5")).is_none());
        assert!(peers.take(peer("[2001:db8:1:3::1]:5")).is_some());
    }
}
