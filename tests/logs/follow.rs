//! `logs --follow`: new lines, new containers, restarts and the end.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use rustix::process::{Pid, Signal, kill_process};

use super::Project;
use crate::support::proxy::{Fault, Proxy};
use crate::support::recorder::ENGINE;
use crate::support::systems::shell;
use crate::support::{DEADLINE, left_out, run_until};

#[test]
fn follow_shows_new_lines_of_old_and_new_containers_until_interrupted() {
    if left_out("follow_shows_new_lines_of_old_and_new_containers_until_interrupted", &["docker"]) {
        return;
    }
    let project = Project::new("follow");
    let api = project.start("api", 1, "json-file");
    project.say(&api, &["before", "noise"]);
    let ordctl = project.ordctl(&["api"], "");
    let mut child = ordctl.spawn(&["logs", "--follow", "--exclude", "noise", "-o", "json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    // A missing line shows as a hang that the harness reports.
    let mut next = || {
        let line: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        (line["container"].as_str().unwrap().to_owned(), line["message"].as_str().unwrap().to_owned())
    };
    let of = |container: &str, message: &str| (container.to_owned(), message.to_owned());
    assert_eq!(next(), of(&api, "before"));
    project.say(&api, &["noise", "after"]);
    assert_eq!(next(), of(&api, "after"));

    let two = project.start("api", 2, "local");
    let stranger = project.start("other", 1, "json-file");
    project.say(&stranger, &["not of the service"]);
    project.say(&two, &["hello from the second"]);
    assert_eq!(next(), of(&two, "hello from the second"));

    shell(&format!("docker restart -t 0 {api}"));
    project.say(&api, &["up again"]);
    assert_eq!(next(), of(&api, "up again"), "no line is repeated");

    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert!(lines.next().is_none());

    // The last lines, then the new ones.
    let mut child = ordctl.spawn(&["logs", "-f", "-n", "2", "-o", "json"]);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || {
        let line: serde_json::Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        line["message"].as_str().unwrap().to_owned()
    };
    assert_eq!((next().as_str(), next().as_str()), ("hello from the second", "up again"));
    project.say(&two, &["newest"]);
    assert_eq!(next(), "newest");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

/// `ordctl logs -f | head -1` ends.
#[test]
fn follow_ends_when_the_reader_closes_the_pipe() {
    if left_out("follow_ends_when_the_reader_closes_the_pipe", &["docker"]) {
        return;
    }
    let project = Project::new("head");
    let api = project.start("api", 1, "json-file");
    project.say(&api, &["one"]);
    let ordctl = project.ordctl(&["api"], "");
    let mut child = ordctl.spawn(&["logs", "-f"]);
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.ends_with("one\n"), "{line}");
    drop(reader);
    project.say(&api, &["two"]);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// The streams of logs and events stay open and say nothing more, as a quiet service's do.
#[test]
fn follow_ends_when_the_engine_falls_silent() {
    if left_out("follow_ends_when_the_engine_falls_silent", &["docker"]) {
        return;
    }
    let project = Project::new("silent");
    let api = project.start("api", 1, "json-file");
    project.say(&api, &["one"]);
    let proxy = Proxy::to_socket(Path::new(ENGINE));
    let ordctl = project.ordctl(&["api"], "").with("DOCKER_HOST", format!("tcp://127.0.0.1:{}", proxy.port));
    let mut child = ordctl.spawn(&["logs", "-f"]);
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    assert!(line.ends_with("one\n"), "{line}");
    proxy.all(Fault::Silent);
    let mut stderr = child.stderr.take().unwrap();
    assert_eq!(run_until(child, DEADLINE).code(), Some(3));
    let mut said = String::new();
    stderr.read_to_string(&mut said).unwrap();
    assert!(said.contains("the engine does not answer within 10 s"), "{said}");
}
