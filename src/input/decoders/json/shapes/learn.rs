//! Learns a record's shape: the literals between its values. The record has been walked before, so its
//! grammar is known to be right. Whatever needs more than a slot per value is not learned, and such
//! records stay with the walker.

use std::collections::HashMap;

use super::literal::{Literal, WINDOW};
use super::{COST, FOLLOWERS, MOVES, NO_LEAF, NOWHERE, START, Shapes, Step, Then};
use crate::input::decoders::json::scan::{scalar_end, space, string_end};
use crate::input::decoders::json::unescape::unescape;
use crate::input::decoders::plan::{NodeIx, Program};

/// Steps of one source; more than that many keys are data.
const MAX_STEPS: usize = 4096;
/// After so many new followers of one step, what follows it is data.
const PATIENCE: u16 = 64;

/// Where a walk stands between two values. What a literal means depends on nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Context {
    open: Vec<Open>,
    /// Nodes with something below that this record has already been in: being there again would make
    /// the walker forget what it found the first time.
    entered: Vec<NodeIx>,
    /// The pieces so far of a literal that is too long for one step.
    piece: Vec<u8>,
}

/// What the numbers of contexts and steps stand for.
#[derive(Debug)]
pub(super) struct Known {
    contexts: HashMap<Context, u16>,
    /// By the context before and the literal.
    steps: HashMap<(u16, Box<[u8]>), u16>,
}

impl Default for Known {
    /// With the context before a record, which is number 0.
    fn default() -> Self {
        Self { contexts: HashMap::from([(Context::default(), 0)]), steps: HashMap::new() }
    }
}

/// An open container and its node, where something in it is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Open {
    object: bool,
    node: Option<NodeIx>,
}

/// What is known of a record between two values.
struct Lesson<'a> {
    program: &'a Program,
    buf: &'a [u8],
    context: Context,
    from: u16,
    /// Where the literal starts that is being read.
    literal: usize,
}

impl Shapes {
    /// Learns the record at `start`, which the walker followed up to `end`.
    #[cold]
    pub fn learn<const LINES: bool>(&mut self, program: &Program, buf: &[u8], start: usize, end: usize) {
        self.credit = self.credit.saturating_sub(COST);
        let mut lesson = Lesson { program, buf, context: Context::default(), from: START, literal: start };
        // Half a record is learned as well: another may go on differently.
        let _ = lesson.record::<LINES>(self, start, end);
    }

    /// The step for a literal behind `from`; it is made where it is new.
    fn step(
        &mut self,
        from: u16,
        literal: &[u8],
        after: &Context,
        made: impl FnOnce(u16) -> Option<Step>,
    ) -> Option<u16> {
        let context = self.steps.get(usize::from(from))?.context;
        let known = self.known.steps.get(&(context, literal.into())).copied();
        let next = match known {
            Some(next) => next,
            None if self.steps.len() >= MAX_STEPS => return None,
            None => {
                let count = u16::try_from(self.known.contexts.len()).ok()?;
                let context_after = *self.known.contexts.entry(after.clone()).or_insert(count);
                let next = u16::try_from(self.steps.len()).ok()?;
                self.steps.push(made(context_after)?);
                self.known.steps.insert((context, literal.into()), next);
                next
            }
        };
        let from = self.steps.get_mut(usize::from(from))?;
        if !from.next.contains(&next) {
            if from.learned >= PATIENCE {
                return None;
            }
            from.learned += 1;
            // The last place is the least frequent one.
            let place = from.next.iter().position(|known| *known == NOWHERE).unwrap_or(FOLLOWERS - 1);
            from.next[place] = next;
        }
        Some(next)
    }
}

