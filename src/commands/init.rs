//! `init`: writes what was discovered as a configuration file with comments.

use std::fmt::Write as _;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use indexmap::IndexMap;
use serde_json::{Value, json};

use super::cli::GlobalFlags;
use super::context::find_project;
use crate::base::clean::clean;
use crate::base::cli_error::CliError;
use crate::base::discovery::{DiscoveryScope, Entry};
use crate::base::secret::SecretUrl;
use crate::base::settings::{self, Flags, Resolved, Settings};
use crate::base::{exit, units, yaml};
use crate::render::stdio;

/// Write a configuration of the discovered system
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Init {
    /// Write this file; an existing one is never changed [default: ordctl.yaml]
    #[arg(long, value_name = "FILE", default_value = "ordctl.yaml", hide_default_value = true)]
    file: PathBuf,
    /// Print the file; write nothing
    #[arg(long)]
    dry_run: bool,
}

const EXAMPLES: &str = "\
Examples:
  ordctl init --dry-run                        print what was discovered
  ordctl init                                  write ordctl.yaml here
  ordctl init --file ~/.config/ordctl/ordctl.yaml";

const HEAD: &str = "\
# Configuration of ordctl. A comment names where each value was discovered.
# Relative paths start at the directory of this file. Secrets are references.
# `ordctl config show` prints every setting, `ordctl doctor` connects to all.
";

const NOTHING: &str = "
# Nothing was discovered. Remove the comment signs and set the addresses.
# environment: production
# database:
#   url: postgresql://orchestrator@127.0.0.1:5432/orchestrator
#   password_file: /etc/ordctl/database_password
# redis: { url: \"redis://127.0.0.1:6379/0\" }
# docker: { project: ordinaut }
";

const MORE: &str = "
# More settings:
# time_zone: UTC
# backup: { dir: /var/backups/ordctl }
# disks: [/, /var]
";

impl Init {
    pub(crate) async fn execute(&self, global: &GlobalFlags) -> Result<u8, CliError> {
        if global.config.is_some() || global.environment.is_some() {
            return Err(CliError::usage("init: --config and --env name a configuration that exists already")
                .hint("leave out --config and --env"));
        }
        let flags = Flags { discover: true, ignore_files: true, ..global.settings() };
        let mut resolved = settings::load(&flags)?;
        find_project(&mut resolved).await;
        if resolved.settings.docker.project.is_none() {
            // It did not answer, so nobody knows whether it belongs to the system.
            resolved.remove_engine();
        }
        resolved.warnings.iter().for_each(|why| stdio::note(&format!("warning: {why}")));
        let text = text(&resolved, self.file.parent().unwrap_or(Path::new("")))?;
        if text.ends_with(NOTHING) {
            self.refuse_to_hide()?;
        }
        // A file that `config show` refuses would be worse than none.
        yaml::parse::<Settings>(&text, "the discovered configuration")?;
        if self.dry_run {
            stdio::data(&text)?;
            return Ok(exit::OK);
        }
        self.write(&text)?;
        let number = resolved.entries.len() as f64;
        stdio::note(&format!(
            "{}: written, {}",
            self.file.display(),
            units::counted(number, "discovered setting")
        ));
        Ok(exit::OK)
    }

    /// An empty configuration must not come before one that is in force.
    fn refuse_to_hide(&self) -> Result<(), CliError> {
        let absolute = |path: &Path| std::path::absolute(path).ok();
        let own = absolute(&self.file);
        let mut later = settings::searched().into_iter().skip_while(|path| absolute(path) != own).skip(1);
        match later.find(|path| path.exists()) {
            None => Ok(()),
            Some(hidden) => Err(CliError::refused(format!(
                "nothing was discovered, and an empty {} would hide the configuration in force, {}; nothing was changed",
                self.file.display(),
                hidden.display()
            ))
            .hint("ordctl config show --origin")),
        }
    }

