//! Events that are far larger than their kind.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::base::text::{bytes, count};
use crate::model::ids::{EventIx, TypeIx};

pub static LINT: Lint = Lint {
    name: "payload-bloat",
    severity: Severity::Warning,
    what: "Events far larger than their type usually is",
    why: "Large events slow every consumer and pass the limits of brokers (256 KiB on SQS, 1 MiB on Kafka)",
    mend: "Publish what consumers need and a link to the rest; keep files and whole rows out of events",
    look,
};

/// The smallest limit of a widespread broker: SQS, SNS and EventBridge take 256 KiB.
const BROKER_LIMIT: u32 = 256 << 10;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut sizes: Vec<Vec<u32>> = vec![Vec::new(); context.log.types().len()];
    each(context, |type_ix, _, size| sizes[type_ix.at()].push(size))?;
    let medians: Vec<u32> = sizes.into_iter().map(median).collect();
    let (mut bloated, mut largest) = (vec![Examples::default(); medians.len()], vec![0_u32; medians.len()]);
    each(context, |type_ix, event, size| {
        let usual = medians[type_ix.at()].max(1);
        let config = context.config;
        if size >= BROKER_LIMIT || (size >= config.bloat_bytes && size / usual >= config.bloat_times) {
            bloated[type_ix.at()].add(event);
            largest[type_ix.at()] = largest[type_ix.at()].max(size);
        }
    })?;
    for (ix, examples) in bloated.iter().enumerate().filter(|(_, examples)| examples.count > 0) {
        let name = context.log.type_name(TypeIx(ix as u16));
        let (times, most, usual) = (count(examples.count), bytes(largest[ix].into()), bytes(medians[ix].into()));
        found.push(format!("{times} {name} events are up to {most}, where {usual} is usual"), examples, Some(name));
    }
    Some(())
}

fn each(context: &Context<'_>, mut visit: impl FnMut(TypeIx, EventIx, u32)) -> Option<()> {
    let types = context.log.types().len();
    context.rows(|segment, row| {
        let type_ix = segment.type_ix(row);
        if type_ix != TypeIx::UNDECODABLE && type_ix.at() < types {
            visit(type_ix, segment.event(row), segment.span(row).len);
        }
    })
}

fn median(mut sizes: Vec<u32>) -> u32 {
    let middle = sizes.len() / 2;
    if sizes.is_empty() { 0 } else { *sizes.select_nth_unstable(middle).1 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_the_one_with_the_picture_in_it() {
        let large =
            |bytes: usize| TestEvent { data: format!("{{\"scan\":\"{}\"}}", "A".repeat(bytes)), ..event("A", 9) };
        let mut events = vec![event("A", 1); 9];
        events.push(large(20_000));
        check(&LINT, events, &["warning 1 1 A events are up to 19.7 KiB, where 135 B is usual"]);
        check(&LINT, vec![large(20_000); 9], &[]);
    }
}
