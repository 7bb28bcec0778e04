//! Passwords that the operator's variables hold are for the addresses that the operator gave. A discovered address may be
//! a server of whoever wrote the files of the directory.

use super::Libpq;
use super::load::Layer;
use super::origin::Origin;
use crate::base::discovery::Discovery;

/// Settings that hold or lead to a password.
const SETTINGS: [&str; 2] = ["database.password_file", "database.passfile"];

/// Takes the passwords out of the variables, with a warning if no other password is known.
pub(super) fn withhold(found: &mut Discovery, variables: &mut Vec<Layer>, libpq: &mut Libpq) {
    let mut names = Vec::new();
    variables.retain(|layer| match &layer.origin {
        Origin::Variable(name) if SETTINGS.iter().any(|path| layer.sets(path)) => {
            names.push(*name);
            false
        }
        _ => true,
    });
    // It comes from PGPASSWORD, because a service would have been the address.
    names.extend(libpq.password.take().map(|_| "PGPASSWORD"));
    let has_own = ["database.password_from", "database.password_file"]
        .iter()
        .any(|path| found.entries.iter().any(|e| e.is(path)));
    let address = found.entries.iter().find(|entry| entry.is("database.url"));
    if let Some(address) = address.filter(|_| !has_own && !names.is_empty()) {
        found.warnings.push(format!(
            "not used for the database discovered in {}: {}; `ordctl init` makes it a configured one",
            address.source,
            names.join(", ")
        ));
    }
}
