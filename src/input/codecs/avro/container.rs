//! Avro's object container files: the schema of their writer, then blocks of values, each packed by the codec that
//! the header names and followed by sixteen bytes that only this file has
//! (<https://avro.apache.org/docs/1.12.0/specification/#object-container-files>).
//!
//! A value does not say where it ends, so after damage the next place to go on at is the next block.

use std::io::{self, Read};

use memchr::memmem;

use super::super::packing::{BlockCodec, unpack_block};
use super::super::{Tree, Why};
use super::compile::{Avro, Node};
use super::read::zigzag;

/// What a container begins with.
pub const MAGIC: &[u8] = b"Obj\x01";

/// Longest header; it holds the schema.
const MAX_HEADER_BYTES: usize = 16 << 20;

/// Longest block, packed or not. Writers make them of some kilobytes to some megabytes.
const MAX_BLOCK_BYTES: usize = 256 << 20;

/// Longest of the two numbers before a block.
const NUMBERS_BYTES: usize = 20;

const SYNC_BYTES: usize = 16;

/// Searched at once for the end of a block.
const LOOK_BYTES: usize = 128 << 10;

/// See the module's documentation.
#[derive(Debug)]
pub struct Container<R> {
    input: Input<R>,
    schema: Avro,
    codec: BlockCodec,
    sync: [u8; SYNC_BYTES],
}

/// Values that stand together, unpacked.
#[derive(Debug)]
pub struct Block {
    /// Its first byte in the file.
    pub at: u64,
    /// How many values it says that it holds.
    pub count: u64,
    bytes: Vec<u8>,
}

/// How many values a block says that it holds, and its bytes.
type Packed = (u64, Vec<u8>);

/// A part of the file that cannot be read.
#[derive(Debug)]
pub struct Damage {
    /// Its first byte.
    pub at: u64,
    pub why: Why,
    /// Values known to be lost with it; none where nobody can tell.
    pub lost: Option<u64>,
    /// Where reading goes on; none where nothing follows.
    pub next: Option<u64>,
}

impl<R: Read> Container<R> {
    /// Reads the header.
    ///
    /// # Errors
    /// Why it is no container, or one that nobody here can read.
    pub fn open(reader: R) -> Result<Self, Why> {
        let mut input = Input { reader, buf: Vec::new(), at: 0, taken: 0 };
        let mut want = 64 << 10;
        let (header, len) = loop {
            let head = input.peek(want).map_err(|cause| cause.to_string())?;
            match Header::of(head) {
                Ok(header) => break header,
                Err(why) if head.len() < want || want > MAX_HEADER_BYTES => return Err(format!("its header: {why}")),
                Err(_) => want *= 4,
            }
        };
        input.consume(len);
        let schema = Avro::parse(&header.schema, &[])?;
        let codec = BlockCodec::named(&header.codec)
            .ok_or_else(|| format!("its blocks are packed with {}, which is not read", header.codec))?;
        Ok(Self { input, schema, codec, sync: header.sync })
    }

    /// The next block; none at the end.
    ///
    /// # Errors
    /// Damage in the file; the next call goes on behind it.
    pub fn next_block(&mut self) -> Result<Option<Block>, Damage> {
        let at = self.input.taken;
        let failed = |why: Why| Damage { at, why, lost: None, next: None };
        match self.framed().map_err(|cause| failed(cause.to_string()))? {
            Ok(None) => Ok(None),
            Ok(Some((count, packed))) => match unpack_block(self.codec, &packed, MAX_BLOCK_BYTES) {
                Ok(bytes) => Ok(Some(Block { at, count, bytes })),
                Err(why) => Err(Damage { lost: Some(count), next: Some(self.input.taken), ..failed(why) }),
            },
            Err(why) => {
                let next = self.skip_to_sync().map_err(|cause| failed(cause.to_string()))?;
                Err(Damage { next, ..failed(why) })
            }
        }
    }

    /// Number of values and bytes of the next block, taken only where it is whole.
    fn framed(&mut self) -> io::Result<Result<Option<Packed>, Why>> {
        let head = self.input.peek(NUMBERS_BYTES)?;
        if head.is_empty() {
            return Ok(Ok(None));
        }
        let (count, size, numbers) = match block_head(head) {
            Ok(read) => read,
            Err(why) => return Ok(Err(why)),
        };
        let whole = numbers + size + SYNC_BYTES;
        let bytes = self.input.peek(whole)?;
        let Some((_, rest)) = bytes.split_at_checked(numbers) else { return Ok(Err("it breaks off".to_owned())) };
        let Some((packed, rest)) = rest.split_at_checked(size).filter(|(_, rest)| rest.len() >= SYNC_BYTES) else {
            return Ok(Err("it breaks off".to_owned()));
        };
        if !rest.starts_with(&self.sync) {
            return Ok(Err("it does not end where it says".to_owned()));
        }
        let packed = packed.to_vec();
        self.input.consume(whole);
        Ok(Ok(Some((count, packed))))
    }

    /// Goes behind the next mark of a block's end.
    fn skip_to_sync(&mut self) -> io::Result<Option<u64>> {
        loop {
            let rest = self.input.peek(LOOK_BYTES)?;
            let (len, found) = (rest.len(), memmem::find(rest, &self.sync));
            if let Some(found) = found {
                self.input.consume(found + SYNC_BYTES);
                return Ok(Some(self.input.taken));
            }
            let over = len < LOOK_BYTES;
            // The mark may begin in the last bytes.
            self.input.consume(if over { len } else { len - (SYNC_BYTES - 1) });
            if over {
                return Ok(None);
            }
        }
    }

