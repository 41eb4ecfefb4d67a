//! A message whose headers are nested without end, as no client library writes it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use super::*;
use crate::program;

/// AMQP by hand, as much as publishing one message needs.
struct Wire(TcpStream);

impl Wire {
    fn open(server: &Server) -> Self {
        let mut wire = Self(TcpStream::connect(("127.0.0.1", server.port)).expect("it answers"));
        wire.0.write_all(b"AMQP\0\0\x09\x01").expect("sent");
        wire.expect([10, 10]);
        wire.method(0, &[&[0, 10, 0, 11, 0, 0, 0, 0][..], b"\x05PLAIN", b"\0\0\0\x0c\0guest\0guest", b"\x05en_US"]);
        let tune = wire.expect([10, 30]);
        wire.method(0, &[&[0, 10, 0, 31], &tune[4..10], &[0, 0]]);
        wire.method(0, &[&[0, 10, 0, 40], b"\x01/", b"\0\0"]);
        wire.expect([10, 41]);
        wire.method(1, &[&[0, 20, 0, 10, 0]]);
        wire.expect([20, 11]);
        wire
    }

    fn publish(&mut self, queue: &str, headers: &[u8], body: &[u8]) {
        let key = [&[queue.len() as u8][..], queue.as_bytes()].concat();
        self.method(1, &[&[0, 60, 0, 40, 0, 0, 0], &key, &[0]]);
        let before = [&[0, 60, 0, 0][..], &(body.len() as u64).to_be_bytes(), &[0b0010_0000, 0]].concat();
        self.frame(2, 1, &[&before, &block(headers)[..]].concat());
        self.frame(3, 1, body);
        // Channels are served in order: afterwards it lies in the queue.
        self.method(1, &[&[0, 20, 0, 40, 0, 200, 0, 0, 0, 0, 0]]);
        self.expect([20, 41]);
    }

    fn method(&mut self, channel: u16, parts: &[&[u8]]) {
        self.frame(1, channel, &parts.concat());
    }

    fn frame(&mut self, kind: u8, channel: u16, payload: &[u8]) {
        let head = [&[kind][..], &channel.to_be_bytes(), &(payload.len() as u32).to_be_bytes()].concat();
        self.0.write_all(&[&head, payload, &[0xCE]].concat()).expect("sent");
    }

    /// The payload of the next frame, which is this method.
    fn expect(&mut self, [class, method]: [u8; 2]) -> Vec<u8> {
        let mut head = [0; 7];
        self.0.read_exact(&mut head).expect("an answer");
        let size = u32::from_be_bytes([head[3], head[4], head[5], head[6]]);
        let mut payload = vec![0; size as usize + 1];
        self.0.read_exact(&mut payload).expect("an answer");
        assert_eq!(payload[..4], [0, class, 0, method], "{}", String::from_utf8_lossy(&payload));
        payload
    }
}

fn block(inside: &[u8]) -> Vec<u8> {
    [&(inside.len() as u32).to_be_bytes(), inside].concat()
}

/// Arrays in a header, so many.
fn arrays(levels: usize) -> Vec<u8> {
    let innermost = vec![b'V'];
    let nested = (0..levels).fold(innermost, |inside, _| [b"A", &block(&inside)[..]].concat());
    [b"\x01n", &nested[..]].concat()
}

#[test]
fn headers_nested_without_end_end_the_look_and_not_the_program() {
    let client = Client::new(server());
    client.queue("deep", &[]);
    client.numbered("deep", 0..3);
    Wire::open(server()).publish("deep", &arrays(20_000), b"{\"n\":3}");
    client.numbered("deep", 4..6);
    client.wait_for("deep", 6);
    let ran = program::run(["events", "--format", "ndjson", &server().url("deep")]);
    assert!(ran.err.contains("nested deeper than 64 levels"), "{ran:?}");
    assert_eq!(ran.lines().len(), 3, "what lies before it is read: {ran:?}");
    // All is as it was, and what lies before it can be read.
    client.wait_for("deep", 6);
    let (messages, _) = read(&server().url("deep?limit=3"));
    assert_eq!(messages.iter().map(body).collect::<Vec<_>>(), ["{\"n\":0}", "{\"n\":1}", "{\"n\":2}"]);
}

#[test]
fn headers_that_are_nested_a_little_are_read() {
    let client = Client::new(server());
    client.queue("deep-enough", &[]);
    Wire::open(server()).publish("deep-enough", &arrays(16), b"{\"n\":0}");
    client.wait_for("deep-enough", 1);
    let (messages, warnings) = read(&server().url("deep-enough"));
    assert_eq!(messages.len(), 1, "{warnings:?}");
    assert_eq!(messages[0].headers.len(), 1, "{messages:?}");
}
