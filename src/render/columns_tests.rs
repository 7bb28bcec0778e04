//! Tests of the tables.

use super::*;
use crate::model::table::Row;

fn style(wide: bool) -> TableStyle {
    TableStyle { wide, zone: chrono_tz::Europe::Chisinau, now: "2026-11-29T12:00:00Z".parse().unwrap() }
}

fn runs() -> Table {
    let columns = vec![
        Column::new("ID", "id", Kind::Id),
        Column::new("TASK", "title", Kind::Text),
        Column::new("AGE", "at", Kind::Age).only(View::Short),
        Column::new("STARTED", "at", Kind::Time).only(View::Wide),
        Column::new("ATTEMPT", "attempt", Kind::Count).optional(),
        Column::new("HOST", "host", Kind::Plain).optional(),
        Column::new("ERROR", "error", Kind::Text),
    ];
    let row = |id: &str, title: &str, error: Option<&str>| {
        Row::new(json!({ "id": id, "title": title, "at": "2026-11-29T11:57:30Z", "attempt": 3, "host": null,
            "error": error }))
    };
    let rows = vec![
        row(
            "01a1fcad-0580-8ae2-9142-7066751f7a30",
            "Nightly\treport of all orders",
            Some("timeout after 30 s: no answer from 10.0.0.7"),
        ),
        row("01a1fcad-1580-8ae2-9142-7066751f7a30", "Ärgern 報告", None),
    ];
    Table { name: "runs", columns, rows, none: "no runs".into() }
}

#[test]
fn a_row_fits_the_width() {
    let text = |width| super::text(&runs(), style(false), width);
    assert_eq!(
        text(Some(64)),
        "ID          TASK                AGE  ATTEMPT  ERROR\n\
         01a1fcad-0  Nightly report of…  2m         3  timeout after 30…\n\
         01a1fcad-1  Ärgern 報告         2m         3\n"
    );
    for width in 40..120 {
        let widest = text(Some(width)).lines().map(UnicodeWidthStr::width).max();
        assert!(widest <= Some(width), "{width}: {}", text(Some(width)));
    }
    assert!(!text(Some(50)).contains("ATTEMPT"), "an optional column makes room");
    assert!(text(None).contains("no answer from 10.0.0.7\n"), "a file gets complete texts");
    assert!(!text(None).contains("HOST"), "an empty column is left out");
    assert_eq!(super::text(&Table { rows: vec![], ..runs() }, style(false), None), "");
}

#[test]
fn the_wide_form_is_complete() {
    let text = super::text(&runs(), style(true), None);
    for whole in ["01a1fcad-0580-8ae2-9142-7066751f7a30", "2026-11-29 13:57:30", "HOST", "10.0.0.7"] {
        assert!(text.contains(whole), "{whole}: {text}");
    }
    assert!(!text.contains("AGE"), "{text}");
}

#[test]
fn the_database_may_need_longer_ids() {
    let mut table = runs();
    table.rows.truncate(1);
    assert!(super::text(&table, style(false), None).contains("\n01a1fcad  "));
    table.rows[0].prefix = 15;
    assert!(super::text(&table, style(false), None).contains("\n01a1fcad-0580-8  "));
}

#[test]
fn a_cut_text_fits_with_its_ellipsis() {
    assert_eq!((cut("short", 5), cut("longer", 5)), ("short".to_owned(), "long…".to_owned()));
    assert_eq!(cut("報告報告", 5), "報告…");
    assert_eq!(cut("a b c", 3), "a…");
}
