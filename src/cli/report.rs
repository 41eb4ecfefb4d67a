//! What goes to standard error: progress (only on a terminal), warnings and errors.
//!
//! Text from logs and file names is escaped, so that no log can move the cursor or change a title.

use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use super::text::escaped;
use crate::model::error::Error;

pub(super) struct Report {
    quiet: bool,
    terminal: bool,
    /// A progress line stands on the terminal and has to be wiped before anything else is written.
    line_stands: bool,
    progress_at: Option<Instant>,
}

/// Progress is written no more often than this.
const EVERY: Duration = Duration::from_millis(100);

impl Report {
    pub(super) fn new(quiet: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        Self { quiet, terminal, line_stands: false, progress_at: None }
    }

    /// Whether it is worth making progress texts at all.
    pub(super) fn shows_progress(&self) -> bool {
        self.terminal && !self.quiet
    }

    /// Replaces the last progress line.
    pub(super) fn progress(&mut self, text: &str) {
        if !self.shows_progress() || self.progress_at.is_some_and(|at| at.elapsed() < EVERY) {
            return;
        }
        self.progress_at = Some(Instant::now());
        self.line_stands = true;
        put(&format!("\r\x1b[K{}", escaped(text)));
    }

    /// Wipes the progress line.
    pub(super) fn settle(&mut self) {
        if std::mem::take(&mut self.line_stands) {
            put("\r\x1b[K");
        }
    }

    /// Something good to know, for people at a terminal.
    pub(super) fn note(&mut self, text: &str) {
        if self.shows_progress() {
            self.settle();
            put(&format!("{}\n", escaped(text)));
        }
    }

    /// One line that belongs to the answer, though nothing is wrong.
    pub(super) fn remark(&mut self, text: &str) {
        if !self.quiet {
            self.settle();
            put(&format!("eventglass: {}\n", escaped(text)));
        }
    }

    pub(super) fn warning(&mut self, warning: &Error) {
        if !self.quiet {
            self.told("warning", warning);
        }
    }

    pub(super) fn error(&mut self, error: &Error) {
        self.told("error", error);
    }

    fn told(&mut self, what: &str, error: &Error) {
        self.settle();
        let mut text = format!("eventglass: {what}: {}\n", escaped(&error.to_string()));
        for (mark, more) in [("", &error.details), ("→ ", &error.next_step)] {
            for line in more.lines() {
                text.push_str("  ");
                text.push_str(mark);
                text.push_str(&escaped(line));
                text.push('\n');
            }
        }
        put(&text);
    }
}

impl Drop for Report {
    fn drop(&mut self) {
        self.settle();
    }
}

/// Standard error may be closed; then there is nobody to tell.
fn put(text: &str) {
    let _nobody_listens = std::io::stderr().lock().write_all(text.as_bytes());
}
