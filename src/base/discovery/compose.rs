//! Compose files: which ones a directory has, the project's name, and its services.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::dotenv::Variables;
use super::file::{self, Chooser};
use super::merge::Layer;
use super::service::Service;
use crate::base::env;

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
/// Directories above a compose file whose variables may name it.
const ANCESTORS_MAX: usize = 16;

/// A compose project as its files describe it.
pub(super) struct Project {
    pub(super) name: String,
    /// The first file, which is shown as the source.
    pub(super) file: PathBuf,
    /// The directory of the first file, where relative paths start.
    pub(super) directory: PathBuf,
    pub(super) variables: Variables,
    pub(super) chooser: Chooser,
    tree: Map<String, Value>,
}

/// Whether a directory has a compose file.
pub(super) fn exists(directory: &Path) -> bool {
    NAMES.iter().any(|name| directory.join(name).exists())
}

impl Project {
    /// The project of a directory, if it has a compose file.
    pub(super) fn find(directory: &Path, variables: &Variables) -> Result<Option<Self>, String> {
        let files = files(directory, variables);
        if files.is_empty() {
            return Ok(None);
        }
        Self::read(files, variables.clone(), Chooser::Discovery).map(Some)
    }

    /// The project of a compose file, together with the files that belong to it.
    pub(super) fn open(file: &Path) -> Result<Self, String> {
        if let Some((files, variables)) = named_by_variable(file) {
            return Self::read(files, variables, Chooser::Operator);
        }
        let directory = file.parent().unwrap_or(Path::new(""));
        let variables = Variables::of(directory, Chooser::Operator)?;
        let all = files(directory, &variables);
        let files = if has(&all, file) { all } else { vec![file.to_owned()] };
        Self::read(files, variables, Chooser::Operator)
    }

    fn read(files: Vec<PathBuf>, variables: Variables, chooser: Chooser) -> Result<Self, String> {
        let mut tree = Map::new();
        for path in &files {
            let shown = path.display().to_string();
            let text = file::read(path, chooser)?.ok_or_else(|| format!("{shown} does not exist"))?;
            Layer::parse(&text, &shown)?.merge_into(&mut tree);
        }
        let file = files.into_iter().next().unwrap_or_default();
        let directory = file.parent().unwrap_or(Path::new("")).to_owned();
        let variables = variables.with_project(&directory, chooser)?;
        let name = project_name(&directory, &variables, tree.get("name"));
        Ok(Self { name, file, directory, variables, chooser, tree })
    }

    /// Which of its parts are not used.
    pub(super) fn warnings(&self) -> Vec<String> {
        let source = self.source();
        let include = self.tree.get("include").map(|_| {
            format!("{source}: the services of included files are not discovered (include is not supported)")
        });
        let extended = self.services().filter(Service::is_incomplete).map(|service| {
            let name = service.name;
            format!("{source}: the address of {name} is not discovered (extends is not supported)")
        });
        let systems = self.services().filter(|s| s.kind().or_else(|| s.kind_by_port()).is_some());
        let ignored = systems.flat_map(|service| service.ignored_files());
        include.into_iter().chain(extended).chain(ignored).collect()
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

/// The name that compose would use; `named` is the one in its files.
pub(super) fn project_name(directory: &Path, variables: &Variables, named: Option<&Value>) -> String {
    let named = || named.and_then(Value::as_str).map(|name| variables.resolve(name));
    let name = variables.get(env::COMPOSE_PROJECT_NAME).or_else(named);
    name.map_or_else(|| directory_name(directory), |name| normalized(&name))
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
        let separator = variables.get(env::COMPOSE_PATH_SEPARATOR).unwrap_or_else(|| ":".to_owned());
        return list.split(&separator).take(FILES_MAX).map(|file| directory.join(file)).collect();
    }
    let first = |names: &[&str]| names.iter().map(|name| directory.join(name)).find(|path| path.exists());
    let Some(file) = first(&NAMES) else { return Vec::new() };
    [Some(file), first(&OVERRIDES)].into_iter().flatten().collect()
}

/// The files and the variables of the directory whose COMPOSE_FILE lists a file: one above the file, or the working
/// directory.
fn named_by_variable(file: &Path) -> Option<(Vec<PathBuf>, Variables)> {
    let absolute = std::path::absolute(file).ok()?;
    let above = absolute.ancestors().skip(1).take(ANCESTORS_MAX);
    above.chain([Path::new("")]).find_map(|directory| {
        let variables = Variables::of(directory, Chooser::Discovery).ok()?;
        variables.get(env::COMPOSE_FILE)?;
        let all = files(directory, &variables);
        has(&all, file).then_some((all, variables))
    })
}

/// Whether a list has a file, by whatever path.
fn has(all: &[PathBuf], file: &Path) -> bool {
    let file = std::fs::canonicalize(file).ok();
    file.is_some_and(|file| all.iter().any(|other| std::fs::canonicalize(other).is_ok_and(|o| o == file)))
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
        let name =
            || Project::find(&at, &Variables::of(&at, Chooser::Discovery).unwrap()).unwrap().map(|p| p.name);
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

    /// As compose does it: the project is where its first file is.
    #[test]
    fn a_file_elsewhere_is_read_with_the_variables_that_name_it() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        std::fs::create_dir(dir.path().join("deploy")).unwrap();
        write(".env", "COMPOSE_FILE=./deploy/compose.yaml,more.yaml\nCOMPOSE_PATH_SEPARATOR=,\nPW=above\n");
        write("deploy/.env", "PW=beside\nNAME=d\n");
        write("deploy/db.env", "POSTGRES_PASSWORD=from file\n");
        write(
            "deploy/compose.yaml",
            "services: { db: { environment: ['A=${PW} ${NAME}'], env_file: db.env } }\n",
        );
        write("more.yaml", "services: { db: { environment: { B: '2' } } }\n");
        let variables = Variables::of(dir.path(), Chooser::Discovery).unwrap();
        let found = Project::find(dir.path(), &variables).unwrap().unwrap();
        let opened = Project::open(&dir.path().join("deploy/compose.yaml")).unwrap();
        for project in [found, opened] {
            assert_eq!(project.name, "deploy");
            let db = project.service("db").unwrap();
            let of = |name| db.variable(name).unwrap_or_default();
            let all = [of("A"), of("B"), db.password().unwrap_or_default()];
            assert_eq!(all, ["above d", "2", "from file"]);
        }
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
            (format!("# {}\n", "x".repeat(5 << 20)), "larger than 4 MiB"),
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
