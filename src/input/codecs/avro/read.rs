//! Reads a datum straight into JSON text
//! (<https://avro.apache.org/docs/1.12.0/specification/#binary-encoding>).
//!
//! apache-avro reads by recursion without an end and makes values first, so a body of a megabyte could overflow
//! the stack or take gigabytes. Here depth and output are bounded, and decimals and times keep all their digits.

use super::super::{Tree, Why, decimal, instant, signed, uuid};
use super::compile::{Avro, Node};

/// What is left of a body.
struct Reader<'b, 's, W> {
    rest: &'b [u8],
    avro: &'s Avro,
    watch: W,
}

/// Who is told what stands where while a datum is read. Each place is left with what entering it gave.
pub(super) trait Watch {
    fn member(&mut self, name: &str) -> usize;
    fn item(&mut self, at: usize) -> usize;
    fn back(&mut self, to: usize);
    /// The branch of the union that stands here.
    fn branch(&mut self, ix: usize);
}

/// Nobody, which costs nothing.
impl Watch for () {
    fn member(&mut self, _: &str) -> usize {
        0
    }

    fn item(&mut self, _: usize) -> usize {
        0
    }

    fn back(&mut self, _: usize) {}

    fn branch(&mut self, _: usize) {}
}

impl<W: Watch> Watch for &mut W {
    fn member(&mut self, name: &str) -> usize {
        (**self).member(name)
    }

    fn item(&mut self, at: usize) -> usize {
        (**self).item(at)
    }

    fn back(&mut self, to: usize) {
        (**self).back(to);
    }

    fn branch(&mut self, ix: usize) {
        (**self).branch(ix);
    }
}

impl Avro {
    /// Writes one datum that takes all of `bytes`.
    ///
    /// # Errors
    /// What does not fit the schema.
    pub fn read(&self, bytes: &[u8], tree: &mut Tree) -> Result<(), Why> {
        let rest = self.read_one(bytes, tree)?;
        if rest.is_empty() { Ok(()) } else { Err(super::super::left_over(rest.len())) }
    }

    /// Writes the datum that `bytes` begin with, and gives what follows it.
    ///
    /// # Errors
    /// What does not fit the schema.
    pub(super) fn read_one<'b>(&self, bytes: &'b [u8], tree: &mut Tree) -> Result<&'b [u8], Why> {
        self.watch(bytes, tree, ())
    }

    /// As [`Avro::read_one`], telling what stands where.
    pub(super) fn watch<'b>(&self, bytes: &'b [u8], tree: &mut Tree, watch: impl Watch) -> Result<&'b [u8], Why> {
        let mut reader = Reader { rest: bytes, avro: self, watch };
        reader.value(self.root, tree)?;
        Ok(reader.rest)
    }
}

