//! A state as rows of a tree: what this event changed is marked, what it did not and is big stays
//! folded, long lists come in pages. Made once per state, drawn each frame.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::analysis::state::diff::Change;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::app::jobs::At;
use crate::app::state::Show;
use crate::base::text::count;
use crate::gui::panels::parts::value::{history, short};

/// Members that one unfolding brings; the rest is a click away.
const PAGE: usize = 200;
/// A branch that did not change and has more leaves than this starts folded.
const BIG: usize = 24;
/// A tree unfolds by itself until it has about this many rows.
const ROWS: usize = 400;

/// What the event did to a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    #[default]
    Same,
    Set,
    Changed,
    Gone,
    /// Something inside is marked.
    Inside,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Branch,
    Text,
    Number,
    Word,
    /// Where a list goes on.
    More,
}

/// One row of the tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub depth: u16,
    pub path: Path,
    /// The member's name, or its place in a list.
    pub name: Arc<str>,
    pub in_list: bool,
    pub kind: Kind,
    /// The value on one line; `{3}` or `[12]` of what is folded.
    pub text: String,
    /// What it was before this event.
    pub was: Option<String>,
    pub mark: Mark,
    /// Of a branch with members: whether they are shown.
    pub open: Option<bool>,
    pub is_number: bool,
}

/// What a person unfolded, folded and paged through; by place, so that it outlives a step.
#[derive(Clone, Debug, Default)]
pub struct Folds {
    open: HashMap<Path, bool>,
    pages: HashMap<Path, usize>,
}

impl Folds {
    pub fn toggle(&mut self, row: &Row) {
        match row.open {
            Some(open) => drop(self.open.insert(row.path.clone(), !open)),
            None if row.kind == Kind::More => {
                if let Some(parent) = row.path.parent() {
                    let page = self.pages.entry(parent).or_insert(1);
                    *page = page.saturating_mul(4);
                }
            }
            None => {}
        }
    }
}

/// The changes that are shown: that a history of events grew by this one goes without saying.
pub fn told(at: &At) -> impl Iterator<Item = &Change> {
    at.changes.iter().filter(|c| c.path.steps().last().is_none_or(|step| &**step != "$events"))
}

/// The rows of a state as it is shown.
#[must_use]
pub fn rows(at: &At, show: Show, folds: &Folds) -> Vec<Row> {
    let changes: BTreeMap<&Path, &Change> = told(at).map(|c| (&c.path, c)).collect();
    let mut tree = Tree { changes, show, folds, rows: Vec::new() };
    let root = Path::default();
    let (before, after) = (Some(&at.before.value), Some(&at.after.value));
    match show {
        Show::Before => tree.row(&root, "state".into(), false, 0, before, None),
        Show::After => tree.row(&root, "state".into(), false, 0, after, None),
        Show::Diff => tree.diff(&root, "state".into(), false, 0, before, after),
    }
    let mut rows = tree.rows;
    if rows.first().is_some_and(|root| root.open == Some(true)) {
        // Its members say all.
        rows.remove(0);
        rows.iter_mut().for_each(|row| row.depth = row.depth.saturating_sub(1));
    }
    rows
}

struct Tree<'a> {
    changes: BTreeMap<&'a Path, &'a Change>,
    show: Show,
    folds: &'a Folds,
    rows: Vec<Row>,
}

