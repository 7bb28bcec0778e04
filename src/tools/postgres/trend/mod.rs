//! `check.trend`: how fast the database and its tables grow by the samples, and when there is no more
//! room.

mod fit;

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::base::units::{Span, bytes, counted, duration};
use crate::clients::postgres::SYSTEM;
use crate::clients::{ClientError, host};
use crate::model::{Finding, Point, Series, Status, Threshold, Worse};
use crate::store::{Binds, Store, StoreError};
use crate::tools::ident::ident;
use crate::tools::postgres::samples;
use crate::tools::{Output, Tool, ToolContext, ToolError};

use fit::{Days, Fit};

/// How long the filesystem may take.
const PATIENCE: Duration = Duration::from_secs(3);
const DAY: f64 = 86_400.0;

pub(crate) struct Trend;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// Samples of this time count.
    #[serde(default = "window")]
    pub(crate) window: Span,
    /// So many tables are listed, those that grow fastest; of the 50 that have grown most in that time.
    #[serde(default = "tables")]
    pub(crate) tables: usize,
    /// So many days until there is no more room, or fewer, are a warning.
    #[serde(default)]
    pub(crate) warn: Option<f64>,
    /// So many days, or fewer, are critical.
    #[serde(default)]
    pub(crate) crit: Option<f64>,
}

fn window() -> Span {
    Span::seconds(30 * 86_400)
}

const fn tables() -> usize {
    8
}

/// How something grows.
#[derive(Debug, Serialize)]
pub(crate) struct Pace {
    /// `schema.table`; empty for the whole database.
    pub(crate) label: String,
    /// Bytes now.
    pub(crate) bytes: f64,
    /// Bytes a day; null with too few samples.
    pub(crate) per_day: Option<f64>,
}

/// For later steps.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Found {
    /// The database first, then its tables, those first that grow fastest.
    pub(crate) paces: Vec<Pace>,
    /// Days until there is no more room; null when that is not known, or never.
    pub(crate) days: Option<f64>,
}

#[derive(Debug, Deserialize)]
struct Row {
    label: String,
    at: DateTime<Utc>,
    value: f64,
}

impl Tool for Trend {
    type Params = Params;
    type Result = Found;

    const NAME: &'static str = "check.trend";
    const HELP: &'static str =
        "how fast the tables grow by the samples kept, and when the disk or a limit is reached";
    const SOURCE: &'static str = SYSTEM;

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Found>, ToolError> {
        let store = ctx.store()?;
        // First: the present belongs to the trend.
        let kept = samples::store(ctx, SYSTEM).await?;
        let (whole, tables) = match both(&store, params.window).await {
            Ok(both) => both,
            Err(e) if samples::never_migrated(&e) => {
                return Ok(Output::new(vec![samples::unknown_growth(SYSTEM)], Found::default()));
            }
            Err(e) => return Err(e.into()),
        };
        let database = whole.into_iter().next().unwrap_or_else(|| Grower::new(String::new(), Vec::new()));
        let room = room(ctx, database.bytes()).await;
        let days = database.fit.zip(room.as_ref().ok()).map(|(fit, room)| fit::days(&fit, room.bytes));
        let mut findings =
            vec![database.finding("database", "database"), full(&database, &room, days, &params)];
        findings.extend(tables.iter().take(params.tables).map(|t| t.finding(&ident(&t.label), &t.label)));
        findings.push(kept);
        let paces = std::iter::once(&database).chain(&tables).map(Grower::pace).collect();
        Ok(Output::new(findings, Found { paces, days: days.and_then(|d| d.expected) }))
    }
}

async fn both(store: &Store, window: Span) -> Result<(Vec<Grower>, Vec<Grower>), StoreError> {
    let mut tables = growers(store, "table_bytes", window).await?;
    tables.sort_by(|a, b| b.slope().total_cmp(&a.slope()).then(b.bytes().total_cmp(&a.bytes())));
    Ok((growers(store, "database_bytes", window).await?, tables))
}

async fn growers(store: &Store, name: &str, window: Span) -> Result<Vec<Grower>, StoreError> {
    let seconds = window.as_secs_f64().to_string();
    let binds = Binds::from([("name".to_owned(), name.to_owned()), ("seconds".to_owned(), seconds)]);
    let mut found: BTreeMap<String, Vec<Point>> = BTreeMap::new();
    for Row { label, at, value } in store.rows_with("samples_of", &binds).await? {
        found.entry(label).or_default().push(Point { at, value });
    }
    Ok(found.into_iter().map(|(label, points)| Grower::new(label, points)).collect())
}

