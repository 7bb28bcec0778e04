//! Every route of the API.

use axum::routing::MethodFilter;
use serde_json::Value;

use super::request::IncludeErrors;
use super::route::{Access, Route};
use super::{agents, events, health, openapi, runs, stream, tasks};
use crate::engine::agents::Scope::{Admin, AgentsAdmin, EventsWrite, RunsRead, TasksRead, TasksWrite};
use crate::engine::events::EventInput;
use crate::engine::events::alerts::AlertsInput;
use crate::model::{
    Agent, AgentInput, AgentUpdate, NewSecret, Op, Page, ReasonInput, Run, SnoozeInput, Task, TaskInput,
    TaskUpdate, Tokens,
};

const GET: MethodFilter = MethodFilter::GET;
const POST: MethodFilter = MethodFilter::POST;
const PUT: MethodFilter = MethodFilter::PUT;
const DELETE: MethodFilter = MethodFilter::DELETE;

pub(crate) fn routes() -> Vec<Route> {
    [task_routes(), run_routes(), event_routes(), agent_routes(), token_routes(), server_routes()]
        .into_iter()
        .flatten()
        .collect()
}

fn task_routes() -> Vec<Route> {
    let (read, write) = (Access::Requires(TasksRead), Access::Requires(TasksWrite));
    let cancel = "Cancel a task and remove its pending work";
    vec![
        Route::new::<Page<Task>, _, _>(GET, "/tasks", read, "List tasks, newest first", tasks::list)
            .query::<tasks::TasksQuery>(),
        Route::new::<Task, _, _>(POST, "/tasks", write, "Create a task", tasks::create)
            .body::<TaskInput>()
            .idempotent()
            .status(201)
            .or(&[409]),
        Route::new::<Task, _, _>(GET, "/tasks/{id}", read, "Get a task", tasks::get),
        Route::new::<Task, _, _>(PUT, "/tasks/{id}", write, "Update fields of a task", tasks::update)
            .body::<TaskUpdate>()
            .or(&[409]),
        Route::new::<Op, _, _>(DELETE, "/tasks/{id}", write, cancel, tasks::delete).query::<ReasonInput>(),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/run_now", write, "Queue a task now", tasks::run_now)
            .optional_body::<ReasonInput>()
            .idempotent()
            .or(&[409]),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/pause", write, "Pause a task", tasks::pause)
            .optional_body::<ReasonInput>()
            .or(&[409]),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/resume", write, "Resume a paused task", tasks::resume)
            .optional_body::<ReasonInput>()
            .or(&[409]),
        Route::new::<Op, _, _>(POST, "/tasks/{id}/cancel", write, cancel, tasks::cancel)
            .optional_body::<ReasonInput>(),
        Route::new::<Op, _, _>(
            POST,
            "/tasks/{id}/snooze",
            write,
            "Postpone the next occurrence and queued work",
            tasks::snooze,
        )
        .body::<SnoozeInput>()
        .or(&[409]),
    ]
}

fn run_routes() -> Vec<Route> {
    let (read, write) = (Access::Requires(RunsRead), Access::Requires(TasksWrite));
    vec![
        Route::new::<Page<Run>, _, _>(
            GET,
            "/runs",
            read,
            "List finished and running runs, newest first",
            runs::list,
        )
        .query::<runs::RunsQuery>(),
        Route::new::<runs::Stats, _, _>(
            GET,
            "/runs/stats/summary",
            read,
            "Summarize runs; default: the last 7 days",
            runs::summary,
        )
        .query::<runs::DaysQuery>(),
        Route::new::<String, _, _>(
            GET,
            "/runs/stream",
            read,
            "Stream starts and ends of runs as server-sent events",
            stream::stream,
        )
        .query::<IncludeErrors>()
        .text("text/event-stream"),
        Route::new::<Run, _, _>(GET, "/runs/{id}", read, "Get a run", runs::get),
        Route::new::<Op, _, _>(POST, "/runs/{id}/cancel", write, "Cancel a running run", runs::cancel)
            .optional_body::<ReasonInput>()
            .or(&[409]),
        Route::new::<Option<Run>, _, _>(
            GET,
            "/runs/task/{id}/latest",
            read,
            "Get a task's latest finished run; null before the first",
            runs::latest,
        ),
        Route::new::<runs::Stats, _, _>(
            GET,
            "/runs/task/{id}/stats",
            read,
            "Summarize a task's runs; default: the last 30 days",
            runs::stats,
        )
        .query::<runs::DaysQuery>(),
    ]
}

