//! Commands in hints that go to the system that was meant: what was chosen by flags this time has to be
//! chosen again, or the next command typed goes elsewhere.

const NAME: &str = "ordctl ";

/// The hint with these flags behind each `ordctl` in it.
pub fn aimed(hint: &str, flags: &str) -> String {
    let mut out = String::with_capacity(hint.len());
    let mut rest = hint;
    while let Some(at) = rest.find(NAME) {
        let (before, after) = rest.split_at(at);
        let starts = before.chars().next_back().is_none_or(|c| c.is_whitespace() || "`(".contains(c));
        out.push_str(before);
        out.push_str(NAME);
        if starts && !flags.is_empty() {
            out.push_str(flags);
            out.push(' ');
        }
        rest = &after[NAME.len()..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_command_of_a_hint_gets_the_flags() {
        let flags = "--env staging";
        for (hint, wanted) in [
            ("ordctl doctor", "ordctl --env staging doctor"),
            ("to go down: ordctl scale down 4", "to go down: ordctl --env staging scale down 4"),
            (
                "`ordctl hold` or `ordctl resume`",
                "`ordctl --env staging hold` or `ordctl --env staging resume`",
            ),
            ("docker logs myordctl x", "docker logs myordctl x"),
            ("services.worker.min in ordctl.yaml says so", "services.worker.min in ordctl.yaml says so"),
        ] {
            assert_eq!(aimed(hint, flags), wanted);
            assert_eq!(aimed(hint, ""), hint);
        }
    }
}
