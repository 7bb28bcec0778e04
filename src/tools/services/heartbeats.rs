//! Matches workers' heartbeats to instances.
//!
//! A worker chooses its own name. It belongs to an instance if it contains the instance's hostname (a container's id)
//! or name, or equals its WORKER_ID. Any other name counts for an instance without a heartbeat when the name is new,
//! or, after a restart, when at least as many such names are active as before.

use crate::clients::platform::Instance;
use crate::model::Worker;
pub(crate) use crate::store::workers::Heartbeats;
use crate::tools::{ToolContext, ToolError};

/// A worker is alive if its last heartbeat is at most this many seconds old.
const ALIVE_SECONDS: f64 = 120.0;

impl Heartbeats {
    pub(crate) async fn read(ctx: &ToolContext) -> Result<Self, ToolError> {
        Ok(ctx.store()?.heartbeats().await?)
    }

    fn since(&self, instant: f64) -> impl Iterator<Item = &str> {
        self.workers.iter().filter(move |(_, seen)| **seen > instant).map(|(name, _)| name.as_str())
    }

    /// Running instances without a heartbeat in the last two minutes. `all`: the instances of the service.
    pub(crate) fn silent<'a>(&self, all: &'a [Instance]) -> Vec<&'a Instance> {
        let running: Vec<&Instance> = all.iter().filter(|i| i.is_running()).collect();
        self.without_heartbeat(&running, all, &Heartbeats::default(), self.now - ALIVE_SECONDS, false)
    }

    /// Instances of `of` without a heartbeat since `earlier`. `restarted`: their workers may use their old names again.
    pub(crate) fn silent_since<'a>(
        &self,
        of: &[&'a Instance],
        all: &[Instance],
        earlier: &Heartbeats,
        restarted: bool,
    ) -> Vec<&'a Instance> {
        self.without_heartbeat(of, all, earlier, earlier.now, restarted)
    }

    fn without_heartbeat<'a>(
        &self,
        of: &[&'a Instance],
        all: &[Instance],
        earlier: &Heartbeats,
        since: f64,
        restarted: bool,
    ) -> Vec<&'a Instance> {
        let fresh: Vec<&str> = self.since(since).collect();
        let (silent, unmatched): (Vec<&Instance>, Vec<&Instance>) = of
            .iter()
            .filter(|i| !fresh.iter().any(|name| owner(name, all) == Some(i.name.as_str())))
            .partition(|i| self.workers.keys().any(|name| owner(name, all) == Some(i.name.as_str())));
        let unowned: Vec<&str> = fresh.iter().copied().filter(|name| owner(name, all).is_none()).collect();
        let new = unowned.iter().filter(|name| !earlier.workers.contains_key(**name)).count();
        let before =
            earlier.since(earlier.now - ALIVE_SECONDS).filter(|name| owner(name, all).is_none()).count();
        let all_back = restarted && before > 0 && unowned.len() >= before.max(unmatched.len());
        let alive = if all_back { unmatched.len() } else { new.min(unmatched.len()) };
        silent.into_iter().chain(unmatched.into_iter().skip(alive)).collect()
    }
}

/// The number of runs in progress on some instances.
pub(crate) fn running_on(workers: &[Worker], instances: &[&Instance]) -> i64 {
    let is_here = |worker: &Worker, instance: &Instance| {
        let has_host = !instance.hostname.is_empty() && worker.host.as_deref() == Some(&instance.hostname);
        has_host || is_worker_of(&worker.worker, instance)
    };
    workers
        .iter()
        .filter(|w| instances.iter().any(|i| i.is_running() && is_here(w, i)))
        .map(|w| w.running)
        .sum()
}

/// The instance whose worker this is, if exactly one matches.
fn owner<'a>(worker: &str, all: &'a [Instance]) -> Option<&'a str> {
    let mut matching = all.iter().filter(|i| is_worker_of(worker, i));
    match (matching.next(), matching.next()) {
        (Some(one), None) => Some(&one.name),
        _ => None,
    }
}

fn is_worker_of(worker: &str, instance: &Instance) -> bool {
    let contains = |part: &str| !part.is_empty() && contains_word(worker, part);
    instance.worker_id.as_deref() == Some(worker)
        || contains(&instance.hostname)
        || contains(&instance.name)
        || (worker.contains(|c: char| c.is_ascii_alphabetic())
            && instance.name.strip_suffix(worker).is_some_and(|rest| rest.ends_with(['-', '_'])))
}