    fn write(&self, text: &str) -> Result<(), CliError> {
        let shown = self.file.display();
        let failed = |e: std::io::Error| match e.kind() {
            ErrorKind::AlreadyExists => {
                CliError::refused(format!("{shown} exists already; nothing was changed"))
                    .hint("ordctl init --dry-run")
            }
            _ => CliError::failed(format!("cannot write {shown}")).because(e),
        };
        if let Some(parent) = self.file.parent().filter(|dir| !dir.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut file = std::fs::File::create_new(&self.file).map_err(failed)?;
        std::io::Write::write_all(&mut file, text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)
    }
}

/// The file: each top-level setting below a comment with its sources.
fn text(resolved: &Resolved, directory: &Path) -> Result<String, CliError> {
    let (given, mut notes) = given(resolved);
    let is_ambiguous = resolved.settings.discovered == Some(DiscoveryScope::Ambiguous);
    notes.extend(is_ambiguous.then(|| {
        "Several databases were discovered and none of them is written: set database.url.".to_owned()
    }));
    let is_written = |entry: &&Entry| !is_ambiguous || entry.keys[0] != "database";
    let mut sections: IndexMap<&str, (Vec<&str>, Value)> = IndexMap::new();
    let all: Vec<Entry> =
        given.into_iter().chain(resolved.entries.iter().filter(is_written).cloned()).collect();
    for entry in &all {
        let Some((first, rest)) = entry.keys.split_first() else { continue };
        let (sources, tree) = sections.entry(first).or_insert_with(|| (Vec::new(), Value::Null));
        if !sources.contains(&entry.source.as_str()) {
            sources.push(&entry.source);
        }
        let value = located(entry, directory);
        settings::overlay(tree, settings::nest(rest.iter().map(String::as_str), value));
    }
    let mut out = HEAD.to_owned();
    for (key, (sources, tree)) in &sections {
        let failed = |e: anyhow::Error| CliError::failed("cannot render the configuration").because(e);
        let yaml = yaml::render(&json!({ *key: tree })).map_err(failed)?;
        // Writing to a String does not fail.
        let _ = write!(out, "\n# {}\n{}\n", clean(&shown(sources)), yaml.trim_end());
    }
    for note in notes {
        let _ = writeln!(out, "\n# {}", clean(&note));
    }
    let is_system =
        ["database", "redis", "docker", "prometheus"].iter().any(|key| sections.contains_key(key));
    out.push_str(if is_system { MORE } else { NOTHING });
    Ok(out)
}

/// The sources of a section; several services of a file are the file.
fn shown(sources: &[&str]) -> String {
    let mut files: Vec<&str> = match sources {
        [one] => vec![one],
        several => several.iter().map(|source| source.split(" (").next().unwrap_or(source)).collect(),
    };
    files.dedup();
    files.join(", ")
}

/// The settings of variables and flags, without passwords, and what is missing in them.
fn given(resolved: &Resolved) -> (Vec<Entry>, Vec<String>) {
    let mut entries = Vec::new();
    let mut notes = Vec::new();
    let settings = &resolved.settings;
    let urls: [(&str, Option<&SecretUrl>); 4] = [
        ("database.url", settings.database.url.as_ref()),
        ("redis.url", settings.redis.url.as_ref()),
        ("prometheus.url", settings.prometheus.url.as_ref()),
        ("alertmanager.url", settings.alertmanager.url.as_ref()),
    ];
    for row in resolved.rows() {
        let source = row.origin.to_string();
        let is_given = matches!(
            row.origin,
            settings::Origin::Variable(_) | settings::Origin::Variables(_) | settings::Origin::Flag(_)
        );
        if !is_given || row.value.is_null() {
            continue;
        }
        let url = urls.iter().find(|(path, _)| *path == row.path).and_then(|(_, url)| *url);
        let section = row.path.trim_end_matches(".url");
        let value = match url.map(SecretUrl::without_password) {
            None => row.value,
            Some(None) => {
                notes.push(format!("{section}.url is not written: {source} may hold a secret in any part."));
                continue;
            }
            Some(Some((without, has_password))) => {
                let missing =
                    format!("The password in {source} is not written: set {section}.password_file.");
                notes.extend(has_password.then_some(missing));
                Value::String(without)
            }
        };
        entries.push(Entry::new(&row.path, value, source));
    }
    (entries, notes)
}

/// The value of an entry. A relative path starts at the working directory, for a variable and for discovery, and the
/// file may be elsewhere.
fn located(entry: &Entry, directory: &Path) -> Value {
    let is_path = settings::is_path(entry.keys.iter().map(String::as_str));
    match &entry.value {
        Value::String(path) if is_path && !directory.as_os_str().is_empty() => {
            std::path::absolute(path).map_or(entry.value.clone(), |path| json!(path))
        }
        value => value.clone(),
    }
}
