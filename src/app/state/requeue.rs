//! Dead letters that a person wants to put back, and the systems that may be written to.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::requeue::plan::Choice;

/// A system that was unlocked is locked again after this long.
pub const UNLOCKED_FOR: Duration = Duration::from_mins(15);

/// What a plan is made from.
#[derive(Clone, Debug, PartialEq)]
pub struct Wish {
    pub choice: Choice,
    /// In place of where the letters came from: a topic or queue, a system's address, `file:PATH`.
    pub to: String,
    /// A jq filter from each value to its new value.
    pub jq: String,
    /// A JSON patch (RFC 6902) of each value.
    pub json_patch: String,
    /// In place of the value, where one letter was edited by hand.
    pub value: Option<String>,
    /// `NAME=VALUE` sets a header, `NAME` takes it off; one a line.
    pub headers: String,
    /// Messages a second; empty for as fast as it goes.
    pub rate: String,
    /// Sizes of the first steps: `1, 5, 20`.
    pub canary: String,
    pub again: bool,
    pub tombstones: bool,
    pub keep_timestamp: bool,
}

impl Wish {
    #[must_use]
    pub fn of(choice: Choice) -> Self {
        let single = matches!(&choice, Choice::Events(events) if events.len() == 1);
        Self {
            choice,
            to: String::new(),
            jq: String::new(),
            json_patch: String::new(),
            value: None,
            headers: String::new(),
            rate: String::new(),
            canary: if single { String::new() } else { "1, 5, 20".to_owned() },
            again: false,
            tombstones: false,
            keep_timestamp: false,
        }
    }
}

/// See the module's documentation.
#[derive(Clone, Debug, Default)]
pub struct RequeueView {
    pub wish: Option<Wish>,
    /// Systems by their address, and until when each may be written to.
    unlocked: BTreeMap<String, Instant>,
    /// Changes when the journal may say something new.
    pub journal: u64,
    /// The queue whose move tasks are looked at, by its address, and how often they were asked for.
    pub moves: Option<(String, u64)>,
}

impl RequeueView {
    /// Letters are numbers of one log; systems and the journal are not.
    pub(crate) fn of_another_log(self) -> Self {
        Self { wish: None, moves: None, ..self }
    }

    pub(crate) fn look_at_moves(&mut self, address: String) {
        let times = self.moves.as_ref().map_or(0, |(_, times)| *times);
        self.moves = Some((address, times + 1));
    }

    pub(crate) fn unlock(&mut self, system: String) {
        self.unlocked.insert(system, Instant::now() + UNLOCKED_FOR);
    }

    pub(crate) fn lock(&mut self, system: &str) {
        self.unlocked.remove(system);
    }

    /// How long `system` may still be written to.
    #[must_use]
    pub fn unlocked_for(&self, system: &str) -> Option<Duration> {
        let until = self.unlocked.get(system)?;
        Some(until.saturating_duration_since(Instant::now())).filter(|left| !left.is_zero())
    }

    /// All systems that may be written to, with how long.
    pub fn unlocked(&self) -> impl Iterator<Item = (&str, Duration)> {
        self.unlocked.keys().filter_map(|system| Some((system.as_str(), self.unlocked_for(system)?)))
    }
}
