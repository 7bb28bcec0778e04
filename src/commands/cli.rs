//! The command line's shape.

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};

use super::{
    Context, agent, baseline, capacity, config, demo, expr, generate, health, logs, maintain, migrate, queue,
    restart, run, runbook, runs, scale, schedule, serve, task,
};
use crate::base::aim::Aim;
use crate::base::cli_error::CliError;
use crate::base::env;
use crate::base::settings::Flags;
use crate::render::Format;

const EXAMPLES: &str = "\
Examples:
  ordctl health morning                  how is the system?
  ordctl health morning -o json          the same for a program
  ordctl maintain analyze --dry-run      what would be done?
  ordctl runbook list                    everything that can be run
  ordctl doctor                          what can be reached, and with which rights?

Exit codes:
  looking  0 ok, 1 warning, 2 critical, 3 unknown
  acting   0 done, 1 done with warnings, 2 failed, 4 refused
  both     64 usage, 130 interrupted";

/// Operate a PostgreSQL-backed task scheduler.
#[derive(Debug, Parser)]
#[command(name = "ordctl", version, about, after_help = EXAMPLES, disable_help_subcommand = true)]
#[command(infer_long_args = false, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(super) global: GlobalFlags,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Flags that every command understands.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct GlobalFlags {
    /// Configuration file [env: ORDCTL_CONFIG]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Configuration")]
    pub(crate) config: Option<PathBuf>,
    /// Environment of the configuration file [env: ORDCTL_ENV]
    #[arg(long = "env", global = true, value_name = "NAME", help_heading = "Configuration")]
    pub(crate) environment: Option<String>,
    /// Where journals, locks and the embedded database live [env: ORDCTL_DATA_DIR]
    #[arg(long, global = true, value_name = "DIR", help_heading = "Configuration")]
    pub(crate) data_dir: Option<String>,
    /// PostgreSQL, without a password [env: DATABASE_URL]
    #[arg(long, global = true, value_name = "URL", help_heading = "Configuration")]
    pub(crate) database_url: Option<String>,
    /// Output format
    #[arg(
        short,
        long,
        global = true,
        value_enum,
        default_value_t,
        value_name = "FORMAT",
        help_heading = "Output"
    )]
    pub(crate) output: Format,
    /// Colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", help_heading = "Output")]
    pub(crate) color: Color,
    /// Print only what is not ok
    #[arg(short, long, global = true, help_heading = "Output")]
    pub(crate) quiet: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl GlobalFlags {
    /// Whether to use colour on a stream.
    pub(crate) fn color_on(&self, terminal: bool) -> bool {
        match self.color {
            Color::Auto => terminal && env::read(env::NO_COLOR).is_none(),
            Color::Always => true,
            Color::Never => false,
        }
    }

    /// What these flags say about configuration.
    pub(crate) fn settings(&self) -> Flags {
        let mut values = Vec::new();
        values.extend(self.data_dir.clone().map(|v| ("data_dir", v)));
        values.extend(self.database_url.clone().map(|v| ("database.url", v)));
        Flags { config: self.config.clone(), environment: self.environment.clone(), values }
    }

    /// Those of these flags that choose a system, as they are typed.
    pub(crate) fn aim(&self) -> Aim {
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
            // The usual case does not put every command together once more.
            return Aim::default();
        }
        let commands = Cli::command().get_subcommands().map(|c| c.get_name().to_owned()).collect();
        Aim { flags, commands }
    }
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// How is the system?
    #[command(subcommand, after_help = "Examples:\n  ordctl health morning\n  ordctl health morning -o json")]
    Health(health::Health),
    /// What the services write, merged by time
    Logs(logs::Logs),
    /// How much room is there, and for how long?
    Capacity(capacity::Capacity),
    /// Does the system perform as it should, and as it did?
    Baseline(baseline::Baseline),
    /// Keep the system in order
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl maintain analyze --dry-run\n  ordctl maintain analyze --yes"
    )]
    Maintain(maintain::Maintain),
    /// Restart services, each ready before the next
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl restart workers --dry-run\n  ordctl restart database --confirm production"
    )]
    Restart(restart::Restart),
    /// Change how many workers run
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl scale status\n  ordctl scale up 4 --yes\n  ordctl scale down 2 --dry-run"
    )]
    Scale(scale::Scale),
    /// What can be reached, with which rights, and what is missing?
    Doctor(health::Doctor),
    /// Run any runbook, also one of your own
    Run(run::Run),
    /// Read and check runbooks
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl runbook list\n  ordctl runbook show health/morning\n  ordctl runbook lint ./my-runbook.yaml"
    )]
    Runbook(runbook::RunbookCommand),
    /// Schedule and run tasks
    Serve(serve::Serve),
    /// Make, see and steer tasks
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl task list\n  ordctl task run 'Nightly report' --wait"
    )]
    Task(task::TaskCommand),
    /// When would a schedule come?
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl schedule preview --kind cron --expr '30 2 * * *' --timezone Europe/Chisinau"
    )]
    Schedule(schedule::ScheduleCommand),
    /// What ran, what runs
    #[command(subcommand, after_help = "Examples:\n  ordctl runs list --failed\n  ordctl runs tail --follow")]
    Runs(runs::RunsCommand),
    /// Who may ask the HTTP API
    #[command(
        subcommand,
        after_help = "Examples:\n  ordctl agent create ci --scope tasks:write\n  ordctl agent list"
    )]
    Agent(agent::AgentCommand),
    /// The engine's queue
    #[command(subcommand, after_help = "Examples:\n  ordctl queue status")]
    Queue(queue::Queue),
    /// Keep every node from starting work
    Hold(queue::Hold),
    /// Let work start again
    Resume(queue::Resume),
    /// Bring the database's tables up to date
    Migrate(migrate::Migrate),
    /// Run the engine on a throw-away PostgreSQL: a few tasks, their runs, the morning report
    Demo(demo::Demo),
    /// Read the configuration
    #[command(subcommand, after_help = "Examples:\n  ordctl config show --origin")]
    Config(config::Config),
    /// Evaluate a JMESPath expression on the JSON on standard input
    Expr(expr::Expr),
    /// Print the completion script of a shell
    Completions(generate::Completions),
    /// Print the manual page, or write all of them
    Man(generate::Man),
}

