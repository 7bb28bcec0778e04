//! Finds runbooks: in the user's directories first, then embedded ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use crate::base::cli_error::CliError;
use crate::base::{plain_file, suggest, yaml};
use crate::model::Runbook;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/runbooks");

/// A runbook of an alert is named by the alert alone.
const ALERTS: &str = "alerts/";

/// A runbook's text and where it comes from.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// `embedded`, or the file's path.
    pub(crate) origin: String,
    pub(crate) text: String,
}

impl Entry {
    pub(crate) fn parse(&self) -> Result<Runbook, CliError> {
        let runbook: Runbook = yaml::parse(&self.text, &self.place())?;
        if runbook.name != self.name {
            return Err(CliError::usage(format!(
                "{}: its name is '{}', but its path requires '{}'",
                self.place(),
                runbook.name,
                self.name
            )));
        }
        Ok(runbook)
    }

    /// The path for error messages, also of an embedded runbook.
    pub(crate) fn place(&self) -> String {
        if self.origin == "embedded" { format!("runbooks/{}.yaml", self.name) } else { self.origin.clone() }
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Library {
    directories: Vec<PathBuf>,
}

impl Library {
    /// Runbooks in these directories override embedded ones.
    pub(crate) fn new(directories: Vec<PathBuf>) -> Self {
        Self { directories }
    }

    /// Finds a runbook by name, or by path if the name ends in `.yaml` or `.yml`.
    pub(crate) fn find(&self, name: &str) -> Result<Entry, CliError> {
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            return file(Path::new(name), None);
        }
        let mut entries = self.entries()?;
        if let Some(entry) = entries.remove(name) {
            return Ok(entry);
        }
        let names: Vec<&str> = entries.keys().map(String::as_str).collect();
        // `weekly` stands for `maintain/weekly`.
        let last = |full: &&&str| full.rsplit('/').next() == Some(name);
        let hint = match names
            .iter()
            .find(last)
            .copied()
            .or_else(|| suggest::nearest(name, names.iter().copied()))
        {
            Some(near) => format!("did you mean '{near}'? `ordctl runbook list` lists all"),
            None => "`ordctl runbook list` lists all".to_owned(),
        };
        Err(CliError::usage(format!("no runbook '{name}'")).hint(hint))
    }

    /// Every runbook by name; one in a user's directory overrides an embedded one.
    pub(crate) fn entries(&self) -> Result<BTreeMap<String, Entry>, CliError> {
        let mut found = BTreeMap::new();
        embedded(&EMBEDDED, &mut found);
        for directory in self.directories.iter().rev() {
            collect(directory, directory, &mut found)?;
        }
        Ok(found)
    }
}

fn file(path: &Path, name: Option<String>) -> Result<Entry, CliError> {
    // Who names a file on the command line may name a pipe.
    let text = if name.is_none() { plain_file::read_argument(path) } else { plain_file::read_text(path) };
    let text =
        text.map_err(|e| CliError::usage(format!("cannot read the runbook {}", path.display())).because(e))?;
    let origin = path.display().to_string();
    // A path on the command line says nothing about the name.
    let name = match name {
        Some(name) => name,
        None => yaml::parse::<Runbook>(&text, &origin)?.name,
    };
    Ok(Entry { name, origin, text })
}

fn embedded(dir: &Dir<'_>, found: &mut BTreeMap<String, Entry>) {
    for file in dir.files() {
        if let (Some(name), Some(text)) = (named(file.path()), file.contents_utf8()) {
            let entry = Entry { name: name.clone(), origin: "embedded".into(), text: text.into() };
            found.insert(name, entry);
        }
    }
    dir.dirs().for_each(|inner| embedded(inner, found));
}

fn collect(root: &Path, dir: &Path, found: &mut BTreeMap<String, Entry>) -> Result<(), CliError> {
    let fail = |e| CliError::usage(format!("cannot read the runbooks in {}", dir.display())).because(e);
    for entry in std::fs::read_dir(dir).map_err(fail)? {
        let path = entry.map_err(fail)?.path();
        if path.is_dir() {
            collect(root, &path, found)?;
        } else if let Some(name) = path.strip_prefix(root).ok().and_then(named) {
            found.insert(name.clone(), file(&path, Some(name))?);
        }
    }
    Ok(())
}

fn named(path: &Path) -> Option<String> {
    path.extension().filter(|e| *e == "yaml" || *e == "yml")?;
    let name = path.with_extension("").to_string_lossy().into_owned();
    Some(name.strip_prefix(ALERTS).map(str::to_owned).unwrap_or(name))
}
