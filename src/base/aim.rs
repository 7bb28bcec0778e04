//! Commands in hints that go to the system that was meant: what was chosen by flags this time has to be
//! chosen again, or the next command typed goes elsewhere.

const NAME: &str = "ordctl ";

/// The flags that chose a system, and by what a command is told from prose.
#[derive(Clone, Debug, Default)]
pub(crate) struct Aim {
    /// The flags as they are typed, such as `--env staging`.
    pub(crate) flags: String,
    /// The names of all commands.
    pub(crate) commands: Vec<String>,
}

impl Aim {
    /// The hint with the flags in each of its commands.
    pub(crate) fn at(&self, hint: &str) -> String {
        let mut out = String::with_capacity(hint.len());
        let mut rest = hint;
        while let Some(place) = rest.find(NAME) {
            let (before, after) = rest.split_at(place);
            let after = &after[NAME.len()..];
            out.push_str(before);
            out.push_str(NAME);
            let starts = before.chars().next_back().is_none_or(|c| c.is_whitespace() || "`(".contains(c));
            let next =
                after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next().unwrap_or_default();
            if starts && !self.flags.is_empty() && self.commands.iter().any(|command| command == next) {
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
    fn every_command_of_a_hint_gets_the_flags() {
        let commands = ["doctor", "scale", "hold", "resume"].map(str::to_owned).to_vec();
        let aim = Aim { flags: "--env staging".to_owned(), commands };
        for (hint, wanted) in [
            ("ordctl doctor", "ordctl --env staging doctor"),
            ("to go down: ordctl scale down 4", "to go down: ordctl --env staging scale down 4"),
            (
                "`ordctl hold` or `ordctl resume`",
                "`ordctl --env staging hold` or `ordctl --env staging resume`",
            ),
        ] {
            assert_eq!(aim.at(hint), wanted);
            assert_eq!(Aim::default().at(hint), hint);
        }
        for prose in [
            "docker logs myordctl doctor",
            "services.worker.min in ordctl.yaml says so",
            "see which ordctl processes run",
            "journalctl -u ordctl -n 50",
        ] {
            assert_eq!(aim.at(prose), prose);
        }
    }
}