impl Lesson<'_> {
    fn record<const LINES: bool>(&mut self, shapes: &mut Shapes, start: usize, end: usize) -> Option<()> {
        let mut p = start;
        // The node of the value that comes next; the outer one is the record's.
        let mut node = Some(0);
        let mut key_next = false;
        while p < end {
            match self.buf.get(p)? {
                b' ' | b'\t' | b'\r' | b'\n' => p = space::<LINES>(self.buf, p),
                b',' => {
                    key_next = self.context.open.last()?.object;
                    if !key_next {
                        node = None;
                    }
                    p += 1;
                }
                &bracket @ (b'{' | b'[') => {
                    self.open(bracket == b'{', node)?;
                    key_next = bracket == b'{';
                    node = None;
                    p += 1;
                }
                b'}' | b']' => {
                    self.context.open.pop()?;
                    key_next = false;
                    p += 1;
                }
                b'"' if key_next => {
                    let (key_end, escaped) = string_end(self.buf, p + 1).ok()?;
                    node = self.member(p + 1, key_end, escaped);
                    p = space::<LINES>(self.buf, key_end + 1) + 1;
                    key_next = false;
                }
                b'"' => {
                    self.value(shapes, p + 1, 0, Then::Text, node)?;
                    p = string_end(self.buf, p + 1).ok()?.0;
                    self.literal = p;
                    p += 1;
                }
                byte => {
                    let value_end = scalar_end(self.buf, p).ok()?;
                    match byte {
                        b'-' => self.value(shapes, p + 1, 1, Then::Number, node)?,
                        b'0'..=b'9' => self.value(shapes, p, 0, Then::Number, node)?,
                        // `null` is as good as nothing.
                        b'n' => self.value(shapes, value_end, 0, Then::Word, node)?,
                        _ => self.value(shapes, value_end, value_end - p, Then::Word, node)?,
                    }
                    p = value_end;
                    self.literal = p;
                }
            }
        }
        self.value(shapes, end, 0, Then::Word, None)
    }

    /// The node of a member, where it is wanted.
    fn member(&self, start: usize, end: usize, escaped: bool) -> Option<NodeIx> {
        let node = self.program.trie.node(self.context.open.last()?.node?);
        let key = self.buf.get(start..end)?;
        if !escaped {
            return node.member(key);
        }
        let mut plain = Vec::new();
        unescape(key, &mut plain);
        node.member(&plain)
    }

    fn open(&mut self, object: bool, node: Option<NodeIx>) -> Option<()> {
        let mut open = Open { object, node: None };
        if let Some(ix) = node {
            let node = self.program.trie.node(ix);
            let wanted = if object { node.has_members() } else { node.has_elements() };
            // A slot that takes the container itself is emptied, and elements have nodes by their place.
            if !node.slots.is_empty() || (wanted && !object) || self.context.entered.contains(&ix) {
                return None;
            }
            if node.is_inner() {
                self.context.entered.push(ix);
                self.context.entered.sort_unstable();
            }
            open.node = wanted.then_some(ix);
        }
        self.context.open.push(open);
        Some(())
    }

    /// A value begins at `at`, or ends there where it is a word: the literal before it becomes a step.
    fn value(&mut self, shapes: &mut Shapes, at: usize, tail: usize, then: Then, node: Option<NodeIx>) -> Option<()> {
        let leaf = match node.map(|ix| self.program.trie.node(ix)) {
            None => NO_LEAF,
            // A node through which other nodes are reached may have to forget what was there.
            Some(node) => node.leaf()?,
        };
        let mut literal = self.buf.get(self.literal..at)?;
        let digit_follows = then == Then::Number;
        while literal.len() + usize::from(digit_follows) > WINDOW {
            let (piece, rest) = literal.split_at(WINDOW);
            self.context.piece.extend_from_slice(piece);
            self.add(shapes, piece, 0, Then::Word, NO_LEAF)?;
            literal = rest;
        }
        self.context.piece.clear();
        // A value that was cut in two would be taken for its second part.
        (tail <= literal.len()).then(|| self.add(shapes, literal, tail, then, leaf))?
    }

    fn add(&mut self, shapes: &mut Shapes, literal: &[u8], tail: usize, then: Then, leaf: u8) -> Option<()> {
        let closed = self.context.open.is_empty() && self.context.piece.is_empty();
        let made = |context| {
            Some(Step {
                literal: Literal::new(literal, then == Then::Number)?,
                next: [NOWHERE; FOLLOWERS],
                len: u8::try_from(literal.len()).ok()?,
                tail: u8::try_from(tail).ok()?,
                then,
                last: closed,
                leaf,
                context,
                learned: 0,
                moves: MOVES,
            })
        };
        self.from = shapes.step(self.from, literal, &self.context, made)?;
        Some(())
    }
}
