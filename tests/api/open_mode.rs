//! Open mode: who may act as `system` while no credentials exist.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::process::Command;

use super::Api;
use crate::support::systems::{free_port, until};
use crate::support::{Guard, User, left_out};

/// The status and body of a request by curl, which runs as `user` if given.
fn curl(user: Option<User>, args: &[&str]) -> (u16, String) {
    let mut command = Command::new("curl");
    command.args(["-sS", "--noproxy", "*", "-w", "\n%{http_code}"]).args(args).current_dir("/");
    if let Some(user) = user {
        command.uid(user.uid).gid(user.gid);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap();
    (status.parse().unwrap(), body.to_owned())
}

/// Tries to create an admin agent; it must be refused with the hint.
async fn assert_refused(api: &Api, what: &str, user: Option<User>, url: &str, args: &[&str]) {
    let url = format!("{url}/agents");
    let body = r#"{"name": "intruder", "scopes": ["admin"]}"#;
    let mut all = vec!["-d", body, "-H", "content-type: application/json", &url];
    all.extend(args);
    let (status, body) = curl(user, &all);
    assert_eq!(status, 401, "{what}: {body}");
    assert!(body.contains("ordctl agent create root --scope admin --yes"), "{what}: {body}");
    let intruders = "SELECT count(*) FROM agent WHERE name = 'intruder'";
    assert_eq!(api.tables.db.value(intruders).await, "0", "{what}");
}

#[tokio::test]
async fn only_a_direct_request_of_the_own_user_acts_as_system() {
    let api = Api::start().await;
    let own = curl(None, &[&format!("{}/tasks", api.url)]);
    assert_eq!(own.0, 200, "{own:?}");
    for header in [
        "Forwarded: for=192.0.2.1",
        "X-Forwarded-For: 192.0.2.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: tasks.example",
        "X-Real-IP: 192.0.2.1",
        "Via: 1.1 proxy",
        "Origin: http://localhost",
        "Host: tasks.example",
    ] {
        assert_refused(&api, header, None, &api.url, &["-H", header]).await;
    }
    assert_refused(&api, "HTTP/1.0", None, &api.url, &["--http1.0"]).await;
    // Only root can start a program as another user.
    if let Some(other) = User::for_postgres() {
        assert_refused(&api, "another user", Some(other), &api.url, &[]).await;
    }
}

/// An nginx whose workers run as `user`; ends with the guard.
fn nginx(user: Option<User>, listen: u16, location: &str) -> (Guard, String) {
    let dir = tempfile::tempdir().unwrap().keep();
    let conf = format!(
        "daemon off;\nmaster_process off;\npid nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
         access_log off;\nclient_body_temp_path b;\nproxy_temp_path p;\nfastcgi_temp_path f;\n\
         uwsgi_temp_path u;\nscgi_temp_path s;\n\
         server {{ listen 127.0.0.1:{listen}; location / {{ {location} }} }}\n}}\n"
    );
    std::fs::write(dir.join("nginx.conf"), conf).unwrap();
    if let Some(user) = user {
        chown(&dir, Some(user.uid), Some(user.gid)).unwrap();
    }
    let start = "cd \"$1\"; PATH=$PATH:/usr/sbin; nginx -p . -c nginx.conf -e stderr >log 2>&1 & pid=$!";
    let guard = Guard::new(start, "kill $pid; wait; rm -rf \"$1\"", &[&dir], user);
    let url = format!("http://127.0.0.1:{listen}");
    until(&format!("curl -sS --noproxy '*' -o /dev/null {url}/health/live"));
    (guard, url)
}

#[tokio::test]
async fn a_stranger_behind_a_reverse_proxy_is_not_system() {
    if left_out("a_stranger_behind_a_reverse_proxy_is_not_system", &["nginx"]) {
        return;
    }
    let api = Api::start().await;
    let pass = format!("proxy_pass {};", api.url);
    let like_a_program = format!("{pass} proxy_http_version 1.1; proxy_set_header Connection ''; ");
    let www = User::for_postgres();
    let mut cases = vec![("a plain proxy of the own user", None, pass.clone())];
    if www.is_some() {
        cases.push(("a plain proxy", www, pass));
        cases.push(("a proxy that adds nothing", www, like_a_program));
    }
    for (what, user, location) in cases {
        let (_nginx, url) = nginx(user, free_port(), &location);
        let (status, _) = curl(None, &[&format!("{url}/health/live")]);
        assert_eq!(status, 200, "{what} reaches the server");
        assert_refused(&api, what, None, &url, &[]).await;
    }
}
