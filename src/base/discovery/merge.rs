//! Merges the files of a compose project (Compose specification, "Merge and override"): mappings by key, lists
//! appended, scalars and commands replaced. Lists of pairs become mappings first, as `environment: [A=b]`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::base::yaml;

/// Keys whose value a later file replaces.
const REPLACED: [&str; 3] = ["command", "entrypoint", "test"];

/// Tags such as `!reset` by the keys that lead to them.
type Tags = BTreeMap<Vec<String>, String>;

/// A file of a project.
pub(super) struct Layer {
    values: Map<String, Value>,
    tags: Tags,
}

impl Layer {
    /// Reads the text of a file; `shown` is its name in errors.
    pub(super) fn parse(text: &str, shown: &str) -> Result<Self, String> {
        let values = yaml::parse::<Map<String, Value>>(text, shown);
        let mut values = values.map_err(|e| format!("{} is ignored", e.message))?;
        let services = values.get_mut("services").and_then(Value::as_object_mut);
        services.into_iter().flat_map(Map::values_mut).for_each(normalize);
        let tags = yaml::tags(text).into_iter().map(|tag| (tag.keys, tag.name));
        Ok(Self { values, tags: tags.collect() })
    }

    /// Merges this file into those before it.
    pub(super) fn merge_into(self, tree: &mut Map<String, Value>) {
        merge(tree, self.values, &mut Vec::new(), &self.tags);
    }
}

fn merge(under: &mut Map<String, Value>, over: Map<String, Value>, path: &mut Vec<String>, tags: &Tags) {
    for (key, value) in over {
        path.push(key.clone());
        let tag = tags.get(path.as_slice()).map(String::as_str);
        match (tag, under.get_mut(&key), value) {
            (Some("reset"), ..) => drop(under.shift_remove(&key)),
            (Some("override"), _, value) => drop(under.insert(key, value)),
            (_, Some(Value::Object(under)), Value::Object(over)) => merge(under, over, path, tags),
            (_, Some(Value::Array(under)), Value::Array(over)) if !REPLACED.contains(&key.as_str()) => {
                under.extend(over);
            }
            // A key without a value says nothing.
            (_, Some(Value::Object(_) | Value::Array(_)), Value::Null) => {}
            // The new mapping may hold tags.
            (_, None, Value::Object(over)) => {
                let mut new = Map::new();
                merge(&mut new, over, path, tags);
                under.insert(key, Value::Object(new));
            }
            (.., value) => drop(under.insert(key, value)),
        }
        path.pop();
    }
}

/// Gives what may be written in several forms the one that is merged.
fn normalize(service: &mut Value) {
    let Some(service) = service.as_object_mut() else { return };
    if let Some(Value::Array(all)) = service.get_mut("environment") {
        let pairs = all.iter().filter_map(Value::as_str).map(|line| match line.split_once('=') {
            Some((name, value)) => (name.to_owned(), json!(value)),
            None => (line.to_owned(), Value::Null),
        });
        let pairs: Map<String, Value> = pairs.collect();
        service.insert("environment".to_owned(), Value::Object(pairs));
    }
    if let Some(Value::Array(all)) = service.get_mut("depends_on") {
        let started = |name: &str| (name.to_owned(), json!({ "condition": "service_started" }));
        let needs: Map<String, Value> = all.iter().filter_map(Value::as_str).map(started).collect();
        service.insert("depends_on".to_owned(), Value::Object(needs));
    }
    if let Some(file @ Value::String(_)) = service.get_mut("env_file") {
        *file = json!([file.take()]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(texts: &[&str]) -> Value {
        let mut tree = Map::new();
        texts.iter().for_each(|text| Layer::parse(text, "compose.yaml").unwrap().merge_into(&mut tree));
        tree.remove("services").unwrap().get("db").unwrap().clone()
    }

    #[test]
    fn lists_of_pairs_and_mappings_are_merged_by_key() {
        for (first, second) in [
            ("[A=1, B=2]", "{ B: 3, C: null }"),
            ("{ A: '1', B: 2 }", "[B=3, C]"),
            ("[A=1, B=2]", "[B=3, C]"),
            ("{ A: '1' }", "{ B: 3, C: }"),
        ] {
            let of = |environment| format!("services: {{ db: {{ environment: {environment} }} }}\n");
            let found = merged(&[&of(first), &of(second), "services: { db: { environment: } }"]);
            let found = found["environment"].as_object().unwrap().clone();
            let text = |key: &str| found[key].to_string().replace('"', "");
            assert_eq!([text("A"), text("B"), text("C")], ["1", "3", "null"], "{first} {second}");
        }
    }

    #[test]
    fn lists_are_appended_and_commands_replaced() {
        let first = "services: { db: { env_file: a, command: [x], healthcheck: { test: [CMD, x] }, ports: ['1:1'], \
                     depends_on: [web] } }";
        let second = "services: { db: { env_file: [b], command: [b], healthcheck: { test: [CMD, b] }, ports: ['2:2'], \
                      depends_on: { job: { condition: service_completed_successfully } } } }";
        let expected = json!({
            "env_file": ["a", "b"], "command": ["b"], "healthcheck": { "test": ["CMD", "b"] },
            "ports": ["1:1", "2:2"],
            "depends_on": {
                "web": { "condition": "service_started" },
                "job": { "condition": "service_completed_successfully" },
            },
        });
        assert_eq!(merged(&[first, second]), expected);
    }

    /// (Compose specification, "Reset value" and "Replace value".)
    #[test]
    fn tags_reset_and_replace() {
        let first = "services: { db: { ports: ['1:1'], environment: [A=1, B=2], image: x, command: [x] } }";
        let second = "services:\n  db:\n    ports: !override ['2:2']\n    environment: { A: !reset null }\n    \
                      image: !reset x\n    command: !reset\n      - y\n";
        assert_eq!(merged(&[first, second]), json!({ "ports": ["2:2"], "environment": { "B": "2" } }));
        // Also in the first file.
        let found = merged(&["services: { db: { image: !reset x, ports: !override ['3:3'] } }"]);
        assert_eq!(found, json!({ "ports": ["3:3"] }));
    }
}
