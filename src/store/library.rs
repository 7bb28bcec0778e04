//! The queries: embedded in the program; files in the user's directories replace them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use include_dir::{Dir, include_dir};

use super::{Binds, StoreError};
use crate::base::{plain_file, suggest};

static EMBEDDED: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/queries");

/// Queries below this folder belong to the engine; a user's file cannot replace them.
const ENGINE: &str = "engine/";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Sql,
    PromQl,
}

impl Language {
    const ALL: [Language; 2] = [Self::Sql, Self::PromQl];

    const fn extension(self) -> &'static str {
        match self {
            Self::Sql => "sql",
            Self::PromQl => "promql",
        }
    }

    const fn comment_prefix(self) -> &'static str {
        match self {
            Self::Sql => "--",
            Self::PromQl => "#",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Its path below `queries/` without the extension.
    pub name: String,
    pub language: Language,
    /// Its first comment line without the period: what it returns.
    pub(crate) title: String,
    /// Names of the values `$1`, `$2` …, in this order, from a line `-- bind: a, b`.
    pub binds: Vec<String>,
    /// Whether tasks may run it by name, from a line `-- task: yes`.
    pub(crate) is_allowed_in_tasks: bool,
    /// The text, without a closing semicolon.
    pub text: String,
}

impl Query {
    /// The statement in one line without comments, for a plan.
    pub(crate) fn one_line(&self) -> String {
        let lines = self.text.lines().map(str::trim).filter(|l| !l.starts_with("--"));
        lines.collect::<Vec<_>>().join(" ")
    }

    fn parse(name: &str, language: Language, text: &str) -> Result<Self, StoreError> {
        let comments: Vec<&str> = text
            .lines()
            .map_while(|l| l.trim_start().strip_prefix(language.comment_prefix()))
            .map(str::trim)
            .collect();
        let bad = |message: &str| StoreError::BadQuery { name: name.into(), message: message.into() };
        let title =
            comments
                .first()
                .map(|line| line.trim_end_matches('.'))
                .filter(|line| !line.is_empty())
                .ok_or_else(|| bad("the first line must be a comment that says what the query returns"))?;
        let binds = comments
            .iter()
            .find_map(|c| c.strip_prefix("bind:"))
            .map(|names| names.split(',').map(|n| n.trim().to_owned()).collect())
            .unwrap_or_default();
        let is_allowed_in_tasks =
            comments.iter().any(|c| c.strip_prefix("task:").is_some_and(|t| t.trim() == "yes"));
        Ok(Self {
            name: name.to_owned(),
            language,
            title: title.to_owned(),
            binds,
            is_allowed_in_tasks,
            text: text.trim_end().trim_end_matches(';').to_owned(),
        })
    }

    /// The values in the order of their placeholders.
    pub(crate) fn order<'a>(&self, values: &'a Binds) -> Result<Vec<&'a str>, StoreError> {
        let bad = |message| StoreError::BadQuery { name: self.name.clone(), message };
        if let Some(extra) = values.keys().find(|k| !self.binds.contains(k)) {
            return Err(bad(format!("unknown value '{extra}'")));
        }
        self.binds
            .iter()
            .map(|b| {
                values.get(b).map(String::as_str).ok_or_else(|| bad(format!("the value '{b}' is missing")))
            })
            .collect()
    }
}

/// All queries by name.
#[derive(Debug, Default)]
pub struct Library {
    directories: Vec<PathBuf>,
}

impl Library {
    /// The embedded queries, and those in `directories`, which take precedence.
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
        let file = format!("{name}.{}", language.extension());
        // A name never leads out of the directory.
        let is_plain = !name.split('/').any(|part| part.is_empty() || part == "." || part == "..");
        if is_plain && !name.starts_with(ENGINE) {
            for directory in &self.directories {
                let path = directory.join(&file);
                if path.is_file() {
                    let text = plain_file::read_text(&path).map_err(|e| StoreError::BadQuery {
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
                let hint = suggest::nearest(name, names.iter().copied()).map_or_else(
                    || "put its file into a directory listed under `queries` in ordctl.yaml".to_owned(),
                    |n| format!("did you mean '{n}'?"),
                );
                Err(StoreError::NoSuchQuery { name: name.to_owned(), hint })
            }
        }
    }

    /// Names of all queries in a language, sorted.
    pub(crate) fn names(&self, language: Language) -> Vec<String> {
        let mut names = BTreeSet::new();
        add_embedded(&EMBEDDED, language, &mut names);
        for directory in &self.directories {
            let Ok(entries) = std::fs::read_dir(directory) else { continue };
            names.extend(entries.flatten().filter_map(|e| query_name(Path::new(&e.file_name()), language)));
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

fn add_embedded(dir: &Dir<'_>, language: Language, names: &mut BTreeSet<String>) {
    names.extend(dir.files().filter_map(|f| query_name(f.path(), language)));
    for inner in dir.dirs() {
        add_embedded(inner, language, names);
    }
}

fn query_name(path: &Path, language: Language) -> Option<String> {
    let is_query = path.extension().is_some_and(|e| e == language.extension());
    is_query.then(|| path.with_extension("").to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn binds_are_ordered_and_checked() {
        let text = "-- Active tasks.\n-- bind: b, a\nSELECT $1::text, $2::int;\n";
        let query = Query::parse("x", Language::Sql, text).unwrap();
        assert_eq!(query.title, "Active tasks");
        assert!(!query.text.ends_with(';') && !query.is_allowed_in_tasks);
        let mut binds = Binds::from([("a".into(), "1".into())]);
        assert!(query.order(&binds).unwrap_err().to_string().contains("'b' is missing"));
        binds.insert("b".into(), "2".into());
        assert_eq!(query.order(&binds).unwrap(), ["2", "1"]);
        binds.insert("c".into(), "3".into());
        assert!(query.order(&binds).unwrap_err().to_string().contains("unknown value 'c'"));
    }

    #[test]
    fn only_a_header_line_allows_a_query_in_tasks() {
        for (text, is_allowed) in [
            ("-- q\n-- task: yes\nSELECT 1", true),
            ("-- q\n-- bind: a\n--task:yes\nSELECT $1", true),
            ("-- q\n-- task: no\nSELECT 1", false),
            ("-- q\n-- task: yesterday\nSELECT 1", false),
            ("-- q\nSELECT 1\n-- task: yes", false),
        ] {
            assert_eq!(
                Query::parse("x", Language::Sql, text).unwrap().is_allowed_in_tasks,
                is_allowed,
                "{text}"
            );
        }
    }

    #[test]
    fn a_user_file_replaces_an_embedded_query_but_not_one_of_the_engine() {
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
