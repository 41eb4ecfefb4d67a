//! One pass over a record: down only where the tree of wanted fields goes, everything else skipped.
//!
//! Recursion is as deep as the longest pointer of the mapping, never as deep as the input.

use super::learned::{ANY_LENGTH, Learned, NO_LEAF, UNWANTED, first_step};
use super::scan::{Fail, Walk, Why, broken, ended, scalar_end, small_number_end, space, string_end};
use super::skip::{Key, key, skip};
use super::unescape::unescape;
use crate::input::decoders::plan::{Captures, Node, NodeIx, Program, Text};
use crate::model::issue::MAX_DEPTH;

/// What one pass over a source's bytes has learned, and what it found in the record at hand.
#[derive(Debug)]
pub struct Walker {
    pub captures: Captures,
    learned: Learned,
    /// JSON strings within which the walk is at the moment: their text is not the record's.
    strings: usize,
    key: Vec<u8>,
}

/// Where a value stands: its node, the containers open around it, the match of `*` it belongs to.
/// Two words, so that it is handed on in registers: written to memory in parts and read as a whole, it
/// would be waited for.
#[derive(Clone, Copy)]
struct At {
    node: NodeIx,
    depth: u32,
    of_match: u64,
}

impl Walker {
    #[must_use]
    pub fn new(program: &Program) -> Self {
        Self {
            captures: Captures::new(program),
            learned: Learned::new(program.trie.len()),
            strings: 0,
            key: Vec::new(),
        }
    }

    /// Forgets the last record. Values may be captured by hand between this and [`Walker::object`].
    #[inline]
    pub fn begin(&mut self) {
        self.captures.begin();
        self.strings = 0;
    }

    /// Walks over the object that opens at `at` and returns the place behind it.
    ///
    /// # Errors
    /// Where and why it is no JSON object, in bytes of `buf`.
    #[inline]
    pub fn object<const LINES: bool>(&mut self, program: &Program, buf: &[u8], at: usize, depth: usize) -> Walk {
        let of_match = self.captures.record_match();
        self.members::<LINES>(program, buf, at + 1, At { node: 0, depth: depth as u32 + 1, of_match })
    }

    /// The members of an object, from behind its bracket.
    fn members<const LINES: bool>(&mut self, program: &Program, buf: &[u8], start: usize, at: At) -> Walk {
        let mut p = start;
        let mut step = first_step(at.node);
        loop {
            let child;
            if let Some(guess) = self.learned.guess(step, buf, p) {
                (step, child) = (guess.step, guess.child);
                p += guess.len;
                // The usual case, as short as it can be.
                let plain = (guess.leaf != NO_LEAF || child == UNWANTED) && self.strings == 0;
                if plain && buf.get(p) == Some(&b'"') {
                    let guessed = p + 1 + usize::from(guess.usual);
                    let (end, escaped) = string_end(buf, p + 1)?;
                    // Where nothing is wanted, there is no slot to take it.
                    let copy = escaped && guess.leaf != NO_LEAF;
                    let text = if copy { self.copied(buf, p + 1, end, true) } else { Text::record(p + 1, end) };
                    self.captures.set(guess.leaf, text);
                    // The same place, but the guessed one is known before the end is found.
                    if guessed == end {
                        p = guessed + 1;
                        continue;
                    }
                    if guess.usual != ANY_LENGTH {
                        self.learned.surprise(guess.step, end - p - 1);
                    }
                    p = end + 1;
                    continue;
                }
                if plain && let Some(end) = small_number_end(buf, p) {
                    self.captures.set(guess.leaf, Text::record(p, end));
                    p = end;
                    continue;
                }
            } else if buf.get(p) == Some(&b'}') {
                return Ok(p + 1);
            } else {
                match self.member::<LINES>(program, buf, p, p == start, step, at.node)? {
                    Member::Key { step: next, child: found, value } => (step, child, p) = (next, found, value),
                    Member::End(end) => return Ok(end),
                }
            }
            // A literal that was learned without a space behind its colon fits one with a space, too.
            if let Some(b' ' | b'\t' | b'\r' | b'\n') = buf.get(p) {
                p = space::<LINES>(buf, p);
            }
            p = if child == UNWANTED {
                skip::<LINES>(buf, p, at.depth as usize)?
            } else {
                self.value::<LINES>(program, buf, p, At { node: child, ..at })?
            };
        }
    }

    /// Parses what was not guessed: the comma, the key, the colon and all white space among them.
    #[cold]
    fn member<const LINES: bool>(
        &mut self,
        program: &Program,
        buf: &[u8],
        at: usize,
        first: bool,
        step: u16,
        node: NodeIx,
    ) -> Result<Member, Fail> {
        let mut p = space::<LINES>(buf, at);
        match buf.get(p) {
            Some(b'}') => return Ok(Member::End(p + 1)),
            Some(b',') if !first => p = space::<LINES>(buf, p + 1),
            Some(_) if first => {}
            Some(_) => return broken(p),
            None => return ended(buf),
        }
        let Key { name, escaped, value } = key::<LINES>(buf, p)?;
        let node_of = program.trie.node(node);
        let child = if escaped {
            self.key.clear();
            unescape(name, &mut self.key);
            node_of.member(&self.key)
        } else {
            node_of.member(name)
        };
        let leaf = child.and_then(|child| program.trie.node(child).leaf()).filter(|slot| !program.is_many(*slot));
        let child = child.unwrap_or(UNWANTED);
        let literal = buf.get(at..value).unwrap_or_default();
        let step = self.learned.learn(step, node, literal, child, leaf.unwrap_or(NO_LEAF));
        Ok(Member::Key { step, child, value })
    }

