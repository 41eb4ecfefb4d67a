//! Payloads that repeat what never changes: whole rows instead of what happened.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::payload::is_id;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::count;
use crate::model::filter::NameKey;

pub static LINT: Lint = Lint {
    name: "unchanging-fields",
    severity: Severity::Note,
    what: "Types that repeat fields which never change from event to event of an entity",
    why: "The event says what the row is and not what happened: consumers have to compare to find out, and are \
          coupled to every column",
    mend: "Publish what changed and why; leave the rest to those who keep the state",
    needs: &[Need::Payloads],
    look,
};

/// Fewer comparisons say nothing.
const MANY: u64 = 20;
const FEWEST: usize = 3;
/// So many fields, most of them unchanging, are a row.
const ROW_FIELDS: usize = 8;
const SHOWN: usize = 5;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let payloads = context.payloads()?;
    let changes = payloads.changes(context);
    for (of, facts) in payloads.types() {
        let compared = facts.own_fields().filter(|field| !is_id(&field.name)).filter_map(|field| {
            let (compared, changed) = changes.get(&(of, field.hash()))?;
            (*compared >= MANY).then_some((field, *changed))
        });
        let compared: Vec<_> = compared.collect();
        let same: Vec<&str> =
            compared.iter().filter(|(_, changed)| *changed == 0).map(|(field, _)| field.name.as_str()).collect();
        if same.len() < FEWEST || (same.len() as f64) < context.config.unchanged_share * compared.len() as f64 {
            continue;
        }
        let name = context.log.type_name(of);
        let row = compared.len() >= ROW_FIELDS && same.len() * 4 >= compared.len() * 3;
        let like = if row { ", as whole rows do" } else { "" };
        let more = if same.len() > SHOWN { ", …" } else { "" };
        let list = same.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        let (n, all) = (count(same.len() as u64), count(compared.len() as u64));
        let message = format!("{name} repeats {n} of {all} fields unchanged{like}: {list}{more}");
        let first = facts.shapes.iter().map(|shape| shape.first);
        found.push(message, &Examples::of(facts.records, first)).of_type(name).found_by(term(NameKey::Type, name));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_rows_that_are_published_again_and_again() {
        let row = |entity: i64, i: i64| TestEvent {
            entities: vec![format!("o:{entity}")],
            data: format!(
                r#"{{"orderId":"{entity}","name":"n{entity}","street":"s{entity}","zip":"z{entity}","total":{i}}}"#
            ),
            ..event("OrderSaved", i)
        };
        let told = "note 40 OrderSaved repeats 3 of 4 fields unchanged: name, street, zip";
        check(&LINT, (0..40).map(|i| row(i % 8, i)).collect(), &[told]);
        let paid = |i: i64| TestEvent { data: format!(r#"{{"total":{i},"by":"b{i}","at":{i}}}"#), ..event("Paid", i) };
        check(&LINT, (0..40).map(paid).collect(), &[]);
    }
}
