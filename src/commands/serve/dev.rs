//! `serve --dev`: creates the example tasks.

use include_dir::{Dir, include_dir};
use serde_json::{Value, json};

use crate::base::cli_error::CliError;
use crate::base::yaml;
use crate::commands::task_session::task_error;
use crate::engine::tasks::{Actor, PageRequest, TaskFilter, Tasks};
use crate::model::{Consented, TaskStatus};

static EXAMPLES: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/examples/tasks");

/// Creates the example tasks that do not exist. Returns their number.
pub(crate) async fn load(tasks: &Tasks) -> Result<usize, CliError> {
    let consented = Consented::from_configuration("serve --dev");
    let actor = Actor::system(json!({})).with_consent(&consented);
    let active = TaskFilter { status: Some(TaskStatus::Active), ..TaskFilter::default() };
    let page = tasks.list(&active, &PageRequest::offset(1000, 0), &actor).await.map_err(task_error)?;
    let mut created = 0;
    for file in EXAMPLES.files() {
        let name = file.path().display().to_string();
        let text = file.contents_utf8().unwrap_or_default();
        let document: Value = yaml::parse(text, &format!("examples/tasks/{name}"))?;
        if page.items.iter().all(|t| document["title"] != t.title.as_str()) {
            tasks.create(&document, &actor).await.map_err(task_error)?;
            created += 1;
        }
    }
    Ok(created)
}
