//! NDJSON: one JSON object a line. Also takes what is no JSON yet: an empty log that will grow.

use std::sync::Arc;

use super::detect::{JsonShape, json_shape};
use super::json::JsonFormat;
use super::{Decoder, Format, Sample, Verdict, opening, sample};
use crate::model::error::Result;
use crate::model::mapping::Mapping;
use crate::model::source::ReadAt;

#[derive(Debug)]
pub struct Ndjson;

impl Decoder for Ndjson {
    fn name(&self) -> &'static str {
        "NDJSON"
    }

    fn verdict(&self, sample: &Sample<'_>) -> Verdict {
        if sample::without_bom(sample.head).trim_ascii().is_empty() {
            return Ok(1);
        }
        match json_shape(sample)? {
            JsonShape::Lines => Ok(90),
            JsonShape::Values => Err("its values are not on lines of their own".to_owned()),
            // A log of lines that has one line so far.
            JsonShape::Document if opening::is_named_as_lines(sample.name) => Ok(20),
            JsonShape::Document => Err("it is one document".to_owned()),
        }
    }

    fn open(&self, sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>, mapping: Option<Mapping>) -> Result<Arc<dyn Format>> {
        let events = mapping.as_ref().and_then(|mapping| mapping.events.clone());
        if let Some(pointer) = events {
            let plan = opening::plan(mapping.unwrap_or_default(), sample, bytes)?;
            return Ok(Arc::new(JsonFormat::document(plan, &pointer)?));
        }
        let records = if mapping.is_some() { Vec::new() } else { sample::of_lines(sample.head, bytes) };
        if let Some((pointer, events)) = opening::wrapped(&records) {
            let plan = opening::plan(opening::mapping_of(&events), sample, bytes)?;
            return Ok(Arc::new(JsonFormat::document(plan, &pointer)?));
        }
        let mapping = mapping.unwrap_or_else(|| opening::mapping_of(&records));
        Ok(Arc::new(JsonFormat::lines(opening::plan(mapping, sample, bytes)?)))
    }
}
