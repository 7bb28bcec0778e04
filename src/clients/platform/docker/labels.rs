//! The containers of a service, by their labels and names.

use std::collections::BTreeSet;

use crate::base::settings::Service;
use crate::clients::platform::InstanceRef;

/// Whether a container belongs to a service: by its compose label, else by its name, where a replica
/// has a number at its end (`api`, `api-2`, `shop-api-2`, `shop_api_2`).
pub(super) fn is_member(
    c: &InstanceRef,
    service: &str,
    settings: Option<&Service>,
    project: Option<&str>,
) -> bool {
    if c.one_off || !may_be_in(c, project) {
        return false;
    }
    let configured = settings.and_then(|s| s.container.as_deref());
    if configured.is_none() && c.excluded_from.iter().any(|s| s == service) {
        return false;
    }
    if configured.is_none() && c.service.is_some() {
        return c.service.as_deref() == Some(service);
    }
    let base = configured.unwrap_or(service);
    let in_project = project.and_then(|p| c.name.strip_prefix(p)?.strip_prefix(['-', '_']));
    [Some(c.name.as_str()), in_project].into_iter().flatten().any(|name| is_replica_name(name, base))
}

/// A container without a project label may belong to any project.
fn may_be_in(c: &InstanceRef, project: Option<&str>) -> bool {
    project.is_none() || c.project.is_none() || c.project.as_deref() == project
}

fn is_replica_name(name: &str, base: &str) -> bool {
    let Some(rest) = name.strip_prefix(base) else { return false };
    let number = rest.strip_prefix(['-', '_']).unwrap_or("x");
    rest.is_empty() || (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Excludes containers without a project label from services whose own containers have one, such as a
/// `redis` that runs beside the project.
pub(super) fn exclude_unlabelled(all: &mut [InstanceRef], project: Option<&str>) {
    if project.is_none() {
        return;
    }
    let labelled = all.iter().filter(|c| !c.one_off && c.project.as_deref() == project);
    let services: BTreeSet<String> = labelled.filter_map(|c| c.service.clone()).collect();
    for container in all.iter_mut().filter(|c| c.project.is_none()) {
        let same_name = services.iter().filter(|s| is_member(container, s, None, project)).cloned().collect();
        container.excluded_from = same_name;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> InstanceRef {
        InstanceRef { name: name.into(), ..InstanceRef::default() }
    }

    fn labelled(name: &str, service: &str, project: Option<&str>) -> InstanceRef {
        InstanceRef { service: Some(service.into()), project: project.map(str::to_owned), ..named(name) }
    }

    #[test]
    fn a_container_belongs_to_a_service_by_label_or_by_name() {
        let labelled = labelled("anything", "api", Some("shop"));
        assert!(is_member(&labelled, "api", None, None));
        assert!(is_member(&labelled, "api", None, Some("shop")));
        assert!(!is_member(&labelled, "api", None, Some("other")));
        assert!(!is_member(&labelled, "anything", None, None), "the label wins over the name");
        assert!(!is_member(&InstanceRef { one_off: true, ..labelled }, "api", None, None));
        for name in ["api", "api-1", "api_12", "shop-api-1", "shop_api_1", "shop-api"] {
            assert!(is_member(&named(name), "api", None, Some("shop")), "{name}");
        }
        for name in ["api-", "api-x", "apis", "other-api-1", "api-1-old"] {
            assert!(!is_member(&named(name), "api", None, Some("shop")), "{name}");
        }
        let other = Service { container: Some("web".into()), ..Service::default() };
        assert!(is_member(&named("web"), "api", Some(&other), None));
        assert!(!is_member(&named("api"), "api", Some(&other), None));
    }

    #[test]
    fn a_name_is_not_enough_where_the_service_has_labelled_containers() {
        let all = || {
            let one_off = InstanceRef { one_off: true, ..labelled("shop-tool-run-1", "tool", Some("shop")) };
            let foreign = labelled("away-db-1", "db", Some("away"));
            let alone = labelled("queue.1.x", "queue", None);
            vec![labelled("shop-redis-1", "redis", Some("shop")), one_off, foreign, alone]
        };
        let of = |name: &str, service: &str, project: Option<&str>, container: Option<&str>| {
            let mut all = all();
            all.push(named(name));
            exclude_unlabelled(&mut all, project);
            let settings = Service { container: container.map(str::to_owned), ..Service::default() };
            is_member(all.last().unwrap(), service, Some(&settings), project)
        };
        for name in ["redis", "redis-2", "shop-redis-2"] {
            assert!(!of(name, "redis", Some("shop"), None), "{name}");
        }
        assert!(of("redis", "redis", Some("shop"), Some("redis")), "the settings name the container");
        assert!(of("redis", "redis", None, None), "no project is configured");
        for service in ["db", "tool", "queue"] {
            assert!(of(service, service, Some("shop"), None), "no container of {service} has the label");
        }
    }
}
