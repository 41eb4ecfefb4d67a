//! Sums: what was deposited is added, what was withdrawn taken away. Where the log itself states the
//! sum now and then, the arithmetic is checked against it.

use super::draft::Draft;
use super::phrase::{About, camel};
use super::roles::{Kind, Role};
use super::types::{Shape, Type};
use crate::analysis::state::reducers::rules::word;
use crate::analysis::state::value::{Number, Value};
use crate::base::words::words;

const PLUS: [&str; 26] = [
    "deposited",
    "credited",
    "received",
    "refunded",
    "added",
    "increased",
    "earned",
    "accrued",
    "loaded",
    "restocked",
    "replenished",
    "granted",
    "awarded",
    "won",
    "incremented",
    "returned",
    "topped",
    "gained",
    "funded",
    "collected",
    "stocked",
    "issued",
    "posted",
    "raised",
    "reimbursed",
    "recharged",
];
const MINUS: [&str; 24] = [
    "withdrawn",
    "withdrew",
    "debited",
    "charged",
    "spent",
    "removed",
    "decreased",
    "deducted",
    "redeemed",
    "consumed",
    "burned",
    "sold",
    "used",
    "subtracted",
    "decremented",
    "paid",
    "lost",
    "billed",
    "dispensed",
    "expired",
    "lowered",
    "overdrawn",
    "picked",
    "forfeited",
];
/// Fields that hold by how much, best first.
const AMOUNTS: [&str; 12] =
    ["amount", "quantity", "qty", "delta", "points", "units", "count", "value", "sum", "change", "number", "price"];
/// Fields that hold the sum itself, in an event that opens or states it.
const SUMS: [&str; 12] = [
    "balance",
    "stock",
    "quantity",
    "points",
    "credits",
    "onHand",
    "available",
    "level",
    "currentBalance",
    "newBalance",
    "balanceAfter",
    "inventory",
];

/// A sum in the state and the types that change it.
pub struct Sum {
    target: String,
    /// The field of the opening event that it begins with.
    opening: Option<String>,
    changes: Vec<Change>,
    /// The field in which events state it, how often it was compared and how often it agreed.
    stated: Option<(String, usize, usize)>,
}

struct Change {
    type_name: std::sync::Arc<str>,
    field: String,
    is_text: bool,
    negative: bool,
    verb: String,
}

/// The kind's sum, if there is one.
pub fn sum(kind: &Kind<'_>, types: &[Type<'_>], lists: &[super::collections::Collection]) -> Option<Sum> {
    let mut changes: Vec<Change> = types
        .iter()
        .filter(|seen| kind.role(seen) == Role::Subject && super::collections::draft(seen, lists).is_none())
        .filter_map(|seen| change(kind, seen))
        .collect();
    let opening = opening(types, &changes);
    let has_both = changes.iter().any(|change| change.negative) && changes.iter().any(|change| !change.negative);
    if changes.is_empty() {
        return None;
    }
    let target = match &opening {
        Some((_, target)) => target.clone(),
        None => stated_fields(types, &changes)
            .into_iter()
            .next()
            .map_or_else(|| usual_target(&changes), |field| plain_target(&field)),
    };
    let mut stated: Option<(String, usize, usize)> = None;
    for field in stated_fields(types, &changes) {
        let (compared, agreed) = check(kind, &field, opening.as_ref().map(|(field, _)| field.as_str()), &changes);
        if compared > 0 && stated.as_ref().is_none_or(|(_, _, best)| agreed > *best) {
            stated = Some((field, compared, agreed));
        }
    }
    let agrees = stated.as_ref().is_some_and(|(_, compared, agreed)| agreed * 10 >= compared * 9);
    if opening.is_none() && !has_both && !agrees {
        // One kind of change alone, and nothing that it would change: money paid for an order is no balance.
        changes.retain(|change| MONEY.iter().any(|noun| words(&change.type_name).contains(&(*noun).to_owned())));
        if changes.is_empty() {
            return None;
        }
    }
    Some(Sum { target, opening: opening.map(|(field, _)| field), changes, stated })
}

