//! `agent`: manage agents of the HTTP API. Works on the database, so that the first key exists before a server runs.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::act::{ActFlags, act};
use super::task_session::{TaskSession, store_error, task_error};
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::{self, Span};
use crate::engine::agents::{Agents, Identity, Scope};
use crate::model::table::{Kind, Row, View};
use crate::model::{Agent, Column, Consented, Listing, Table};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;
use crate::store::agents::AgentStatus;

/// Manage API agents and their keys
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Create an agent and print its API key once
    #[command(after_help = "\
Examples:
  ordctl agent create ci --scope tasks:read --scope tasks:write --dry-run
  ordctl agent create root --scope admin --yes > root.key

Scopes: tasks:read, tasks:write, runs:read, events:write, agents:admin, admin (all)")]
    Create(Create),
    /// List agents with their scopes, credentials and last use
    #[command(after_help = "Examples:\n  ordctl agent list\n  ordctl agent list -o json")]
    List,
    /// Replace an agent's API key and print the new one once
    #[command(
        after_help = "Examples:\n  ordctl agent rotate ci --yes\n  ordctl agent rotate ci --grace 1h --yes"
    )]
    Rotate(Rotate),
    /// Revoke all keys, secrets and sessions of an agent at once
    #[command(after_help = "Examples:\n  ordctl agent revoke ci --dry-run\n  ordctl agent revoke ci --yes")]
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Name of the agent
    name: String,
    /// Scope to grant; repeatable
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// URL to store with the agent; ordctl never calls it
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// Lifetime of the key [default: until rotated or revoked]
    #[arg(long, value_name = "SPAN")]
    expires: Option<Span>,
    #[command(flatten)]
    act: ActFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Name of the agent, its id, or the start of its id
    agent: String,
    /// How long earlier keys stay valid
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    grace: Span,
    /// Lifetime of the new key [default: until rotated or revoked]
    #[arg(long, value_name = "SPAN")]
    expires: Option<Span>,
    #[command(flatten)]
    act: ActFlags,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Name of the agent, its id, or the start of its id
    agent: String,
    #[command(flatten)]
    act: ActFlags,
}

impl AgentCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let session = TaskSession::open(context)?;
        let agents = Agents::without_tokens(session.tasks.store.clone(), session.tasks.notifier.clone());
        match self {
            Self::Create(create) => create.execute(context, &session, &agents).await,
            Self::List => list(context, &agents).await,
            Self::Rotate(rotate) => rotate.execute(context, &session, &agents).await,
            Self::Revoke(revoke) => revoke.execute(context, &session, &agents).await,
        }
    }
}

impl Create {
    async fn execute(
        &self,
        context: &Context,
        session: &TaskSession,
        agents: &Agents,
    ) -> Result<u8, CliError> {
        // The API accepts any word; at the terminal an unknown one is a typing error.
        let known: Vec<&str> = Scope::ALL.iter().map(|s| s.name()).collect();
        if let Some(scope) = self.scopes.iter().find(|s| !known.contains(&s.as_str())) {
            let near = crate::base::suggest::nearest(scope, known.iter().copied());
            let hint = near.map_or_else(|| known.join(", "), |n| format!("did you mean '{n}'?"));
            return Err(CliError::usage(format!("unknown scope '{scope}'")).hint(hint));
        }
        let document = json!({ "name": self.name, "scopes": self.scopes, "webhook_url": self.webhook_url });
        let title = format!("Create agent '{}' with scopes {}", self.name, self.scopes.join(", "));
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let agent = agents.create(&document, &Identity::system(), &actor).await.map_err(task_error)?;
            let key = agents.new_key(agent.id, self.expires.map(Span::duration), None, &actor).await;
            session.notify_nodes().await;
            Ok((agent, key.map_err(task_error)?))
        };
        let calls = vec!["query engine/agents/create".into(), "query engine/agents/credential_create".into()];
        let change = Change::single("agent create", title, calls);
        show_key(context, act(context, &session.tasks.executor, change, &self.act, apply).await?)
    }
}

impl Rotate {
    async fn execute(
        &self,
        context: &Context,
        session: &TaskSession,
        agents: &Agents,
    ) -> Result<u8, CliError> {
        let agent = find(agents, &self.agent).await?;
        let (expires, grace) = (self.expires.map(Span::duration), Some(self.grace.duration()));
        let title = format!("Create a new API key for agent '{}' ({})", agent.name, agent.id);
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let key = agents.new_key(agent.id, expires, grace, &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok((agent, key))
        };
        let end = match self.grace.duration() {
            grace if grace.is_zero() => "revoke the earlier keys now".to_owned(),
            grace => format!("revoke the earlier keys in {}", units::duration(grace.as_secs_f64())),
        };
        let calls = vec!["query engine/agents/credential_create".to_owned(), end];
        let change = Change::single("agent rotate", title, calls);
        show_key(context, act(context, &session.tasks.executor, change, &self.act, apply).await?)
    }
}

