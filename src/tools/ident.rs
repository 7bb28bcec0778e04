//! Stable ids from names that others chose.

/// The name as an id of `a-z 0-9 _ . -`: small letters, and one `-` for whatever else stands
/// there. Never empty.
pub(crate) fn ident(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for c in name.chars() {
        match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '_' | '.') => id.push(c),
            _ if id.is_empty() || id.ends_with('-') => {}
            _ => id.push('-'),
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() { "other".to_owned() } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_holds_its_id_is_plain() {
        assert_eq!(ident("API Ready"), "api-ready");
        assert_eq!(ident("/var/lib/docker"), "var-lib-docker");
        assert_eq!(ident("a--b=\"c\""), "a-b-c");
        assert_eq!(ident("Größe"), "gr-e");
        assert_eq!(ident("/"), "other");
    }
}
