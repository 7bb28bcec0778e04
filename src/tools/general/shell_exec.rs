//! `shell.exec`: runs a program from `shell_exec.allow` without a shell.
//!
//! The program gets only PATH and LANG of this process's environment. It leads a process group, which is killed
//! when the program or the step ends (timeout, cancellation); processes that leave the group (`setsid`) are not.
//! Every user can read arguments in the process list: pass secrets in `env` or `stdin`.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::super::scalar::Scalar;
use super::super::{Output, Tool, ToolContext, ToolError};
use crate::base::env;
use crate::base::size::Size;
use crate::base::units;
use crate::clients::http::first_words;
use crate::clients::process::{Group, bounded};
use crate::model::{Effect, Finding, Status, StepPlan};

/// Search path if this process has no PATH.
const DEFAULT_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

pub(crate) struct ShellExec;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The program's absolute path, as `shell_exec.allow` names it.
    pub(crate) program: String,
    /// Its arguments, each passed on as it is.
    #[serde(default)]
    pub(crate) args: Vec<Scalar>,
    /// Variables of its environment.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, Scalar>,
    /// Its standard input.
    #[serde(default)]
    pub(crate) stdin: Option<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Ended {
    /// Its exit code.
    pub(crate) exit_code: i32,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

/// Checks that the program is allowed and executable.
fn allowed(params: &Params, ctx: &ToolContext) -> Result<(), ToolError> {
    let program = &params.program;
    if !ctx.settings.shell_exec.allow.iter().any(|p| p.is(program)) {
        return Err(ToolError::Refused {
            message: format!("shell.exec: {program} is not in shell_exec.allow"),
            hint: Some("add its absolute path to shell_exec.allow".into()),
        });
    }
    if let Some(name) = params.env.keys().find(|k| k.is_empty() || k.contains(['=', '\0'])) {
        return Err(ToolError::Params(format!("shell.exec: '{name}' is not a valid variable name")));
    }
    use std::os::unix::fs::PermissionsExt;
    let meta = std::fs::metadata(Path::new(program));
    let runs = meta.is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0);
    if runs {
        Ok(())
    } else {
        Err(ToolError::refused(format!("shell.exec: {program} is not an executable file")))
    }
}

fn start(params: &Params) -> Result<(Child, Group), ToolError> {
    let mut command = Command::new(&params.program);
    command.args(params.args.iter().map(|a| &a.0)).env_clear().process_group(0);
    command.env(env::PATH, env::read(env::PATH).unwrap_or_else(|| DEFAULT_PATH.into()));
    command.envs(env::read(env::LANG).map(|lang| (env::LANG, lang)));
    command.envs(params.env.iter().map(|(k, v)| (k, &v.0)));
    command.stdin(if params.stdin.is_some() { Stdio::piped() } else { Stdio::null() });
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command
        .spawn()
        .map_err(|e| ToolError::failed(format!("shell.exec: {} cannot be started: {e}", params.program)))?;
    let group = Group::of(&child);
    Ok((child, group))
}

/// Runs the program to its end. Returns its status, stdout and stderr.
async fn ended(params: &Params, limit: Size) -> Result<(ExitStatus, Vec<u8>, Vec<u8>), ToolError> {
    let (mut child, group) = start(params)?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let feed = async {
        if let (Some(mut pipe), Some(text)) = (stdin, &params.stdin) {
            // A program need not read what it is given.
            drop(pipe.write_all(text.as_bytes()).await);
        }
        Ok(())
    };
    let end = async {
        let status = child.wait().await;
        // Descendants that survive would keep the pipes open.
        drop(group);
        status.map_err(|e| {
            ToolError::failed(format!("shell.exec: {} exit status unknown: {e}", params.program))
        })
    };
    let too_long = |stream: &str| ToolError::Rejected {
        message: format!(
            "shell.exec: {} wrote more than {limit} to {stream} (shell_exec.max_output)",
            params.program
        ),
        hint: Some("raise shell_exec.max_output in the configuration".to_owned()),
    };
    let out = async { bounded(stdout, limit.bytes()).await.ok_or_else(|| too_long("stdout")) };
    let err = async { bounded(stderr, limit.bytes()).await.ok_or_else(|| too_long("stderr")) };
    // An error drops the group, which kills the program.
    let (status, out, err, ()) = tokio::try_join!(end, out, err, feed)?;
    Ok((status, out, err))
}

/// The call for display. Masked before it is quoted, because quoting could change a secret.
fn shown(params: &Params, ctx: &ToolContext) -> String {
    let quoted = |text: &str| {
        let text = ctx.secrets.mask(text);
        shell_words::quote(&text).into_owned()
    };
    let env = params.env.iter().map(|(k, v)| format!("{k}={}", quoted(&v.0)));
    let words = params.args.iter().map(|a| quoted(&a.0));
    let mut call: Vec<String> = env.chain([quoted(&params.program)]).chain(words).collect();
    if let Some(stdin) = &params.stdin {
        call.push(format!("<<< {}", quoted(stdin)));
    }
    call.join(" ")
}

impl Tool for ShellExec {
    type Params = Params;
    type Result = Ended;

    const NAME: &'static str = "shell.exec";
    const HELP: &'static str = "Run a program from shell_exec.allow without a shell";
    const SOURCE: &'static str = "host";
    const TASKS_MAY_CHANGE: bool = true;
    const SECRET_PARAMS: &'static [&'static str] = &["env", "stdin"];

    fn secret_target(&self, params: &Params) -> Option<String> {
        Some(params.program.clone())
    }

    fn effect(&self, _: &Params) -> Effect {
        Effect::Change
    }

    async fn plan(&self, params: &Params, ctx: &ToolContext) -> Result<StepPlan, ToolError> {
        allowed(params, ctx)?;
        let arguments = match params.args.len() {
            0 => String::new(),
            n => format!(" with {}", units::counted(n as f64, "argument")),
        };
        Ok(StepPlan::new(format!("Run {}{arguments}", params.program), vec![shown(params, ctx)]))
    }

    async fn run(&self, params: Params, ctx: &ToolContext) -> Result<Output<Ended>, ToolError> {
        allowed(&params, ctx)?;
        let (status, out, err) = ended(&params, ctx.settings.shell_exec.max_output).await?;
        let text = |bytes: &[u8]| ctx.secrets.mask(&String::from_utf8_lossy(bytes));
        let (stdout, stderr) = (text(&out), text(&err));
        let program = &params.program;
        if !status.success() {
            let words = first_words(stderr.as_bytes(), 200);
            let words = if words.is_empty() { words } else { format!(": {words}") };
            return Err(ToolError::failed(format!("{program}: {status}{words}")));
        }
        let exit_code = status.code().unwrap_or_default();
        let finding = Finding::new("", Self::SOURCE, Status::Ok, format!("{program}: done"));
        Ok(Output::new(vec![finding], Ended { exit_code, stdout, stderr }))
    }
}
