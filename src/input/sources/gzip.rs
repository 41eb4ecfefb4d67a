//! gzip, with any number of members.

use std::io::{self, Read};

use super::packed::{Codec, Peek};

pub(super) struct Gzip;

impl Codec for Gzip {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn endings(&self) -> &'static [&'static str] {
        &[".gz", ".gzip"]
    }

    fn starts(&self, head: &[u8]) -> bool {
        // 8 is deflate, the only method there is.
        head.starts_with(&[0x1F, 0x8B, 8])
    }

    fn member<'a>(&self, input: &'a mut Peek) -> io::Result<Box<dyn Read + 'a>> {
        Ok(Box::new(flate2::bufread::GzDecoder::new(input)))
    }
}
