//! Regular expressions given by users, with the position of an error.

use regex::bytes::Regex;
use regex_syntax::Error;

pub(crate) fn compile(text: &str) -> Result<Regex, String> {
    // Most often that of an unset variable in a script.
    if text.is_empty() {
        return Err("an empty expression matches every line".to_owned());
    }
    let at = |offset: usize, what: &dyn std::fmt::Display| {
        let before = text.get(..offset).unwrap_or(text);
        format!("{what}, at character {} of '{text}'", before.chars().count() + 1)
    };
    let describe = |e: regex::Error| match regex_syntax::parse(text) {
        Err(Error::Parse(e)) => at(e.span().start.offset, e.kind()),
        Err(Error::Translate(e)) => at(e.span().start.offset, e.kind()),
        _ => format!("{e}: '{text}'"),
    };
    Regex::new(text).map_err(describe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_expression_is_refused_with_its_place() {
        assert!(compile("^a|b$").unwrap().is_match(b"xb"));
        for (text, place) in [("ab(c", "character 3"), ("ü[z-a]", "character 3"), ("*", "character 1")] {
            let error = compile(text).unwrap_err();
            assert!(error.contains(place) && error.contains(text), "{error}");
        }
        assert!(compile("").is_err());
        assert!(compile(r"a{1000}{1000}{1000}").unwrap_err().contains("a{1000}"));
    }
}
