//! Progress on a terminal: what is being waited for, and how far a long step is.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::stdio;
use crate::base::units;
use crate::model::{Event, Observer};

/// Shows what happens while steps run; silent where there is no terminal.
pub struct Progress {
    bar: ProgressBar,
    running: Mutex<BTreeMap<String, String>>,
}

impl Progress {
    /// A line on standard error, if that is a terminal and `wanted`.
    pub fn new(wanted: bool) -> Self {
        let visible = wanted && stdio::err_is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed:>3} {wide_msg}") {
            bar.set_style(style);
        }
        if visible {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self { bar, running: Mutex::default() }
    }

    /// Takes the line off the terminal, before something else is printed.
    pub fn clear(&self) {
        self.bar.finish_and_clear();
    }

    fn show(&self, change: impl FnOnce(&mut BTreeMap<String, String>)) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut running);
        let names: Vec<&str> = running.values().map(String::as_str).collect();
        self.bar.set_message(names.join(", "));
    }
}

impl Observer for Progress {
    fn notice(&self, event: Event) {
        match event {
            Event::Started { id, title } => self.show(|running| {
                running.insert(id, title);
            }),
            Event::Progress { id, done, total, note } => {
                let done = units::count(done as f64);
                let of = total.map_or_else(String::new, |t| format!(" of {}", units::count(t as f64)));
                self.show(|running| {
                    running.insert(id.clone(), format!("{id}: {done}{of} {note}"));
                });
            }
            Event::Retry { id, attempt, error } => self.show(|running| {
                running.insert(id.clone(), format!("{id}: attempt {attempt} after {error}"));
            }),
            Event::Queued | Event::Published => {}
            Event::Finished { id, .. } => self.show(|running| {
                running.remove(&id);
            }),
        }
    }
}
