//! `${NAME}`, `${NAME:-default}` and the other forms of compose files (Compose specification, "Interpolation").

/// How deep a default may hold another reference.
const DEPTH_MAX: usize = 8;

/// Longest value, since references could double the text of one another without end.
const LENGTH_MAX: usize = 16 << 10;

/// Replaces every reference. One without a value and a default becomes empty, as in compose.
pub(super) fn interpolate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = replace(text, lookup, 0);
    while text.len() > LENGTH_MAX {
        text.pop();
    }
    text
}

fn replace(text: &str, lookup: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('$').filter(|_| out.len() <= LENGTH_MAX) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let Some(end) = closing(inner) else {
                // No later reference is complete either. To look at each would take time without bound.
                return out + "$" + rest;
            };
            out.push_str(&value(&inner[..end], lookup, depth));
            rest = &inner[end + 1..];
        } else {
            let end = name_length(rest);
            match end {
                0 => out.push('$'),
                _ => out.push_str(&lookup(&rest[..end]).unwrap_or_default()),
            }
            rest = &rest[end..];
        }
    }
    out + rest
}

/// The value of what stands between the braces.
fn value(inner: &str, lookup: &dyn Fn(&str) -> Option<String>, depth: usize) -> String {
    let (name, operator) = inner.split_at(name_length(inner));
    let found = lookup(name);
    let operator = operator.strip_prefix(':').unwrap_or(operator);
    let word = |word: &str| match depth < DEPTH_MAX {
        true => replace(word, lookup, depth + 1),
        false => String::new(),
    };
    match (operator.chars().next(), found) {
        (Some('-'), None) => word(&operator[1..]),
        (Some('+'), Some(_)) => word(&operator[1..]),
        (Some('+'), None) => String::new(),
        (_, found) => found.unwrap_or_default(),
    }
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len())
}

/// The place of the brace that closes a reference.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => open += 1,
            '}' if open == 0 => return Some(at),
            '}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_forms_of_compose_are_replaced() {
        let lookup = |name: &str| (name == "A").then(|| "1".to_owned());
        for (text, expected) in [
            ("x${A}y $A.", "x1y 1."),
            ("${B:-2}${B-3}${A:-4}", "231"),
            ("${B:-${C:-${A}}}", "1"),
            ("${A:+set}${B:+set}", "set"),
            ("${B}${B:?is missing}", ""),
            ("cost $$5 $", "cost $5 $"),
            ("${A", "${A"),
            ("${B:-${A}", "${B:-${A}"),
            ("é$A€", "é1€"),
        ] {
            assert_eq!(interpolate(text, &lookup), expected, "{text}");
        }
    }

    #[test]
    fn nesting_and_length_are_bounded() {
        let text = "${B:-".repeat(10_000) + &"}".repeat(10_000);
        assert_eq!(interpolate(&text, &|_| None), "");
        let long = interpolate(&"$A".repeat(100_000), &|_| Some("x".repeat(LENGTH_MAX)));
        assert_eq!(long.len(), LENGTH_MAX);
    }

    /// Every command reads the compose file of its directory.
    #[test]
    fn a_long_text_of_open_braces_ends_at_once() {
        let (sender, receiver) = std::sync::mpsc::channel();
        std::thread::spawn(move || sender.send(interpolate(&"${".repeat(300_000), &|_| None).len()));
        let length = receiver.recv_timeout(std::time::Duration::from_secs(10));
        assert_eq!(length, Ok(LENGTH_MAX), "it takes longer than 10 s");
    }
}
