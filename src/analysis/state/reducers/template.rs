//! What a person starts with: a reducer in each language that fits the events of a kind of entity,
//! and the language of a text that was pasted.

use super::super::reducer::ReducerKind;
use super::super::value::{Value, parse};
use crate::base::cancel::Cancel;
use crate::model::ids::{EntityIx, EventIx, KindIx, TypeIx};
use crate::store::snapshot::Snapshot;

/// The events of a kind of entity, as far as a template names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Survey {
    pub kind: String,
    /// In the order in which they came.
    pub types: Vec<TypeSurvey>,
    /// The one with the most events among those that were looked at: what a preview shows when no
    /// entity of the kind is in focus.
    pub example: Option<EntityIx>,
}

/// An event type of the kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeSurvey {
    pub name: String,
    /// Members of the payload of one such event.
    pub fields: Vec<String>,
}

/// Entities and events that are looked at: a template needs types, not statistics.
const ENTITIES: usize = 400;
const EVENTS: usize = 50_000;
const TYPES: usize = 60;
const FIELDS: usize = 12;

/// Looks through some entities of the kind. None when cancelled.
#[must_use]
pub fn survey(log: &Snapshot, kind: KindIx, cancel: &Cancel) -> Option<Survey> {
    let name = log.kind_name(kind).to_owned();
    let mut found: Vec<(TypeIx, EventIx)> = Vec::new();
    let (mut looked, mut events, mut example) = (0, 0, None::<(usize, EntityIx)>);
    for number in 0..log.entity_count() {
        if number % 4_096 == 0 && cancel.is_cancelled() {
            return None;
        }
        let entity = EntityIx(number);
        if log.entity(entity).is_none_or(|e| e.kind != kind) {
            continue;
        }
        let mut count = 0;
        for event in log.entity_events(entity).take(EVENTS - events) {
            count += 1;
            let of = log.type_ix(event);
            if of != TypeIx::UNDECODABLE && found.len() < TYPES && found.iter().all(|(known, _)| *known != of) {
                found.push((of, event));
            }
        }
        if example.is_none_or(|(most, _)| count > most) {
            example = Some((count, entity));
        }
        looked += 1;
        events += count;
        if looked >= ENTITIES || events >= EVENTS {
            break;
        }
    }
    found.sort_by_key(|(_, event)| *event);
    let types = found.into_iter().filter_map(|(of, event)| {
        let name = log.types().get(of.at())?.name.to_string();
        Some(TypeSurvey { name, fields: fields(log, event) })
    });
    Some(Survey { kind: name, types: types.collect(), example: example.map(|(_, entity)| entity) })
}

