//! Correlation ids that say nothing, because nearly every event has the same.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::base::text::count;
use crate::model::ids::CorrelationIx;

pub static LINT: Lint = Lint {
    name: "correlation-constant",
    severity: Severity::Warning,
    what: "Correlation ids that are constants",
    why: "An id that all events share correlates nothing: chains become the whole log",
    mend: "Make a new correlation id where a request enters the system; check the field mapping",
    needs: &[],
    look,
};

/// In a smaller log one request may well be most of it.
const SMALL_LOG: u64 = 10_000;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut counts = vec![0_u32; context.log.correlation_count() as usize];
    context.segments(|segment| {
        for (key, rows) in segment.correlations().iter() {
            if let Some(count) = counts.get_mut(key as usize) {
                *count += rows.len() as u32;
            }
        }
    })?;
    let share = (context.config.constant_share * context.log.len() as f64) as u32;
    for (ix, &events) in counts.iter().enumerate() {
        let of_all = context.log.len() > SMALL_LOG && events > share;
        if events >= context.config.constant_from || of_all {
            let first = context.log.correlation_events(CorrelationIx(ix as u32));
            let (events, all) = (u64::from(events), count(context.log.len()));
            let message = format!("One correlation id is shared by {} of {all} events", count(events));
            found.push(message, &Examples::of(events, first));
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::Config;
    use crate::analysis::lints::rules::testing::{check, check_with, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_an_id_that_too_many_share() {
        let with = |id: usize| TestEvent { correlations: vec![id.to_string()], ..event("A", 1) };
        let config = Config { constant_from: 3, ..Config::default() };
        let told = "warning 3 One correlation id is shared by 3 of 4 events";
        check_with(&LINT, &config, vec![with(1), with(1), with(2), with(1)], &[told]);
        check(&LINT, vec![with(1), with(1), with(1)], &[]);
    }
}
