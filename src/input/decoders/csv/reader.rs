//! One pass over a table.

use std::sync::Arc;

use super::layout::Layout;
use super::rows::{Cells, Next, Splitter};
use crate::input::decoders::RecordReader;
use crate::input::decoders::json::Walker;
use crate::input::decoders::plan::{Plan, Program, Rows};
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode};
use crate::model::row::{RowSink, Span};

const BOM: &[u8] = b"\xEF\xBB\xBF";

pub struct Reader {
    layout: Arc<Layout>,
    program: Arc<Program>,
    splitter: Splitter,
    cells: Cells,
    /// The row as an object.
    object: Vec<u8>,
    walker: Walker,
    rows: Rows,
    header_read: bool,
}

impl Reader {
    pub fn new(layout: Arc<Layout>, plan: &Plan) -> Self {
        let program = Arc::clone(&plan.rows);
        Self {
            splitter: Splitter::new(layout.separator),
            header_read: !layout.has_header,
            walker: Walker::new(&program),
            rows: Rows::new(&program),
            layout,
            program,
            cells: Cells::default(),
            object: Vec::new(),
        }
    }

    fn row(&mut self, span: Span, unfinished: bool, sink: &mut dyn RowSink) {
        if self.cells.len() != self.layout.columns.len() {
            let code = if unfinished { IssueCode::Incomplete } else { IssueCode::WrongColumns };
            sink.undecodable(span, Issue { code, at: None });
            return;
        }
        write_object(&self.layout, &self.cells, &mut self.object);
        self.walker.begin();
        if self.walker.object::<false>(&self.program, &self.object, 0, 0).is_ok() {
            self.rows.emit(&self.program, &mut self.walker.captures, &self.object, span, sink);
        } else {
            sink.undecodable(span, Issue { code: IssueCode::BrokenJson, at: None });
        }
    }
}

impl RecordReader for Reader {
    fn read(&mut self, buf: &[u8], at: ByteOffset, last: bool, sink: &mut dyn RowSink) -> usize {
        // A header stands at the start and nowhere else, whatever part of a table this reader gets.
        self.header_read |= at.0 > BOM.len() as u64;
        let mut used = if at.0 == 0 && buf.starts_with(BOM) { BOM.len() } else { 0 };
        loop {
            let rest = buf.get(used..).unwrap_or_default();
            match self.splitter.next(rest, last, &mut self.cells) {
                Next::Nothing => return buf.len(),
                Next::More { start } => return used + start,
                Next::Row { start, end, next } => {
                    let offset = ByteOffset(at.0 + (used + start) as u64);
                    let span = Span { offset, len: u32::try_from(end - start).unwrap_or(u32::MAX) };
                    if std::mem::replace(&mut self.header_read, true) {
                        self.row(span, last && end == next, sink);
                    }
                    used += next;
                }
            }
        }
    }
}

/// `{"name":"cell",…}`; empty cells are left out, as absent fields are.
pub fn write_object(layout: &Layout, cells: &Cells, object: &mut Vec<u8>) {
    object.clear();
    object.push(b'{');
    for (name, cell) in layout.columns.iter().zip(cells.iter()) {
        if object.len() > 1 {
            object.push(b',');
        }
        write_text(name.as_bytes(), object);
        object.push(b':');
        write_text(cell, object);
    }
    object.push(b'}');
}

fn write_text(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &byte in text {
        match byte {
            b'"' | b'\\' => out.extend([b'\\', byte]),
            b'\n' => out.extend(b"\\n"),
            b'\r' => out.extend(b"\\r"),
            b'\t' => out.extend(b"\\t"),
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
                out.extend([b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 15)]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
