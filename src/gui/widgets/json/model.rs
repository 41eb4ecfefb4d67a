//! The rows of a tree: only what is unfolded exists, found when it is unfolded.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::scan::{self, Kind};

/// Members that one unfolding brings at most; the rest is one click away.
const AT_ONCE: usize = 2_000;

/// A fresh tree is unfolded until it has about this many rows.
const UNFOLDED_ROWS: usize = 48;

/// One visible row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub depth: u16,
    /// With its quotes, as a place in the text.
    pub name: Option<Range<usize>>,
    /// Its place among its brothers.
    pub index: u32,
    pub value: Range<usize>,
    pub kind: Kind,
    pub open: bool,
    /// Members that are there but not shown, on the row that brings them.
    pub more: bool,
    /// Its object has this name more than once. Whoever takes one value takes the last.
    pub repeated: Option<Repeated>,
}

/// Which of several members with one name this is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeated {
    /// Another one follows, and counts instead.
    Overruled,
    Last,
}

/// JSON text with a memory of what is unfolded.
#[derive(Clone, Debug, Default)]
pub struct JsonTree {
    text: Arc<str>,
    rows: Vec<Row>,
    /// The row that the keyboard is at.
    pub focused: Option<usize>,
}

impl JsonTree {
    #[must_use]
    pub fn new(text: impl Into<Arc<str>>) -> Self {
        let text: Arc<str> = text.into();
        let value = scan::root(&text);
        let kind = scan::kind(&text, &value);
        let root = Row { depth: 0, name: None, index: 0, value, kind, open: false, more: false, repeated: None };
        let mut tree = Self { text, rows: vec![root], focused: None };
        tree.unfold_some();
        tree
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    #[must_use]
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The value's bytes as they are stored.
    #[must_use]
    pub fn raw(&self, row: &Row) -> &str {
        self.text.get(row.value.clone()).unwrap_or_default()
    }

    /// The name without quotes and escapes; the index in an array.
    #[must_use]
    pub fn name(&self, row: &Row) -> String {
        match row.name.clone().and_then(|n| self.text.get(n)) {
            Some(quoted) => unquoted(quoted),
            None => row.index.to_string(),
        }
    }

    /// Texts without quotes and escapes, everything else as it is stored.
    #[must_use]
    pub fn plain(&self, row: &Row) -> String {
        let raw = self.raw(row);
        if row.kind == Kind::Text { unquoted(raw) } else { raw.to_owned() }
    }

    /// RFC 6901: `/data/items/0/sku`; empty for the whole.
    #[must_use]
    pub fn pointer(&self, at: usize) -> String {
        let mut names = Vec::new();
        let Some(mut row) = self.rows.get(at) else { return String::new() };
        let mut i = at;
        while row.depth > 0 {
            names.push(self.name(row).replace('~', "~0").replace('/', "~1"));
            let parent = row.depth - 1;
            let Some(up) = self.rows[..i].iter().rposition(|r| r.depth == parent) else { break };
            i = up;
            row = &self.rows[up];
        }
        names.iter().rev().fold(String::new(), |path, name| path + "/" + name)
    }

    /// Unfolds or folds a row; on a "more" row, brings the rest.
    pub fn toggle(&mut self, at: usize) {
        let Some(row) = self.rows.get(at) else { return };
        if row.more {
            self.bring_more(at);
        } else if row.open {
            self.fold(at);
        } else {
            self.unfold(at);
        }
    }

    fn fold(&mut self, at: usize) {
        let depth = self.rows[at].depth;
        let end = self.rows[at + 1..].iter().position(|r| r.depth <= depth).map_or(self.rows.len(), |n| at + 1 + n);
        self.rows.drain(at + 1..end);
        self.rows[at].open = false;
    }

    fn unfold(&mut self, at: usize) {
        let row = &self.rows[at];
        if !matches!(row.kind, Kind::Object | Kind::Array) || row.depth == u16::MAX {
            return;
        }
        let (depth, value) = (row.depth + 1, row.value.clone());
        let rows = self.members(&value, depth, 0, AT_ONCE);
        self.rows[at].open = true;
        let below = at + 1;
        self.rows.splice(below..below, rows);
    }

    fn bring_more(&mut self, at: usize) {
        let row = &self.rows[at];
        let (depth, value, seen) = (row.depth, row.value.clone(), row.index as usize);
        let rows = self.members(&value, depth, seen, seen.saturating_mul(4));
        self.rows.splice(at..=at, rows);
    }

    /// Rows for members from `from` up to `to`, and a "more" row where there are others.
    fn members(&self, value: &Range<usize>, depth: u16, from: usize, to: usize) -> Vec<Row> {
        let found = scan::members(&self.text, value, to.saturating_add(1));
        let more = found.len() > to;
        let repeated = self.repeated(&found);
        let mut rows: Vec<Row> = found
            .into_iter()
            .enumerate()
            .take(to)
            .skip(from)
            .map(|(i, m)| Row {
                depth,
                name: m.name,
                index: u32::try_from(i).unwrap_or(u32::MAX),
                kind: scan::kind(&self.text, &m.value),
                value: m.value,
                open: false,
                more: false,
                repeated: repeated.get(&i).copied(),
            })
            .collect();
        if more {
            let index = u32::try_from(to).unwrap_or(u32::MAX);
            let (name, kind) = (None, Kind::Other);
            rows.push(Row { depth, name, index, value: value.clone(), kind, open: false, more, repeated: None });
        }
        rows
    }

    /// Names that occur again among members, however they are escaped, by the members' places.
    fn repeated(&self, members: &[scan::Member]) -> HashMap<usize, Repeated> {
        let mut last: HashMap<String, usize> = HashMap::new();
        let mut found = HashMap::new();
        for (at, member) in members.iter().enumerate() {
            let Some(quoted) = member.name.clone().and_then(|name| self.text.get(name)) else { continue };
            if let Some(before) = last.insert(unquoted(quoted), at) {
                found.insert(before, Repeated::Overruled);
                found.insert(at, Repeated::Last);
            }
        }
        found
    }

    /// Breadth first, as long as what would come still fits on a screen.
    fn unfold_some(&mut self) {
        self.unfold(0);
        let mut at = 1;
        while at < self.rows.len() && self.rows.len() < UNFOLDED_ROWS {
            let row = &self.rows[at];
            if matches!(row.kind, Kind::Object | Kind::Array) && row.depth < 4 {
                let room = UNFOLDED_ROWS - self.rows.len();
                let members = scan::members(&self.text, &row.value, room + 1).len();
                if (1..=room).contains(&members) {
                    self.unfold(at);
                }
            }
            at += 1;
        }
    }
}

/// Text without its quotes and escapes; as it is where it is damaged.
fn unquoted(quoted: &str) -> String {
    serde_json::from_str(quoted).unwrap_or_else(|_| quoted.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(tree: &JsonTree) -> Vec<String> {
        tree.rows().iter().enumerate().map(|(i, r)| format!("{} {}", tree.pointer(i), tree.raw(r))).collect()
    }

    #[test]
    fn rows_have_pointers_and_literal_values() {
        let tree = JsonTree::new(r#"{"data":{"total":59.980,"a/b~c":[{"sku":"x"}]}}"#);
        let lines = shown(&tree);
        assert_eq!(lines[2], "/data/total 59.980");
        assert_eq!(lines[5], "/data/a~1b~0c/0/sku \"x\"");
    }

    #[test]
    fn folding_and_unfolding_gives_the_same_rows() {
        let mut tree = JsonTree::new(r#"{"a":{"b":[1,2,3]},"c":4}"#);
        let before = shown(&tree);
        tree.toggle(1);
        assert_eq!(tree.rows().len(), 3);
        tree.toggle(1);
        tree.toggle(2);
        assert_eq!(shown(&tree), before);
        tree.toggle(999);
    }

    #[test]
    fn repeated_names_stay_and_are_marked() {
        let tree = JsonTree::new(r#"{"celsius":21,"at":{"x":1},"c\u0065lsius":99,"y":{"x":2},"celsius":7}"#);
        let marks: Vec<_> =
            tree.rows().iter().filter(|row| row.depth == 1).map(|row| (tree.raw(row), row.repeated)).collect();
        let (overruled, last) = (Some(Repeated::Overruled), Some(Repeated::Last));
        assert_eq!(
            marks,
            [("21", overruled), ("{\"x\":1}", None), ("99", overruled), ("{\"x\":2}", None), ("7", last)]
        );
        assert!(tree.rows().iter().filter(|row| row.depth == 2).all(|row| row.repeated.is_none()));
    }

    #[test]
    fn what_cannot_be_seen_is_copied_as_it_is() {
        let hidden = "adm\u{202e}in\u{200b}\0\u{1b}[31m";
        let tree = JsonTree::new(serde_json::json!({ "name": hidden }).to_string());
        assert_eq!(tree.plain(&tree.rows()[1]), hidden);
    }

    #[test]
    fn long_lists_come_in_parts_and_completely() {
        let text = format!("[{}]", (0..9_000).map(|i| i.to_string()).collect::<Vec<_>>().join(","));
        let mut tree = JsonTree::new(text);
        while let Some(at) = tree.rows().iter().position(|r| r.more) {
            tree.toggle(at);
        }
        assert_eq!(tree.rows().len(), 9_001);
        assert_eq!(tree.pointer(9_000), "/8999");
    }
}
