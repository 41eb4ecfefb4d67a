//! Stands between the wire and lapin, which reads nested header tables by recursion on a thread of its own: a
//! message with thousands of levels would overflow its stack and end the program. Frames with tables are held
//! back until they are whole, and where one is nested too deep the connection ends there, with the reason.
//!
//! Source of the layout: AMQP 0-9-1, 2.3 and 4.2; types of fields as RabbitMQ and lapin read them.

use std::future::Future;
use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures_core::Stream;
use futures_io::{AsyncRead, AsyncWrite};
use lapin::tcp::{AMQPUriTcpExt as _, AsyncTcpStream, OwnedTLSConfig};
use lapin::uri::AMQPUri;
use lapin::{Connection, ConnectionProperties};

/// Levels of tables and arrays in headers. Broker and frameworks write three at most.
const LEVELS: usize = 64;

/// Longest frame with a table. RabbitMQ's usual limit for all frames is 128 KiB.
const LONGEST: usize = 16 << 20;

/// Longest method without a table: names of at most 255 bytes each.
const LONGEST_METHOD: usize = 1024;

/// Type, channel, size of the payload.
const HEAD: usize = 7;

const METHOD: u8 = 1;
const HEADER: u8 = 2;

/// As lapin's own `connect`, with the guard between.
pub(super) async fn connect(
    uri: AMQPUri,
    properties: ConnectionProperties,
    tls: OwnedTLSConfig,
) -> lapin::Result<Connection> {
    let runtime = Runtime::new(RuntimeParts::new(Tokio::current(), Guarded(Tokio::current())));
    let plain = Runtime::new(Tokio::current());
    let connect = async move |uri: AMQPUri, _: Runtime<_>| {
        let stream = uri.connect_with_config_async(tls.as_ref(), &plain).await?;
        Ok(AsyncTcpStream::Plain(Guard::new(stream)))
    };
    Connection::connector(uri, runtime, connect, properties).await
}

type Plain = AsyncTcpStream<<Tokio as Reactor>::TcpStream>;

/// Tokio, with the guard around its streams.
#[derive(Clone, Debug)]
struct Guarded(Tokio);

impl Reactor for Guarded {
    type TcpStream = Guard<Plain>;
    type Sleep = <Tokio as Reactor>::Sleep;

    /// Nobody asks for it, and what it would need is not public.
    fn register<H: Read + Write + Send + 'static>(
        &self,
        _socket: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        Err::<Self::TcpStream, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<Self::TcpStream>> + Send + 'static {
        let connecting = self.0.tcp_connect_addr(address);
        async move { Ok(Guard::new(AsyncTcpStream::Plain(connecting.await?))) }
    }
}

/// A stream whose frames were looked at before they are handed on.
struct Guard<S> {
    stream: S,
    frames: Frames,
    /// Of `frames.good`, what was handed on.
    given: usize,
    /// Why nothing more comes.
    refused: Option<&'static str>,
    /// Whether lapin had a turn for the frames before the refused one.
    paused: bool,
}

