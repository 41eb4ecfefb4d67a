//! A file that should be one event but is no JSON: one record that cannot be decoded, bytes kept.

use std::sync::Arc;

use super::json::JsonFormat;
use super::plan::Plan;
use super::{Format, Framing, RecordReader};
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode};
use crate::model::mapping::Mapping;
use crate::model::row::{RowSink, Span};
use crate::model::source::Decode;

pub struct OneUndecodable {
    plan: Plan,
}

impl OneUndecodable {
    pub fn new(plan: Plan) -> Self {
        Self { plan }
    }
}

impl Format for OneUndecodable {
    fn framing(&self) -> Framing {
        Framing::Stream
    }

    fn mapping(&self) -> Arc<Mapping> {
        Arc::clone(&self.plan.mapping)
    }

    fn describe(&self) -> String {
        "not JSON".to_owned()
    }

    fn reader(&self) -> Box<dyn RecordReader> {
        Box::new(Whole)
    }

    fn decode(&self) -> Arc<dyn Decode> {
        JsonFormat::values(self.plan.clone()).decode()
    }
}

struct Whole;

impl RecordReader for Whole {
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize {
        if !last {
            return 0;
        }
        if !buf.is_empty() {
            let span = Span { offset: at, len: u32::try_from(buf.len()).unwrap_or(u32::MAX) };
            sink.undecodable(span, Issue { code: IssueCode::NotJson, at: Some(0) });
        }
        buf.len()
    }
}
