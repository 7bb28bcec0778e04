//! Puts the flags that selected the system into the commands of hints.
//!
//! Without them the next command would go to the default environment.

const NAME: &str = "ordctl ";

/// The flags that choose a system, and the names that tell a command from prose.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetFlags {
    /// As typed, such as `--env staging`.
    pub(crate) flags: String,
    /// Every subcommand of ordctl.
    pub(crate) commands: Vec<String>,
}

impl TargetFlags {
    /// Puts the flags into each command of a hint.
    pub(crate) fn qualify(&self, hint: &str) -> String {
        let mut out = String::with_capacity(hint.len());
        let mut rest = hint;
        while let Some(at) = rest.find(NAME) {
            let (before, after) = rest.split_at(at);
            let after = &after[NAME.len()..];
            out.push_str(before);
            out.push_str(NAME);
            let starts_word =
                before.chars().next_back().is_none_or(|c| c.is_whitespace() || "`(".contains(c));
            let next =
                after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
            if starts_word && !self.flags.is_empty() && self.commands.iter().any(|command| command == next) {
                out.push_str(&self.flags);
                out.push(' ');
            }
            rest = after;
        }
        out + rest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualify_changes_commands_and_not_prose() {
        let commands = ["doctor", "scale", "hold", "resume"].map(str::to_owned).to_vec();
        let target = TargetFlags { flags: "--env staging".to_owned(), commands };
        for (hint, expected) in [
            ("ordctl doctor", "ordctl --env staging doctor"),
            ("to go down: ordctl scale down 4", "to go down: ordctl --env staging scale down 4"),
            (
                "`ordctl hold` or `ordctl resume`",
                "`ordctl --env staging hold` or `ordctl --env staging resume`",
            ),
        ] {
            assert_eq!(target.qualify(hint), expected);
            assert_eq!(TargetFlags::default().qualify(hint), hint);
        }
        for prose in [
            "docker logs myordctl doctor",
            "services.worker.min in ordctl.yaml says so",
            "see which ordctl processes run",
            "journalctl -u ordctl -n 50",
        ] {
            assert_eq!(target.qualify(prose), prose);
        }
    }
}
