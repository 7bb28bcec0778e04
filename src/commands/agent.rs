//! `agent`: who may ask the HTTP API. It speaks to the database, not to a server: the first key can be
//! made before any server runs.

use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::act::{ActFlags, act};
use super::tasks::{Desk, fault, store};
use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::base::units::{self, Span};
use crate::engine::agents::{Agents, Identity, Scope};
use crate::model::{Agent, Consented, Listing};
use crate::render::{self, Format, stdio};
use crate::runbook::Change;

/// Who may ask the HTTP API.
#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Let somebody ask; prints an API key, this once
    #[command(after_help = "\
Examples:
  ordctl agent create ci --scope tasks:read --scope tasks:write --dry-run
  ordctl agent create root --scope admin --yes > root.key

Scopes: tasks:read, tasks:write, runs:read, events:write, agents:admin, admin (everything)")]
    Create(Create),
    /// Who may ask, what, and when each last did
    #[command(after_help = "Examples:\n  ordctl agent list\n  ordctl agent list -o json")]
    List,
    /// A new API key; prints it, this once
    #[command(
        after_help = "Examples:\n  ordctl agent rotate ci --yes\n  ordctl agent rotate ci --grace 1h --yes"
    )]
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
    #[command(flatten)]
    act: ActFlags,
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
    #[command(flatten)]
    act: ActFlags,
}

/// The end of an agent's rights.
#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// Its name or id
    agent: String,
    #[command(flatten)]
    act: ActFlags,
}

impl AgentCommand {
    pub(crate) async fn execute(&self, context: &Context) -> Result<u8, CliError> {
        let desk = Desk::open(context)?;
        let agents = Agents::of(desk.tasks.store.clone());
        match self {
            Self::Create(create) => create.execute(context, &desk, &agents).await,
            Self::List => list(context, &agents).await,
            Self::Rotate(rotate) => rotate.execute(context, &desk, &agents).await,
            Self::Revoke(revoke) => revoke.execute(context, &desk, &agents).await,
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
        let title = format!("Create agent '{}' with scopes {}", self.name, self.scopes.join(", "));
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            let agent = agents.create(&document, &Identity::system(), &actor).await.map_err(fault)?;
            let key = agents.new_key(agent.id, self.expires.map(Span::duration), None, &actor).await;
            Ok((agent, key.map_err(fault)?))
        };
        let calls = vec!["query engine/agents/create".into(), "query engine/agents/credential_create".into()];
        let change = Change::single("agent create", title, calls);
        show_key(context, act(context, &desk.tasks.world, change, &self.act, apply).await?)
    }
}

impl Rotate {
    async fn execute(&self, context: &Context, desk: &Desk, agents: &Agents) -> Result<u8, CliError> {
        let agent = find(agents, &self.agent).await?;
        let (expires, grace) = (self.expires.map(Span::duration), Some(self.grace.duration()));
        let title = format!("Create a new API key for agent '{}' ({})", agent.name, agent.id);
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            let key = agents.new_key(agent.id, expires, grace, &actor).await.map_err(fault)?;
            Ok((agent, key))
        };
        let end = match self.grace.duration() {
            grace if grace.is_zero() => "revoke the earlier keys now".to_owned(),
            grace => format!("revoke the earlier keys in {}", units::duration(grace.as_secs_f64())),
        };
        let calls = vec!["query engine/agents/credential_create".to_owned(), end];
        let change = Change::single("agent rotate", title, calls);
        show_key(context, act(context, &desk.tasks.world, change, &self.act, apply).await?)
    }
}

impl Revoke {
    async fn execute(&self, context: &Context, desk: &Desk, agents: &Agents) -> Result<u8, CliError> {
        let agent = find(agents, &self.agent).await?;
        let title = format!("Revoke every key, secret and session of agent '{}' ({})", agent.name, agent.id);
        let apply = async |consented: &Consented| {
            let actor = desk.actor.clone().with_consent(consented);
            agents.revoke(agent.id, &Identity::system(), &actor).await.map_err(fault)
        };
        let change = Change::single(
            "agent revoke",
            title,
            vec![format!("query engine/agents/revoke (agent = {})", agent.id)],
        );
        if let Some((credentials, sessions)) =
            act(context, &desk.tasks.world, change, &self.act, apply).await?
        {
            stdio::note(&format!(
                "revoked {credentials} credentials and {sessions} sessions of agent '{}'\n",
                agent.name
            ));
        }
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
fn show_key(context: &Context, created: Option<(Agent, String)>) -> Result<u8, CliError> {
    let Some((agent, key)) = created else { return Ok(exit::OK) };
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
