//! `db connections`: client connections by user, application and state.

use clap::Args;
use serde_json::json;

use crate::base::cli_error::CliError;
use crate::base::exit;
use crate::commands::Context;
use crate::commands::task_session::store_error;
use crate::model::db_session::ConnectionGroup;
use crate::model::table::{Kind, Row, View};
use crate::model::{Column, Table};
use crate::store::Store;

#[derive(Debug, Args)]
pub(crate) struct Connections {}

impl Connections {
    pub(super) async fn execute(&self, context: &Context, store: &Store) -> Result<u8, CliError> {
        let groups = store.connections().await.map_err(store_error)?;
        context.print(&table(&groups))?;
        Ok(exit::OK)
    }
}

fn table(groups: &[ConnectionGroup]) -> Table {
    let columns = vec![
        Column::new("USER", "user", Kind::Text),
        Column::new("APPLICATION", "application", Kind::Text),
        Column::new("DATABASE", "database", Kind::Text),
        Column::new("STATE", "state", Kind::Plain),
        Column::new("COUNT", "connections", Kind::Count),
        Column::new("IN STATE FOR", "longest_seconds", Kind::Duration),
        Column::new("OLDEST", "oldest", Kind::Age).only(View::Short),
        Column::new("OLDEST", "oldest", Kind::Time).only(View::Wide),
    ];
    let row = |group: &ConnectionGroup| {
        Row::new(json!({
            "user": group.user,
            "application": group.application.as_deref().filter(|name| !name.is_empty()),
            "database": group.database,
            "state": group.state,
            "connections": group.connections,
            "longest_seconds": group.longest_seconds.map(|seconds| seconds.max(0.0)),
            "oldest": group.oldest,
        }))
    };
    Table {
        name: "connections",
        columns,
        rows: groups.iter().map(row).collect(),
        none: "no connections".into(),
    }
}
