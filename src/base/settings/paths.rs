//! Relative paths in a configuration file start at the directory of that file, wherever ordctl was started.

use std::path::Path;

use serde_json::{Map, Value};

/// The settings that are paths, or lists of paths. A reference such as `.env#NAME` starts with one.
const PATHS: [&str; 19] = [
    "data_dir",
    "database.password_file",
    "database.password_from",
    "database.passfile",
    "database.ca_file",
    "database.cert_file",
    "database.key_file",
    "redis.password_file",
    "redis.password_from",
    "redis.ca_file",
    "docker.cert_path",
    "prometheus.token_file",
    "alertmanager.token_file",
    "backup.dir",
    "backup.files",
    "backup.programs",
    "capacity.disk",
    "secrets.dir",
    "disks",
];
/// Lists of directories.
const DIRECTORIES: [&str; 2] = ["queries", "runbooks"];

/// Whether a setting is a path.
pub(crate) fn is_path<'a>(keys: impl Iterator<Item = &'a str> + Clone) -> bool {
    PATHS.iter().chain(&DIRECTORIES).any(|path| path.split('.').eq(keys.clone()))
}

/// Makes every relative path of a file relative to the working directory.
pub(super) fn resolve(tree: &mut Map<String, Value>, file: &Path) {
    // A file of the working directory keeps its paths as they were written.
    let Some(directory) = file.parent().filter(|dir| !dir.as_os_str().is_empty()) else { return };
    for path in PATHS.iter().chain(&DIRECTORIES) {
        let mut keys = path.split('.');
        let first = keys.next().and_then(|key| tree.get_mut(key));
        let value = keys.fold(first, |value, key| value.and_then(|v| v.get_mut(key)));
        value.into_iter().for_each(|value| join(value, directory));
    }
    let environments = tree.get_mut("environments").and_then(Value::as_object_mut);
    for environment in environments.into_iter().flat_map(|all| all.values_mut()) {
        environment.as_object_mut().into_iter().for_each(|tree| resolve(tree, file));
    }
}

fn join(value: &mut Value, directory: &Path) {
    match value {
        // An absolute path replaces the directory.
        Value::String(path) => *path = directory.join(&*path).to_string_lossy().into_owned(),
        Value::Array(all) => all.iter_mut().for_each(|value| join(value, directory)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn paths_start_at_the_file() {
        let given = json!({
            "database": { "password_file": "secrets/p", "ca_file": "/etc/ca.pem", "url": "postgresql://h/d" },
            "queries": ["mine", "/theirs"],
            "environments": { "staging": { "backup": { "dir": "b" } } },
        });
        let Value::Object(mut tree) = given else { panic!() };
        let unchanged = tree.clone();
        resolve(&mut tree, Path::new("ordctl.yaml"));
        assert_eq!(tree, unchanged);
        resolve(&mut tree, Path::new("/srv/app/ordctl.yaml"));
        let expected = json!({
            "database": { "password_file": "/srv/app/secrets/p", "ca_file": "/etc/ca.pem", "url": "postgresql://h/d" },
            "queries": ["/srv/app/mine", "/theirs"],
            "environments": { "staging": { "backup": { "dir": "/srv/app/b" } } },
        });
        assert_eq!(Value::Object(tree), expected);
    }

    /// The fields of every type of the settings with their types, except those that are no keys of the file.
    fn fields() -> BTreeMap<String, Vec<(String, String)>> {
        let mut all: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/base/settings");
        for file in std::fs::read_dir(directory).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let (mut name, mut is_skipped) = (None, false);
            for line in text.lines() {
                let words = line.trim_start_matches("pub(crate) ").trim_start_matches("pub ");
                if let Some(rest) = words.strip_prefix("struct ").filter(|rest| rest.ends_with(" {")) {
                    name = rest.split([' ', '<']).next().map(str::to_owned);
                } else if line.starts_with('}') {
                    name = None;
                } else if line.trim() == "#[serde(skip)]" {
                    is_skipped = true;
                } else if let (Some(name), Some((field, kind))) = (&name, line.trim().split_once(": ")) {
                    let field = field.rsplit(' ').next().unwrap().to_owned();
                    let is_field = !line.trim().starts_with("//") && !std::mem::take(&mut is_skipped);
                    let found = all.entry(name.clone()).or_default();
                    found.extend(is_field.then(|| (field, kind.trim_end_matches(',').to_owned())));
                }
            }
        }
        all
    }

    fn collect(prefix: &str, of: &str, all: &BTreeMap<String, Vec<(String, String)>>, out: &mut Vec<String>) {
        for (field, kind) in &all[of] {
            let word = |name: &str| kind.split(|c: char| !c.is_alphanumeric()).any(|word| word == name);
            let path = format!("{prefix}{field}");
            // The keys of another environment are these again.
            if ["PathBuf", "SecretReference"].iter().any(|name| word(name)) {
                out.push(path);
            } else if let Some(inner) = all.keys().find(|name| word(name) && *name != "Settings") {
                let any = if word("IndexMap") { ".*" } else { "" };
                collect(&format!("{path}{any}."), inner, all, out);
            }
        }
    }

    /// A new setting that is a path must be in the table.
    #[test]
    fn the_table_has_every_path_of_the_settings() {
        let mut found = Vec::new();
        collect("", "Settings", &fields(), &mut found);
        let mut table: Vec<&str> = PATHS.iter().chain(&DIRECTORIES).copied().collect();
        found.sort();
        table.sort_unstable();
        assert_eq!(found, table);
        assert!(is_path("redis.ca_file".split('.')) && !is_path("prometheus.ca_file".split('.')));
    }
}
