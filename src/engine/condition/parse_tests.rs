use super::*;

/// What it is as it would be written, or the error.
fn read(text: &str) -> String {
    text.parse::<Condition>().map_or_else(|e| e.to_string(), |c| c.to_string())
}

#[test]
fn good_ones_are_read_and_written() {
    for (text, written) in [
        ("query: depth > 100", "query: depth > 100 every 1m"),
        ("query:depth>=-0.5 every 30s", "query: depth >= -0.5 every 30s"),
        ("\tpromql:  lag\n<\n1e3  every  90s   for  1h30m ", "promql: lag < 1000 every 90s for 90m"),
        ("promql: mine/lag <= 0 for 5m", "promql: mine/lag <= 0 every 1m for 5m"),
        ("query: depth == 7 every 1", "query: depth == 7 every 1s"),
        ("query: depth != 7 every 1d for 250ms", "query: depth != 7 every 1d for 250ms"),
        ("query: every > 1 every 2s for 0s", "query: every > 1 every 2s"),
        ("runbook: health/morning is crit every 15m", "runbook: health/morning is crit every 15m"),
        ("runbook:x is unknown for 1w", "runbook: x is unknown every 1m for 7d"),
    ] {
        assert_eq!(read(text), written, "{text}");
        assert_eq!(written.parse(), text.parse::<Condition>(), "{text}");
    }
}

#[test]
fn bad_ones_are_told_what_should_be_where() {
    let duration = "a duration from 1s to 366d such as 30s or 5m should be here, not";
    let hold = "a duration from 0s to 366d such as 30s or 5m should be here, not";
    for (text, said) in [
        ("", "it ends where query:, promql: or runbook: should follow".to_owned()),
        ("sql: a > 1", "character 1: query:, promql: or runbook: should be here, not 'sql:'".to_owned()),
        (
            "query depth > 1",
            "character 1: query:, promql: or runbook: should be here, not 'query'".to_owned(),
        ),
        (
            "  query : a > 1",
            "character 3: query:, promql: or runbook: should be here, not 'query'".to_owned(),
        ),
        ("query:", "it ends where the name of a query should follow".to_owned()),
        ("query: > 1", "character 8: the name of a query should be here, not '>'".to_owned()),
        (
            "query: ${secret:x} > 1",
            "character 8: the name of a query should be here, not '${secret:x}'".to_owned(),
        ),
        ("query: a", "it ends where one of > >= < <= == != should follow".to_owned()),
        ("query: a = 1", "character 10: one of > >= < <= == != should be here, not '='".to_owned()),
        ("query: a >> 1", "character 10: one of > >= < <= == != should be here, not '>>'".to_owned()),
        ("query: a is ok", "character 10: one of > >= < <= == != should be here, not 'is'".to_owned()),
        ("query: ä > 1", "character 8: the name of a query should be here, not 'ä'".to_owned()),
        ("query: a >", "it ends where a number should follow".to_owned()),
        ("query: a > many", "character 12: a number should be here, not 'many'".to_owned()),
        ("query: a > NaN", "character 12: a number should be here, not 'NaN'".to_owned()),
        ("query: a > 1e999", "character 12: a number should be here, not '1e999'".to_owned()),
        ("query: a > 1 5", "character 14: 'every', 'for' or the end should be here, not '5'".to_owned()),
        (
            "query: a > 1 every",
            "it ends where a duration from 1s to 366d such as 30s or 5m should follow".to_owned(),
        ),
        ("query: a > 1 every 0.5s", format!("character 20: {duration} '0.5s'")),
        ("query: a > 1 every soon", format!("character 20: {duration} 'soon'")),
        ("query: a > 1 every 400d", format!("character 20: {duration} '400d'")),
        ("query: a > 1 for -1s", format!("character 18: {hold} '-1s'")),
        ("query: a > 1 every 1s 1m", "character 23: 'for' or the end should be here, not '1m'".to_owned()),
        ("query: a > 1 for 1s every 1s", "character 21: the end should be here, not 'every'".to_owned()),
        ("runbook: a", "it ends where 'is' should follow".to_owned()),
        ("runbook: a = ok", "character 12: 'is' should be here, not '='".to_owned()),
        ("runbook: a is", "it ends where ok, warn, crit or unknown should follow".to_owned()),
        (
            "runbook: a is skipped",
            "character 15: ok, warn, crit or unknown should be here, not 'skipped'".to_owned(),
        ),
    ] {
        assert_eq!(read(text), said, "{text}");
    }
}

#[test]
fn comparisons_are_what_their_signs_say() {
    let signs: Vec<String> = [1.0, 2.0, 3.0]
        .iter()
        .map(|v| {
            Op::ALL.iter().filter(|(_, op)| op.holds(*v, 2.0)).map(|(s, _)| *s).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(signs, ["< <= !=", ">= <= ==", "> >= !="]);
}
