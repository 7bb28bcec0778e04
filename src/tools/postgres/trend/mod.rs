//! `check.trend`: growth per day of the database and its tables by their samples, and the time until full.

mod fit;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::TimeDelta;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::sanitize::ident;
use crate::base::units::{Span, bytes, counted, duration};
use crate::clients::postgres::SYSTEM;
use crate::clients::{ClientError, host};
use crate::model::{Finding, Point, Series, Status, Threshold, Worse};
use crate::store::samples::{Sample, SampleName};
use crate::store::{Store, StoreError};
use crate::tools::postgres::samples;
use crate::tools::{Output, Tool, ToolContext, ToolError};

use fit::{Days, Fit};

const FILESYSTEM_TIMEOUT: Duration = Duration::from_secs(3);
const DAY: f64 = 86_400.0;

pub(crate) struct Trend;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Fit the samples of this period.
    #[serde(default = "window")]
    pub(crate) window: Span,
    /// How many tables to list, fastest growing first, of the 50 that grew most in the window.
    #[serde(default = "tables")]
    pub(crate) tables: usize,
    /// Warn at or below this many days until full.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// Critical at or below this many days until full.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

fn window() -> Span {
    Span::seconds(30 * 86_400)
}

const fn tables() -> usize {
    8
}

#[derive(Debug, Serialize)]
pub(crate) struct GrowthRate {
    /// `schema.table`; empty for the whole database.
    pub(crate) label: String,
    pub(crate) bytes: f64,
    /// Bytes per day; null with too few samples.
    pub(crate) per_day: Option<f64>,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Growth {
    /// The database, then its tables, fastest growing first.
    #[serde(rename = "paces")]
    pub(crate) rates: Vec<GrowthRate>,
    /// Days until full; null when unknown or never.
    pub(crate) days: Option<f64>,
}

impl Tool for Trend {
    type Params = Params;
    type Result = Growth;

    const NAME: &'static str = "check.trend";
    const HELP: &'static str = "Report growth per day from the stored samples, and the time until full";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Growth>, ToolError> {
        let store = ctx.store()?;
        // First, so that the current size is part of the trend.
        let sample = samples::store(ctx, SYSTEM).await?;
        let (database, tables) = match series(&store, params.window).await {
            Ok(series) => series,
            Err(e) if e.is_not_migrated() => {
                return Ok(Output::new(vec![samples::unknown_growth(SYSTEM)], Growth::default()));
            }
            Err(e) => return Err(e.into()),
        };
        let database =
            database.into_iter().next().unwrap_or_else(|| SizeSeries::new(String::new(), Vec::new()));
        let room = room(ctx, database.bytes()).await;
        let days = database.fit.zip(room.as_ref().ok()).map(|(fit, room)| fit::days(&fit, room.bytes));
        let mut findings = vec![database.finding("database", "Database", true), full(&room, days, &params)];
        let explain = database.fit.is_some();
        findings.extend(
            tables.iter().take(params.tables).map(|t| t.finding(&ident(&t.label), &t.label, explain)),
        );
        findings.push(sample);
        let rates = std::iter::once(&database).chain(&tables).map(SizeSeries::rate).collect();
        Ok(Output::new(findings, Growth { rates, days: days.and_then(|d| d.expected) }))
    }
}

/// The series of the database and of its tables.
async fn series(store: &Store, window: Span) -> Result<(Vec<SizeSeries>, Vec<SizeSeries>), StoreError> {
    let mut tables = series_of(store, SampleName::TableBytes, window).await?;
    tables.sort_by(|a, b| b.slope().total_cmp(&a.slope()).then(b.bytes().total_cmp(&a.bytes())));
    Ok((series_of(store, SampleName::DatabaseBytes, window).await?, tables))
}

async fn series_of(store: &Store, name: SampleName, window: Span) -> Result<Vec<SizeSeries>, StoreError> {
    let mut by_label: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for Sample { label, at, value } in store.samples(name, window.duration()).await? {
        by_label.entry(label).or_default().push(Point { at, value });
    }
    Ok(by_label.into_iter().map(|(label, points)| SizeSeries::new(label, points)).collect())
}

/// The sampled sizes of the database or a table.
struct SizeSeries {
    label: String,
    points: Vec<Point>,
    fit: Option<Fit>,
}

impl SizeSeries {
    fn new(label: String, points: Vec<Point>) -> Self {
        let days = |p: &Point| (p.at.timestamp_micros() as f64 / 1e6 / DAY, p.value);
        let fit = fit::fit(&points.iter().map(days).collect::<Vec<_>>());
        Self { label, points, fit }
    }

    fn bytes(&self) -> f64 {
        self.points.last().map_or(0.0, |p| p.value)
    }

