//! Nodes are killed, suspended and cut off at random, under load. A ledger outside of the database knows every start.
//!
//! `ORDCTL_CHAOS_SECONDS=60 ORDCTL_CHAOS_SEED=7` sets the duration and repeats a sequence of faults.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal, prlimit};

use crate::support::engine::{Node, Setup, Tables};
use crate::support::ledger::Ledger;
use crate::support::postgres::cluster;
use crate::support::proxy::{Fault, Proxy};

const LEASE: Duration = Duration::from_secs(2);
/// How often work is queued.
const PACE: Duration = Duration::from_millis(100);
/// Bytes of address space per node; a node that leaks ends here, and not the machine.
const MEMORY_MAX: u64 = 4 << 30;

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

/// A node that reaches the database through a proxy of its own.
struct Victim {
    proxy: Proxy,
    setup: Setup,
    node: Node,
    /// Suspended, or not yet restarted, until then.
    until: Option<(Disturbance, Instant)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Disturbance {
    Killed,
    Suspended,
    SilentSession,
    ResetSession,
    EndedBackend,
}

impl Victim {
    fn new(tables: &Tables, ledger: &Ledger) -> Self {
        let proxy = Proxy::to_port(cluster().port);
        let setup = Setup { url: proxy.postgres(&tables.db.name), ..Setup::of(&tables.db) };
        let setup = setup.allowing(ledger.port);
        let node = start(&setup);
        Self { proxy, setup, node, until: None }
    }

