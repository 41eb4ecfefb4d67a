//! The records of a sample as JSON trees, for recognising envelopes and inferring fields.
//!
//! For lines the sample also looks at a few places further on in the file: a log that starts with an
//! hour of heartbeats still has its orders found.

use std::sync::Arc;

use serde_json::Value;

use crate::model::ids::ByteOffset;
use crate::model::source::ReadAt;

/// Enough to tell a rare field from a wrong one, few enough to be looked at within milliseconds.
pub const MAX_RECORDS: usize = 400;
const HEAD_BYTES: usize = 256 << 10;
const FEW_RECORDS: usize = 24;
const LATER_PLACES: u64 = 4;
const LATER_BYTES: usize = 48 << 10;

/// Without the UTF-8 byte-order mark.
pub fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Objects of the lines in `head` and at a few places further on in `bytes`.
pub fn of_lines(head: &[u8], bytes: &Arc<dyn ReadAt>) -> Vec<Value> {
    let mut records = Vec::new();
    let mut seen = 0;
    for line in without_bom(head).split_inclusive(|byte| *byte == b'\n') {
        if records.len() >= MAX_RECORDS || (seen > HEAD_BYTES && records.len() >= FEW_RECORDS) {
            break;
        }
        seen += line.len();
        records.extend(object(line));
    }
    let len = bytes.len().unwrap_or(0);
    if len > (head.len() as u64).saturating_mul(2) {
        for place in 1..=LATER_PLACES {
            let at = len / (LATER_PLACES + 1) * place;
            let mut window = vec![0; LATER_BYTES];
            let Ok(read) = bytes.read_at(&mut window, ByteOffset(at)) else { break };
            window.truncate(read);
            // The first line is cut at its start and the last one at its end.
            let lines = window.split(|byte| *byte == b'\n').skip(1);
            records.extend(lines.filter_map(object).take(MAX_RECORDS / 8));
        }
    }
    records
}

/// Objects that follow each other in `head`, whatever is between them.
pub fn of_values(head: &[u8]) -> Vec<Value> {
    let values = serde_json::Deserializer::from_slice(without_bom(head)).into_iter::<Value>();
    values.map_while(Result::ok).filter(Value::is_object).take(MAX_RECORDS).collect()
}

fn object(line: &[u8]) -> Option<Value> {
    let line = line.trim_ascii();
    if line.first() != Some(&b'{') {
        return None;
    }
    match std::str::from_utf8(line) {
        Ok(line) => serde_json::from_str(line).ok(),
        // Text in another encoding has its fields all the same.
        Err(_) => serde_json::from_str(&String::from_utf8_lossy(line)).ok(),
    }
}
