//! Which key follows which. Programs write their objects' keys in the same order again and again, so
//! after a value the walk compares the bytes between it and the next value with those that followed
//! last time: `,"timestamp":`. Only when none of the few known followers is there, the key is parsed.
//!
//! A [`Step`] is one such literal at one node of the tree of wanted fields. Literals were parsed once,
//! behind a value of the same object, so equal bytes are equally correct.
//!
//! A step also knows how long the text behind its key usually is: times, hashes and numbered ids are
//! as long as the one before. The walk then goes on from where the text should end while the processor
//! still looks for its end; that the guess was right is a branch, and branches are not waited for.

use std::collections::HashMap;

use super::scan::same;
use crate::input::decoders::plan::NodeIx;

/// No child: nothing is wanted from this member.
pub const UNWANTED: NodeIx = NodeIx::MAX;

/// No slot that takes a text and nothing else.
pub const NO_LEAF: u8 = u8::MAX;

const LITERAL: usize = 32;
const FOLLOWERS: usize = 8;
const MAX_STEPS: usize = 2048;
/// After so many new followers at one place, its keys are data rather than names.
const PATIENCE: u16 = 64;

/// One line of the cache each.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Step {
    literal: [u8; LITERAL],
    /// One bit for each byte of the literal.
    mask: u32,
    len: u8,
    followers: u8,
    learned: u16,
    child: NodeIx,
    leaf: u8,
    /// Bytes of the text behind the key, as they were last; [`ANY_LENGTH`] where they vary.
    usual: u8,
    /// How often `usual` was wrong.
    surprises: u8,
    next: [u16; FOLLOWERS],
}

/// No length is expected.
pub const ANY_LENGTH: u8 = u8::MAX;
/// After so many lengths that were not expected, none is any more.
const SURPRISES: u8 = 32;

/// The step from which a walk through an object of `node` begins.
#[inline]
#[must_use]
pub fn first_step(node: NodeIx) -> u16 {
    u16::try_from(node).expect("the tree of fields has at most 4096 nodes")
}

/// Steps learned so far. The first ones are the starts of the nodes, before any key; then, for each node,
/// the place behind a key that is not followed. They are not the same: no comma may come first.
#[derive(Clone, Debug)]
pub struct Learned {
    steps: Vec<Step>,
    nodes: u16,
    known: HashMap<(NodeIx, Box<[u8]>), u16>,
}

/// A guessed key: the step to go on from, the child that its value belongs to, the one slot that takes
/// a text there ([`NO_LEAF`] where it is not as simple as that), its literal's length, the text's usual one.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    pub step: u16,
    pub child: NodeIx,
    pub leaf: u8,
    pub usual: u8,
    pub len: usize,
}

impl Learned {
    #[must_use]
    pub fn new(nodes: usize) -> Self {
        let start = Step {
            literal: [0; LITERAL],
            mask: 0,
            len: 0,
            followers: 0,
            learned: 0,
            child: UNWANTED,
            leaf: NO_LEAF,
            usual: ANY_LENGTH,
            surprises: 0,
            next: [0; FOLLOWERS],
        };
        Self { steps: vec![start; nodes * 2], nodes: first_step(nodes as NodeIx), known: HashMap::new() }
    }

    /// The known follower of `step` whose literal stands at `at`. Nothing is guessed in the last bytes
    /// of a buffer.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "called for every key of every record, from one place")]
    pub fn guess(&mut self, step: u16, buf: &[u8], at: usize) -> Option<Guess> {
        let window = buf.get(at..)?.first_chunk::<LITERAL>()?;
        let from = self.steps.get(usize::from(step))?;
        let followers = usize::from(from.followers);
        for (place, &next) in from.next.iter().enumerate().take(followers) {
            let Some(to) = self.steps.get(usize::from(next)) else { continue };
            if same(window, &to.literal) & to.mask == to.mask {
                let guess =
                    Guess { step: next, child: to.child, leaf: to.leaf, usual: to.usual, len: usize::from(to.len) };
                if place > 0 {
                    self.favour(step, place);
                }
                return Some(guess);
            }
        }
        None
    }

    /// The text behind `step`'s key was not as long as expected.
    #[cold]
    pub fn surprise(&mut self, step: u16, len: usize) {
        let Some(step) = self.steps.get_mut(usize::from(step)) else { return };
        step.surprises = step.surprises.saturating_add(1);
        let keeps = step.surprises < SURPRISES;
        step.usual = u8::try_from(len).ok().filter(|_| keeps).unwrap_or(ANY_LENGTH);
    }

    /// Moves a follower one place to the front, so that frequent ones are compared first.
    #[cold]
    fn favour(&mut self, step: u16, place: usize) {
        if let Some(from) = self.steps.get_mut(usize::from(step)) {
            from.next.swap(place, place - 1);
        }
    }

    /// Remembers that `literal` followed `step` in an object of `node`. Returns the step to go on from.
    #[cold]
    pub fn learn(&mut self, step: u16, node: NodeIx, literal: &[u8], child: NodeIx, leaf: u8) -> u16 {
        let lost = first_step(node) + self.nodes;
        let full = self.steps.get(usize::from(step)).is_none_or(|from| from.learned >= PATIENCE);
        if full || literal.len() > LITERAL || literal.is_empty() {
            return lost;
        }
        let known = self.known.get(&(node, literal.into())).copied();
        let Some(next) = known.or_else(|| self.add(node, literal, child, leaf)) else { return lost };
        let Some(from) = self.steps.get_mut(usize::from(step)) else { return lost };
        let count = usize::from(from.followers);
        if from.next.iter().take(count).all(|known| *known != next) {
            from.learned += 1;
            // The last place is the least frequent one.
            let place = count.min(FOLLOWERS - 1);
            if let Some(slot) = from.next.get_mut(place) {
                *slot = next;
            }
            from.followers = (place + 1) as u8;
        }
        next
    }

    /// A step for a literal seen for the first time; `None` when there are enough.
    fn add(&mut self, node: NodeIx, literal: &[u8], child: NodeIx, leaf: u8) -> Option<u16> {
        if self.known.len() >= MAX_STEPS {
            return None;
        }
        let next = u16::try_from(self.steps.len()).ok()?;
        let mut padded = [0; LITERAL];
        for (to, from) in padded.iter_mut().zip(literal) {
            *to = *from;
        }
        self.steps.push(Step {
            literal: padded,
            mask: u32::MAX >> (LITERAL - literal.len()),
            len: literal.len() as u8,
            followers: 0,
            learned: 0,
            child,
            leaf,
            usual: 0,
            surprises: 0,
            next: [0; FOLLOWERS],
        });
        self.known.insert((node, literal.into()), next);
        Some(next)
    }
}
