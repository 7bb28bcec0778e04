//! Plain data that the layers pass to each other. Nothing here does I/O.

pub mod agent;
pub mod backup;
pub mod comparison;
pub mod event;
pub mod figure;
pub mod finding;
pub mod gain;
pub mod listing;
pub mod logline;
pub mod plan;
pub mod prompt;
pub mod queue;
pub mod report;
pub mod runbook;
pub mod series;
pub mod status;
pub mod step;
pub mod task;

pub use agent::{Agent, AgentInput, AgentUpdate, NewSecret, Tokens};
pub use backup::{Globals, Locale, Manifest, Origin, TableRows, Verified};
pub use comparison::compare;
pub use event::{Event, Observer, Silent};
pub use figure::{BASELINE_VERSION, Baseline, Figure, Machine};
pub use finding::{Finding, HOST, Threshold, Worse};
pub use gain::Gain;
pub use listing::Listing;
pub use logline::{LogLine, Severity};
pub use plan::{Plan, PlannedStep, Target};
pub use prompt::Prompt;
pub use queue::{DeadLetter, LetterTask, Retried, Worker};
pub use report::{DIAGNOSIS, Kind, Report, ReportSection};
pub use runbook::{Alert, Param, Runbook, Section};
pub use series::{Point, Series};
pub use status::Status;
pub use step::{Effect, Step};
pub use task::{Op, Page, Run, RunStats, SnoozeInput, Task, TaskInput, TaskUpdate};
