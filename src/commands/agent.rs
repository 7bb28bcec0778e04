//! `agent`: who may ask the HTTP API. It speaks to the database, not to a server: the first key can be
//! made before any server runs.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::tasks::{Desk, fault, store};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::Span;
use crate::engine::agents::{Agents, Identity, Scope};
use crate::model::Agent;
use crate::model::Listing;
use crate::model::prompt::{Answer, Prompt};
use crate::render::{self, Format, Progress, TerminalPrompt, stdio};

/// Who may ask the HTTP API.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Let somebody ask; prints an API key, this once
    #[command(after_help = "\
Examples:
  ordctl agent create ci --scope tasks:read --scope tasks:write
  ordctl agent create root --scope admin > root.key

Scopes: tasks:read, tasks:write, runs:read, events:write, agents:admin, admin (everything)")]
    Create(Create),
    /// Who may ask, what, and when each last did
    #[command(after_help = "Examples:\n  ordctl agent list\n  ordctl agent list -o json")]
    List,
    /// A new API key; prints it, this once
    #[command(after_help = "Examples:\n  ordctl agent rotate ci\n  ordctl agent rotate ci --grace 1h")]
    Rotate(Rotate),
    /// End every key, secret and token of an agent, on all nodes, at once
    #[command(after_help = "Examples:\n  ordctl agent revoke ci --yes")]
    Revoke(Revoke),
}

/// A new agent.
#[derive(Debug, Args)]
pub(crate) struct Create {
    /// Its name
    name: String,
    /// What it may do; may be given several times
    #[arg(long = "scope", value_name = "SCOPE", required = true)]
    scopes: Vec<String>,
    /// Where it wants to be told
    #[arg(long, value_name = "URL")]
    webhook_url: Option<String>,
    /// How long the key is good; default: until it is rotated or revoked
    #[arg(long, value_name = "SPAN")]
    expires: Option<Span>,
}

/// A new key for an agent.
#[derive(Debug, Args)]
pub(crate) struct Rotate {
    /// Its name or id
    agent: String,
    /// How long the keys before stay good
    #[arg(long, value_name = "SPAN", default_value = "0s")]
    grace: Span,
    /// How long the new key is good; default: until it is rotated or revoked
    #[arg(long, value_name = "SPAN")]
    expires: Option<Span>,
}

/// The end of an agent's rights.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Its name or id
    agent: String,
    /// Don't ask
    #[arg(long)]
    yes: bool,
}

impl AgentCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        let agents = Agents::of(desk.tasks.store.clone());
        match self {
            Self::Create(create) => create.execute(context, &desk, &agents).await,
            Self::List => list(context, &agents).await,
            Self::Rotate(rotate) => rotate.execute(context, &desk, &agents).await,
            Self::Revoke(revoke) => revoke.execute(&desk, &agents).await,
        }
    }
}

impl Create {
    async fn execute(&self, context: &Context, desk: &Desk, agents: &Agents) -> Result<u8, CliError> {
        // The API takes any word; at the terminal one that means nothing is a slip.
        let known: Vec<&str> = Scope::ALL.iter().map(|s| s.name()).collect();
        if let Some(scope) = self.scopes.iter().find(|s| !known.contains(&s.as_str())) {
            let near = crate::base::suggest::nearest(scope, known.iter().copied());
            let hint = near.map_or_else(|| known.join(", "), |n| format!("did you mean '{n}'?"));
            return Err(CliError::usage(format!("there is no scope '{scope}'")).hint(hint));
        }
        let document = json!({ "name": self.name, "scopes": self.scopes, "webhook_url": self.webhook_url });
        let agent = agents.create(&document, &Identity::system(), &desk.actor).await.map_err(fault)?;
        let key = agents.new_key(agent.id, self.expires.map(Span::duration), None, &desk.actor).await;
        show(context, &agent, &key.map_err(fault)?)
    }
}

impl Rotate {
    async fn execute(&self, context: &Context, desk: &Desk, agents: &Agents) -> Result<u8, CliError> {
        let agent = find(agents, &self.agent).await?;
        let (expires, grace) = (self.expires.map(Span::duration), Some(self.grace.duration()));
        let key = agents.new_key(agent.id, expires, grace, &desk.actor).await.map_err(fault)?;
        show(context, &agent, &key)
    }
}

impl Revoke {
    async fn execute(&self, desk: &Desk, agents: &Agents) -> Result<u8, CliError> {
        let agent = find(agents, &self.agent).await?;
        if !self.yes {
            let question = format!("End every key, secret and token of '{}' ({})?", agent.name, agent.id);
            match TerminalPrompt::new(Progress::new(false).into()).confirm(&question) {
                Answer::Yes => {}
                Answer::No => return Err(CliError::refused("nothing was revoked")),
                Answer::Nobody => return Err(CliError::refused("nobody is there to ask").hint("--yes")),
            }
        }
        let (credentials, sessions) =
            agents.revoke(agent.id, &Identity::system(), &desk.actor).await.map_err(fault)?;
        stdio::note(&format!(
            "'{}': {credentials} keys and secrets and {sessions} sessions ended\n",
            agent.name
        ));
        Ok(exit::OK)
    }
}

async fn find(agents: &Agents, name: &str) -> Result<Agent, CliError> {
    let none = |_| CliError::usage(format!("there is no agent '{name}'")).hint("ordctl agent list");
    match agents.get(name).await {
        Err(e @ crate::engine::tasks::TaskError::NotFound(_)) => Err(none(e)),
        other => other.map_err(fault),
    }
}

/// The key alone on standard output, for a file or a pipe; whose it is beside it.
fn show(context: &Context, agent: &Agent, key: &str) -> Result<u8, CliError> {
    if context.flags.output == Format::Text {
        stdio::note(&format!("agent {} ({}), scopes {}\n", agent.name, agent.id, agent.scopes.join(", ")));
        stdio::data(&format!("{key}\n"))?;
    } else {
        let columns = vec!["id", "name", "scopes", "api_key"];
        let row = vec![json!(agent.id), json!(agent.name), json!(agent.scopes), json!(key)];
        stdio::data(&render::listing(
            &Listing { name: "agents", columns, rows: vec![row] },
            context.flags.output,
        )?)?;
    }
    Ok(exit::OK)
}

async fn list(context: &Context, agents: &Agents) -> Result<u8, CliError> {
    let columns = vec!["id", "name", "scopes", "keys", "secrets", "sessions", "last_used"];
    let rows = agents.standing().await.map_err(store)?;
    let row = |a: &crate::engine::agents::Standing| {
        let scopes =
            if context.flags.output == Format::Text { json!(a.scopes.join(" ")) } else { json!(a.scopes) };
        let counts = [json!(a.keys), json!(a.secrets), json!(a.sessions)];
        let mut all = vec![json!(a.id), json!(a.name), scopes];
        all.extend(counts);
        all.push(json!(a.last_used_at));
        all
    };
    let listing = Listing { name: "agents", columns, rows: rows.iter().map(row).collect() };
    stdio::data(&render::listing(&listing, context.flags.output)?)?;
    Ok(exit::OK)
}
