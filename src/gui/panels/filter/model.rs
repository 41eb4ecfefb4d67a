//! What the filter bar knows without being drawn: the draft, its error, the completions and which of
//! them is chosen.

use std::ops::Range;

use crate::analysis::query::{Completion, complete, parse};
use crate::model::filter::FilterError;
use crate::store::snapshot::Snapshot;

/// Completions that are offered at once.
const OFFERED: usize = 12;

/// Text in the bar that may not be applied yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub text: String,
    /// The filter in use when the draft was last the same: a change from elsewhere replaces it.
    applied: String,
    pub offers: Vec<Completion>,
    /// Chosen with the arrow keys.
    pub chosen: Option<usize>,
    /// Closed by the person until the text changes.
    pub closed: bool,
    asked: Option<(String, usize)>,
}

impl Draft {
    /// Takes over a filter that was set elsewhere.
    pub fn follow(&mut self, filter: &str) {
        if self.applied != filter {
            filter.clone_into(&mut self.applied);
            filter.clone_into(&mut self.text);
            self.close();
        }
    }

    /// The draft differs from what is applied.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.text.trim() != self.applied
    }

    #[must_use]
    pub fn error(&self) -> Option<FilterError> {
        parse(&self.text).err()
    }

    /// Looks for completions at the caret, a byte of the text; cheap while nothing changes.
    pub fn offer(&mut self, cursor: usize, snapshot: &Snapshot) {
        let asked = Some((self.text.clone(), cursor));
        if self.asked == asked {
            return;
        }
        let typed = self.asked.as_ref().is_some_and(|(text, _)| *text != self.text);
        self.asked = asked;
        if typed {
            self.closed = false;
        }
        self.chosen = None;
        self.offers = complete(&self.text, cursor, snapshot);
        self.offers.truncate(OFFERED);
        // Nothing to say where the only offer is already there.
        if let [only] = self.offers.as_slice()
            && self.text.get(only.replace.clone()) == Some(&only.text)
        {
            self.offers.clear();
        }
    }

    /// Moves the choice; the ends meet.
    pub fn choose(&mut self, step: isize) {
        let n = self.offers.len();
        if n == 0 {
            return;
        }
        let now = self.chosen.map_or(if step > 0 { n - 1 } else { 0 }, |c| c);
        self.chosen = Some((now as isize + step).rem_euclid(n as isize) as usize);
    }

    /// Puts an offer into the text; gives the byte where the caret goes.
    pub fn accept(&mut self, offer: usize) -> Option<usize> {
        let Completion { replace, text, .. } = self.offers.get(offer)?.clone();
        let range = within(&self.text, replace);
        let end = range.start + text.len();
        self.text.replace_range(range, &text);
        self.chosen = None;
        Some(end)
    }

    /// Back to the filter that is in use.
    pub fn give_up(&mut self) {
        self.text.clone_from(&self.applied);
        self.close();
    }

    pub fn close(&mut self) {
        self.closed = true;
        self.chosen = None;
    }

    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.closed && !self.offers.is_empty()
    }
}

/// A range cut to what the text has, between characters.
fn within(text: &str, range: Range<usize>) -> Range<usize> {
    let start = text.floor_char_boundary(range.start);
    start..text.floor_char_boundary(range.end).max(start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Builder;

    fn draft(text: &str) -> Draft {
        let snapshot =
            Builder::new().simple(1, "OrderPlaced", &["order:1"]).simple(2, "OrderPaid", &["order:1"]).build();
        let mut draft = Draft { text: text.to_owned(), ..Draft::default() };
        draft.offer(text.len(), &snapshot);
        draft
    }

    #[test]
    fn an_offer_replaces_what_was_begun() {
        let mut draft = draft("type:OrderPl");
        assert!(draft.is_open(), "{:?}", draft.offers);
        let caret = draft.accept(0).expect("an offer");
        assert!(draft.text.starts_with("type:OrderPlaced"), "{}", draft.text);
        assert_eq!(caret, "type:OrderPlaced".len());
    }

    #[test]
    fn the_choice_goes_round() {
        let mut draft = draft("type:");
        let n = draft.offers.len();
        assert!(n >= 2);
        draft.choose(1);
        assert_eq!(draft.chosen, Some(0));
        draft.choose(-1);
        assert_eq!(draft.chosen, Some(n - 1));
        draft.choose(1);
        assert_eq!(draft.chosen, Some(0));
    }

    #[test]
    fn a_filter_set_elsewhere_replaces_the_draft() {
        let mut draft = draft("half ty");
        draft.follow("");
        assert_eq!(draft.text, "half ty", "nothing was applied, nothing changed");
        draft.follow("type:OrderPaid");
        assert_eq!(draft.text, "type:OrderPaid");
        assert!(!draft.is_changed());
    }

    #[test]
    fn an_error_has_its_place() {
        let error = draft("type:").error();
        assert!(error.is_some_and(|e| e.at.end <= 5 && !e.hint.is_empty()));
        assert!(draft("type:OrderPaid").error().is_none());
    }
}