    /// Gives each value of a block as one JSON object on one line: a record as it is, what stands in a union with its
    /// type's name (`{"type":"shop.Paid","data":{…}}`), anything else as `{"value":…}`. Tells what cannot be read.
    ///
    /// # Errors
    /// Those of `each`.
    pub fn values<E>(&self, block: &Block, mut each: impl FnMut(&[u8]) -> Result<(), E>) -> Result<Option<Damage>, E> {
        let mut rest = block.bytes.as_slice();
        let damage = |why: Why, done: u64| {
            let next = Some(self.input.taken);
            Some(Damage { at: block.at, why, lost: Some(block.count - done), next })
        };
        for done in 0..block.count {
            let mut tree = Tree::for_body(rest.len());
            match self.value(rest, &mut tree).and_then(|after| Ok((after, tree.finish()?))) {
                Ok((after, json)) => {
                    each(&json)?;
                    rest = after;
                }
                Err(why) => return Ok(damage(why, done)),
            }
        }
        if rest.is_empty() {
            return Ok(None);
        }
        Ok(damage(super::super::left_over(rest.len()), block.count))
    }

    fn value<'b>(&self, bytes: &'b [u8], tree: &mut Tree) -> Result<&'b [u8], Why> {
        let mut rest = bytes;
        match self.schema.resolved(self.schema.root) {
            Node::Record { .. } => rest = self.schema.read_one(bytes, tree)?,
            Node::Union(variants) => {
                let (ix, _) = zigzag(bytes)?;
                let variant = usize::try_from(ix).ok().and_then(|ix| variants.get(ix)).copied();
                tree.object(|tree| {
                    tree.key("type")?;
                    tree.text(variant.map_or("", |variant| self.schema.resolved(variant).name()))?;
                    tree.key("data")?;
                    rest = self.schema.read_one(bytes, tree)?;
                    Ok(())
                })?;
            }
            _ => tree.object(|tree| {
                tree.key("value")?;
                rest = self.schema.read_one(bytes, tree)?;
                Ok(())
            })?,
        }
        Ok(rest)
    }
}

fn block_head(bytes: &[u8]) -> Result<(u64, usize, usize), Why> {
    let (count, after) = zigzag(bytes)?;
    let (size, rest) = zigzag(after)?;
    let count = u64::try_from(count).map_err(|_| format!("a block of {count} values"))?;
    let size = usize::try_from(size).ok().filter(|size| *size <= MAX_BLOCK_BYTES);
    let size = size.ok_or_else(|| "a block of more than 256 MiB".to_owned())?;
    Ok((count, size, bytes.len() - rest.len()))
}

struct Header {
    schema: String,
    codec: String,
    sync: [u8; SYNC_BYTES],
}

impl Header {
    /// With the number of its bytes.
    fn of(bytes: &[u8]) -> Result<(Self, usize), Why> {
        let breaks_off = || "it breaks off".to_owned();
        let mut rest = bytes.strip_prefix(MAGIC).ok_or("it does not begin as one")?;
        let (mut schema, mut codec) = (None, "null".to_owned());
        loop {
            let (count, after) = zigzag(rest)?;
            rest = after;
            if count == 0 {
                break;
            }
            if count < 0 {
                rest = zigzag(rest)?.1;
            }
            // Each entry takes at least two bytes, so a count that lies ends at the header's end.
            for _ in 0..count.unsigned_abs() {
                let mut text = || -> Result<&[u8], Why> {
                    let (len, after) = zigzag(rest)?;
                    let len = usize::try_from(len).map_err(|_| format!("a length of {len}"))?;
                    let (text, after) = after.split_at_checked(len).ok_or_else(breaks_off)?;
                    rest = after;
                    Ok(text)
                };
                let (name, value) = (text()?, text()?);
                match name {
                    b"avro.schema" => schema = Some(String::from_utf8_lossy(value).into_owned()),
                    b"avro.codec" => codec = String::from_utf8_lossy(value).into_owned(),
                    _ => {}
                }
            }
        }
        let (sync, rest) = rest.split_first_chunk().ok_or_else(breaks_off)?;
        let schema = schema.ok_or("it has no schema")?;
        Ok((Self { schema, codec, sync: *sync }, bytes.len() - rest.len()))
    }
}

/// A reader that can look ahead any number of bytes.
#[derive(Debug)]
struct Input<R> {
    reader: R,
    buf: Vec<u8>,
    at: usize,
    /// Bytes used up so far.
    taken: u64,
}

impl<R: Read> Input<R> {
    /// At least `want` bytes, fewer only at the end.
    fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        while self.buf.len() - self.at < want {
            self.buf.drain(..self.at);
            self.at = 0;
            let have = self.buf.len();
            let more = want.saturating_sub(have).max(128 << 10);
            // As it comes: a size that lies takes no memory.
            let read = self.reader.by_ref().take(more as u64).read_to_end(&mut self.buf)?;
            if read == 0 {
                break;
            }
        }
        Ok(self.buf.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.buf.len() - self.at);
        self.at += n;
        self.taken += n as u64;
    }
}

#[cfg(test)]
mod tests;
