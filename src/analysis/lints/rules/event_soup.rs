//! Event soup: a type that is a huge share of the log, tiny, and leads to nothing.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::{bytes, count};
use crate::model::filter::NameKey;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "event-soup",
    severity: Severity::Warning,
    what: "Types that are most of the log, tiny, and start or continue nothing",
    why: "Fine-grained events (a click, a mouse move) bury those that mean something and couple every consumer to \
          details of the producer",
    mend: "Publish what happened in the domain, not each step on the way; keep telemetry in its own pipeline",
    needs: &[Need::Sizes, Need::Causes],
    look,
};

/// A few types always are large shares of a small log.
const SMALL_LOG: u64 = 200;
const FEW_TYPES: usize = 4;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let log = context.log;
    if log.len() < SMALL_LOG || log.types().iter().filter(|name| name.events > 0).count() < FEW_TYPES {
        return Some(());
    }
    // Causes and effects: how often one is in the middle of something.
    let mut ties = vec![0_u64; log.types().len()];
    for event in context.causes()?.edges().iter().flat_map(|edge| [edge.cause, edge.effect]) {
        ties.get_mut(context.type_ix(event).at()).into_iter().for_each(|ties| *ties += 1);
    }
    let types = &context.sizes()?.types;
    for (ix, (seen, ties)) in types.iter().zip(ties).enumerate().skip(1) {
        let (events, name) = (seen.events.count, context.log.type_name(TypeIx(ix as u16)));
        let share = events as f64 / log.len() as f64;
        let size = seen.bytes.checked_div(events).unwrap_or(0);
        let is_tied = ties.saturating_mul(20) > events;
        if share >= context.config.soup_share && size <= u64::from(context.config.soup_bytes) && !is_tied {
            let percent = (share * 100.0).round();
            let (events, size) = (count(events), bytes(size));
            let message =
                format!("{name} is {percent} % of the log ({events} events of about {size}) and leads to nothing");
            found.push(message, &seen.events).of_type(name).found_by(term(NameKey::Type, name));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check, event};
    use crate::store::testing::TestEvent;

    fn soup(each: impl Fn(i64) -> TestEvent) -> Vec<TestEvent> {
        let mut events: Vec<TestEvent> = (0..200).map(each).collect();
        events.extend(["A", "B", "C"].map(|name| event(name, 1)));
        events
    }

    #[test]
    fn fires_on_many_tiny_events_that_lead_nowhere() {
        let moved = |i| TestEvent { id: format!("m{i}"), ..event("MouseMoved", i) };
        let mut events = soup(moved);
        let told = |log: Vec<TestEvent>, fires: bool| {
            let mut builder = crate::store::testing::Builder::new();
            log.into_iter().for_each(|event| builder.push(event));
            let (log, cancel) = (builder.build(), crate::base::cancel::Cancel::new());
            let config = crate::analysis::lints::Config::default();
            let findings = crate::analysis::lints::run(&Context::new(&log, &config, None, &cancel), &[&LINT]);
            let findings = findings.expect("nobody cancels");
            assert_eq!(findings.len(), usize::from(fires), "{findings:?}");
            assert!(findings.iter().all(|f| f.message.starts_with("MouseMoved is 99 % of the log (200 events")));
        };
        told(events.clone(), true);
        // The same, but each leads to something.
        events.extend(
            (0..200).map(|i| TestEvent { type_name: "D".to_owned(), ..caused(&format!("e{i}"), i, &format!("m{i}")) }),
        );
        told(events, false);
        check(&LINT, vec![event("A", 1); 50], &[]);
    }
}
