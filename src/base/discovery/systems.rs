//! The settings of a compose project: addresses by published ports, credentials by reference.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::Entry;
use super::compose::Project;
use super::service::{Kind, Service, nothing};

/// What a name in a URL may not hold.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'_').remove(b'-').remove(b'.');

/// The settings that follow from the project's files. `is_local`: its ports are ports of this machine.
pub(super) fn entries(project: &Project, is_local: bool) -> Vec<Entry> {
    let source = project.source();
    let mut all = Vec::new();
    if is_local {
        for (service, kind, address) in systems(project) {
            let place = format!("{source} (service {})", service.name);
            all.extend(system(&service, kind, &address, &source, &place));
        }
    }
    if !project.name.is_empty() {
        all.push(Entry::new("docker.project", project.name.as_str(), source.as_str()));
    }
    for service in project.services().filter(|service| !service.is_job()) {
        let value = if service.is_optional() { json!({ "min": 0 }) } else { nothing() };
        let keys = vec!["services".to_owned(), service.name.to_owned()];
        all.push(Entry { keys, value, source: source.clone() });
    }
    if is_local {
        all.extend(project.services().filter_map(|service| endpoint(&service, &source)));
    }
    all
}

/// A warning if a project has several databases that it runs by default: which one is the system's is not known.
pub(super) fn rivals(project: &Project) -> Option<String> {
    let by_image = databases(project, Service::kind);
    let all = if by_image.is_empty() { databases(project, Service::kind_by_port) } else { by_image };
    (all.len() > 1).then(|| {
        let (source, number, names) = (project.source(), all.len(), all.join(" and "));
        format!(
            "{source}: {number} databases: {names}; reports are about the first, and changes are refused until \
             database.url is configured"
        )
    })
}

/// The names and addresses of the databases that run by default.
fn databases<'a>(project: &'a Project, kind_of: fn(&Service<'a>) -> Option<Kind>) -> Vec<String> {
    let all = project.services().filter(|service| !service.is_incomplete() && !service.is_optional());
    let all = all.filter(|service| kind_of(service) == Some(Kind::Postgres));
    all.filter_map(|service| Some(format!("{} ({})", service.name, service.address(Kind::Postgres.port())?)))
        .collect()
}

