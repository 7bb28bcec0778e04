//! `logs -n`: neither the whole log nor all of its bytes.

use std::io::Read;
use std::path::Path;

use super::{Project, messages};
use crate::support::left_out;
use crate::support::proxy::Proxy;
use crate::support::recorder::ENGINE;
use crate::support::systems::{shell, until};

/// Lets the container write lines with awk, and waits until its log has the last one, which contains `end`.
fn write(container: &str, program: &str) {
    let script = format!("/bin/busybox awk 'BEGIN {{ {program}; print \"end\" }}' >/proc/1/fd/1");
    shell(&format!("docker exec {container} /bin/busybox sh -c {}", shell_words::quote(&script)));
    until(&format!("docker logs --tail 1 {container} | grep -q end"));
}

const LONG: &str = "s = \"x\"; while (length(s) < 1000000) s = s s; s = substr(s, 1, 1000000)";

#[test]
fn the_last_lines_are_read_from_the_end_of_each_log() {
    if left_out("the_last_lines_are_read_from_the_end_of_each_log", &["docker"]) {
        return;
    }
    let project = Project::new("last");
    let (api, worker) = (project.start("api", 1, "local"), project.start("worker", 1, "json-file"));
    write(
        &api,
        "for (i = 0; i < 200000; i++) print \"line \" i \" of a log that is longer than what is asked for\"",
    );
    write(&worker, &format!("{LONG}; for (i = 0; i < 4; i++) print i s"));
    let proxy = Proxy::to_socket(Path::new(ENGINE));
    let far = format!("tcp://127.0.0.1:{}", proxy.port);
    let remote = project.ordctl(&["api", "worker"], "").with("DOCKER_HOST", far);
    let local = project.ordctl(&["api", "worker"], "");
    for ordctl in [&local, &remote] {
        let (code, lines) = messages(ordctl, &["-n", "3", "api"]);
        assert_eq!((code, lines.len(), lines[2].as_str()), (0, 3, "end"));
        assert!(lines[0].starts_with("line 199998 "), "{lines:?}");
    }
    assert!(proxy.received() < 1 << 20, "{} bytes of a log of 16 MB", proxy.received());
    // A line of many records is complete, and a short log is shown as a whole.
    let (code, lines) = messages(&local, &["-n", "3", "worker"]);
    let lengths: Vec<_> = lines.iter().map(|line| (&line[..1], line.len())).collect();
    assert_eq!((code, lengths), (0, vec![("2", 1_000_001), ("3", 1_000_001), ("e", 3)]));
    let (_, lines) = messages(&local, &["-n", "100", "worker"]);
    assert_eq!(lines.len(), 5);
    // Where lines are selected, those that match may be far from the end.
    let (_, lines) = messages(&local, &["-n", "1", "--grep", "line 17 "]);
    assert!(lines.len() == 1 && lines[0].starts_with("line 17 "), "{lines:?}");
}

#[test]
fn the_last_lines_are_bounded_in_bytes() {
    if left_out("the_last_lines_are_bounded_in_bytes", &["docker"]) {
        return;
    }
    let project = Project::new("bytes");
    let api = project.start("api", 1, "json-file");
    write(&api, &format!("{LONG}; for (i = 0; i < 150; i++) print i s"));
    let ordctl = project.ordctl(&["api"], "");
    let mut child = ordctl.spawn(&["logs", "-n", "140"]);
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    // It writes only when it has read everything, and waits while nobody reads.
    let mut text = vec![0];
    out.read_exact(&mut text).unwrap();
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap().trim();
    let kib: u64 = peak.split_whitespace().next().unwrap().parse().unwrap();
    assert!(kib < 120 << 10, "{peak}");
    out.read_to_end(&mut text).unwrap();
    let mut said = String::new();
    err.read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(3), "{said}");
    let lines = String::from_utf8(text).unwrap().lines().count();
    assert!(lines > 20 && lines < 40, "{lines}");
    assert!(said.contains(&format!("{} of the last 140 lines are left out", 140 - lines)), "{said}");
}
