//! A plan's lines and words.

use crate::base::text::{bytes, count, plural};
use crate::gui::panels::parts::preview::{middle_cut, one_line, preview};
use crate::model::message::{HeaderValue, Message};
use crate::requeue::Plan;
use crate::requeue::aim::Drawn;
use crate::requeue::journal::{Counts, Phase};
use crate::requeue::moves::{MoveTask, Moves};
use crate::requeue::plan::Item;

/// Bytes of a value that are laid out.
const SHOWN_BYTES: usize = 8 << 10;

/// One row of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub from: String,
    /// Or why it is not sent.
    pub to: String,
    pub value: String,
    pub stripped: String,
    pub warnings: String,
    pub is_sent: bool,
}

/// Messages first, then what is left out.
#[must_use]
pub fn line(plan: &Plan, row: usize) -> Option<Line> {
    if let Some(item) = plan.items.get(row) {
        return Some(Line {
            from: one_line(&item.letter.place.to_string(), 80),
            to: one_line(&item.target.to_string(), 80),
            value: value_words(item),
            stripped: if item.stripped.is_empty() { String::new() } else { format!("−{}", item.stripped.len()) },
            warnings: item.warnings.iter().map(|warning| warning.words.as_str()).collect::<Vec<_>>().join("; "),
            is_sent: true,
        });
    }
    let left = plan.left_out.get(row - plan.items.len())?;
    Some(Line {
        from: one_line(&left.from, 80),
        to: format!("not sent: {}", one_line(&left.why, 200)),
        value: String::new(),
        stripped: String::new(),
        warnings: String::new(),
        is_sent: false,
    })
}

/// `1.2 kB`, `1.2 kB → 1.1 kB`, `null`
fn value_words(item: &Item) -> String {
    let size = |message: &Message| message.value.as_ref().map_or("null".to_owned(), |value| bytes(value.len() as u64));
    let (before, after) = (size(&item.letter), size(&item.message));
    if item.letter.value == item.message.value { after } else { format!("{before} → {after}") }
}

/// What the button that sends says: `Requeue 3 to orders`.
#[must_use]
pub fn action(drawn: &Drawn) -> String {
    let n = count(drawn.plan.items.len() as u64);
    match drawn.targets.as_slice() {
        [one] => format!("Requeue {n} to {}", one_line(one, 40)),
        targets => format!("Requeue {n} to {}", plural(targets.len() as u64, "target", "targets")),
    }
}

/// A message as it is compared: headers a line each, then the value.
#[must_use]
pub fn value_text(message: &Message) -> String {
    match &message.value {
        None => "null (a tombstone)".to_owned(),
        Some(value) => match serde_json::from_slice::<&serde_json::value::RawValue>(value) {
            Ok(_) => pretty(value, SHOWN_BYTES),
            Err(_) => preview(value, SHOWN_BYTES),
        },
    }
}

/// What a codec read, as it is compared.
#[must_use]
pub fn read_text(json: &str) -> String {
    pretty(json.as_bytes(), SHOWN_BYTES)
}

/// What a codec read, as it is edited: all of it.
#[must_use]
pub fn edited_text(json: &str) -> String {
    pretty(json.as_bytes(), usize::MAX)
}

/// Indented for the eye alone; numbers and strings keep their text. What is sent is as it is.
fn pretty(value: &[u8], most: usize) -> String {
    let (mut out, mut depth, mut in_string, mut escaped) = (String::new(), 0_usize, false, false);
    let text = String::from_utf8_lossy(value.get(..value.len().min(most)).unwrap_or_default());
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if in_string {
            out.push(char);
            in_string = escaped || char != '"';
            escaped = char == '\\' && !escaped;
            continue;
        }
        match char {
            '"' => {
                in_string = true;
                out.push(char);
            }
            '{' | '[' => {
                out.push(char);
                while chars.peek().is_some_and(|next| next.is_whitespace()) {
                    chars.next();
                }
                if chars.peek().is_some_and(|next| matches!(next, '}' | ']')) {
                    out.extend(chars.next());
                } else {
                    depth += 1;
                    line_break(&mut out, depth);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line_break(&mut out, depth);
                out.push(char);
            }
            ',' => {
                out.push(char);
                line_break(&mut out, depth);
            }
            ':' => out.push_str(": "),
            char if char.is_whitespace() => {}
            char => out.push(char),
        }
    }
    if value.len() > most {
        out.push_str(&format!("\n… {} in all", bytes(value.len() as u64)));
    }
    out
}

fn line_break(out: &mut String, depth: usize) {
    out.push('\n');
    out.push_str(&"  ".repeat(depth.min(32)));
}

/// A header's value on one line.
#[must_use]
pub fn header_words(value: &HeaderValue) -> String {
    one_line(&value.as_text(), 200)
}

/// `Unlock amqp://broker/%2F`: on one line of a narrow form, so without the address's options.
#[must_use]
pub fn unlock_words(system: &str) -> String {
    let name = system.split('?').next().unwrap_or_default();
    format!("Unlock {}", middle_cut(&one_line(name, 200), 28))
}

/// How many stand where, in the order of a good run: `12 put back`, `1 in doubt`.
#[must_use]
pub fn tally(counts: &Counts) -> Vec<(Phase, String)> {
    let mut parts = Vec::new();
    for phase in [
        Phase::Settled,
        Phase::Confirmed,
        Phase::Sending,
        Phase::Planned,
        Phase::Ambiguous,
        Phase::Failed,
        Phase::Discarded,
    ] {
        let n = counts.told(phase);
        if n > 0 {
            parts.push((phase, format!("{} {}", count(n), phase.words())));
        }
    }
    parts
}

/// What the button that starts a move task says: `Move about 1,204 messages`.
#[must_use]
pub fn move_action(moves: &Moves) -> String {
    format!("Move about {}", plural(moves.messages, "message", "messages"))
}

/// `failed: about 40 of 100 moved, CouldNotDetermineMessageSource`
#[must_use]
pub fn task_outcome(task: &MoveTask) -> String {
    let failure = task.failure.as_ref().map(|failure| format!(", {}", one_line(failure, 200))).unwrap_or_default();
    format!("{}: {} moved{failure}", task.status.words(), task.progress())
}

/// `to orders · at most 50 a second`
#[must_use]
pub fn task_details(task: &MoveTask) -> String {
    let to =
        task.to.as_ref().map_or("back to where each came from".to_owned(), |to| format!("to {}", one_line(to, 90)));
    let rate = task.rate.map_or("as fast as SQS sees fit".to_owned(), |rate| format!("at most {rate} a second"));
    format!("{to} · {rate}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_indented_and_keep_their_text() {
        let message = |value: &str| Message { value: Some(value.as_bytes().to_vec()), ..Message::default() };
        let text = value_text(&message(r#"{"a": 1.50,"b":{},"c":["x,\"{",{"d":null}]}"#));
        let expected =
            "{\n  \"a\": 1.50,\n  \"b\": {},\n  \"c\": [\n    \"x,\\\"{\",\n    {\n      \"d\": null\n    }\n  ]\n}";
        assert_eq!(text, expected);
        assert_eq!(value_text(&message("plain, text")), "plain, text");
        assert_eq!(value_text(&Message::default()), "null (a tombstone)");
    }
}
