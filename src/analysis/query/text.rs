//! Text and regular expressions in the stored bytes of records.
//!
//! Whole blocks are searched first and hits are mapped to rows by their spans, because most bytes
//! are never part of a hit. A match has to lie inside one record: what crosses its end is no match.

use std::fmt::Write as _;

use memchr::memmem::Finder;
use regex::bytes::Regex;

/// Matches that cross a record's end after which an expression is no longer tried on whole blocks.
const MAX_CROSSINGS: u32 = 16;

#[derive(Clone, Debug)]
pub(super) enum TextTest {
    /// Any of these: the text as typed, and as JSON writes it where that differs.
    Literal(Vec<Finder<'static>>),
    Regex {
        regex: Box<Regex>,
        /// What it matches depends on where the record starts or ends, so blocks would mislead it.
        record_by_record: bool,
    },
}

/// Rows of a block: where each starts and ends in it, both ascending.
pub(in crate::analysis) trait Spans {
    fn len(&self) -> usize;
    fn span(&self, i: usize) -> (usize, usize);
}

impl TextTest {
    pub fn literal(text: &str) -> Self {
        let mut forms = vec![text.to_owned()];
        let json = serde_json::Value::from(text).to_string();
        let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or(&json).to_owned();
        let ascii: String = json.chars().map(ascii_escaped).collect();
        for form in [json, ascii] {
            if !forms.contains(&form) {
                forms.push(form);
            }
        }
        Self::Literal(forms.iter().map(|form| Finder::new(form.as_bytes()).into_owned()).collect())
    }

    /// What a record of JSON text holds if a member of this name is anywhere in it: the name as it is,
    /// or an escape that may stand for one of its letters. A short name is in too many other words, so
    /// it is looked for with the quote behind it, also as JSON within a string has that.
    pub fn member(name: &str) -> Self {
        let named = if name.len() > 3 { vec![name.to_owned()] } else { vec![format!("{name}\""), format!("{name}\\")] };
        let forms = named.iter().map(String::as_str).chain(["\\u"]);
        Self::Literal(forms.map(|form| Finder::new(form.as_bytes()).into_owned()).collect())
    }

    pub fn regex(regex: Regex) -> Self {
        let anchors = ["^", "$", "\\b", "\\B", "\\A", "\\z", "\\<", "\\>"];
        let record_by_record = anchors.iter().any(|anchor| regex.as_str().contains(anchor)) || regex.is_match(b"");
        Self::Regex { regex: Box::new(regex), record_by_record }
    }

    pub fn is_in(&self, record: &[u8]) -> bool {
        match self {
            Self::Literal(forms) => forms.iter().any(|form| form.find(record).is_some()),
            Self::Regex { regex, .. } => regex.is_match(record),
        }
    }

