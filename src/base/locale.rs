//! The character set of the terminal, as the locale names it.

use super::env;

/// Whether the locale allows only ASCII. Containers and cron often set no locale, and their readers use UTF-8: only a
/// locale that is set counts.
pub(crate) fn is_ascii_only() -> bool {
    let locale = [env::LC_ALL, env::LC_CTYPE, env::LANG].into_iter().find_map(env::read);
    locale.is_some_and(|locale| lacks_utf8(&locale))
}

/// `C` and `POSIX` are ASCII; other locales name their character set after a dot, or leave it to the system.
fn lacks_utf8(locale: &str) -> bool {
    let locale = locale.split('@').next().unwrap_or_default();
    match locale.split_once('.') {
        Some((_, charset)) => !charset.to_ascii_lowercase().replace('-', "").eq("utf8"),
        None => ["C", "POSIX"].contains(&locale),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locales_name_their_character_set() {
        for ascii in ["C", "POSIX", "en_US.ISO-8859-1", "C.ASCII"] {
            assert!(lacks_utf8(ascii), "{ascii}");
        }
        for utf8 in ["C.UTF-8", "en_US.utf8", "ro_MD", "de_DE.UTF-8@euro"] {
            assert!(!lacks_utf8(utf8), "{utf8}");
        }
    }
}
