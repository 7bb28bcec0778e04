//! Puts the flags that selected the system into the commands of hints.
//!
//! Without them the next command would go to the default environment, and `psql` to a server on this machine.

const NAME: &str = "ordctl ";
const PSQL: &str = "psql -";

/// The flags that choose a system, and the names that tell a command from prose.
#[derive(Clone, Debug, Default)]
pub(crate) struct TargetFlags {
    /// As typed, such as `--env staging`.
    pub(crate) flags: String,
    /// Every subcommand of ordctl.
    pub(crate) commands: Vec<String>,
    /// The options with which `psql` reaches the system's database; empty without one.
    pub(crate) psql: String,
}

impl TargetFlags {
    /// Whether a hint runs `psql`, whose options are needed then.
    pub(crate) fn needs_psql(hint: &str) -> bool {
        hint.contains(PSQL)
    }

    /// Puts the flags into each command of a hint.
    pub(crate) fn qualify(&self, hint: &str) -> String {
        let hint = insert(hint, NAME, |after| {
            let next = after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).next();
            let is_command = self.commands.iter().any(|command| Some(command.as_str()) == next);
            (is_command && !self.flags.is_empty()).then(|| format!("{} ", self.flags))
        });
        insert(&hint, PSQL, |after| {
            // With long options it names a server already.
            let is_bare = !self.psql.is_empty() && !after.starts_with('-');
            is_bare.then(|| format!("{} -", self.psql.trim_start_matches(" -")))
        })
    }
}

/// Inserts into a hint after each `mark` that starts a word. `insertion` gets the text after the mark.
fn insert(hint: &str, mark: &str, insertion: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(hint.len());
    let mut rest = hint;
    while let Some(at) = rest.find(mark) {
        let (before, after) = (&rest[..at], &rest[at + mark.len()..]);
        let starts_word = before.chars().next_back().is_none_or(|c| c.is_whitespace() || "`(".contains(c));
        out.push_str(before);
        out.push_str(mark);
        out.extend(insertion(after).filter(|_| starts_word));
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualify_changes_commands_and_not_prose() {
        let commands = ["doctor", "scale", "hold", "resume"].map(str::to_owned).to_vec();
        let target = TargetFlags { flags: "--env staging".to_owned(), commands, ..TargetFlags::default() };
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

    #[test]
    fn psql_gets_the_connection_unless_it_has_one() {
        let psql = " --host=db.example --dbname=orders".to_owned();
        let target = TargetFlags { psql, ..TargetFlags::default() };
        let qualified = "psql --host=db.example --dbname=orders -c 'SELECT 1'";
        assert_eq!(target.qualify("psql -c 'SELECT 1'"), qualified);
        assert_eq!(target.qualify("`psql -c 'SELECT 1'` shows it"), format!("`{qualified}` shows it"));
        assert_eq!(target.qualify(qualified), qualified);
        assert_eq!(target.qualify("see psql -c"), "see psql --host=db.example --dbname=orders -c");
        assert_eq!(TargetFlags::default().qualify("psql -c 'SELECT 1'"), "psql -c 'SELECT 1'");
    }
}
