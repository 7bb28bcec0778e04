//! The containers of swarm tasks, by their labels and names.

use std::collections::HashMap;

use crate::clients::platform::InstanceRef;
use crate::clients::platform::docker::platform::STACK;

/// The service and the stack of a task's container; none for other containers.
pub(super) fn stack_service(labels: &HashMap<String, String>) -> Option<(Option<String>, Option<String>)> {
    let service = labels.get("com.docker.swarm.service.name")?;
    let stack = labels.get(STACK);
    let short = stack.and_then(|s| service.strip_prefix(s.as_str())?.strip_prefix('_'));
    Some((Some(short.unwrap_or(service).to_owned()), stack.cloned()))
}

/// Leaves out containers that a swarm has replaced: stopped ones that are not the newest of their slot.
pub(super) fn without_replaced(all: Vec<InstanceRef>) -> Vec<InstanceRef> {
    let slot = |c: &InstanceRef| c.name.rsplit_once('.').map(|(slot, _)| slot.to_owned()).unwrap_or_default();
    let mut newest: HashMap<String, i64> = HashMap::new();
    for container in all.iter().filter(|c| c.managed) {
        let at = newest.entry(slot(container)).or_insert(container.created);
        *at = container.created.max(*at);
    }
    let replaced = |c: &InstanceRef| c.managed && !c.running && newest.get(&slot(c)) > Some(&c.created);
    all.into_iter().filter(|c| !replaced(c)).collect()
}

/// The slot in a task's name, `shop_api.2.<id>`.
pub(super) fn task_slot(labels: &HashMap<String, String>) -> Option<&str> {
    labels.get("com.docker.swarm.task.name")?.rsplit_once('.')?.0.rsplit_once('.').map(|(_, slot)| slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> InstanceRef {
        InstanceRef { name: name.into(), ..InstanceRef::default() }
    }

    #[test]
    fn only_the_newest_container_of_each_slot_is_listed() {
        let task =
            |name: &str, created, running| InstanceRef { managed: true, created, running, ..named(name) };
        let all = vec![
            task("shop_api.1.aaa", 1, false),
            task("shop_api.1.bbb", 2, false),
            task("shop_api.1.ccc", 3, true),
            task("shop_api.2.ddd", 1, false),
            // Replaced, and still running.
            task("shop_api.3.eee", 1, true),
            task("shop_api.3.fff", 2, true),
            InstanceRef { created: 1, ..named("api.1.ggg") },
        ];
        let names: Vec<String> = without_replaced(all).into_iter().map(|b| b.name).collect();
        let wanted = ["shop_api.1.ccc", "shop_api.2.ddd", "shop_api.3.eee", "shop_api.3.fff", "api.1.ggg"];
        assert_eq!(names, wanted);
    }

    #[test]
    fn a_task_belongs_to_the_service_of_its_stack() {
        let labels =
            |of: &[(&str, &str)]| of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let name = ("com.docker.swarm.service.name", "shop_api");
        let of = |labels: HashMap<String, String>| stack_service(&labels);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of(labels(&[name, (STACK, "shop")])), Some((some("api"), some("shop"))));
        assert_eq!(of(labels(&[name])), Some((some("shop_api"), None)));
        assert_eq!(of(labels(&[(STACK, "shop")])), None);
    }

    #[test]
    fn the_slot_is_between_name_and_id() {
        let named = |name: &str| HashMap::from([("com.docker.swarm.task.name".to_owned(), name.to_owned())]);
        assert_eq!(task_slot(&named("shop_api.2.abc")), Some("2"));
        assert_eq!(task_slot(&named("my.shop_api.12.abc")), Some("12"));
        assert_eq!(task_slot(&HashMap::new()), None);
    }
}
