//! Texts from outside in commands of hints: a name must not become a command of the shell that the hint is typed in.

use std::fmt::Display;

/// A word of a command, in quotes where it needs them.
pub(crate) fn word(value: impl Display) -> String {
    shell_words::quote(&value.to_string()).into_owned()
}

/// A word of a command that is always in quotes, as URLs and paths are shown.
pub(crate) fn quoted(value: impl Display) -> String {
    format!("'{}'", value.to_string().replace('\'', r"'\''"))
}

/// The command that runs a runbook.
pub(crate) fn run(runbook: &str, flags: &str) -> String {
    format!("ordctl run {} {flags}", word(runbook)).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_reads_back_one_word() {
        for name in ["worker", "w;touch pwn", "$(id)", "it's", "`id`", "a b\n", "", "*", "~", "\\"] {
            for typed in [word(name), quoted(name)] {
                assert_eq!(
                    shell_words::split(&format!("ordctl logs {typed}")).unwrap()[2..],
                    [name],
                    "{typed}"
                );
            }
        }
        assert_eq!(run("mine", ""), "ordctl run mine");
        assert_eq!(run("a;b", "--resume"), "ordctl run 'a;b' --resume");
        assert_eq!((word("worker"), quoted("worker")), ("worker".to_owned(), "'worker'".to_owned()));
    }
}
