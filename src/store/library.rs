//! The queries: embedded in the program, with the user's directories in front.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::{Binds, StoreError};
use crate::base::suggest;

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// Queries under this folder are part of the engine: no file of the user's stands in for them.
const ENGINE: &str = "engine/";

/// What a query is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Sql,
    PromQl,
}

impl Language {
    const ALL: [Language; 2] = [Self::Sql, Self::PromQl];

    const fn ending(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::PromQl => "promql",
        }
    }

    const fn comment(self) -> &'static str {
        match self {
            Self::Sql => "--",
            Self::PromQl => "#",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Its path below `queries/` without the ending.
    pub name: String,
    /// What it is written in.
    pub language: Language,
    /// Its first comment line: the question in words.
    pub(crate) question: String,
    /// Names of the values it takes, in the order `$1`, `$2` …, from a line `-- bind: a, b`.
    pub binds: Vec<String>,
    /// Whether tasks may ask it by name, from a line `-- task: yes`.
    pub(crate) task: bool,
    /// The text, without a closing semicolon.
    pub text: String,
}

impl Query {
    /// The statement without its comments, in one line, as a plan shows it.
    pub(crate) fn one_line(&self) -> String {
        let lines = self.text.lines().map(str::trim).filter(|l| !l.starts_with("--"));
        lines.collect::<Vec<_>>().join(" ")
    }

    fn parse(name: &str, language: Language, text: &str) -> Result<Self, StoreError> {
        let comments: Vec<&str> = text
            .lines()
            .map_while(|l| l.trim_start().strip_prefix(language.comment()))
            .map(str::trim)
            .collect();
        let bad = |message: &str| StoreError::BadQuery { name: name.into(), message: message.into() };
        let question = comments
            .first()
            .filter(|q| !q.is_empty())
            .ok_or_else(|| bad("its first line must be a comment that says which question it answers"))?;
        let binds = comments
            .iter()
            .find_map(|c| c.strip_prefix("bind:"))
            .map(|names| names.split(',').map(|n| n.trim().to_owned()).collect())
            .unwrap_or_default();
        let task = comments.iter().any(|c| c.strip_prefix("task:").is_some_and(|t| t.trim() == "yes"));
        Ok(Self {
            name: name.to_owned(),
            language,
            question: (*question).to_owned(),
            binds,
            task,
            text: text.trim_end().trim_end_matches(';').to_owned(),
        })
    }

    /// The values in the order of their placeholders.
    pub(crate) fn order<'a>(&self, values: &'a Binds) -> Result<Vec<&'a str>, StoreError> {
        let bad = |message| StoreError::BadQuery { name: self.name.clone(), message };
        if let Some(extra) = values.keys().find(|k| !self.binds.contains(k)) {
            return Err(bad(format!("it takes no value '{extra}'")));
        }
        self.binds
            .iter()
            .map(|b| {
                values.get(b).map(String::as_str).ok_or_else(|| bad(format!("the value '{b}' is missing")))
            })
            .collect()
    }
}

/// All queries that can be asked by name.
#[derive(Debug, Default)]
pub struct Library {
    directories: Vec<PathBuf>,
}

impl Library {
    /// The embedded queries, with these directories in front of them.
    pub(crate) fn new(directories: Vec<PathBuf>) -> Self {
        Self { directories }
    }

    pub fn sql(&self, name: &str) -> Result<Query, StoreError> {
        self.find(name, Language::Sql)
    }

    pub(crate) fn promql(&self, name: &str) -> Result<Query, StoreError> {
        self.find(name, Language::PromQl)
    }