    fn slope(&self) -> f64 {
        self.fit.map_or(0.0, |f| f.slope)
    }

    fn span(&self) -> TimeDelta {
        self.points.last().zip(self.points.first()).map_or_else(TimeDelta::zero, |(l, f)| l.at - f.at)
    }

    fn rate(&self) -> GrowthRate {
        GrowthRate { label: self.label.clone(), bytes: self.bytes(), per_day: self.fit.map(|f| f.slope) }
    }

    /// Why there is no fit.
    fn too_few(&self) -> String {
        let samples = counted(self.points.len() as f64, "sample");
        let span = duration(self.span().as_seconds_f64());
        format!("{samples} over {span}; needs {} over {}", fit::MIN_POINTS, duration(fit::MIN_DAYS * DAY))
    }

    /// `explain`: say why its growth is unknown, which the database says once for all of its tables.
    fn finding(&self, id: &str, name: &str, explain: bool) -> Finding {
        let size = bytes(self.bytes());
        let Some(fit) = self.fit else {
            let why = match explain {
                true => format!(", growth: not enough samples yet ({})", self.too_few()),
                false => String::new(),
            };
            let summary = format!("{name}: {size}{why}");
            return Finding::new(id, SYSTEM, Status::Ok, summary).series(Series::new(self.points.clone()));
        };
        let span = duration(self.span().as_seconds_f64());
        let summary =
            format!("{name}: {size}, {} per day ± {} over {span}", bytes(fit.slope), bytes(fit.margin));
        let ends = self.points.first().zip(self.points.last());
        let line = ends.map(|(first, last)| {
            [Point { at: first.at, value: fit.begin }, Point { at: last.at, value: fit.end }]
        });
        Finding::measured(id, SYSTEM, summary, fit.slope, Some("bytes"), Threshold::NONE)
            .series(Series { points: self.points.clone(), line })
    }
}

/// Free space, and where.
struct Room {
    bytes: f64,
    place: String,
}

/// The free space of the configured limit or of the configured disk, whichever is less.
async fn room(ctx: &ToolContext, size: f64) -> Result<Room, ClientError> {
    let capacity = &ctx.settings.capacity;
    let limit = capacity
        .limit
        .map(|limit| Room { bytes: limit.bytes() as f64 - size, place: format!("the limit of {limit}") });
    let disk = match &capacity.disk {
        None => None,
        Some(path) => {
            let place = path.display().to_string();
            let filesystem = tokio::time::timeout(FILESYSTEM_TIMEOUT, host::filesystem(path)).await;
            let filesystem = filesystem.unwrap_or_else(|_| {
                Err(ClientError::unreachable(host::SYSTEM, format!("{place} does not answer")))
            })?;
            Some(Room { bytes: filesystem.available as f64, place })
        }
    };
    match (limit, disk) {
        (Some(limit), Some(disk)) => Ok(if limit.bytes < disk.bytes { limit } else { disk }),
        (one, other) => one
            .or(other)
            .ok_or(ClientError::not_configured("database capacity", "capacity.disk or capacity.limit")),
    }
}

fn full(room: &Result<Room, ClientError>, days: Option<Days>, params: &Params) -> Finding {
    let none = |status, why: String| {
        Finding::new("full", SYSTEM, status, format!("Time until full: unknown ({why})"))
    };
    let room = match room {
        Ok(room) => room,
        Err(e) => {
            return match e.setting_hint() {
                Some(hint) => none(Status::Skipped, hint),
                None => none(Status::Unknown, e.to_string()),
            };
        }
    };
    let free = format!("{} left of {}", bytes(room.bytes.max(0.0)), room.place);
    let Some(days) = days else { return none(Status::Skipped, format!("{free}; growth unknown")) };
    let Some(expected) = days.expected else {
        let soonest = days.soonest.map_or_else(String::new, |d| format!(", soonest in {}", in_days(d)));
        return Finding::new(
            "full",
            SYSTEM,
            Status::Ok,
            format!("Time until full: no growth, {free}{soonest}"),
        );
    };
    let latest = days.latest.map_or_else(|| "never".to_owned(), in_days);
    let soonest = days.soonest.map_or_else(|| "never".to_owned(), in_days);
    let summary = format!("Time until full: {} (95 %: {soonest} to {latest}), {free}", in_days(expected));
    let threshold = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
    Finding::measured("full", SYSTEM, summary, expected, Some("days"), threshold)
        .hint("ordctl capacity --only growth --chart growth.svg")
}

fn in_days(days: f64) -> String {
    if days > 36_500.0 { "more than 100 years".to_owned() } else { format!("{days:.0} days") }
}
