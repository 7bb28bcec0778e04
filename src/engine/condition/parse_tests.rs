use super::*;

/// The canonical form, or the error.
fn parse_and_print(text: &str) -> String {
    text.parse::<Condition>().map_or_else(|e| e.to_string(), |c| c.to_string())
}

#[test]
fn valid_conditions_are_printed_in_canonical_form() {
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
        assert_eq!(parse_and_print(text), written, "{text}");
        assert_eq!(written.parse(), text.parse::<Condition>(), "{text}");
    }
}

#[test]
fn errors_name_the_position_and_what_was_expected() {
    let duration = "expected a duration from 1s to 366d such as 30s or 5m, found";
    let hold = "expected a duration from 0s to 366d such as 30s or 5m, found";
    for (text, error) in [
        ("", "unexpected end, expected query:, promql: or runbook:".to_owned()),
        ("sql: a > 1", "character 1: expected query:, promql: or runbook:, found 'sql:'".to_owned()),
        ("query depth > 1", "character 1: expected query:, promql: or runbook:, found 'query'".to_owned()),
        ("  query : a > 1", "character 3: expected query:, promql: or runbook:, found 'query'".to_owned()),
        ("query:", "unexpected end, expected a query name".to_owned()),
        ("query: > 1", "character 8: expected a query name, found '>'".to_owned()),
        ("query: ${secret:x} > 1", "character 8: expected a query name, found '${secret:x}'".to_owned()),
        ("query: a", "unexpected end, expected one of > >= < <= == !=".to_owned()),
        ("query: a = 1", "character 10: expected one of > >= < <= == !=, found '='".to_owned()),
        ("query: a >> 1", "character 10: expected one of > >= < <= == !=, found '>>'".to_owned()),
        ("query: a is ok", "character 10: expected one of > >= < <= == !=, found 'is'".to_owned()),
        ("query: ä > 1", "character 8: expected a query name, found 'ä'".to_owned()),
        ("query: a >", "unexpected end, expected a number".to_owned()),
        ("query: a > many", "character 12: expected a number, found 'many'".to_owned()),
        ("query: a > NaN", "character 12: expected a number, found 'NaN'".to_owned()),
        ("query: a > 1e999", "character 12: expected a number, found '1e999'".to_owned()),
        ("query: a > 1 5", "character 14: expected 'every', 'for' or the end, found '5'".to_owned()),
        (
            "query: a > 1 every",
            "unexpected end, expected a duration from 1s to 366d such as 30s or 5m".to_owned(),
        ),
        ("query: a > 1 every 0.5s", format!("character 20: {duration} '0.5s'")),
        ("query: a > 1 every soon", format!("character 20: {duration} 'soon'")),
        ("query: a > 1 every 400d", format!("character 20: {duration} '400d'")),
        ("query: a > 1 for -1s", format!("character 18: {hold} '-1s'")),
        ("query: a > 1 every 1s 1m", "character 23: expected 'for' or the end, found '1m'".to_owned()),
        ("query: a > 1 for 1s every 1s", "character 21: expected the end, found 'every'".to_owned()),
        ("runbook: a", "unexpected end, expected 'is'".to_owned()),
        ("runbook: a = ok", "character 12: expected 'is', found '='".to_owned()),
        ("runbook: a is", "unexpected end, expected ok, warn, crit or unknown".to_owned()),
        (
            "runbook: a is skipped",
            "character 15: expected ok, warn, crit or unknown, found 'skipped'".to_owned(),
        ),
    ] {
        assert_eq!(parse_and_print(text), error, "{text}");
    }
}

#[test]
fn operators_compare_as_written() {
    let signs: Vec<String> = [1.0, 2.0, 3.0]
        .iter()
        .map(|v| {
            Op::ALL.iter().filter(|(_, op)| op.holds(*v, 2.0)).map(|(s, _)| *s).collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(signs, ["< <= !=", ">= <= ==", "> >= !="]);
}
