//! Bodies of one source as they come: unpacked, then shown to the codecs in their order until one reads it. What
//! was found stands beside the body in the message's record; a body that is text and nothing else needs nothing.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::packing::{self, Unpacked};
use super::registry::Registry;
use super::schemas::{Framed, Schemas};
use super::settings::{RAW, Settings};
use super::{CODECS, Codec, Found, Input, JsonSchema, MAX_BODY_BYTES, Tree, by_option};
use crate::base::text;
use crate::model::error::{Error, Place, Result};
use crate::model::message::{Decoding, Message};

/// A message's body and what is said about it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Body<'a> {
    /// The topic or queue.
    pub place: &'a str,
    pub bytes: &'a [u8],
    pub content_type: Option<&'a str>,
    pub content_encoding: Option<&'a str>,
}

/// Of a Kafka header, whatever its case, and of a property of AMQP.
pub const CONTENT_TYPE: [&str; 2] = ["content-type", "content_type"];
pub const CONTENT_ENCODING: [&str; 2] = ["content-encoding", "content_encoding"];

impl<'a> Body<'a> {
    /// None where the value is null.
    #[must_use]
    pub fn of(message: &'a Message) -> Option<Self> {
        Some(Self {
            place: message.place.name(),
            bytes: message.value.as_deref()?,
            content_type: message.said(CONTENT_TYPE),
            content_encoding: message.said(CONTENT_ENCODING),
        })
    }
}

/// What came of looking into a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// One JSON value on one line; none where every codec refused.
    pub json: Option<Vec<u8>>,
    pub decoding: Decoding,
}

impl Answer {
    fn refused(refusals: Vec<(&str, String)>) -> Self {
        let refused = refusals.into_iter().map(|(codec, why)| (codec.to_owned(), why)).collect();
        Self { json: None, decoding: Decoding { refused, ..Decoding::default() } }
    }
}

/// A body that a codec read.
struct Seen {
    codec: &'static dyn Codec,
    asked: bool,
    unpacked: Unpacked,
    found: Found,
    json: Vec<u8>,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub struct Bodies {
    /// For topics without options of their own.
    usual: How,
    of_topics: BTreeMap<String, How>,
    registry: Option<Arc<Registry>>,
}

#[derive(Debug, Default)]
struct How {
    /// The option `value=` of the codec that is wanted.
    codec: Option<&'static str>,
    raw: bool,
    schemas: Schemas,
}

impl Bodies {
    /// Reads the files of schemas; the registry is asked when a body needs it.
    ///
    /// # Errors
    /// Which option or file is wrong.
    pub fn open(settings: &Settings) -> Result<Self> {
        settings.check()?;
        let registry = settings.registry()?.map(|at| Arc::new(Registry::new(&at)));
        let how = |topic: &str| -> Result<How> {
            let files = settings.of("schema", topic);
            let value = settings.of("value", topic);
            let named = value.and_then(by_option).map(Codec::option);
            let schemas = Schemas::open(registry.clone(), files, settings.of("message", topic))?;
            Ok(How { codec: named.or_else(|| schemas.codec()), raw: value == Some(RAW), schemas })
        };
        let topics = settings.topics();
        let of_topics = topics.into_iter().map(|topic| Ok((topic.to_owned(), how(topic)?))).collect::<Result<_>>()?;
        Ok(Self { usual: how("")?, of_topics, registry })
    }

    /// Asks the registry whether it is there; none where no registry is named. Blocks for some seconds at most.
    pub fn test_registry(settings: &Settings) -> Option<Result<String>> {
        let place = || Place::File { path: settings.of("registry", "").unwrap_or_default().to_owned(), offset: None };
        let next_step = "Check its address and the user; Apicurio has Confluent's API under /apis/ccompat/v7";
        let asked = |at| {
            let failed =
                |why: String| Error::new("It is no schema registry that answers", place(), next_step).because(why);
            Registry::new(&at).test().map_err(failed)
        };
        settings.registry().map_or_else(|error| Some(Err(error)), |at| at.map(asked))
    }

    /// Whether a body that is JSON is to be looked into all the same: it may be JSON by chance.
    #[must_use]
    pub fn wants(&self, place: &str) -> bool {
        self.how(place).codec.is_some_and(|codec| codec != "json")
    }

    /// None where it is text, or nothing: there is nothing to decode. May ask the registry, so it may take
    /// seconds, once.
    #[must_use]
    pub fn read(&self, body: Body<'_>) -> Option<Answer> {
        Some(match self.look(body)? {
            Ok(Seen { codec, unpacked, found: Found { schema, note }, json, .. }) => {
                let packed = unpacked.packings.iter().map(|&name| name.to_owned()).collect();
                let codec = Some(codec.name().to_owned());
                Answer { json: Some(json), decoding: Decoding { codec, packed, schema, note, refused: Vec::new() } }
            }
            Err(refusals) => Answer::refused(refusals),
        })
    }

