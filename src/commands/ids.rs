//! Ids on the command line: complete, or the beginning of one, as lists show them.

use std::str::FromStr;

use chrono_tz::Tz;
use uuid::Uuid;

use crate::base::cli_error::CliError;
use crate::base::short_time::local_time;
use crate::store::StoreError;
use crate::store::runs::Candidate;

use super::task_session::{TaskSession, store_error};

/// A shorter beginning matches too much by accident.
const MIN_DIGITS: usize = 4;
const DIGITS: usize = 32;
/// Positions of the hyphens.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// An id, or the beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdPrefix {
    /// As typed, in lower case.
    text: String,
    /// Without hyphens.
    digits: String,
}

impl FromStr for IdPrefix {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim().to_ascii_lowercase();
        let is_placed =
            |(at, c): (usize, char)| if c == '-' { HYPHENS.contains(&at) } else { c.is_ascii_hexdigit() };
        let digits = text.replace('-', "");
        let is_length = (MIN_DIGITS..=DIGITS).contains(&digits.len());
        if !is_length || !text.char_indices().all(is_placed) {
            return Err(format!("no id, and not the first {MIN_DIGITS} or more characters of one"));
        }
        Ok(Self { text, digits })
    }
}

impl IdPrefix {
    /// The id, if it is complete.
    pub(crate) fn complete(&self) -> Option<Uuid> {
        (self.digits.len() == DIGITS).then(|| self.range().0)
    }

    /// The lowest and the highest id that begin so.
    pub(super) fn range(&self) -> (Uuid, Uuid) {
        let fill = |digit: char| {
            let all: String = self.digits.chars().chain(std::iter::repeat(digit)).take(DIGITS).collect();
            Uuid::from_u128(u128::from_str_radix(&all, 16).unwrap_or_default())
        };
        (fill('0'), fill('f'))
    }

    /// The only candidate, or an error with all of them.
    pub(super) fn only(
        &self,
        noun: &str,
        list: &str,
        found: &[Candidate],
        zone: Tz,
    ) -> Result<Uuid, CliError> {
        match found {
            [one] => Ok(one.id),
            [] => Err(CliError::usage(format!("no {noun} matches '{}'", self.text)).hint(list)),
            several => {
                let lines = several.iter().map(|c| line(c, zone)).collect();
                let message = format!("several {noun}s match '{}':", self.text);
                Err(CliError::usage(message).items(lines).hint("add characters of the id"))
            }
        }
    }
}

impl TaskSession {
    /// The run with this id, or the only one whose id begins with it.
    pub(crate) async fn run_id(&self, prefix: &IdPrefix) -> Result<Uuid, CliError> {
        match prefix.complete() {
            Some(id) => Ok(id),
            None => {
                self.only(prefix, "run", "ordctl runs list", self.tasks.store.find_runs(prefix.range()).await)
            }
        }
    }

    /// The dead letter with this id, or the only one whose id begins with it.
    pub(crate) async fn dead_letter_id(&self, prefix: &IdPrefix) -> Result<Uuid, CliError> {
        let found = match prefix.complete() {
            Some(id) => return Ok(id),
            None => self.tasks.store.find_dead_letters(prefix.range()).await,
        };
        self.only(prefix, "dead letter", "ordctl queue failed --each", found)
    }

    fn only(
        &self,
        prefix: &IdPrefix,
        noun: &str,
        list: &str,
        found: Result<Vec<Candidate>, StoreError>,
    ) -> Result<Uuid, CliError> {
        prefix.only(noun, list, &found.map_err(store_error)?, self.tasks.executor.ctx.settings.time_zone)
    }
}

fn line(candidate: &Candidate, zone: Tz) -> String {
    let at = candidate.at.map_or_else(String::new, |at| format!(", {}", local_time(at, zone)));
    format!("{} {} ({}{at})", candidate.id, candidate.title, candidate.status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_covers_the_ids_that_begin_so() {
        let range = |text: &str| {
            let (low, high) = text.parse::<IdPrefix>().unwrap().range();
            (low.to_string(), high.to_string())
        };
        let of = |low: &str, high: &str| (low.to_owned(), high.to_owned());
        assert_eq!(
            range("01a1FCad-0"),
            of("01a1fcad-0000-0000-0000-000000000000", "01a1fcad-0fff-ffff-ffff-ffffffffffff")
        );
        assert_eq!(range("01a1fcad05"), range("01a1fcad-05"));
        let id = "01a1fcad-0580-8ae2-9142-7066751f7a30";
        assert_eq!(range(id), of(id, id));
        assert_eq!(id.parse::<IdPrefix>().unwrap().complete(), id.parse().ok());
        assert_eq!("01a1".parse::<IdPrefix>().unwrap().complete(), None);
        for wrong in ["", "01a", "nightly", "01a1-fcad", "01a1fcad-0580-8ae2-9142-7066751f7a30a", "01a1é"] {
            assert!(wrong.parse::<IdPrefix>().is_err(), "{wrong}");
        }
    }
}
