//! `${secret:NAME}`: it reaches the tool and nothing else.

use std::path::Path;

use ordctl::engine::migrations::migrate;

use super::{refused, run, runbook, summary};
use crate::support::ordctl::Ordctl;
use crate::support::postgres::{Database, cluster};
use crate::support::run as output;
use crate::support::web::Web;

const TOKEN: &str = "tok-\"en\\4f9a";
const KEY: &str = "env/key 77 x";

/// Every text below a directory.
fn texts(dir: &Path) -> String {
    let mut all = String::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            all.push_str(&texts(&path));
        } else {
            all.push_str(&String::from_utf8_lossy(&std::fs::read(path).unwrap()));
        }
    }
    all
}

fn configured(web: &Web) -> Ordctl {
    let yaml = format!(
        "http_request: {{ allow: ['127.0.0.1:{}'] }}\nshell_exec: {{ allow: [/bin/sh] }}\nsecrets: {{ dir: secrets }}\n",
        web.port
    );
    let ordctl = Ordctl::configured(&yaml).with("ORDCTL_SECRET_MAIL_KEY", KEY);
    std::fs::create_dir(ordctl.home().join("secrets")).unwrap();
    std::fs::write(ordctl.home().join("secrets/token"), format!("{TOKEN}\n")).unwrap();
    std::fs::write(ordctl.home().join("secrets/pin"), "123\n").unwrap();
    ordctl
}

