//! Events that cannot be placed in time.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::base::text::count;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "missing-time",
    severity: Severity::Warning,
    what: "Events without a time where others have one",
    why: "They stand nowhere on a time axis, and no filter by time finds them",
    mend: "Write the time of every event; check which field the mapping takes it from",
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut untimed = vec![Examples::default(); context.log.types().len()];
    let mut timed = 0_u64;
    context.segments(|segment| {
        timed += u64::from(segment.timed_len());
        if segment.timed_len() == segment.len() {
            return;
        }
        for row in (0..segment.len()).map(|row| row as u16).filter(|&row| segment.time(row).is_none()) {
            let event = segment.event(row);
            untimed.get_mut(segment.type_ix(row).at()).into_iter().for_each(|examples| examples.add(event));
        }
    })?;
    for (ix, examples) in untimed.iter().enumerate().filter(|(_, examples)| timed > 0 && examples.count > 0) {
        let type_ix = TypeIx(ix as u16);
        if type_ix != TypeIx::UNDECODABLE {
            let (name, events) = (context.log.type_name(type_ix), context.log.types().get(ix).map_or(0, |n| n.events));
            let message = format!("{} of {} {name} events have no time", count(examples.count), count(events));
            found.push(message, examples, Some(name));
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
    fn fires_where_others_have_one() {
        let without = TestEvent { time: None, ..event("A", 1) };
        check(&LINT, vec![event("A", 1), without.clone()], &["warning 1 1 of 2 A events have no time"]);
        check(&LINT, vec![without.clone(), without], &[]);
    }
}
