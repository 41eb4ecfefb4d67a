//! Names of types that do not fit together: two spellings, a slip of one letter, a command among facts.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::one_edit;
use crate::base::words::words;
use crate::model::filter::NameKey;
use crate::store::names::Name;

pub static LINT: Lint = Lint {
    name: "name-inconsistency",
    severity: Severity::Warning,
    what: "Types that differ only in how they are spelled, or that are named unlike the others",
    why: "A consumer that knows one spelling never sees the events of the other",
    mend: "Agree on one spelling; translate the old one where events are read",
    needs: &[Need::Sizes],
    look,
};

/// A slip is much rarer than what was meant.
const RARER: u64 = 20;
const LONG: usize = 8;
/// So many of ten types in the past tense make a habit.
const HABIT: usize = 7;
const FEW: usize = 5;

type Named<'a> = (usize, &'a Name);

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let names: Vec<Named<'_>> =
        context.log.types().iter().enumerate().skip(1).filter(|(_, name)| name.events > 0).collect();
    let sizes = context.sizes()?;
    let examples = |list: &[Named<'_>]| {
        let mut all = Examples::default();
        list.iter().filter_map(|(ix, _)| sizes.types.get(*ix)).for_each(|of_type| all.merge(&of_type.events));
        all
    };
    let mut spellings: BTreeMap<String, Vec<Named<'_>>> = BTreeMap::new();
    for (ix, name) in &names {
        spellings.entry(folded(&name.name)).or_default().push((*ix, name));
    }
    for alike in spellings.values_mut().filter(|alike| alike.len() > 1) {
        alike.sort_by(|a, b| b.1.events.cmp(&a.1.events).then_with(|| a.1.name.cmp(&b.1.name)));
        let list: Vec<&str> = alike.iter().map(|(_, name)| &*name.name).collect();
        let message = format!("One type in {} spellings: {}", list.len(), list.join(", "));
        let filter = list.iter().map(|name| term(NameKey::Type, name)).collect::<Vec<_>>().join(" or ");
        found.push(message, &examples(&alike[1..])).of_type(list[1]).found_by(filter);
    }
    slips(&spellings, &examples, found);
    commands(&names, &examples, found);
    Some(())
}

/// `OrderShiped` a few times beside `OrderShipped`.
fn slips(
    spellings: &BTreeMap<String, Vec<Named<'_>>>,
    examples: &dyn Fn(&[Named<'_>]) -> Examples,
    found: &mut Found<'_>,
) {
    // Every pair is compared, which thousands of types are too many for.
    if spellings.len() > 2_000 {
        return;
    }
    let letters = |name: &str| name.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
    for (rare_key, rare) in spellings {
        let Some((_, rare_name)) = rare.first().filter(|_| rare_key.len() >= LONG) else { continue };
        let meant = spellings.iter().find(|(key, names)| {
            let far_more = names.first().is_some_and(|(_, name)| name.events >= rare_name.events.saturating_mul(RARER));
            // `v1` and `v2` are two versions.
            far_more && one_edit(key, rare_key) && letters(key) != letters(rare_key)
        });
        if let Some((_, meant)) = meant.and_then(|(_, names)| names.first()) {
            let message = format!("{} looks like a slip of {}", rare_name.name, meant.name);
            let filter = term(NameKey::Type, &rare_name.name);
            found.push(message, &examples(rare)).of_type(&rare_name.name).found_by(filter);
        }
    }
}

/// `PlaceOrder` where the others say what happened: `OrderPlaced`.
fn commands(names: &[Named<'_>], examples: &dyn Fn(&[Named<'_>]) -> Examples, found: &mut Found<'_>) {
    let split: Vec<Vec<String>> = names.iter().map(|(_, name)| words(&name.name)).collect();
    let past = |word: &String| word.len() > 3 && word.ends_with("ed");
    let facts = split.iter().filter(|words| words.iter().any(past)).count();
    if names.len() < FEW || facts * 10 < names.len() * HABIT {
        return;
    }
    let participles: BTreeSet<&str> = split.iter().flatten().filter(|word| past(word)).map(String::as_str).collect();
    for ((ix, name), words) in names.iter().zip(&split).filter(|(_, words)| !words.iter().any(past)) {
        // A verb comes first or last; `pull_request.synchronize` is about a request.
        let verb = [words.first(), words.last()].into_iter().flatten().find_map(|word| {
            let doubled = word.chars().last().map(|last| format!("{word}{last}ed"));
            let forms = [Some(format!("{word}d")).filter(|_| word.ends_with('e')), Some(format!("{word}ed")), doubled];
            forms.into_iter().flatten().find(|form| participles.contains(form.as_str()))
        });
        if let Some(form) = verb {
            let message = format!("{} is named like a command, where others say what happened (…{form})", name.name);
            let finding = found.push(message, &examples(&[(*ix, *name)]));
            finding.severity = Severity::Note;
            finding.of_type(&name.name).found_by(term(NameKey::Type, &name.name));
        }
    }
}

/// Letters and digits in lower case.
fn folded(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};

    #[test]
    fn fires_on_two_spellings() {
        let events =
            ["OrderPlaced", "order_placed", "OrderPlaced", "OrderPaid", "order-placed"].map(|name| event(name, 1));
        let told = "warning 2 One type in 3 spellings: OrderPlaced, order-placed, order_placed";
        check(&LINT, events.into(), &[told]);
        check(&LINT, ["OrderPlaced", "OrderPaid", "v1", "v2"].map(|name| event(name, 1)).into(), &[]);
    }

    #[test]
    fn fires_on_a_slip_and_on_a_command() {
        let mut events = vec![event("OrderShipped", 1); 40];
        events.push(event("OrderShiped", 1));
        events.push(event("OrderShippedV2", 1));
        check(&LINT, events, &["warning 1 OrderShiped looks like a slip of OrderShipped"]);
        let names = ["OrderPlaced", "OrderShipped", "OrderReturned", "OrderCancelled", "CancelOrder"];
        let told = "note 1 CancelOrder is named like a command, where others say what happened (…cancelled)";
        check(&LINT, names.map(|name| event(name, 1)).into(), &[told]);
        check(
            &LINT,
            ["OrderPlaced", "OrderShipped", "CartAdded", "CartEmptied", "Heartbeat"].map(|n| event(n, 1)).into(),
            &[],
        );
    }
}
