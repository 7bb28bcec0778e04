//! Heartbeats: which of them come from which instance.
//!
//! A worker chooses its own name. It is an instance's where it holds the instance's hostname (which
//! is a container's id) or name, or stands in its WORKER_ID. A name that tells nothing counts as an
//! instance's when it is new, or, where a worker may have come back under its old name, when as many
//! such names beat as did before.

use crate::clients::platform::Instance;
pub(crate) use crate::store::workers::Heartbeats as Beats;
use crate::tools::{ToolContext, ToolError};

/// A worker that was seen so lately, in seconds, is alive.
const ALIVE: f64 = 120.0;

impl Beats {
    pub(crate) async fn ask(ctx: &ToolContext) -> Result<Self, ToolError> {
        Ok(ctx.store()?.heartbeats().await?)
    }

    /// Names of workers that were seen after an instant.
    fn since(&self, instant: f64) -> impl Iterator<Item = &str> {
        self.workers.iter().filter(move |(_, seen)| **seen > instant).map(|(name, _)| name.as_str())
    }

    /// Instances, all being those of the service, whose worker has not been seen in the last
    /// two minutes.
    pub(crate) fn silent<'a>(&self, all: &'a [Instance]) -> Vec<&'a Instance> {
        let running: Vec<&Instance> = all.iter().filter(|i| i.is_running()).collect();
        self.missing(&running, all, &Beats::default(), self.now - ALIVE, false)
    }

    /// Which of some instances have not been heard of since the instant of `mark`. `reborn`: they
    /// may come back under names that were known then.
    pub(crate) fn unheard<'a>(
        &self,
        of: &[&'a Instance],
        all: &[Instance],
        mark: &Beats,
        reborn: bool,
    ) -> Vec<&'a Instance> {
        self.missing(of, all, mark, mark.now, reborn)
    }

    fn missing<'a>(
        &self,
        of: &[&'a Instance],
        all: &[Instance],
        mark: &Beats,
        since: f64,
        reborn: bool,
    ) -> Vec<&'a Instance> {
        let fresh: Vec<&str> = self.since(since).collect();
        let (silent, nameless): (Vec<&Instance>, Vec<&Instance>) = of
            .iter()
            .filter(|i| !fresh.iter().any(|name| owner(name, all) == Some(i.name.as_str())))
            .partition(|i| self.workers.keys().any(|name| owner(name, all) == Some(i.name.as_str())));
        let anybodys: Vec<&str> = fresh.iter().copied().filter(|name| owner(name, all).is_none()).collect();
        let new = anybodys.iter().filter(|name| !mark.workers.contains_key(**name)).count();
        let before = mark.since(mark.now - ALIVE).filter(|name| owner(name, all).is_none()).count();
        let all_back = reborn && before > 0 && anybodys.len() >= before.max(nameless.len());
        let heard = if all_back { nameless.len() } else { new.min(nameless.len()) };
        silent.into_iter().chain(nameless.into_iter().skip(heard)).collect()
    }
}

/// The only instance that a worker's name speaks of.
fn owner<'a>(worker: &str, all: &'a [Instance]) -> Option<&'a str> {
    let mut found = all.iter().filter(|i| names(worker, i));
    match (found.next(), found.next()) {
        (Some(one), None) => Some(&one.name),
        _ => None,
    }
}

fn names(worker: &str, instance: &Instance) -> bool {
    let part = |of: &str| !of.is_empty() && words(worker, of);
    instance.worker_id.as_deref() == Some(worker)
        || part(&instance.hostname)
        || part(&instance.name)
        || (worker.contains(|c: char| c.is_ascii_alphabetic())
            && instance.name.strip_suffix(worker).is_some_and(|rest| rest.ends_with(['-', '_'])))
}

/// Whether `part` stands in `text` as a whole: `worker-1` is no part of `worker-12`.
fn words(text: &str, part: &str) -> bool {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
    text.match_indices(part)
        .any(|(at, _)| edge(text[..at].chars().next_back()) && edge(text[at + part.len()..].chars().next()))
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

    fn beats(now: f64, workers: &[(&str, f64)]) -> Beats {
        Beats { now, workers: workers.iter().map(|(n, s)| ((*n).to_owned(), *s)).collect() }
    }

    fn missing(now: &Beats, of: &[u32], mark: &Beats, reborn: bool) -> Vec<String> {
        let all: Vec<Instance> = (1..=3).map(instance).collect();
        let of: Vec<&Instance> = of.iter().map(|n| &all[*n as usize - 1]).collect();
        now.unheard(&of, &all, mark, reborn).iter().map(|i| i.name.clone()).collect()
    }

    #[test]
    fn a_heartbeat_from_before_the_restart_does_not_count() {
        let mark = beats(100.0, &[("ordctl:11cafe:1:a", 99.0), ("ordctl:22cafe:1:b", 99.0)]);
        let still = beats(101.0, &[("ordctl:11cafe:1:a", 99.0), ("ordctl:22cafe:1:b", 100.5)]);
        assert_eq!(missing(&still, &[1], &mark, true), ["shop-worker-1"], "another's beat is not its own");
        let back = beats(102.0, &[("ordctl:11cafe:1:c", 101.0), ("ordctl:22cafe:1:b", 100.5)]);
        assert!(missing(&back, &[1], &mark, true).is_empty());
    }

    #[test]
    fn names_that_tell_nothing_count_by_number() {
        let mark = beats(100.0, &[("a", 99.0), ("b", 99.0), ("old", -50.0)]);
        let one = beats(101.0, &[("a", 99.0), ("b", 100.5), ("old", -50.0)]);
        assert_eq!(missing(&one, &[1], &mark, true).len(), 1, "only the other has come back");
        let both = beats(102.0, &[("a", 101.5), ("b", 100.5)]);
        assert!(missing(&both, &[1], &mark, true).is_empty(), "as many as before");
        assert_eq!(missing(&both, &[3], &mark, false).len(), 1, "none of them is new");
        let new = beats(103.0, &[("a", 101.5), ("b", 100.5), ("c", 102.0)]);
        assert!(missing(&new, &[3], &mark, false).is_empty());
        assert_eq!(missing(&new, &[2, 3], &mark, false).len(), 1, "one new name is not two");
    }

    #[test]
    fn a_name_is_known_by_its_parts() {
        let one = Instance { worker_id: Some("w7".into()), ..instance(1) };
        for name in ["ordctl:11cafe:1:a", "shop-worker-1", "worker-1", "w7", "shop-worker-1:42"] {
            assert!(names(name, &one), "{name}");
        }
        for name in ["shop-worker-12", "11cafe0", "1", "rker-1", "w70", "ordctl:22cafe:1:a"] {
            assert!(!names(name, &one), "{name}");
        }
    }

    #[test]
    fn a_name_that_speaks_of_two_is_nobodys() {
        let twins = [Instance { hostname: "11cafe".into(), ..instance(2) }, instance(1)];
        assert_eq!(owner("ordctl:11cafe:1:a", &twins), None);
        assert_eq!(owner("ordctl:11cafe:1:a", &twins[1..]), Some("shop-worker-1"));
    }

    #[test]
    fn who_has_sent_nothing_for_two_minutes_is_silent() {
        let all: Vec<Instance> = (1..=3).map(instance).collect();
        let now = beats(1000.0, &[("ordctl:11cafe:1:a", 990.0), ("ordctl:22cafe:1:b", 800.0)]);
        let silent: Vec<&str> = now.silent(&all).iter().map(|i| i.name.as_str()).collect();
        assert_eq!(silent, ["shop-worker-2", "shop-worker-3"]);
    }
}
