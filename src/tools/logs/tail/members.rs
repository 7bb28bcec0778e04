//! Which containers are meant, and of which service each is.

use indexmap::IndexMap;

use crate::base::settings::Service;
use crate::clients::platform::{InstanceDetails, InstanceRef, Platform};
use crate::tools::{ToolContext, ToolError};

/// The services that are meant.
#[derive(Clone, Debug)]
pub(crate) struct Members {
    /// Those that were named; without any all are meant.
    named: Vec<String>,
    configured: IndexMap<String, Service>,
}

/// A container with its service.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) service: String,
    pub(crate) container: InstanceDetails,
}

impl Members {
    /// The named services; without any those of `services` in the settings, and without these
    /// either every container of the compose project.
    pub(crate) fn new(named: &[String], ctx: &ToolContext) -> Self {
        Self { named: named.to_vec(), configured: ctx.settings.services.clone() }
    }

    /// The service of a container, if it is meant.
    pub(crate) fn service_of(&self, brief: &InstanceRef, platform: &dyn Platform) -> Option<String> {
        let mut names = match self.named.is_empty() {
            true => self.configured.keys().collect::<Vec<_>>(),
            false => self.named.iter().collect(),
        };
        if names.is_empty() {
            let own =
                !brief.one_off && platform.project().is_none_or(|p| brief.project.as_deref() == Some(p));
            return own.then(|| brief.service.clone().unwrap_or_else(|| brief.name.clone()));
        }
        names.retain(|name| platform.is_member(brief, name));
        names.first().map(|name| (*name).clone())
    }

    /// All that are there, also what a swarm has replaced, sorted by name.
    pub(crate) async fn all(&self, platform: &dyn Platform) -> Result<Vec<Member>, ToolError> {
        let mut services = IndexMap::new();
        let mut briefs = platform.list_with_replaced().await?;
        briefs.retain(|brief| match self.service_of(brief, platform) {
            Some(service) => services.insert(brief.id.clone(), service).is_none(),
            None => false,
        });
        let containers = platform.inspect(briefs).await?;
        let member = |container: InstanceDetails| {
            let service = services.get(&container.id).cloned().unwrap_or_default();
            Member { service, container }
        };
        Ok(containers.into_iter().map(member).collect())
    }

    /// One that has just started, if it is meant.
    pub(crate) async fn one(&self, platform: &dyn Platform, id: &str) -> Result<Option<Member>, ToolError> {
        let brief = platform.list_with_replaced().await?.into_iter().find(|b| b.id == id);
        let Some((brief, service)) = brief.and_then(|b| self.service_of(&b, platform).map(|s| (b, s))) else {
            return Ok(None);
        };
        let container = platform.inspect(vec![brief]).await?.pop();
        Ok(container.map(|container| Member { service, container }))
    }

    /// Which of the services that must have a container have none.
    pub(crate) fn missing(&self, there: &[Member]) -> Vec<String> {
        let needed = self.configured.iter().filter(|(_, s)| s.min() > 0).map(|(name, _)| name);
        let wanted: Vec<&String> =
            if self.named.is_empty() { needed.collect() } else { self.named.iter().collect() };
        let gone = |name: &&&String| !there.iter().any(|m| m.service == ***name);
        wanted.iter().filter(gone).map(|name| (*name).clone()).collect()
    }
}
