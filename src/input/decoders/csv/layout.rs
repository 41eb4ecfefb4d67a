//! What a table looks like: its separator, whether its first row names the columns, and their names.

use serde_json::{Map, Value};

use super::rows::{Cells, Next, Splitter};
use crate::input::decoders::Sample;
use crate::input::decoders::infer::looks_like_a_value;
use crate::input::decoders::sample::{MAX_RECORDS, without_bom};

#[derive(Debug)]
pub struct Layout {
    pub separator: u8,
    pub has_header: bool,
    pub columns: Vec<String>,
}

const SEPARATORS: [u8; 4] = [b'\t', b',', b';', b'|'];
const ROWS_LOOKED_AT: usize = 60;
const MAX_NAME_BYTES: usize = 80;

impl Layout {
    /// # Errors
    /// Why the sample is no table.
    pub fn of(sample: &Sample<'_>) -> Result<Self, String> {
        let text = without_bom(sample.head);
        if text.contains(&0) {
            return Err("it holds bytes that no text has".to_owned());
        }
        let start = text.iter().position(|byte| !byte.is_ascii_whitespace()).ok_or("there is nothing in it")?;
        if matches!(text.get(start), Some(b'{' | b'[' | b'<')) {
            return Err("it does not start like a table".to_owned());
        }
        let tables = SEPARATORS.iter().filter_map(|separator| {
            let rows = rows(text, *separator, sample.complete);
            let columns = rows.first()?.len();
            let fitting = rows.iter().filter(|row| row.len() == columns).count();
            (columns > 1 && rows.len() > 1 && fitting * 5 >= rows.len() * 4).then_some((
                columns * fitting,
                *separator,
                rows,
            ))
        });
        let best = tables.max_by_key(|(cells, ..)| *cells);
        let (_, separator, rows) = best.ok_or("its lines do not split into the same columns")?;
        let first = rows.first().cloned().unwrap_or_default();
        let has_header = is_header(&first, rows.get(1..).unwrap_or_default());
        if !has_header && rows.len() < 3 {
            return Err("its first row names no columns".to_owned());
        }
        let columns = if has_header { names(&first) } else { names(&vec![String::new(); first.len()]) };
        Ok(Self { separator, has_header, columns })
    }

    /// The sample's rows as objects.
    pub fn records(&self, sample: &Sample<'_>) -> Vec<Value> {
        let mut splitter = Splitter::new(self.separator);
        let mut cells = Cells::default();
        let mut rest = without_bom(sample.head);
        let mut records = Vec::new();
        let mut header = self.has_header;
        while records.len() < MAX_RECORDS {
            let Next::Row { next, .. } = splitter.next(rest, sample.complete, &mut cells) else { break };
            rest = rest.get(next..).unwrap_or_default();
            if !std::mem::take(&mut header) && cells.len() == self.columns.len() {
                let members = self.columns.iter().cloned().zip(cells.texts().into_iter().map(Value::String));
                records.push(Value::Object(members.collect::<Map<_, _>>()));
            }
        }
        records
    }
}

fn rows(text: &[u8], separator: u8, complete: bool) -> Vec<Vec<String>> {
    let mut splitter = Splitter::new(separator);
    let mut cells = Cells::default();
    let mut rest = text;
    let mut rows = Vec::new();
    while rows.len() < ROWS_LOOKED_AT {
        let Next::Row { next, .. } = splitter.next(rest, complete, &mut cells) else { break };
        rows.push(cells.texts());
        rest = rest.get(next..).unwrap_or_default();
    }
    rows
}

/// Names, each once, short, and not values like those below them.
fn is_header(first: &[String], below: &[Vec<String>]) -> bool {
    let name = |cell: &String| cell.len() <= MAX_NAME_BYTES && !cell.contains('\n') && !looks_like_a_value(cell);
    let named = first.iter().filter(|cell| !cell.trim().is_empty()).count();
    // A row of data comes again in its columns.
    let repeated = first.iter().enumerate().filter(|(at, cell)| {
        let again = below.iter().filter(|row| row.get(*at) == Some(*cell)).count();
        !cell.is_empty() && again > 0
    });
    named * 2 > first.len() && first.iter().all(name) && repeated.count() * 2 < first.len().max(2)
}

/// Every column has a name of its own: `column_3` where the header has none, `name_2` for a second one.
fn names(header: &[String]) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(header.len());
    for (at, cell) in header.iter().enumerate() {
        let cell = cell.trim();
        let base = if cell.is_empty() { format!("column_{}", at + 1) } else { cell.to_owned() };
        let mut name = base.clone();
        let mut times = 1;
        while names.contains(&name) {
            times += 1;
            name = format!("{base}_{times}");
        }
        names.push(name);
    }
    names
}
