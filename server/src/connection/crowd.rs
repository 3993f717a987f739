//! How many connections there are, in all and from each address.

use admission::household;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// How many connections there are, in all and from each address.
#[derive(Debug, Default)]
pub(super) struct Crowd(Arc<Mutex<Count>>);

#[derive(Debug, Default)]
struct Count {
    all: usize,
    by_address: BTreeMap<IpAddr, usize>,
}

/// One connection's place; it is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Mutex<Count>>, IpAddr);

impl Crowd {
    /// A place for one more connection. A proxy may have as many as there are.
    pub(super) fn enter(&self, address: IpAddr, is_proxy: bool) -> Option<Place> {
        let address = household(address);
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let here = count.by_address.get(&address).copied().unwrap_or(0);
        if count.all >= MOST || (here >= MOST_OF_ONE && !is_proxy) {
            return None;
        }
        count.all += 1;
        count.by_address.insert(address, here + 1);
        Some(Place(Arc::clone(&self.0), address))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut count = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        count.all = count.all.saturating_sub(1);
        if let Some(here) = count.by_address.get_mut(&self.1) {
            *here -= 1;
            if *here == 0 {
                count.by_address.remove(&self.1);
            }
        }
    }
}

/// Bounds the memory of all connections' heads.
const MOST: usize = 4_096;

/// More than any browser opens, also behind one address of many people.
const MOST_OF_ONE: usize = 512;

#[cfg(test)]
mod tests {
    use super::{Crowd, MOST, MOST_OF_ONE};
    use std::net::{IpAddr, Ipv6Addr};

    #[test]
    fn one_address_cannot_take_all_places_and_a_place_is_free_again() {
        let crowd = Crowd::default();
        let (one, other) = ("192.0.2.1".parse().expect("an address"), "192.0.2.2".parse().expect("an address"));
        let mut places: Vec<_> = (0..MOST_OF_ONE).filter_map(|_| crowd.enter(one, false)).collect();
        assert_eq!(places.len(), MOST_OF_ONE);
        assert!(crowd.enter(one, false).is_none() && crowd.enter(other, false).is_some());
        let network: Vec<IpAddr> =
            (1..=2).map(|host| Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host).into()).collect();
        let held: Vec<_> = (0..MOST_OF_ONE).filter_map(|_| crowd.enter(network[0], false)).collect();
        assert!(crowd.enter(network[1], false).is_none(), "the same network");
        drop(held);
        places.pop();
        assert!(crowd.enter(one, false).is_some());
        places.extend((0..MOST).filter_map(|_| crowd.enter(other, true)));
        assert_eq!(places.len(), MOST);
    }
}