/// Whether `text` contains `part` between word boundaries: `worker-12` does not contain `worker-1`.
fn contains_word(text: &str, part: &str) -> bool {
    let is_boundary = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    text.match_indices(part).any(|(at, _)| {
        is_boundary(text[..at].chars().next_back()) && is_boundary(text[at + part.len()..].chars().next())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(number: u32) -> Instance {
        Instance {
            name: format!("shop-worker-{number}"),
            state: "running".into(),
            hostname: format!("{number}{number}cafe"),
            ..Instance::default()
        }
    }

    fn heartbeats(now: f64, workers: &[(&str, f64)]) -> Heartbeats {
        Heartbeats { now, workers: workers.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect() }
    }

    fn silent(now: &Heartbeats, of: &[u32], earlier: &Heartbeats, restarted: bool) -> Vec<String> {
        let all: Vec<Instance> = (1..=3).map(instance).collect();
        let of: Vec<&Instance> = of.iter().map(|n| &all[*n as usize - 1]).collect();
        now.silent_since(&of, &all, earlier, restarted).iter().map(|i| i.name.clone()).collect()
    }

    #[test]
    fn a_heartbeat_from_before_the_restart_does_not_count() {
        let earlier = heartbeats(100.0, &[("ordctl:11cafe:1:a", 99.0), ("ordctl:22cafe:1:b", 99.0)]);
        let still = heartbeats(101.0, &[("ordctl:11cafe:1:a", 99.0), ("ordctl:22cafe:1:b", 100.5)]);
        assert_eq!(
            silent(&still, &[1], &earlier, true),
            ["shop-worker-1"],
            "a heartbeat of another instance does not count"
        );
        let back = heartbeats(102.0, &[("ordctl:11cafe:1:c", 101.0), ("ordctl:22cafe:1:b", 100.5)]);
        assert!(silent(&back, &[1], &earlier, true).is_empty());
    }

    #[test]
    fn unmatched_names_count_by_number() {
        let earlier = heartbeats(100.0, &[("a", 99.0), ("b", 99.0), ("old", -50.0)]);
        let one = heartbeats(101.0, &[("a", 99.0), ("b", 100.5), ("old", -50.0)]);
        assert_eq!(silent(&one, &[1], &earlier, true).len(), 1, "only the other one is back");
        let both = heartbeats(102.0, &[("a", 101.5), ("b", 100.5)]);
        assert!(silent(&both, &[1], &earlier, true).is_empty(), "as many as before");
        assert_eq!(silent(&both, &[3], &earlier, false).len(), 1, "none of them is new");
        let new = heartbeats(103.0, &[("a", 101.5), ("b", 100.5), ("c", 102.0)]);
        assert!(silent(&new, &[3], &earlier, false).is_empty());
        assert_eq!(silent(&new, &[2, 3], &earlier, false).len(), 1, "one new name is not two");
    }

    #[test]
    fn a_worker_matches_by_hostname_name_or_worker_id() {
        let one = Instance { worker_id: Some("w7".into()), ..instance(1) };
        for name in ["ordctl:11cafe:1:a", "shop-worker-1", "worker-1", "w7", "shop-worker-1:42"] {
            assert!(is_worker_of(name, &one), "{name}");
        }
        for name in ["shop-worker-12", "11cafe0", "1", "rker-1", "w70", "ordctl:22cafe:1:a"] {
            assert!(!is_worker_of(name, &one), "{name}");
        }
    }

    #[test]
    fn a_name_that_matches_two_instances_belongs_to_none() {
        let twins = [Instance { hostname: "11cafe".into(), ..instance(2) }, instance(1)];
        assert_eq!(owner("ordctl:11cafe:1:a", &twins), None);
        assert_eq!(owner("ordctl:11cafe:1:a", &twins[1..]), Some("shop-worker-1"));
    }

    #[test]
    fn an_instance_without_heartbeat_for_two_minutes_is_silent() {
        let all: Vec<Instance> = (1..=3).map(instance).collect();
        let now = heartbeats(1000.0, &[("ordctl:11cafe:1:a", 990.0), ("ordctl:22cafe:1:b", 800.0)]);
        let silent: Vec<&str> = now.silent(&all).iter().map(|i| i.name.as_str()).collect();
        assert_eq!(silent, ["shop-worker-2", "shop-worker-3"]);
    }
}
