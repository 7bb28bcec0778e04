//! Updates of a swarm service: its number of replicas, or a rollout that recreates all tasks. The swarm
//! refuses an update of an outdated version; then the present version is read and the update retried.

use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::platform::docker::swarm::StackService;
use crate::clients::platform::docker::{Docker, SYSTEM};
use crate::clients::platform::{Change, ServiceChange, ServiceUpdate};

/// Attempts while others change the same service.
const TRIES: u32 = 10;

impl Docker {
    async fn existing_service(&self, service: &str) -> Result<StackService, ClientError> {
        let missing = || ClientError::failed(SYSTEM, format!("the swarm has no service {service}"));
        self.stack_service(service).await?.ok_or_else(missing)
    }

    pub(super) async fn plan_service_resize(
        &self,
        service: &str,
        to: u32,
    ) -> Result<Vec<Change>, ClientError> {
        let found = self.existing_service(service).await?;
        let Some(from) = found.replicas() else {
            let message =
                format!("{} has no number of replicas: it is {}", found.name(), found.unscalable_mode());
            return Err(ClientError::failed(SYSTEM, message));
        };
        if from == to {
            return Ok(Vec::new());
        }
        Ok(vec![change(&found, ServiceUpdate::Replicas { from, to })])
    }

    pub(super) async fn plan_service_rollout(&self, service: &str) -> Result<Vec<Change>, ClientError> {
        let found = self.existing_service(service).await?;
        let spec = found.service.spec.as_ref();
        // The default is one at a time; 0 means all at once.
        let parallelism = spec.and_then(|s| s.update_config.as_ref()?.parallelism).unwrap_or(1);
        let mut changes = vec![change(&found, ServiceUpdate::Recreate)];
        if parallelism != 1 {
            changes.push(change(&found, ServiceUpdate::Parallelism(parallelism)));
        }
        Ok(changes)
    }

    pub(super) async fn change_service(&self, change: &ServiceChange) -> Result<(), ClientError> {
        let path = format!("/services/{}", change.id);
        let mut tried = 0;
        loop {
            let mut found = self.get_json(&path).await?;
            let version = &found["Version"]["Index"];
            let update = format!("{path}/update?version={version}");
            let spec = updated_spec(found["Spec"].take(), change)?;
            tried += 1;
            match self.post_json(&update, &spec).await {
                Ok(_) => return Ok(()),
                Err(ClientError::Failed { message, .. })
                    if tried < TRIES && message.contains("update out of sequence") => {}
                Err(e) => return Err(e),
            }
        }
    }
}

fn change(service: &StackService, to: ServiceUpdate) -> Change {
    let (id, version) = (service.id().to_owned(), service.version());
    Change::Service(ServiceChange { id, service: service.name(), version, to })
}

/// The specification with the change. Everything else must stay byte for byte: the swarm recreates every
/// task on any other difference.
fn updated_spec(mut spec: Value, change: &ServiceChange) -> Result<Value, ClientError> {
    match change.to {
        ServiceUpdate::Replicas { from, to } => {
            let now = spec.pointer_mut("/Mode/Replicated/Replicas");
            match now {
                Some(now) if now.as_u64() == Some(from.into()) => *now = to.into(),
                now => {
                    let now = now.map_or_else(|| "not set".to_owned(), |n| n.to_string());
                    let name = &change.service;
                    let message =
                        format!("{name} was changed by another client: replicas are {now}, expected {from}");
                    return Err(ClientError::failed(SYSTEM, message));
                }
            }
        }
        ServiceUpdate::Recreate => {
            let template = &mut spec["TaskTemplate"];
            template["ForceUpdate"] = (template["ForceUpdate"].as_u64().unwrap_or_default() + 1).into();
            set_parallelism(&mut spec, 1);
        }
        ServiceUpdate::Parallelism(number) => set_parallelism(&mut spec, number),
    }
    Ok(spec)
}

/// A service without an update configuration replaces one task at a time.
fn set_parallelism(spec: &mut Value, number: i64) {
    if let Some(config) = spec.get_mut("UpdateConfig").filter(|c| c.is_object()) {
        config["Parallelism"] = number.into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed_to(spec: Value, to: ServiceUpdate) -> Result<Value, ClientError> {
        updated_spec(spec, &ServiceChange { id: "i".into(), service: "shop_worker".into(), version: 1, to })
    }

    #[test]
    fn an_update_changes_nothing_else() {
        let spec = json!({
            "Mode": { "Replicated": { "Replicas": 2 } }, "TaskTemplate": { "ContainerSpec": { "Healthcheck": {} } },
            "Unheard": [1, { "of": 0.5 }],
        });
        let mut wanted = spec.clone();
        wanted["Mode"]["Replicated"]["Replicas"] = 5.into();
        assert_eq!(changed_to(spec.clone(), ServiceUpdate::Replicas { from: 2, to: 5 }).unwrap(), wanted);
        let mut wanted = spec.clone();
        wanted["TaskTemplate"]["ForceUpdate"] = 1.into();
        assert_eq!(changed_to(spec.clone(), ServiceUpdate::Recreate).unwrap(), wanted);
        assert_eq!(changed_to(spec.clone(), ServiceUpdate::Parallelism(3)).unwrap(), spec);
        let mut fast = spec.clone();
        fast["UpdateConfig"] = json!({ "Parallelism": 3, "Order": "start-first" });
        let recreated = changed_to(fast.clone(), ServiceUpdate::Recreate).unwrap();
        assert_eq!(recreated["UpdateConfig"], json!({ "Parallelism": 1, "Order": "start-first" }));
        let back = changed_to(recreated, ServiceUpdate::Parallelism(3)).unwrap();
        assert_eq!(back["UpdateConfig"], fast["UpdateConfig"]);
    }

    #[test]
    fn a_changed_number_of_replicas_is_not_overwritten() {
        let to = ServiceUpdate::Replicas { from: 2, to: 5 };
        let three = changed_to(json!({ "Mode": { "Replicated": { "Replicas": 3 } } }), to).unwrap_err();
        assert!(three.to_string().contains("replicas are 3, expected 2"), "{three}");
        let global = changed_to(json!({ "Mode": { "Global": {} } }), to).unwrap_err();
        assert!(global.to_string().contains("replicas are not set"), "{global}");
    }
}