    /// A value that something is wanted from.
    #[inline]
    fn value<const LINES: bool>(&mut self, program: &Program, buf: &[u8], at: usize, mut place: At) -> Walk {
        let node = program.trie.node(place.node);
        if node.opens {
            place.of_match = self.captures.next_match();
        }
        if node.is_inner() {
            self.captures.enter(program, place.node, place.of_match);
        }
        match buf.get(at) {
            Some(b'"') => {
                let (end, escaped) = string_end(buf, at + 1)?;
                if !node.slots.is_empty() {
                    let text = self.text(buf, at + 1, end, escaped);
                    self.capture(program, node, place, text);
                }
                if let Some(inside) = node.inside {
                    self.inside(program, buf.get(at + 1..end).unwrap_or_default(), At { node: inside, ..place });
                }
                Ok(end + 1)
            }
            Some(&bracket @ (b'{' | b'[')) => {
                self.capture(program, node, place, Text::ABSENT);
                let inner = At { depth: place.depth + 1, ..place };
                let wanted = if bracket == b'{' { node.has_members() } else { node.has_elements() };
                if !wanted {
                    return skip::<LINES>(buf, at, place.depth as usize);
                }
                if inner.depth as usize >= MAX_DEPTH {
                    return Err(Fail { at, why: Why::TooDeep });
                }
                if bracket == b'{' {
                    self.members::<LINES>(program, buf, at + 1, inner)
                } else {
                    self.elements::<LINES>(program, buf, at + 1, inner)
                }
            }
            _ => {
                let end = scalar_end(buf, at)?;
                let null = buf.get(at) == Some(&b'n');
                let text = if null { Text::ABSENT } else { self.text(buf, at, end, false) };
                self.capture(program, node, place, text);
                Ok(end)
            }
        }
    }

    /// The elements of an array, from behind its bracket.
    fn elements<const LINES: bool>(&mut self, program: &Program, buf: &[u8], start: usize, at: At) -> Walk {
        let node = program.trie.node(at.node);
        let mut p = space::<LINES>(buf, start);
        if buf.get(p) == Some(&b']') {
            return Ok(p + 1);
        }
        for place in 0.. {
            p = match node.element(place) {
                Some(child) => self.value::<LINES>(program, buf, p, At { node: child, ..at })?,
                None => skip::<LINES>(buf, p, at.depth as usize)?,
            };
            p = space::<LINES>(buf, p);
            match buf.get(p) {
                Some(b',') => p = space::<LINES>(buf, p + 1),
                Some(b']') => return Ok(p + 1),
                Some(_) => return broken(p),
                None => return ended(buf),
            }
        }
        broken(p)
    }

    /// A string that should hold JSON. One that does not is a string like any other.
    #[cold]
    fn inside(&mut self, program: &Program, escaped: &[u8], at: At) {
        let mut text = Vec::new();
        unescape(escaped, &mut text);
        self.strings += 1;
        let start = space::<false>(&text, 0);
        let whole =
            self.value::<false>(program, &text, start, at).is_ok_and(|end| space::<false>(&text, end) == text.len());
        self.strings -= 1;
        if !whole {
            self.captures.enter(program, at.node, at.of_match);
            for &slot in &program.trie.node(at.node).slots {
                self.store(program, slot, at, Text::ABSENT);
            }
        }
    }

    #[inline]
    fn text(&mut self, buf: &[u8], start: usize, end: usize, escaped: bool) -> Text {
        if !escaped && self.strings == 0 { Text::record(start, end) } else { self.copied(buf, start, end, escaped) }
    }

    #[cold]
    fn copied(&mut self, buf: &[u8], start: usize, end: usize, escaped: bool) -> Text {
        let bytes = buf.get(start..end).unwrap_or_default();
        if !escaped {
            return self.captures.keep(bytes);
        }
        self.captures.written(|scratch| unescape(bytes, scratch))
    }

    #[inline]
    fn capture(&mut self, program: &Program, node: &Node, at: At, text: Text) {
        for &slot in &node.slots {
            self.store(program, slot, at, text);
        }
    }

    #[inline]
    fn store(&mut self, program: &Program, slot: u8, at: At, text: Text) {
        if program.is_many(slot) {
            self.captures.push(slot, at.of_match, text);
        } else {
            self.captures.set(slot, text);
        }
    }
}

enum Member {
    /// A key: the step to go on from, the node of its value, and where that starts.
    Key { step: u16, child: NodeIx, value: usize },
    /// The object ends; this is the place behind it.
    End(usize),
}
