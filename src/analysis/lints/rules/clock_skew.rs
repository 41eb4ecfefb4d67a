//! Services whose clocks differ, as far as all causes and effects between them tell. One effect before
//! its cause may be a single odd message; a clock is wrong where even the usual distances cannot be.

use std::collections::BTreeMap;

use crate::analysis::flows::{Distances, Offsets};
use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::duration_ns;
use crate::model::ids::ServiceIx;

pub static LINT: Lint = Lint {
    name: "clock-skew",
    severity: Severity::Warning,
    what: "Services whose clocks differ",
    why: "Durations between services are wrong by as much, time-outs come too early or too late, and whoever keeps the newest by time keeps the wrong one",
    mend: "Synchronise the clocks (NTP); until then, correct times by the chain's waterfall",
    needs: &[Need::Causes],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let log = context.log;
    let mut distances = Distances::new();
    // By service: its events on the wrong side of a cause or an effect elsewhere.
    let mut early: BTreeMap<ServiceIx, Examples> = BTreeMap::new();
    for edge in context.causes()?.edges() {
        let (from, to) = (log.service_ix(edge.cause), log.service_ix(edge.effect));
        let (Some(cause), Some(effect)) = (log.time(edge.cause), log.time(edge.effect)) else { continue };
        if from == to {
            continue;
        }
        let distance = effect.0.saturating_sub(cause.0);
        distances.entry((from, to)).or_default().add(distance);
        if distance < 0 {
            early.entry(from).or_default().add(edge.effect);
            early.entry(to).or_default().add(edge.effect);
        }
    }
    if context.cancel.is_cancelled() {
        return None;
    }
    let most = context.config.skew_ms.saturating_mul(1_000_000);
    for offset in Offsets::from_distances(distances).list() {
        let apart = offset.ahead_ns.saturating_abs();
        let Some(examples) = early.get(&offset.service).filter(|_| apart > most) else { continue };
        let side = if offset.ahead_ns < 0 { "behind" } else { "ahead of" };
        let (service, reference) = (log.service_name(offset.service), log.service_name(offset.reference));
        let apart = duration_ns(apart);
        found.push(format!("The clock of {service} is {apart} {side} that of {reference}"), examples);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};
    use crate::store::testing::TestEvent;

    /// Requests to a service and its answers a second later each, by a clock that is so far ahead.
    fn log(ahead: i64) -> Vec<TestEvent> {
        let of = |service: &str, event: TestEvent| TestEvent { service: service.to_owned(), ..event };
        let rounds = (0..5).flat_map(|n| {
            let at = n * 60;
            let (asked, answered, done) = (format!("a{n}"), format!("b{n}"), format!("c{n}"));
            [
                of("web", caused(&asked, at, "")),
                of("stock", caused(&answered, at + 1 + ahead, &asked)),
                of("web", caused(&done, at + 2, &answered)),
            ]
        });
        rounds.collect()
    }

    #[test]
    fn fires_where_causes_and_effects_cannot_be_by_one_clock() {
        check(&LINT, log(-5), &["warning 5 The clock of stock is 5.0 s behind that of web"]);
        check(&LINT, log(7), &["warning 5 The clock of stock is 7.0 s ahead of that of web"]);
        check(&LINT, log(0), &[]);
    }

    #[test]
    fn one_odd_message_moves_no_clock() {
        let mut events = log(0);
        events[1].time = events[0].time.map(|time| time - 9_000_000_000);
        check(&LINT, events, &[]);
    }
}
