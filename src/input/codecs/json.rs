//! JSON that cannot stand in a record as it is: on several lines, behind a registry's frame, inside a packing.

use serde_json::value::RawValue;

use super::registry::Schema;
use super::{Codec, Found, Input, Tree, Why};
use crate::base::json;

pub(super) struct Json;

impl Codec for Json {
    fn name(&self) -> &'static str {
        "JSON"
    }

    fn option(&self) -> &'static str {
        "json"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["application/json", "text/json", "application/cloudevents+json", "application/schema+json"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        let (schema, text) = framed(body)?;
        let text = std::str::from_utf8(text);
        let text = text.map_err(|_| "not UTF-8".to_owned())?.trim_start_matches('\u{FEFF}').trim();
        if !json::is_json(text) {
            return Err("not one JSON value".to_owned());
        }
        // Inside strings JSON has no line breaks.
        let line: Vec<u8> = text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }).collect();
        tree.raw(&line)?;
        Ok(Found { schema: schema.map(|schema| schema.name.clone()), note: None })
    }

    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why> {
        let (_, text) = framed(body)?;
        let frame = body.bytes.len() - text.len();
        let frame = body.bytes.get(..frame).unwrap_or_default();
        Ok([frame, json.get().as_bytes()].concat())
    }
}

/// The schema of a registry's frame and what follows it; the whole body where there is none.
fn framed<'b>(body: &'b Input<'_>) -> Result<(Option<&'b Schema>, &'b [u8]), Why> {
    match body.framed.schema() {
        Some(Ok(schema)) if schema.json().is_some() => Ok((Some(schema), body.framed.rest())),
        // Its frame's schema says that it is something else.
        Some(Ok(schema)) => Err(format!("its schema is {}", schema.kind())),
        Some(Err(_)) | None => Ok((None, body.bytes)),
    }
}
