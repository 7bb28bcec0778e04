//! An open-loop load generator: requests start at scheduled instants, whatever the earlier ones do.
//!
//! * A dedicated thread keeps the schedule: its sleep is accurate to about 50 µs, the timers of the runtime to
//!   a millisecond, which is longer than many responses take.
//! * Latency counts from the *scheduled* instant to the last byte of the response, including the wait for a
//!   free connection. A closed-loop client omits that wait and so hides a stall in all but one request.
//! * The delay of the client itself is reported separately: it is not the server's.
//! * A request that timed out after it waited for a connection most of the time counts as not sent in time,
//!   not as a failure of the server. A request that the client started that late counts for neither.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::base::secret::SecretUrl;
use crate::clients::ClientError;
use crate::clients::http::{Get, Http, SYSTEM};
use crate::tools::baseline::Latencies;
use crate::tools::{ToolContext, ToolError};

/// URL, rate and duration of the load.
#[derive(Clone)]
pub(crate) struct Plan {
    pub(crate) url: SecretUrl,
    /// The expected status; None accepts any 2xx.
    pub(crate) expect: Option<u16>,
    pub(crate) rate: f64,
    pub(crate) count: u32,
    /// Maximum number of connections.
    pub(crate) connections: usize,
    /// Timeout of a request, from its scheduled instant.
    pub(crate) patience: Duration,
}

pub(crate) struct Tally {
    /// Latencies of successful requests, and of requests that timed out or got no connection, which count with
    /// at least their limit.
    pub(crate) times: Latencies,
    /// Delay of the client at the start of each request.
    pub(crate) lag: Latencies,
    pub(crate) good: u64,
    /// Requests that were sent in time and got no response in time.
    pub(crate) timeouts: u64,
    /// Responses with an unexpected status, by status.
    pub(crate) statuses: BTreeMap<u16, u64>,
    /// Requests that failed: no connection, or a broken one.
    pub(crate) broken: u64,
    /// Requests that had to wait for one of the connections.
    pub(crate) queued: u64,
    /// Requests without a response that waited for a connection for more than half of their time.
    pub(crate) crowded: u64,
    /// Requests without a response that the client started after half of their time.
    pub(crate) overdue: u64,
    /// Cause of the last failure.
    pub(crate) why: Option<String>,
}

impl Tally {
    /// Failed requests: unexpected statuses and broken connections, not timeouts or requests that were not sent in
    /// time.
    pub(crate) fn errors(&self) -> u64 {
        self.broken + self.statuses.values().sum::<u64>()
    }
}

struct Shot {
    lag: Duration,
    took: Duration,
    queued: bool,
    end: End,
}

enum End {
    Good,
    TimedOut,
    Crowded,
    Overdue,
    Status(u16),
    Broken(String),
}

/// Sends all requests and waits until each ends. Dropping the future cancels them.
pub(crate) async fn fire(plan: &Plan, http: &Http, ctx: &ToolContext) -> Result<Tally, ToolError> {
    let mut tally = Tally {
        times: Latencies::new()?,
        lag: Latencies::new()?,
        good: 0,
        timeouts: 0,
        statuses: BTreeMap::new(),
        broken: 0,
        queued: 0,
        crowded: 0,
        overdue: 0,
        why: None,
    };
    let free = Arc::new(Semaphore::new(plan.connections));
    let begin = Instant::now();
    let mut instants = schedule(begin, plan)?;
    let mut going = JoinSet::new();
    let mut done = 0;
    loop {
        tokio::select! {
            biased;
            Some(at) = instants.recv() => {
                going.spawn(shot(plan.clone(), http.clone(), free.clone(), at));
            }
            Some(ended) = going.join_next() => {
                if let Ok(shot) = ended {
                    tally.add(shot);
                }
                done += 1;
                if done % 10 == 0 {
                    ctx.progress(done, Some(plan.count.into()), "requests");
                }
            }
            else => break,
        }
    }
    Ok(tally)
}

/// Sends each scheduled instant when it arrives. The thread ends when the receiver is closed.
fn schedule(begin: Instant, plan: &Plan) -> Result<mpsc::UnboundedReceiver<Instant>, ToolError> {
    let (sender, instants) = mpsc::unbounded_channel();
    let (count, rate) = (plan.count, plan.rate);
    let keep = move || {
        for n in 0..count {
            let at = begin + Duration::from_secs_f64(f64::from(n) / rate);
            std::thread::sleep(at.saturating_duration_since(Instant::now()));
            if sender.send(at).is_err() {
                return;
            }
        }
    };
    let started = std::thread::Builder::new().name("schedule".into()).spawn(keep);
    started
        .map_err(|e| ToolError::failed(format!("cannot start the thread that sends the requests: {e}")))?;
    Ok(instants)
}

async fn shot(plan: Plan, http: Http, free: Arc<Semaphore>, at: Instant) -> Shot {
    let lag = at.elapsed();
    let until = at + plan.patience;
    let queued = free.available_permits() == 0;
    let ended = |end| Shot { lag, took: at.elapsed(), queued, end };
    let half = plan.patience / 2;
    let unanswered = |sent: Duration| match sent > half {
        true if lag > half => End::Overdue,
        true => End::Crowded,
        false => End::TimedOut,
    };
    if lag >= plan.patience {
        return ended(End::Overdue);
    }
    let connection = tokio::time::timeout_at(until.into(), free.acquire()).await;
    let sent = at.elapsed();
    let Ok(Ok(_held)) = connection else { return ended(unanswered(sent)) };
    let left = until.saturating_duration_since(Instant::now());
    match http.get(Get::new(SYSTEM, &plan.url, left)).await {
        Ok(answer) if plan.expect.map_or(answer.is_success(), |code| code == answer.status) => {
            ended(End::Good)
        }
        Ok(answer) => ended(End::Status(answer.status)),
        Err(_) if Instant::now() >= until => ended(unanswered(sent)),
        Err(ClientError::Unreachable { message, .. }) => ended(End::Broken(message)),
        Err(other) => ended(End::Broken(other.to_string())),
    }
}

impl Tally {
    fn add(&mut self, shot: Shot) {
        self.lag.record(shot.lag);
        self.queued += u64::from(shot.queued);
        match shot.end {
            End::Good => {
                self.good += 1;
                self.times.record(shot.took);
            }
            End::TimedOut => {
                self.timeouts += 1;
                self.times.record(shot.took);
            }
            End::Crowded => {
                self.crowded += 1;
                self.times.record(shot.took);
            }
            End::Overdue => self.overdue += 1,
            // How fast an error came tells nothing of how fast an answer would have come.
            End::Status(code) => *self.statuses.entry(code).or_default() += 1,
            End::Broken(why) => {
                self.broken += 1;
                self.why = Some(why);
            }
        }
    }
}
