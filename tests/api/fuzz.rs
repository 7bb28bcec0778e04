//! A stateful fuzzer driven by `/openapi.json`. It sends valid and invalid requests with all kinds of credentials and
//! reuses ids from earlier answers. No answer is a 5xx, every answer matches the description, and no request passes
//! without the required scope.
//!
//! `ORDCTL_FUZZ_SEED` repeats a run, `ORDCTL_FUZZ_REQUESTS` sets its length.

use std::collections::HashMap;

use fastrand::Rng;
use jsonschema::Validator;
use reqwest::Method;
use serde_json::{Map, Value, json};

use super::{Api, NOBODY, SYSTEM};

/// One method of one path, as it is described.
struct Operation {
    method: String,
    path: String,
    described: Value,
    /// None: public. Empty: any credentials.
    needs: Option<String>,
    answers: HashMap<u16, Option<Validator>>,
}

struct Fuzzer {
    rng: Rng,
    document: Value,
    operations: Vec<Operation>,
    /// Scope and key; the last is no key.
    bearers: Vec<(&'static str, String)>,
    ids: Vec<String>,
    texts: Vec<String>,
}

impl Fuzzer {
    fn new(document: Value, bearers: Vec<(&'static str, String)>, seed: u64) -> Self {
        let mut operations = Vec::new();
        for (path, methods) in document["paths"].as_object().unwrap() {
            for (method, described) in methods.as_object().unwrap() {
                // An endless stream.
                if path != "/runs/stream" {
                    operations.push(operation(&document, method, path, described));
                }
            }
        }
        let words = [
            "",
            "a",
            "topic",
            "${",
            "a\u{0}b",
            "'; DROP TABLE task; --",
            "\u{202e}☃",
            "1",
            "2026-11-21T00:00:00Z",
            "* * * * *",
            "0 3 * * 1-5",
            "FREQ=DAILY;COUNT=3",
            "query: tasks_active > 0 every 5m",
        ];
        let ids = vec![NOBODY.to_owned(), SYSTEM.to_owned(), "7".to_owned(), "%00".to_owned()];
        Self {
            rng: Rng::with_seed(seed),
            document,
            operations,
            bearers,
            ids,
            texts: words.map(str::to_owned).to_vec(),
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(name) => self.document.pointer(name.trim_start_matches('#')).unwrap(),
            None => schema,
        }
    }

    /// A value that fits the schema, mostly.
    fn value(&mut self, schema: &Value, depth: u32) -> Value {
        let schema = self.resolve(schema).clone();
        if depth > 5 || self.rng.u32(..40) == 0 {
            return self.odd();
        }
        if let Some(all) = schema["enum"].as_array() {
            return self.rng.choice(all).unwrap().clone();
        }
        if let Some(all) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            let one = self.rng.choice(all).unwrap().clone();
            return self.value(&one, depth + 1);
        }
        if let Some(word) = schema.get("const") {
            return word.clone();
        }
        let kind = match &schema["type"] {
            Value::String(kind) => kind.clone(),
            Value::Array(kinds) => self.rng.choice(kinds).unwrap().as_str().unwrap().to_owned(),
            _ => return self.odd(),
        };
        match kind.as_str() {
            "null" => Value::Null,
            "boolean" => json!(self.rng.bool()),
            "integer" | "number" => {
                let low = schema["minimum"].as_i64().unwrap_or(-5);
                let high = schema["maximum"].as_i64().unwrap_or(1000);
                json!(self.rng.i64(low..=high))
            }
            "string" if schema["format"] == "uuid" => json!(self.rng.choice(&self.ids).unwrap()),
            "string" => json!(self.rng.choice(&self.texts).unwrap()),
            "array" => {
                let count = self.rng.usize(..3);
                (0..count).map(|_| self.value(&schema["items"], depth + 1)).collect()
            }
            _ => self.object(&schema, depth),
        }
    }

