//! Types whose payloads change: fields that come, go, or become something else.

use std::collections::BTreeSet;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::payload::{Field, Kind, TypeFacts};
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::{count, plural};
use crate::model::ids::{EventIx, TypeIx};

pub static LINT: Lint = Lint {
    name: "schema-drift",
    severity: Severity::Note,
    what: "Types whose fields come, go, or change what they are",
    why: "Consumers written for one shape fail on the other, or read nothing without noticing",
    mend: "Only add optional fields; give a changed event a new version or type, and translate the old one where it is read",
    needs: &[Need::Payloads],
    look,
};

/// On each side of a change; fewer are chance.
const MANY: u64 = 5;
const SHOWN: usize = 4;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    for (of, facts) in context.payloads()?.types() {
        let name = context.log.type_name(of);
        for field in facts.own_fields() {
            kinds(context, facts, field, name, found);
        }
        came_and_went(context, of, facts, name, found)?;
    }
    Some(())
}

/// A field that is text here and a number there.
fn kinds(_: &Context<'_>, facts: &TypeFacts, field: &Field, name: &str, found: &mut Found<'_>) {
    let mut seen: Vec<(Kind, u64, EventIx)> = Kind::ALL
        .into_iter()
        .enumerate()
        .map(|(at, kind)| (kind, field.kinds[at], field.cold.first_of[at]))
        .filter(|(kind, n, _)| *n > 0 && *kind != Kind::Null)
        .collect();
    // Members and elements are fields of their own; that they are there says what this one is.
    let below = |text: &str| {
        facts
            .fields
            .iter()
            .find(|other| other.path.strip_prefix(&*field.path).is_some_and(|rest| rest.starts_with(text)))
    };
    for (kind, child) in [
        (Kind::List, below("/*")),
        (
            Kind::Object,
            below("/").filter(|child| {
                !["/*", "/{}"]
                    .iter()
                    .any(|other| child.path.get(field.path.len()..).is_some_and(|rest| rest.starts_with(other)))
            }),
        ),
    ] {
        if let Some(child) = child.filter(|_| seen.iter().all(|(known, _, _)| *known != kind)) {
            seen.push((kind, child.records, child.first));
        }
    }
    if seen.len() < 2 {
        return;
    }
    seen.sort_by_key(|(_, n, _)| std::cmp::Reverse(*n));
    let list: Vec<String> = seen.iter().map(|(kind, n, _)| format!("{} in {}", kind.label(), count(*n))).collect();
    let others = seen.iter().skip(1).map(|(_, n, _)| n).sum();
    let message = format!("{} of {name} is {}", field.path, list.join(", "));
    let finding = found.push(message, &Examples::of(others, seen.iter().map(|(_, _, first)| *first)));
    finding.severity = Severity::Warning;
    finding.of_type(name).of_field(&field.path);
}

/// Fields that all records have from one event on, or up to one.
fn came_and_went(
    context: &Context<'_>,
    of: TypeIx,
    facts: &TypeFacts,
    name: &str,
    found: &mut Found<'_>,
) -> Option<()> {
    if facts.records < 2 * MANY || facts.capped {
        return Some(());
    }
    let mut rows = None;
    let (mut came, mut went, mut events) = (Vec::new(), Vec::new(), BTreeSet::new());
    for field in facts.own_fields().filter(|field| field.records < facts.records) {
        let rows = match &mut rows {
            Some(rows) => rows,
            slot => slot.insert(Rows::of(context, of)?),
        };
        let (before, after) = (rows.before(context, field.first), rows.all - rows.before(context, field.last) - 1);
        let share = |of: u64| field.records as f64 >= context.config.drift_share * of as f64 && field.records >= MANY;
        if before >= MANY && share(rows.all - before) {
            came.push(field.name.as_str());
            events.insert(field.first);
        } else if after >= MANY && share(rows.all - after) {
            went.push(field.name.as_str());
            events.insert(field.last);
        }
    }
    let list = |names: &[&str]| {
        let more = if names.len() > SHOWN { ", …" } else { "" };
        format!("{}{more}", names.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", "))
    };
    let changes = plural((came.len() + went.len()) as u64, "field", "fields");
    let said = match (came.is_empty(), went.is_empty()) {
        (true, true) => return Some(()),
        (false, true) => format!("{} came", list(&came)),
        (true, false) => format!("{} went", list(&went)),
        (false, false) => format!("{} came, {} went", list(&came), list(&went)),
    };
    let shapes = plural(facts.shapes.len() as u64, "shape", "shapes");
    let message = format!("{name} changed in {changes}: {said} ({shapes} in all)");
    // Where it changed, and the first event of each shape.
    let shapes = facts.shapes.iter().map(|shape| shape.first);
    let mut first: Vec<EventIx> = events.into_iter().chain(shapes).collect();
    first.sort_unstable();
    first.dedup();
    found.push(message, &Examples::of(facts.records, first)).of_type(name);
    Some(())
}

/// How many events of one type come before an event.
struct Rows {
    of: TypeIx,
    /// Before each segment.
    before: Vec<u64>,
    all: u64,
}

impl Rows {
    fn of(context: &Context<'_>, of: TypeIx) -> Option<Self> {
        let (mut before, mut all) = (Vec::new(), 0);
        context.segments(|segment| {
            before.push(all);
            all += (0..segment.len()).filter(|row| segment.type_ix(*row as u16) == of).count() as u64;
        })?;
        Some(Self { of, before, all })
    }

    fn before(&self, context: &Context<'_>, event: EventIx) -> u64 {
        let at = context.log.segment_of(event).unwrap_or_default();
        let Some(segment) = context.log.segments().get(at) else { return 0 };
        let own = (0..segment.len()).take_while(|row| segment.event(*row as u16) < event);
        self.before.get(at).copied().unwrap_or_default()
            + own.filter(|row| segment.type_ix(*row as u16) == self.of).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    fn log(data: impl Fn(usize) -> &'static str) -> Vec<TestEvent> {
        (0..30).map(|i| TestEvent { data: data(i).to_owned(), ..event("Paid", i as i64) }).collect()
    }

    #[test]
    fn fires_on_fields_that_come_go_and_change() {
        let told = "note 30 Paid changed in 2 fields: tax came, note went (2 shapes in all)";
        check(&LINT, log(|i| if i < 12 { r#"{"n":1,"note":"x"}"# } else { r#"{"n":1,"tax":2}"# }), &[told]);
        let told = "warning 3 /data/n of Paid is a number in 27, text in 3";
        check(&LINT, log(|i| if i % 10 == 0 { r#"{"n":"1"}"# } else { r#"{"n":1}"# }), &[told]);
        let told = "warning 6 /data/n of Paid is text in 24, an object in 6";
        check(&LINT, log(|i| if i % 5 == 0 { r#"{"n":{"a":1}}"# } else { r#"{"n":"1"}"# }), &[told]);
        // Optional now and then, or null.
        check(&LINT, log(|i| if i % 3 == 0 { r#"{"n":1,"note":"x"}"# } else { r#"{"n":null}"# }), &[]);
    }
}
