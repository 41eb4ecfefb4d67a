//! JSON objects one after another, pretty-printed or several on a line.

use std::sync::Arc;

use super::detect::{JsonShape, json_shape};
use super::json::JsonFormat;
use super::{Decoder, Format, Sample, Verdict, opening, sample};
use crate::model::error::Result;
use crate::model::mapping::Mapping;
use crate::model::source::ReadAt;

#[derive(Debug)]
pub struct JsonValues;

impl Decoder for JsonValues {
    fn name(&self) -> &'static str {
        "JSON values"
    }

    fn verdict(&self, sample: &Sample<'_>) -> Verdict {
        match json_shape(sample)? {
            JsonShape::Values => Ok(80),
            JsonShape::Lines => Err("it has a value a line".to_owned()),
            JsonShape::Document => Err("it is one document".to_owned()),
        }
    }

    fn open(&self, sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>, mapping: Option<Mapping>) -> Result<Arc<dyn Format>> {
        let events = mapping.as_ref().and_then(|mapping| mapping.events.clone());
        if let Some(pointer) = events {
            let plan = opening::plan(mapping.unwrap_or_default(), sample, bytes)?;
            return Ok(Arc::new(JsonFormat::document(plan, &pointer)?));
        }
        let records = if mapping.is_some() { Vec::new() } else { sample::of_values(sample.head) };
        if let Some((pointer, events)) = opening::wrapped(&records) {
            let plan = opening::plan(opening::mapping_of(&events), sample, bytes)?;
            return Ok(Arc::new(JsonFormat::document(plan, &pointer)?));
        }
        let mapping = mapping.unwrap_or_else(|| opening::mapping_of(&records));
        Ok(Arc::new(JsonFormat::values(opening::plan(mapping, sample, bytes)?)))
    }
}
