//! A decoded value on its way to JSON text, bounded in depth and in size: what a few bytes can grow to is the
//! writer's choice, not ours.

use super::Why;
use crate::base::json;

/// Deepest nesting; a record around it must still be read.
pub(super) const MAX_DEPTH: usize = 100;

/// What any body may grow to, and how many times its size beyond that.
const FREE_BYTES: usize = 1 << 20;
const MAX_GROWTH: usize = 32;
const MAX_BYTES: usize = 16 << 20;

/// See the module's documentation.
#[derive(Debug)]
pub struct Tree {
    out: Vec<u8>,
    depth: usize,
    limit: usize,
}

impl Tree {
    pub(super) fn for_body(len: usize) -> Self {
        let limit = len.saturating_mul(MAX_GROWTH).saturating_add(FREE_BYTES).min(MAX_BYTES);
        Self { out: Vec::new(), depth: 0, limit }
    }

    /// For a part of a body that was within its bounds.
    pub(super) fn unbounded() -> Self {
        Self { out: Vec::new(), depth: 0, limit: usize::MAX }
    }

    /// Forgets what was written.
    pub(super) fn clear(&mut self) {
        self.out.clear();
        self.depth = 0;
    }

    pub(super) fn object(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Why>) -> Result<(), Why> {
        self.nested(b'{', b'}', write)
    }

    pub(super) fn array(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Why>) -> Result<(), Why> {
        self.nested(b'[', b']', write)
    }

    fn nested(&mut self, open: u8, close: u8, write: impl FnOnce(&mut Self) -> Result<(), Why>) -> Result<(), Why> {
        if self.depth == MAX_DEPTH {
            return Err(format!("nested deeper than {MAX_DEPTH} levels"));
        }
        self.depth += 1;
        self.out.push(open);
        write(self)?;
        self.out.push(close);
        self.depth -= 1;
        self.check()
    }

    /// The name of an object's next member.
    pub(super) fn key(&mut self, name: &str) -> Result<(), Why> {
        json::key(&mut self.out, name);
        self.check()
    }

    /// Before an array's next item.
    pub(super) fn item(&mut self) {
        json::next(&mut self.out);
    }

    pub(super) fn null(&mut self) -> Result<(), Why> {
        self.raw(b"null")
    }

    pub(super) fn bool(&mut self, value: bool) -> Result<(), Why> {
        self.raw(if value { b"true" } else { b"false" })
    }

    pub(super) fn integer(&mut self, value: impl Into<i128>) -> Result<(), Why> {
        let text = value.into().to_string();
        self.raw(text.as_bytes())
    }

    pub(super) fn real(&mut self, value: f64) -> Result<(), Why> {
        json::real(&mut self.out, value);
        self.check()
    }

    /// With no more digits than a 32-bit number has.
    pub(super) fn real32(&mut self, value: f32) -> Result<(), Why> {
        if !value.is_finite() {
            return self.real(f64::from(value));
        }
        serde_json::to_writer(&mut self.out, &value).map_err(|cause| cause.to_string())?;
        self.check()
    }

    /// A number of any size by its digits.
    pub(super) fn number(&mut self, text: &str) -> Result<(), Why> {
        json::number_text(&mut self.out, text);
        self.check()
    }

    pub(super) fn text(&mut self, text: &str) -> Result<(), Why> {
        json::string(&mut self.out, text);
        self.check()
    }

    /// `{"$base64":"…"}`
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Why> {
        json::base64(&mut self.out, bytes);
        self.check()
    }

    /// A whole value that is JSON, on one line.
    pub(super) fn raw(&mut self, json: &[u8]) -> Result<(), Why> {
        self.out.extend_from_slice(json);
        self.check()
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Takes back what was written since it was so long.
    pub(super) fn cut(&mut self, len: usize) {
        self.out.truncate(len);
    }

    fn check(&self) -> Result<(), Why> {
        if self.out.len() > self.limit {
            let limit = crate::base::text::bytes(self.limit as u64);
            return Err(format!("it grows to more than {limit}"));
        }
        Ok(())
    }

    /// The JSON text.
    ///
    /// # Errors
    /// Where it is too large.
    pub(super) fn finish(self) -> Result<Vec<u8>, Why> {
        self.check()?;
        Ok(self.out)
    }
}
