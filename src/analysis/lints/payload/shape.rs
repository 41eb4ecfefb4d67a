//! What records of one type look like, learned from them: the tree of their fields, and which bytes
//! follow which field.
//!
//! Programs write their records in the same form again and again. Between the end of one value and the
//! start of the next there is only structure (`,"items":[{"sku":`), the *glue*. Where the glue is one that
//! was seen at this place before, it was parsed then, and comparing bytes is enough; only glue that is
//! new here is parsed. What a place is follows from the field alone, because a field's way from the
//! root says which objects and arrays are open around it.

use std::collections::BTreeMap;

use crate::base::hash::hash64;
use crate::base::scan::{same, space, string_end};
use crate::model::issue::MAX_DEPTH;

/// A field's number in its [`Shape`]; 0 is the record.
pub(super) type NodeIx = u32;

pub(super) const ROOT: NodeIx = 0;

/// Fields of one type that are told apart; what comes later is thrown together, parent by parent.
pub(super) const MAX_FIELDS: usize = 2048;
/// Members of one object that are told apart: names beyond are data, such as ids.
const MAX_MEMBERS: u32 = 128;
/// Forms of glue that are remembered behind a field.
const MAX_LINKS: usize = 8;
/// After so many new forms behind one field, no more are learned.
const PATIENCE: u16 = 64;
const GLUE: usize = 32;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Root,
    Member(Box<str>),
    /// A member whose name is one of too many.
    Other,
    Element,
    /// The JSON that a text holds.
    Inside,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// A value of this field that starts here.
    Value(NodeIx, usize),
    /// An object or array of this field without anything in it, and the place behind it.
    Empty(NodeIx, usize, bool),
    End,
}

#[derive(Debug)]
struct Link {
    glue: [u8; GLUE],
    mask: u32,
    /// What the glue is longer.
    rest: Box<[u8]>,
    next: Next,
}

#[derive(Debug)]
pub(super) struct Node {
    pub step: Step,
    pub parent: NodeIx,
    depth: u16,
    members: u32,
    learned: u16,
    links: Vec<Link>,
}

#[derive(Debug)]
pub(super) struct Shape {
    nodes: Vec<Node>,
    children: BTreeMap<(NodeIx, u64), NodeIx>,
    /// Some fields were thrown together.
    pub capped: bool,
}

