//! A record on the way to its row: walked by its shape where that is known, else to the letter.

use super::scan::Walk;
use super::shapes::Shapes;
use super::stops::Stops;
use super::walk::Walker;
use crate::input::decoders::plan::{Captures, Program};

/// What one pass over a source's records needs and has learned.
#[derive(Debug)]
pub struct Records {
    walker: Walker,
    shapes: Shapes,
    stops: Stops,
}

impl Records {
    #[must_use]
    pub fn new(program: &Program) -> Self {
        Self { walker: Walker::new(program), shapes: Shapes::new(program), stops: Stops::default() }
    }

    /// The records that follow lie in `buf`.
    pub fn buffer(&mut self, buf: &[u8]) {
        if self.shapes.are_usual() {
            self.stops.mark(buf);
        }
    }

    /// Walks over the object that opens at `at` and returns the place behind it.
    ///
    /// # Errors
    /// Where and why it is no JSON object, in bytes of `buf`.
    #[inline]
    pub fn object<const LINES: bool>(&mut self, program: &Program, buf: &[u8], at: usize) -> Walk {
        self.walker.begin();
        let usual = self.shapes.are_usual();
        if usual && let Some(end) = self.shapes.walk(&self.stops, buf, at, &mut self.walker.captures) {
            return Ok(end);
        }
        self.unknown::<LINES>(program, buf, at, usual)
    }

    #[inline(never)]
    fn unknown<const LINES: bool>(&mut self, program: &Program, buf: &[u8], at: usize, learn: bool) -> Walk {
        self.walker.begin();
        let end = self.walker.object::<LINES>(program, buf, at, 0)?;
        // In a buffer's last bytes no shape is looked for, so the record may well be of a known one.
        if learn && end + Shapes::MARGIN <= buf.len() {
            self.shapes.learn::<LINES>(program, buf, at, end);
        }
        Ok(end)
    }

    /// What the last walk found.
    #[inline]
    pub fn captures(&mut self) -> &mut Captures {
        &mut self.walker.captures
    }
}
