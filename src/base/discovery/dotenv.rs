//! `.env` files as docker compose reads them: `NAME=value` lines with comments, quotes and `${OTHER}`.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::ENV_FILE;
use super::file::{self, Chooser};
use super::interpolate::interpolate;
use crate::base::env;

/// Variables that a file may set.
const VARIABLES_MAX: usize = 1000;

/// The variables of a directory: those of the process, then those of its `.env`, then those of the project's `.env`.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    file: PathBuf,
    values: IndexMap<String, String>,
    of_project: IndexMap<String, String>,
}

impl Variables {
    pub(super) fn of(directory: &Path, chooser: Chooser) -> Result<Self, String> {
        let path = directory.join(ENV_FILE);
        let values = file::read(&path, chooser)?.map(|text| parse(&text)).unwrap_or_default();
        Ok(Self { file: path, values, of_project: IndexMap::new() })
    }

    /// Adds the file of a compose project that is in another directory.
    pub(super) fn with_project(mut self, directory: &Path, chooser: Chooser) -> Result<Self, String> {
        let path = directory.join(ENV_FILE);
        if path != self.file {
            self.of_project = file::read(&path, chooser)?.map(|text| parse(&text)).unwrap_or_default();
        }
        Ok(self)
    }

    /// The value that compose would use.
    pub(super) fn get(&self, name: &str) -> Option<String> {
        let of_project = || self.of_project.get(name).filter(|value| !value.is_empty());
        env::read(name)
            .or_else(|| self.in_file(name).or_else(|| of_project().map(String::as_str)).map(str::to_owned))
    }

    /// A text with its references replaced.
    pub(super) fn resolve(&self, text: &str) -> String {
        interpolate(text, &|name| self.get(name))
    }

    /// The value in the file alone.
    pub(super) fn in_file(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn source(&self) -> String {
        self.file.display().to_string()
    }
}

/// The variables of a text, in order. A line that is no assignment is skipped.
pub(super) fn parse(text: &str) -> IndexMap<String, String> {
    let mut found: IndexMap<String, String> = IndexMap::new();
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((name, value)) = line.split_once('=') else { continue };
        if found.len() == VARIABLES_MAX {
            break;
        }
        let lookup = |name: &str| env::read(name).or_else(|| found.get(name).cloned());
        let value = value_of(value.trim(), &lookup);
        found.insert(name.trim().to_owned(), value);
    }
    found
}

fn value_of(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    if let Some(rest) = text.strip_prefix('\'') {
        return rest.split('\'').next().unwrap_or(rest).to_owned();
    }
    let Some(rest) = text.strip_prefix('"') else {
        let end = text.find(" #").unwrap_or(text.len());
        return interpolate(text[..end].trim_end(), lookup);
    };
    let mut value = String::new();
    let mut chars = rest.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => value.extend(chars.next().map(|c| if c == 'n' { '\n' } else { c })),
            c => value.push(c),
        }
    }
    interpolate(&value, lookup)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_comments_and_references_are_read() {
        let text = "# all\nA=1 # one\nexport B='x $A'\nC=\"y ${A} \\\"q\\\"\" # c\nD=p#w\n\nnothing\nE=${MISSING:-z}\n";
        let found = parse(text);
        let all: Vec<(&str, &str)> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(all, [("A", "1"), ("B", "x $A"), ("C", "y 1 \"q\""), ("D", "p#w"), ("E", "z")]);
    }
}
