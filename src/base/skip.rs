//! Walks over a value that nothing is wanted from. Its grammar is followed to the letter, so that
//! damage is noticed where it is; only UTF-8 is left unlooked at. No recursion.

use super::scan::{Fail, Walk, Why, broken, ended, scalar_end, space, string_end};

/// Containers that can be open at once: one bit each.
pub const MOST_LEVELS: usize = u128::BITS as usize;

/// Behind the value at `at`, which opens at most `levels` containers within each other, no more than [`MOST_LEVELS`].
#[inline]
pub fn skip<const LINES: bool>(buf: &[u8], at: usize, levels: usize) -> Walk {
    match buf.get(at) {
        Some(b'"') => string_end(buf, at + 1).map(|(end, _)| end + 1),
        Some(b'{' | b'[') => container::<LINES>(buf, at, levels),
        _ => scalar_end(buf, at),
    }
}

fn container<const LINES: bool>(buf: &[u8], at: usize, levels: usize) -> Walk {
    let mut p = at;
    let mut open = Open { kinds: 0, count: 0, budget: levels.min(MOST_LEVELS) };
    loop {
        // A value starts at `p`.
        match buf.get(p) {
            Some(b'"') => p = string_end(buf, p + 1)?.0 + 1,
            Some(&bracket @ (b'{' | b'[')) => {
                open.push(bracket == b'{', p)?;
                p = space::<LINES>(buf, p + 1);
                match (bracket, buf.get(p)) {
                    (b'{', Some(b'"')) => {
                        p = key_end::<LINES>(buf, p)?;
                        continue;
                    }
                    (b'{', Some(b'}')) | (b'[', Some(b']')) => {}
                    (b'{', Some(_)) => return broken(p),
                    (_, None) => return ended(buf),
                    _ => continue,
                }
            }
            _ => p = scalar_end(buf, p)?,
        }
        // Behind a value, or before the bracket that closes an empty container.
        loop {
            p = space::<LINES>(buf, p);
            match buf.get(p) {
                Some(b',') => {
                    p = space::<LINES>(buf, p + 1);
                    if open.in_object() {
                        p = key_end::<LINES>(buf, p)?;
                    }
                    break;
                }
                Some(&bracket @ (b'}' | b']')) if open.in_object() == (bracket == b'}') => {
                    p += 1;
                    if open.pop() {
                        return Ok(p);
                    }
                }
                Some(_) => return broken(p),
                None => return ended(buf),
            }
        }
    }
}

/// A member's name, as it is written, and where its value begins.
#[derive(Clone, Copy, Debug)]
pub struct Key<'a> {
    pub name: &'a [u8],
    /// There are escapes in it.
    pub escaped: bool,
    pub value: usize,
}

/// `"key":` and the white space after it.
///
/// # Errors
/// What else stands there.
#[inline]
pub fn key<const LINES: bool>(buf: &[u8], at: usize) -> Result<Key<'_>, Fail> {
    match buf.get(at) {
        Some(b'"') => {}
        Some(_) => return broken(at),
        None => return ended(buf),
    }
    let (end, escaped) = string_end(buf, at + 1)?;
    let colon = space::<LINES>(buf, end + 1);
    match buf.get(colon) {
        Some(b':') => {
            let name = buf.get(at + 1..end).unwrap_or_default();
            Ok(Key { name, escaped, value: space::<LINES>(buf, colon + 1) })
        }
        Some(_) => broken(colon),
        None => ended(buf),
    }
}

/// Behind a key, where its value begins.
#[inline]
pub fn key_end<const LINES: bool>(buf: &[u8], at: usize) -> Walk {
    key::<LINES>(buf, at).map(|key| key.value)
}

/// Open containers, one bit each: set for an object. The innermost is the lowest bit.
struct Open {
    kinds: u128,
    count: usize,
    budget: usize,
}

impl Open {
    #[inline]
    fn push(&mut self, object: bool, at: usize) -> Result<(), Fail> {
        if self.count >= self.budget {
            return Err(Fail { at, why: Why::TooDeep });
        }
        self.kinds = self.kinds << 1 | u128::from(object);
        self.count += 1;
        Ok(())
    }

    #[inline]
    fn in_object(&self) -> bool {
        self.kinds & 1 == 1
    }

    /// True when nothing is open any more.
    #[inline]
    fn pop(&mut self) -> bool {
        self.kinds >>= 1;
        self.count -= 1;
        self.count == 0
    }
}