impl Cli {
    /// Runs the command.
    pub(crate) async fn execute(self) -> Result<u8, CliError> {
        let global = self.global;
        match self.command {
            Command::Expr(command) => command.execute(&global),
            Command::Schedule(command) => command.execute(&global),
            Command::Completions(command) => command.execute(),
            Command::Man(command) => command.execute(),
            Command::Demo(command) => command.execute(global).await,
            command => {
                let context = Context::load(global)?;
                match command {
                    Command::Health(command) => command.execute(&context).await,
                    Command::Logs(command) => command.execute(&context).await,
                    Command::Capacity(command) => command.execute(&context).await,
                    Command::Baseline(command) => command.execute(&context).await,
                    Command::Maintain(command) => command.execute(&context).await,
                    Command::Restart(command) => command.execute(&context).await,
                    Command::Scale(command) => command.execute(&context).await,
                    Command::Doctor(command) => command.execute(&context).await,
                    Command::Run(command) => command.execute(&context).await,
                    Command::Runbook(command) => command.execute(&context).await,
                    Command::Serve(command) => command.execute(&context).await,
                    Command::Task(command) => command.execute(&context).await,
                    Command::Runs(command) => command.execute(&context).await,
                    Command::Agent(command) => command.execute(&context).await,
                    Command::Queue(command) => command.execute(&context).await,
                    Command::Hold(command) => command.execute(&context).await,
                    Command::Resume(command) => command.execute(&context).await,
                    Command::Migrate(command) => command.execute(&context).await,
                    Command::Config(command) => command.execute(&context),
                    // Taken care of above: they need no settings.
                    Command::Expr(_)
                    | Command::Schedule(_)
                    | Command::Completions(_)
                    | Command::Man(_)
                    | Command::Demo(_) => Ok(0),
                }
            }
        }
    }
}