/// Steps that output their secrets in every possible way.
fn steps(web: &Web) -> Vec<String> {
    let url = format!("http://127.0.0.1:{}", web.port);
    [
        &format!(
            "id: send, uses: http.request, save_as: sent, with: {{ method: POST, url: '{url}/echo/', \
             headers: {{ authorization: 'Bearer ${{secret:mail.key}}' }}, query: {{ t: '${{secret:token}}' }}, \
             body: {{ k: '${{secret:token}}' }} }}"
        ),
        "id: exec, uses: shell.exec, save_as: out, with: { program: /bin/sh, \
         args: [-c, 'printf %065530d%s 0 \"$T\"; printf %s \"$T\" >&2'], env: { T: '${secret:token}' } }",
        "id: again, uses: log, with: { message: '${steps.sent}' }",
        "id: fail, uses: shell.exec, with: { program: /bin/sh, args: [-c, 'cat >&2; exit 1'], stdin: '${secret:token}' }",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Asserts that a text contains no encoding and no long part of a secret.
fn clean(what: &str, text: &str) {
    for word in ["tok-", "4f9a", "env/key", "77 x", "env%2Fkey", "tok-%22"] {
        assert!(!text.contains(word), "{what} holds {word}: {text}");
    }
}

#[tokio::test]
async fn a_secret_reaches_its_tool_and_nothing_else() {
    let database = Database::fresh().await;
    migrate(&database.store, &Default::default(), &crate::support::consent()).await.unwrap();
    let web = Web::start();
    let ordctl = configured(&web).with("DATABASE_URL", cluster().url("postgres", &database.name));
    let steps = steps(&web);
    let steps: Vec<&str> = steps.iter().map(String::as_str).collect();
    let path = runbook(&ordctl, &steps);
    for format in ["text", "json", "yaml", "markdown", "junit"] {
        let output = ordctl.run(&["run", path, "--yes", "-o", format]);
        assert_eq!(output.code, 2, "{output:?}");
        assert!(output.out.contains("********"), "{output:?}");
        clean(format, &(output.out + &output.err));
        let dry = ordctl.run(&["run", path, "--dry-run", "--show-statements", "-o", format]);
        assert_eq!(dry.code, 0, "{dry:?}");
        let shows_calls = ["text", "json", "yaml"].contains(&format);
        assert_eq!(dry.out.contains("********"), shows_calls, "{dry:?}");
        clean("a dry run", &(dry.out + &dry.err));
    }
    assert_eq!(web.asked()[0], "/echo/?t=tok-%22en%5C4f9a", "it was sent as it is");
    let journals = texts(&ordctl.data_dir());
    assert!(journals.contains("Bearer ********"), "{journals}");
    clean("the journal", &journals);
    let rows = output(cluster().client("pg_dump", &database.name).arg("--data-only"));
    assert!(rows.contains("Bearer ********"), "{rows}");
    clean("the database", &rows);
}

#[test]
fn a_missing_secret_is_named() {
    let web = Web::start();
    let ordctl = configured(&web);
    for (name, words) in [
        (
            "nothing",
            "secret 'nothing' is missing: no file in secrets.dir and no variable ORDCTL_SECRET_NOTHING",
        ),
        ("pin", "secret 'pin' is too short to be masked: it has fewer than 4 characters"),
    ] {
        let step = format!("uses: shell.exec, with: {{ program: /bin/sh, stdin: '${{secret:{name}}}' }}");
        let output = refused(&ordctl, &[&step]);
        assert_eq!(output.code, 4, "{output:?}");
        assert!(output.err.contains(words) && !output.err.contains("123"), "{output:?}");
    }
    let output =
        refused(&ordctl, &["uses: shell.exec, with: { program: /bin/sh, stdin: '${secret:no name}' }"]);
    assert_eq!(output.code, 64, "{output:?}");
}

/// A secret never meets an expression, and no other parameter takes one.
#[test]
fn a_secret_goes_only_into_a_declared_parameter() {
    let web = Web::start();
    let ordctl = configured(&web);
    for (step, words) in [
        ("uses: transform, with: { expr: \"reverse('${secret:token}')\" }", "transform takes no secrets"),
        ("uses: transform, with: { expr: '@', data: ['${secret:token}'] }", "transform takes no secrets"),
        ("uses: log, with: { message: 'x ${secret:token}' }", "log takes no secrets"),
        ("uses: wait, with: { seconds: '${secret:token}' }", "wait takes no secrets"),
        (
            "uses: event.publish, with: { topic: t, payload: { a: '${secret:token}' } }",
            "event.publish takes no secrets",
        ),
        (
            "uses: shell.exec, with: { program: /bin/sh, args: ['${secret:token}'] }",
            "shell.exec takes secrets only in env, stdin",
        ),
        (
            "uses: http.request, with: { url: 'http://127.0.0.1:1/', method: '${secret:token}' }",
            "http.request takes secrets only in url, headers, query, body",
        ),
    ] {
        let output = refused(&ordctl, &[step]);
        assert_eq!(output.code, 64, "{output:?}");
        let all = output.out + &output.err;
        assert!(all.contains(words), "{step}: {all}");
        clean(step, &all);
    }
}

/// A host is looked up, printed, and in lower case.
#[test]
fn a_secret_in_a_urls_host_is_refused() {
    let web = Web::start();
    let ordctl = configured(&web);
    let secret =
        |name: &str, text: &str| std::fs::write(ordctl.home().join("secrets").join(name), text).unwrap();
    secret("host", "CANARY-Host");
    secret("login", "CANARY/x");
    secret("url", &format!("http://CANARY-Host.localhost:{}/", web.port));
    let port = web.port;
    for url in [
        "http://${secret:host}/".to_owned(),
        "http://a.${secret:host}.example:80/".to_owned(),
        "${secret:url}".to_owned(),
        format!("http://u:${{secret:login}}@127.0.0.1:{port}/"),
    ] {
        let output = refused(&ordctl, &[&format!("uses: http.request, with: {{ url: '{url}' }}")]);
        let all = output.out + &output.err;
        assert_eq!(output.code, 4, "{url}: {all}");
        assert!(all.contains("not in the host"), "{url}: {all}");
        assert!(!all.to_lowercase().contains("canary"), "{url}: {all}");
    }
    secret("path", "CANARY-Path");
    let step = format!(
        "id: x, uses: http.request, with: {{ url: 'http://127.0.0.1:{port}/a/${{secret:path}}?b=${{secret:path}}' }}"
    );
    let (code, report) = run(&ordctl, &[&step]);
    assert_eq!(code, 0, "{report}");
    assert_eq!(web.asked(), ["/a/CANARY-Path?b=CANARY-Path"]);
    assert!(!report.to_string().contains("CANARY"), "{report}");
}

#[test]
fn text_that_is_not_a_secret_is_not_masked() {
    let web = Web::start();
    let (code, report) = run(&configured(&web), &["id: log, uses: log, with: { message: 'tok-en' }"]);
    assert_eq!((code, summary(&report, "log")), (0, "log: tok-en"));
}
