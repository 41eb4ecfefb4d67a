//! Differences in a sentence: `balance is 200 instead of 100`.

use crate::analysis::state::diff::Change;
use crate::analysis::state::value::Value;

/// More are counted.
const NAMED: usize = 2;
/// Longer values are cut, in characters.
const MOST_CHARS: usize = 60;

/// `more`: there are more than these.
#[must_use]
pub fn in_words(changes: &[Change], more: bool) -> String {
    let mut text = changes.iter().take(NAMED).map(change_in_words).collect::<Vec<_>>().join(", ");
    match (changes.len().saturating_sub(NAMED), more) {
        (0, false) => (),
        (rest, true) => text.push_str(&format!(", and more than {rest} other differences")),
        (1, false) => text.push_str(", and 1 other difference"),
        (rest, false) => text.push_str(&format!(", and {rest} other differences")),
    }
    text
}

#[must_use]
pub fn change_in_words(change: &Change) -> String {
    let place = if change.path.is_root() { "the state".to_owned() } else { change.path.dotted() };
    match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!("{place} is {} instead of {}", short(after), short(before)),
        (Some(before), None) => format!("{place} is missing, it should be {}", short(before)),
        (None, Some(after)) => format!("{place} is {} where nothing should be", short(after)),
        (None, None) => format!("{place} is the same"),
    }
}

/// A value as JSON, cut where it is long.
#[must_use]
pub fn short(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
