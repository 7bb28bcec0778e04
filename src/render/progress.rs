//! Progress on a terminal: the running steps, and how much of a long step is done.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::stdio;
use crate::base::clean::clean;
use crate::base::lock::lock;
use crate::base::units;
use crate::model::{Event, Observer};

/// How often the spinner moves.
const TICK: Duration = Duration::from_millis(120);

/// Shows the running steps on a terminal. Without one it prints only what a run waits for before it starts.
pub(crate) struct Progress {
    enabled: bool,
    bar: ProgressBar,
    running: Mutex<BTreeMap<String, String>>,
}

impl Progress {
    /// A line on standard error, if that is a terminal and `enabled`.
    pub(crate) fn new(enabled: bool) -> Self {
        let visible = enabled && stdio::err_is_terminal() && !stdio::is_dumb();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}") {
            bar.set_style(style);
        }
        if visible {
            bar.enable_steady_tick(TICK);
        }
        Self { enabled, bar, running: Mutex::default() }
    }

    /// Shows the line again after [`Progress::clear`].
    pub(crate) fn resume(&self) {
        if !self.bar.is_hidden() {
            self.bar.reset();
            self.bar.enable_steady_tick(TICK);
        }
    }

    /// Removes the line before something else is printed.
    pub(crate) fn clear(&self) {
        // Ends the thread that moves the spinner.
        self.bar.disable_steady_tick();
        self.bar.finish_and_clear();
    }

    fn show(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) {
        let mut running = lock(&self.running);
        change(&mut running);
        let names: Vec<&str> = running.values().map(String::as_str).collect();
        self.bar.set_message(clean(&names.join(", ")).into_owned());
    }
}

impl Observer for Progress {
    fn notice(&self, event: Event) {
        match event {
            Event::Started { id, title } => self.show(|running| {
                running.insert(id, title);
            }),
            Event::Progress { id, done, total, note } => {
                let text = format!("{id}: {}", progress_text(done, total, &note));
                self.show(|running| {
                    running.insert(id, text);
                });
            }
            Event::Retry { id, attempt, error } => self.show(|running| {
                running.insert(id.clone(), format!("{id}: attempt {attempt} after {error}"));
            }),
            Event::Waits { what } if self.enabled => self.bar.suspend(|| stdio::note(&what)),
            Event::Waits { .. } | Event::Queued | Event::Published => {}
            Event::Finished { id, .. } => self.show(|running| {
                running.remove(&id);
            }),
        }
    }
}

const CELLS: u64 = 20;

/// A bar when the total is known, else a count.
fn progress_text(done: u64, total: Option<u64>, note: &str) -> String {
    let count = |n: u64| units::count(n as f64);
    match total.filter(|t| *t > 0) {
        None if done == 0 => note.to_owned(),
        None => format!("{} {note}", count(done)),
        Some(total) => {
            let full = CELLS * done.min(total) / total;
            let bar: String = (0..CELLS).map(|n| if n < full { '#' } else { '.' }).collect();
            let percent = 100 * done.min(total) / total;
            format!("[{bar}] {percent:>3} %  {} of {} {note}", count(done), count(total))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_drawn_where_the_end_is_known() {
        assert_eq!(progress_text(0, Some(200), "runs"), "[....................]   0 %  0 of 200 runs");
        assert_eq!(progress_text(100, Some(200), "runs"), "[##########..........]  50 %  100 of 200 runs");
        assert_eq!(progress_text(200, Some(200), "runs"), "[####################] 100 %  200 of 200 runs");
        // A table that has grown since it was counted.
        assert_eq!(progress_text(300, Some(200), "runs"), "[####################] 100 %  300 of 200 runs");
        assert_eq!(
            (progress_text(7, None, "runs"), progress_text(0, None, "phase")),
            ("7 runs".to_owned(), "phase".to_owned())
        );
        assert_eq!(progress_text(0, Some(0), "phase"), "phase");
    }
}
