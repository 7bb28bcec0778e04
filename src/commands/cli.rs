//! The command line: global options and the list of commands.

use std::path::PathBuf;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::{
    Context, agent, baseline, capacity, config, db, demo, expr, generate, health, history, init, logs,
    maintain, migrate, queue, restart, run, runbook, runs, scale, schedule, serve, task, tool,
};
use crate::base::cli_error::CliError;
use crate::base::env;
use crate::base::settings::Flags;
use crate::base::target_flags::TargetFlags;
use crate::base::units::Span;
use crate::render::{Format, stdio};

const EXAMPLES: &str = "\
Examples:
  ordctl health morning                  report the state of every system
  ordctl health morning -o json          the same for a program
  ordctl maintain analyze --dry-run      print what an action would do
  ordctl runbook list                    list all runbooks
  ordctl doctor                          check connections and privileges

Exit codes:
  reports  0 ok, 1 warning, 2 critical, 3 unknown
  others   0 done, 1 done with warnings, 2 failed, 3 unknown, 4 refused
  all      64 usage, 130 interrupted

--help also prints the global options --config, --data-dir, --database-url, --timeout and --color.";

/// Operate a PostgreSQL-backed task scheduler
#[derive(Debug, Parser)]
#[command(name = "ordctl", version, after_help = EXAMPLES)]
#[command(disable_help_subcommand = true, disable_help_flag = true)]
#[command(infer_long_args = false, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalFlags,
    #[command(subcommand)]
    pub(super) command: Command,
}

const GLOBAL: &str = "Global options";

#[derive(Clone, Debug, Default, Args)]
pub(crate) struct GlobalFlags {
    /// Read this configuration [env: ORDCTL_CONFIG]
    #[arg(long, global = true, value_name = "FILE", help_heading = GLOBAL, hide_short_help = true)]
    pub(crate) config: Option<PathBuf>,
    /// Use this environment [env: ORDCTL_ENV]
    #[arg(long = "env", global = true, value_name = "NAME", help_heading = GLOBAL)]
    pub(crate) environment: Option<String>,
    /// Keep journals, locks and the embedded database here [env: ORDCTL_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR", help_heading = GLOBAL, hide_short_help = true)]
    pub(crate) data_dir: Option<String>,
    /// Connect to this PostgreSQL; the URL must hold no password [env: DATABASE_URL]
    #[arg(long, global = true, value_name = "URL", help_heading = GLOBAL, hide_short_help = true)]
    pub(crate) database_url: Option<String>,
    /// Set the output format, such as json [default: text]
    ///
    /// Reports: text, json, yaml, markdown, junit, prometheus, nagios. Lists: text, wide (all columns), json, yaml,
    /// markdown.
    #[arg(short, long, global = true, value_enum, default_value_t, hide_default_value = true)]
    #[arg(value_name = "FORMAT", help_heading = GLOBAL, hide_possible_values = true)]
    pub(crate) output: Format,
    /// Lists have every column; set by [`Format::Wide`].
    #[arg(skip)]
    pub(crate) wide: bool,
    /// Use color: auto, always or never [default: auto]
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, hide_default_value = true)]
    #[arg(value_name = "WHEN", help_heading = GLOBAL, hide_possible_values = true, hide_short_help = true)]
    pub(crate) color: Color,
    /// Limit each check and each response, such as 5s [default: 10s]
    ///
    /// It replaces the limits of a report's checks. A step of an action keeps its own limit, and continues for as long
    /// as its system responds.
    #[arg(long, global = true, value_name = "DURATION", help_heading = GLOBAL, hide_short_help = true)]
    #[arg(value_parser = timeout)]
    pub(crate) timeout: Option<Span>,
    /// Print only findings that are not ok
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// Print help; --help prints more
    #[arg(short, long, global = true, action = ArgAction::Help, help_heading = GLOBAL)]
    pub(crate) help: Option<bool>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set or TERM is dumb
    #[default]
    Auto,
    Always,
    Never,
}