impl<S> Guard<S> {
    fn new(stream: S) -> Self {
        Self { stream, frames: Frames::default(), given: 0, refused: None, paused: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Guard<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut [u8]) -> Poll<io::Result<usize>> {
        let guard = self.get_mut();
        let mut chunk = [0; 16 << 10];
        loop {
            let good = guard.frames.good.get(guard.given..).unwrap_or_default();
            if !good.is_empty() {
                let len = good.len().min(into.len());
                if let (Some(to), Some(from)) = (into.get_mut(..len), good.get(..len)) {
                    to.copy_from_slice(from);
                }
                guard.given += len;
                return Poll::Ready(Ok(len));
            }
            guard.frames.good.clear();
            guard.given = 0;
            if let Some(reason) = guard.refused {
                if !std::mem::replace(&mut guard.paused, true) {
                    // An error at once would have lapin drop the frames that it has read before.
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
            }
            let len = ready!(Pin::new(&mut guard.stream).poll_read(context, &mut chunk))?;
            if len == 0 {
                return Poll::Ready(Ok(0));
            }
            guard.refused = guard.frames.feed(chunk.get(..len).unwrap_or_default()).err();
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Guard<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_close(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_close(context)
    }
}

/// Cuts a stream into frames.
#[derive(Debug, Default)]
struct Frames {
    /// What may be handed on.
    good: Vec<u8>,
    /// A frame that is not whole yet, from its head on.
    held: Vec<u8>,
    /// Bytes still to come that hold no table.
    passing: usize,
}

impl Frames {
    /// # Errors
    /// What is wrong with a frame; the ones before it are in `good`.
    fn feed(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while !bytes.is_empty() {
            let wanted = if self.passing > 0 { self.passing } else { self.whole() - self.held.len() };
            let (part, rest) = bytes.split_at(wanted.min(bytes.len()));
            bytes = rest;
            if self.passing > 0 {
                self.good.extend_from_slice(part);
                self.passing -= part.len();
                continue;
            }
            self.held.extend_from_slice(part);
            if self.held.len() == HEAD {
                self.look_at_head()?;
            } else if self.held.len() == self.whole() {
                check(&self.held)?;
                self.good.append(&mut self.held);
            }
        }
        Ok(())
    }

    /// Bytes of the frame that is held, as far as its head is known.
    fn whole(&self) -> usize {
        // The octet at the end of each frame.
        self.size().map_or(HEAD, |size| HEAD + size + 1)
    }

    fn size(&self) -> Option<usize> {
        let size = self.held.get(3..HEAD)?.try_into().ok()?;
        Some(u32::from_be_bytes(size) as usize)
    }

    fn look_at_head(&mut self) -> Result<(), &'static str> {
        let size = self.size().unwrap_or_default();
        match self.held.first() {
            Some(&(METHOD | HEADER)) if size > LONGEST => return Err("a frame with headers is longer than 16 MiB"),
            Some(&(METHOD | HEADER)) => return Ok(()),
            // `AMQP` and four bytes: a server that wants another version.
            Some(b'A') => self.passing = 1,
            _ => self.passing = size.saturating_add(1),
        }
        self.good.append(&mut self.held);
        Ok(())
    }
}

/// Looks at the table of a whole frame.
fn check(frame: &[u8]) -> Result<(), &'static str> {
    let payload = frame.get(HEAD..frame.len().saturating_sub(1)).unwrap_or_default();
    let mut at = Cursor(payload);
    let table = if frame.first() == Some(&HEADER) {
        header_table(&mut at)
    } else {
        match payload.get(..4) {
            // connection.start: the version before the server's properties
            Some([0, 10, 0, 10]) => at.skip(6),
            // connection.secure: a long text
            Some([0, 10, 0, 20]) => None,
            _ if payload.len() > LONGEST_METHOD => return Err("a method is longer than any that a server sends"),
            _ => None,
        }
    };
    match table {
        Some(()) => nesting(&mut at),
        None => Ok(()),
    }
}

/// Goes to the headers of a content header, if there are any.
fn header_table(at: &mut Cursor<'_>) -> Option<()> {
    // The class, the weight and the body's size.
    at.skip(12)?;
    let flags = u16::from_be_bytes(at.take(2)?.try_into().ok()?);
    // content_type, content_encoding
    for bit in [15, 14] {
        if flags & (1 << bit) != 0 {
            at.short_text()?;
        }
    }
    (flags & (1 << 13) != 0).then_some(())
}

/// Walks a table without recursion.
fn nesting(at: &mut Cursor<'_>) -> Result<(), &'static str> {
    const DAMAGED: &str = "headers of a message are damaged";
    // What is left of each open table or array, the innermost last.
    let mut open = vec![(at.block().ok_or(DAMAGED)?, true)];
    while let Some((inside, named)) = open.last_mut() {
        if inside.0.is_empty() {
            open.pop();
            continue;
        }
        if *named {
            inside.short_text().ok_or(DAMAGED)?;
        }
        let kind = inside.take(1).and_then(|kind| kind.first().copied()).ok_or(DAMAGED)?;
        let deeper = match kind {
            b't' | b'b' | b'B' => inside.skip(1).map(|()| None),
            b's' | b'U' | b'u' => inside.skip(2).map(|()| None),
            b'I' | b'i' | b'f' => inside.skip(4).map(|()| None),
            b'D' => inside.skip(5).map(|()| None),
            b'L' | b'l' | b'd' | b'T' => inside.skip(8).map(|()| None),
            b'S' | b'x' => inside.block().map(|_| None),
            b'V' => Some(None),
            b'F' | b'A' => inside.block().map(|block| Some((block, kind == b'F'))),
            _ => None,
        };
        if let Some(block) = deeper.ok_or(DAMAGED)? {
            if open.len() == LEVELS {
                return Err("headers of a message are nested deeper than 64 levels");
            }
            open.push(block);
        }
    }
    Ok(())
}

/// What is left of some bytes.
struct Cursor<'b>(&'b [u8]);

impl<'b> Cursor<'b> {
    fn take(&mut self, len: usize) -> Option<&'b [u8]> {
        let (part, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(part)
    }

    fn skip(&mut self, len: usize) -> Option<()> {
        self.take(len).map(|_| ())
    }

    fn short_text(&mut self) -> Option<()> {
        let len = *self.take(1)?.first()?;
        self.skip(len.into())
    }

    /// What follows its length in four bytes.
    fn block(&mut self) -> Option<Self> {
        let len = u32::from_be_bytes(self.take(4)?.try_into().ok()?);
        self.take(len as usize).map(Cursor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        [&[kind, 0, 1][..], &(payload.len() as u32).to_be_bytes(), payload, &[0xCE]].concat()
    }

    /// The frame of a message with this table after its content type.
    fn header(table: &[u8]) -> Vec<u8> {
        let before = [&[0, 60, 0, 0][..], &[0; 8], &[0b1010_0000, 0], &[4], b"text"].concat();
        frame(HEADER, &[&before, &block(table)[..]].concat())
    }

    fn block(inside: &[u8]) -> Vec<u8> {
        [&(inside.len() as u32).to_be_bytes(), inside].concat()
    }

    /// So many levels, the table of headers among them; tables and arrays in turn.
    fn nested(levels: usize) -> Vec<u8> {
        (1..levels).fold(Vec::new(), |inside, level| {
            // What lies in a table has a name, what lies in an array has none.
            let in_table = level == levels - 1 || level % 2 == 0;
            let kind = if level % 2 == 0 { b'A' } else { b'F' };
            let name: &[u8] = if in_table { &[1, b'n'] } else { &[] };
            [name, &[kind], &block(&inside)].concat()
        })
    }

    fn fed(bytes: &[u8], step: usize) -> (Vec<u8>, Result<(), &'static str>) {
        let mut frames = Frames::default();
        let result = bytes.chunks(step).try_for_each(|chunk| frames.feed(chunk));
        (frames.good, result)
    }

    #[test]
    fn all_that_is_not_too_deep_passes_as_it_is() {
        let all_types = [
            &b"\x01a"[..],
            b"t\x01",
            b"\x01bb\x01",
            b"\x01cB\x01",
            b"\x01ds\0\x01",
            b"\x01eU\0\x01",
            b"\x01fu\0\x01",
            b"\x01gI\0\0\0\x01",
            b"\x01hi\0\0\0\x01",
            b"\x01if\0\0\0\x01",
            b"\x01jD\x02\0\0\0\x01",
            b"\x01kL\0\0\0\0\0\0\0\x01",
            b"\x01ll\0\0\0\0\0\0\0\x01",
            b"\x01md\0\0\0\0\0\0\0\x01",
            b"\x01nT\0\0\0\0\0\0\0\x01",
            b"\x01oS\0\0\0\x02hi",
            b"\x01px\0\0\0\x01\xff",
            b"\x01qV",
            b"\x01rA\0\0\0\x03t\x01V",
            b"\x01sF\0\0\0\0",
        ]
        .concat();
        let stream = [
            b"AMQP\0\0\x09\x01".to_vec(),
            frame(METHOD, &[&[0, 10, 0, 10, 0, 9][..], &block(&all_types)].concat()),
            frame(METHOD, &[0, 60, 0, 60, 1, b'c']),
            header(&all_types),
            header(&nested(LEVELS)),
            frame(3, &vec![7; 70_000]),
            frame(8, &[]),
            frame(9, b"unknown"),
        ]
        .concat();
        for step in [1, 7, 1000, stream.len()] {
            assert_eq!(fed(&stream, step), (stream.clone(), Ok(())));
        }
    }

    #[test]
    fn what_is_too_deep_or_damaged_ends_the_stream_before_it() {
        let first = header(&[]);
        let long_method = frame(METHOD, &[0; LONGEST_METHOD + 1]);
        for (bad, words) in [
            (header(&nested(LEVELS + 1)), "deeper than 64"),
            (header(&nested(5_000)), "deeper than 64"),
            (frame(METHOD, &[&[0, 10, 0, 10, 0, 9][..], &block(&nested(200))].concat()), "deeper than 64"),
            (header(b"\x01aS\xff\xff\xff\xff"), "damaged"),
            (header(b"\x01az"), "damaged"),
            (header(b"\x05a"), "damaged"),
            (long_method, "longer than any"),
            (vec![HEADER, 0, 1, 0xff, 0xff, 0xff, 0xff], "16 MiB"),
        ] {
            for step in [1, 13, 1 << 20] {
                let (good, result) = fed(&[&first[..], &bad].concat(), step);
                assert_eq!(good, first);
                assert!(result.is_err_and(|reason| reason.contains(words)), "{words}");
            }
        }
    }
}