impl Revoke {
    async fn execute(
        &self,
        context: &Context,
        session: &TaskSession,
        agents: &Agents,
    ) -> Result<u8, CliError> {
        let agent = find(agents, &self.agent).await?;
        let title = format!("Revoke every key, secret and session of agent '{}' ({})", agent.name, agent.id);
        let apply = async |consented: &Consented| {
            let actor = session.actor.clone().with_consent(consented);
            let revoked = agents.revoke(agent.id, &Identity::system(), &actor).await.map_err(task_error)?;
            session.notify_nodes().await;
            Ok(revoked)
        };
        let change = Change::single(
            "agent revoke",
            title,
            vec![format!("query engine/agents/revoke (agent = {})", agent.id)],
        );
        if let Some((credentials, sessions)) =
            act(context, &session.tasks.executor, change, &self.act, apply).await?
        {
            stdio::note(&format!(
                "revoked {} and {} of agent '{}'\n",
                units::counted(credentials as f64, "credential"),
                units::counted(sessions as f64, "session"),
                clean(&agent.name)
            ));
        }
        Ok(exit::OK)
    }
}

/// The agent with this name or id, or the only one whose id begins with it.
async fn find(agents: &Agents, name: &str) -> Result<Agent, CliError> {
    let mut found = agents.candidates(name).await.map_err(store_error)?;
    let is_exact = |agent: &Agent| agent.name == name || agent.id.to_string() == name.to_ascii_lowercase();
    if found.first().is_some_and(is_exact) {
        found.truncate(1);
    }
    match found.len() {
        0 => Err(CliError::usage(format!("no agent '{name}'")).hint("ordctl agent list")),
        1 => Ok(found.remove(0)),
        _ => {
            let lines = found.iter().map(|agent| format!("{} {}", agent.id, agent.name)).collect();
            let message = format!("several agents match '{name}':");
            Err(CliError::usage(message).items(lines).hint("add characters of the id, or use a name"))
        }
    }
}

/// Prints only the key on stdout, for a file or a pipe; the agent on stderr.
fn show_key(context: &Context, created: Option<(Agent, String)>) -> Result<u8, CliError> {
    let Some((agent, key)) = created else { return Ok(exit::OK) };
    // The key cannot be printed again.
    let lost = |e: CliError| e.hint(format!("ordctl agent rotate {} --yes", agent.id));
    if context.flags.output == Format::Text {
        let (name, scopes) = (clean(&agent.name), agent.scopes.join(", "));
        stdio::note(&format!("agent {name} ({}), scopes {}\n", agent.id, clean(&scopes)));
        stdio::data(&format!("{key}\n")).map_err(lost)?;
    } else {
        let columns = vec!["id", "name", "scopes", "api_key"];
        let row = vec![json!(agent.id), json!(agent.name), json!(agent.scopes), json!(key)];
        let listing = Listing { name: "agents", columns, rows: vec![row] };
        stdio::data(&render::listing(&listing, context.flags.output)?).map_err(lost)?;
    }
    Ok(exit::OK)
}

async fn list(context: &Context, agents: &Agents) -> Result<u8, CliError> {
    let columns = vec![
        Column::new("ID", "id", Kind::Id),
        Column::new("NAME", "name", Kind::Text),
        Column::new("SCOPES", "scopes", Kind::Text),
        Column::new("KEYS", "keys", Kind::Count),
        Column::new("SECRETS", "secrets", Kind::Count),
        Column::new("SESSIONS", "sessions", Kind::Count),
        Column::new("USED", "last_used", Kind::Age).only(View::Short),
        Column::new("LAST USED", "last_used", Kind::Time).only(View::Wide),
    ];
    let row = |a: &AgentStatus| {
        Row::new(json!({
            "id": a.id,
            "name": a.name,
            "scopes": a.scopes,
            "keys": a.keys,
            "secrets": a.secrets,
            "sessions": a.sessions,
            "last_used": a.last_used_at,
        }))
    };
    let rows = agents.statuses().await.map_err(store_error)?.iter().map(row).collect();
    context.print(&Table { name: "agents", columns, rows, none: "no agents".into() })?;
    Ok(exit::OK)
}
