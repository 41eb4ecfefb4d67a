//! Event ids that occur more than once: redelivered, or given twice.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::base::text::count;
use crate::model::ids::EventIx;

pub static LINT: Lint = Lint {
    name: "duplicate-id",
    severity: Severity::Warning,
    what: "Event ids that occur more than once",
    why: "The same event twice is at-least-once delivery, which consumers must expect; two events with one id \
          make a consumer that remembers ids drop the second",
    mend: "Make consumers idempotent (a processed_events table); give every event an id of its own",
    look,
};

/// So many repeats are read to tell the same event from another one; the rest is taken to be alike.
const MOST_READ: usize = 2_000;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (mut same, mut other, mut read) = (Examples::default(), Examples::default(), 0);
    let ids = context.ids()?;
    let total: u64 = ids.repeats().map(|events| events.len() as u64 - 1).sum();
    'all: for events in ids.repeats() {
        let Some(((_, first), again)) = events.split_first() else { continue };
        let original = context.log.record(*first).unwrap_or_default();
        for (_, event) in again {
            if context.cancel.is_cancelled() {
                return None;
            }
            if read == MOST_READ {
                break 'all;
            }
            read += 1;
            let is_same = context.log.record(*event).is_ok_and(|record| record == original);
            if is_same { &mut same } else { &mut other }.add(*event);
        }
    }
    let unread = total - read as u64;
    let looked = if unread > 0 { format!(" ({} more were not compared)", count(unread)) } else { String::new() };
    if same.count > 0 {
        found.push(format!("Events that were delivered again, byte for byte{looked}"), &sorted(same), None);
    }
    if other.count > 0 {
        found.push(format!("Different events with an id that was used before{looked}"), &sorted(other), None);
    }
    Some(())
}

fn sorted(mut examples: Examples) -> Examples {
    examples.first.sort_unstable_by_key(|event: &EventIx| *event);
    examples
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};

    #[test]
    fn fires_on_repeats_of_both_kinds() {
        let events = vec![caused("a", 1, ""), caused("a", 1, ""), caused("b", 2, ""), caused("b", 3, "")];
        check(
            &LINT,
            events,
            &[
                "warning 1 Different events with an id that was used before",
                "warning 1 Events that were delivered again, byte for byte",
            ],
        );
        check(&LINT, vec![caused("a", 1, ""), caused("b", 1, "")], &[]);
    }
}