/// The service of each kind with its address: the first whose image says so, else the first whose port does. One that
/// does not run by default comes last.
fn systems(project: &Project) -> Vec<(Service<'_>, Kind, String)> {
    let mut all: Vec<(Service<'_>, Kind, String)> = Vec::new();
    for kind_of in [Service::kind, Service::kind_by_port] {
        let all_services = || project.services().filter(|service| !service.is_incomplete());
        let by_default = all_services().filter(|service| !service.is_optional());
        for service in by_default.chain(all_services()) {
            let kind = kind_of(&service).filter(|kind| !all.iter().any(|(_, known, _)| known == kind));
            let address = kind.and_then(|kind| service.address(kind.port()).map(|address| (kind, address)));
            all.extend(address.map(|(kind, address)| (service, kind, address)));
        }
    }
    all
}

fn system(service: &Service<'_>, kind: Kind, address: &str, source: &str, place: &str) -> Vec<Entry> {
    match kind {
        Kind::Postgres => {
            let encode = |text: &str| utf8_percent_encode(text, ENCODED).to_string();
            let user = first_variable(service, &["POSTGRES_USER", "POSTGRESQL_USERNAME"]);
            let user = user.unwrap_or_else(|| "postgres".to_owned());
            let name = first_variable(service, &["POSTGRES_DB", "POSTGRESQL_DATABASE"]);
            let name = name.unwrap_or_else(|| user.clone());
            let url = format!("postgresql://{}@{address}/{}", encode(&user), encode(&name));
            let mut all = vec![Entry::new("database.url", url, place)];
            all.extend(password(service, "database", source, place));
            all
        }
        Kind::Redis => {
            let mut all = vec![Entry::new("redis.url", format!("redis://{address}/0"), place)];
            all.extend(password(service, "redis", source, place));
            all
        }
        Kind::Prometheus => vec![Entry::new("prometheus.url", format!("http://{address}"), place)],
        Kind::Alertmanager => vec![Entry::new("alertmanager.url", format!("http://{address}"), place)],
    }
}

fn first_variable(service: &Service<'_>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| service.variable(name))
}

/// The place of the password, never the password.
fn password(service: &Service<'_>, section: &str, source: &str, place: &str) -> Option<Entry> {
    if let Some(file) = service.password_file() {
        let file = file.to_string_lossy().into_owned();
        return Some(Entry::new(&format!("{section}.password_file"), file, place));
    }
    service
        .password()
        .map(|_| Entry::new(&format!("{section}.password_from"), format!("{source}#{}", service.name), place))
}

/// The health endpoint that a service is known to have, or that its own health check asks.
fn endpoint(service: &Service<'_>, source: &str) -> Option<Entry> {
    if service.is_incomplete() {
        return None;
    }
    let known = match service.kind().or_else(|| service.kind_by_port()) {
        Some(kind @ (Kind::Prometheus | Kind::Alertmanager)) => Some((kind.port(), "/-/healthy".to_owned())),
        Some(_) => return None,
        // The port and the path of Ordinaut's API.
        None => {
            service.health_request().or_else(|| (service.name == "api").then(|| (8080, "/health".to_owned())))
        }
    };
    let (port, path) = known?;
    let url = format!("http://{}{path}", service.address(port)?);
    let keys = vec!["endpoints".to_owned(), service.name.to_owned()];
    Some(Entry { keys, value: json!({ "url": url }), source: format!("{source} (service {})", service.name) })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn found(dir: &Path, compose: &str, env: &str) -> Vec<String> {
        std::fs::write(dir.join("compose.yaml"), compose).unwrap();
        std::fs::write(dir.join(".env"), env).unwrap();
        let project = Project::open(&dir.join("compose.yaml")).unwrap();
        let prefix = format!("{}/", dir.display());
        let all = entries(&project, true);
        all.iter().map(|e| format!("{} {}", e.keys.join("."), e.value).replace(&prefix, "")).collect()
    }

    #[test]
    fn credentials_are_references() {
        let dir = tempfile::tempdir().unwrap();
        let compose = r#"
name: shop
services:
  cache:
    image: docker.io/library/redis:7-alpine
    command: redis-server --requirepass ${REDIS_PW}
    ports: ['6380:6379']
  db:
    image: postgis/postgis:15@sha256:abc
    environment: [POSTGRES_USER=app user, 'POSTGRES_PASSWORD=${PW}', POSTGRES_DB=shop]
    ports: ['${PORT:-5433}:5432']
  "evil\nshell_exec": { image: postgres, ports: ['1:5432'] }
  exporter: { image: prometheuscommunity/postgres-exporter, ports: ['9187:9187'] }
  seed: { image: x }
  debug: { image: x, profiles: [debug] }
  web:
    build: .
    depends_on: { seed: { condition: service_completed_successfully } }
    healthcheck: { test: [CMD, curl, -f, 'http://localhost:3000/ready?x=1'] }
    ports: ['8000:3000']
  site:
    image: nginx
    healthcheck: { test: 'wget -qO- http://127.0.0.1/up || exit 1' }
    ports: ['8001:80']
"#;
        let all = found(dir.path(), compose, "PW=hidden-1\nREDIS_PW=hidden-2\n");
        let expected = [
            "redis.url \"redis://127.0.0.1:6380/0\"",
            "redis.password_from \"compose.yaml#cache\"",
            "database.url \"postgresql://app%20user@127.0.0.1:5433/shop\"",
            "database.password_from \"compose.yaml#db\"",
            "docker.project \"shop\"",
            "services.cache {}",
            "services.db {}",
            "services.exporter {}",
            "services.debug {\"min\":0}",
            "services.web {}",
            "services.site {}",
            "endpoints.site {\"url\":\"http://127.0.0.1:8001/up\"}",
        ];
        assert_eq!(all, expected);
        assert!(!all.join("").contains("hidden"));
    }

    /// A pooler breaks session locks, and an API is not Prometheus.
    #[test]
    fn an_image_that_is_something_else_is_no_system() {
        let dir = tempfile::tempdir().unwrap();
        let compose = "name: shop\nservices:\n  \
             pooler: { image: 'edoburu/pgbouncer:1', ports: ['6432:5432'] }\n  \
             own: { build: ., ports: ['6433:5432'] }\n  \
             api: { build: ., ports: ['9090:9090', '9093:9093'] }\n  \
             cache: { image: 'example/kv', ports: ['6380:6379'] }\n  \
             db: { image: 'example/postgres', ports: ['5433:5432'] }\n";
        let urls = |compose: &str| -> Vec<String> {
            let all = found(dir.path(), compose, "");
            all.into_iter().filter(|entry| entry.contains(".url")).collect()
        };
        let redis = "redis.url \"redis://127.0.0.1:6380/0\"";
        let db = "database.url \"postgresql://postgres@127.0.0.1:5433/postgres\"";
        assert_eq!(urls(compose), [db, redis]);
        // Without a known image the port tells.
        let own = "database.url \"postgresql://postgres@127.0.0.1:6433/postgres\"";
        assert_eq!(urls(&compose.replace("example/postgres", "example/pgcat")), [own, redis]);
    }

    #[test]
    fn what_ends_by_design_or_has_no_replica_is_optional() {
        let dir = tempfile::tempdir().unwrap();
        let compose = "name: shop\nservices:\n  migrate: { build: . }\n  db-init: { image: x, restart: no }\n  \
             seed: { image: x, restart: always }\n  setup: { image: x, ports: ['1:1'] }\n  \
             none: { image: x, deploy: { replicas: 0 } }\n  zero: { image: x, scale: '${N:-0}' }\n  \
             two: { image: x, scale: 2 }\n  web: { image: x, depends_on: [migrate] }\n";
        let all = found(dir.path(), compose, "");
        let optional: Vec<_> = all.iter().filter_map(|e| e.strip_suffix(" {\"min\":0}")).collect();
        assert_eq!(optional, ["services.migrate", "services.db-init", "services.none", "services.zero"]);
        assert_eq!(all.iter().filter(|entry| entry.starts_with("services.")).count(), 8);
    }

    #[test]
    fn a_service_that_extends_another_has_no_address() {
        let dir = tempfile::tempdir().unwrap();
        let compose = "name: shop\ninclude: [more.yaml]\nservices:\n  db: { image: postgres, ports: ['1:5432'], \
             extends: { service: base } }\n  base: { environment: { POSTGRES_USER: app } }\n";
        assert_eq!(found(dir.path(), compose, "")[1..], ["services.db {}", "services.base {}"]);
        let warnings = Project::open(&dir.path().join("compose.yaml")).unwrap().warnings();
        let text = warnings.join("\n");
        assert!(
            text.contains("include is not supported") && text.contains("the address of db is not"),
            "{text}"
        );
        assert_eq!(warnings.len(), 2);
    }

    #[test]
    fn the_example_stack_is_found() {
        let compose = include_str!("../../../examples/compose/compose.yaml");
        let env = include_str!("../../../examples/compose/.env");
        let dir = tempfile::tempdir().unwrap();
        let all = found(dir.path(), compose, env);
        for expected in [
            "database.url \"postgresql://orchestrator@127.0.0.1:5432/orchestrator\"",
            "database.password_file \"secrets/database_password\"",
            "redis.url \"redis://127.0.0.1:6379/0\"",
            "prometheus.url \"http://127.0.0.1:9090\"",
            "alertmanager.url \"http://127.0.0.1:9093\"",
            "docker.project \"ordinaut\"",
            "services.worker {}",
            "endpoints.api {\"url\":\"http://127.0.0.1:8080/health\"}",
            "endpoints.prometheus {\"url\":\"http://127.0.0.1:9090/-/healthy\"}",
        ] {
            assert!(all.contains(&expected.to_owned()), "{expected}: {all:#?}");
        }
        assert!(!all.iter().any(|entry| entry.starts_with("services.setup")), "{all:?}");
    }
}
