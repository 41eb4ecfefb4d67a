//! gzip, with any number of members.

use std::io::{self, Read};

use super::packed::{Codec, Peek, unpack};
use super::stage::{Context, Stage};
use super::{Layer, Takes};
use crate::model::error::Result;

pub(super) struct Gzip;

impl Layer for Gzip {
    fn name(&self) -> &'static str {
        "gzip"
    }

    fn fits(&self, head: &[u8]) -> bool {
        self.starts(head)
    }

    fn takes(&self) -> Takes {
        Takes::Packed
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        unpack(&Self, stage, context)
    }
}

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
