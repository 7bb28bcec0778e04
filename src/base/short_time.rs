//! Times as people read them in a list: short, in local time, or as an age.

use chrono::{DateTime, Datelike, Utc};
use chrono_tz::Tz;

/// `14:05:07` today, `11-28 14:05` this year, else `2025-11-28`.
pub(crate) fn short_time(at: DateTime<Utc>, now: DateTime<Utc>, zone: Tz) -> String {
    let (at, now) = (at.with_timezone(&zone), now.with_timezone(&zone));
    let form = if at.date_naive() == now.date_naive() {
        "%H:%M:%S"
    } else if at.year() == now.year() {
        "%m-%d %H:%M"
    } else {
        "%Y-%m-%d"
    };
    at.format(form).to_string()
}

/// `2026-11-28 14:05:07`.
pub(crate) fn local_time(at: DateTime<Utc>, zone: Tz) -> String {
    at.with_timezone(&zone).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The time since an instant: `45s`, `3m`, `5h`, `12d`; `in 3m` until a later one.
pub(crate) fn age(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let seconds = (now - at).num_seconds();
    let text = match seconds.abs() {
        s @ 0..120 => format!("{s}s"),
        s @ 120..7_200 => format!("{}m", s / 60),
        s @ 7_200..172_800 => format!("{}h", s / 3_600),
        s => format!("{}d", s / 86_400),
    };
    if seconds < 0 { format!("in {text}") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_short_and_local() {
        let now: DateTime<Utc> = "2026-11-29T12:00:00Z".parse().unwrap();
        let zone = chrono_tz::Europe::Chisinau;
        for (at, short) in [
            ("2026-11-29T11:59:59Z", "13:59:59"),
            ("2026-11-28T22:00:00Z", "00:00:00"),
            ("2026-11-28T21:59:00Z", "11-28 23:59"),
            ("2025-12-31T21:00:00Z", "2025-12-31"),
        ] {
            assert_eq!(short_time(at.parse().unwrap(), now, zone), short);
        }
        assert_eq!(local_time(now, zone), "2026-11-29 14:00:00");
    }

    #[test]
    fn ages_have_one_unit() {
        let now: DateTime<Utc> = "2026-11-29T12:00:00Z".parse().unwrap();
        let of = |seconds| age(now - chrono::TimeDelta::seconds(seconds), now);
        let given = [0, 119, 120, 7_199, 7_200, 172_799, 172_800, -300];
        assert_eq!(given.map(of), ["0s", "119s", "2m", "119m", "2h", "47h", "2d", "in 5m"]);
    }
}
