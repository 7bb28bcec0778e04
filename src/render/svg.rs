//! The time series of a report as one SVG: a panel for each, with its fitted line.

use crate::base::clean::clean;
use crate::base::units;
use crate::model::{Finding, Point, Report, Series};

const WIDTH: f64 = 720.0;
const PANEL: f64 = 130.0;
const LEFT: f64 = 12.0;
/// The plot area of a panel, below its title and above its dates.
const TOP: f64 = 30.0;
const HEIGHT: f64 = 72.0;

/// Draws a panel for each finding whose series has at least two values.
pub(crate) fn chart(report: &Report) -> String {
    let charts: Vec<(&Finding, &Series)> = report
        .findings()
        .filter_map(|f| f.series.as_ref().map(|s| (f, s)))
        .filter(|(_, s)| s.points.len() > 1 && s.points.iter().all(|p| p.value.is_finite()))
        .collect();
    let height = 34.0 + PANEL * charts.len() as f64;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    let title = format!(
        "{}, {}, {}",
        report.title,
        report.target.environment,
        report.started_at.format("%Y-%m-%d %H:%M %:z")
    );
    out.push_str(&text(LEFT, 20.0, "start", &title));
    for (i, (finding, series)) in charts.into_iter().enumerate() {
        out.push_str(&panel(34.0 + PANEL * i as f64, finding, series));
    }
    out.push_str("</svg>\n");
    out
}

fn panel(y: f64, finding: &Finding, series: &Series) -> String {
    let all = || series.points.iter().chain(series.line.iter().flatten());
    let least = |of: fn(&Point) -> f64| all().map(of).fold(f64::INFINITY, f64::min);
    let most = |of: fn(&Point) -> f64| all().map(of).fold(f64::NEG_INFINITY, f64::max);
    let (begin, end) = (least(seconds), most(seconds));
    let (low, high) = (least(|p| p.value), most(|p| p.value));
    let share = |value: f64, from: f64, to: f64| if to > from { (value - from) / (to - from) } else { 0.5 };
    let place = |p: &Point| {
        let x = LEFT + (WIDTH - 2.0 * LEFT) * share(seconds(p), begin, end);
        let bottom = y + TOP + HEIGHT;
        format!("{x:.1},{:.1}", bottom - HEIGHT * share(p.value, low, high))
    };
    let places = |points: &[Point]| points.iter().map(place).collect::<Vec<_>>().join(" ");
    let unit = finding.unit.as_deref();
    let mut out = format!("<g>\n{}", text(LEFT, y + 18.0, "start", &finding.summary));
    out.push_str(&format!(
        "<polyline fill=\"none\" stroke=\"#1565c0\" stroke-width=\"1.5\" points=\"{}\"/>\n",
        places(&series.points)
    ));
    if let Some(line) = &series.line {
        out.push_str(&format!(
            "<polyline fill=\"none\" stroke=\"#c62828\" stroke-dasharray=\"4 3\" points=\"{}\"/>\n",
            places(line)
        ));
    }
    let dates = y + TOP + HEIGHT + 16.0;
    let date =
        |p: Option<&Point>| p.map_or_else(String::new, |p| p.at.format("%Y-%m-%d %H:%M UTC").to_string());
    out.push_str(&text(LEFT, dates, "start", &date(series.points.first())));
    let range = format!("{} to {}", units::quantity(low, unit), units::quantity(high, unit));
    out.push_str(&text(WIDTH / 2.0, dates, "middle", &range));
    out.push_str(&text(WIDTH - LEFT, dates, "end", &date(series.points.last())));
    out.push_str("</g>\n");
    out
}

fn seconds(point: &Point) -> f64 {
    point.at.timestamp_micros() as f64 / 1e6
}

/// A text element, escaped and without characters that XML cannot hold.
fn text(x: f64, y: f64, anchor: &str, text: &str) -> String {
    let plain = clean(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{plain}</text>\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Point, ReportSection, Status, Target};
    use chrono::DateTime;

    #[test]
    fn each_series_has_a_panel_and_texts_are_escaped() {
        let point =
            |day: i64, value| Point { at: DateTime::UNIX_EPOCH + chrono::TimeDelta::days(day), value };
        let points = vec![point(0, 1.0), point(1, 3.0), point(2, 2.0)];
        let line = Some([point(0, 1.5), point(2, 2.5)]);
        let finding = |series| Finding::new("a", "postgresql", Status::Ok, "<b>&\u{1}").series(series);
        let findings = vec![
            finding(Series { points: points.clone(), line }),
            finding(Series::new(points)),
            finding(Series::new(vec![point(0, 1.0)])),
            finding(Series::new(vec![point(0, 5.0), point(1, 5.0)])),
            finding(Series::new(vec![point(0, f64::NAN), point(1, 5.0)])),
        ];
        let target =
            Target { environment: "e".into(), host: "h".into(), database: None, ..Target::default() };
        let at = DateTime::UNIX_EPOCH.fixed_offset();
        let sections = vec![ReportSection::new("s", "S", findings)];
        let drawn = chart(&Report::new("n", "<t>", Kind::Look, target, at, sections));
        assert_eq!((drawn.matches("<g>").count(), drawn.matches("<polyline").count()), (3, 4), "{drawn}");
        assert!(
            drawn.contains("&lt;b&gt;&amp; <") && drawn.contains("&lt;t&gt;") && !drawn.contains("<b>"),
            "{drawn}"
        );
        // The first series: minimum at the left, maximum in the middle.
        assert!(drawn.contains("points=\"12.0,136.0 360.0,64.0 708.0,100.0\""), "{drawn}");
        assert!(!drawn.contains("NaN"), "{drawn}");
    }
}
