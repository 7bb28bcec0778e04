//! "Did you mean": the nearest right word for a misspelt one.

/// The candidate nearest to `word`, if one is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|c| (strsim::jaro_winkler(&word.to_lowercase(), &c.to_lowercase()), c))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// `did you mean 'x'?`, or the whole choice when nothing is near.
pub fn hint(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(c) => format!("did you mean '{c}'?"),
        None if candidates.is_empty() => "none is known here".to_owned(),
        None => format!("known: {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_misspelt_word_and_leaves_a_strange_one_alone() {
        assert_eq!(nearest("postgress", ["redis", "postgres", "docker"]), Some("postgres"));
        assert_eq!(nearest("databse", ["data_dir", "database"]), Some("database"));
        assert_eq!(nearest("xyzzy", ["redis", "postgres"]), None);
    }
}
