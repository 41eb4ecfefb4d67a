//! The answers for people: a line about where, then one line a field.

use super::answers::{At, Bisected, Blamed, Compared, Shown, Touched};
use super::subject::Subject;
use crate::analysis::state::diff::Change;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::base::text::{count, plural};

pub(super) fn state(shown: &Shown, state: &Value, subject: &Subject) -> Vec<String> {
    let of = subject.history.len();
    let mut lines = vec![
        format!("{} {}, {} of {}", shown.about.entity, after(&shown.at), count(shown.events.into()), events(of)),
        format!("states by {} {}", shown.about.reducer.kind.label(), reducer_lines(&shown.about.reducer.source)),
    ];
    if shown.repeats > 0 {
        lines.push(format!("{} of event ids left out", plural(shown.repeats as u64, "repeat", "repeats")));
    }
    lines.push(String::new());
    lines.extend(fields_of(state));
    let told = |mark: &str, ix: Option<u64>, message: &str| {
        format!("{mark} at event {}: {message}", ix.map_or("?".to_owned(), |ix| ix.to_string()))
    };
    let problems: Vec<String> = (shown.errors.iter().map(|problem| told("not folded", problem.ix, &problem.message)))
        .chain(shown.warnings.iter().map(|problem| told("warning", problem.ix, &problem.message)))
        .collect();
    if !problems.is_empty() {
        lines.push(String::new());
        lines.extend(problems);
    }
    if !shown.complete {
        lines.push("incomplete: not every event up to here could be folded".to_owned());
    }
    lines
}

/// A line of `--every`.
pub(super) fn every(at: &At, state: &Value, error: Option<&str>) -> String {
    let error = error.map(|error| format!("  not folded: {error}")).unwrap_or_default();
    format!("{}  {state}{error}", place(at))
}

pub(super) fn compared(compared: &Compared, changes: &[Change]) -> Vec<String> {
    let mut lines = vec![format!(
        "{} from {} to {}, by {}",
        compared.about.entity,
        from(&compared.from),
        from(&compared.to),
        compared.by
    )];
    let show = |value: &Option<Value>| value.as_ref().map_or("–".to_owned(), ToString::to_string);
    lines.push(String::new());
    lines.extend(
        changes
            .iter()
            .map(|change| format!("{}: {} → {}", change.path.dotted(), show(&change.before), show(&change.after))),
    );
    if changes.is_empty() {
        lines.push("no difference".to_owned());
    }
    lines
}

pub(super) fn blamed(blamed: &Blamed) -> Vec<String> {
    let show = |value: &Option<Box<serde_json::value::RawValue>>| {
        value.as_ref().map_or("–".to_owned(), |value| value.get().to_owned())
    };
    let line = |touch: &Touched| format!("{}  {} → {}", place(&touch.at), show(&touch.before), show(&touch.after));
    blamed.touches.iter().map(line).collect()
}

pub(super) fn bisected(bisected: &Bisected, state: Option<&Value>, subject: &Subject) -> Vec<String> {
    let Some((first, state)) = bisected.first.as_ref().zip(state) else {
        let of = events(subject.history.len());
        return vec![format!("{} never holds in {of} of {}", bisected.predicate, bisected.about.entity)];
    };
    let since = if bisected.from_start { " (and before the first event already)" } else { "" };
    let mut lines = vec![format!("{} first holds {}{since}", bisected.predicate, after(first)), String::new()];
    lines.extend(fields_of(state));
    lines
}

/// The names of a state's fields.
pub(super) fn fields(state: &Value) -> String {
    let Value::Object(members) = state else { return state.to_string() };
    members.keys().map(|name| &**name).collect::<Vec<_>>().join(", ")
}

fn events(n: u32) -> String {
    plural(n.into(), "event", "events")
}

fn reducer_lines(source: &str) -> String {
    let lines = source.lines().filter(|line| !line.trim().is_empty()).count();
    format!("({})", plural(lines as u64, "line", "lines"))
}

/// `after event 17 MoneyDeposited, version 3, 2026-02-02T09:31:00Z`.
fn after(at: &At) -> String {
    if at.step == 0 { "before its first event".to_owned() } else { format!("after {}", from(at)) }
}

fn from(at: &At) -> String {
    let Some(ix) = at.ix else { return "before its first event".to_owned() };
    let version = at.version.map(|version| format!(", version {version}")).unwrap_or_default();
    let time = at.time.as_ref().map(|time| format!(", {time}")).unwrap_or_default();
    format!("event {ix} {}{version}{time}", at.type_name.as_deref().unwrap_or_default())
}

/// The same in columns.
fn place(at: &At) -> String {
    let version = at.version.map(|version| format!("v{version}")).unwrap_or_default();
    let (ix, time) = (at.ix.unwrap_or_default(), at.time.as_deref().unwrap_or("-"));
    format!("{ix:>9}  {time:<24}  {version:<6}  {}", at.type_name.as_deref().unwrap_or_default())
}

/// One line a leaf: `items[0].sku: "W-1"`.
fn fields_of(state: &Value) -> Vec<String> {
    let mut lines = Vec::new();
    leaves(&Path::default(), state, &mut lines);
    lines
}

fn leaves(path: &Path, value: &Value, lines: &mut Vec<String>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, member)| leaves(&path.child(name), member, lines));
        }
        Value::List(elements) if !elements.is_empty() => {
            let elements = elements.iter().enumerate();
            elements.for_each(|(i, element)| leaves(&path.child(&i.to_string()), element, lines));
        }
        leaf => lines.push(format!("{}: {leaf}", path.dotted())),
    }
}
