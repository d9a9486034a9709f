//! Who has a connection. Whoever makes many of them loses one of those, not the others theirs.

use core::net::{IpAddr, Ipv6Addr};
use std::collections::VecDeque;

/// The most connections of this machine at a time, and the most of all others.
const MOST: usize = 32;

/// The connections, of whatever kind they are.
#[derive(Debug)]
pub(super) struct Places<T> {
    here: Share<T>,
    others: Share<T>,
}

/// Connections and whose they are, oldest first.
type Share<T> = VecDeque<(IpAddr, T)>;

impl<T> Places<T> {
    pub(super) fn new() -> Self {
        Self {
            here: VecDeque::with_capacity(MOST + 1),
            others: VecDeque::with_capacity(MOST + 1),
        }
    }

    /// Forgets those that are over.
    pub(super) fn retain(&mut self, goes_on: impl Fn(&T) -> bool) {
        for share in [&mut self.here, &mut self.others] {
            share.retain(|(_, it)| goes_on(it));
        }
    }

    /// Takes a place for a connection of `peer`. Returns the one that must leave for it, if one must: the oldest of those
    /// who have most.
    pub(super) fn take(&mut self, peer: IpAddr, connection: T) -> Option<T> {
        let house = house(peer);
        let share = if house.is_loopback() {
            &mut self.here
        } else {
            &mut self.others
        };
        share.push_back((house, connection));
        if share.len() <= MOST {
            return None;
        }
        let of_same = |at: &usize| share.iter().filter(|it| it.0 == share[*at].0).count();
        // The last of the greatest is the oldest of them.
        let leaving = (0..share.len()).rev().max_by_key(of_same)?;
        share.remove(leaving).map(|(_, it)| it)
    }
}

/// Who is behind an address: a house has as many of IPv6 as it likes.
fn house(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V6(it) if !it.is_loopback() => {
            IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() >> 64 << 64))
        }
        it => it,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn whoever_has_most_connections_loses_the_oldest() {
        let mut places = Places::new();
        assert_eq!(places.take(ip("192.0.2.9"), 0), None);
        for number in 1..MOST {
            assert_eq!(places.take(ip("192.0.2.1"), number), None);
        }
        for number in 1..3 * MOST {
            let left = places.take(ip("192.0.2.1"), MOST - 1 + number);
            assert_eq!(left, Some(number));
        }
        // Another one gets a place of theirs.
        assert_eq!(places.take(ip("192.0.2.8"), 0), Some(3 * MOST));
        places.retain(|it| *it == 0);
        assert_eq!(places.others.len(), 2);
    }

    #[test]
    fn others_take_no_place_of_this_machine() {
        let mut places = Places::new();
        assert_eq!(places.take(ip("127.0.0.1"), "here"), None);
        for number in 0..=u8::MAX {
            let left = places.take(IpAddr::from([192, 0, 2, number]), "there");
            assert_ne!(left, Some("here"));
        }
        assert_eq!(places.take(ip("::1"), "here"), None);
        assert_eq!((places.here.len(), places.others.len()), (2, MOST));
    }

    #[test]
    fn a_house_is_one_however_many_addresses_it_has() {
        assert_eq!(house(ip("2001:db8::1")), house(ip("2001:db8::ffff:2")));
        assert_ne!(house(ip("2001:db8::1")), house(ip("2001:db8:0:1::1")));
        assert_eq!(house(ip("::ffff:127.0.0.1")), ip("127.0.0.1"));
        assert_ne!(house(ip("192.0.2.1")), house(ip("192.0.2.2")));
    }
}
