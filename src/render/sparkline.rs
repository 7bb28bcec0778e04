//! A series as a few bar characters, scaled between its minimum and its maximum.

use crate::model::Series;

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Maximum number of characters; a longer series is averaged.
const WIDTH: usize = 24;
/// A smaller relative difference is no change.
const NOISE: f64 = 1e-9;

/// Empty for fewer than two values.
pub(crate) fn sparkline(series: &Series) -> String {
    let values: Vec<f64> = series.points.iter().map(|p| p.value).filter(|v| v.is_finite()).collect();
    if values.len() < 2 {
        return String::new();
    }
    let width = values.len().min(WIDTH);
    let parts = (0..width).map(|i| {
        let part = &values[i * values.len() / width..(i + 1) * values.len() / width];
        part.iter().sum::<f64>() / part.len() as f64
    });
    let parts: Vec<f64> = parts.collect();
    let low = parts.iter().copied().fold(f64::INFINITY, f64::min);
    let high = parts.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    // Averages of a constant differ by their rounding errors.
    let is_constant = high - low <= high.abs().max(low.abs()) * NOISE;
    let share = |value: f64| if is_constant { 0.0 } else { (value - low) / (high - low) };
    parts.iter().map(|value| bar(share(*value))).collect()
}

fn bar(share: f64) -> char {
    let top = BARS.len() - 1;
    BARS[((share * top as f64).round() as usize).min(top)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Point;
    use chrono::DateTime;

    fn of(values: &[f64]) -> String {
        let points = values.iter().map(|v| Point { at: DateTime::UNIX_EPOCH, value: *v }).collect();
        sparkline(&Series::new(points))
    }

    #[test]
    fn bars_are_scaled_between_minimum_and_maximum() {
        assert_eq!(of(&[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]), "▁▂▃▄▅▆▇█");
        assert_eq!(of(&[5.0, 5.0, 5.0]), "▁▁▁");
        assert_eq!(of(&[7.0]), "");
        assert_eq!(of(&[]), "");
        assert_eq!(of(&[1.0, f64::NAN, 3.0]), "▁█");
    }

    #[test]
    fn a_constant_is_flat() {
        // Parts of three and of four values.
        for length in [2, 24, 80, 100] {
            let drawn = of(&vec![0.1; length]);
            assert!(drawn.chars().all(|c| c == '▁'), "{length}: {drawn}");
        }
        assert_eq!(of(&[0.0, 0.0]), "▁▁");
        assert_eq!(of(&[1000.0, 1000.1]), "▁█");
    }

    #[test]
    fn a_long_series_is_averaged() {
        let long: Vec<f64> = (0..1000).map(f64::from).collect();
        let drawn = of(&long);
        assert_eq!(drawn.chars().count(), WIDTH);
        assert!(drawn.starts_with('▁') && drawn.ends_with('█'));
    }
}
