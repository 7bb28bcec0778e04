//! Plain data that the layers pass to each other. Nothing here does I/O.

pub(crate) mod agent;
pub(crate) mod backup;
pub(crate) mod comparison;
pub(crate) mod event;
pub(crate) mod figure;
pub(crate) mod finding;
pub(crate) mod listing;
pub(crate) mod logline;
pub(crate) mod plan;
pub(crate) mod prompt;
pub(crate) mod queue;
pub(crate) mod reclaimed;
pub(crate) mod report;
pub(crate) mod runbook;
pub(crate) mod series;
pub(crate) mod status;
pub(crate) mod step;
pub(crate) mod task;

pub(crate) use agent::{Agent, AgentInput, AgentUpdate, NewSecret, Tokens};
pub(crate) use backup::{Globals, Locale, Manifest, Origin, TableRows, Verified};
pub(crate) use comparison::compare;
pub(crate) use event::{Event, Observer, Silent};
pub(crate) use figure::{BASELINE_VERSION, Baseline, Figure, Machine};
pub(crate) use finding::{Finding, HOST, Threshold, Worse};
pub(crate) use listing::Listing;
pub(crate) use logline::{LogLine, Severity};
pub(crate) use plan::{Plan, PlannedStep, Target};
pub(crate) use prompt::Prompt;
pub(crate) use queue::{DeadLetter, LetterTask, Retried, Worker};
pub(crate) use reclaimed::Reclaimed;
pub(crate) use report::{DIAGNOSIS, Kind, Report, ReportSection};
pub(crate) use runbook::Runbook;
pub(crate) use series::{Point, Series};
pub(crate) use status::Status;
pub(crate) use step::{Effect, Step};
pub(crate) use task::{Op, Page, Run, RunStats, SnoozeInput, Task, TaskInput, TaskUpdate};
