//! Valid pipelines pass; each kind of issue is reported with its path.

use std::sync::OnceLock;

use serde_json::json;

use super::*;

fn registry() -> &'static Registry {
    static REGISTRY: OnceLock<Registry> = OnceLock::new();
    REGISTRY.get_or_init(Registry::builtin)
}

fn faults(pipeline: Value, params: Option<&[&str]>) -> Vec<(String, String)> {
    let (_, steps) = read(&json!({ "pipeline": pipeline })).unwrap();
    let found = check(&steps, registry(), &Queries::default(), params);
    found.into_iter().map(|f| (json!(f.loc).to_string(), f.message)).collect()
}

#[test]
fn a_sound_pipeline_has_no_fault() {
    let pipeline = json!([
        { "uses": "http.request", "with": { "url": "${params.url}", "query": { "n": "${params.n}", "m": 2 },
          "headers": { "authorization": "Bearer ${secret:api.token}" }, "expect": "${params.codes}" }, "save_as": "page" },
        { "id": "t", "uses": "transform", "with": { "expr": "length(@)", "data": "${steps.page.body}" }, "save_as": "n" },
        { "uses": "wait", "with": { "seconds": "${params.pause}" }, "if": "steps.n > `3` && event.urgent" },
        { "uses": "sql.query", "with": { "query": "queue_depth", "single": true } },
        { "uses": "check.query", "with": { "query": "tasks_active", "warn": 1, "worse": "lower" } },
        { "uses": "shell.exec", "with": { "program": "/bin/x", "args": [1, "a", true, "${task.id}"] } },
        { "uses": "log", "with": { "message": { "any": ["${now+1h}"] }, "level": "warn" }, "timeout_seconds": 86400 },
        { "uses": "log", "with": { "message": "$${steps.x} is no template" }, "max_retries": 10 },
    ]);
    assert_eq!(faults(pipeline.clone(), Some(&["url", "n", "codes", "pause"])), []);
    assert_eq!(faults(pipeline, None), []);
    assert_eq!(faults(json!([]), None), []);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn each_fault_is_found_in_its_place() {
    let url = "https://a.example/";
    for (step, loc, words) in [
        (json!({ "uses": "http.requst" }), json!([0, "uses"]), "did you mean 'http.request'?"),
        (json!({ "uses": "log" }), json!([0, "with", "message"]), "log needs 'message'"),
        (
            json!({ "uses": "log", "with": { "mesage": 1, "message": 1 } }),
            json!([0, "with", "mesage"]),
            "did you mean 'message'?",
        ),
        (
            json!({ "uses": "log", "with": { "message": "${steps.a.[}" } }),
            json!([0, "with", "message"]),
            "with: ${…}: ",
        ),
        (
            json!({ "uses": "log", "with": { "message": ["a", { "b": "x ${y" }] } }),
            json!([0, "with", "message", 1, "b"]),
            "no closing '}'",
        ),
        (
            json!({ "uses": "log", "with": { "message": "${secret:a b}" } }),
            json!([0, "with", "message"]),
            "is not a valid name",
        ),
        (
            json!({ "uses": "log", "with": { "message": 1 }, "if": "secret:a == `1`" }),
            json!([0, "if"]),
            "if: ",
        ),
        (
            json!({ "uses": "log", "with": { "message": 1 }, "if": "lenght(a)" }),
            json!([0, "if"]),
            "no function 'lenght'",
        ),
        (
            json!({ "uses": "log", "with": { "message": "${steps.later.x}" } }),
            json!([0, "with", "message"]),
            "no earlier step saves 'steps.later'",
        ),
        (
            json!({ "uses": "log", "with": { "message": 1 }, "if": "params.nmae" }),
            json!([0, "if"]),
            "did you mean 'name'?",
        ),
        (
            json!({ "uses": "log", "with": { "message": "${x}", "level": "loud" } }),
            json!([0, "with", "level"]),
            "unknown value 'loud'",
        ),
        (
            json!({ "uses": "http.request", "with": { "url": "${params.name}", "method": "FETCH" } }),
            json!([0, "with", "method"]),
            "'FETCH'",
        ),
        (
            json!({ "uses": "http.request", "with": { "url": "${params.name}", "expect": [200, "x"] } }),
            json!([0, "with", "expect", 1]),
            "must be an integer",
        ),
        (
            json!({ "uses": "http.request", "with": { "url": url, "expect": [99999] } }),
            json!([0, "with", "expect", 0]),
            "above the maximum 65535",
        ),
        (
            json!({ "uses": "http.request", "with": { "url": url, "headers": { "a": [1] } } }),
            json!([0, "with", "headers", "a"]),
            "not a list",
        ),
        (
            json!({ "uses": "wait", "with": { "seconds": "soon" } }),
            json!([0, "with"]),
            "'soon' is not a duration",
        ),
        (
            json!({ "uses": "transform", "with": { "expr": "a.[", "data": "${params.name}" } }),
            json!([0, "with", "expr"]),
            "transform: expr: ",
        ),
        (
            json!({ "uses": "check.query", "with": { "query": "tasks_actve" } }),
            json!([0, "with", "query"]),
            "there is no query 'tasks_actve'",
        ),
        (
            json!({ "uses": "check.promql", "with": { "query": "tasks_active" } }),
            json!([0, "with", "query"]),
            "there is no query",
        ),
        (
            json!({ "uses": "sql.query", "with": { "query": "postgres_privileges" } }),
            json!([0, "with", "query"]),
            "not marked for tasks",
        ),
        (
            json!({ "uses": "sql.query", "with": { "query": "queue_depth", "binds": { "a": "${now}" } } }),
            json!([0, "with", "query"]),
            "unknown value 'a'",
        ),
        (json!({ "uses": "noop", "timeout_seconds": -1 }), json!([0, "timeout_seconds"]), "at most 86400"),
        (json!({ "uses": "noop", "timeout_seconds": 0 }), json!([0, "timeout_seconds"]), "above 0"),
        (json!({ "uses": "noop", "timeout_seconds": 86401 }), json!([0, "timeout_seconds"]), "at most 86400"),
        (json!({ "uses": "noop", "max_retries": 11 }), json!([0, "max_retries"]), "the maximum is 10"),
    ] {
        let found = faults(json!([step]), Some(&["name"]));
        assert_eq!(found.len(), 1, "{step}: {found:?}");
        assert_eq!(found[0].0, loc.to_string(), "{step}: {found:?}");
        assert!(found[0].1.contains(words), "{step}: {found:?}");
    }
    let nan = Step { uses: "noop".into(), timeout_seconds: Some(f64::NAN), ..Step::default() };
    assert_eq!(check(&[nan], registry(), &Queries::default(), None).len(), 1);
}

#[test]
fn duplicate_ids_and_too_many_steps_are_found() {
    let ids = faults(
        json!([{ "id": "a", "uses": "noop" }, { "uses": "noop" }, { "id": "a", "uses": "noop" }]),
        None,
    );
    assert_eq!(ids, [("[2,\"id\"]".to_owned(), "duplicate id 'a'".to_owned())]);
    assert_eq!(faults(json!([{ "uses": "noop" }, { "uses": "noop" }]), None), []);

    let send = json!({ "uses": "http.request", "with": { "method": "POST", "url": "https://a.example/" } });
    let mut named = send.clone();
    named["id"] = json!("second");
    let get = json!({ "uses": "http.request", "with": { "url": "https://a.example/" } });
    assert_eq!(faults(json!([send, named, get, get]), None), []);
    assert_eq!(faults(json!([send, send]), None)[0].0, "[1,\"uses\"]", "they would have one Idempotency-Key");

    let many = vec![json!({ "uses": "noop" }); MAX_STEPS];
    assert_eq!(faults(json!(many), None), []);
    let more = [many, vec![json!({ "uses": "noop" })]].concat();
    assert_eq!(faults(json!(more), None)[0].0, "[]");
}

#[test]
fn a_payload_is_read_with_the_place_of_what_has_no_right_shape() {
    let payload = json!({ "params": { "a": 1 }, "pipeline": [{ "uses": "noop", "with": null, "if": null }], "note": [] });
    let (params, steps) = read(&payload).unwrap();
    assert_eq!((json!(params), steps[0].uses.as_str()), (json!({ "a": 1 }), "noop"));
    assert_eq!(read(&json!({ "pipeline": [] })).unwrap().1, []);
    for (payload, loc) in [
        (json!([]), json!([])),
        (json!({}), json!(["pipeline"])),
        (json!({ "pipeline": null }), json!(["pipeline"])),
        (json!({ "pipeline": {} }), json!(["pipeline"])),
        (json!({ "params": [], "pipeline": [] }), json!(["params"])),
        (json!({ "pipeline": ["noop"] }), json!(["pipeline", 0])),
        (json!({ "pipeline": [{}] }), json!(["pipeline", 0, "uses"])),
        (json!({ "pipeline": [{ "uses": null }] }), json!(["pipeline", 0, "uses"])),
        (json!({ "pipeline": [{ "uses": "noop", "wiht": {} }] }), json!(["pipeline", 0, "wiht"])),
        (json!({ "pipeline": [{ "uses": "noop", "with": [] }] }), json!(["pipeline", 0, "with"])),
        (json!({ "pipeline": [{ "uses": "noop", "if": true }] }), json!(["pipeline", 0, "if"])),
        (
            json!({ "pipeline": [{ "uses": "noop", "timeout_seconds": "5" }] }),
            json!(["pipeline", 0, "timeout_seconds"]),
        ),
        (
            json!({ "pipeline": [{ "uses": "noop", "max_retries": -1 }] }),
            json!(["pipeline", 0, "max_retries"]),
        ),
        (
            json!({ "pipeline": [{ "uses": "noop", "max_retries": 1.5 }] }),
            json!(["pipeline", 0, "max_retries"]),
        ),
    ] {
        let found = read(&payload).unwrap_err();
        assert_eq!(found.len(), 1, "{payload}: {found:?}");
        assert_eq!(json!(found[0].loc), loc, "{payload}");
    }
    let several = read(&json!({ "pipeline": [{ "x": 1 }, {}] })).unwrap_err();
    assert_eq!(several.len(), 3, "all of them are reported");
}
