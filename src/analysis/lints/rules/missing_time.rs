//! Events that cannot be placed in time.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::analysis::query::term;
use crate::base::text::count;
use crate::model::filter::NameKey;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "missing-time",
    severity: Severity::Warning,
    what: "Events without a time where others have one",
    why: "They stand nowhere on a time axis, and no filter by time finds them",
    mend: "Write the time of every event; check which field the mapping takes it from",
    needs: &[],
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
    let (mut never, mut types) = (Examples::default(), Vec::new());
    for (ix, examples) in untimed.iter().enumerate().filter(|(_, examples)| timed > 0 && examples.count > 0) {
        let type_ix = TypeIx(ix as u16);
        let (name, events) = (context.log.type_name(type_ix), context.log.types().get(ix).map_or(0, |n| n.events));
        if type_ix == TypeIx::UNDECODABLE {
            continue;
        }
        if examples.count < events {
            let message = format!("{} of {} {name} events have no time", count(examples.count), count(events));
            let filter = format!("{} is:untimed", term(NameKey::Type, name));
            found.push(message, examples).of_type(name).found_by(filter);
        } else {
            never.merge(examples);
            types.push(name);
        }
    }
    // Types that never have one are told together.
    if let Some((first, more)) = types.split_first() {
        let names =
            if more.is_empty() { (*first).to_owned() } else { format!("{first} and {} more types", more.len()) };
        let have = if more.is_empty() { "has" } else { "have" };
        let finding = found.push(format!("{names} never {have} a time"), &never);
        finding.found_by("is:untimed not is:undecodable".to_owned());
        if more.is_empty() {
            finding.of_type(first).found_by(format!("{} is:untimed", term(NameKey::Type, first)));
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
        check(&LINT, vec![event("B", 1), without.clone()], &["warning 1 A never has a time"]);
        check(&LINT, vec![without.clone(), without], &[]);
    }
}
