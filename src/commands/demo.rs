//! `demo`: starts `ordctl serve` on a temporary embedded PostgreSQL, creates three tasks over the HTTP
//! API, shows their runs and the morning report, and removes everything. It uses no configured system.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::{SecondsFormat, TimeDelta, Utc};
use clap::Args;
use serde_json::{Value, json};
use tokio::process::{Child, Command};

use super::Context;
use super::cli::GlobalFlags;
use super::report::{LookFlags, RunFlags, run_and_print};
use super::signals::StopSignals;
use crate::base::cli_error::CliError;
use crate::base::settings::{HealthEndpoint, Resolved, Settings};
use crate::base::{env, exit, secret::SecretUrl};
use crate::model::Listing;
use crate::pipeline::Executor;
use crate::render::{self, stdio};

/// Start timeout; the server first creates a database.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// Timeout of the runs; one starts at the next full minute.
const RUNS_TIMEOUT: Duration = Duration::from_secs(90);
const POLL: Duration = Duration::from_millis(200);

/// Start a temporary engine, run three tasks and show its morning report
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  ordctl demo\n  ordctl demo -o markdown")]
pub(crate) struct Demo {}

impl Demo {
    /// The exit code says whether the demo ran, not what the report found.
    pub(crate) async fn execute(&self, flags: GlobalFlags) -> Result<u8, CliError> {
        let directory = TempDir::create()?;
        let port = free_port().map_err(|e| CliError::failed("cannot find a free port").because(e))?;
        let url = format!("http://127.0.0.1:{port}");
        let context = Context::new(flags, Resolved::from(settings(&directory.0, &url, port)));
        let mut signals = StopSignals::listen()?;
        let mut server = Server::start(&directory.0, port)?;
        let shown = tokio::select! {
            shown = tour(&context, &url) => shown,
            ended = server.0.wait() => Err(CliError::failed(format!("the engine exited: {ended:?}"))),
            () = signals.next() => Ok(exit::INTERRUPTED),
        };
        server.stop().await;
        match shown? {
            exit::INTERRUPTED => Ok(exit::INTERRUPTED),
            _ => Ok(exit::OK),
        }
    }
}

fn settings(directory: &Path, url: &str, port: u16) -> Settings {
    let mut settings =
        Settings { environment: "demo".into(), data_dir: Some(directory.to_owned()), ..Settings::default() };
    let health = HealthEndpoint { url: SecretUrl::new(format!("{url}/health")), expect: None };
    settings.endpoints.insert("api".into(), health);
    settings.http_request.allow = format!("127.0.0.1:{port}").try_into().into_iter().collect();
    settings
}

async fn tour(context: &Context, url: &str) -> Result<u8, CliError> {
    let executor = context.executor(None)?;
    let begin = Instant::now();
    while call(&executor, "GET", &format!("{url}/health/ready"), Value::Null).await.is_err() {
        if begin.elapsed() > START_TIMEOUT {
            return Err(CliError::failed("the engine did not start within 60 s"));
        }
        tokio::time::sleep(POLL).await;
    }
    let head = format!("`ordctl serve` runs at {url}; creating three tasks with POST /tasks:");
    stdio::notes(["", &head]);
    let at = (Utc::now() + TimeDelta::seconds(1)).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut tasks = Vec::new();
    for (title, kind, expr, step) in [
        ("once, in a second", "once", at.as_str(), json!({ "uses": "log", "with": { "message": "now" } })),
        (
            "an HTTP request, in a second",
            "once",
            at.as_str(),
            json!({ "uses": "http.request", "with": { "url": format!("{url}/health/live") }, "save_as": "answer" }),
        ),
        ("every minute", "cron", "* * * * *", json!({ "uses": "noop" })),
    ] {
        let body = json!({
            "title": title, "description": "a demonstration", "schedule_kind": kind, "schedule_expr": expr,
            "timezone": "UTC", "payload": { "pipeline": [step] },
        });
        let task = call(&executor, "POST", &format!("{url}/tasks"), body).await?;
        tasks.push((task["id"].clone(), title));
        stdio::note(&format!("  {title}: {kind} {expr}"));
    }
    stdio::note("waiting for their runs; the last one starts at the next full minute");
    let runs = runs(&executor, url, &tasks).await?;
    stdio::data(&render::listing(&runs, context.flags.output)?)?;
    stdio::data("\n")?;
    run_and_print(context, "health/morning", &LookFlags::default(), &RunFlags::default()).await
}