    fn find(&self, name: &str, language: Language) -> Result<Query, StoreError> {
        let file = format!("{name}.{}", language.ending());
        // A name is a path below the directory, never out of it.
        let plain = !name.split('/').any(|part| part.is_empty() || part == "." || part == "..");
        if plain && !name.starts_with(ENGINE) {
            for directory in &self.directories {
                let path = directory.join(&file);
                if path.is_file() {
                    let text = std::fs::read_to_string(&path).map_err(|e| StoreError::BadQuery {
                        name: name.to_owned(),
                        message: format!("{}: {e}", path.display()),
                    })?;
                    return Query::parse(name, language, &text);
                }
            }
        }
        match EMBEDDED.get_file(&file).and_then(|f| f.contents_utf8()) {
            Some(text) => Query::parse(name, language, text),
            None => {
                let names = self.names(language);
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let near = suggest::nearest(name, names.iter().copied());
                let hint = near.map_or_else(
                    || "put its file into a directory that `queries:` in ordctl.yaml names".to_owned(),
                    |n| format!("did you mean '{n}'?"),
                );
                Err(StoreError::NoSuchQuery { name: name.to_owned(), hint })
            }
        }
    }

    /// Names of all queries in a language, sorted.
    pub(crate) fn names(&self, language: Language) -> Vec<String> {
        let mut names = BTreeSet::new();
        embedded(&EMBEDDED, language, &mut names);
        for directory in &self.directories {
            let Ok(entries) = std::fs::read_dir(directory) else { continue };
            names.extend(entries.flatten().filter_map(|e| named(Path::new(&e.file_name()), language)));
        }
        names.into_iter().collect()
    }

    /// Every embedded query, sorted by name.
    pub fn embedded() -> Result<Vec<Query>, StoreError> {
        let library = Self::default();
        let all = Language::ALL.into_iter();
        all.flat_map(|l| library.names(l).into_iter().map(move |n| (n, l)))
            .map(|(name, language)| library.find(&name, language))
            .collect()
    }
}

fn embedded(dir: &Dir<'_>, language: Language, names: &mut BTreeSet<String>) {
    names.extend(dir.files().filter_map(|f| named(f.path(), language)));
    for inner in dir.dirs() {
        embedded(inner, language, names);
    }
}

fn named(path: &Path, language: Language) -> Option<String> {
    let fits = path.extension().is_some_and(|e| e == language.ending());
    fits.then(|| path.with_extension("").to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binds_are_ordered_and_checked() {
        let text = "-- how many?\n-- bind: b, a\nSELECT $1::text, $2::int;\n";
        let query = Query::parse("x", Language::Sql, text).unwrap();
        assert_eq!(query.question, "how many?");
        assert!(!query.text.ends_with(';') && !query.task);
        let mut binds = Binds::from([("a".into(), "1".into())]);
        assert!(query.order(&binds).unwrap_err().to_string().contains("'b' is missing"));
        binds.insert("b".into(), "2".into());
        assert_eq!(query.order(&binds).unwrap(), ["2", "1"]);
        binds.insert("c".into(), "3".into());
        assert!(query.order(&binds).unwrap_err().to_string().contains("no value 'c'"));
    }

    #[test]
    fn only_a_line_of_the_header_opens_a_query_to_tasks() {
        for (text, open) in [
            ("-- q\n-- task: yes\nSELECT 1", true),
            ("-- q\n-- bind: a\n--task:yes\nSELECT $1", true),
            ("-- q\n-- task: no\nSELECT 1", false),
            ("-- q\n-- task: yesterday\nSELECT 1", false),
            ("-- q\nSELECT 1\n-- task: yes", false),
        ] {
            assert_eq!(Query::parse("x", Language::Sql, text).unwrap().task, open, "{text}");
        }
    }

    #[test]
    fn a_users_file_stands_in_front_but_never_for_the_engine() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("engine")).unwrap();
        std::fs::write(dir.path().join("mine.sql"), "-- mine\nSELECT 1").unwrap();
        std::fs::write(dir.path().join("engine/mine.sql"), "-- mine\nSELECT 1").unwrap();
        let library = Library::new(vec![dir.path().to_owned()]);
        assert_eq!(library.sql("mine").unwrap().text, "-- mine\nSELECT 1");
        assert!(matches!(library.sql("engine/mine"), Err(StoreError::NoSuchQuery { .. })));
        assert!(matches!(library.sql("../mine"), Err(StoreError::NoSuchQuery { .. })));
    }
}