    /// Calls `hit` with the rows of the block that match, possibly more than once.
    pub fn scan(&self, block: &[u8], rows: &impl Spans, hit: &mut impl FnMut(usize)) {
        match self {
            Self::Literal(forms) => forms.iter().for_each(|form| scan_literal(form, block, rows, hit)),
            Self::Regex { regex, record_by_record } => scan_regex(regex, *record_by_record, block, rows, hit),
        }
    }
}

fn scan_literal(form: &Finder<'_>, block: &[u8], rows: &impl Spans, hit: &mut impl FnMut(usize)) {
    let (mut at, mut row) = (0, 0);
    while let Some(found) = block.get(at..).and_then(|rest| form.find(rest)) {
        let found = at + found;
        let end = found + form.needle().len();
        row = first_ending_after(rows, row, found);
        if row >= rows.len() {
            return;
        }
        at = found + 1;
        let mut next = row;
        // Several rows may share their bytes: a record that holds several events.
        while next < rows.len() && rows.span(next).0 <= found {
            let row_end = rows.span(next).1;
            if end <= row_end {
                hit(next);
                at = at.max(row_end);
            }
            next += 1;
        }
    }
}

fn scan_regex(regex: &Regex, record_by_record: bool, block: &[u8], rows: &impl Spans, hit: &mut impl FnMut(usize)) {
    let (mut at, mut row, mut crossings) = (0, 0, 0);
    let matches = |row: usize| {
        let (start, end) = rows.span(row);
        block.get(start..end).is_some_and(|record| regex.is_match(record))
    };
    while !record_by_record && crossings < MAX_CROSSINGS {
        let Some(found) = regex.find_at(block, at) else { return };
        row = first_ending_after(rows, row, found.start());
        if row >= rows.len() {
            return;
        }
        let mut next = row;
        at = found.start() + 1;
        while next < rows.len() && rows.span(next).0 <= found.start() {
            let (_, row_end) = rows.span(next);
            let inside = found.end() <= row_end;
            crossings += u32::from(!inside);
            if inside || matches(next) {
                hit(next);
            }
            at = at.max(row_end);
            next += 1;
        }
        if at > block.len() {
            return;
        }
    }
    (row..rows.len()).filter(|&row| matches(row)).for_each(hit);
}

/// The first row from `from` on that ends after `at`, found in steps that double.
fn first_ending_after(rows: &impl Spans, from: usize, at: usize) -> usize {
    let (mut low, mut step) = (from, 1);
    while low + step <= rows.len() && rows.span(low + step - 1).1 <= at {
        low += step;
        step *= 2;
    }
    let mut high = (low + step).min(rows.len());
    while low < high {
        let middle = low + (high - low) / 2;
        if rows.span(middle).1 <= at {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

/// As JSON writers that keep to ASCII put it.
fn ascii_escaped(c: char) -> String {
    if c.is_ascii() {
        return c.to_string();
    }
    let mut out = String::new();
    for unit in c.encode_utf16(&mut [0; 2]) {
        write!(out, "\\u{unit:04x}").expect("a String takes everything");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    struct List(Vec<(usize, usize)>);

    impl Spans for List {
        fn len(&self) -> usize {
            self.0.len()
        }
        fn span(&self, i: usize) -> (usize, usize) {
            self.0[i]
        }
    }

    fn lines(text: &str) -> List {
        let mut at = 0;
        List(
            text.split_inclusive('\n')
                .map(|line| {
                    at += line.len();
                    (at - line.len(), at - usize::from(line.ends_with('\n')))
                })
                .collect(),
        )
    }

    fn found(test: &TextTest, text: &str, rows: &List) -> Vec<usize> {
        let mut hits = Vec::new();
        test.scan(text.as_bytes(), rows, &mut |row| hits.push(row));
        hits.sort_unstable();
        hits.dedup();
        hits
    }

    fn naive(test: &TextTest, text: &str, rows: &List) -> Vec<usize> {
        (0..rows.0.len()).filter(|&i| test.is_in(&text.as_bytes()[rows.0[i].0..rows.0[i].1])).collect()
    }

    #[test]
    fn json_escapes_are_searched_for_too() {
        for (text, record) in
            [("a \"b\"", r#"{"n":"a \"b\""}"#), ("é€😀", r#"{"n":"\u00e9\u20ac\ud83d\ude00"}"#), ("é", "é")]
        {
            assert!(TextTest::literal(text).is_in(record.as_bytes()), "{text}");
        }
        assert!(!TextTest::literal("abc").is_in(b"ab"));
    }

    #[test]
    fn a_member_leaves_its_name_in_the_record() {
        for (name, record, expected) in [
            ("total", r#"{"total":1}"#, true),
            ("ok", r#"{"ok" : true}"#, true),
            ("ok", r#"{"data":"{\"ok\":true}"}"#, true),
            ("ok", r#"{"\u006fk":true}"#, true),
            ("ok", r#"{"token":"books"}"#, false),
            ("id", r#"{"orderId":"1","idle":2}"#, false),
        ] {
            assert_eq!(TextTest::member(name).is_in(record.as_bytes()), expected, "{name} in {record}");
        }
    }

    #[test]
    fn rows_that_share_their_bytes_all_match() {
        let rows = List(vec![(0, 4), (0, 4), (5, 9)]);
        assert_eq!(found(&TextTest::literal("b"), "abcd abcd", &rows), [0, 1, 2]);
        assert_eq!(found(&TextTest::literal("d a"), "abcd abcd", &rows), Vec::<usize>::new());
    }

    proptest! {
        #[test]
        fn blocks_and_single_records_agree(text in "[ab\n]{0,80}", pattern in 0_usize..8) {
            let regex = |p: &str| TextTest::regex(Regex::new(p).expect("a valid pattern"));
            let test = match pattern {
                0 => TextTest::literal("ab"),
                1 => TextTest::literal("aa"),
                2 => regex("ab+"),
                3 => regex("^a"),
                4 => regex("(?s)a.*b"),
                5 => regex("b[^a]*a"),
                6 => regex("a$"),
                _ => regex("a\\sb|ba"),
            };
            let rows = lines(&text);
            prop_assert_eq!(found(&test, &text, &rows), naive(&test, &text, &rows));
        }
    }
}
