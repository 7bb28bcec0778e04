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

    /// A new setting that is a path must be in the table.
    #[test]
    fn every_path_of_the_settings_is_in_the_table() {
        let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/base/settings");
        let mut fields = 0;
        for file in std::fs::read_dir(directory).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let is_path = |line: &&str| {
                line.starts_with("    pub") && (line.contains("PathBuf") || line.contains("SecretReference"))
            };
            for line in text.lines().filter(is_path).filter(|line| line.contains(": ")) {
                let name = line.split_once(": ").unwrap().0.rsplit(' ').next().unwrap();
                let mut all = PATHS.iter().chain(&DIRECTORIES);
                let known = all.any(|path| path.rsplit('.').next() == Some(name));
                // `file` and `config` hold the path of the file itself.
                assert!(known || ["file", "config"].contains(&name), "{name} is not in the table: {line}");
                fields += 1;
            }
        }
        assert!(fields >= 20, "only {fields} fields found");
    }
}