    fn recover_in_time(&mut self) {
        let Some((disturbance, until)) = self.until else { return };
        if Instant::now() < until {
            return;
        }
        self.until = None;
        match disturbance {
            Disturbance::Suspended => self.node.signal(Signal::CONT),
            _ => self.node = start(&self.setup),
        }
    }
}

fn start(setup: &Setup) -> Node {
    let node = setup.node(&["--role", "scheduler,worker"]);
    let limit = Rlimit { current: Some(MEMORY_MAX), maximum: Some(MEMORY_MAX) };
    prlimit(Pid::from_raw(node.pid() as i32), Resource::As, limit).unwrap();
    node
}

/// Disturbs one node. Of three nodes only one is killed or suspended at a time, so that somebody can work.
async fn disturb(victims: &mut [Victim], tables: &Tables, random: &mut fastrand::Rng) -> Option<Disturbance> {
    let is_whole = victims.iter().all(|victim| victim.until.is_none());
    let chosen = random.usize(..victims.len());
    let victim = &mut victims[chosen];
    let session = victim.proxy.open_sessions();
    let session = (!session.is_empty()).then(|| session[random.usize(..session.len())]);
    let disturbance = match (random.u8(..10), session) {
        (0..2, _) if is_whole => Disturbance::Killed,
        (2..5, _) if is_whole => Disturbance::Suspended,
        (5..8, Some(_)) => Disturbance::SilentSession,
        (8, Some(_)) => Disturbance::ResetSession,
        (9, Some(_)) => Disturbance::EndedBackend,
        _ => return None,
    };
    let pause = Duration::from_millis(random.u64(200..4_000));
    match (disturbance, session) {
        (Disturbance::Killed, _) => {
            victim.node.kill();
            victim.until = Some((disturbance, Instant::now() + pause));
        }
        (Disturbance::Suspended, _) => {
            victim.node.signal(Signal::STOP);
            victim.until = Some((disturbance, Instant::now() + pause));
        }
        (Disturbance::SilentSession, Some(port)) => victim.proxy.session(port, Fault::Silent),
        (Disturbance::ResetSession, Some(port)) => victim.proxy.session(port, Fault::Reset),
        (_, Some(port)) => {
            let end =
                format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = {port}");
            tables.db.execute(&end).await.unwrap();
        }
        (_, None) => {}
    }
    Some(disturbance)
}

/// Queues occurrences of a task until the end; returns their number, and the longest time between two.
async fn feed(tables: &Tables, task: &str, end: Instant) -> (u32, Duration) {
    let (mut number, mut longest, mut last) = (0, Duration::ZERO, Instant::now());
    while Instant::now() < end {
        tables.queue(task, 1).await;
        if number % 5 == 0 {
            // Through the scheduler.
            let once = format!(
                "INSERT INTO task (title, description, created_by, schedule_kind, schedule_expr, max_retries, payload)
                 SELECT 'once', 'd', created_by, 'once',
                        to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'), max_retries, payload
                   FROM task WHERE id = '{task}'"
            );
            tables.db.execute(&once).await.unwrap();
            number += 1;
        }
        number += 1;
        longest = longest.max(last.elapsed());
        last = Instant::now();
        tokio::time::sleep(PACE).await;
    }
    (number, longest)
}

#[tokio::test(flavor = "multi_thread")]
async fn random_faults_lose_nothing_and_repeat_no_outcome() {
    let seconds = setting("ORDCTL_CHAOS_SECONDS", 20);
    let seed = setting("ORDCTL_CHAOS_SEED", fastrand::u64(..100_000));
    println!("ORDCTL_CHAOS_SECONDS={seconds} ORDCTL_CHAOS_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let (tables, ledger) = (Tables::new().await, Ledger::start(Duration::from_millis(400)));
    let task = tables.task(&[ledger.step()], "max_retries = 10, backoff_strategy = 'fixed'").await;
    let mut victims: Vec<Victim> = (0..3).map(|_| Victim::new(&tables, &ledger)).collect();
    tables.queue(&task, 1).await;
    crate::support::eventually("the nodes work", async || ledger.len() > 0).await;
    let (begin, end) = (Instant::now(), Instant::now() + Duration::from_secs(seconds));
    let mut disturbances: BTreeMap<Disturbance, u32> = BTreeMap::new();
    let chaos = async {
        while Instant::now() < end {
            tokio::time::sleep(Duration::from_millis(random.u64(100..700))).await;
            victims.iter_mut().for_each(Victim::recover_in_time);
            if let Some(disturbance) = disturb(&mut victims, &tables, &mut random).await {
                *disturbances.entry(disturbance).or_default() += 1;
            }
        }
    };
    let ((), (number, slowest_feed)) = tokio::join!(chaos, feed(&tables, &task, end));
    let number = number + 1;
    for victim in &mut victims {
        if let Some((_, until)) = &mut victim.until {
            *until = Instant::now();
        }
        victim.recover_in_time();
    }
    tables.until("SELECT count(*) FROM task_run WHERE final", &number.to_string()).await;
    tables.drained().await;
    check(&tables, &ledger, number).await;
    let (gap, limit) = (ledger.longest_gap(begin, end), LEASE + Duration::from_secs(5) + slowest_feed);
    println!("{number} occurrences, {} starts, longest gap {gap:?}, {disturbances:?}", ledger.len());
    assert!(gap < limit, "nothing started for {gap:?}; the test itself stood still for {slowest_feed:?}");
}

/// Compares the database with the ledger.
async fn check(tables: &Tables, ledger: &Ledger, number: u32) {
    let finals =
        "SELECT string_agg(occurrence || ' ' || attempt || ' ' || success, ',') FROM task_run WHERE final";
    let finals = tables.db.value(finals).await;
    let finals: Vec<Vec<&str>> = finals.split(',').map(|row| row.split(' ').collect()).collect();
    let attempts = ledger.attempts();
    let mut by_occurrence = BTreeMap::new();
    for row in &finals {
        *by_occurrence.entry(row[0]).or_insert(0) += 1;
    }
    let seconds: Vec<_> = by_occurrence.iter().filter(|(_, n)| **n > 1).collect();
    assert!(seconds.is_empty(), "second finals: {seconds:?}");
    assert_eq!(by_occurrence.len(), number as usize, "lost occurrences");
    let without_start: Vec<_> = finals.iter().filter(|row| !attempts.contains_key(row[0])).collect();
    assert!(without_start.is_empty(), "finals that never started: {without_start:?}");
    // A later attempt had started: the worker that committed this one had lost its lease.
    let stale = |row: &&Vec<&str>| attempts.get(row[0]).is_some_and(|last| *last > row[1].parse().unwrap());
    let stale: Vec<_> = finals.iter().filter(stale).collect();
    assert!(stale.is_empty(), "stale commits: {stale:?}");
    let failed: Vec<_> = finals.iter().filter(|row| row[2] != "true").collect();
    assert!(failed.is_empty(), "occurrences that failed though attempts were left: {failed:?}");
}
