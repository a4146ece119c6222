use super::interrupt;
use super::terminal::Terminal;
use crate::runtime::Observer;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A bar on standard error that says which case and phase is running and how long it still takes; draws nothing
/// where standard error is no terminal.
pub(super) struct Progress {
    bar: ProgressBar,
    case: String,
}

impl Progress {
    pub fn new(terminal: &Terminal) -> Self {
        let target = if terminal.draws_progress() {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        let template = "{msg:24!} {bar:30} {percent:>3} %  {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        Self { bar, case: String::new() }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Observer for Progress {
    fn case_started(&mut self, index: usize, of: usize, control: bool, total_ticks: Option<u64>) {
        interrupt::begun();
        let case = if of > 1 { format!("case {}/{of} ", index + 1) } else { String::new() };
        self.case = if control { format!("{case}control ") } else { case };
        self.bar.set_length(total_ticks.unwrap_or(0).max(1));
        self.bar.reset();
    }

    fn progress(&mut self, phase: &str, tick: u64, total: Option<u64>) {
        if let Some(total) = total {
            self.bar.set_length(total.max(1));
        }
        self.bar.set_message(format!("{}{phase}", self.case));
        self.bar.set_position(tick);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}
