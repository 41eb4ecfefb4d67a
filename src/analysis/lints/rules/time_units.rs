//! Times that cannot be: in the future, or so long ago that seconds were taken for milliseconds.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::model::time::TimeNs;

pub static LINT: Lint = Lint {
    name: "time-units",
    severity: Severity::Warning,
    what: "Times in the future, or around 1970 where the rest is not",
    why: "They sort to the wrong end and stretch every time axis; often seconds were taken for milliseconds",
    mend: "Check the unit and the zone of the time field, in the writer or in the field mapping",
    look,
};

/// Clocks differ, and a time without a zone is off by up to 14 hours.
const AHEAD_NS: i64 = 15 * 3_600 * 1_000_000_000;
/// Milliseconds taken for microseconds, or seconds for milliseconds, end up before 1971.
const YEAR_NS: i64 = 366 * 86_400 * 1_000_000_000;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (mut future, mut early) = (Examples::default(), Examples::default());
    let latest = context.now.map(|now| TimeNs(now.0.saturating_add(AHEAD_NS)));
    let median_is_recent = middle(context).is_some_and(|time| time.0 > 20 * YEAR_NS);
    context.segments(|segment| {
        let Some((first, last)) = segment.time_range() else { return };
        let any_future = latest.is_some_and(|latest| last > latest);
        let any_early = median_is_recent && first.0.abs() < YEAR_NS;
        if !any_future && !any_early {
            return;
        }
        for row in 0..segment.len() {
            let Some(time) = segment.time(row as u16) else { continue };
            let event = segment.event(row as u16);
            if latest.is_some_and(|latest| time > latest) {
                future.add(event);
            } else if any_early && time.0.abs() < YEAR_NS {
                early.add(event);
            }
        }
    })?;
    if future.count > 0 {
        found.push("Events from the future".to_owned(), &future, None);
    }
    if early.count > 0 {
        found.push("Events around 1970, where the others are not".to_owned(), &early, None);
    }
    Some(())
}

/// A time from the middle of the log.
fn middle(context: &Context<'_>) -> Option<TimeNs> {
    let segments = context.log.segments();
    let segment = segments.get(segments.len() / 2)?;
    (segment.timed_len() > 0).then(|| segment.time(segment.row_by_time(segment.timed_len() / 2))).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{NOW, check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_the_future_and_on_1970() {
        let at = |ns: i64| TestEvent { time: Some(ns), ..event("A", 1) };
        let mut events = vec![event("A", 1); 9];
        check(&LINT, events.clone(), &[]);
        events.push(at(NOW.0 + 2 * AHEAD_NS));
        events.push(at(1_700_000_000_000_000));
        check(
            &LINT,
            events,
            &["warning 1 Events around 1970, where the others are not", "warning 1 Events from the future"],
        );
        check(&LINT, vec![at(1), at(2), at(3)], &[]);
    }
}
