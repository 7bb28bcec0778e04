//! Selects the containers whose logs are read, with the service of each.

use indexmap::IndexMap;

use crate::base::settings::Service;
use crate::clients::platform::{InstanceDetails, InstanceRef, Platform};
use crate::tools::{ToolContext, ToolError};

#[derive(Clone, Debug)]
pub(crate) struct Selection {
    /// Empty: all services.
    named: Vec<String>,
    configured: IndexMap<String, Service>,
}

#[derive(Clone, Debug)]
pub(crate) struct ServiceContainer {
    pub(crate) service: String,
    pub(crate) container: InstanceDetails,
}

impl Selection {
    /// Selects the named services, by default those in the settings, and without any there every container of the
    /// compose project.
    pub(crate) fn new(named: &[String], ctx: &ToolContext) -> Self {
        Self { named: named.to_vec(), configured: ctx.settings.services.clone() }
    }

    /// The service of a container, if it is selected.
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

    /// All selected containers, also those that a swarm has replaced, sorted by name.
    pub(crate) async fn containers(
        &self,
        platform: &dyn Platform,
    ) -> Result<Vec<ServiceContainer>, ToolError> {
        let mut services = IndexMap::new();
        let mut briefs = platform.list_with_replaced().await?;
        briefs.retain(|brief| match self.service_of(brief, platform) {
            Some(service) => services.insert(brief.id.clone(), service).is_none(),
            None => false,
        });
        let containers = platform.inspect(briefs).await?;
        let with_service = |container: InstanceDetails| {
            let service = services.get(&container.id).cloned().unwrap_or_default();
            ServiceContainer { service, container }
        };
        Ok(containers.into_iter().map(with_service).collect())
    }

    /// The container of this id, if it is selected.
    pub(crate) async fn container(
        &self,
        platform: &dyn Platform,
        id: &str,
    ) -> Result<Option<ServiceContainer>, ToolError> {
        let brief = platform.list_with_replaced().await?.into_iter().find(|b| b.id == id);
        let Some((brief, service)) = brief.and_then(|b| self.service_of(&b, platform).map(|s| (b, s))) else {
            return Ok(None);
        };
        let container = platform.inspect(vec![brief]).await?.pop();
        Ok(container.map(|container| ServiceContainer { service, container }))
    }

    /// Selected services without a container, except those whose minimum is 0.
    pub(crate) fn missing(&self, containers: &[ServiceContainer]) -> Vec<String> {
        let required = self.configured.iter().filter(|(_, s)| s.min() > 0).map(|(name, _)| name);
        let expected: Vec<&String> =
            if self.named.is_empty() { required.collect() } else { self.named.iter().collect() };
        let is_missing = |name: &&&String| !containers.iter().any(|c| c.service == ***name);
        expected.iter().filter(is_missing).map(|name| (*name).clone()).collect()
    }
}
