//! Records of known shape. Programs write the same keys in the same order again and again, so what
//! stands between two values (`","timestamp":"`, `},{"sku":"`) is nearly always something that stood
//! behind the same value before. Records are walked by comparing these literals, from value to value,
//! whatever is open around them: no brackets are counted and no keys looked up.
//!
//! A [`Step`] is such a literal in its context (the open containers) and the kind of value behind it.
//! All of it was learned from records that the [`super::walk::Walker`] had followed to the letter, so equal
//! bytes in an equal context are equally correct. A record in which something new stands is left to the
//! walker, and learned.

mod learn;
mod literal;
#[cfg(test)]
mod tests;

use self::learn::Known;
use self::literal::{Literal, WINDOW};
use super::scan::{number_end, slow_string_end, small_number_end};
use super::stops::Stops;
use super::unescape::unescape;
use crate::input::decoders::plan::{Captures, Program, Text};

/// What follows a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    /// A text, up to its closing quote, with which the next literal begins.
    Text,
    /// A number's first digit.
    Number,
    /// Nothing more: the value was `true`, `false` or `null`, or there is none, at the record's end and in
    /// the pieces of a long literal.
    Word,
}

const FOLLOWERS: usize = 8;

/// Two lines of the cache.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Step {
    literal: Literal,
    /// Steps whose literals were seen behind this step's value; [`NOWHERE`] where there are fewer.
    next: [u16; FOLLOWERS],
    len: u8,
    /// Bytes at the literal's end that belong to the value: a sign, `true`.
    tail: u8,
    then: Then,
    /// The record ends with this literal.
    last: bool,
    /// The slot that takes the value.
    leaf: u8,
    context: u16,
    /// Followers learned here, those that were replaced included.
    learned: u16,
    /// Changes of the order of `next` that are still allowed.
    moves: u16,
}

const NOWHERE: u16 = 0;
const START: u16 = 1;
/// No slot. Captures have a place for it, which nobody looks at.
const NO_LEAF: u8 = u8::MAX;

/// The order of followers settles, because a processor learns it too.
const MOVES: u16 = 256;
/// Records of unknown shape cost a look in vain and learning; where they are the rule, all are left to
/// the walker. An unknown record takes [`COST`] from the credit, a known one gives 1 back.
const CREDIT: u32 = 1 << 14;
const COST: u32 = 16;

/// The shapes of one source's records, as one reader came to know them.
#[derive(Debug)]
pub struct Shapes {
    steps: Vec<Step>,
    known: Known,
    credit: u32,
}

impl Shapes {
    /// Bytes that must be there behind a record's last value.
    pub const MARGIN: usize = WINDOW;

    #[must_use]
    pub fn new(program: &Program) -> Self {
        let none = Step {
            literal: Literal::NOWHERE,
            next: [NOWHERE; FOLLOWERS],
            len: 0,
            tail: 0,
            then: Then::Word,
            last: false,
            leaf: NO_LEAF,
            context: 0,
            learned: 0,
            moves: MOVES,
        };
        Self {
            steps: vec![none; usize::from(START) + 1],
            known: Known::default(),
            // Matches of `*` are lists, which only the walker fills.
            credit: if program.has_lists() { 0 } else { CREDIT },
        }
    }

    /// Whether it is worth while to look.
    #[inline]
    #[must_use]
    pub fn are_usual(&self) -> bool {
        self.credit >= COST
    }

    /// Walks over the record at `start` and fills `captures`, which are empty. Gives the place behind the record;
    /// `None` where its shape is not known. Then `captures` hold what was found up to there.
    #[inline]
    pub fn walk(&mut self, stops: &Stops, buf: &[u8], start: usize, captures: &mut Captures) -> Option<usize> {
        let (mut p, mut from) = (start, START);
        loop {
            let Some(next) = self.follower(from, buf, p) else {
                p = self.escaped(from, buf, p, captures)?;
                continue;
            };
            let step = self.steps.get(usize::from(next))?;
            from = next;
            p += usize::from(step.len);
            let begin = p - usize::from(step.tail);
            if step.then == Then::Text {
                p = stops.next(p)?;
            } else if step.then == Then::Number {
                p = match small_number_end(buf, p) {
                    Some(end) => end,
                    None => number_end(buf, begin).ok()?,
                };
            } else if step.last {
                self.credit = CREDIT.min(self.credit + 1);
                return Some(p);
            }
            captures.set(step.leaf, Text::record(begin, p));
        }
    }

    /// The known follower of `from` whose literal stands at `at`.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for every value of every record, from one place")]
    fn follower(&mut self, from: u16, buf: &[u8], at: usize) -> Option<u16> {
        let window = buf.get(at..at + WINDOW)?.first_chunk::<WINDOW>()?;
        let usual = self.steps.get(usize::from(from))?.next[0];
        if self.steps.get(usize::from(usual))?.literal.is_at(window) {
            return Some(usual);
        }
        self.rarer(from, window)
    }

    /// Of several followers, those that are not the most frequent one.
    fn rarer(&mut self, from: u16, window: &[u8; WINDOW]) -> Option<u16> {
        let from = usize::from(from);
        for place in 1..FOLLOWERS {
            let next = self.steps.get(from)?.next[place];
            if self.steps.get(usize::from(next))?.literal.is_at(window) {
                self.favour(from, place);
                return Some(next);
            }
        }
        None
    }

    /// Moves a follower one place to the front, so that frequent ones are compared first.
    #[inline]
    fn favour(&mut self, from: usize, place: usize) {
        if let Some(from) = self.steps.get_mut(from).filter(|from| from.moves > 0) {
            from.moves -= 1;
            from.next.swap(place, place - 1);
        }
    }

    /// The end of a text that has escapes, from the first one on.
    #[cold]
    fn escaped(&self, from: u16, buf: &[u8], at: usize, captures: &mut Captures) -> Option<usize> {
        let step = self.steps.get(usize::from(from)).filter(|step| step.then == Then::Text)?;
        if buf.get(at) != Some(&b'\\') {
            return None;
        }
        let (end, _) = slow_string_end(buf, at).ok()?;
        // What was taken for the whole text is its beginning.
        let begin = captures.single(step.leaf).start();
        if step.leaf != NO_LEAF {
            let text = captures.written(|scratch| unescape(buf.get(begin..end).unwrap_or_default(), scratch));
            captures.set(step.leaf, text);
        }
        Some(end)
    }
}
