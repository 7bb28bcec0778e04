//! A secret in any setting, URL, file, variable or tool appears in no output: not in `config show`, headers, findings,
//! errors and hints, not in the server's log and answers, not in journals, reports and rows.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Mutex;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

use crate::support::engine::{Node, Setup, Tables, http};
use crate::support::left_out;
use crate::support::ordctl::Ordctl;
use crate::support::postgres::cluster;
use crate::support::systems::Server;
use crate::support::web::Web;
use crate::terminal::LOOKS;
use crate::unanswered;

const CANARY: &str = "CANARY4f9a";
/// How many commands run at a time.
const CONCURRENCY: usize = 6;

/// Settings that hold no secret. One that may hold a secret belongs into [`URLS`] or [`FILES`].
const PLAIN: &str = "environment data_dir time_zone database.tls database.ca_file database.cert_file \
    database.password_from redis.password_from database.connect_timeout database.max_connections engine.listen engine.concurrency engine.lease engine.drain \
    engine.stalled_after engine.runbooks engine.retention.runs engine.retention.audit engine.retention.events \
    api.access_token api.refresh_token api.max_body api.max_connections api.rate_per_agent api.rate_per_address \
    redis.tls redis.ca_file redis.stream redis.max_length redis.connect_timeout docker.enabled docker.context \
    docker.cert_path docker.allow_plain_tcp docker.project docker.platform services disks backup.dir backup.max_age \
    backup.keep backup.files backup.programs capacity.limit capacity.disk baseline.api_p95 baseline.scheduling_p95 \
    baseline.database_p95 baseline.tasks_per_minute baseline.min_samples baseline.min_probes params queries runbooks \
    http_request.allow http_request.allow_private http_request.max_body http_request.redirects shell_exec.allow \
    shell_exec.max_output limits.value limits.context limits.evaluation_steps secrets.bind secrets.env_prefix";

/// Settings that are URLs, with a C in every place for a secret.
const URLS: &[(&str, &str)] = &[
    ("database.url", "'postgresql://u:C@127.0.0.1:1/d'"),
    ("redis.url", "'redis://u:C@127.0.0.1:1/0'"),
    // A URL that holds a secret is refused: see below.
    ("docker.host", "'unix:///nowhere/docker.sock'"),
    ("prometheus.url", "'http://u:C@127.0.0.1:1/?key=C'"),
    ("alertmanager.url", "'http://u:C@127.0.0.1:1/?key=C'"),
    ("endpoints", "{ api: { url: 'http://u:C@127.0.0.1:1/health?key=C' } }"),
    ("backup.scratch_url", "'postgresql://u:C@127.0.0.1:1/d'"),
];

/// Settings that are files with a secret.
const FILES: &[&str] = &[
    "database.password_file",
    "database.passfile",
    "database.key_file",
    "redis.password_file",
    "prometheus.token_file",
    "alertmanager.token_file",
    "secrets.dir",
];

const COMMANDS: [&[&str]; 10] = [
    &["init", "--dry-run"],
    &["config", "show", "--origin"],
    &["config", "show", "-o", "json"],
    &["health", "morning"],
    &["health", "morning", "-o", "markdown"],
    &["queue", "status"],
    &["maintain", "analyze", "--dry-run"],
    &["restart", "workers", "--dry-run"],
    &["logs"],
    &["maintain", "monthly", "--dry-run"],
];

/// The place of a canary in a text, as it is, in lower case, URL-encoded, reversed or in base64.
fn leak(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let reversed = CANARY.to_lowercase().chars().rev().collect();
    let found =
        [CANARY.to_lowercase(), reversed].iter().find_map(|form| Some((lower.as_str(), lower.find(form)?)));
    let found = found.or_else(|| {
        let forms = (0..3).map(|before| {
            let encoded = STANDARD_NO_PAD.encode([&[0; 2][..before], CANARY.as_bytes()].concat());
            encoded[(before * 8).div_ceil(6)..(before + CANARY.len()) * 8 / 6].to_owned()
        });
        forms.into_iter().find_map(|form| Some((text, text.find(&form)?)))
    });
    let (text, at) = found?;
    let begin = text[..at].char_indices().rev().nth(100).map_or(0, |(i, _)| i);
    Some(text[begin..].chars().take(220).collect())
}

