//! Counts what happens with many requests, so that a client cannot fill the log: one line a minute for each kind.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, MutexGuard};
use std::time::Duration;

use crate::base::lock::lock;

/// Time that one line covers.
const PERIOD: Duration = Duration::from_secs(60);
/// Clients that are counted by name.
const CLIENTS_MAX: usize = 1000;
/// Clients that a line names.
const CLIENTS_SHOWN: usize = 5;

static KINDS: LazyLock<Mutex<HashMap<&'static str, Counts>>> = LazyLock::new(Mutex::default);

#[derive(Default)]
struct Counts {
    total: u64,
    clients: HashMap<String, u64>,
}

impl Counts {
    fn add(&mut self, client: &str) {
        self.total += 1;
        if let Some(count) = self.clients.get_mut(client) {
            *count += 1;
        } else if self.clients.len() < CLIENTS_MAX {
            self.clients.insert(client.to_owned(), 1);
        }
    }

    /// The clients with the most requests, first.
    fn top(&self) -> String {
        let mut all: Vec<_> = self.clients.iter().collect();
        all.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let mut shown: Vec<String> =
            all.iter().take(CLIENTS_SHOWN).map(|(client, count)| format!("{client} ({count})")).collect();
        if let Some(more) = all.len().checked_sub(CLIENTS_SHOWN).filter(|n| *n > 0) {
            shown.push(format!("{more} more"));
        }
        shown.join(", ")
    }
}

fn kinds() -> MutexGuard<'static, HashMap<&'static str, Counts>> {
    lock(&KINDS)
}

/// Counts a request. The first of a minute starts the minute, whose end logs all.
pub(super) fn count(kind: &'static str, client: &str) {
    let mut kinds = kinds();
    if let Some(counts) = kinds.get_mut(kind) {
        counts.add(client);
        return;
    }
    kinds.entry(kind).or_default().add(client);
    tokio::spawn(async move {
        tokio::time::sleep(PERIOD).await;
        let counts = self::kinds().remove(kind);
        if let Some(counts) = counts {
            let clients = counts.top();
            tracing::warn!(requests = counts.total, clients, "{kind}, in one minute");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_clients_with_the_most_requests() {
        let mut counts = Counts::default();
        for n in 0..2000 {
            counts.add(&format!("address 10.0.0.{}", n % 7));
            counts.add("agent ci");
        }
        assert_eq!(counts.total, 4000);
        let top = counts.top();
        assert!(top.starts_with("agent ci (2000), address 10.0.0.0 (286), "), "{top}");
        assert!(top.ends_with("3 more"), "{top}");
        for n in 0..5000 {
            counts.add(&format!("agent {n}"));
        }
        assert_eq!((counts.total, counts.clients.len()), (9000, CLIENTS_MAX), "memory is bounded");
    }

    #[derive(Clone, Default)]
    struct Lines(std::sync::Arc<Mutex<Vec<u8>>>);

    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_of_refusals_is_one_line() {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
        let _log = tracing::subscriber::set_default(log);
        for minute in 1..=2 {
            for n in 0..10_000 {
                count("a test's requests refused", &format!("address 10.0.0.{}", n % 3));
            }
            tokio::time::sleep(PERIOD + Duration::from_secs(1)).await;
            let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text.lines().count(), minute, "{text}");
            assert!(text.contains("requests=10000") && text.contains("address 10.0.0.0 (3334)"), "{text}");
        }
    }
}
