//! The containers of a swarm's tasks, by their labels and names: of which service each is, at which of its
//! places, and which of them count.

use std::collections::HashMap;

use crate::clients::platform::docker::Brief;
use crate::clients::platform::docker::services::STACK;

/// The service and the stack of a task's container.
pub(crate) fn stack(labels: &HashMap<String, String>) -> Option<(Option<String>, Option<String>)> {
    let service = labels.get("com.docker.swarm.service.name")?;
    let stack = labels.get(STACK);
    let short = stack.and_then(|s| service.strip_prefix(s.as_str())?.strip_prefix('_'));
    Some((Some(short.unwrap_or(service).to_owned()), stack.cloned()))
}

/// A swarm keeps the containers that it has replaced: of each place only the newest counts.
pub(crate) fn current(all: Vec<Brief>) -> Vec<Brief> {
    let place = |b: &Brief| b.name.rsplit_once('.').map(|(place, _)| place.to_owned());
    let mut newest: HashMap<String, i64> = HashMap::new();
    for brief in all.iter().filter(|b| b.swarm) {
        let at = newest.entry(place(brief).unwrap_or_default()).or_insert(brief.created);
        *at = brief.created.max(*at);
    }
    let old =
        |b: &Brief| b.swarm && !b.running && newest.get(&place(b).unwrap_or_default()) > Some(&b.created);
    all.into_iter().filter(|b| !old(b)).collect()
}

/// The place of a swarm's task: `shop_api.2.<its id>`.
pub(crate) fn slot(labels: &HashMap<String, String>) -> Option<&str> {
    labels.get("com.docker.swarm.task.name")?.rsplit_once('.')?.0.rsplit_once('.').map(|(_, slot)| slot)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Brief {
        Brief { name: name.into(), ..Brief::default() }
    }

    #[test]
    fn of_a_swarms_containers_the_newest_of_each_place_counts() {
        let task = |name: &str, created, running| Brief { swarm: true, created, running, ..named(name) };
        let all = vec![
            task("shop_api.1.aaa", 1, false),
            task("shop_api.1.bbb", 2, false),
            task("shop_api.1.ccc", 3, true),
            task("shop_api.2.ddd", 1, false),
            // Replaced, and not yet ended.
            task("shop_api.3.eee", 1, true),
            task("shop_api.3.fff", 2, true),
            Brief { created: 1, ..named("api.1.ggg") },
        ];
        let names: Vec<String> = current(all).into_iter().map(|b| b.name).collect();
        let wanted = ["shop_api.1.ccc", "shop_api.2.ddd", "shop_api.3.eee", "shop_api.3.fff", "api.1.ggg"];
        assert_eq!(names, wanted);
    }

    #[test]
    fn a_task_is_of_its_stacks_service() {
        let labels =
            |of: &[(&str, &str)]| of.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        let name = ("com.docker.swarm.service.name", "shop_api");
        let of = |labels: HashMap<String, String>| stack(&labels);
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(of(labels(&[name, (STACK, "shop")])), Some((some("api"), some("shop"))));
        assert_eq!(of(labels(&[name])), Some((some("shop_api"), None)));
        assert_eq!(of(labels(&[(STACK, "shop")])), None);
    }

    #[test]
    fn its_place_stands_before_its_id() {
        let named = |name: &str| HashMap::from([("com.docker.swarm.task.name".to_owned(), name.to_owned())]);
        assert_eq!(slot(&named("shop_api.2.abc")), Some("2"));
        assert_eq!(slot(&named("my.shop_api.12.abc")), Some("12"));
        assert_eq!(slot(&HashMap::new()), None);
    }
}