#[test]
fn a_canary_is_found_in_every_form() {
    for text in [
        format!("a{CANARY}b"),
        CANARY.to_lowercase(),
        CANARY.chars().rev().collect(),
        STANDARD_NO_PAD.encode(format!("u:{CANARY}")),
        STANDARD_NO_PAD.encode(format!("me:{CANARY}x")),
        STANDARD_NO_PAD.encode(format!("you:{CANARY}")),
    ] {
        assert!(leak(&text).is_some(), "{text}");
    }
    assert_eq!(leak("no canary 4f9a"), None);
}

fn assert_hidden(what: &str, ordctl: &Ordctl) {
    for args in COMMANDS {
        let output = ordctl.run(args);
        let text = format!("{}{}", output.out, output.err);
        assert_eq!(leak(&text), None, "{what}: {args:?}: {text}");
    }
}

/// Runs command lines in several formats, and returns those that show a canary.
fn sweep(ordctl: &Ordctl, lines: &[String]) -> Vec<String> {
    let (next, wrong) = (Mutex::new(lines.iter()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..CONCURRENCY {
            scope.spawn(|| {
                loop {
                    let Some(line) = next.lock().unwrap().next() else { return };
                    let words = shell_words::split(line).unwrap();
                    for format in ["text", "json", "yaml", "markdown", "junit"] {
                        let all: Vec<&str> = words.iter().map(String::as_str).chain(["-o", format]).collect();
                        let output = ordctl.run(&all);
                        let found = [&output.out, &output.err].into_iter().find_map(|t| leak(t));
                        wrong.lock().unwrap().extend(found.map(|found| format!("{all:?}: {found}")));
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

/// Files below a directory that hold a canary, besides those that the test wrote.
fn files(dir: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && name != "given" {
            wrong.extend(files(&path));
        } else if path.is_file() && name != "ordctl.yaml" {
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            wrong.extend(leak(&text).map(|found| format!("{}: {found}", path.display())));
        }
    }
    wrong
}

/// A setting's path and value as YAML.
fn setting(path: &str, value: &str) -> String {
    let (open, close) = (path.replace('.', ": { "), " }".repeat(path.matches('.').count()));
    format!("{open}: {value}{close}")
}

/// The settings as a document: those of one section together.
fn document(settings: &[(String, String)]) -> String {
    let mut sections = indexmap::IndexMap::<&str, Vec<String>>::new();
    for (path, value) in settings {
        let (section, key) = path.split_once('.').unwrap_or((path, ""));
        let all = sections.entry(section).or_default();
        all.push(if key.is_empty() { value.clone() } else { setting(key, value) });
    }
    let line = |(section, values): (&&str, &Vec<String>)| match values.as_slice() {
        [whole] if whole.starts_with('{') => format!("{section}: {whole}\n"),
        several => format!("{section}: {{ {} }}\n", several.join(", ")),
    };
    sections.iter().map(line).collect()
}

/// Every setting is either plain or gets a canary.
#[test]
fn every_setting_is_covered() {
    let (_, listing) = Ordctl::new().json(&["config", "show"]);
    let known = |path: &str| {
        PLAIN.split_whitespace().any(|p| p == path)
            || URLS.iter().any(|(p, _)| *p == path)
            || FILES.contains(&path)
    };
    let rows = listing["settings"].as_array().unwrap();
    assert!(rows.len() > 70, "{}", rows.len());
    let unknown: Vec<_> = rows.iter().map(|r| r["setting"].as_str().unwrap()).filter(|p| !known(p)).collect();
    assert!(unknown.is_empty(), "settings without a decision whether they hold a secret: {unknown:?}");
}

/// Every command on systems that refuse connections.
#[test]
fn no_command_shows_a_secret_of_any_setting() {
    let url = |(path, value): &(&str, &str)| ((*path).to_owned(), value.replace('C', CANARY));
    let mut settings: Vec<(String, String)> = URLS.iter().map(url).collect();
    settings.extend([("services".to_owned(), "{ api: {}, worker: {} }".to_owned())]);
    settings.push(("backup.dir".to_owned(), "backups".to_owned()));
    let lines: Vec<String> = unanswered::CASES
        .iter()
        .map(|(command, args, _)| format!("{command} {}", args.replace("ID", unanswered::ID)))
        .chain([
            "maintain analyze --yes --report given.md".to_owned(),
            "health morning --report given.xml".to_owned(),
        ])
        .collect();
    let urls = Ordctl::configured(&document(&settings));
    std::fs::write(urls.home().join("steps.yaml"), "- { uses: noop }\n").unwrap();
    let mut wrong = sweep(&urls, &lines);
    wrong.extend(files(urls.home()));
    // The same without passwords in the URLs, but in files.
    let without = |(path, value): (String, String)| (path, value.replace(&format!(":{CANARY}@"), "@"));
    let mut settings: Vec<(String, String)> = settings.into_iter().map(without).collect();
    settings.extend(FILES.iter().map(|path| ((*path).to_owned(), format!("given/{path}"))));
    let in_files = Ordctl::configured(&document(&settings));
    std::fs::write(in_files.home().join("steps.yaml"), "- { uses: noop }\n").unwrap();
    std::fs::create_dir_all(in_files.home().join("given/secrets.dir")).unwrap();
    for path in FILES.iter().filter(|path| **path != "secrets.dir") {
        std::fs::write(in_files.home().join("given").join(path), format!("127.0.0.1:1:d:u:{CANARY}\n"))
            .unwrap();
    }
    wrong.extend(sweep(&in_files, &lines));
    wrong.extend(files(in_files.home()));
    // A password of the passfile counts only without another one, and if nobody else may read the file.
    settings.retain(|(path, _)| path != "database.password_file");
    let in_passfile = Ordctl::configured(&document(&settings));
    let passfile = in_passfile.home().join("given/database.passfile");
    std::fs::create_dir_all(passfile.parent().unwrap()).unwrap();
    std::fs::write(&passfile, format!("127.0.0.1:1:*:*:{CANARY}\n")).unwrap();
    std::fs::set_permissions(&passfile, std::fs::Permissions::from_mode(0o600)).unwrap();
    wrong.extend(sweep(
        &in_passfile,
        &["doctor".to_owned(), "config show".to_owned(), "task list".to_owned()],
    ));
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
}

/// Port 1 of this machine refuses connections.
#[test]
fn no_form_of_a_database_url_shows_its_password() {
    for url in [
        "postgresql://u:C@127.0.0.1:1/d",
        "postgresql+psycopg://u:C@127.0.0.1:1/d",
        "postgresql://u:p@C@127.0.0.1:1/d",
        "postgresql://u:p/C@127.0.0.1:1/d",
        "postgresql://u:p?C@127.0.0.1:1/d",
        "postgresql://u:p#C@127.0.0.1:1/d",
        "postgresql://127.0.0.1:1/d?user=u&password=C",
        "postgresql://u@127.0.0.1:1/d?sslpassword=C",
        "postgresql://u:p@127.0.0.1:C/d?x=1@y",
        "u:C@127.0.0.1:1/d",
        "//u:C@127.0.0.1:1/d",
        "host=127.0.0.1 port=1 user=u password=C",
        "host=127.0.0.1 port=1 user=u\npassword = 'a b\\'C'",
        "host=127.0.0.1 port=1 user=u password='C",
        "mysql://u:C@127.0.0.1:1/d",
    ] {
        let url = url.replace('C', CANARY);
        assert_hidden(&url, &Ordctl::new().with("DATABASE_URL", &url));
    }
}

/// Passwords that stand in environment and compose files, by configuration and by discovery, and in PGPASSWORD.
#[test]
fn no_referenced_secret_is_shown() {
    let env = "PW=C\nDATABASE_URL=postgresql://u:C@127.0.0.1:1/d?sslpassword=C\n".replace('C', CANARY);
    let compose =
        "services:\n  redis: { image: redis, command: redis-server --requirepass C, ports: ['1:6379'] }\n"
            .replace('C', CANARY);
    let configured = "database: { url: 'postgresql://u@127.0.0.1:1/d', password_from: .env#PW }\n\
                      redis: { url: 'redis://127.0.0.1:1', password_from: compose.yaml#redis }\n";
    let wrong = configured.replace("#PW", "#MISSING").replace("#redis", "#missing");
    for (what, ordctl) in [
        ("configured", Ordctl::configured(configured)),
        ("misconfigured", Ordctl::configured(&wrong)),
        ("discovered", Ordctl::discovering()),
        ("a variable", Ordctl::discovering().with("PGHOST", "127.0.0.1").with("PGPASSWORD", CANARY)),
    ] {
        std::fs::write(ordctl.home().join(".env"), &env).unwrap();
        std::fs::write(ordctl.home().join("compose.yaml"), &compose).unwrap();
        assert_hidden(what, &ordctl);
    }
}

#[test]
fn no_other_url_shows_its_secret() {
    let database = "database: { url: 'postgresql://u@127.0.0.1:1/d' }\n";
    for yaml in [
        "redis: { url: 'redis://u:C@127.0.0.1:1/0' }",
        "redis: { url: 'redis://u:p@C@127.0.0.1:1/0' }",
        "redis: { url: 'u:C@127.0.0.1:1/0' }",
        "docker: { host: 'tcp://u:C@127.0.0.1:1' }",
        "docker: { host: 'http://127.0.0.1:1/?key=C' }",
        "docker: { host: 'unix:///nowhere/docker.sock?key=C' }",
        "docker: { host: 'u:C@127.0.0.1:1' }",
        "prometheus: { url: 'http://u:C@127.0.0.1:1' }",
        "prometheus: { url: 'http://C@127.0.0.1:1/?key=C' }",
        "alertmanager: { url: 'http://127.0.0.1:1/?C' }",
        "endpoints: { api: { url: 'http://127.0.0.1:1/health?token=C' } }",
        "endpoints: { api: { url: 'u:C@127.0.0.1:1/health' } }",
        "backup: { dir: b, scratch_url: 'postgresql://u:p@C@127.0.0.1:1/d' }",
    ] {
        let yaml = yaml.replace('C', CANARY);
        assert_hidden(&yaml, &Ordctl::configured(&format!("{database}{yaml}\n")));
    }
    let host = format!("tcp://u:{CANARY}@127.0.0.1:1");
    assert_hidden("DOCKER_HOST", &Ordctl::new().with("DOCKER_HOST", host));
    let redis = format!("redis://:{CANARY}@127.0.0.1:1/0");
    assert_hidden("REDIS_URL", &Ordctl::new().with("REDIS_URL", redis));
}

/// The path of a webhook is its secret.
#[test]
fn a_dead_man_switch_is_named_by_its_host() {
    for url in
        ["http://127.0.0.1:1/C", "http://u:C@127.0.0.1:1/?key=C", "u:C@127.0.0.1:1/", "http://127.0.0.1:C/"]
    {
        let url = url.replace('C', CANARY);
        let output = Ordctl::new().run(&["health", "morning", "--only", "memory", "--ping", &url]);
        assert!(output.err.contains("warning: --ping"), "{output:?}");
        assert_eq!(leak(&output.err), None, "{url}: {output:?}");
    }
}

/// Steps that return their secrets in every possible way.
fn steps(port: u16) -> Vec<String> {
    let secret = "${secret:canary}";
    [
        json!({"id": "echo", "uses": "http.request", "save_as": "echo", "with": {
            "method": "POST", "url": format!("http://127.0.0.1:{port}/echo/{secret}?a={secret}"), "query": {"q": secret},
            "headers": {"authorization": format!("Bearer {secret}"), "x-basic": secret}, "body": {"k": secret}}}),
        json!({"id": "basic", "uses": "http.request", "save_as": "basic",
               "with": {"url": format!("http://me:{secret}@127.0.0.1:{port}/echo/")}}),
        json!({"id": "basic2", "uses": "http.request", "save_as": "basic2",
               "with": {"url": format!("http://{secret}:x@127.0.0.1:{port}/echo/")}}),
        json!({"id": "shell", "uses": "shell.exec", "save_as": "shell",
               "with": {"program": "/bin/sh", "args": ["-c", "echo $C; printf %s me:$C | base64; echo $C >&2"], "env": {"C": secret}}}),
        json!({"id": "log", "uses": "log", "with": {"message": "${steps.echo} ${steps.basic} ${steps.shell}"}}),
        json!({"id": "publish", "uses": "event.publish", "with": {"topic": "t", "payload": {"a": "${steps.shell}"}}}),
        json!({"id": "fail", "uses": "shell.exec", "with": {"program": "/bin/sh", "args": ["-c", "cat >&2; exit 1"], "stdin": secret}}),
    ]
    .map(|step| step.to_string())
    .to_vec()
}

/// A node with a secret in every setting, on systems that answer and log in with them.
fn node(tables: &Tables, web: &Web, redis: &Server, given: &Path) -> (Setup, Node) {
    std::fs::write(given.join("canary"), CANARY).unwrap();
    std::fs::write(given.join("token"), CANARY).unwrap();
    let mut setup = Setup::of(&tables.db);
    setup.url = format!("postgresql://postgres:{CANARY}@127.0.0.1:{}/{}", cluster().port, tables.db.name);
    setup.allow.push(format!("127.0.0.1:{}", web.port));
    setup.log = Some("trace");
    let (web, redis, given) = (web.port, redis.port, given.display());
    setup.more = format!(
        "redis: {{ url: 'redis://:{CANARY}@127.0.0.1:{redis}/0' }}\n\
         prometheus: {{ url: 'http://u:{CANARY}@127.0.0.1:{web}', token_file: {given}/token }}\n\
         alertmanager: {{ url: 'http://127.0.0.1:{web}/?key={CANARY}', token_file: {given}/token }}\n\
         endpoints: {{ api: {{ url: 'http://u:{CANARY}@127.0.0.1:{web}/health?key={CANARY}' }}, \
         down: {{ url: 'http://127.0.0.1:{web}/status/500?key={CANARY}' }} }}\n\
         backup: {{ dir: backups, scratch_url: 'postgresql://postgres:{CANARY}@127.0.0.1:{}/postgres' }}\n\
         secrets: {{ dir: {given}, bind: {{ canary: ['http.request 127.0.0.1:{web}', 'shell.exec /bin/sh'] }} }}\n",
        cluster().port
    );
    let node = setup.node(&[]);
    (setup, node)
}

/// Everything of a running system: log, answers, rows, journals, reports, and every command.
#[tokio::test(flavor = "multi_thread")]
async fn a_running_system_shows_no_secret() {
    if left_out("a_running_system_shows_no_secret", &["redis"]) {
        return;
    }
    let (tables, web, given) = (Tables::new().await, Web::start(), tempfile::tempdir().unwrap());
    let redis = Server::start(
        "redis-server",
        &format!("redis-server --port PORT --bind 127.0.0.1 --save '' --requirepass {CANARY}"),
        &[],
        &format!("redis-cli -p PORT -a {CANARY} ping | grep -q PONG"),
    );
    let (setup, node) = node(&tables, &web, &redis, given.path());
    let url = node.http().await;
    let task = tables.task(&steps(web.port), "max_retries = 0").await;
    tables.queue(&task, 1).await;
    tables.until(&format!("SELECT count(*) FROM task_run WHERE task_id = '{task}' AND final"), "1").await;
    let reached = web.asked().iter().filter(|path| path.contains(CANARY)).count();
    assert!(reached > 0, "the secret reached its tool: {:?}", web.asked());
    let error = tables.db.value(&format!("SELECT error FROM task_run WHERE task_id = '{task}'")).await;
    assert!(error.contains("step 'fail'") && error.contains("********"), "{error}");
    let mut wrong = Vec::new();
    for path in [
        "/metrics",
        "/openapi.json",
        "/health",
        "/health/ready",
        "/tasks",
        "/runs?include_errors=true",
        "/agents",
        "/events/topics",
        &format!("/tasks/{task}"),
        &format!("/runs/task/{task}/latest"),
    ] {
        let answer = http().get(format!("{url}{path}")).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.unwrap();
        wrong.extend(leak(&text).map(|found| format!("{path}: {found}")));
    }
    let id = tables.db.value("SELECT id FROM task_run LIMIT 1").await;
    let ordctl = setup.ordctl();
    std::fs::write(ordctl.home().join("steps.yaml"), "- { uses: noop }\n").unwrap();
    let line = |(command, args): &(&str, &str)| {
        let args = args
            .replace("TASK", &task)
            .replace("RUN", &id)
            .replace("AGENT", "system")
            .replace("EVIL", "nothing");
        format!("{command} {args}")
    };
    let mut lines: Vec<String> = LOOKS.iter().map(line).collect();
    lines.push("health morning --report r.md --textfile r.prom".to_owned());
    lines.push("maintain analyze --yes --report a.json".to_owned());
    wrong.extend(sweep(&ordctl, &lines));
    assert!(ordctl.home().join("a.json").exists());
    wrong.extend(files(ordctl.home()));
    // Redis refuses this password.
    let refused = setup.more.replace(&format!("redis://:{CANARY}@"), &format!("redis://:{CANARY}no@"));
    let refused = Setup { more: refused, ..setup }.ordctl();
    wrong.extend(sweep(&refused, &["health morning".to_owned(), "doctor".to_owned()]));
    let rows = crate::support::run(cluster().client("pg_dump", &tables.db.name).arg("--data-only"));
    wrong.extend(leak(&rows).map(|found| format!("pg_dump: {found}")));
    wrong.extend(leak(&node.log()).map(|found| format!("the server's log: {found}")));
    wrong.extend(files(node.home()));
    assert!(node.log().contains("TRACE"), "the log has every level");
    assert!(wrong.is_empty(), "{} leaks:\n{}", wrong.len(), wrong.join("\n"));
}
