//! Events without a correlation id where their neighbours have one.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::analysis::query::term;
use crate::analysis::rows::Bits;
use crate::base::text::count;
use crate::model::filter::NameKey;
use crate::model::ids::{EventIx, TypeIx};

pub static LINT: Lint = Lint {
    name: "missing-correlation",
    severity: Severity::Warning,
    what: "Events without a correlation id where others have one",
    why: "A request cannot be traced across them: the chain breaks at this event",
    mend: "Copy the correlation id of the message that is handled into every event that it leads to",
    needs: &[],
    look,
};

/// Envelopes whose events are joined by what a process is called: what no process did has no such id, and none is
/// missing.
const BY_PROCESS: [&str; 1] = ["windows"];

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let types = context.log.types().len();
    let (mut with, mut without) = (vec![0_u64; types], vec![Examples::default(); types]);
    context.segments(|segment| {
        let envelope = context.log.sources().get(segment.source().at()).map_or("", |source| &source.mapping.envelope);
        if BY_PROCESS.contains(&envelope) {
            return;
        }
        let mut has = Bits::none(segment.len());
        for (_, rows) in segment.correlations().iter() {
            rows.iter().for_each(|&row| has.insert(row));
        }
        for row in 0..segment.len() {
            let row = row as u16;
            let event = segment.event(row);
            let type_ix = segment.type_ix(row).at();
            if has.contains(row) {
                with.get_mut(type_ix).into_iter().for_each(|with| *with += 1);
            } else {
                without.get_mut(type_ix).into_iter().for_each(|without| without.add(event));
            }
        }
    })?;
    let all_with: u64 = with.iter().sum();
    let (mut never, mut types) = (Examples::default(), Vec::new());
    for (ix, (with, mut without)) in with.into_iter().zip(without).enumerate() {
        let type_ix = TypeIx(ix as u16);
        if without.count == 0 || type_ix == TypeIx::UNDECODABLE || all_with == 0 {
            continue;
        }
        let (name, of_type) = (context.log.type_name(type_ix), with + without.count);
        if with == 0 {
            // A type that never has one is told where nearly all the others do.
            let others = context.log.len() - of_type;
            if others > 0 && (all_with as f64) >= context.config.correlated_share * others as f64 {
                never.merge(&without);
                types.push(name);
            }
        } else if with as f64 >= context.config.correlated_share * of_type as f64 {
            leave_out_roots(context, &mut without);
            if without.count > 0 {
                let (lack, all) = (count(without.count), count(of_type));
                let message = format!("{lack} of {all} {name} events have no correlation id");
                let filter = format!("{} not correlation:*", term(NameKey::Type, name));
                found.push(message, &without).of_type(name).found_by(filter);
            }
        }
    }
    if let Some((first, more)) = types.split_first() {
        let names =
            if more.is_empty() { (*first).to_owned() } else { format!("{first} and {} more types", more.len()) };
        let have = if more.is_empty() { "has" } else { "have" };
        let finding = found.push(format!("{names} never {have} a correlation id, where nearly all others do"), &never);
        finding.severity = Severity::Note;
        if more.is_empty() {
            finding.of_type(first).found_by(term(NameKey::Type, first));
        }
    }
    Some(())
}

/// Where a chain begins, the event's own id or its entity's is what the others carry.
fn leave_out_roots(context: &Context<'_>, without: &mut Examples) {
    if without.count > without.first.len() as u64 {
        return;
    }
    let is_root = |event: &EventIx| {
        let Ok(envelope) = context.log.envelope(*event) else { return false };
        let mut ids = envelope.id.iter().chain(envelope.entities.iter().map(|entity| &entity.id));
        ids.any(|id| context.log.find_correlation(id).is_some())
    };
    without.first.retain(|event| !is_root(event));
    without.count = without.first.len() as u64;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_where_neighbours_have_one() {
        let with = |name: &str| TestEvent { correlations: vec!["c".to_owned()], ..event(name, 1) };
        let mut events = vec![with("A"); 19];
        events.push(event("A", 2));
        check(&LINT, events.clone(), &["warning 1 1 of 20 A events have no correlation id"]);
        events.push(event("B", 2));
        check(
            &LINT,
            events,
            &[
                "warning 1 1 of 20 A events have no correlation id",
                "note 1 B never has a correlation id, where nearly all others do",
            ],
        );
        check(&LINT, vec![event("A", 1), event("B", 2)], &[]);
        check(&LINT, vec![with("A"), event("A", 2)], &[]);
    }
}
