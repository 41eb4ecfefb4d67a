//! What the panel knows without being drawn: the event that is being changed or added, whether its
//! payload is JSON, and which edit a wish becomes.

use crate::analysis::state::history::History;
use crate::analysis::state::whatif::{Edit, EventRef, Place, What};

use super::lines::{Line, Lines};
use super::work::Made;

/// What the editor of payloads is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Task {
    #[default]
    Change,
    InsertBefore,
    InsertAfter,
}

/// An event as it is typed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Draft {
    pub task: Task,
    /// The event that it was made of: another one replaces the draft.
    pub of: Option<EventRef>,
    pub type_name: String,
    pub text: String,
    /// As the branch has it.
    original: (String, String),
}

impl Draft {
    #[must_use]
    pub fn change(of: EventRef, type_name: &str, text: &str) -> Self {
        let (type_name, text) = (type_name.to_owned(), pretty(text));
        Self { task: Task::Change, of: Some(of), original: (type_name.clone(), text.clone()), type_name, text }
    }

    #[must_use]
    pub fn insert(task: Task, of: EventRef, type_name: &str, text: &str) -> Self {
        Self { task, ..Self::change(of, type_name, text) }
    }

    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.task != Task::Change || (self.type_name.trim(), &*self.text) != (&*self.original.0, &*self.original.1)
    }

    /// Why it cannot be used, and at which line of the payload (from 0).
    #[must_use]
    pub fn error(&self) -> Option<(usize, String)> {
        if self.type_name.trim().is_empty() {
            return Some((0, "The event needs a type".to_owned()));
        }
        let error = serde_json::from_str::<&serde_json::value::RawValue>(&self.text).err()?;
        let words = error.to_string();
        // serde adds the place, which is shown as a line here.
        let words = words.split(" at line ").next().unwrap_or_default();
        Some((error.line().max(1) - 1, format!("Not JSON: {words} (column {})", error.column())))
    }

    /// The edit that it becomes. `row` is that of the event it was made of.
    #[must_use]
    pub fn edit(&self, made: &Made, history: &History, row: u64) -> Option<Edit> {
        let (type_name, text) = (self.type_name.trim().to_owned(), self.text.clone());
        let insert = |before| Edit::Insert { before, type_name: type_name.clone(), text: text.clone(), time: None };
        match self.task {
            Task::Change => Some(Edit::Change {
                event: self.of?,
                type_name: (type_name != self.original.0).then_some(type_name),
                text: (text != self.original.1).then_some(text),
            }),
            Task::InsertBefore => Some(insert(place_from(made, history, row))),
            Task::InsertAfter => Some(insert(place_from(made, history, row + 1))),
        }
    }
}

/// What an edit calls the event of a line.
#[must_use]
pub fn event_ref(made: &Made, history: &History, line: Line) -> Option<EventRef> {
    match line.stored {
        Some(stored) => history.event_of(stored + 1).map(EventRef::Stored),
        None => made.events.made_by(line.content?).map(EventRef::Made),
    }
}

/// The row of an event that an edit names.
#[must_use]
pub fn row_of(made: &Made, history: &History, event: EventRef) -> Option<u64> {
    match event {
        EventRef::Stored(event) => made.lines.row_of_stored(history.step_of(event)?.checked_sub(1)?),
        EventRef::Made(edit) => {
            let lines = |row| made.lines.get(row).filter(|line| line.what == What::Inserted);
            inserted_rows(&made.lines)
                .find(|row| lines(*row).and_then(|line| made.events.made_by(line.content?)) == Some(edit))
        }
    }
}

fn inserted_rows(lines: &Lines) -> impl Iterator<Item = u64> + '_ {
    lines.starts().filter(|(_, line)| line.what == What::Inserted).map(|(row, _)| row)
}

/// Before the branch's first event from this row on; at the end where there is none.
fn place_from(made: &Made, history: &History, row: u64) -> Place {
    let in_branch = (row..made.lines.len()).filter_map(|row| made.lines.get(row)).find(|line| line.branch.is_some());
    in_branch.and_then(|line| event_ref(made, history, line)).map_or(Place::End, Place::Before)
}

/// Moves the event of a line so that it is the branch's `to`-th, counted from 0.
#[must_use]
pub fn moved(made: &Made, history: &History, line: Line, to: u32) -> Option<Edit> {
    let from = line.branch?;
    let to = to.min(made.events.plan().len().saturating_sub(1));
    if to == from {
        return None;
    }
    let event = event_ref(made, history, line)?;
    // Taking it out moves what lies behind it one place nearer.
    let before = if to > from { to + 1 } else { to };
    let place = match made.lines.row_of_branch(before).and_then(|row| made.lines.get(row)) {
        Some(line) => Place::Before(event_ref(made, history, line)?),
        None => Place::End,
    };
    Some(Edit::Move { event, to: place })
}

