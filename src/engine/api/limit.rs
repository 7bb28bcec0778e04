//! Rate limits per agent and per address: token buckets (GCRA) of `governor` that hold ten seconds of requests.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use super::peer::Peer;

/// Burst as a multiple of the rate per second.
const BURST: u32 = 10;
/// Rate and burst of logins from one address; each costs tens of milliseconds.
const LOGINS: (u32, u32) = (2, 20);
/// Requests between removals of full buckets.
const SWEEP_EVERY: u32 = 10_000;

/// A rate limit is exceeded.
#[derive(Debug)]
pub(crate) struct OverLimit {
    pub(crate) wait: Duration,
}

/// The limits of one server.
pub(crate) struct Limits {
    agents: Option<Bucket<Uuid>>,
    addresses: Option<Bucket<IpAddr>>,
    logins: Option<Bucket<IpAddr>>,
}

impl Limits {
    /// Requests per second; 0: no limit.
    pub(crate) fn new(per_agent: u32, per_address: u32) -> Self {
        Self {
            agents: Bucket::new(per_agent, per_agent.saturating_mul(BURST)),
            addresses: Bucket::new(per_address, per_address.saturating_mul(BURST)),
            logins: Bucket::new(LOGINS.0, LOGINS.1),
        }
    }

    /// Counts a request of an agent.
    pub(crate) fn agent(&self, id: Uuid) -> Result<(), OverLimit> {
        self.agents.as_ref().map_or(Ok(()), |b| b.take(&id))
    }

    /// Counts a request from an address.
    pub(crate) fn address(&self, peer: Option<Peer>) -> Result<(), OverLimit> {
        match (&self.addresses, peer) {
            (Some(bucket), Some(Peer(address))) => bucket.take(&address_key(address)),
            _ => Ok(()),
        }
    }

    /// Counts a login from an address.
    pub(crate) fn login(&self, Peer(address): Peer) -> Result<(), OverLimit> {
        self.logins.as_ref().map_or(Ok(()), |b| b.take(&address_key(address)))
    }
}

/// The key of an address: an IPv6 client usually owns a /64.
pub(crate) fn address_key(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let net = v6.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(std::net::Ipv6Addr::from_bits(net))
        }
        v4 => v4,
    }
}

struct Bucket<K: Hash + Eq + Clone> {
    limiter: RateLimiter<K, DashMapStateStore<K>, MonotonicClock, NoOpMiddleware<std::time::Instant>>,
    clock: MonotonicClock,
    requests: AtomicU32,
}

impl<K: Hash + Eq + Clone> Bucket<K> {
    fn new(per_second: u32, burst: u32) -> Option<Self> {
        let quota = Quota::per_second(NonZeroU32::new(per_second)?).allow_burst(NonZeroU32::new(burst)?);
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), MonotonicClock);
        Some(Self { limiter, clock: MonotonicClock, requests: AtomicU32::new(0) })
    }

    fn take(&self, key: &K) -> Result<(), OverLimit> {
        if self.requests.fetch_add(1, Ordering::Relaxed) % SWEEP_EVERY == SWEEP_EVERY - 1 {
            self.limiter.retain_recent();
        }
        self.limiter.check_key(key).map_err(|over| OverLimit { wait: over.wait_time_from(self.clock.now()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_bucket_reports_the_wait() {
        let limits = Limits::new(1, 0);
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for _ in 0..BURST {
            limits.agent(one).unwrap();
        }
        let over = limits.agent(one).unwrap_err();
        assert!(over.wait > Duration::ZERO && over.wait <= Duration::from_secs(1), "{over:?}");
        limits.agent(other).unwrap();
        for _ in 0..10_000 {
            limits.address(Some(Peer(IpAddr::from([127, 0, 0, 1])))).unwrap();
        }
    }
}
