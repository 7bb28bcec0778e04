//! `serve --dev`: the example tasks, for a first look.

use include_dir::{Dir, include_dir};
use serde_json::{Value, json};

use crate::base::cli_error::CliError;
use crate::base::yaml;
use crate::commands::tasks::fault;
use crate::engine::tasks::{Actor, Place, Tasks};
use crate::model::Consented;

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples/tasks");

/// Makes those of the example tasks that are not there. Returns how many were made.
pub(crate) async fn load(tasks: &Tasks) -> Result<usize, CliError> {
    let consented = Consented::from_configuration("serve --dev");
    let actor = Actor::system(json!({})).with_consent(&consented);
    let page = tasks.list(["active", "", ""], &Place::offset(1000, 0), &actor).await.map_err(fault)?;
    let mut made = 0;
    for file in EXAMPLES.files() {
        let name = file.path().display().to_string();
        let text = file.contents_utf8().unwrap_or_default();
        let document: Value = yaml::parse(text, &format!("examples/tasks/{name}"))?;
        if page.items.iter().all(|t| document["title"] != t.title.as_str()) {
            tasks.create(&document, &actor).await.map_err(fault)?;
            made += 1;
        }
    }
    Ok(made)
}
