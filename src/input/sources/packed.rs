//! What gzip and zstd have in common: one or more members after each other, then perhaps garbage.
//!
//! Rotated logs are often several members joined, so a reader that stops after the first loses data
//! without a word. A source that breaks off keeps what came before, with a warning that says where.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage, StageReader};
use super::{Layer, Takes};
use crate::model::error::{Error, Result};
use crate::model::row::Span;
use crate::model::source::Origin;

/// A compression whose members can stand one after another.
pub(super) trait Codec: Send + Sync {
    fn name(&self) -> &'static str;
    /// Endings of file names that go with it.
    fn endings(&self) -> &'static [&'static str];
    /// Whether a member starts with these bytes (four, or fewer at the end).
    fn starts(&self, head: &[u8]) -> bool;
    /// Reads one member to its end and nothing behind it.
    fn member<'a>(&self, input: &'a mut Peek) -> io::Result<Box<dyn Read + 'a>>;
}

/// The layer that a codec takes off.
pub(super) struct Packed(pub &'static dyn Codec);

impl Layer for Packed {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn fits(&self, head: &[u8]) -> bool {
        self.0.starts(head)
    }

    fn takes(&self) -> Takes {
        Takes::Packed
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        unpack(self.0, stage, context)
    }
}

/// Starts unpacking.
fn unpack(codec: &'static dyn Codec, stage: Stage, context: &Context) -> Result<Stage> {
    let mut next = stage.clone();
    let allow_bombs = context.allow_bombs;
    let reader = stage.reader(&context.cancel);
    let address = stage.address.clone();
    let taken = stage.packed.clone().unwrap_or_else(|| reader.position());
    next.packed = Some(Arc::clone(&taken));
    let bytes = pump(codec.name(), &address, context, move |out| {
        if !allow_bombs {
            out.guard_ratio(taken);
        }
        members(codec, &stage, Peek::new(reader), out)
    })?;
    let lower = next.name.to_ascii_lowercase();
    if let Some(ending) = codec.endings().iter().find(|ending| lower.ends_with(**ending)) {
        next.name.truncate(next.name.len() - ending.len());
    }
    next.origin = Some(Arc::new(Unpacked));
    Ok(next.through(bytes, codec.name()))
}

fn members(codec: &dyn Codec, stage: &Stage, mut input: Peek, out: &mut SpoolWriter) -> Result<()> {
    let mut buf = vec![0; 128 << 10];
    loop {
        let at = input.consumed();
        let head = input.peek(4).map_err(|cause| broken(codec, stage, at, &cause))?;
        if head.is_empty() {
            return Ok(());
        }
        if !codec.starts(head) {
            return trailing(codec, stage, at, input, out);
        }
        if let Err(cause) = copy(codec, &mut input, &mut buf, out) {
            return Err(match cause {
                Stop::Input(cause) => broken(codec, stage, input.consumed(), &cause),
                Stop::Output(error) => error,
            });
        }
    }
}

/// Why a member was not read to its end.
enum Stop {
    Input(io::Error),
    Output(Error),
}

fn copy(codec: &dyn Codec, input: &mut Peek, buf: &mut [u8], out: &mut SpoolWriter) -> std::result::Result<(), Stop> {
    let mut member = codec.member(input).map_err(Stop::Input)?;
    loop {
        match member.read(buf) {
            Ok(0) => return Ok(()),
            Ok(n) => out.write(buf.get(..n).unwrap_or_default()).map_err(Stop::Output)?,
            Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
            Err(cause) => return Err(Stop::Input(cause)),
        }
    }
}

fn broken(codec: &dyn Codec, stage: &Stage, at: u64, cause: &io::Error) -> Error {
    let word = if cause.kind() == io::ErrorKind::UnexpectedEof { "breaks off" } else { "is damaged" };
    let summary = format!("The {} data {word}; what came before is kept", codec.name());
    Error::new(summary, stage.place(Some(at)), "Get the file again if the rest is needed").because(cause)
}

/// What follows the last member. Zeros are padding and harmless; anything else is said.
fn trailing(codec: &dyn Codec, stage: &Stage, at: u64, mut input: Peek, out: &mut SpoolWriter) -> Result<()> {
    let mut rest = 0;
    let mut zeros = true;
    loop {
        let piece = input.fill_buf().map_err(|cause| broken(codec, stage, at, &cause))?;
        let len = piece.len();
        if len == 0 || out.is_stopped() {
            break;
        }
        zeros &= piece.iter().all(|&byte| byte == 0);
        rest += len as u64;
        input.consume(len);
    }
    if !zeros {
        let amount = crate::base::text::plural(rest, "byte", "bytes");
        let summary = format!("{amount} after the {} data are something else; what came before is kept", codec.name());
        out.warn(Error::new(summary, stage.place(Some(at)), "Look at the end of the file"));
    }
    Ok(())
}

/// A buffered reader that can look ahead any few bytes, also where its source gives one at a time.
#[derive(Debug)]
pub(super) struct Peek {
    reader: StageReader,
    buf: Vec<u8>,
    at: usize,
    taken: u64,
}

impl Peek {
    pub(super) fn new(reader: StageReader) -> Self {
        Self { reader, buf: Vec::new(), at: 0, taken: 0 }
    }

    /// Bytes used up so far.
    pub(super) fn consumed(&self) -> u64 {
        self.taken
    }

    /// At least `want` bytes, fewer only at the end.
    pub(super) fn peek(&mut self, want: usize) -> io::Result<&[u8]> {
        while self.buf.len() - self.at < want && self.more()? > 0 {}
        Ok(self.buf.get(self.at..).unwrap_or_default())
    }

    fn more(&mut self) -> io::Result<usize> {
        self.buf.drain(..self.at);
        self.at = 0;
        let have = self.buf.len();
        self.buf.resize(have + (128 << 10), 0);
        let read = self.reader.read(self.buf.get_mut(have..).unwrap_or_default());
        self.buf.truncate(have + *read.as_ref().unwrap_or(&0));
        read
    }
}

impl Read for Peek {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let ready = self.fill_buf()?;
        let n = ready.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..n), ready.get(..n)) {
            to.copy_from_slice(from);
        }
        self.consume(n);
        Ok(n)
    }
}

impl BufRead for Peek {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at >= self.buf.len() {
            self.more()?;
        }
        Ok(self.buf.get(self.at..).unwrap_or_default())
    }

    fn consume(&mut self, n: usize) {
        let n = n.min(self.buf.len() - self.at);
        self.at += n;
        self.taken += n as u64;
    }
}

/// A position in what was unpacked says nothing about the packed file.
#[derive(Debug)]
struct Unpacked;

impl Origin for Unpacked {
    fn place(&self, span: Span) -> String {
        format!("byte {} unpacked", span.offset.0)
    }
}
