//! Ids and file names made from names that users choose.

/// The name with `replacement` for every character that is neither ASCII alphanumeric nor in `allowed`.
pub(crate) fn sanitize(name: &str, allowed: &str, replacement: char) -> String {
    let keep = |c: char| if c.is_ascii_alphanumeric() || allowed.contains(c) { c } else { replacement };
    name.chars().map(keep).collect()
}

/// The name as part of a finding's id: lower case, one `-` for every run of characters other than
/// `a-z 0-9 _ .`, never empty.
pub(crate) fn ident(name: &str) -> String {
    let mut id = String::with_capacity(name.len());
    for c in sanitize(&name.to_ascii_lowercase(), "_.", '-').chars() {
        if c != '-' || !(id.is_empty() || id.ends_with('-')) {
            id.push(c);
        }
    }
    let id = id.trim_end_matches('-');
    if id.is_empty() { "other".to_owned() } else { id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hold_only_plain_characters() {
        assert_eq!(ident("API Ready"), "api-ready");
        assert_eq!(ident("/var/lib/docker"), "var-lib-docker");
        assert_eq!(ident("a--b=\"c\""), "a-b-c");
        assert_eq!(ident("Größe"), "gr-e");
        assert_eq!(ident("/"), "other");
    }

    #[test]
    fn file_names_keep_case_and_length() {
        assert_eq!(sanitize("My DB/1", "_-", '_'), "My_DB_1");
        assert_eq!(sanitize("prod-eu.1", "_", '-'), "prod-eu-1");
    }
}
