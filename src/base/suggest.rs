//! "Did you mean": the known word nearest to a misspelled one.

/// Maximum number of compared candidates: they may come from user input.
const COMPARED: usize = 1000;
/// Maximum number of listed candidates.
const LISTED: usize = 40;

/// The candidate nearest to `word`, if it is similar enough.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > 200 {
        return None;
    }
    candidates
        .into_iter()
        .take(COMPARED)
        .filter(|c| c.len() <= 200)
        .map(|c| (strsim::jaro_winkler(&word.to_lowercase(), &c.to_lowercase()), c))
        .filter(|(score, _)| *score > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, c)| c)
}

/// `did you mean 'x'?`, or the list of candidates.
pub(crate) fn hint(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(c) => format!("did you mean '{c}'?"),
        None if candidates.is_empty() => "none are defined".to_owned(),
        None if candidates.len() > LISTED => {
            format!("known: {} and {} more", candidates[..LISTED].join(", "), candidates.len() - LISTED)
        }
        None => format!("known: {}", candidates.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_similar_words_are_suggested() {
        assert_eq!(nearest("postgress", ["redis", "postgres", "docker"]), Some("postgres"));
        assert_eq!(nearest("databse", ["data_dir", "database"]), Some("database"));
        assert_eq!(nearest("xyzzy", ["redis", "postgres"]), None);
    }
}