    /// The bytes of a new value in place of a body that was read: by the same codec and schema, in the same frame and
    /// packings. `json` is what [`Bodies::read`] gives, edited.
    ///
    /// # Errors
    /// What does not fit, and where.
    pub fn write(&self, body: Body<'_>, json: &str) -> std::result::Result<Vec<u8>, String> {
        let seen = self.look(body).and_then(std::result::Result::ok).ok_or("no codec reads it")?;
        let json: &RawValue = serde_json::from_str(json.trim()).map_err(|_| "the new value is no JSON")?;
        let schemas = &self.how(body.place).schemas;
        let (codec, bytes) = (seen.codec, &seen.unpacked.bytes);
        let framed = Framed::of(bytes, schemas);
        let plain = codec.encode(&Input { bytes, asked: seen.asked, schemas, framed: &framed }, json)?;
        // What could not be read again is not sent.
        let framed = Framed::of(&plain, schemas);
        let again = Input { bytes: &plain, asked: seen.asked, schemas, framed: &framed };
        codec
            .decode(&again, &mut Tree::for_body(plain.len()))
            .map_err(|why| format!("it could not be read again: {why}"))?;
        seen.unpacked.pack(plain)
    }

    /// The JSON Schema that a body's value should keep to; none where there is none.
    #[must_use]
    pub fn json_schema(&self, body: Body<'_>) -> Option<Arc<JsonSchema>> {
        let how = self.how(body.place);
        let unpacked = packing::unpack(body.bytes, body.content_encoding, MAX_BODY_BYTES).ok()?;
        let framed = Framed::of(&unpacked.bytes, &how.schemas);
        match framed.schema() {
            Some(Ok(schema)) => schema.json().cloned(),
            _ => how.schemas.json().cloned(),
        }
    }

    fn look(&self, body: Body<'_>) -> Option<std::result::Result<Seen, Vec<(&'static str, String)>>> {
        let how = self.how(body.place);
        if how.raw || body.bytes.is_empty() {
            return None;
        }
        if body.bytes.len() > MAX_BODY_BYTES {
            let size = text::bytes(body.bytes.len() as u64);
            return Some(Err(vec![("size", format!("{size}; bodies up to 8 MiB are looked into"))]));
        }
        let named = how.codec.and_then(by_option);
        let said = named.or_else(|| body.content_type.and_then(by_content_type));
        let is_text = std::str::from_utf8(body.bytes).is_ok_and(|text| !text.contains(is_odd));
        let json_like = || body.bytes.trim_ascii_start().first().is_some_and(|first| matches!(first, b'{' | b'['));
        if is_text && said.is_none() && !json_like() {
            return None;
        }
        let unpacked = match packing::unpack(body.bytes, body.content_encoding, MAX_BODY_BYTES) {
            Ok(unpacked) => unpacked,
            Err(why) => return Some(Err(vec![("packing", why)])),
        };
        let framed = Framed::of(&unpacked.bytes, &how.schemas);
        let mut refusals = Vec::new();
        // What is asked for is tried first and taken at its word; a header may lie, so the others follow it.
        let others = CODECS.iter().copied().filter(|codec| said.is_none_or(|said| said.option() != codec.option()));
        let tried = said.into_iter().chain(others.filter(|_| named.is_none()));
        for codec in tried {
            let asked = said.is_some_and(|said| said.option() == codec.option());
            // Text that was never packed says nothing new.
            if codec.option() == "text" && !asked && unpacked.packings.is_empty() {
                continue;
            }
            let mut tree = Tree::for_body(body.bytes.len());
            let input = Input { bytes: &unpacked.bytes, asked, schemas: &how.schemas, framed: &framed };
            let read = codec.decode(&input, &mut tree).and_then(|found| Ok((found, tree.finish()?)));
            match read {
                Ok((found, json)) => {
                    drop(framed);
                    return Some(Ok(Seen { codec, asked, unpacked, found, json }));
                }
                Err(why) => refusals.push((codec.name(), why)),
            }
        }
        if is_text && named.is_none() { None } else { Some(Err(refusals)) }
    }

    /// The value of a key behind a frame, by its schema in the registry; keys of no registry stay what they are.
    #[must_use]
    pub fn read_key(&self, place: &str, bytes: &[u8]) -> Option<Vec<u8>> {
        self.registry.as_ref().filter(|_| bytes.len() <= MAX_BODY_BYTES)?;
        let schemas = &self.how(place).schemas;
        let framed = Framed::of(bytes, schemas);
        framed.schema()?.ok()?;
        let input = Input { bytes, asked: false, schemas, framed: &framed };
        CODECS.iter().find_map(|codec| {
            let mut tree = Tree::for_body(bytes.len());
            codec.decode(&input, &mut tree).ok()?;
            tree.finish().ok()
        })
    }

    /// What a person should know of the registry and was not told yet.
    #[must_use]
    pub fn news(&self) -> Option<String> {
        self.registry.as_ref()?.news()
    }

    fn how(&self, place: &str) -> &How {
        self.of_topics.get(place).unwrap_or(&self.usual)
    }
}

/// Control characters but those of white space.
fn is_odd(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

fn by_content_type(header: &str) -> Option<&'static dyn Codec> {
    let plain = header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    // `application/vnd.shop.order+json`
    let suffix = plain.rsplit_once('+').map(|(_, suffix)| suffix);
    let fits = |codec: &&dyn Codec| {
        codec.content_types().contains(&plain.as_str()) || suffix.is_some_and(|suffix| suffix == codec.option())
    };
    // Text is what everything else is not.
    CODECS.iter().copied().find(|codec| fits(codec) && codec.option() != "text")
}
