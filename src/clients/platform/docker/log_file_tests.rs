use std::io::Write;

use super::super::line_joiner::testing::Collected;
use super::*;
use crate::clients::platform::time_key as key;

fn time(second: usize) -> String {
    format!("2026-01-01T{:02}:{:02}:{:02}.5Z", second / 3600, second / 60 % 60, second % 60)
}

fn record(text: &str, second: usize) -> String {
    format!("{{\"log\":\"{text}\",\"stream\":\"stdout\",\"time\":\"{}\"}}\n", time(second))
}

fn write(path: &Path, seconds: std::ops::Range<usize>) {
    let text: String = seconds.map(|s| record(&format!("line {s}\\n"), s)).collect();
    std::fs::write(path, text).unwrap();
}

fn lines(path: &Path, second: usize) -> Option<Vec<String>> {
    let since = key(time(second).parse().unwrap());
    let parts = open(path, &since)?;
    let mut collected = Collected::default();
    read(&parts, &since, &mut collected, || false).unwrap();
    Some(collected.0)
}

fn expected(seconds: std::ops::Range<usize>) -> Vec<String> {
    seconds.map(|s| format!("line {s}")).collect()
}

fn log() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("abc-json.log");
    (dir, path)
}

#[test]
fn bisection_finds_the_first_line() {
    let (_dir, path) = log();
    write(&path, 0..20_000);
    for second in [0, 1, 9_999, 12_345, 19_998, 19_999, 20_000] {
        assert_eq!(lines(&path, second).unwrap(), expected(second..20_000), "since {second}");
    }
    let since = key(time(19_000).parse().unwrap());
    let from = open(&path, &since).unwrap()[0].from;
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(from > size / 2, "it began to read at {from} of {size}");
}

#[test]
fn rotated_files_are_read_as_far_back_as_needed() {
    let (_dir, path) = log();
    write(&numbered(&path, 2), 0..100);
    write(&numbered(&path, 1), 100..200);
    write(&path, 200..300);
    assert_eq!(lines(&path, 250).unwrap(), expected(250..300));
    assert_eq!(lines(&path, 200).unwrap(), expected(200..300));
    assert_eq!(lines(&path, 150).unwrap(), expected(150..300));
    assert_eq!(lines(&path, 50).unwrap(), expected(50..300));
    std::fs::write(&path, "").unwrap();
    assert_eq!(lines(&path, 150).unwrap(), expected(150..200));
}

#[test]
fn a_compressed_file_that_is_needed_is_left_to_the_engine() {
    let (_dir, path) = log();
    write(&numbered(&path, 1), 100..200);
    write(&path, 200..300);
    std::fs::write(path.with_extension("log.2.gz"), "").unwrap();
    assert_eq!(lines(&path, 150).unwrap(), expected(150..300));
    assert_eq!(lines(&path, 50), None);
}

#[test]
fn a_rotation_during_opening_is_noticed() {
    let (_dir, path) = log();
    write(&path, 200..300);
    std::fs::hard_link(&path, numbered(&path, 1)).unwrap();
    assert_eq!(lines(&path, 100), None);
}

#[test]
fn parts_of_a_line_are_joined_across_files() {
    let (_dir, path) = log();
    std::fs::write(numbered(&path, 1), record("one ", 1) + &record("line", 2)).unwrap();
    std::fs::write(&path, record(" in parts\\n", 3) + &record("last words", 4)).unwrap();
    assert_eq!(lines(&path, 0).unwrap(), ["one line in parts", "last words"]);
}

#[test]
fn a_record_that_is_being_written_is_left_out() {
    let (_dir, path) = log();
    write(&path, 0..10);
    let whole = record("line 10\\n", 10);
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(&whole.as_bytes()[..20]).unwrap();
    assert_eq!(lines(&path, 5).unwrap(), expected(5..10));
    let since = key(time(5).parse().unwrap());
    let parts = open(&path, &since).unwrap();
    file.write_all(&whole.as_bytes()[20..]).unwrap();
    write!(file, "{}", record("line 11\\n", 11)).unwrap();
    let mut collected = Collected::default();
    read(&parts, &since, &mut collected, || false).unwrap();
    assert_eq!(collected.0, expected(5..10), "what comes after opening is not read");
    assert_eq!(lines(&path, 5).unwrap(), expected(5..12));
}

#[test]
fn a_half_written_record_of_a_crash_is_passed_over() {
    let (_dir, path) = log();
    let broken = "{\"log\":\"half a\n";
    std::fs::write(&path, record("line 1\\n", 1) + broken + &record("line 2\\n", 2)).unwrap();
    assert_eq!(lines(&path, 0).unwrap(), expected(1..3));
}

#[test]
fn long_records_and_slight_disorder_are_read() {
    let (_dir, path) = log();
    let long = "x".repeat(BLOCK + 5);
    let text = record("line 7\\n", 7)
        + &record("line 9\\n", 9)
        + &record("line 8\\n", 8)
        + &record(&format!("{long}\\n"), 10);
    std::fs::write(&path, text).unwrap();
    assert_eq!(lines(&path, 8).unwrap(), ["line 9".into(), "line 8".into(), long]);
}

#[test]
fn what_is_no_log_is_left_to_the_engine() {
    let (_dir, path) = log();
    assert_eq!(lines(&path, 0), None);
    std::fs::write(&path, "something else\n").unwrap();
    assert_eq!(lines(&path, 0), None);
    std::fs::write(&path, "").unwrap();
    assert_eq!(lines(&path, 0).unwrap(), expected(0..0));
}

#[test]
fn reading_stops_when_canceled() {
    let (_dir, path) = log();
    write(&path, 0..20_000);
    let since = key(time(0).parse().unwrap());
    let mut collected = Collected::default();
    read(&open(&path, &since).unwrap(), &since, &mut collected, || true).unwrap();
    assert!(collected.0.is_empty());
}

/// Two threads of the engine may write out of order; the search must not begin between such lines.
#[test]
fn disorder_where_the_search_ends_is_read_too() {
    let (_dir, path) = log();
    let mut seconds: Vec<usize> = (0..20_000).collect();
    // Each is written a little before others that are older.
    seconds.chunks_mut(10).for_each(|some| some.reverse());
    let text: String = seconds.iter().map(|s| record(&format!("line {s}\\n"), *s)).collect();
    std::fs::write(&path, text).unwrap();
    for second in (5_000..15_000).step_by(7) {
        assert_eq!(lines(&path, second).unwrap().len(), 20_000 - second, "since {second}");
    }
}
