//! Which key follows which. Programs write their objects' keys in the same order again and again, so
//! after a value the walk compares the bytes between it and the next value with those that followed
//! last time: `,"timestamp":`. Only when none of the few known followers is there, the key is parsed.
//!
//! A [`Step`] is one such literal at one node of the tree of wanted fields. Literals were parsed once,
//! behind a value of the same object, so equal bytes are equally correct.

use std::collections::HashMap;

use crate::input::decoders::plan::NodeIx;

/// No child: nothing is wanted from this member.
pub const UNWANTED: NodeIx = NodeIx::MAX;

const LITERAL: usize = 32;
const FOLLOWERS: usize = 8;
const MAX_STEPS: usize = 2048;
/// After so many new followers at one place, its keys are data rather than names.
const PATIENCE: u16 = 64;

#[derive(Clone, Debug)]
struct Step {
    literal: [u64; 4],
    /// Ones where the literal has bytes.
    mask: [u64; 4],
    len: u8,
    followers: u8,
    learned: u16,
    child: NodeIx,
    next: [u16; FOLLOWERS],
}

impl Step {
    #[inline]
    fn fits(&self, window: [u64; 4]) -> bool {
        let [a, b, c, d] = window;
        let ([la, lb, lc, ld], [ma, mb, mc, md]) = (self.literal, self.mask);
        ((a ^ la) & ma) | ((b ^ lb) & mb) | ((c ^ lc) & mc) | ((d ^ ld) & md) == 0
    }
}

#[inline]
fn words(bytes: &[u8; LITERAL]) -> [u64; 4] {
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// Steps learned so far; the first ones are the starts of the nodes, before any key.
#[derive(Clone, Debug)]
pub struct Learned {
    steps: Vec<Step>,
    known: HashMap<(NodeIx, Box<[u8]>), u16>,
}

/// A guessed key: the step to go on from, the child that its value belongs to, its literal's length.
#[derive(Clone, Copy, Debug)]
pub struct Guess {
    pub step: u16,
    pub child: NodeIx,
    pub len: usize,
}

impl Learned {
    #[must_use]
    pub fn new(nodes: usize) -> Self {
        let start = Step {
            literal: [0; 4],
            mask: [0; 4],
            len: 0,
            followers: 0,
            learned: 0,
            child: UNWANTED,
            next: [0; FOLLOWERS],
        };
        Self { steps: vec![start; nodes.min(usize::from(u16::MAX))], known: HashMap::new() }
    }

    /// Where a walk through an object of `node` begins.
    #[inline]
    #[must_use]
    pub fn start(&self, node: NodeIx) -> u16 {
        u16::try_from(node).expect("the tree of fields has at most 4096 nodes")
    }

    /// The known follower of `step` whose literal stands at `at`. Nothing is guessed in the last bytes
    /// of a buffer.
    #[inline]
    pub fn guess(&mut self, step: u16, buf: &[u8], at: usize) -> Option<Guess> {
        let window = words(buf.get(at..)?.first_chunk::<LITERAL>()?);
        let from = self.steps.get(usize::from(step))?;
        let followers = usize::from(from.followers);
        for (place, &next) in from.next.iter().enumerate().take(followers) {
            let Some(to) = self.steps.get(usize::from(next)) else { continue };
            if to.fits(window) {
                let guess = Guess { step: next, child: to.child, len: usize::from(to.len) };
                if place > 0 {
                    self.favour(step, place);
                }
                return Some(guess);
            }
        }
        None
    }

    /// Moves a follower one place to the front, so that frequent ones are compared first.
    fn favour(&mut self, step: u16, place: usize) {
        if let Some(from) = self.steps.get_mut(usize::from(step)) {
            from.next.swap(place, place - 1);
        }
    }

    /// Remembers that `literal` followed `step` in an object of `node`. Returns the step to go on from.
    #[cold]
    pub fn learn(&mut self, step: u16, node: NodeIx, literal: &[u8], child: NodeIx) -> u16 {
        let lost = self.start(node);
        let full = self.steps.get(usize::from(step)).is_none_or(|from| from.learned >= PATIENCE);
        if full || literal.len() > LITERAL || literal.is_empty() {
            return lost;
        }
        let next = match self.known.get(&(node, literal.into())) {
            Some(&known) => known,
            None => {
                if self.known.len() >= MAX_STEPS {
                    return lost;
                }
                let Ok(next) = u16::try_from(self.steps.len()) else { return lost };
                let (mut padded, mut mask) = ([0; LITERAL], [0; LITERAL]);
                for ((to, mask), from) in padded.iter_mut().zip(&mut mask).zip(literal) {
                    (*to, *mask) = (*from, 0xFF);
                }
                self.steps.push(Step {
                    literal: words(&padded),
                    mask: words(&mask),
                    len: literal.len() as u8,
                    followers: 0,
                    learned: 0,
                    child,
                    next: [0; FOLLOWERS],
                });
                self.known.insert((node, literal.into()), next);
                next
            }
        };
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
}
