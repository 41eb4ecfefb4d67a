//! Events that are far larger than their type, and types that are far larger than the log.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::sizes::OfType;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::{bytes, count};
use crate::model::filter::NameKey;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "payload-bloat",
    severity: Severity::Warning,
    what: "Events far larger than their type usually is, or types than the log",
    why: "Large events slow every consumer, also those that need one field of them",
    mend: "Publish what consumers need and a link to the rest; keep files and whole rows out of events",
    needs: &[Need::Sizes],
    look,
};

/// In a small log one type may well be unlike the others.
const SMALL_LOG: u64 = 100;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (sizes, config) = (context.sizes()?, context.config);
    let from = config.bloat_bytes;
    let medians: Vec<u32> = sizes.types.iter().map(OfType::median).collect();
    let median = |of: TypeIx| medians.get(of.at()).copied().unwrap_or_default().max(1);
    let mut bloated: BTreeMap<TypeIx, (Examples, u32)> = BTreeMap::new();
    for (event, of, size) in &sizes.large {
        if *size >= from && size / median(*of) >= config.bloat_times {
            let (examples, most) = bloated.entry(*of).or_default();
            examples.add(*event);
            *most = (*most).max(*size);
        }
    }
    for (of, (examples, most)) in bloated {
        let name = context.log.type_name(of);
        let (times, most, usual) = (count(examples.count), bytes(most.into()), bytes(median(of).into()));
        let message = format!("{times} {name} events are up to {most}, where about {usual} is usual");
        found.push(message, &examples).of_type(name);
    }
    let usual = sizes.all.median().max(1);
    for (ix, of_type) in sizes.types.iter().enumerate().filter(|_| sizes.all.events.count >= SMALL_LOG) {
        let own = of_type.median();
        if own >= from && own / usual >= config.bloat_times {
            let name = context.log.type_name(TypeIx(ix as u16));
            let (own, usual) = (bytes(own.into()), bytes(usual.into()));
            let message = format!("{name} events are about {own}, where the log's are about {usual}");
            found.push(message, &of_type.events).of_type(name).found_by(term(NameKey::Type, name));
        }
    }
    Some(())
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
        check(&LINT, events, &["warning 1 1 A events are up to 19.7 KiB, where about 136 B is usual"]);
        check(&LINT, vec![large(20_000); 9], &[]);
        let mut events = vec![event("A", 1); 99];
        events.push(TestEvent { type_name: "B".to_owned(), ..large(20_000) });
        check(&LINT, events, &["warning 1 B events are about 19.0 KiB, where the log's are about 136 B"]);
    }
}
