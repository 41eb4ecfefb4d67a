//! Tables of text: comma, semicolon, tab or bar separated, with or without a header, quoted cells
//! over several lines included.
//!
//! The surprise: a row is turned into a JSON object of its columns before anything is looked for in
//! it, so that a cell with JSON inside works as it does elsewhere. Cells stay text: `007` is `"007"`.

mod decode;
mod layout;
mod reader;
mod rows;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::layout::Layout;
use super::plan::Plan;
use super::{Decoder, Format, Framing, RecordReader, Sample, Verdict, infer, opening, presets};
use crate::model::error::Result;
use crate::model::mapping::Mapping;
use crate::model::source::{Decode, ReadAt};

#[derive(Debug)]
pub struct Csv;

impl Decoder for Csv {
    fn name(&self) -> &'static str {
        "CSV"
    }

    fn verdict(&self, sample: &Sample<'_>) -> Verdict {
        let layout = Layout::of(sample)?;
        Ok(if layout.has_header { 60 } else { 30 })
    }

    fn open(&self, sample: &Sample<'_>, bytes: &Arc<dyn ReadAt>, mapping: Option<Mapping>) -> Result<Arc<dyn Format>> {
        let layout = match Layout::of(sample) {
            Ok(layout) => layout,
            Err(why) => return opening::nothing_found(sample, &format!("No table: {why}")),
        };
        let mapping = match mapping {
            Some(mapping) => mapping,
            None => infer::recognise(&layout.records(sample)),
        };
        if mapping.type_name.is_empty() && mapping.time.is_empty() {
            return opening::nothing_found(sample, "No column of this table looks like a type or a time");
        }
        let plan = opening::plan(mapping, sample, bytes)?;
        Ok(Arc::new(CsvFormat { layout: Arc::new(layout), plan: Arc::new(plan) }))
    }
}

#[derive(Debug)]
struct CsvFormat {
    layout: Arc<Layout>,
    plan: Arc<Plan>,
}

impl Format for CsvFormat {
    fn framing(&self) -> Framing {
        Framing::Stream
    }

    fn grows_by_lines(&self) -> bool {
        true
    }

    fn mapping(&self) -> Arc<Mapping> {
        Arc::clone(&self.plan.mapping)
    }

    fn describe(&self) -> String {
        let kind = match self.layout.separator {
            b',' => "CSV",
            b'\t' => "TSV",
            b';' => "CSV with semicolons",
            _ => "CSV with bars",
        };
        match self.plan.mapping.envelope.as_str() {
            infer::INFERRED => kind.to_owned(),
            envelope => format!("{kind}, {}", presets::label(envelope)),
        }
    }

    fn reader(&self) -> Box<dyn RecordReader> {
        Box::new(reader::Reader::new(Arc::clone(&self.layout), &self.plan))
    }

    fn decode(&self) -> Arc<dyn Decode> {
        Arc::new(decode::CsvDecode::new(Arc::clone(&self.layout), &self.plan))
    }
}
