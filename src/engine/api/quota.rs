//! Quotas: the number of uses at the same time is limited per key.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex};

use crate::base::lock::lock;

/// Uses per key. Clones share the counts.
#[derive(Clone)]
pub(crate) struct Quotas<K> {
    limit: usize,
    counts: Arc<Mutex<HashMap<K, usize>>>,
}

/// One use, until dropped.
pub(crate) struct Quota<K: Hash + Eq> {
    quotas: Quotas<K>,
    key: K,
}

impl<K: Hash + Eq + Clone> Quotas<K> {
    pub(crate) fn new(limit: usize) -> Self {
        Self { limit, counts: Arc::default() }
    }

    /// Takes one use; None when the limit is reached.
    pub(crate) fn take(&self, key: K) -> Option<Quota<K>> {
        let mut counts = lock(&self.counts);
        let count = counts.entry(key.clone()).or_default();
        if *count >= self.limit {
            return None;
        }
        *count += 1;
        Some(Quota { quotas: self.clone(), key })
    }
}

impl<K: Hash + Eq> Drop for Quota<K> {
    fn drop(&mut self) {
        let mut counts = lock(&self.quotas.counts);
        if let Some(count) = counts.get_mut(&self.key) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_quota_can_be_taken_again() {
        let quotas = Quotas::new(2);
        let taken = (quotas.take("one").unwrap(), quotas.take("one").unwrap());
        assert!(quotas.take("one").is_none() && quotas.take("other").is_some());
        drop(taken);
        assert!(quotas.take("one").is_some());
        assert!(quotas.counts.lock().unwrap().is_empty());
    }
}