/// Waits until each task has run.
async fn runs(executor: &Executor, url: &str, tasks: &[(Value, &str)]) -> Result<Listing, CliError> {
    let begin = Instant::now();
    loop {
        let page = call(executor, "GET", &format!("{url}/runs?limit=200"), Value::Null).await?;
        let all: Vec<&Value> = page["items"].as_array().into_iter().flatten().collect();
        let of =
            |id: &Value| all.iter().find(|r| &r["task_id"] == id && !r["finished_at"].is_null()).copied();
        let found: Vec<Option<&Value>> = tasks.iter().map(|(id, _)| of(id)).collect();
        if found.iter().all(Option::is_some) {
            let row = |((_, title), run): (&(Value, &str), &Option<&Value>)| {
                let run = run.unwrap_or(&Value::Null);
                let of = |key: &str| run[key].clone();
                vec![json!(title), of("success"), of("started_at"), of("finished_at"), of("lease_owner")]
            };
            let rows = tasks.iter().zip(&found).map(row).collect();
            let columns = vec!["task", "success", "started_at", "finished_at", "worker"];
            return Ok(Listing { name: "runs", columns, rows });
        }
        if begin.elapsed() > RUNS_TIMEOUT {
            return Err(CliError::failed("the tasks did not run within 90 s"));
        }
        tokio::time::sleep(POLL).await;
    }
}

/// Sends a request with the `http.request` tool.
async fn call(executor: &Executor, method: &str, url: &str, body: Value) -> Result<Value, CliError> {
    let mut with = json!({ "method": method, "url": url });
    if !body.is_null() {
        with["body"] = body;
    }
    let tool = executor
        .registry
        .get("http.request")
        .ok_or_else(|| CliError::failed("the tool http.request is not registered"))?;
    let output = tool.run(with, &executor.ctx).await.map_err(|e| CliError::failed(e.to_string()))?;
    Ok(output.result["body"].clone())
}

fn free_port() -> std::io::Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// A child process of this program: `ordctl serve` on an embedded database in the directory.
struct Server(Child);

impl Server {
    fn start(directory: &Path, port: u16) -> Result<Self, CliError> {
        let failed = |e: std::io::Error| CliError::failed("cannot start ordctl serve").because(e);
        let file = directory.join("ordctl.yaml");
        let text = format!("environment: demo\nhttp_request: {{ allow: [\"127.0.0.1:{port}\"] }}\n");
        std::fs::write(&file, text).map_err(failed)?;
        let mut command = Command::new(std::env::current_exe().map_err(failed)?);
        // Environment variables can configure real systems.
        for variable in env::SETTINGS {
            command.env_remove(variable.name);
        }
        command.env_remove(env::ENVIRONMENT).args(["serve", "--listen", &format!("127.0.0.1:{port}")]);
        command.arg("--config").arg(file).arg("--data-dir").arg(directory);
        command.stdin(Stdio::null()).stdout(Stdio::null()).kill_on_drop(true);
        Ok(Self(command.spawn().map_err(failed)?))
    }

    /// Lets it drain and stop its database.
    async fn stop(&mut self) {
        let pid = self.0.id().and_then(|id| rustix::process::Pid::from_raw(id.cast_signed()));
        let signaled = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::TERM));
        if !matches!(signaled, Some(Ok(()))) {
            // The process has already exited.
            return;
        }
        drop(tokio::time::timeout(START_TIMEOUT, self.0.wait()).await);
    }
}

/// A directory that is removed when dropped.
struct TempDir(PathBuf);

impl TempDir {
    fn create() -> Result<Self, CliError> {
        let path = std::env::temp_dir().join(format!("ordctl-demo-{}", std::process::id()));
        let create = |path: &Path| {
            std::fs::create_dir(path)?;
            // The user that runs PostgreSQL must be able to enter it.
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755))
        };
        create(&path)
            .map_err(|e| CliError::failed(format!("cannot create {}", path.display())).because(e))?;
        Ok(Self(path))
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}