    fn object(&mut self, schema: &Value, depth: u32) -> Value {
        let mut all = Map::new();
        let needed: Vec<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, of) in schema["properties"].as_object().cloned().unwrap_or_default() {
            let wanted =
                if needed.contains(&name.as_str()) { self.rng.u32(..30) > 0 } else { self.rng.u32(..4) == 0 };
            if wanted {
                let value = self.value(&of, depth + 1);
                all.insert(name, value);
            }
        }
        if all.contains_key("pipeline") && self.rng.bool() {
            let steps = [
                json!([]),
                json!([{"uses": "noop"}]),
                json!([{"uses": "log", "with": {"message": "${params.a}"}}]),
                json!([{"uses": 7}]),
                json!([{"uses": "wait", "with": {"seconds": "soon"}}]),
            ];
            all.insert("pipeline".into(), self.rng.choice(&steps).unwrap().clone());
        }
        if depth == 0 && self.rng.u32(..3) > 0 {
            self.make_consistent(&mut all);
        }
        if self.rng.u32(..30) == 0 {
            all.insert("unknown".into(), json!(1));
        }
        Value::Object(all)
    }

    /// Sets values that must fit each other.
    fn make_consistent(&mut self, all: &mut Map<String, Value>) {
        let schedules = [
            ("event", "topic"),
            ("cron", "0 3 * * 1-5"),
            ("rrule", "FREQ=DAILY;COUNT=3"),
            ("once", "2099-01-01T00:00:00Z"),
            ("condition", "query: tasks_active > 0 every 5m"),
        ];
        let (kind, expr) = *self.rng.choice(&schedules).unwrap();
        let name = format!("n{}", self.rng.u32(..200));
        let good = [
            ("title", json!("a title")),
            ("description", json!("what it is for")),
            ("timezone", json!("UTC")),
            ("schedule_kind", json!(kind)),
            ("schedule_expr", json!(expr)),
            ("created_by", json!(SYSTEM)),
            ("source_agent_id", Value::Null),
            ("concurrency_key", json!("k")),
            ("dedupe_key", json!(name)),
            ("name", json!(name)),
            ("scopes", json!(["tasks:read"])),
            ("webhook_url", Value::Null),
            ("payload", json!({"pipeline": [{"uses": "noop"}]})),
        ];
        let both = all.contains_key("schedule_kind");
        for (key, value) in good {
            if all.contains_key(key) || (both && key == "schedule_expr") {
                all.insert(key.to_owned(), value);
            }
        }
    }

    fn odd(&mut self) -> Value {
        let odd = [
            json!(null),
            json!(-1),
            json!(1e300),
            json!("x".repeat(5000)),
            json!([[[]]]),
            json!({"a": {"b": []}}),
            json!(true),
            json!("\u{0}"),
            json!(i64::MAX),
        ];
        self.rng.choice(&odd).unwrap().clone()
    }

    /// Stores ids of an answer for later requests.
    fn learn(&mut self, answer: &Value) {
        for pointer in ["/id", "/items/0/id", "/details/run_id", "/details/event_id", "/agent_id"] {
            if let Some(id) = answer.pointer(pointer).and_then(Value::as_str) {
                self.ids.push(id.to_owned());
            }
        }
        for pointer in ["/next_cursor", "/refresh_token", "/agent_secret"] {
            if let Some(text) = answer.pointer(pointer).and_then(Value::as_str) {
                self.texts.push(text.to_owned());
            }
        }
        if self.ids.len() > 60 {
            self.ids.drain(4..30);
        }
        if self.texts.len() > 60 {
            self.texts.drain(13..30);
        }
    }
}