impl<'b, W: Watch> Reader<'b, '_, W> {
    fn value(&mut self, at: usize, tree: &mut Tree) -> Result<(), Why> {
        let avro = self.avro;
        match avro.nodes.get(at).unwrap_or(&Node::Null) {
            Node::Same(at) => self.value(*at, tree),
            Node::Null => tree.null(),
            Node::Boolean => match self.take(1)? {
                [0] => tree.bool(false),
                [1] => tree.bool(true),
                _ => Err("a boolean that is neither 0 nor 1".to_owned()),
            },
            Node::Int => {
                let number = self.int()?;
                tree.integer(number)
            }
            Node::Long => {
                let number = self.long()?;
                tree.integer(number)
            }
            Node::Float => {
                let number = f32::from_le_bytes(self.array()?);
                tree.real32(number)
            }
            Node::Double => {
                let number = f64::from_le_bytes(self.array()?);
                tree.real(number)
            }
            Node::Bytes => {
                let bytes = self.bytes()?;
                tree.bytes(bytes)
            }
            Node::Text => {
                let text = text_of(self.bytes()?)?;
                tree.text(text)
            }
            Node::Fixed(size) => {
                let bytes = self.take(*size)?;
                tree.bytes(bytes)
            }
            Node::Enum(symbols) => {
                let ix = self.int()?;
                match usize::try_from(ix).ok().and_then(|ix| symbols.get(ix)) {
                    Some(symbol) => tree.text(symbol),
                    None => Err(format!("symbol {ix} of {}", symbols.len())),
                }
            }
            Node::Union(variants) => {
                let ix = self.long()?;
                match usize::try_from(ix).ok().and_then(|ix| Some((ix, variants.get(ix)?))) {
                    Some((ix, variant)) => {
                        self.watch.branch(ix);
                        self.value(*variant, tree)
                    }
                    None => Err(format!("branch {ix} of a union of {}", variants.len())),
                }
            }
            Node::Array(items) => tree.array(|tree| {
                let mut at = 0;
                self.blocks(|reader| {
                    tree.item();
                    let outside = reader.watch.item(at);
                    at += 1;
                    reader.value(*items, tree)?;
                    reader.watch.back(outside);
                    Ok(())
                })
            }),
            Node::Map(values) => tree.object(|tree| {
                self.blocks(|reader| {
                    let key = text_of(reader.bytes()?)?;
                    tree.key(key)?;
                    let outside = reader.watch.member(key);
                    reader.value(*values, tree)?;
                    reader.watch.back(outside);
                    Ok(())
                })
            }),
            Node::Record { fields, .. } => tree.object(|tree| {
                fields.iter().try_for_each(|(name, field)| {
                    tree.key(name)?;
                    let outside = self.watch.member(name);
                    self.value(*field, tree)?;
                    self.watch.back(outside);
                    Ok(())
                })
            }),
            Node::Decimal { scale, fixed, .. } => {
                let digits = match fixed {
                    Some(size) => self.take(*size)?,
                    None => self.bytes()?,
                };
                tree.number(&decimal(signed(digits)?, *scale)?)
            }
            Node::BigDecimal => {
                let mut inner = Reader { rest: self.bytes()?, avro, watch: () };
                let digits = signed(inner.bytes()?)?;
                tree.number(&decimal(digits, inner.long()?)?)
            }
            Node::Uuid { fixed } => {
                let bytes = if *fixed { self.take(16)? } else { self.bytes()? };
                if bytes.len() != 16 {
                    return Err(format!("a UUID of {} bytes", bytes.len()));
                }
                tree.text(&uuid(bytes))
            }
            Node::Date => {
                let days = self.int()?;
                match instant(i64::from(days) * 86_400, 0, false) {
                    Some(text) => tree.text(text.split('T').next().unwrap_or_default()),
                    None => tree.integer(days),
                }
            }
            Node::Time { per_second } => {
                let number = if *per_second == 1_000 { i64::from(self.int()?) } else { self.long()? };
                match moment(number, *per_second, false).filter(|_| (0..86_400 * per_second).contains(&number)) {
                    Some(text) => tree.text(text.split('T').next_back().unwrap_or_default()),
                    None => tree.integer(number),
                }
            }
            Node::Instant { per_second, utc } => {
                let number = self.long()?;
                match moment(number, *per_second, *utc) {
                    Some(text) => tree.text(&text),
                    None => tree.integer(number),
                }
            }
            Node::Duration => {
                let parts = ["months", "days", "millis"];
                tree.object(|tree| {
                    parts.iter().try_for_each(|part| {
                        let number = u32::from_le_bytes(self.array()?);
                        tree.key(part)?;
                        tree.integer(number)
                    })
                })
            }
        }
    }

    /// Items in blocks with their number before them, or with a negative number and their size.
    fn blocks(&mut self, mut item: impl FnMut(&mut Self) -> Result<(), Why>) -> Result<(), Why> {
        loop {
            let count = self.long()?;
            if count == 0 {
                return Ok(());
            }
            if count < 0 {
                self.long()?;
            }
            // Each item writes something, so the tree's limit ends a count that lies.
            for _ in 0..count.unsigned_abs() {
                item(self)?;
            }
        }
    }

    fn bytes(&mut self) -> Result<&'b [u8], Why> {
        let len = self.long()?;
        self.take(usize::try_from(len).map_err(|_| format!("a length of {len}"))?)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Why> {
        self.take(N)?.try_into().map_err(|_| "it breaks off".to_owned())
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8], Why> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or_else(|| "it breaks off".to_owned())?;
        self.rest = rest;
        Ok(taken)
    }

    fn int(&mut self) -> Result<i32, Why> {
        let number = self.long()?;
        i32::try_from(number).map_err(|_| "an int of more than 32 bits".to_owned())
    }

    fn long(&mut self) -> Result<i64, Why> {
        let (number, rest) = zigzag(self.rest)?;
        self.rest = rest;
        Ok(number)
    }
}

/// A number of variable length with its sign in the lowest bit, and what follows it; Confluent's frames have the
/// same.
///
/// # Errors
/// Where it breaks off, or is longer than 64 bits.
pub(in super::super) fn zigzag(bytes: &[u8]) -> Result<(i64, &[u8]), Why> {
    let mut number = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(10) {
        let part = u64::from(byte & 0x7F);
        if at == 9 && part > 1 {
            break;
        }
        number |= part << (7 * at);
        if byte & 0x80 == 0 {
            let value = (number >> 1) as i64 ^ -((number & 1) as i64);
            return Ok((value, bytes.get(at + 1..).unwrap_or_default()));
        }
    }
    Err(if bytes.len() < 10 { "it breaks off".to_owned() } else { "a number of more than 64 bits".to_owned() })
}

fn text_of(bytes: &[u8]) -> Result<&str, Why> {
    std::str::from_utf8(bytes).map_err(|_| "a text that is not UTF-8".to_owned())
}

fn moment(number: i64, per_second: i64, utc: bool) -> Option<String> {
    let nanos = number.rem_euclid(per_second) * (1_000_000_000 / per_second);
    instant(number.div_euclid(per_second), nanos as u32, utc)
}