impl Tree<'_> {
    fn row(
        &mut self,
        path: &Path,
        name: Arc<str>,
        in_list: bool,
        depth: u16,
        value: Option<&Value>,
        above: Option<Mark>,
    ) {
        let Some(value) = value else { return };
        let own = self.changes.get(path).copied();
        let mark = above.or(own.map(|c| self.mark_of(c))).unwrap_or_else(|| self.inside(path));
        let was = own.filter(|_| self.show == Show::After).and_then(|c| c.before.as_ref()).map(short);
        let below = above.or(own.map(|c| self.mark_of(c))).filter(|m| *m != Mark::Inside);
        let members = length(value);
        let open = (members > 0).then(|| self.is_open(path, value, mark, depth));
        let is_number = matches!(value, Value::Number(_));
        self.rows.push(Row {
            depth,
            path: path.clone(),
            name,
            in_list,
            kind: kind(value),
            text: if open == Some(true) { opened(value) } else { short(value) },
            was,
            mark,
            open,
            is_number,
        });
        if open == Some(true) {
            self.members(path, depth, value, |tree, path, name, in_list, member| {
                tree.row(path, name, in_list, depth + 1, Some(member), below);
            });
        }
    }

    fn members(
        &mut self,
        path: &Path,
        depth: u16,
        value: &Value,
        mut each: impl FnMut(&mut Self, &Path, Arc<str>, bool, &Value),
    ) {
        let most = PAGE.saturating_mul(self.folds.pages.get(path).copied().unwrap_or(1));
        match value {
            Value::Object(members) => {
                for (name, member) in members.iter().take(most) {
                    each(self, &path.child(name), Arc::clone(name), false, member);
                }
            }
            Value::List(elements) => {
                for (i, element) in elements.iter().take(most).enumerate() {
                    let name = i.to_string();
                    each(self, &path.child(&name), name.as_str().into(), true, element);
                }
            }
            _ => {}
        }
        let rest = length(value).saturating_sub(most);
        if rest > 0 {
            self.rows.push(Row {
                depth: depth + 1,
                path: path.child("…"),
                name: "".into(),
                in_list: true,
                kind: Kind::More,
                text: format!("{} more…", count(rest as u64)),
                was: None,
                mark: Mark::Same,
                open: None,
                is_number: false,
            });
        }
    }

    /// Only what differs, and the way there.
    fn diff(&mut self, path: &Path, name: Arc<str>, in_list: bool, depth: u16, a: Option<&Value>, b: Option<&Value>) {
        if let Some(change) = self.changes.get(path).copied() {
            let value = change.after.as_ref().or(change.before.as_ref());
            self.rows.push(Row {
                depth,
                path: path.clone(),
                name,
                in_list,
                kind: value.map_or(Kind::Word, kind),
                text: change.after.as_ref().map_or_else(String::new, short),
                was: change.before.as_ref().map(short),
                mark: self.mark_of(change),
                open: None,
                is_number: matches!(value, Some(Value::Number(_))),
            });
            return;
        }
        if self.inside(path) != Mark::Inside {
            return;
        }
        let open = self.folds.open.get(path).copied().unwrap_or(true);
        self.rows.push(Row {
            depth,
            path: path.clone(),
            name,
            in_list,
            kind: Kind::Branch,
            text: b.or(a).map_or_else(String::new, if open { opened } else { short }),
            was: None,
            mark: Mark::Inside,
            open: Some(open),
            is_number: false,
        });
        if !open {
            return;
        }
        // The places below that changed, in the order of the changes, each once.
        let depth_of = path.steps().len();
        let mut seen: Vec<Arc<str>> = Vec::new();
        let below: Vec<Path> = self.changes.keys().filter(|p| path.holds(p)).map(|p| (*p).clone()).collect();
        let is_list = matches!(b.or(a), Some(Value::List(_)));
        for place in below {
            let Some(step) = place.steps().get(depth_of) else { continue };
            if seen.last() == Some(step) || seen.contains(step) {
                continue;
            }
            seen.push(Arc::clone(step));
            let child = path.child(step);
            let one = Path::default().child(step);
            let (a, b) = (a.and_then(|v| one.get(v)), b.and_then(|v| one.get(v)));
            self.diff(&child, Arc::clone(step), is_list, depth + 1, a, b);
        }
    }

    fn mark_of(&self, change: &Change) -> Mark {
        match (&change.before, &change.after) {
            (None, _) if self.show == Show::Before => Mark::Same,
            (None, _) => Mark::Set,
            (_, None) => Mark::Gone,
            _ => Mark::Changed,
        }
    }

    /// Whether a change lies inside: changes are sorted, and what lies inside follows its place.
    fn inside(&self, path: &Path) -> Mark {
        let next = self.changes.range::<Path, _>(path..).next();
        if next.is_some_and(|(p, _)| path.holds(p)) { Mark::Inside } else { Mark::Same }
    }

    fn is_open(&self, path: &Path, value: &Value, mark: Mark, depth: u16) -> bool {
        if let Some(open) = self.folds.open.get(path) {
            return *open;
        }
        if path.is_root() {
            return true;
        }
        if self.rows.len() > ROWS || depth > 24 {
            return false;
        }
        mark != Mark::Same || leaves(value, BIG + 1) <= BIG
    }
}

