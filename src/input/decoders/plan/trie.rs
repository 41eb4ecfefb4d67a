//! All pointers of a mapping as one tree, so that a walk over a record needs one look per key.
//!
//! Pointers with `*` would make a walk follow several branches at once. They are merged while
//! compiling instead: the child for the key `a` holds also what the `*` beside it wants, so every
//! place in a record has at most one node.

use super::template::Segment;

/// A node's number; the root is 0.
pub type NodeIx = u32;

#[derive(Debug, Default)]
pub struct Node {
    keys: Vec<(Box<[u8]>, NodeIx)>,
    /// Keys that are also places in an array.
    places: Vec<(u64, NodeIx)>,
    any: Option<NodeIx>,
    /// Where the walk goes on inside a string that holds JSON.
    pub inside: Option<NodeIx>,
    /// Slots that take the value here.
    pub slots: Vec<u8>,
    /// Slots here and below.
    pub below: Vec<u8>,
    /// Each value here starts a new match of a `*`.
    pub opens: bool,
}

impl Node {
    /// The child for an object's member.
    #[must_use]
    pub fn member(&self, key: &[u8]) -> Option<NodeIx> {
        self.keys.iter().find(|(name, _)| **name == *key).map(|(_, child)| *child).or(self.any)
    }

    /// The child for an array's element.
    #[must_use]
    pub fn element(&self, place: u64) -> Option<NodeIx> {
        self.places.iter().find(|(n, _)| *n == place).map(|(_, child)| *child).or(self.any)
    }

    /// Whether something inside objects here is wanted.
    #[must_use]
    pub fn has_members(&self) -> bool {
        !self.keys.is_empty() || self.any.is_some()
    }

    /// Whether something inside arrays here is wanted.
    #[must_use]
    pub fn has_elements(&self) -> bool {
        !self.places.is_empty() || self.any.is_some()
    }

    /// The slot of a node that is one slot and nothing else.
    #[must_use]
    pub fn leaf(&self) -> Option<u8> {
        match self.slots.as_slice() {
            &[slot] if !self.opens && !self.is_inner() => Some(slot),
            _ => None,
        }
    }

    /// Whether there is anything below, through which a repeated key could leave stale captures.
    #[must_use]
    pub fn is_inner(&self) -> bool {
        self.has_members() || self.inside.is_some()
    }
}

#[derive(Debug)]
pub struct Trie {
    nodes: Vec<Node>,
}

/// More nodes than any sensible mapping has; several `*` in a row beside named keys could multiply.
const MAX_NODES: usize = 4096;

impl Trie {
    /// Slot `i` takes what `pointers[i]` points at. `None` where the merged tree gets too large.
    #[must_use]
    pub fn new(pointers: &[Vec<Segment>]) -> Option<Self> {
        let mut trie = Self { nodes: Vec::new() };
        let all: Vec<usize> = (0..pointers.len()).collect();
        trie.build(pointers, &all, 0, false)?;
        Some(trie)
    }

    #[must_use]
    pub fn node(&self, ix: NodeIx) -> &Node {
        self.nodes.get(ix as usize).expect("node numbers come from this tree")
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Recursion is as deep as the longest pointer, which the template parser bounds.
    fn build(&mut self, pointers: &[Vec<Segment>], here: &[usize], depth: usize, opens: bool) -> Option<NodeIx> {
        if self.nodes.len() >= MAX_NODES {
            return None;
        }
        let ix = NodeIx::try_from(self.nodes.len()).ok()?;
        self.nodes.push(Node::default());
        let mut node = Node { opens, ..Node::default() };
        let segment = |pointer: usize| pointers.get(pointer).and_then(|segments| segments.get(depth));
        let with = |wanted: &dyn Fn(&Segment) -> bool| -> Vec<usize> {
            here.iter().copied().filter(|p| segment(*p).is_some_and(wanted)).collect()
        };
        for &pointer in here {
            let slot = u8::try_from(pointer).ok()?;
            node.below.push(slot);
            match segment(pointer) {
                None => node.slots.push(slot),
                Some(Segment::Key(key)) if !node.keys.iter().any(|(known, _)| known == key) => {
                    let children = with(&|s| *s == Segment::Any || matches!(s, Segment::Key(other) if other == key));
                    let opens = children.iter().any(|p| segment(*p) == Some(&Segment::Any));
                    let child = self.build(pointers, &children, depth + 1, opens)?;
                    if let Some(place) = place(key) {
                        node.places.push((place, child));
                    }
                    node.keys.push((key.clone(), child));
                }
                Some(Segment::Any) if node.any.is_none() => {
                    node.any = Some(self.build(pointers, &with(&|s| *s == Segment::Any), depth + 1, true)?);
                }
                Some(Segment::Inside) if node.inside.is_none() => {
                    node.inside = Some(self.build(pointers, &with(&|s| *s == Segment::Inside), depth + 1, false)?);
                }
                Some(_) => {}
            }
        }
        *self.nodes.get_mut(ix as usize)? = node;
        Some(ix)
    }
}

/// A key that is also a place in an array: digits without a leading zero.
fn place(key: &[u8]) -> Option<u64> {
    let plain = !key.is_empty() && key.iter().all(u8::is_ascii_digit) && (key.len() == 1 || key.first() != Some(&b'0'));
    plain.then(|| std::str::from_utf8(key).ok()?.parse().ok()).flatten()
}
