//! The engine's statements for long-lived sessions. A session prepares its statements once, or loads their
//! texts where it sends them unprepared; nothing outside the store names a query.

use tokio_postgres::Statement;

use super::Library;
use crate::clients::postgres::{ClientError, SYSTEM, Session, explain};

/// The text of one of the engine's queries, which user files cannot replace.
fn text(name: &str) -> Result<String, ClientError> {
    Library::default().sql(name).map(|q| q.text).map_err(|e| ClientError::failed(SYSTEM, e))
}

async fn statement(session: &Session, name: &str) -> Result<Statement, ClientError> {
    session.prepare(&text(name)?).await.map_err(|e| explain(&e))
}

/// A struct of prepared statements, each with its query below `queries/engine/`.
macro_rules! prepared {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $query:literal),+ $(,)? }) => {
        $(#[$doc])*
        pub(crate) struct $name {
            $(pub(crate) $field: Statement),+
        }

        impl $name {
            pub(crate) async fn prepare(session: &Session) -> Result<Self, ClientError> {
                Ok(Self { $($field: statement(session, concat!("engine/", $query)).await?),+ })
            }
        }
    };
}

/// A struct of statement texts, each with its query below `queries/engine/`.
macro_rules! texts {
    ($(#[$doc:meta])* $name:ident { $($field:ident: $query:literal),+ $(,)? }) => {
        $(#[$doc])*
        pub(crate) struct $name {
            $(pub(crate) $field: String),+
        }

        impl $name {
            pub(crate) fn load() -> Result<Self, ClientError> {
                Ok(Self { $($field: text(concat!("engine/", $query))?),+ })
            }
        }
    };
}

prepared! {
    /// Claims work and records outcomes.
    WorkerStatements {
        settings: "work/session",
        register: "work/register",
        unregister: "work/unregister",
        claim: "work/claim",
        claim_alone: "work/claim_alone",
        definitions: "work/definitions",
        complete: "work/complete",
        retry: "work/retry",
        hand_back: "work/hand_back",
        discard: "work/discard",
        hand_back_unknown: "work/hand_back_unknown",
        free_slots: "work/free_slots",
        promote: "work/promote",
        next_due: "work/next_due",
    }
}

prepared! {
    /// Renews leases and records heartbeats.
    RenewalStatements {
        renew: "work/renew",
        renew_rows: "work/renew_rows",
        canceled: "work/canceled",
        heartbeat: "work/heartbeat",
    }
}

prepared! {
    /// Removes the heartbeat of a node that stops.
    HeartbeatEnd {
        delete: "work/heartbeat_end",
    }
}

prepared! {
    /// Takes over from dead workers and repairs rows.
    ReaperStatements {
        dead_workers: "work/dead_workers",
        take_over: "work/take_over",
        sweep: "work/sweep",
        promote: "work/promote",
        delete_expired: "idempotency/delete_expired",
    }
}

prepared! {
    /// Queues the occurrences of schedules.
    SchedulerStatements {
        due: "schedule/due",
        advance: "schedule/advance",
        next: "schedule/next",
    }
}

prepared! {
    /// Claims conditions and records their results.
    ConditionStatements {
        claim: "condition/claim",
        record: "condition/record",
        release: "condition/release",
    }
}

prepared! {
    /// Sends events from the outbox.
    RelayStatements {
        settings: "events/session",
        lock: "events/try_relay_lock",
        outbox: "events/outbox",
        find_relayed: "events/find_relayed",
        record_relayed: "events/record_relayed",
    }
}

prepared! {
    /// Deletes old rows.
    RetentionStatements {
        settings: "retention/session",
        try_lock: "retention/try_lock",
        runs: "retention/runs",
        dead_letters: "retention/dead_letters",
        audit: "retention/audit",
        needed_events: "retention/needed_events",
        events: "retention/events",
    }
}

prepared! {
    /// Notifies the other nodes.
    NotifyStatement {
        notify: "notify",
    }
}

texts! {
    /// Subscribes to the notifications of other nodes.
    ListenText {
        listen: "listen",
    }
}

texts! {
    /// Statements about the database as a whole.
    DatabaseTexts {
        identify: "identify",
        running_upstream: "upstream_alive",
        try_sampling_lock: "samples/try_lock",
    }
}

texts! {
    /// Creates the database of the embedded server.
    EmbeddedTexts {
        database_exists: "embedded/database_exists",
        create_database: "embedded/create_database",
    }
}

texts! {
    /// Statements of a migration session.
    MigrationTexts {
        settings: "migrate/session",
        try_lock: "migrate/try_lock",
        holds_lock: "migrate/holds_lock",
        unlock: "migrate/unlock",
        create_table: "migrate/create_table",
        invalid_index: "migrate/invalid_index",
        record: "migrate/record",
    }
}
