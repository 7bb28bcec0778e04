//! What an agent may be allowed.

/// A right. [`Scope::Admin`] holds all the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    TasksRead,
    TasksWrite,
    RunsRead,
    EventsWrite,
    AgentsAdmin,
    /// Everything, also what belongs to others.
    Admin,
}

impl Scope {
    pub(crate) const ALL: [Self; 6] = [
        Self::TasksRead,
        Self::TasksWrite,
        Self::RunsRead,
        Self::EventsWrite,
        Self::AgentsAdmin,
        Self::Admin,
    ];

    pub(crate) const fn name(self) -> &'static str {
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
