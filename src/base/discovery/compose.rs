//! Compose files: which ones a directory has, the project's name, and its services.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::dotenv::Variables;
use super::file;
use super::service::Service;
use crate::base::{env, yaml};

/// The names that docker compose tries, and those of the files that it merges into them.
const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yaml",
    "compose.override.yml",
    "docker-compose.override.yaml",
    "docker-compose.override.yml",
];
/// Files that COMPOSE_FILE may list, and services that are looked at.
const FILES_MAX: usize = 20;
const SERVICES_MAX: usize = 500;

/// A compose project as its files describe it.
pub(super) struct Project {
    pub(super) name: String,
    /// The first file, which is shown as the source.
    pub(super) file: PathBuf,
    pub(super) directory: PathBuf,
    pub(super) variables: Variables,
    tree: Value,
}

/// Whether a directory has a compose file.
pub(super) fn exists(directory: &Path) -> bool {
    NAMES.iter().any(|name| directory.join(name).exists())
}

impl Project {
    /// The project of a directory, if it has a compose file.
    pub(super) fn find(directory: &Path, variables: &Variables) -> Result<Option<Self>, String> {
        let files = files(directory, variables);
        if files.is_empty() { Ok(None) } else { Self::read(directory, files, variables.clone()).map(Some) }
    }

    /// The project of a compose file, together with the files that belong to it.
    pub(super) fn open(file: &Path) -> Result<Self, String> {
        let directory = file.parent().unwrap_or(Path::new(""));
        let variables = Variables::of(directory)?;
        let all = files(directory, &variables);
        let files = if all.iter().any(|other| other == file) { all } else { vec![file.to_owned()] };
        Self::read(directory, files, variables)
    }

    fn read(directory: &Path, files: Vec<PathBuf>, variables: Variables) -> Result<Self, String> {
        let mut tree = Value::Object(Map::new());
        for path in &files {
            let shown = path.display().to_string();
            let text = file::read(path)?.ok_or_else(|| format!("{shown} does not exist"))?;
            let over = yaml::parse::<Map<String, Value>>(&text, &shown);
            merge(&mut tree, Value::Object(over.map_err(|e| format!("{} is ignored", e.message))?));
        }
        let file = files.into_iter().next().unwrap_or_default();
        let named = || tree.get("name").and_then(Value::as_str).map(|name| variables.resolve(name));
        let name = variables.get(env::COMPOSE_PROJECT_NAME).or_else(named);
        let name = name.map_or_else(|| directory_name(directory), |name| normalized(&name));
        Ok(Self { name, file, directory: directory.to_owned(), variables, tree })
    }

    pub(super) fn services(&self) -> impl Iterator<Item = Service<'_>> {
        let all = self.tree.get("services").and_then(Value::as_object);
        // Compose's rule for names; others would have to be quoted wherever they are written.
        let is_name = |name: &str| name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        let named = all.into_iter().flatten().filter(move |(name, _)| is_name(name));
        named.take(SERVICES_MAX).map(|(name, spec)| Service { name, spec, project: self })
    }

    pub(super) fn service(&self, name: &str) -> Option<Service<'_>> {
        self.services().find(|service| service.name == name)
    }

    /// The definition of a secret of the whole project.
    pub(super) fn secret(&self, name: &str) -> Option<&Value> {
        self.tree.get("secrets")?.get(name)
    }

    pub(super) fn source(&self) -> String {
        self.file.display().to_string()
    }
}

/// The name that compose would use without a compose file's own.
pub(super) fn project_name(directory: &Path, variables: &Variables) -> String {
    let given = variables.get(env::COMPOSE_PROJECT_NAME).map(|name| normalized(&name));
    given.unwrap_or_else(|| directory_name(directory))
}

fn directory_name(directory: &Path) -> String {
    let directory = if directory.as_os_str().is_empty() { Path::new(".") } else { directory };
    let absolute = std::fs::canonicalize(directory).unwrap_or_default();
    normalized(&absolute.file_name().unwrap_or_default().to_string_lossy())
}

/// Compose's rule for project names: lower case letters, digits, '-' and '_', and a letter or digit first.
fn normalized(name: &str) -> String {
    let name = name.to_lowercase();
    let kept: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
    kept.trim_start_matches(['-', '_']).to_owned()
}

/// The compose files of a directory.
fn files(directory: &Path, variables: &Variables) -> Vec<PathBuf> {
    if let Some(list) = variables.get(env::COMPOSE_FILE) {
        return list.split(':').take(FILES_MAX).map(|file| directory.join(file)).collect();
    }
    let first = |names: &[&str]| names.iter().map(|name| directory.join(name)).find(|path| path.exists());
    let Some(file) = first(&NAMES) else { return Vec::new() };
    [Some(file), first(&OVERRIDES)].into_iter().flatten().collect()
}

/// Merges a further file as compose does: mappings by key, lists appended, and scalars and commands replaced.
fn merge(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(present) if !["command", "entrypoint"].contains(&key.as_str()) => {
                        merge(present, value)
                    }
                    _ => drop(under.insert(key, value)),
                }
            }
        }
        (Value::Array(under), Value::Array(over)) => under.extend(over),
        (under, over) => *under = over,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_composes_rules() {
        for (given, name) in [("My App.v2", "myappv2"), ("_x-1", "x-1"), ("ÄB", "b")] {
            assert_eq!(normalized(given), name);
        }
        let dir = tempfile::tempdir().unwrap();
        let at = dir.path().join("Shop");
        std::fs::create_dir(&at).unwrap();
        let name = || Project::find(&at, &Variables::of(&at).unwrap()).unwrap().map(|p| p.name);
        assert_eq!(name(), None);
        std::fs::write(at.join("compose.yml"), "services: {}\n").unwrap();
        assert_eq!(name().as_deref(), Some("shop"));
        std::fs::write(at.join("compose.yaml"), "name: ${NAME:-own}\n").unwrap();
        assert_eq!(name().as_deref(), Some("own"));
        std::fs::write(at.join(".env"), "NAME=From File\n").unwrap();
        assert_eq!(name().as_deref(), Some("fromfile"));
        std::fs::write(at.join(".env"), "COMPOSE_PROJECT_NAME=given\n").unwrap();
        assert_eq!(name().as_deref(), Some("given"));
    }

    #[test]
    fn hostile_files_are_refused_within_bounds() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("compose.yaml");
        let bomb = (1..40).fold("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
            let item = format!("*a{}", n - 1);
            format!("{text}a{n}: &a{n} [{}]\n", vec![item; 10].join(", "))
        });
        for (text, words) in [
            (bomb, "is ignored"),
            ("services: [\n".to_owned(), "is ignored"),
            (format!("a: {}{}\n", "[".repeat(100_000), "]".repeat(100_000)), "is ignored"),
            (format!("# {}\n", "x".repeat(2 << 20)), "larger than 1 MiB"),
        ] {
            std::fs::write(&file, text).unwrap();
            let error = Project::open(&file).map(|_| ()).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        std::fs::remove_file(&file).unwrap();
        rustix::fs::mknodat(rustix::fs::CWD, &file, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .unwrap();
        let error = Project::open(&file).map(|_| ()).unwrap_err();
        assert!(error.contains("not a plain file"), "{error}");
    }
}
