//! The docker command that reaches the engine that ordctl uses.

use crate::base::shell;
use crate::clients::platform::HintCommands;

/// `docker`, with a host or a context where the command alone would reach another engine.
#[derive(Clone, Debug)]
pub(crate) struct Cli(String);

impl Default for Cli {
    fn default() -> Self {
        Self("docker".to_owned())
    }
}

impl Cli {
    /// `flags` are further global flags, such as those for TLS.
    pub(super) fn for_host(url: &str, flags: Option<&str>) -> Self {
        let flags = flags.map(|flags| format!(" {flags}")).unwrap_or_default();
        Self(format!("docker -H {}{flags}", shell_words::quote(url)))
    }

    pub(super) fn for_context(name: &str) -> Self {
        Self(format!("docker --context {}", shell_words::quote(name)))
    }

    /// The command with its arguments.
    pub(crate) fn command(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.0)
    }
}

impl HintCommands for Cli {
    fn list(&self, service: Option<&str>) -> String {
        let filter = service.map(|name| format!(" --filter name={}", shell::word(name))).unwrap_or_default();
        self.command(&format!("ps -a{filter}"))
    }

    fn logs(&self, name: &str) -> String {
        self.command(&format!("logs --tail 50 {}", shell::word(name)))
    }

    fn search_logs(&self, name: &str, since: &str, pattern: &str) -> String {
        let (since, name, pattern) = (shell::word(since), shell::word(name), shell::quoted(pattern));
        self.command(&format!("logs --since {since} {name} 2>&1 | grep -E {pattern} | tail"))
    }

    fn log_driver(&self, name: &str) -> String {
        self.command(&format!("inspect --format '{{{{.HostConfig.LogConfig.Type}}}}' {}", shell::word(name)))
    }

    fn inspect(&self, name: &str) -> String {
        self.command(&format!("inspect {}", shell::word(name)))
    }

    fn health(&self, name: &str) -> String {
        self.command(&format!("inspect --format '{{{{json .State.Health}}}}' {}", shell::word(name)))
    }

    fn usage(&self, name: &str) -> String {
        self.command(&format!("stats --no-stream {}", shell::word(name)))
    }

    fn unpause(&self, name: &str) -> String {
        self.command(&format!("unpause {}", shell::word(name)))
    }

    fn services(&self) -> String {
        self.command("service ls")
    }

    fn service_instances(&self, service: &str) -> String {
        self.command(&format!("service ps --no-trunc {}", shell::word(service)))
    }

    fn rollback(&self, service: &str) -> String {
        self.command(&format!("service rollback {}", shell::word(service)))
    }

    fn set_grace_period(&self, service: &str, seconds: u64) -> String {
        self.command(&format!("service update --stop-grace-period {seconds}s {}", shell::word(service)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_names_the_host() {
        let cli = Cli::for_host("tcp://db:2375", None);
        let commands = [
            cli.list(None),
            cli.list(Some("api")),
            cli.logs("a"),
            cli.search_logs("a", "1h", "ERROR"),
            cli.log_driver("a"),
            cli.inspect("a"),
            cli.health("a"),
            cli.usage("a"),
            cli.unpause("a"),
            cli.services(),
            cli.service_instances("a"),
            cli.rollback("a"),
            cli.set_grace_period("a", 5),
        ];
        for command in commands {
            assert!(command.starts_with("docker -H tcp://db:2375 "), "{command}");
        }
        assert_eq!(Cli::default().list(None), "docker ps -a");
        assert_eq!(
            cli.log_driver("a"),
            "docker -H tcp://db:2375 inspect --format '{{.HostConfig.LogConfig.Type}}' a"
        );
    }

    /// Container and service names come from labels, which any user of the engine sets.
    #[test]
    fn no_name_becomes_a_command() {
        let (cli, evil) = (Cli::default(), "w;touch pwn $(id) 'x'");
        for command in [
            cli.list(Some(evil)),
            cli.logs(evil),
            cli.search_logs(evil, "1h", "ERROR"),
            cli.search_logs("a", evil, evil),
            cli.log_driver(evil),
            cli.inspect(evil),
            cli.health(evil),
            cli.usage(evil),
            cli.unpause(evil),
            cli.service_instances(evil),
            cli.rollback(evil),
            cli.set_grace_period(evil, 5),
        ] {
            let words = shell_words::split(&command).unwrap();
            assert!(words.iter().any(|word| word.trim_start_matches("name=") == evil), "{command}");
        }
    }
}
