//! Passes over a value that need not fit into any buffer: it can stop and go on at any byte. Only
//! strings and brackets are followed, so it also finds the end of values that are damaged inside.

/// A value being passed over.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pass {
    depth: u64,
    in_string: bool,
    after_backslash: bool,
}

impl Pass {
    /// The place behind the value, or `None` where it goes on behind the buffer. The first call's `at`
    /// is the value's first byte, which is a quote or a bracket.
    pub fn end(&mut self, buf: &[u8], at: usize) -> Option<usize> {
        let mut p = at;
        loop {
            if self.in_string {
                if self.after_backslash {
                    buf.get(p)?;
                    self.after_backslash = false;
                    p += 1;
                }
                p += memchr::memchr2(b'"', b'\\', buf.get(p..)?)? + 1;
                if buf.get(p - 1) == Some(&b'\\') {
                    self.after_backslash = true;
                    continue;
                }
                self.in_string = false;
            } else {
                p += buf.get(p..)?.iter().position(|b| matches!(b, b'"' | b'{' | b'}' | b'[' | b']'))? + 1;
                match buf.get(p - 1) {
                    Some(b'"') => {
                        self.in_string = true;
                        continue;
                    }
                    Some(b'{' | b'[') => self.depth += 1,
                    _ => self.depth = self.depth.saturating_sub(1),
                }
            }
            if self.depth == 0 {
                return Some(p);
            }
        }
    }
}