const MONEY: [&str; 10] =
    ["money", "funds", "cash", "balance", "credit", "credits", "stock", "inventory", "points", "coins"];

fn change(kind: &Kind<'_>, seen: &Type<'_>) -> Option<Change> {
    let root = seen.phrase.root();
    let negative = MINUS.contains(&root);
    if !negative && !PLUS.contains(&root) {
        return None;
    }
    let about = |other: &&str| seen.phrase.about(other) == About::Itself;
    let is_other = !kind.is_itself(seen) && kind.others.iter().any(about);
    if is_other {
        return None;
    }
    let (field, is_text) = amount(seen)?;
    Some(Change { type_name: seen.name.clone(), field, is_text, negative, verb: seen.phrase.status() })
}

/// The field that says by how much, also inside an object: `amount.value`.
fn amount(seen: &Type<'_>) -> Option<(String, bool)> {
    let numeric = |name: &str| {
        let mut fields = seen.content().filter(|field| seen.always(field));
        fields.find(|field| field.shape.is_numeric() && field.name.to_lowercase() == name)
    };
    if let Some(field) = AMOUNTS.iter().find_map(|name| numeric(name)) {
        return Some((word(&field.name), field.shape == Shape::NumberText));
    }
    for field in seen.content().filter(|field| seen.always(field)) {
        if field.shape == Shape::Object {
            for inner in ["amount", "value"] {
                let shapes: Vec<Shape> = seen
                    .events
                    .iter()
                    .filter_map(|(_, event)| Some(Shape::of(event.data.member(&field.name)?.member(inner)?)))
                    .collect();
                if shapes.len() == seen.count() && shapes.iter().all(|shape| shape.is_numeric()) {
                    return Some((format!("{}.{inner}", word(&field.name)), shapes.contains(&Shape::NumberText)));
                }
            }
        } else if field.shape.is_numeric()
            && words(&field.name).last().is_some_and(|last| AMOUNTS.contains(&last.as_str()))
        {
            return Some((word(&field.name), field.shape == Shape::NumberText));
        }
    }
    let mut numbers = seen.content().filter(|field| field.shape == Shape::Number && seen.always(field));
    let only = numbers.next().filter(|_| numbers.next().is_none())?;
    Some((word(&only.name), false))
}

