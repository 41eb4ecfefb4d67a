//! Reads single rows again, as objects of their columns.

use std::sync::Arc;

use serde_json::Value;

use super::layout::Layout;
use super::reader::write_object;
use super::rows::{Cells, Next, Splitter};
use crate::input::decoders::Format;
use crate::input::decoders::json::JsonFormat;
use crate::input::decoders::plan::Plan;
use crate::model::envelope::Envelope;
use crate::model::issue::{Issue, IssueCode};
use crate::model::source::Decode;

#[derive(Debug)]
pub struct CsvDecode {
    layout: Arc<Layout>,
    objects: Arc<dyn Decode>,
}

impl CsvDecode {
    pub fn new(layout: Arc<Layout>, plan: &Plan) -> Self {
        Self { layout, objects: JsonFormat::values(plan.clone()).decode() }
    }

    /// The row as an object's text.
    fn object(&self, record: &[u8]) -> Option<Vec<u8>> {
        let mut cells = Cells::default();
        let Next::Row { .. } = Splitter::new(self.layout.separator).next(record, true, &mut cells) else { return None };
        if cells.len() != self.layout.columns.len() {
            return None;
        }
        let mut object = Vec::new();
        write_object(&self.layout, &cells, &mut object);
        Some(object)
    }
}

impl Decode for CsvDecode {
    fn envelope(&self, record: &[u8]) -> Envelope {
        let whole = 0..record.len();
        if let Some(object) = self.object(record) {
            return Envelope { data: whole, ..self.objects.envelope(&object) };
        }
        let issue = Some(Issue { code: IssueCode::WrongColumns, at: None });
        Envelope { data: whole, issue, ..Envelope::default() }
    }

    fn json(&self, record: &[u8]) -> Option<Value> {
        self.objects.json(&self.object(record)?)
    }

    fn data_json(&self, record: &[u8]) -> Option<String> {
        let data = self.objects.data_json(&self.object(record)?)?;
        // A cell is text; one that holds JSON is given as that JSON.
        let inner = serde_json::from_str::<String>(&data).ok();
        let inner = inner.filter(|text| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok());
        Some(inner.unwrap_or(data))
    }
}