/// Something that grows, by its samples.
struct Grower {
    label: String,
    points: Vec<Point>,
    fit: Option<Fit>,
}

impl Grower {
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

    fn pace(&self) -> Pace {
        Pace { label: self.label.clone(), bytes: self.bytes(), per_day: self.fit.map(|f| f.slope) }
    }

    /// How little is known, for a person.
    fn known(&self) -> String {
        let samples = counted(self.points.len() as f64, "sample");
        let span = duration(self.span().as_seconds_f64());
        format!("{samples} over {span}; {} over {} are needed", fit::LEAST, duration(fit::SPAN * DAY))
    }

    fn finding(&self, id: &str, name: &str) -> Finding {
        let size = bytes(self.bytes());
        let Some(fit) = self.fit else {
            let summary = format!("{name}: {size}, growth N/A ({})", self.known());
            return Finding::new(id, SYSTEM, Status::Ok, summary).series(Series::new(self.points.clone()));
        };
        let span = duration(self.span().as_seconds_f64());
        let summary =
            format!("{name}: {size}, {} a day ± {} over {span}", bytes(fit.slope), bytes(fit.margin));
        let ends = self.points.first().zip(self.points.last());
        let line = ends.map(|(first, last)| {
            [Point { at: first.at, value: fit.begin }, Point { at: last.at, value: fit.end }]
        });
        Finding::measured(id, SYSTEM, summary, fit.slope, Some("bytes"), Threshold::NONE)
            .series(Series { points: self.points.clone(), line })
    }
}

/// How much more there is room for, and where.
struct Room {
    bytes: f64,
    of: String,
}

/// What is left of the configured limit and of the configured disk, whichever is less.
async fn room(ctx: &ToolContext, size: f64) -> Result<Room, ClientError> {
    let capacity = &ctx.settings.capacity;
    let limit = capacity
        .limit
        .map(|limit| Room { bytes: limit.bytes() as f64 - size, of: format!("the limit of {limit}") });
    let disk = match &capacity.disk {
        None => None,
        Some(path) => {
            let of = path.display().to_string();
            let found = tokio::time::timeout(PATIENCE, host::filesystem(path)).await;
            let found = found.unwrap_or_else(|_| {
                Err(ClientError::unreachable(host::SYSTEM, format!("{of} does not answer")))
            })?;
            Some(Room { bytes: found.available as f64, of })
        }
    };
    match (limit, disk) {
        (Some(limit), Some(disk)) => Ok(if limit.bytes < disk.bytes { limit } else { disk }),
        (one, other) => one.or(other).ok_or(ClientError::NotConfigured {
            system: "what the database has room in",
            setting: "capacity.disk or capacity.limit",
        }),
    }
}

fn full(database: &Grower, room: &Result<Room, ClientError>, days: Option<Days>, params: &Params) -> Finding {
    let none =
        |status, why: String| Finding::new("full", SYSTEM, status, format!("days until full: N/A ({why})"));
    let room = match room {
        Ok(room) => room,
        Err(ClientError::NotConfigured { setting, .. }) => {
            return none(Status::Skipped, format!("set {setting}"));
        }
        Err(e) => return none(Status::Unknown, e.to_string()),
    };
    let of = format!("{} left of {}", bytes(room.bytes.max(0.0)), room.of);
    let Some(days) = days else { return none(Status::Skipped, format!("{of}; {}", database.known())) };
    let Some(expected) = days.expected else {
        let soonest =
            days.soonest.map_or_else(String::new, |d| format!(", in {} at the soonest", in_days(d)));
        return Finding::new("full", SYSTEM, Status::Ok, format!("it does not grow: {of} last{soonest}"));
    };
    let latest = days.latest.map_or_else(|| "never".to_owned(), in_days);
    let soonest = days.soonest.map_or_else(|| "never".to_owned(), in_days);
    let summary = format!("full in {} (95 %: {soonest} to {latest}), {of}", in_days(expected));
    let threshold = Threshold { warn: params.warn, crit: params.crit, worse: Worse::Lower };
    Finding::measured("full", SYSTEM, summary, expected, Some("days"), threshold)
        .hint("ordctl capacity --only growth --chart growth.svg")
}

fn in_days(days: f64) -> String {
    if days > 36_500.0 { "more than 100 years".to_owned() } else { format!("{days:.0} days") }
}
