//! Types that are spelled in two ways, and names that are not in the past tense where the others are.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::store::names::Name;

pub static LINT: Lint = Lint {
    name: "name-inconsistency",
    severity: Severity::Warning,
    what: "Types that differ only in how they are spelled",
    why: "A consumer that knows one spelling never sees the events of the other",
    mend: "Agree on one spelling; translate the old one where events are read",
    look,
};

#[expect(clippy::unnecessary_wraps, reason = "all rules have one form")]
fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let names = context.log.types().iter().skip(1).filter(|name| name.events > 0);
    let mut spellings: BTreeMap<String, Vec<&Name>> = BTreeMap::new();
    for name in names {
        spellings.entry(folded(&name.name)).or_default().push(name);
    }
    for mut alike in spellings.into_values().filter(|alike| alike.len() > 1) {
        alike.sort_by(|a, b| b.events.cmp(&a.events).then_with(|| a.name.cmp(&b.name)));
        let list: Vec<&str> = alike.iter().map(|name| &*name.name).collect();
        let rarer = &alike[1..];
        let events = rarer.iter().map(|name| name.events).sum();
        let message = format!("One type in {} spellings: {}", list.len(), list.join(", "));
        found.push(message, &Examples::of(events, None), Some(list[1]));
    }
    Some(())
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
}
