//! Times that cannot be: in the future, so long ago that seconds were taken for milliseconds, or in two
//! units in one field.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::payload::Written;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::count;
use crate::model::time::TimeNs;

pub static LINT: Lint = Lint {
    name: "time-units",
    severity: Severity::Warning,
    what: "Times in the future, around 1970 where the rest is not, or in two units in one field",
    why: "They sort to the wrong end and stretch every time axis; often seconds were taken for milliseconds",
    mend: "Check the unit and the zone of the time field, in the writer or in the field mapping",
    needs: &[Need::Payloads],
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
        let now = context.now.map_or(0, |now| now.0 / 1_000_000_000 / 86_400);
        let filter = civil(now + 1).map(|day| format!("time>={day}"));
        let finding = found.push("Events from the future".to_owned(), &future);
        finding.filter = filter;
    }
    if early.count > 0 {
        let finding = found.push("Events around 1970, where the others are not".to_owned(), &early);
        finding.found_by("time<1971".to_owned());
    }
    for (of, facts) in context.payloads()?.types() {
        for field in &facts.fields {
            let units: Vec<(Written, &Examples)> = Written::ALL
                .into_iter()
                .zip(&field.cold.times)
                .filter(|(written, seen)| written.is_number() && seen.count > 0)
                .collect();
            let Some((_, rarest)) = units.iter().min_by_key(|(_, seen)| seen.count).filter(|_| units.len() > 1) else {
                continue;
            };
            let list: Vec<String> =
                units.iter().map(|(unit, seen)| format!("{} {}", count(seen.count), unit.label())).collect();
            let name = context.log.type_name(of);
            let message = format!("{} of {name} is written in {} units: {}", field.path, units.len(), list.join(", "));
            found.push(message, rarest).of_type(name).of_field(&field.path);
        }
    }
    Some(())
}

/// A day since the epoch as filters take it.
fn civil(day: i64) -> Option<String> {
    let date = chrono::DateTime::from_timestamp(day.checked_mul(86_400)?, 0)?;
    Some(date.format("%Y-%m-%d").to_string())
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
            &[
                "warning 1 /time of A is written in 2 units: 1 in microseconds, 10 in nanoseconds",
                "warning 1 Events around 1970, where the others are not",
                "warning 1 Events from the future",
            ],
        );
        check(&LINT, vec![at(1), at(2), at(3)], &[]);
    }

    #[test]
    fn fires_on_seconds_among_milliseconds() {
        let with = |data: &str| TestEvent { data: data.to_owned(), ..event("A", 1) };
        let (ms, s) = (with("{\"paidAt\":1700000000123,\"total\":1700000000}"), with("{\"paidAt\":1700000000}"));
        let told = "warning 1 /data/paidAt of A is written in 2 units: 1 in seconds, 2 in milliseconds";
        check(&LINT, vec![ms.clone(), s.clone(), ms.clone()], &[told]);
        check(&LINT, vec![ms.clone(), ms], &[]);
    }
}
