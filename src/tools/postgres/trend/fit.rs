//! Least-squares fit of sizes over time, and when the line reaches a limit. Pure functions.

/// Fewer values are not a trend.
pub(crate) const MIN_POINTS: usize = 5;
/// Fewer days are not a trend, because load varies within a day.
pub(crate) const MIN_DAYS: f64 = 1.0;

/// A line `value = begin + slope * (day - first day)` by least squares.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fit {
    /// Growth per day.
    pub(crate) slope: f64,
    /// Half the width of the 95 % confidence interval of the slope.
    pub(crate) margin: f64,
    /// Value at the first day.
    pub(crate) begin: f64,
    /// Value at the last day.
    pub(crate) end: f64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Days {
    /// By the fit; none when it does not rise.
    pub(crate) expected: Option<f64>,
    /// By the upper end of the interval; none when even that does not rise.
    pub(crate) soonest: Option<f64>,
    /// By the lower end of the interval; none when that does not rise.
    pub(crate) latest: Option<f64>,
}

/// Fits (day, value) points; none for fewer than [`MIN_POINTS`] values or less than [`MIN_DAYS`] days.
pub(crate) fn fit(points: &[(f64, f64)]) -> Option<Fit> {
    let (first, last) = (points.first()?.0, points.last()?.0);
    if points.len() < MIN_POINTS
        || last - first < MIN_DAYS
        || points.iter().any(|(x, y)| !(x + y).is_finite())
    {
        return None;
    }
    let n = points.len() as f64;
    let (mean_x, mean_y) =
        (points.iter().map(|p| p.0).sum::<f64>() / n, points.iter().map(|p| p.1).sum::<f64>() / n);
    let sxx: f64 = points.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    let sxy: f64 = points.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let slope = sxy / sxx;
    let at = |x: f64| mean_y + slope * (x - mean_x);
    let residual: f64 = points.iter().map(|(x, y)| (y - at(*x)).powi(2)).sum();
    let freedom = n - 2.0;
    let margin = student(freedom) * (residual / freedom / sxx).sqrt();
    Some(Fit { slope, margin, begin: at(first), end: at(last) })
}

/// The 97.5 % quantile of Student's t-distribution (Cornish-Fisher expansion), with an error below 1 % for
/// three or more degrees of freedom.
fn student(freedom: f64) -> f64 {
    const TERMS: [f64; 4] = [1.959_964, 2.372_27, 2.822_5, 2.555_9];
    TERMS.iter().rev().fold(0.0, |sum, term| sum / freedom + term)
}

/// Days until the value has grown by `room`; 0 without room.
pub(crate) fn days(fit: &Fit, room: f64) -> Days {
    let by = |slope: f64| (slope > 0.0).then(|| room.max(0.0) / slope);
    if room <= 0.0 {
        return Days { expected: Some(0.0), soonest: Some(0.0), latest: Some(0.0) };
    }
    Days { expected: by(fit.slope), soonest: by(fit.slope + fit.margin), latest: by(fit.slope - fit.margin) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn too_few_values_or_days_have_no_fit() {
        let line = |n: usize, step: f64| fit(&(0..n).map(|i| (i as f64 * step, 1.0)).collect::<Vec<_>>());
        assert!(line(0, 1.0).is_none() && line(1, 1.0).is_none() && line(4, 10.0).is_none());
        assert!(line(24, 1.0 / 24.0).is_none(), "23 hours");
        assert!(line(25, 1.0 / 24.0).is_some() && line(5, 0.25).is_some());
        assert!(fit(&[(0.0, 1.0); 9]).is_none(), "all at one instant");
    }

    #[test]
    fn the_interval_matches_the_textbook() {
        // Five points, computed by hand: sums of squares 10, 14.2 and 20.368, so 0.204 is left; t(3) = 3.182.
        let found = fit(&[(0.0, 1.0), (1.0, 2.0), (2.0, 4.0), (3.0, 5.0), (4.0, 6.6)]).unwrap();
        assert!((found.slope - 1.42).abs() < 1e-9, "{found:?}");
        let error = (0.204_f64 / 3.0 / 10.0).sqrt();
        assert!((found.margin / (3.182 * error) - 1.0).abs() < 0.01, "{found:?}");
        for (freedom, t) in [(3.0, 3.182), (5.0, 2.571), (10.0, 2.228), (30.0, 2.042), (1e6, 1.960)] {
            assert!((student(freedom) / t - 1.0).abs() < 0.01, "{freedom}");
        }
    }

    #[test]
    fn the_interval_of_days_until_full_may_be_open() {
        let fit = |slope, margin| Fit { slope, margin, begin: 0.0, end: 0.0 };
        let of = |slope, margin| {
            let d = days(&fit(slope, margin), 100.0);
            (d.soonest, d.expected, d.latest)
        };
        assert_eq!(of(10.0, 0.0), (Some(10.0), Some(10.0), Some(10.0)));
        assert_eq!(of(10.0, 10.0), (Some(5.0), Some(10.0), None));
        assert_eq!(of(-1.0, 5.0), (Some(25.0), None, None));
        assert_eq!(of(0.0, 0.0), (None, None, None));
        assert_eq!(of(-5.0, 5.0), (None, None, None));
        assert_eq!(days(&fit(-1.0, 0.0), -1.0).expected, Some(0.0), "it is full now");
    }

    proptest! {
        #[test]
        fn a_fit_recovers_a_line(slope in -1e9..1e9_f64, begin in 0.0..1e12_f64, n in 5_usize..200, day in 0.0..20_000.0_f64) {
            let points: Vec<_> = (0..n).map(|i| (day + i as f64, begin + slope * i as f64)).collect();
            let found = fit(&points).unwrap();
            let scale = slope.abs().max(begin / n as f64) + 1.0;
            prop_assert!((found.slope - slope).abs() / scale < 1e-6, "{found:?}");
            prop_assert!(found.margin / scale < 1e-4, "{found:?}");
        }

        #[test]
        fn noise_widens_the_interval_and_its_ends_stay_ordered(noise in proptest::collection::vec(-1.0..1.0_f64, 10..60), slope in 0.1..10.0_f64) {
            let points: Vec<_> = noise.iter().enumerate().map(|(i, e)| (i as f64, slope * i as f64 + e)).collect();
            let found = fit(&points).unwrap();
            let found_days = days(&found, 1000.0);
            if let (Some(soonest), Some(expected)) = (found_days.soonest, found_days.expected) {
                prop_assert!(soonest <= expected && found_days.latest.is_none_or(|latest| latest >= expected));
            }
            let louder: Vec<_> = noise.iter().enumerate().map(|(i, e)| (i as f64, slope * i as f64 + 3.0 * e)).collect();
            prop_assert!(fit(&louder).unwrap().margin >= found.margin);
        }
    }
}
