//! Finds one value in one record, for what is shown rather than indexed: the payload, the headers.

use std::ops::Range;

use super::scan::space;
use super::skip::{key, key_end, skip};
use super::unescape::unescape;
use crate::input::decoders::plan::template::Segment;

/// A value's bytes in the record. Inside a string that holds JSON, `range` is that string and `text`
/// what was found within it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    pub range: Range<usize>,
    pub text: Option<Vec<u8>>,
}

/// The value that `pointer` leads to from the value at `start`; `*` is the first element or member.
pub fn locate(record: &[u8], start: usize, pointer: &[Segment]) -> Option<Located> {
    let (mut at, mut end) = (start, None);
    for (depth, segment) in pointer.iter().enumerate() {
        match (segment, record.get(at)?) {
            (Segment::Inside, b'"') => {
                let end = skip::<false>(record, at, 0).ok()?;
                let mut text = Vec::new();
                unescape(record.get(at + 1..end - 1)?, &mut text);
                let inner_start = space::<false>(&text, 0);
                let inner = locate(&text, inner_start, pointer.get(depth + 1..)?)?;
                let found = match inner.text {
                    Some(text) => text,
                    None => text.get(inner.range)?.to_vec(),
                };
                return Some(Located { range: at..end, text: Some(found) });
            }
            (Segment::Key(key), b'{') => {
                let found = member(record, at, key)?;
                (at, end) = (found.start, Some(found.end));
                continue;
            }
            (Segment::Any, b'{') => at = first_member(record, at)?,
            (Segment::Key(key), b'[') => {
                let place: usize = std::str::from_utf8(key).ok()?.parse().ok()?;
                at = element(record, at, place)?;
            }
            (Segment::Any, b'[') => at = element(record, at, 0)?,
            _ => return None,
        }
        end = None;
    }
    let end = end.or_else(|| skip::<false>(record, at, 0).ok())?;
    Some(Located { range: at..end, text: None })
}

/// Where the value of the first member starts.
fn first_member(record: &[u8], at: usize) -> Option<usize> {
    key_end::<false>(record, space::<false>(record, at + 1)).ok()
}

/// The value of the last member with this name.
fn member(record: &[u8], at: usize, name: &[u8]) -> Option<Range<usize>> {
    let mut found = None;
    let mut p = space::<false>(record, at + 1);
    while record.get(p)? != &b'}' {
        let key = key::<false>(record, p).ok()?;
        let same = if key.escaped {
            let mut plain = Vec::new();
            unescape(key.name, &mut plain);
            plain == name
        } else {
            key.name == name
        };
        let end = skip::<false>(record, key.value, 0).ok()?;
        if same {
            found = Some(key.value..end);
        }
        p = space::<false>(record, end);
        if record.get(p)? == &b',' {
            p = space::<false>(record, p + 1);
        }
    }
    found
}

fn element(record: &[u8], at: usize, place: usize) -> Option<usize> {
    let mut p = space::<false>(record, at + 1);
    for _ in 0..place {
        p = space::<false>(record, skip::<false>(record, p, 0).ok()?);
        if record.get(p)? != &b',' {
            return None;
        }
        p = space::<false>(record, p + 1);
    }
    (record.get(p)? != &b']').then_some(p)
}