impl Shape {
    pub fn new() -> Self {
        let root = Node { step: Step::Root, parent: ROOT, depth: 0, members: 0, learned: 0, links: Vec::new() };
        Self { nodes: vec![root], children: BTreeMap::new(), capped: false }
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    pub fn node(&self, of: NodeIx) -> Option<&Node> {
        self.nodes.get(of as usize)
    }

    /// From behind a value of `state` (or from before the record, `start`) to the next value. `end` is
    /// the end of the record in `buf`. `None` where it is not JSON, or nested too deep.
    #[inline]
    pub fn next(&mut self, buf: &[u8], state: NodeIx, start: bool, at: usize, end: usize) -> Option<Next> {
        if let Some(next) = self.known(buf, state, at, end) {
            return Some(next);
        }
        self.parse(buf.get(..end)?, state, start, at)
    }

    #[inline]
    fn known(&mut self, buf: &[u8], state: NodeIx, at: usize, end: usize) -> Option<Next> {
        let window = buf.get(at..)?.first_chunk::<GLUE>()?;
        let node = self.nodes.get_mut(state as usize)?;
        for place in 0..node.links.len() {
            let Some(link) = node.links.get(place) else { break };
            if same(window, &link.glue) & link.mask != link.mask {
                continue;
            }
            let mut p = at + (32 - link.mask.leading_zeros()) as usize;
            if !link.rest.is_empty() {
                if !buf.get(p..).is_some_and(|rest| rest.starts_with(&link.rest)) {
                    continue;
                }
                p += link.rest.len();
            }
            let found = match link.next {
                // An object or array here goes on with glue of its own.
                Next::Value(to, _) if p < end && !matches!(buf.get(p), Some(b'{' | b'[')) => Next::Value(to, p),
                Next::Empty(to, _, object) if p <= end => Next::Empty(to, p, object),
                Next::End if p == end => Next::End,
                _ => continue,
            };
            if place > 0 {
                node.links.swap(place, place - 1);
            }
            return Some(found);
        }
        None
    }

    /// Follows the grammar to the next value, and remembers how it went.
    #[cold]
    fn parse(&mut self, buf: &[u8], state: NodeIx, start: bool, at: usize) -> Option<Next> {
        let mut p = space::<false>(buf, at);
        let (mut node, mut opens) = (state, start);
        while !opens {
            let Node { step, parent, .. } = self.node(node)?;
            let (parent, element) = (*parent, *step == Step::Element);
            match (step, buf.get(p)) {
                (Step::Root | Step::Inside, None) => {
                    self.learn(state, buf.get(at..).unwrap_or_default(), Next::End, start);
                    return Some(Next::End);
                }
                (Step::Member(_) | Step::Other, Some(b',')) => {
                    (node, p) = self.member(parent, buf, space::<false>(buf, p + 1))?;
                    opens = true;
                }
                (Step::Element, Some(b',')) => {
                    p = space::<false>(buf, p + 1);
                    opens = true;
                }
                (Step::Member(_) | Step::Other | Step::Element, Some(&bracket))
                    if bracket == if element { b']' } else { b'}' } =>
                {
                    (node, p) = (parent, space::<false>(buf, p + 1));
                }
                _ => return None,
            }
        }
        loop {
            let inner = space::<false>(buf, p + 1);
            let next = match (buf.get(p)?, buf.get(inner)) {
                (b'{', Some(b'}')) => Next::Empty(node, inner + 1, true),
                (b'[', Some(b']')) => Next::Empty(node, inner + 1, false),
                (b'{', _) => {
                    (node, p) = self.member(node, buf, inner)?;
                    continue;
                }
                (b'[', _) => {
                    (node, p) = (self.child(node, Step::Element)?, inner);
                    continue;
                }
                _ => Next::Value(node, p),
            };
            let (Next::Value(_, glue_end) | Next::Empty(_, glue_end, _)) = next else { return Some(next) };
            self.learn(state, buf.get(at..glue_end).unwrap_or_default(), next, start);
            return Some(next);
        }
    }

    /// The field of a member whose key is at `at`, and where its value starts.
    fn member(&mut self, object: NodeIx, buf: &[u8], at: usize) -> Option<(NodeIx, usize)> {
        if buf.get(at) != Some(&b'"') {
            return None;
        }
        let (end, escaped) = string_end(buf, at + 1).ok()?;
        let inside = buf.get(at + 1..end)?;
        let name: Box<str> = if escaped {
            serde_json::from_slice::<String>(buf.get(at..=end)?).ok()?.into()
        } else {
            String::from_utf8_lossy(inside).into()
        };
        let colon = space::<false>(buf, end + 1);
        if buf.get(colon) != Some(&b':') {
            return None;
        }
        let child = self.child(object, Step::Member(name))?;
        Some((child, space::<false>(buf, colon + 1)))
    }

    /// The field one step below another; `None` where that is too deep or there are far too many.
    pub fn child(&mut self, of: NodeIx, step: Step) -> Option<NodeIx> {
        let key = |step: &Step| match step {
            Step::Member(name) => hash64(name.as_bytes()).max(4),
            Step::Root => 0,
            Step::Other => 1,
            Step::Element => 2,
            Step::Inside => 3,
        };
        if let Some(known) = self.children.get(&(of, key(&step))) {
            return Some(*known);
        }
        let full = self.nodes.len() >= MAX_FIELDS;
        let parent = self.nodes.get_mut(of as usize)?;
        let depth = parent.depth + 1;
        if usize::from(depth) > MAX_DEPTH || self.nodes.len() >= 2 * MAX_FIELDS {
            self.capped = true;
            return None;
        }
        let parent = self.nodes.get_mut(of as usize)?;
        if matches!(step, Step::Member(_)) && (full || parent.members >= MAX_MEMBERS) {
            self.capped = true;
            return self.child(of, Step::Other);
        }
        parent.members += 1;
        let node = self.nodes.len() as NodeIx;
        self.children.insert((of, key(&step)), node);
        self.nodes.push(Node { step, parent: of, depth, members: 0, learned: 0, links: Vec::new() });
        Some(node)
    }

    fn learn(&mut self, state: NodeIx, glue: &[u8], next: Next, start: bool) {
        let Some(node) = self.nodes.get_mut(state as usize) else { return };
        // The root is before and behind its value; only what is before it repeats.
        let behind_document = !start && matches!(node.step, Step::Root | Step::Inside);
        // A name that is data would be compared again and again.
        if node.learned >= PATIENCE || behind_document || glue.is_empty() {
            return;
        }
        node.learned += 1;
        let mut padded = [0; GLUE];
        let head = glue.len().min(GLUE);
        padded.iter_mut().zip(glue).for_each(|(to, from)| *to = *from);
        let link = Link {
            glue: padded,
            mask: u32::MAX >> (GLUE - head),
            rest: glue.get(head..).unwrap_or_default().into(),
            next,
        };
        if node.links.len() >= MAX_LINKS {
            node.links.pop();
        }
        node.links.push(link);
    }

    /// A pointer to the field, `*` for elements and for members thrown together, `{}` for JSON in a text.
    pub fn path(&self, of: NodeIx) -> String {
        let mut steps = Vec::new();
        let mut at = of;
        while let Some(node) = self.node(at).filter(|_| at != ROOT) {
            steps.push(match &node.step {
                Step::Member(name) => name.replace('~', "~0").replace('/', "~1"),
                Step::Inside => "{}".to_owned(),
                Step::Root | Step::Other | Step::Element => "*".to_owned(),
            });
            at = node.parent;
        }
        steps.iter().rev().flat_map(|step| ["/", step]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::scan::scalar_end;

    /// The values of a record in their order, `path=literal`.
    fn walked(shape: &mut Shape, record: &str) -> Option<Vec<String>> {
        // What follows a record in its block must not matter.
        let buf = format!("{record}\n{{\"next\":\"record, long enough to be looked at\"}}\n");
        let (buf, end) = (buf.as_bytes(), record.len());
        let (mut state, mut at, mut start, mut out) = (ROOT, 0, true, Vec::new());
        loop {
            match shape.next(buf, state, start, at, end)? {
                Next::End => return Some(out),
                Next::Empty(node, behind, object) => {
                    out.push(format!("{}={}", shape.path(node), if object { "{}" } else { "[]" }));
                    (state, at) = (node, behind);
                }
                Next::Value(node, value) => {
                    let behind = match buf.get(value)? {
                        b'"' => string_end(buf, value + 1).ok()?.0 + 1,
                        _ => scalar_end(buf, value).ok()?,
                    };
                    out.push(format!("{}={}", shape.path(node), &record[value..behind]));
                    (state, at) = (node, behind);
                }
            }
            start = false;
        }
    }

    #[test]
    fn values_come_with_their_paths_however_often_the_form_was_seen() {
        let records = [
            (r#"{"a":1,"b":{"c":"x","d":[{"e":1},{"e":2}]},"f":[]}"#, "/a=1 /b/c=\"x\" /b/d/*/e=1 /b/d/*/e=2 /f=[]"),
            (r#"{"a":1,"b":{"c":"x","d":[]},"f":[1,[2,3]]}"#, "/a=1 /b/c=\"x\" /b/d=[] /f/*=1 /f/*/*=2 /f/*/*=3"),
            (r#"{"a":{},"b":{"c":{"z":null}}}"#, "/a={} /b/c/z=null"),
            (r#"{ "a" : 1 , "b" : { "c" : "x" } }"#, "/a=1 /b/c=\"x\""),
            (r#"{"a\/b~":1,"a":2}"#, "/a~1b~0=1 /a=2"),
            ("{}", "={}"),
            ("17", "=17"),
            (r#"["a",{"a-long-name-that-does-not-fit-into-thirty-two-bytes":1}]"#, ""),
        ];
        let mut shape = Shape::new();
        for round in 0..3 {
            for (record, expected) in records {
                let found = walked(&mut shape, record).unwrap_or_else(|| panic!("{record} in round {round}"));
                if !expected.is_empty() {
                    assert_eq!(found.join(" "), expected, "{record} in round {round}");
                }
            }
        }
    }

    #[test]
    fn what_is_no_json_ends_the_walk() {
        let mut shape = Shape::new();
        walked(&mut shape, r#"{"a":1,"b":[1]}"#).expect("JSON");
        for broken in ["", "{", r#"{"a":1"#, r#"{"a":1]"#, r#"{"a":1}}"#, r#"{"a" 1}"#, r#"{"b":[1}"#, "{a:1}", "[1,]"]
        {
            assert_eq!(walked(&mut shape, broken), None, "{broken}");
        }
        assert_eq!(walked(&mut shape, &"[".repeat(400)), None);
    }

    #[test]
    fn names_that_are_data_are_thrown_together() {
        let mut shape = Shape::new();
        for i in 0..10_000 {
            walked(&mut shape, &format!(r#"{{"users":{{"u{i}":{{"n{i}":1}}}}}}"#)).expect("JSON");
        }
        assert!(shape.capped && shape.nodes().len() <= 2 * MAX_FIELDS);
        let last = walked(&mut shape, r#"{"users":{"u99999":{"n":1}}}"#).expect("JSON");
        assert!(last[0].starts_with("/users/*/"), "{last:?}");
    }
}