/// Nothing answers within no time.
fn timeout(text: &str) -> Result<Span, String> {
    match text.parse::<Span>()? {
        span if span.duration().is_zero() => Err("must be longer than 0".to_owned()),
        span => Ok(span),
    }
}

impl GlobalFlags {
    /// Whether to use color on a stream.
    pub(crate) fn color_on(&self, terminal: bool) -> bool {
        match self.color {
            Color::Auto => terminal && env::read(env::NO_COLOR).is_none() && !stdio::is_dumb(),
            Color::Always => true,
            Color::Never => false,
        }
    }

    /// The settings that these flags set.
    pub(crate) fn settings(&self) -> Flags {
        let mut values = Vec::new();
        values.extend(self.data_dir.clone().map(|v| ("data_dir", v)));
        values.extend(self.database_url.clone().map(|v| ("database.url", v)));
        Flags {
            config: self.config.clone(),
            environment: self.environment.clone(),
            values,
            ..Flags::default()
        }
    }

    /// The flags that choose a system, for the commands in hints.
    pub(crate) fn target_flags(&self) -> TargetFlags {
        let config = self.config.as_ref().map(|c| c.display().to_string());
        let flags = [
            ("--config", &config),
            ("--env", &self.environment),
            ("--data-dir", &self.data_dir),
            ("--database-url", &self.database_url),
        ];
        let typed = |(flag, value): (&str, &Option<String>)| {
            value.as_ref().map(|value| format!("{flag} {}", shell_words::quote(value)))
        };
        let flags = flags.into_iter().filter_map(typed).collect::<Vec<_>>().join(" ");
        if flags.is_empty() {
            // Building the command tree takes time; without flags there is nothing to insert.
            return TargetFlags::default();
        }
        let commands = Cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
        TargetFlags { flags, commands, psql: String::new() }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Report the state of the system
    #[command(subcommand, after_help = "Examples:\n  ordctl health morning\n  ordctl health evening -o json")]
    Health(health::Health),
    /// Show service logs merged by time
    Logs(logs::Logs),
    /// Report growth, utilization and time until full
    Capacity(capacity::Capacity),
    /// Measure performance and compare it with a saved baseline
    Baseline(baseline::Baseline),
    /// Run routine maintenance
    #[command(subcommand, after_help = maintain::EXAMPLES)]
    Maintain(maintain::Maintain),
    History(history::History),
    /// Restart services one by one and wait until each is ready
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl restart workers --dry-run\n  ordctl restart database --confirm production"
    )]
    Restart(restart::Restart),
    /// Change the number of workers
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl scale status\n  ordctl scale up 4 --yes\n  ordctl scale down 2 --dry-run"
    )]
    Scale(scale::Scale),
    /// Check connections, privileges and settings of every system
    Doctor(health::Doctor),
    /// Run a runbook by name or from a file
    Run(run::Run),
    /// List, show and check runbooks
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl runbook list\n  ordctl runbook show health/morning\n  ordctl runbook lint ./my-runbook.yaml"
    )]
    Runbook(runbook::RunbookCommand),
    /// List and show the tools that runbook steps use
    #[command(subcommand, after_help = "Examples:\n  ordctl tool list\n  ordctl tool show check.query")]
    Tool(tool::ToolCommand),
    /// Schedule and run tasks
    Serve(serve::Serve),
    /// Create, show and control tasks
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl task list\n  ordctl task run 'Nightly report' --wait --yes"
    )]
    Task(task::TaskCommand),
    /// Preview schedules
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl schedule preview --kind cron --expr '30 2 * * *' --timezone Asia/Tokyo\n  ordctl schedule preview --kind rrule --expr 'FREQ=WEEKLY;BYDAY=MO' --count 3"
    )]
    Schedule(schedule::ScheduleCommand),
    /// List, show and cancel task runs
    #[command(subcommand, after_help = "Examples:\n  ordctl runs list --failed\n  ordctl runs tail --follow")]
    Runs(runs::RunsCommand),
    /// Manage API agents and their keys
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl agent create ci --scope tasks:write --yes\n  ordctl agent list"
    )]
    Agent(agent::AgentCommand),
    /// Show the work queue and retry dead letters
    #[command(subcommand, after_help = "Examples:\n  ordctl queue status\n  ordctl queue failed")]
    Queue(queue::Queue),
    /// Show locks and connections of the database, and end a session
    #[command(subcommand, after_help = "Examples:\n  ordctl db locks\n  ordctl db kill 4711 --dry-run")]
    Db(db::Db),
    /// Pause work on all nodes
    Hold(queue::Hold),
    /// Resume work on all nodes
    Resume(queue::Resume),
    /// Apply database migrations
    Migrate(migrate::Migrate),
    /// Run example tasks on a temporary PostgreSQL and print a health report
    Demo(demo::Demo),
    /// Write a configuration of the discovered system
    Init(init::Init),
    /// Show the configuration
    #[command(subcommand, after_help = "Examples:\n  ordctl config show\n  ordctl config show --origin")]
    Config(config::Config),
    /// Evaluate a JMESPath expression on JSON from standard input
    Expr(expr::Expr),
    /// Print a shell completion script
    Completions(generate::Completions),
    /// Print the manual page or write all pages to a directory
    Man(generate::Man),
}

