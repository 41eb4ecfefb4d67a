//! Tables as they are found: quoted, ragged, without a header, cut anywhere.

use std::io;
use std::sync::Arc;

use crate::input::decoders::{Format, Sample, open};
use crate::model::ids::ByteOffset;
use crate::model::issue::{Issue, IssueCode};
use crate::model::row::{Row, RowSink, Span};
use crate::model::source::ReadAt;

#[derive(Debug)]
struct NoBytes;

impl ReadAt for NoBytes {
    fn read_at(&self, _: &mut [u8], _: ByteOffset) -> io::Result<usize> {
        Ok(0)
    }

    fn len(&self) -> io::Result<u64> {
        Ok(0)
    }
}

#[derive(Debug, Default, PartialEq)]
struct Seen {
    /// Type and the record's bytes.
    events: Vec<(String, String)>,
    issues: Vec<(IssueCode, String)>,
}

struct Sink<'b> {
    bytes: &'b [u8],
    seen: Seen,
}

impl Sink<'_> {
    fn text(&self, span: Span) -> String {
        let start = span.offset.0 as usize;
        String::from_utf8_lossy(&self.bytes[start..start + span.len as usize]).into_owned()
    }
}

impl RowSink for Sink<'_> {
    fn event(&mut self, row: &Row<'_>) {
        let event = (String::from_utf8_lossy(row.type_name).into_owned(), self.text(row.span));
        self.seen.events.push(event);
    }

    fn undecodable(&mut self, span: Span, issue: Issue) {
        let issue = (issue.code, self.text(span));
        self.seen.issues.push(issue);
    }
}

fn opened(text: &str) -> Option<Arc<dyn Format>> {
    let bytes: Arc<dyn ReadAt> = Arc::new(NoBytes);
    open(&Sample { name: "t.csv", head: text.as_bytes(), complete: true }, &bytes, None).ok()
}

fn read(format: &dyn Format, bytes: &[u8]) -> Seen {
    let mut sink = Sink { bytes, seen: Seen::default() };
    assert_eq!(format.reader().read(bytes, ByteOffset(0), true, &mut sink), bytes.len());
    sink.seen
}

fn types(text: &str) -> Vec<String> {
    let format = opened(text).unwrap_or_else(|| panic!("does not open: {text}"));
    read(&*format, text.as_bytes()).events.into_iter().map(|(name, _)| name).collect()
}

#[test]
fn separators_headers_and_quotes() {
    for text in [
        "type,time,orderId\nPlaced,2026-02-16T10:30:00Z,o1\nPaid,2026-02-16T10:31:00Z,o1\n",
        "\u{feff}type;time;orderId\r\nPlaced;2026-02-16T10:30:00Z;o1\r\nPaid;2026-02-16T10:31:00Z;o1",
        "type\ttime\torderId\nPlaced\t2026-02-16T10:30:00Z\to1\nPaid\t2026-02-16T10:31:00Z\to1\n",
        "type|time|orderId\n\nPlaced|2026-02-16T10:30:00Z|o1\n\nPaid|2026-02-16T10:31:00Z|o1\n",
        "type,time,note\n\"Placed\",2026-02-16T10:30:00Z,\"two\nlines, \"\"quoted\"\"\"\n\"Paid\",2026-02-16T10:31:00Z,\n",
    ] {
        assert_eq!(types(text), ["Placed", "Paid"], "{text:?}");
    }
}

#[test]
fn tables_without_a_header_have_numbered_columns() {
    let text = "Placed,2026-02-16T10:30:00Z,o1\nPaid,2026-02-16T10:31:00Z,o1\nPlaced,2026-02-16T10:32:00Z,o2\n";
    let format = opened(text).expect("opens");
    assert_eq!(format.mapping().time.first().map(|time| time.field.0.as_str()), Some("/column_2"));
    assert_eq!(read(&*format, text.as_bytes()).events.len(), 3);
}

#[test]
fn what_is_no_table_is_refused() {
    for text in
        ["", "one line", "a plain log line\nand another, with a comma\nand one more\n", "a\nb\nc\n", "x,y\n1,2\n3,4\n"]
    {
        assert!(opened(text).is_none_or(|format| format.describe().starts_with("NDJSON")), "{text:?}");
    }
}

#[test]
fn ragged_rows_are_kept_as_undecodable() {
    let text =
        "type,time\nPlaced,2026-02-16T10:30:00Z\nshort\nPaid,2026-02-16T10:31:00Z,more\nPaid,2026-02-16T10:31:00Z\nun";
    let format = opened("type,time\nPlaced,2026-02-16T10:30:00Z\nPaid,2026-02-16T10:31:00Z\n").expect("opens");
    let seen = read(&*format, text.as_bytes());
    assert_eq!(seen.events.len(), 2);
    assert_eq!(
        seen.issues,
        [
            (IssueCode::WrongColumns, "short".to_owned()),
            (IssueCode::WrongColumns, "Paid,2026-02-16T10:31:00Z,more".to_owned()),
            (IssueCode::Incomplete, "un".to_owned()),
        ]
    );
}

#[test]
fn cells_stay_text_and_may_hold_json() {
    let text = "type,time,data,total\nPlaced,2026-02-16T10:30:00Z,\"{\"\"orderId\"\":\"\"o1\"\"}\",007\nPaid,2026-02-16T10:31:00Z,\"{\"\"orderId\"\":\"\"o1\"\"}\",1e400\n";
    let format = opened(text).expect("opens");
    assert_eq!(format.mapping().entities.first().map(|entity| entity.id.0.as_str()), Some("/data/{}/orderId"));
    let seen = read(&*format, text.as_bytes());
    let record = seen.events.first().expect("two rows").1.as_bytes();
    let decode = format.decode();
    let json = decode.json(record).expect("a row");
    assert_eq!(json.get("total").and_then(|cell| cell.as_str()), Some("007"));
    let envelope = decode.envelope(record);
    assert_eq!(envelope.entities.first().map(ToString::to_string).as_deref(), Some("order:o1"));
    assert_eq!(decode.data_json(record).as_deref(), Some("{\"orderId\":\"o1\"}"));
}

#[test]
fn buffers_may_end_anywhere() {
    let text = "type,time,note\r\nPlaced,2026-02-16T10:30:00Z,\"a\r\nb\"\r\n\r\nPaid,2026-02-16T10:31:00Z,\"x\"\"y\"\r\nshort\r\nPaid,2026-02-16T10:31:00Z,z";
    let format = opened(text).expect("opens");
    let bytes = text.as_bytes();
    let whole = read(&*format, bytes);
    assert_eq!((whole.events.len(), whole.issues.len()), (3, 1));
    for cut in 0..=bytes.len() {
        let mut reader = format.reader();
        let mut sink = Sink { bytes, seen: Seen::default() };
        let used = reader.read(&bytes[..cut], ByteOffset(0), false, &mut sink);
        assert!(used <= cut);
        reader.read(&bytes[used..], ByteOffset(used as u64), true, &mut sink);
        assert_eq!(sink.seen, whole, "cut at {cut}");
    }
}
