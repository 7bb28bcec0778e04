//! Which containers are a service's.

use std::collections::BTreeSet;

use crate::base::settings::Service;
use crate::clients::platform::docker::Brief;

impl Brief {
    /// Whether it belongs to a service: by its compose label, else by its name, where a replica
    /// has a number behind it (`api`, `api-2`, `shop-api-2`, `shop_api_2`).
    pub(crate) fn is_of(&self, service: &str, settings: Option<&Service>, project: Option<&str>) -> bool {
        if self.oneoff || !self.is_in(project) {
            return false;
        }
        let container = settings.and_then(|s| s.container.as_deref());
        if container.is_none() && self.stranger_to.iter().any(|s| s == service) {
            return false;
        }
        if container.is_none() && self.service.is_some() {
            return self.service.as_deref() == Some(service);
        }
        let wanted = container.unwrap_or(service);
        let own = project.and_then(|p| self.name.strip_prefix(p)?.strip_prefix(['-', '_']));
        [Some(self.name.as_str()), own].into_iter().flatten().any(|name| is_replica(name, wanted))
    }

    /// Whether it may be part of a project: what bears no project's label may be of any.
    fn is_in(&self, project: Option<&str>) -> bool {
        project.is_none() || self.project.is_none() || self.project.as_deref() == project
    }
}

fn is_replica(name: &str, wanted: &str) -> bool {
    let Some(rest) = name.strip_prefix(wanted) else { return false };
    let number = rest.strip_prefix(['-', '_']).unwrap_or("x");
    rest.is_empty() || (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

/// Marks what bears no project's label and is only named like a service whose containers bear that of the
/// project: such as a `redis` that somebody runs beside it.
pub(crate) fn mark_strangers(all: &mut [Brief], project: Option<&str>) {
    if project.is_none() {
        return;
    }
    let ours = all.iter().filter(|b| !b.oneoff && b.project.as_deref() == project);
    let services: BTreeSet<String> = ours.filter_map(|b| b.service.clone()).collect();
    for brief in all.iter_mut().filter(|b| b.project.is_none()) {
        let like = services.iter().filter(|s| brief.is_of(s, None, project)).cloned().collect();
        brief.stranger_to = like;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Brief {
        Brief { name: name.into(), ..Brief::default() }
    }

    fn labelled(name: &str, service: &str, project: Option<&str>) -> Brief {
        Brief { service: Some(service.into()), project: project.map(str::to_owned), ..named(name) }
    }

    #[test]
    fn a_service_is_found_by_label_or_by_name() {
        let labelled = labelled("anything", "api", Some("shop"));
        assert!(labelled.is_of("api", None, None));
        assert!(labelled.is_of("api", None, Some("shop")));
        assert!(!labelled.is_of("api", None, Some("other")));
        assert!(!labelled.is_of("anything", None, None), "the label wins over the name");
        assert!(!Brief { oneoff: true, ..labelled }.is_of("api", None, None));
        for name in ["api", "api-1", "api_12", "shop-api-1", "shop_api_1", "shop-api"] {
            assert!(named(name).is_of("api", None, Some("shop")), "{name}");
        }
        for name in ["api-", "api-x", "apis", "other-api-1", "api-1-old"] {
            assert!(!named(name).is_of("api", None, Some("shop")), "{name}");
        }
        let other = Service { container: Some("web".into()), ..Service::default() };
        assert!(named("web").is_of("api", Some(&other), None));
        assert!(!named("api").is_of("api", Some(&other), None));
    }

    #[test]
    fn a_name_alone_makes_none_of_a_service_whose_others_bear_the_projects_label() {
        let all = || {
            let oneoff = Brief { oneoff: true, ..labelled("shop-tool-run-1", "tool", Some("shop")) };
            let foreign = labelled("away-db-1", "db", Some("away"));
            let alone = labelled("queue.1.x", "queue", None);
            vec![labelled("shop-redis-1", "redis", Some("shop")), oneoff, foreign, alone]
        };
        let of = |name: &str, service: &str, project: Option<&str>, container: Option<&str>| {
            let mut all = all();
            all.push(named(name));
            mark_strangers(&mut all, project);
            let settings = Service { container: container.map(str::to_owned), ..Service::default() };
            all.last().unwrap().is_of(service, Some(&settings), project)
        };
        for name in ["redis", "redis-2", "shop-redis-2"] {
            assert!(!of(name, "redis", Some("shop"), None), "{name}");
        }
        assert!(of("redis", "redis", Some("shop"), Some("redis")), "the settings name it");
        assert!(of("redis", "redis", None, None), "no project is meant");
        for service in ["db", "tool", "queue"] {
            assert!(of(service, service, Some("shop"), None), "none of {service} bears its label");
        }
    }
}
