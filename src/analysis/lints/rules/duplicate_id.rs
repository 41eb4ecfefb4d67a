//! Event ids that occur more than once: redelivered, or given twice.

use super::version_repeat::same_payload;
use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::count;
use crate::model::ids::EventIx;

pub static LINT: Lint = Lint {
    name: "duplicate-id",
    severity: Severity::Warning,
    what: "Event ids that occur more than once",
    why: "The same event twice is at-least-once delivery, which consumers must expect; two events with one id \
          make a consumer that remembers ids drop the second",
    mend: "Make consumers idempotent (a processed_events table); give every event an id of its own",
    needs: &[Need::Ids],
    look,
};

/// So many repeats are read to tell the same event from another one; the rest is taken to be alike.
const MOST_READ: usize = 2_000;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut repeats = Vec::new();
    for events in context.ids()?.repeats() {
        let Some(((_, first), again)) = events.split_first() else { continue };
        repeats.extend(again.iter().map(|(_, event)| (*event, *first)));
    }
    // In the order of rows, so that those that are compared do not depend on hashes.
    repeats.sort_unstable();
    let (mut same, mut alike, mut other) = (Examples::default(), Examples::default(), Examples::default());
    for (event, first) in repeats.iter().take(MOST_READ) {
        if context.cancel.is_cancelled() {
            return None;
        }
        let record = |event| context.log.record(event).ok();
        if record(*event).is_some_and(|again| record(*first).is_some_and(|first| again == first)) {
            same.add(*event);
        } else if same_payload(context, *event, *first) {
            alike.add(*event);
        } else if !is_other_side(context, *event, *first) {
            other.add(*event);
        }
    }
    let unread = repeats.len().saturating_sub(MOST_READ) as u64;
    let looked = if unread > 0 { format!(" ({} more were not compared)", count(unread)) } else { String::new() };
    for (examples, what) in [
        (same, "Events that were delivered again, byte for byte"),
        (alike, "Events that were delivered again: the same payload in another envelope"),
        (other, "Different events with an id that was used before"),
    ] {
        if examples.count > 0 {
            found.push(format!("{what}{looked}"), &examples);
        }
    }
    Some(())
}

/// Both sides of a call write a span with one id in Zipkin's model.
fn is_other_side(context: &Context<'_>, event: EventIx, first: EventIx) -> bool {
    let log = context.log;
    let source = log.source_of(event).and_then(|(source, _)| log.sources().get(source.at()));
    source.is_some_and(|source| source.mapping.envelope == "zipkin") && log.service_ix(event) != log.service_ix(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_repeats_of_each_kind() {
        let with = |event: TestEvent, data: &str| TestEvent { data: data.to_owned(), ..event };
        let events = vec![
            caused("a", 1, ""),
            caused("a", 1, ""),
            with(caused("b", 2, ""), "{\"n\":1}"),
            with(caused("b", 3, ""), "{\"n\":1}"),
            with(caused("b", 3, ""), "{\"n\":2}"),
        ];
        check(
            &LINT,
            events,
            &[
                "warning 1 Different events with an id that was used before",
                "warning 1 Events that were delivered again, byte for byte",
                "warning 1 Events that were delivered again: the same payload in another envelope",
            ],
        );
        check(&LINT, vec![caused("a", 1, ""), caused("b", 1, "")], &[]);
    }
}
