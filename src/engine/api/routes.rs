//! Every route of the API.

use axum::routing::MethodFilter;
use serde_json::Value;

use super::route::{Param, Right, Route, params};
use super::{agents, events, health, openapi, runs, stream, tasks};
use crate::engine::agents::Scope::{Admin, AgentsAdmin, EventsWrite, RunsRead, TasksRead, TasksWrite};
use crate::engine::events::EventInput;
use crate::engine::events::alerts::AlertsInput;
use crate::model::{
    Agent, AgentInput, AgentUpdate, NewSecret, Op, Page, Run, SnoozeInput, Task, TaskInput, TaskUpdate,
    Tokens,
};

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PUT: MethodFilter = MethodFilter::PUT;
const DELETE: MethodFilter = MethodFilter::DELETE;

const TASKS: &[Param] = params![
    "status": { "enum": ["active", "paused", "canceled"] },
    "created_by": { "type": "string", "format": "uuid" },
    "schedule_kind": { "enum": ["cron", "rrule", "once", "event", "condition"] },
    "limit": { "type": "integer", "minimum": 1, "maximum": 200, "default": 50 },
    "offset": { "type": "integer", "minimum": 0, "maximum": 10_000_000, "default": 0 },
    "cursor": { "type": "string", "description": "the next_cursor of the page before" },
];
const RUNS: &[Param] = params![
    "task_id": { "type": "string", "format": "uuid" },
    "success": { "type": "boolean" },
    "include_errors": { "type": "boolean", "default": false },
    "start_time": { "type": "string", "format": "date-time" },
    "end_time": { "type": "string", "format": "date-time" },
    "limit": { "type": "integer", "minimum": 1, "maximum": 200, "default": 50 },
    "offset": { "type": "integer", "minimum": 0, "maximum": 10_000_000, "default": 0 },
    "cursor": { "type": "string", "description": "the next_cursor of the page before" },
];
const ERRORS: &[Param] = params!["include_errors": { "type": "boolean", "default": false }];
const DAYS: &[Param] = params!["days": { "type": "integer", "minimum": 1, "maximum": 365 }];

const COUNT: &[Param] = params!["count": { "type": "integer", "minimum": 1, "maximum": 1000, "default": 50 }];
const AGE: &[Param] =
    params!["max_age_hours": { "type": "integer", "minimum": 1, "maximum": 87_600, "default": 24 }];

pub(crate) fn routes() -> Vec<Route> {
    [of_tasks(), of_runs(), of_events(), of_agents(), of_tokens(), of_the_server()]
        .into_iter()
        .flatten()
        .collect()
}

fn of_tasks() -> Vec<Route> {
    let (read, write) = (Right::Needs(TasksRead), Right::Needs(TasksWrite));
    vec![
        Route::new::<Page<Task>, _, _>(GET, "/tasks", read, "Tasks, newest first", tasks::list).query(TASKS),
        Route::new::<Task, _, _>(POST, "/tasks", write, "Make a task", tasks::create)
            .body::<TaskInput>()
            .once()
            .gives(201)
            .also(&[409]),
        Route::new::<Task, _, _>(GET, "/tasks/{id}", read, "A task", tasks::get),
        Route::new::<Task, _, _>(PUT, "/tasks/{id}", write, "Change some fields of a task", tasks::update)
            .body::<TaskUpdate>()
            .also(&[409]),
        Route::new::<Op, _, _>(
            DELETE,
            "/tasks/{id}",
            write,
            "Cancel a task and its pending work",
            tasks::cancel,
        ),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/run_now", write, "Run a task now", tasks::run_now)
            .body_or_none::<Value>()
            .once()
            .also(&[409]),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/pause", write, "Pause a task", tasks::pause).also(&[409]),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/resume", write, "Resume a task", tasks::resume)
            .also(&[409]),
        Route::new::<Op, _, _>(
            POST,
            "/tasks/{id}/cancel",
            write,
            "Cancel a task and its pending work",
            tasks::cancel,
        ),
        Route::new::<Op, _, _>(
            POST,
            "/tasks/{id}/snooze",
            write,
            "Postpone what a task is about to do",
            tasks::snooze,
        )
        .body::<SnoozeInput>()
        .also(&[409]),
    ]
}

