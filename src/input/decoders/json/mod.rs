//! JSON in its three shapes: an object a line, objects one after another, and a document with events
//! inside it. What is found in a record is up to the [`Plan`]; no tree of a record is ever built on
//! the way to the index.
//!
//! A walk follows JSON's grammar to the letter except for UTF-8, also in values that nobody asked for.
//! Of equal keys the last one counts, as in every JSON parser.

mod decode;
mod document;
mod issues;
mod learned;
mod lines;
mod locate;
mod one_line;
mod pass;
mod payload;
mod record;
mod shapes;
mod skip;
mod stops;
mod unescape;
mod values;
mod walk;

pub use one_line::OneLine;
pub use walk::Walker;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::plan::Plan;
use super::plan::template::{Segment, single_pointer};
use super::presets::label;
use super::{Format, Framing, RecordReader};
use crate::base::scan;
use crate::model::error::Result;
use crate::model::mapping::{Mapping, Template};
use crate::model::source::Decode;

#[derive(Clone, Debug)]
enum Shape {
    Lines,
    Values,
    Document(Arc<[Segment]>),
}

/// A JSON source as learned.
#[derive(Clone, Debug)]
pub struct JsonFormat {
    plan: Arc<Plan>,
    shape: Shape,
}

impl JsonFormat {
    /// NDJSON: one object a line.
    #[must_use]
    pub fn lines(plan: Plan) -> Self {
        Self { plan: Arc::new(plan), shape: Shape::Lines }
    }

    /// Objects one after another, over any number of lines each.
    #[must_use]
    pub fn values(plan: Plan) -> Self {
        Self { plan: Arc::new(plan), shape: Shape::Values }
    }

    /// A document, or several, whose events are the elements or members of what is at `pointer`: `""`
    /// or `/` for the document itself, `/Records`, `/resourceSpans/*/scopeSpans`.
    ///
    /// # Errors
    /// When `pointer` is none.
    pub fn document(plan: Plan, pointer: &str) -> Result<Self> {
        let path = if pointer == "/" { Vec::new() } else { single_pointer(&Template::from(pointer))? };
        Ok(Self { plan: Arc::new(plan), shape: Shape::Document(path.into()) })
    }
}

impl Format for JsonFormat {
    fn framing(&self) -> Framing {
        match self.shape {
            Shape::Lines => Framing::Lines,
            Shape::Values | Shape::Document(_) => Framing::Stream,
        }
    }

    fn is_document(&self) -> bool {
        !matches!(self.shape, Shape::Lines)
    }

    fn mapping(&self) -> Arc<Mapping> {
        Arc::clone(&self.plan.mapping)
    }

    fn describe(&self) -> String {
        let shape = match self.shape {
            Shape::Lines => "NDJSON",
            Shape::Values => "JSON values",
            Shape::Document(_) => "JSON document",
        };
        match self.plan.mapping.envelope.as_str() {
            "" => shape.to_owned(),
            envelope => format!("{shape}, {}", label(envelope)),
        }
    }

    fn reader(&self) -> Box<dyn RecordReader> {
        let program = Arc::clone(&self.plan.rows);
        match &self.shape {
            Shape::Lines => Box::new(lines::Lines::new(program)),
            Shape::Values => Box::new(values::Values::new(program)),
            Shape::Document(path) => Box::new(document::Document::new(program, Arc::clone(path))),
        }
    }

    fn decode(&self) -> Arc<dyn Decode> {
        Arc::new(decode::JsonDecode::new(Arc::clone(&self.plan)))
    }
}
