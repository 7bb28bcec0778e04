//! What an agent may be allowed.

/// A right. [`Scope::Admin`] holds all the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// See tasks.
    TasksRead,
    /// Make and change tasks.
    TasksWrite,
    /// See runs.
    RunsRead,
    /// Publish events.
    EventsWrite,
    /// Make and change agents.
    AgentsAdmin,
    /// Everything, also what belongs to others.
    Admin,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::TasksRead,
        Self::TasksWrite,
        Self::RunsRead,
        Self::EventsWrite,
        Self::AgentsAdmin,
        Self::Admin,
    ];

    /// As agents have it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TasksRead => "tasks:read",
            Self::TasksWrite => "tasks:write",
            Self::RunsRead => "runs:read",
            Self::EventsWrite => "events:write",
            Self::AgentsAdmin => "agents:admin",
            Self::Admin => "admin",
        }
    }
}