/// The field of an opening event with which the sum begins, and the sum's name.
fn opening(types: &[Type<'_>], changes: &[Change]) -> Option<(String, String)> {
    let fields = || {
        types
            .iter()
            .filter(|seen| seen.opens > 0 && !changes.iter().any(|change| change.type_name == seen.name))
            .flat_map(|seen| seen.fields.iter())
            .filter(|field| field.shape.is_numeric())
    };
    for field in fields() {
        let words = words(&field.name);
        if let Some((first, rest)) = words.split_first()
            && matches!(first.as_str(), "initial" | "opening" | "starting" | "start" | "beginning")
            && !rest.is_empty()
        {
            let target = camel(rest);
            let target = if AMOUNTS.contains(&target.as_str()) && target != "quantity" && target != "points" {
                "balance".to_owned()
            } else {
                target
            };
            return Some((field.name.to_string(), target));
        }
    }
    let mut sums = fields().filter(|field| SUMS.contains(&&*field.name));
    sums.next().map(|field| (field.name.to_string(), field.name.to_string()))
}

/// Fields that may state the sum: numbers, named so.
fn stated_fields(types: &[Type<'_>], changes: &[Change]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for seen in types.iter().filter(|seen| seen.opens < seen.count()) {
        for field in seen.content().filter(|field| field.shape.is_numeric()) {
            let is_amount = changes.iter().any(|change| change.field == *field.name);
            let says = SUMS.contains(&&*field.name)
                || words(&field.name)
                    .iter()
                    .any(|word| matches!(word.as_str(), "balance" | "after" | "remaining" | "total" | "stock"));
            if says && !is_amount && !names.contains(&field.name.to_string()) {
                names.push(field.name.to_string());
            }
        }
    }
    names
}

/// `newBalance` and `balanceAfter` are the balance.
fn plain_target(field: &str) -> String {
    let rest: Vec<String> = words(field)
        .into_iter()
        .filter(|word| {
            !matches!(word.as_str(), "new" | "current" | "after" | "remaining" | "total" | "running" | "updated")
        })
        .collect();
    if rest.is_empty() { field.to_owned() } else { camel(&rest) }
}

fn usual_target(changes: &[Change]) -> String {
    let field = changes.first().map_or("", |change| change.field.as_str());
    match field {
        "quantity" | "qty" | "units" | "count" => "quantity",
        "points" => "points",
        _ => "balance",
    }
    .to_owned()
}

/// Follows each history from its first known sum: how often a stated sum was met, and was right.
fn check(kind: &Kind<'_>, field: &str, opening: Option<&str>, changes: &[Change]) -> (usize, usize) {
    let (mut compared, mut agreed) = (0, 0);
    for history in &kind.sample.histories {
        let mut sum: Option<Number> = None;
        for (i, event) in history.events.iter().take(history.whole).enumerate() {
            if i == 0 {
                sum = opening.and_then(|name| number(event.data.member(name)?));
            }
            if let Some(change) = changes.iter().find(|change| change.type_name == event.type_name) {
                let amount = change.field.split('.').try_fold(&event.data, |at, name| at.member(name)).and_then(number);
                sum = match (sum, amount) {
                    (Some(sum), Some(amount)) if change.negative => sum.subtract(&amount),
                    (Some(sum), Some(amount)) => sum.add(&amount),
                    _ => None,
                };
            }
            if let Some(stated) = event.data.member(field).and_then(number) {
                if let Some(sum) = &sum {
                    compared += 1;
                    agreed += usize::from(*sum == stated);
                }
                sum = Some(stated);
            }
        }
    }
    (compared, agreed)
}

fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::Text(text) => Number::parse(text),
        _ => None,
    }
}

impl Sum {
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Rules for a type that changes the sum.
    pub fn draft(&self, seen: &Type<'_>) -> Option<Draft> {
        let change = self.changes.iter().find(|change| change.type_name == seen.name)?;
        let target = word(&self.target);
        let read = |field: &str, is_text: bool| if is_text { format!("number({field})") } else { field.to_owned() };
        let (sign, how) = if change.negative { ("-=", "taken from") } else { ("+=", "added to") };
        let what = format!("`{}` is {how} `{}`: it was {}", change.field, self.target, change.verb);
        if let Some((stated, compared, agreed)) = &self.stated {
            if agreed * 10 >= compared * 9 {
                let evidence = format!("{what}; the log's own `{stated}` agrees {agreed} of {compared} times");
                let line = format!("{target} {sign} {}", read(&change.field, change.is_text));
                return Some(seen.draft(vec![line], 0.97, &evidence));
            }
            if let Some(field) = seen.field(stated).filter(|field| seen.always(field)) {
                let evidence = format!(
                    "`{stated}` is stated; adding up `{}` agrees only {agreed} of {compared} times",
                    change.field
                );
                let line = format!("{target} = {}", read(&word(stated), field.shape == Shape::NumberText));
                return Some(seen.draft(vec![line], 0.8, &evidence));
            }
        }
        let confidence = match (&self.opening, &self.stated) {
            (_, Some(_)) => 0.4,
            (Some(_), None) => 0.9,
            (None, None) => 0.6,
        };
        let line = format!("{target} {sign} {}", read(&change.field, change.is_text));
        Some(seen.draft(vec![line], confidence, &what))
    }

    /// The line that begins the sum, and the field that it takes in place of a merge.
    pub fn opening_line(&self, seen: &Type<'_>) -> Option<(String, &str)> {
        let field = self.opening.as_deref().and_then(|name| seen.field(name)).filter(|_| seen.opens > 0)?;
        let name = self.opening.as_deref()?;
        let value = if field.shape == Shape::NumberText { format!("number({})", word(name)) } else { word(name) };
        Some((format!("{} = {value} or 0", word(&self.target)), name))
    }
}
