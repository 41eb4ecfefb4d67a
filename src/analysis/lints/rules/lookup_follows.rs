//! Events after which everybody asks for more.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::payload::is_id;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::count;
use crate::base::words::words;
use crate::model::filter::NameKey;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "lookup-follows",
    severity: Severity::Note,
    what: "Types after which every consumer looks something up",
    why: "Each event becomes a call back to its producer: it has to be there, it is asked by all at once, and it answers \
          with a later state than the event's; or what the event carries is carried in vain",
    mend: "Put into the event what its consumers look up; or, where they do not trust what it carries, leave that out",
    needs: &[Need::Causes, Need::Payloads],
    look,
};

/// Fewer effects make no habit.
const MANY: u64 = 10;
/// A payload with no more than this besides ids is thin.
const THIN: usize = 1;
/// One with at least so much is meant to be enough.
const FULL: usize = 5;

const LOOKS: [&str; 14] = [
    "get",
    "fetch",
    "fetched",
    "lookup",
    "load",
    "loaded",
    "query",
    "queried",
    "read",
    "retrieve",
    "retrieved",
    "find",
    "resolve",
    "resolved",
];

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let is_lookup = |name: &str| {
        // Calls by their method and path are no events that somebody named.
        if name.contains(['/', ' ']) {
            return false;
        }
        let words = words(name);
        let ends = [words.first(), words.last()];
        words.len() > 1 && ends.into_iter().flatten().any(|word| LOOKS.contains(&word.as_str()))
            || words.concat().ends_with("lookup")
    };
    let lookups: Vec<bool> = context.log.types().iter().map(|name| is_lookup(&name.name)).collect();
    let looks = |of: TypeIx| lookups.get(of.at()).copied().unwrap_or_default();
    if !lookups.contains(&true) {
        return Some(());
    }
    // By cause: whether one of its effects is a look-up.
    let mut edges: Vec<_> =
        context.causes()?.edges().iter().map(|edge| (edge.cause, looks(context.type_ix(edge.effect)))).collect();
    edges.sort_unstable();
    let mut types: BTreeMap<TypeIx, (u64, Examples)> = BTreeMap::new();
    for effects in edges.chunk_by(|a, b| a.0 == b.0) {
        let Some((cause, _)) = effects.first() else { continue };
        let (with_effects, followed) = types.entry(context.type_ix(*cause)).or_default();
        *with_effects += 1;
        if effects.iter().any(|(_, looks)| *looks) {
            followed.add(*cause);
        }
    }
    let payloads = context.payloads()?;
    for (of, (with_effects, followed)) in types {
        let often = followed.count as f64 >= context.config.lookup_share * with_effects as f64;
        if followed.count < MANY || !often || looks(of) {
            continue;
        }
        let facts = payloads.types.get(of.at())?;
        let told = facts.own_fields().filter(|field| !is_id(&field.name)).count();
        let name = context.log.type_name(of);
        let carries = match told {
            0..=THIN => "carries only ids",
            FULL.. => "carries all its fields in vain",
            _ => continue,
        };
        let (times, all) = (count(followed.count), count(with_effects));
        let message = format!("{name} {carries}: {times} of {all} with effects are followed by a look-up");
        found.push(message, &followed).of_type(name).found_by(term(NameKey::Type, name));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};
    use crate::store::testing::TestEvent;

    fn log(data: &str, effect: &str) -> Vec<TestEvent> {
        let named =
            |event, name: &str, data: &str| TestEvent { type_name: name.to_owned(), data: data.to_owned(), ..event };
        let pair = |i: i64| {
            let cause = named(caused(&format!("a{i}"), i, ""), "CustomerChanged", data);
            [cause, named(caused(&format!("b{i}"), i, &format!("a{i}")), effect, "{}")]
        };
        (0..12).flat_map(pair).collect()
    }

    #[test]
    fn fires_on_events_that_say_too_little_or_too_much() {
        let told = "note 12 CustomerChanged carries only ids: 12 of 12 with effects are followed by a look-up";
        check(&LINT, log(r#"{"customerId":"c"}"#, "CustomerFetched"), &[told]);
        let full = r#"{"customerId":"c","a":1,"b":2,"c":3,"d":4,"e":5}"#;
        let told =
            "note 12 CustomerChanged carries all its fields in vain: 12 of 12 with effects are followed by a look-up";
        check(&LINT, log(full, "GetCustomer"), &[told]);
        check(&LINT, log(r#"{"customerId":"c"}"#, "LetterSent"), &[]);
        check(&LINT, log(r#"{"a":1,"b":2}"#, "GetCustomer"), &[]);
    }
}