fn of_runs() -> Vec<Route> {
    let (read, write) = (Right::Needs(RunsRead), Right::Needs(TasksWrite));
    vec![
        Route::new::<Page<Run>, _, _>(
            GET,
            "/runs",
            read,
            "Runs, newest first, those that go on among them",
            runs::list,
        )
        .query(RUNS),
        Route::new::<runs::Stats, _, _>(
            GET,
            "/runs/stats/summary",
            read,
            "How the runs of some days went",
            runs::summary,
        )
        .query(DAYS),
        Route::new::<String, _, _>(
            GET,
            "/runs/stream",
            read,
            "Beginnings and ends of runs as server-sent events",
            stream::stream,
        )
        .query(ERRORS)
        .text("text/event-stream"),
        Route::new::<Run, _, _>(GET, "/runs/{id}", read, "A run", runs::get),
        Route::new::<Op, _, _>(POST, "/runs/{id}/cancel", write, "End a run that goes on", runs::cancel)
            .also(&[409]),
        Route::new::<Option<Run>, _, _>(
            GET,
            "/runs/task/{id}/latest",
            read,
            "A task's latest run; null before the first",
            runs::latest,
        ),
        Route::new::<runs::Stats, _, _>(
            GET,
            "/runs/task/{id}/stats",
            read,
            "How a task's runs went",
            runs::stats,
        )
        .query(DAYS),
    ]
}

fn of_events() -> Vec<Route> {
    let (write, admin) = (Right::Needs(EventsWrite), Right::Needs(Admin));
    vec![
        Route::new::<Op, _, _>(POST, "/events", write, "Publish an event", events::publish)
            .body::<EventInput>()
            .once()
            .gives(202)
            .also(&[409]),
        Route::new::<events::Topics, _, _>(
            GET,
            "/events/topics",
            write,
            "Topics of active tasks and recent events",
            events::topics,
        ),
        Route::new::<events::Events, _, _>(
            GET,
            "/events/stream/recent",
            write,
            "The latest events, newest first",
            events::recent,
        )
        .query(COUNT),
        Route::new::<Op, _, _>(DELETE, "/events/stream/cleanup", admin, "Remove old events", events::cleanup)
            .query(AGE),
        Route::new::<Op, _, _>(
            POST,
            "/alerts",
            write,
            "Alertmanager's webhook: each alert becomes an event alert.NAME",
            events::alerts,
        )
        .body::<AlertsInput>()
        .gives(202),
    ]
}

fn of_agents() -> Vec<Route> {
    let admin = Right::Needs(AgentsAdmin);
    vec![
        Route::new::<Vec<Agent>, _, _>(GET, "/agents", admin, "All agents", agents::list),
        Route::new::<Agent, _, _>(POST, "/agents", admin, "Make an agent", agents::create)
            .body::<AgentInput>()
            .gives(201),
        Route::new::<Agent, _, _>(GET, "/agents/{id}", admin, "An agent", agents::get),
        Route::new::<Agent, _, _>(
            PUT,
            "/agents/{id}",
            admin,
            "Change some fields of an agent",
            agents::update,
        )
        .body::<AgentUpdate>(),
        Route::new::<Op, _, _>(
            DELETE,
            "/agents/{id}",
            admin,
            "Delete an agent without active tasks",
            agents::delete,
        ),
        Route::new::<NewSecret, _, _>(
            POST,
            "/agents/{id}/credentials",
            admin,
            "A new secret; the one before, and what it bought, is good no more; shown this once",
            agents::credentials,
        )
        .gives(201),
    ]
}

fn of_tokens() -> Vec<Route> {
    vec![
        Route::new::<Tokens, _, _>(
            POST,
            "/agents/auth/token",
            Right::Public,
            "Tokens for a secret",
            agents::token,
        )
        .body::<agents::TokenInput>()
        .also(&[401]),
        Route::new::<Tokens, _, _>(
            POST,
            "/agents/auth/refresh",
            Right::Public,
            "New tokens for a refresh token",
            agents::refresh,
        )
        .body::<agents::RefreshInput>()
        .also(&[401]),
        Route::new::<Op, _, _>(
            POST,
            "/agents/auth/revoke",
            Right::Known,
            "End a session, or all of an agent",
            agents::revoke,
        )
        .body_or_none::<agents::RevokeInput>(),
    ]
}

fn of_the_server() -> Vec<Route> {
    let all = Right::Public;
    vec![
        Route::new::<health::Health, _, _>(
            GET,
            "/health",
            all,
            "How the engine is; always 200",
            health::health,
        ),
        Route::new::<health::Health, _, _>(
            GET,
            "/health/ready",
            all,
            "Whether the database answers",
            health::ready,
        )
        .also(&[503]),
        Route::new::<health::Alive, _, _>(
            GET,
            "/health/live",
            all,
            "Whether this process answers",
            health::live,
        ),
        Route::new::<String, _, _>(GET, "/metrics", all, "Metrics for Prometheus", health::metrics)
            .text("text/plain; version=0.0.4"),
        Route::new::<Value, _, _>(GET, "/openapi.json", all, "This description", openapi::document),
        Route::new::<String, _, _>(GET, "/docs", all, "This description as a page", openapi::page)
            .text("text/html"),
    ]
}
