//! Commands that hints print.

/// The commands of a platform's own command line. Each one reaches the platform that ordctl used
/// (host, context), so that it works as printed.
pub(crate) trait HintCommands: Send + Sync {
    /// Lists all instances, or those of a service.
    fn list(&self, service: Option<&str>) -> String;

    /// Shows the last lines of an instance's log.
    fn logs(&self, name: &str) -> String;

    /// Shows the last lines of an instance's log that match an extended regular expression. `since` is a
    /// duration such as `90s` or `24h`.
    fn search_logs(&self, name: &str, since: &str, pattern: &str) -> String;

    /// Shows where an instance's log is stored.
    fn log_driver(&self, name: &str) -> String;

    fn inspect(&self, name: &str) -> String;

    /// Shows the results of an instance's health check.
    fn health(&self, name: &str) -> String;

    /// Shows what an instance uses.
    fn usage(&self, name: &str) -> String;

    /// Resumes a paused instance.
    fn unpause(&self, name: &str) -> String;

    /// Lists the managed services.
    fn services(&self) -> String;

    /// Lists the instances of a managed service, with errors.
    fn service_instances(&self, service: &str) -> String;

    /// Rolls a managed service back to its last version.
    fn rollback(&self, service: &str) -> String;

    /// Sets how long an instance of a managed service may take to end.
    fn set_grace_period(&self, service: &str, seconds: u64) -> String;
}

#[cfg(test)]
pub(crate) mod testing {
    use super::HintCommands;
    use crate::clients::platform::docker::Cli;

    /// The commands of a local platform.
    pub(crate) fn commands() -> impl HintCommands {
        Cli::default()
    }
}