fn operation(document: &Value, method: &str, path: &str, described: &Value) -> Operation {
    let needs = described["security"].as_array().unwrap().first();
    let needs = needs.map(|s| s["bearer"].get(0).map_or("", |n| n.as_str().unwrap()).to_owned());
    let mut answers = HashMap::new();
    for (status, answer) in described["responses"].as_object().unwrap() {
        let validator = answer["content"].get("application/json").map(|content| {
            let mut schema = content["schema"].clone();
            if schema.is_boolean() {
                schema = json!({});
            }
            schema["components"] = document["components"].clone();
            jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
        });
        answers.insert(status.parse().unwrap(), validator);
    }
    Operation {
        method: method.to_owned(),
        path: path.to_owned(),
        described: described.clone(),
        needs,
        answers,
    }
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

#[tokio::test]
async fn every_answer_matches_the_description() {
    let seed = number("ORDCTL_FUZZ_SEED", fastrand::u64(..));
    println!("ORDCTL_FUZZ_SEED={seed}");
    let rates = "api: { rate_per_agent: 0, rate_per_address: 0 }\n";
    let mut api = Api::set(&[], |s| s.more = rates.into()).await;
    let (_, document) = api.get("/openapi.json").await;
    let scopes = ["tasks:read", "tasks:write", "runs:read", "events:write", "agents:admin", "admin"];
    let mut bearers: Vec<(&str, String)> = scopes.iter().map(|s| (*s, api.agent(s, &[s]))).collect();
    bearers.push(("nobody", "ok_00000000000000000000000000000001_x".to_owned()));
    let mut fuzzer = Fuzzer::new(document, bearers, seed);
    let mut passed = vec![0; fuzzer.operations.len()];
    for _ in 0..number("ORDCTL_FUZZ_REQUESTS", 1500) {
        let at = fuzzer.rng.usize(..fuzzer.operations.len());
        passed[at] += u32::from(one(&mut api, &mut fuzzer, at).await);
    }
    // Guards against a fuzzer whose requests all fail.
    let never = fuzzer.operations.iter().zip(&passed).filter(|(_, n)| **n == 0);
    let never: Vec<String> = never.map(|(o, _)| format!("{} {}", o.method, o.path)).collect();
    println!("never passed: {never:?}");
    assert!(never.len() < passed.len() / 3, "{never:?}");
}

/// One request. Returns whether it passed.
async fn one(api: &mut Api, fuzzer: &mut Fuzzer, at: usize) -> bool {
    let described = fuzzer.operations[at].described.clone();
    let (scope, bearer) = match fuzzer.rng.bool() {
        true => fuzzer.bearers[5].clone(),
        false => fuzzer.rng.choice(&fuzzer.bearers).unwrap().clone(),
    };
    api.bear(&bearer);
    let id = fuzzer.rng.choice(&fuzzer.ids).unwrap().clone();
    let mut path = fuzzer.operations[at].path.replace("{id}", &id);
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for parameter in described["parameters"].as_array().unwrap() {
        if parameter["in"] == "query" && fuzzer.rng.u32(..3) == 0 {
            let value = fuzzer.value(&parameter["schema"], 4);
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            query.append_pair(parameter["name"].as_str().unwrap(), &text);
        }
    }
    let query = query.finish();
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    let method: Method = fuzzer.operations[at].method.to_uppercase().parse().unwrap();
    let mut request = api.request(method.clone(), &path);
    let mut body = Value::Null;
    if described.get("requestBody").is_some() {
        body = fuzzer.value(&described["requestBody"]["content"]["application/json"]["schema"], 0);
        // Keep the credentials of the fuzzer.
        if path.starts_with("/agents/auth/revoke") {
            body = json!({"refresh_token": "or_x"});
        }
        request = request.json(&body);
    }
    let mine = path.starts_with("/agents/") && ["PUT", "DELETE"].contains(&method.as_str());
    if mine && scope == "admin" {
        return false;
    }
    if described["parameters"].to_string().contains("Idempotency-Key") && fuzzer.rng.u32(..4) == 0 {
        request = request.header("Idempotency-Key", fuzzer.rng.u32(..50).to_string());
    }
    let sent = request.send().await.unwrap();
    let status = sent.status().as_u16();
    let text = sent.text().await.unwrap();
    let what = format!("{scope}: {method} {path} {body}\n{status} {text}");
    let operation = &fuzzer.operations[at];
    // Only logins have a rate limit here.
    assert!(status < 500, "{what}");
    let validator = operation.answers.get(&status).unwrap_or_else(|| panic!("not described: {what}"));
    let answer: Value = serde_json::from_str(&text).unwrap_or_default();
    if let Some(validator) = validator {
        let wrong: Vec<String> =
            validator.iter_errors(&answer).map(|e| format!("{e} at {}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{wrong:?}: {what}");
    }
    let may = match operation.needs.as_deref() {
        None => true,
        Some("") => scope != "nobody",
        Some(needs) => scope == needs || scope == "admin",
    };
    assert!(may || status == 401 || status == 403, "who may not has passed: {what}");
    assert!(scope != "nobody" || operation.needs.is_none() || status == 401, "nobody has passed: {what}");
    if status < 300 {
        fuzzer.learn(&answer);
    }
    status < 300
}
