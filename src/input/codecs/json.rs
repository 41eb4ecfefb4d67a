//! JSON that cannot stand in a record as it is: on several lines, behind a registry's frame, inside a packing.

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
        let schema = match body.framed.schema() {
            Some(Ok(schema)) if schema.is_json() => Some(schema),
            // Its frame's schema says that it is something else.
            Some(Ok(schema)) => return Err(format!("its schema is {}", schema.kind())),
            Some(Err(_)) | None => None,
        };
        let text = std::str::from_utf8(if schema.is_some() { body.framed.rest() } else { body.bytes });
        let text = text.map_err(|_| "not UTF-8".to_owned())?.trim_start_matches('\u{FEFF}').trim();
        if !json::is_json(text) {
            return Err("not one JSON value".to_owned());
        }
        // Inside strings JSON has no line breaks.
        let line: Vec<u8> = text.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }).collect();
        tree.raw(&line)?;
        Ok(Found { schema: schema.map(|schema| schema.name.clone()), note: None })
    }
}
