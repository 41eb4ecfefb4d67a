//! Request and response as events, with somebody waiting.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::analysis::query::term;
use crate::base::text::{count, duration_ns};
use crate::model::filter::NameKey;
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "synchronous-mindset",
    severity: Severity::Note,
    what: "Requests and responses as events, answered at once",
    why: "A caller that waits for the answering event has the coupling of a call and the delays of a queue",
    mend: "Call the service where an answer is needed at once; publish facts that nobody has to answer",
    needs: &[Need::Causes],
    look,
};

/// So many pairs make a habit.
const MANY: usize = 10;

const ASKS: [&str; 5] = ["requested", "request", "query", "asked", "ask"];
const ANSWERS: [&str; 8] = ["responded", "response", "replied", "reply", "answered", "answer", "result", "returned"];

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let stems = |words: &[&str]| {
        context.log.types().iter().map(|name| ends_in(&name.name, words)).collect::<Vec<Option<String>>>()
    };
    let (asks, answers) = (stems(&ASKS), stems(&ANSWERS));
    if asks.iter().flatten().all(|ask| !answers.iter().flatten().any(|answer| answer == ask)) {
        return Some(());
    }
    let mut pairs: BTreeMap<(TypeIx, TypeIx), (Examples, Vec<i64>)> = BTreeMap::new();
    for edge in context.causes()?.edges() {
        let cause = edge.cause;
        let pair = (context.type_ix(cause), context.type_ix(edge.effect));
        let asked = asks.get(pair.0.at()).and_then(Option::as_ref);
        if asked.is_none() || asked != answers.get(pair.1.at()).and_then(Option::as_ref) {
            continue;
        }
        let (Some(asked), Some(answered)) = (context.log.time(cause), context.log.time(edge.effect)) else { continue };
        let (examples, waits) = pairs.entry(pair).or_default();
        examples.add(cause);
        waits.push(answered.0.saturating_sub(asked.0));
    }
    for ((ask, answer), (examples, mut waits)) in pairs {
        let middle = waits.len() / 2;
        let median = *waits.select_nth_unstable(middle).1;
        if waits.len() >= MANY && median <= context.config.waits_ms.saturating_mul(1_000_000) {
            let (ask, answer) = (context.log.type_name(ask), context.log.type_name(answer));
            let (times, wait) = (count(examples.count), duration_ns(median));
            let message = format!("{answer} answers {ask} {times} times, after {wait} as a rule: a call in disguise");
            found.push(message, &examples).of_type(ask).found_by(term(NameKey::Type, ask));
        }
    }
    Some(())
}

/// The stem of a name that ends in one of these words: `PriceRequested` → `price`.
fn ends_in(name: &str, words: &[&str]) -> Option<String> {
    let name: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let stem = words.iter().find_map(|word| name.strip_suffix(word))?;
    (!stem.is_empty()).then(|| stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};
    use crate::store::testing::TestEvent;

    fn pairs(answer: &str, wait: i64) -> Vec<TestEvent> {
        let named = |event, name: &str| TestEvent { type_name: name.to_owned(), ..event };
        let pair = |i: i64| {
            let ask = named(caused(&format!("q{i}"), i * 100, ""), "PriceRequested");
            [ask, named(caused(&format!("a{i}"), i * 100 + wait, &format!("q{i}")), answer)]
        };
        (0..10).flat_map(pair).collect()
    }

    #[test]
    fn fires_on_quick_answers_to_the_same_question() {
        let told = "note 10 PriceResponded answers PriceRequested 10 times, after 1.0 s as a rule: a call in disguise";
        check(&LINT, pairs("PriceResponded", 1), &[told]);
        check(&LINT, pairs("PriceResponded", 60), &[]);
        check(&LINT, pairs("StockResponded", 1), &[]);
        check(&LINT, pairs("PricePublished", 1), &[]);
    }
}