fn fields(log: &Snapshot, event: EventIx) -> Vec<String> {
    let payload = || {
        let (source, _) = log.source_of(event)?;
        let record = log.record(event).ok()?;
        let text = log.sources().get(source.at())?.decode.data_json(&record)?;
        parse(text.as_bytes()).ok()
    };
    match payload() {
        Some(Value::Object(members)) => members.keys().take(FIELDS).map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

/// A reducer that works as it stands: what events carry goes into the state; each type has its place
/// to say more.
#[must_use]
pub fn template(language: ReducerKind, survey: &Survey) -> String {
    match language {
        ReducerKind::Inferred | ReducerKind::Rules => rules(survey),
        ReducerKind::JavaScript => javascript(survey),
        ReducerKind::Jq => jq(survey),
    }
}

fn rules(survey: &Survey) -> String {
    let mut text = format!("# {}: what each type of event does to the state\n", one_line(&survey.kind));
    for of in &survey.types {
        text.push_str(&format!("on {}\n  merge .{}\n", super::rules::quoted_type(&of.name), comment("  # ", of)));
    }
    if survey.types.is_empty() {
        text.push_str("on *\n  merge .\n");
    }
    text
}

fn javascript(survey: &Survey) -> String {
    let name = class_name(&survey.kind);
    let mut text = format!("class {name} {{\n  constructor() {{\n    // The state before the first event.\n  }}\n\n");
    text.push_str("  apply(event) {\n    switch (event.type) {\n");
    for of in &survey.types {
        let fields = comment(" // ", of);
        let name = quoted(&of.name);
        text.push_str(&format!("      case {name}:{fields}\n        Object.assign(this, event.data);\n"));
        text.push_str("        break;\n");
    }
    if survey.types.is_empty() {
        text.push_str("      default:\n        Object.assign(this, event.data);\n");
    }
    text.push_str("    }\n  }\n}\n");
    text
}

fn jq(survey: &Survey) -> String {
    let mut text = String::from("# What comes out is the state after the event.\n");
    for (i, of) in survey.types.iter().enumerate() {
        let word = if i == 0 { "if" } else { "elif" };
        let name = serde_json::Value::from(of.name.as_str());
        text.push_str(&format!("{word} $event.type == {name} then $state + $event.data{}\n", comment("  # ", of)));
    }
    text.push_str(if survey.types.is_empty() { "$state + $event.data\n" } else { "else $state end\n" });
    text
}

fn comment(sign: &str, of: &TypeSurvey) -> String {
    if of.fields.is_empty() {
        return String::new();
    }
    format!("{sign}{}", one_line(&of.fields.join(", ")))
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(100).collect()
}

/// In single quotes, as most such code writes it.
fn quoted(name: &str) -> String {
    if name.chars().all(|c| !c.is_control() && c != '\'' && c != '\\') {
        return format!("'{name}'");
    }
    serde_json::Value::from(name).to_string()
}

/// `order-line` → `OrderLine`.
fn class_name(kind: &str) -> String {
    let mut name = String::new();
    for word in kind.split(|c: char| !c.is_ascii_alphanumeric()).filter(|w| !w.is_empty()) {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) { name } else { format!("Entity{name}") }
}

/// The language of a whole reducer; nothing where the text could be a part of any.
#[must_use]
pub fn recognise(text: &str) -> Option<ReducerKind> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let code = text.replace(char::is_whitespace, " ");
    let has = |part: &str| code.contains(part);
    let class = has("class ") && (has("apply(") || has("apply ("));
    let function = ["function apply", "apply = (", "apply = function", "fromStream(", "fromAll(", "fromCategory("];
    if class || function.iter().any(|part| has(part)) || has(".when({") || has(".when( {") {
        return Some(ReducerKind::JavaScript);
    }
    if has("switch (") || has("switch(") || has("=> {") {
        return Some(ReducerKind::JavaScript);
    }
    if has("$event") || has("$state") || has(".event.") || has("reduce ") && has(" as $") {
        return Some(ReducerKind::Jq);
    }
    let rule = |line: &str| {
        let mut words = line.split_whitespace();
        matches!((words.next(), words.next()), (Some("on" | "start"), Some(_)))
    };
    lines().find(|line| !line.starts_with('#')).filter(|line| rule(line)).map(|_| ReducerKind::Rules)
}

/// What was copied from a page, without the column of line numbers that came with it.
#[must_use]
pub fn cleaned(pasted: &str) -> String {
    let text = pasted.replace("\r\n", "\n").replace('\u{a0}', " ");
    let numbers = text.lines().enumerate().take_while(|(i, line)| line.trim().parse() == Ok(i + 1)).count();
    if numbers < 2 {
        return text;
    }
    let rest: Vec<&str> = text.lines().skip(numbers).collect();
    rest.join("\n").trim_start_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    const ARTICLE: &str = "class Account {\n  constructor() {\n    this.balance = 0;\n    this.events = [];\n  }\n\n  \
        apply(event) {\n    switch (event.type) {\n      case 'AccountOpened':\n        break;\n    }\n  }\n}\n";

    fn account() -> Survey {
        let mut builder = Builder::new();
        for (entity, name, data) in [
            ("account:1", "AccountOpened", r#"{"initialBalance":1000,"owner":"A"}"#),
            ("order:9", "OrderPlaced", "{}"),
            ("account:1", "MoneyDeposited", r#"{"amount":1}"#),
            ("account:2", "AccountOpened", "[]"),
            ("account:1", "MoneyDeposited", r#"{"amount":2}"#),
            ("account:1", "It's odd", "{}"),
        ] {
            builder.push(TestEvent {
                type_name: name.to_owned(),
                entities: vec![entity.to_owned()],
                data: data.to_owned(),
                ..TestEvent::default()
            });
        }
        let log = builder.build();
        let kind = log.kinds().iter().position(|k| &*k.name == "account").expect("it is there");
        survey(&log, KindIx(kind as u16), &Cancel::new()).expect("nobody cancels")
    }

    #[test]
    fn a_survey_names_types_and_fields_in_order() {
        let survey = account();
        let shown: Vec<String> = survey.types.iter().map(|t| format!("{} {}", t.name, t.fields.join(","))).collect();
        assert_eq!(shown, ["AccountOpened initialBalance,owner", "MoneyDeposited amount", "It's odd "]);
        assert_eq!(survey.example, Some(EntityIx(0)));
    }

    #[test]
    fn templates_have_a_place_for_each_type() {
        let survey = account();
        for (language, part) in [
            (ReducerKind::Rules, "on AccountOpened\n  merge .  # initialBalance, owner\n"),
            (ReducerKind::Rules, "on \"It's odd\"\n"),
            (ReducerKind::JavaScript, "class Account {"),
            (ReducerKind::JavaScript, "case 'MoneyDeposited': // amount\n"),
            (ReducerKind::JavaScript, "case \"It's odd\":\n"),
            (ReducerKind::Jq, "elif $event.type == \"MoneyDeposited\" then $state + $event.data  # amount\n"),
        ] {
            let text = template(language, &survey);
            assert!(text.contains(part), "{text}");
            assert_eq!(recognise(&text), Some(language));
        }
        let nothing = Survey::default();
        for language in [ReducerKind::Rules, ReducerKind::JavaScript, ReducerKind::Jq] {
            assert!(!template(language, &nothing).is_empty());
        }
    }

    #[test]
    fn what_is_pasted_is_recognised() {
        for (text, expected) in [
            (ARTICLE, Some(ReducerKind::JavaScript)),
            ("fromStream('a').when({ $init: () => ({}) })", Some(ReducerKind::JavaScript)),
            ("function apply(state, event) { return state }", Some(ReducerKind::JavaScript)),
            ("# mine\non *\n  merge .", Some(ReducerKind::Rules)),
            ("start balance = 0", Some(ReducerKind::Rules)),
            (".balance += $event.amount", Some(ReducerKind::Jq)),
            ("balance += amount", None),
            ("", None),
        ] {
            assert_eq!(recognise(text), expected, "{text}");
        }
    }

    #[test]
    fn line_numbers_of_a_page_are_left_out() {
        let page = format!(" 1\n 2\n 3\n{ARTICLE}");
        assert_eq!(cleaned(&page).trim(), ARTICLE.trim());
        assert_eq!(cleaned(ARTICLE), ARTICLE);
        assert_eq!(cleaned("1\nx"), "1\nx");
    }

    #[test]
    fn class_names_are_names() {
        for (kind, name) in
            [("account", "Account"), ("order-line", "OrderLine"), ("7", "Entity7"), ("Größe", "GrE"), ("", "Entity")]
        {
            assert_eq!(class_name(kind), name);
        }
    }
}
