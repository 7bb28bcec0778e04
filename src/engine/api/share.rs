//! Shares: of something that is scarce nobody has more than so many at once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};

/// How many each has. Clones share everything.
#[derive(Clone)]
pub(crate) struct Shares<K> {
    most: usize,
    counts: Arc<Mutex<HashMap<K, usize>>>,
}

/// One of them, until it is dropped.
pub(crate) struct Share<K: Hash + Eq> {
    of: Shares<K>,
    who: K,
}

impl<K: Hash + Eq + Clone> Shares<K> {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, counts: Arc::default() }
    }

    /// One more. None: he has as many as he may.
    pub(crate) fn take(&self, who: K) -> Option<Share<K>> {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(who.clone()).or_default();
        if *count >= self.most {
            return None;
        }
        *count += 1;
        Some(Share { of: self.clone(), who })
    }
}

impl<K: Hash + Eq> Drop for Share<K> {
    fn drop(&mut self) {
        let mut counts = self.of.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_his_share_and_gives_it_back() {
        let shares = Shares::new(2);
        let kept = (shares.take("one").unwrap(), shares.take("one").unwrap());
        assert!(shares.take("one").is_none() && shares.take("other").is_some());
        drop(kept);
        assert!(shares.take("one").is_some());
        assert!(shares.counts.lock().unwrap().is_empty());
    }
}
