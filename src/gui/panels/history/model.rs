//! Every event that touched one field, as rows of a table; places to complete a typed path from.

use crate::analysis::state::blame::Touch;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::app::zone::Zone;
use crate::base::text::count;
use crate::gui::panels::parts::preview::{named, one_line};
use crate::gui::panels::parts::value::short_or_nothing;
use crate::store::snapshot::Snapshot;

/// Title, width, monospace.
pub const COLUMNS: [(&str, f32, bool); 6] = [
    ("Event", 72.0, true),
    ("Time", 200.0, true),
    ("Type", 200.0, false),
    ("Before", 184.0, true),
    ("After", 184.0, true),
    ("By", 160.0, false),
];

/// One cell of the row of a touch. Only columns of the log are read, so it is cheap enough to be made
/// for visible rows while drawing.
#[must_use]
pub fn cell(log: &Snapshot, touch: &Touch, column: usize, zone: Zone) -> String {
    let name = |names: &[crate::store::names::Name], at: usize| names.get(at).map_or("", |n| &*n.name).to_owned();
    match (column, touch.event) {
        (0, _) => count(touch.step.into()),
        (1, Some(event)) => {
            log.time(event).map_or_else(|| "–".to_owned(), |t| zone.format_with(t, "%Y-%m-%d %H:%M:%S%.3f"))
        }
        (2, Some(event)) => named(&one_line(&name(log.types(), log.type_ix(event).at()), 80)),
        (3, _) => short_or_nothing(touch.before.as_ref()),
        (4, _) => short_or_nothing(touch.after.as_ref()),
        (5, Some(event)) => one_line(&name(log.services(), log.service_ix(event).at()), 80),
        _ => String::new(),
    }
}

/// The row of the last touch up to a step.
#[must_use]
pub fn row_at(touches: &[Touch], step: u32) -> Option<u64> {
    touches.partition_point(|t| t.step <= step).checked_sub(1).map(|row| row as u64)
}

/// Places of a state that have `typed` in them: those that begin with it first, at most `most`.
#[must_use]
pub fn places(state: &Value, typed: &str, most: usize) -> Vec<Path> {
    /// Places that are looked at.
    const LOOKED_AT: usize = 5_000;
    let typed = typed.trim().to_lowercase();
    let (mut open, mut begins, mut has) = (vec![(Path::default(), state)], Vec::new(), Vec::new());
    let mut looked = 0;
    while let Some((path, value)) = open.pop() {
        looked += 1;
        if looked > LOOKED_AT || begins.len() >= most {
            break;
        }
        if !path.is_root() {
            let name = path.dotted().to_lowercase();
            if name.starts_with(&typed) || path.to_string().to_lowercase().starts_with(&typed) {
                begins.push(path.clone());
            } else if name.contains(&typed) {
                has.push(path.clone());
            }
        }
        // Turned round, because what is pushed last is looked at next.
        match value {
            // A list to which every event adds itself is kept as its length: one place, not two.
            Value::Object(members) if members.contains_key("$events") => {}
            Value::Object(members) => open.extend(members.iter().rev().map(|(name, v)| (path.child(name), v))),
            Value::List(elements) => {
                let first: Vec<_> = elements.iter().take(20).enumerate().collect();
                open.extend(first.into_iter().rev().map(|(i, v)| (path.child(&i.to_string()), v)));
            }
            _ => {}
        }
    }
    begins.extend(has);
    begins.truncate(most);
    begins
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::value::parse;

    #[test]
    fn places_that_begin_with_what_was_typed_come_first() {
        let state = br#"{"balance":1,"limits":{"daily":2,"balanced":3},"items":[{"sku":"A"}],"log":{"$events":4}}"#;
        let state = parse(state).expect("JSON");
        for (typed, expected) in [
            ("", "balance limits limits.daily limits.balanced items items[0] items[0].sku log"),
            ("bal", "balance limits.balanced"),
            ("items[0]", "items[0] items[0].sku"),
            ("/limits/", "limits.daily limits.balanced"),
            ("nothing", ""),
        ] {
            let found: Vec<String> = places(&state, typed, 9).iter().map(Path::dotted).collect();
            assert_eq!(found.join(" "), expected, "{typed}");
        }
        assert_eq!(places(&state, "", 2).len(), 2);
    }

    #[test]
    fn the_row_at_a_step_is_the_last_touch_until_then() {
        let touch = |step| Touch { step, event: None, before: None, after: None };
        let touches = [touch(2), touch(5), touch(9)];
        for (step, row) in [(0, None), (2, Some(0)), (4, Some(0)), (5, Some(1)), (99, Some(2))] {
            assert_eq!(row_at(&touches, step), row, "{step}");
        }
    }
}