fn kind(value: &Value) -> Kind {
    match value {
        Value::Null | Value::Bool(_) => Kind::Word,
        Value::Number(_) => Kind::Number,
        Value::Text(_) => Kind::Text,
        Value::Object(_) if history(value).is_some() => Kind::Word,
        Value::List(_) | Value::Object(_) => Kind::Branch,
    }
}

/// Members of an object or a list; a history that is kept as its length has none.
fn length(value: &Value) -> usize {
    match value {
        Value::Object(_) if history(value).is_some() => 0,
        Value::Object(members) => members.len(),
        Value::List(elements) => elements.len(),
        _ => 0,
    }
}

fn leaves(value: &Value, most: usize) -> usize {
    let mut open = vec![value];
    let mut n = 0;
    while let Some(value) = open.pop() {
        if n >= most || open.len() > most {
            return most;
        }
        match value {
            Value::Object(members) => open.extend(members.values().take(most)),
            Value::List(elements) => open.extend(elements.iter().take(most)),
            _ => n += 1,
        }
    }
    n
}

fn opened(value: &Value) -> String {
    match value {
        Value::List(elements) => format!("[{}]", count(elements.len() as u64)),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::state::diff::diff;
    use crate::analysis::state::value::parse;
    use crate::analysis::state::walk::State;
    use crate::model::ids::EntityIx;

    fn at(before: &str, after: &str) -> At {
        let [before, after] =
            [before, after].map(|json| State { value: parse(json.as_bytes()).expect("JSON"), error: None });
        let changes = diff(&before.value, &after.value, 99);
        let (entity, step, known, fold, more_changes, complete) = (EntityIx(0), 1, 1, 1, false, true);
        At { fold, entity, step, known, before, after, changes, more_changes, complete }
    }

    fn shown(at: &At, show: Show, folds: &Folds) -> String {
        let line = |row: &Row| {
            let mark = match row.mark {
                Mark::Same | Mark::Inside => ' ',
                Mark::Set => '+',
                Mark::Changed => '~',
                Mark::Gone => '-',
            };
            let was = row.was.as_ref().map_or_else(String::new, |was| format!("{was} > "));
            format!("{mark}{}{} {was}{}", "  ".repeat(row.depth.into()), row.name, row.text)
        };
        rows(at, show, folds).iter().map(line).map(|l| l.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn what_an_event_changed_is_marked() {
        let at = at(
            r#"{"balance":100,"owner":{"name":"Ada"},"note":"x","log":{"$events":1}}"#,
            r#"{"balance":150.00,"owner":{"name":"Ada"},"items":[{"sku":"A"}],"log":{"$events":2}}"#,
        );
        assert_eq!(
            shown(&at, Show::After, &Folds::default()),
            "~balance 100 > 150.00\n owner\n   name \"Ada\"\n+items [1]\n+  0\n+    sku \"A\"\n log 2 events so far"
        );
        assert_eq!(
            shown(&at, Show::Before, &Folds::default()),
            "~balance 100\n owner\n   name \"Ada\"\n-note \"x\"\n log 1 event so far"
        );
        assert_eq!(shown(&at, Show::Diff, &Folds::default()), "~balance 100 > 150.00\n+items [1]\n-note \"x\" >");
    }

    #[test]
    fn big_branches_that_did_not_change_are_folded_and_long_lists_come_in_pages() {
        let list: Vec<String> = (0..1_000).map(|i| i.to_string()).collect();
        let state = format!(r#"{{"list":[{}],"n":1}}"#, list.join(","));
        let at = at(&state.replace("\"n\":1", "\"n\":0"), &state);
        let mut folds = Folds::default();
        assert_eq!(shown(&at, Show::After, &folds), " list [1,000]\n~n 0 > 1");
        let tree = rows(&at, Show::After, &folds);
        folds.toggle(&tree[0]);
        let tree = rows(&at, Show::After, &folds);
        assert_eq!(tree.len(), 2 + PAGE + 1);
        let more = tree.iter().find(|r| r.kind == Kind::More).expect("a page has an end");
        assert_eq!(more.text, "800 more…");
        folds.toggle(more);
        assert_eq!(rows(&at, Show::After, &folds).len(), 2 + 4 * PAGE + 1);
    }
}