fn event_routes() -> Vec<Route> {
    let (write, admin) = (Access::Requires(EventsWrite), Access::Requires(Admin));
    vec![
        Route::new::<Op, _, _>(POST, "/events", write, "Publish an event", events::publish)
            .body::<EventInput>()
            .idempotent()
            .status(202)
            .or(&[409]),
        Route::new::<events::Topics, _, _>(
            GET,
            "/events/topics",
            write,
            "List topics of active tasks and recent events",
            events::topics,
        ),
        Route::new::<events::Events, _, _>(
            GET,
            "/events/stream/recent",
            write,
            "List recent events, newest first",
            events::recent,
        )
        .query::<events::RecentQuery>(),
        Route::new::<Op, _, _>(DELETE, "/events/stream/cleanup", admin, "Delete old events", events::cleanup)
            .query::<events::CleanupQuery>(),
        Route::new::<Op, _, _>(
            POST,
            "/alerts",
            write,
            "Receive Alertmanager's webhook and publish an event alert.NAME for each alert",
            events::alerts,
        )
        .body::<AlertsInput>()
        .status(202),
    ]
}

fn agent_routes() -> Vec<Route> {
    let admin = Access::Requires(AgentsAdmin);
    vec![
        Route::new::<Vec<Agent>, _, _>(GET, "/agents", admin, "List agents", agents::list),
        Route::new::<Agent, _, _>(POST, "/agents", admin, "Create an agent", agents::create)
            .body::<AgentInput>()
            .status(201)
            .or(&[409]),
        Route::new::<Agent, _, _>(GET, "/agents/{id}", admin, "Get an agent", agents::get),
        Route::new::<Agent, _, _>(PUT, "/agents/{id}", admin, "Update fields of an agent", agents::update)
            .body::<AgentUpdate>()
            .or(&[409]),
        Route::new::<Op, _, _>(
            DELETE,
            "/agents/{id}",
            admin,
            "Delete an agent without active tasks",
            agents::delete,
        )
        .query::<ReasonInput>(),
        Route::new::<NewSecret, _, _>(
            POST,
            "/agents/{id}/credentials",
            admin,
            "Replace an agent's secret and revoke its sessions; shows the new secret once",
            agents::credentials,
        )
        .optional_body::<ReasonInput>()
        .status(201),
    ]
}

fn token_routes() -> Vec<Route> {
    vec![
        Route::new::<Tokens, _, _>(
            POST,
            "/agents/auth/token",
            Access::Public,
            "Exchange a secret for tokens",
            agents::token,
        )
        .body::<agents::TokenInput>()
        .or(&[401]),
        Route::new::<Tokens, _, _>(
            POST,
            "/agents/auth/refresh",
            Access::Public,
            "Exchange a refresh token for new tokens",
            agents::refresh,
        )
        .body::<agents::RefreshInput>()
        .or(&[401]),
        Route::new::<Op, _, _>(
            POST,
            "/agents/auth/revoke",
            Access::Authenticated,
            "Revoke a session, or all credentials of an agent",
            agents::revoke,
        )
        .optional_body::<agents::RevokeInput>()
        .or(&[404]),
    ]
}

fn server_routes() -> Vec<Route> {
    let all = Access::Public;
    vec![
        Route::new::<health::Health, _, _>(
            GET,
            "/health",
            all,
            "Report engine health; always 200",
            health::health,
        ),
        Route::new::<health::Health, _, _>(
            GET,
            "/health/ready",
            all,
            "Report readiness; 503 without the database",
            health::ready,
        )
        .or(&[503]),
        Route::new::<health::Alive, _, _>(GET, "/health/live", all, "Report liveness", health::live),
        Route::new::<String, _, _>(GET, "/metrics", all, "Get metrics for Prometheus", health::metrics)
            .text("text/plain; version=0.0.4"),
        Route::new::<Value, _, _>(GET, "/openapi.json", all, "Get this description", openapi::document),
        Route::new::<String, _, _>(GET, "/docs", all, "Show this description as a page", openapi::page)
            .text("text/html"),
    ]
}
