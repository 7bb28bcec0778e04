//! "Did you mean": the nearest right word for a misspelt one.

/// So many candidates are compared: whoever writes them may write any number.
const COMPARED: usize = 1000;
/// And so many are listed.
const LISTED: usize = 40;

/// The candidate nearest to `word`, if one is near enough to be what was meant.
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

/// `did you mean 'x'?`, or the whole choice when nothing is near.
pub(crate) fn hint(word: &str, candidates: &[&str]) -> String {
    match nearest(word, candidates.iter().copied()) {
        Some(c) => format!("did you mean '{c}'?"),
        None if candidates.is_empty() => "none is known here".to_owned(),
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
    fn finds_a_misspelt_word_and_leaves_a_strange_one_alone() {
        assert_eq!(nearest("postgress", ["redis", "postgres", "docker"]), Some("postgres"));
        assert_eq!(nearest("databse", ["data_dir", "database"]), Some("database"));
        assert_eq!(nearest("xyzzy", ["redis", "postgres"]), None);
    }
}
