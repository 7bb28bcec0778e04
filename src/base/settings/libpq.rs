//! The variables of libpq: `PGHOST`, `PGUSER`, `PGPASSWORD`, `PGSERVICE` … (PostgreSQL documentation, "Environment
//! Variables" and "The Connection Service File").
//!
//! As in libpq they are only defaults: what the connection string or a setting says wins. A service wins over the
//! other variables. Alone they configure a database when they name a host, a database or a service.

use std::path::{Path, PathBuf};

use crate::base::cli_error::CliError;
use crate::base::plain_file::PlainFile;
use crate::base::secret::Secret;
use crate::base::{conninfo, env};

/// Parameters of a connection for what its URL leaves out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Libpq {
    /// Keyword, value, and the variable that it comes from.
    parameters: Vec<(String, String, &'static str)>,
    pub(crate) password: Option<Secret>,
}

impl Libpq {
    /// Reads the variables and the service that they name.
    pub(super) fn read() -> Result<Self, CliError> {
        let mut found = Self::default();
        if let Some(name) = env::read(env::PGSERVICE) {
            for (key, value) in service(&name)? {
                found.add(&key, value, env::PGSERVICE);
            }
        }
        for (variable, key) in env::LIBPQ {
            if let Some(value) = env::read(variable) {
                found.add(key, value, variable);
            }
        }
        // libpq would take the whole text for the name, and the text may hold a password.
        if found.get("dbname").is_some_and(|name| name.contains("://") || conninfo::pairs(name).is_some()) {
            return Err(CliError::usage(format!(
                "{}: must be the name of a database, not a URL or a connection string",
                env::PGDATABASE
            ))
            .hint(format!("unset {}", env::PGDATABASE)));
        }
        Ok(found)
    }

    #[cfg(test)]
    pub(crate) fn with(pairs: &[(&str, &str)]) -> Self {
        let mut all = Self::default();
        pairs.iter().for_each(|(key, value)| all.add(key, (*value).to_owned(), "PGTEST"));
        all
    }

    fn add(&mut self, key: &str, value: String, variable: &'static str) {
        if key == "password" {
            self.password.get_or_insert(Secret::new(value));
        } else if self.get(key).is_none() {
            self.parameters.push((key.to_owned(), value, variable));
        }
    }

    /// The value of a keyword.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.parameters.iter().find(|(k, ..)| k == key).map(|(_, value, _)| value.as_str())
    }

    /// The connection string that the variables make without any URL, and the variables. None when they name no
    /// database: a PGUSER that was left in a shell is none.
    pub(super) fn connection(&self) -> Option<(String, String)> {
        let names = ["host", "hostaddr", "dbname"];
        let is_named = self
            .parameters
            .iter()
            .any(|(key, _, from)| names.contains(&key.as_str()) || *from == env::PGSERVICE);
        if !is_named {
            return None;
        }
        let mut variables: Vec<&str> = Vec::new();
        for (_, _, variable) in &self.parameters {
            if !variables.contains(variable) {
                variables.push(variable);
            }
        }
        let pairs = self.parameters.iter().map(|(key, value, _)| (key.as_str(), value.as_str()));
        Some((conninfo::render(pairs), format!("${}", variables.join(", $"))))
    }
}

/// The parameters of a service. The user's file comes before the system's.
fn service(name: &str) -> Result<Vec<(String, String)>, CliError> {
    let user = env::read(env::PGSERVICEFILE).map(PathBuf::from);
    let home = || env::read(env::HOME).map(|home| Path::new(&home).join(".pg_service.conf"));
    let system = env::read(env::PGSYSCONFDIR).unwrap_or_else(|| "/etc/postgresql-common".to_owned());
    let files = [user.or_else(home), Some(Path::new(&system).join("pg_service.conf"))];
    let files: Vec<PathBuf> = files.into_iter().flatten().collect();
    for file in &files {
        let text = PlainFile::open_if_exists(file).and_then(|file| file.map(PlainFile::text).transpose());
        let failed = |why| {
            let what = format!("{}: cannot read {}", env::PGSERVICE, file.display());
            CliError::usage(format!("{what}: {why}")).hint(format!("unset {}", env::PGSERVICE))
        };
        if let Some(found) = text.map_err(failed)?.and_then(|text| section(&text, name)) {
            return Ok(found);
        }
    }
    let shown: Vec<String> = files.iter().map(|file| file.display().to_string()).collect();
    Err(CliError::usage(format!("{}: no service '{name}' in {}", env::PGSERVICE, shown.join(" and ")))
        .hint(format!("unset {}", env::PGSERVICE)))
}

/// The pairs of `[name]` in a service file.
fn section(text: &str, name: &str) -> Option<Vec<(String, String)>> {
    let mut lines = text.lines().map(str::trim);
    lines.find(|line| line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) == Some(name))?;
    let own = lines.take_while(|line| !line.starts_with('['));
    let pairs = own.filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once('='));
    Some(pairs.map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned())).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_wins_over_the_other_variables() {
        let text =
            "[other]\nhost=x\n[mine]\n# comment\nhost=db\nport = 5433\npassword=hidden\n\n[last]\nuser=y\n";
        assert_eq!(section(text, "none"), None);
        let mut found = Libpq::default();
        assert_eq!(found.connection(), None);
        for (key, value) in section(text, "mine").unwrap() {
            found.add(&key, value, env::PGSERVICE);
        }
        found.add("port", "1".into(), "PGPORT");
        found.add("user", "me".into(), "PGUSER");
        found.add("password", "other".into(), "PGPASSWORD");
        assert_eq!((found.get("port"), found.get("user")), (Some("5433"), Some("me")));
        assert_eq!(found.password.as_ref().map(Secret::expose), Some("hidden"));
        let (text, variables) = found.connection().unwrap();
        assert_eq!(text, "host='db' port='5433' user='me'");
        assert_eq!(variables, "$PGSERVICE, $PGUSER");
    }

    #[test]
    fn a_user_alone_names_no_database() {
        let mut found = Libpq::default();
        found.add("user", "me".into(), "PGUSER");
        found.add("port", "5433".into(), "PGPORT");
        assert_eq!(found.connection(), None);
        found.add("dbname", "d".into(), "PGDATABASE");
        assert_eq!(found.connection().unwrap().0, "user='me' port='5433' dbname='d'");
    }
}