impl Cli {
    pub(crate) async fn execute(self) -> Result<u8, CliError> {
        let mut global = self.global;
        if global.output == Format::Wide {
            (global.output, global.wide) = (Format::Text, true);
        }
        match self.command {
            Command::Expr(command) => command.execute(&global),
            Command::Schedule(command) => command.execute(&global),
            Command::Completions(command) => command.execute(),
            Command::Man(command) => command.execute(),
            Command::Demo(command) => command.execute(global).await,
            Command::Init(command) => command.execute(&global).await,
            Command::Config(config::Config::Init(command)) => command.execute(&global).await,
            command => {
                // A server must not start to work on a system that nobody configured.
                let discover = !matches!(command, Command::Serve(_));
                let context = Context::load(global, discover).await?;
                let result = context.deadline.enforce(Box::pin(run(command, &context))).await;
                result.map_err(|error| context.after_action(context.naming_files(error)))
            }
        }
    }
}

async fn run(command: Command, context: &Context) -> Result<u8, CliError> {
    match command {
        Command::Health(command) => command.execute(context).await,
        Command::Logs(command) => command.execute(context).await,
        Command::Capacity(command) => command.execute(context).await,
        Command::Baseline(command) => command.execute(context).await,
        Command::Maintain(command) => command.execute(context).await,
        Command::History(command) => command.execute(context).await,
        Command::Restart(command) => command.execute(context).await,
        Command::Scale(command) => command.execute(context).await,
        Command::Doctor(command) => command.execute(context).await,
        Command::Run(command) => command.execute(context).await,
        Command::Runbook(command) => command.execute(context).await,
        Command::Tool(command) => command.execute(context),
        Command::Serve(command) => command.execute(context).await,
        Command::Task(command) => command.execute(context).await,
        Command::Runs(command) => command.execute(context).await,
        Command::Agent(command) => command.execute(context).await,
        Command::Queue(command) => command.execute(context).await,
        Command::Db(command) => command.execute(context).await,
        Command::Hold(command) => command.execute(context).await,
        Command::Resume(command) => command.execute(context).await,
        Command::Migrate(command) => command.execute(context).await,
        Command::Config(command) => command.execute(context),
        // Handled above, since they need no settings.
        Command::Expr(_)
        | Command::Schedule(_)
        | Command::Completions(_)
        | Command::Man(_)
        | Command::Init(_)
        | Command::Demo(_) => Ok(0),
    }
}
