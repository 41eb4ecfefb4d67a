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
        let mapping = mapping.unwrap_or_else(|| opening::mapping_of(&sample::of_values(sample.head)));
        Ok(Arc::new(JsonFormat::values(opening::plan(mapping, sample, bytes)?)))
    }
}