/// JSON with a member a line, values as they are written; what is no JSON stays as it is.
#[must_use]
pub fn pretty(text: &str) -> String {
    if text.len() > 100_000 || serde_json::from_str::<&serde_json::value::RawValue>(text).is_err() {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut chars = text.chars().peekable();
    let line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.push_str(&"  ".repeat(depth));
    };
    while let Some(c) = chars.next() {
        if in_text {
            out.push(c);
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            c if c.is_whitespace() => {}
            '{' | '[' => {
                out.push(c);
                while chars.next_if(|c| c.is_whitespace()).is_some() {}
                if let Some(end) = chars.next_if(|c| matches!(c, '}' | ']')) {
                    out.push(end);
                } else {
                    depth += 1;
                    line(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c => {
                in_text = c == '"';
                out.push(c);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::analysis::state::testing::Given;
    use crate::analysis::state::whatif::{Branch, BranchEvents};
    use crate::base::cancel::Cancel;
    use crate::model::ids::EventIx;
    use crate::store::testing::Builder;

    #[test]
    fn json_is_laid_out_and_its_values_stay() {
        for (text, expected) in [
            (
                r#"{"a":1.50,"b":[],"c":{"d":"x, {y}\""}}"#,
                "{\n  \"a\": 1.50,\n  \"b\": [],\n  \"c\": {\n    \"d\": \"x, {y}\\\"\"\n  }\n}",
            ),
            ("[1, 2]", "[\n  1,\n  2\n]"),
            ("{ }", "{}"),
            ("12", "12"),
            ("{oops", "{oops"),
        ] {
            assert_eq!(pretty(text), expected);
        }
    }

    #[test]
    fn a_payload_that_is_no_json_names_its_line() {
        let mut draft = Draft::change(EventRef::Stored(EventIx(1)), "Paid", r#"{"amount":5}"#);
        assert!(draft.error().is_none() && !draft.is_changed());
        "{\n  \"amount\": 5,\n}".clone_into(&mut draft.text);
        assert!(draft.is_changed());
        let (line, message) = draft.error().expect("a trailing comma");
        assert_eq!(line, 2);
        assert!(message.starts_with("Not JSON: ") && message.ends_with("(column 1)"), "{message}");
        draft.type_name.clear();
        assert_eq!(draft.error().map(|e| e.1), Some("The event needs a type".to_owned()));
    }

    #[test]
    fn wishes_become_edits_that_mean_what_was_seen() {
        let mut builder = Builder::new();
        for i in 0..5 {
            builder = builder.simple(i, "T", &["a:1"]);
        }
        let log = builder.build();
        let entity = log.find_entity("a", "1").expect("it is there");
        let history = History::of(&log, entity, false, &Cancel::new()).expect("nobody cancels");
        let mut branch = Branch::new("b");
        let make = |branch: &Branch| {
            let base = Arc::new(Given::amounts(0..5));
            let events = BranchEvents::new(base, branch, &|event| history.step_of(event));
            let lines = Lines::of(&events);
            Made { events: Arc::new(events), lines }
        };
        let order = |made: &Made| -> String {
            let slots = (0..made.events.plan().len()).filter_map(|at| made.lines.get(made.lines.row_of_branch(at)?));
            slots.map(|line| line.stored.map_or("+".to_owned(), |stored| stored.to_string())).collect()
        };
        let line = |made: &Made, branch_at: u32| {
            made.lines.row_of_branch(branch_at).and_then(|row| made.lines.get(row)).expect("a line")
        };
        for (from, to, expected) in [(0, 1, "10234"), (4, 0, "41023"), (0, 99, "10234"), (2, 1, "12034")] {
            let made = make(&branch);
            branch.edits.extend(moved(&made, &history, line(&made, from), to));
            assert_eq!(order(&make(&branch)), expected, "{from} to {to}");
        }
        let made = make(&branch);
        let row = made.lines.row_of_branch(4).expect("the last");
        let last = event_ref(&made, &history, line(&made, 4)).expect("an event");
        for (task, expected) in [(Task::InsertAfter, "12034+"), (Task::InsertBefore, "1203+4+")] {
            let draft = Draft::insert(task, last, "T", "{}");
            let edit = draft.edit(&made, &history, row).expect("an edit");
            branch.edits.push(edit);
            assert_eq!(order(&make(&branch)), expected);
        }
        let made = make(&branch);
        let added = made.lines.row_of_branch(4).expect("the added one");
        let event = event_ref(&made, &history, line(&made, 4)).expect("an event");
        assert_eq!(row_of(&made, &history, event), Some(added));
    }
}
