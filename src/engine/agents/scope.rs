//! Scopes of agents.

/// A permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    TasksRead,
    TasksWrite,
    RunsRead,
    EventsWrite,
    AgentsAdmin,
    /// Every permission, on the objects of all agents.
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
