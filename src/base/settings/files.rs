//! The configuration file: where it is searched, and what it holds.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::{Flags, Settings, paths};
use crate::base::cli_error::CliError;
use crate::base::{discovery, env, plain_file, yaml};

/// The files that are tried without `--config` and `$ORDCTL_CONFIG`, in their order.
pub(crate) fn searched() -> Vec<PathBuf> {
    let user = env::read(env::XDG_CONFIG_HOME)
        .map(PathBuf::from)
        .or_else(|| env::read(env::HOME).map(|h| Path::new(&h).join(".config")))
        .map(|dir| dir.join("ordctl/ordctl.yaml"));
    [Some("ordctl.yaml".into()), user, Some("/etc/ordctl/ordctl.yaml".into())].into_iter().flatten().collect()
}

/// Reads the file as a tree. Parsing it as [`Settings`] first gives errors a position.
pub(super) fn read(flags: &Flags) -> Result<(Option<PathBuf>, Map<String, Value>), CliError> {
    if flags.ignore_files {
        return Ok((None, Map::new()));
    }
    let Some(path) = find(flags)? else { return Ok((None, Map::new())) };
    let origin = path.display().to_string();
    let text = plain_file::read_argument(&path)
        .map_err(|e| CliError::usage(format!("cannot read {origin}")).because(e))?;
    yaml::parse::<Settings>(&text, &origin)?;
    let mut tree = yaml::parse::<Map<String, Value>>(&text, &origin)?;
    paths::resolve(&mut tree, &path);
    Ok((Some(path), tree))
}

fn find(flags: &Flags) -> Result<Option<PathBuf>, CliError> {
    let given = flags.config.clone().or_else(|| env::read(env::CONFIG).map(PathBuf::from));
    if let Some(path) = given {
        if !path.exists() {
            return Err(CliError::usage(format!("configuration file {} does not exist", path.display()))
                .hint(format!("set --config or ${} to an existing file", env::CONFIG)));
        }
        return Ok(Some(path));
    }
    let found = searched().into_iter().find(|path| path.exists());
    if let Some(path) = found.as_deref().filter(|path| path.is_relative()) {
        check_trust(path)?;
    }
    Ok(found)
}

/// Refuses a file of the working directory that another user could have written: its addresses, runbooks and programs
/// would be those of that user. `--config` and the variable name a file that the user trusts.
fn check_trust(path: &Path) -> Result<(), CliError> {
    match discovery::why_file_untrusted(path) {
        None => Ok(()),
        Some((why, remedy)) => {
            let shown = path.display();
            Err(CliError::usage(format!("configuration file {shown} is not used: {why}"))
                .hint(format!("{remedy}, or name it with --config {shown}")))
        }
    }
}
