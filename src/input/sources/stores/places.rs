//! Where in their tables the records of a spool came from.

use std::sync::{Arc, Mutex};

use super::super::marks::Marks;
use super::super::stage::Context;
use crate::base::sync::lock;
use crate::model::error::Result;
use crate::model::row::Span;
use crate::model::source::Origin;

/// Rows of the spool and where they came from.
#[derive(Debug)]
pub(in super::super) struct Places {
    /// Spool position → row number.
    marks: Arc<Marks>,
    /// From which spool position on rows are of which table, and what their numbers are: `events row`.
    tables: Mutex<Vec<(u64, String)>>,
}

impl Places {
    pub fn create(context: &Context) -> Result<Self> {
        Ok(Self { marks: Marks::create(context)?, tables: Mutex::default() })
    }

    pub fn marks(&self) -> &Marks {
        &self.marks
    }

    /// Rows from here on are of this table.
    pub fn table(&self, at: u64, label: &str) {
        lock(&self.tables).push((at, label.to_owned()));
    }

    pub fn row(&self, at: u64, row: i64) -> Result<()> {
        self.marks.add(at, row.cast_unsigned())
    }
}

impl Origin for Places {
    fn place(&self, span: Span) -> String {
        let at = span.offset.0;
        let row = self.marks.find(at).map_or(0, |(_, row)| row.cast_signed());
        let tables = lock(&self.tables);
        let table = tables.iter().rev().find(|(from, _)| *from <= at).map_or("", |(_, name)| name.as_str());
        format!("{table} {row}")
    }
}
