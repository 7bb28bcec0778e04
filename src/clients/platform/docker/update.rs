//! Changing a service of a swarm: the number of its replicas, or all its tasks anew. The swarm refuses a
//! change that was made after an older version of the service than it has; then the newer one is read.

use serde_json::Value;

use crate::clients::ClientError;
use crate::clients::platform::docker::swarm::Stacked;
use crate::clients::platform::docker::{Docker, SYSTEM};
use crate::clients::platform::{Change, ServiceChange, ServiceTo};

/// How often a change is tried while others change the same service.
const TRIES: u32 = 10;

impl Docker {
    async fn known(&self, service: &str) -> Result<Stacked, ClientError> {
        let none = || ClientError::failed(SYSTEM, format!("there is no service {service} in the swarm"));
        self.one_stacked(service).await?.ok_or_else(none)
    }

    /// What has to be done so that a service has so many replicas.
    pub(super) async fn resize_service(&self, service: &str, to: u32) -> Result<Vec<Change>, ClientError> {
        let found = self.known(service).await?;
        let Some(from) = found.replicas() else {
            let message = format!("{} has no number of replicas: it is {}", found.name(), found.kind());
            return Err(ClientError::failed(SYSTEM, message));
        };
        if from == to {
            return Ok(Vec::new());
        }
        Ok(vec![change(&found, ServiceTo::Replicas { from, to })])
    }

    /// What has to be done so that all tasks of a service are made anew, one at a time.
    pub(super) async fn roll_service(&self, service: &str) -> Result<Vec<Change>, ClientError> {
        let found = self.known(service).await?;
        let spec = found.service.spec.as_ref();
        // Without a word about it a swarm replaces one at a time; 0 means all at once.
        let at_once = spec.and_then(|s| s.update_config.as_ref()?.parallelism).unwrap_or(1);
        let mut changes = vec![change(&found, ServiceTo::Anew)];
        if at_once != 1 {
            changes.push(change(&found, ServiceTo::AtOnce(at_once)));
        }
        Ok(changes)
    }

    pub(super) async fn change_service(&self, change: &ServiceChange) -> Result<(), ClientError> {
        let path = format!("/services/{}", change.id);
        let mut tried = 0;
        loop {
            let mut found = self.raw_get(&path).await?;
            let version = &found["Version"]["Index"];
            let update = format!("{path}/update?version={version}");
            let spec = changed(found["Spec"].take(), change)?;
            tried += 1;
            match self.raw_post(&update, &spec).await {
                Ok(_) => return Ok(()),
                Err(ClientError::Failed { message, .. })
                    if tried < TRIES && message.contains("update out of sequence") => {}
                Err(e) => return Err(e),
            }
        }
    }
}

fn change(service: &Stacked, to: ServiceTo) -> Change {
    let (id, version) = (service.id().to_owned(), service.version());
    Change::Service(ServiceChange { id, service: service.name(), version, to })
}

/// What the service is to be like. Everything else stays as it is now: a word that is left out, or one
/// too many, and the swarm would make every task anew.
fn changed(mut spec: Value, change: &ServiceChange) -> Result<Value, ClientError> {
    match change.to {
        ServiceTo::Replicas { from, to } => {
            let now = spec.pointer_mut("/Mode/Replicated/Replicas");
            match now {
                Some(now) if now.as_u64() == Some(from.into()) => *now = to.into(),
                now => {
                    let now = now.map_or_else(|| "none any more".to_owned(), |n| n.to_string());
                    let name = &change.service;
                    let message = format!(
                        "somebody else has changed {name} meanwhile: its number is {now}, not {from}"
                    );
                    return Err(ClientError::failed(SYSTEM, message));
                }
            }
        }
        ServiceTo::Anew => {
            let template = &mut spec["TaskTemplate"];
            template["ForceUpdate"] = (template["ForceUpdate"].as_u64().unwrap_or_default() + 1).into();
            set_parallelism(&mut spec, 1);
        }
        ServiceTo::AtOnce(number) => set_parallelism(&mut spec, number),
    }
    Ok(spec)
}

/// Without a word about updates a swarm replaces one at a time.
fn set_parallelism(spec: &mut Value, number: i64) {
    if let Some(config) = spec.get_mut("UpdateConfig").filter(|c| c.is_object()) {
        config["Parallelism"] = number.into();
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed_to(spec: Value, to: ServiceTo) -> Result<Value, ClientError> {
        changed(spec, &ServiceChange { id: "i".into(), service: "shop_worker".into(), version: 1, to })
    }

    #[test]
    fn nothing_but_what_is_meant_is_changed() {
        let spec = json!({
            "Mode": { "Replicated": { "Replicas": 2 } }, "TaskTemplate": { "ContainerSpec": { "Healthcheck": {} } },
            "Unheard": [1, { "of": 0.5 }],
        });
        let mut wanted = spec.clone();
        wanted["Mode"]["Replicated"]["Replicas"] = 5.into();
        assert_eq!(changed_to(spec.clone(), ServiceTo::Replicas { from: 2, to: 5 }).unwrap(), wanted);
        let mut wanted = spec.clone();
        wanted["TaskTemplate"]["ForceUpdate"] = 1.into();
        assert_eq!(changed_to(spec.clone(), ServiceTo::Anew).unwrap(), wanted);
        assert_eq!(changed_to(spec.clone(), ServiceTo::AtOnce(3)).unwrap(), spec);
        let mut fast = spec.clone();
        fast["UpdateConfig"] = json!({ "Parallelism": 3, "Order": "start-first" });
        let anew = changed_to(fast.clone(), ServiceTo::Anew).unwrap();
        assert_eq!(anew["UpdateConfig"], json!({ "Parallelism": 1, "Order": "start-first" }));
        let back = changed_to(anew, ServiceTo::AtOnce(3)).unwrap();
        assert_eq!(back["UpdateConfig"], fast["UpdateConfig"]);
    }

    #[test]
    fn a_number_that_is_another_by_now_is_left_alone() {
        let to = ServiceTo::Replicas { from: 2, to: 5 };
        let three = changed_to(json!({ "Mode": { "Replicated": { "Replicas": 3 } } }), to).unwrap_err();
        assert!(three.to_string().contains("its number is 3, not 2"), "{three}");
        let global = changed_to(json!({ "Mode": { "Global": {} } }), to).unwrap_err();
        assert!(global.to_string().contains("none any more"), "{global}");
    }
}
