//! Zstandard, with any number of frames, skippable ones included.

use std::io::{self, Read};

use super::packed::{Codec, Peek};

pub(super) struct Zstd;

/// The largest window that is accepted, as a power of two: 128 MiB, what the zstd tool allows by itself.
const WINDOW_LOG_MAX: u32 = 27;

impl Codec for Zstd {
    fn name(&self) -> &'static str {
        "zstd"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".zst", ".zstd"]
    }

    fn starts(&self, head: &[u8]) -> bool {
        matches!(head, [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..])
    }

    fn member<'a>(&self, input: &'a mut Peek) -> io::Result<Box<dyn Read + 'a>> {
        let mut decoder = zstd::stream::read::Decoder::with_buffer(input)?.single_frame();
        decoder.window_log_max(WINDOW_LOG_MAX)?;
        Ok(Box::new(decoder))
    }
}
