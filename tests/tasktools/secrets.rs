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
        "id: log, uses: log, with: { message: 'it is ${secret:token}, then ${secret:mail.key}' }",
        "id: shape, uses: transform, save_as: shape, with: { expr: '{a: @, b: [@]}', data: '${secret:token}' }",
        &format!(
            "id: send, uses: http.request, save_as: sent, with: {{ method: POST, url: '{url}/echo/', \
             headers: {{ authorization: 'Bearer ${{secret:mail.key}}' }}, query: {{ t: '${{secret:token}}' }}, \
             body: {{ k: '${{secret:token}}' }} }}"
        ),
        "id: exec, uses: shell.exec, save_as: out, with: { program: /bin/sh, \
         args: [-c, 'printf %065530d%s 0 \"$T\"; printf %s \"$T\" >&2'], env: { T: '${secret:token}' } }",
        "id: again, uses: log, with: { message: '${steps.sent} ${steps.shape}' }",
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
        let dry = ordctl.run(&["run", path, "--dry-run", "-o", format]);
        assert_eq!(dry.code, 0, "{dry:?}");
        assert!(dry.out.contains("********"), "{dry:?}");
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
        let output = refused(&ordctl, &[&format!("uses: log, with: {{ message: '${{secret:{name}}}' }}")]);
        assert_eq!(output.code, 4, "{output:?}");
        assert!(output.err.contains(words) && !output.err.contains("123"), "{output:?}");
    }
    let output = refused(&ordctl, &["uses: log, with: { message: '${secret:no name}' }"]);
    assert_eq!(output.code, 64, "{output:?}");
}

/// A tool quotes a value that it cannot parse in its error.
#[test]
fn parameters_that_do_not_fit_keep_the_secret() {
    let web = Web::start();
    let output = refused(&configured(&web), &["uses: wait, with: { seconds: '${secret:token}' }"]);
    assert!(output.err.contains("'********' is not a duration"), "{output:?}");
    clean("the error", &output.err);
}

#[test]
fn text_that_is_not_a_secret_is_not_masked() {
    let web = Web::start();
    let (code, report) = run(&configured(&web), &["id: log, uses: log, with: { message: 'tok-en' }"]);
    assert_eq!((code, summary(&report, "log")), (0, "log: tok-en"));
}
