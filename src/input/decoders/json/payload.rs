//! Finds the payload of a record without looking at what stands before it.
//!
//! In JSON a quote within a string has a backslash before it. So where `"data":` stands in a record and no backslash
//! before it, it is the name of a member. Of the record itself, and not of something inside it, if from its value on
//! other members follow up to the record's end. Whatever does not look like this is left to the exact way (`locate`).

use std::ops::Range;

use memchr::memmem::Finder;

use super::scan::space;
use super::skip::{key, skip};
use crate::input::decoders::plan::template::Segment;

/// The member of a record that is its payload, by name.
#[derive(Debug)]
pub struct PayloadFinder {
    name: Box<[u8]>,
    /// `"data":`
    key: Finder<'static>,
}

impl PayloadFinder {
    /// None where the pointer leads deeper, or to a name that may be written in several ways.
    pub fn new(pointer: &[Segment]) -> Option<Self> {
        let [Segment::Key(name)] = pointer else { return None };
        if !name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'$' | b'@')) {
            return None;
        }
        let key = [b"\"", &**name, b"\":"].concat();
        Some(Self { name: name.clone(), key: Finder::new(&key).into_owned() })
    }

    /// The value's place in a record that is an object and was read before.
    pub fn find(&self, record: &[u8]) -> Option<Range<usize>> {
        let at = self.key.find(record)?;
        if record.get(at.checked_sub(1)?) == Some(&b'\\') {
            return None;
        }
        let start = space::<false>(record, at + self.key.needle().len());
        let end = skip::<false>(record, start, 0).ok()?;
        let mut p = space::<false>(record, end);
        while record.get(p)? == &b',' {
            let next = key::<false>(record, space::<false>(record, p + 1)).ok()?;
            // Of equal names the last one counts.
            if next.escaped || next.name == &*self.name {
                return None;
            }
            p = space::<false>(record, skip::<false>(record, next.value, 0).ok()?);
        }
        let whole = record.get(p)? == &b'}' && space::<false>(record, p + 1) == record.len();
        (whole && record.get(start..end) != Some(b"null")).then_some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::decoders::json::locate::locate;

    /// What the exact way finds, `null` being nothing.
    fn exact(record: &[u8], pointer: &[Segment]) -> Option<Range<usize>> {
        let found = locate(record, space::<false>(record, 0), pointer)?;
        (record.get(found.range.clone()) != Some(b"null")).then_some(found.range)
    }

    #[test]
    fn it_finds_what_the_exact_way_finds_or_nothing() {
        let pointer = [Segment::Key(b"data".as_slice().into())];
        let finder = PayloadFinder::new(&pointer).expect("a plain name");
        for (record, found) in [
            (r#"{"type":"A","data":{"x":[1,"}"]}}"#, true),
            (r#" {"data": 7 , "meta":{"a":1} } "#, true),
            (r#"{"data":"x","type":"A","d":null}"#, true),
            // Not its own, or not alone, or not certainly so.
            (r#"{"meta":{"data":1},"type":"A"}"#, false),
            (r#"{"meta":{"data":1},"data":2}"#, false),
            (r#"{"meta":[{"data":1}]}"#, false),
            (r#"{"data":1,"data":2}"#, false),
            (r#"{"data":1,"d\u0061ta":2}"#, false),
            (r#"{"text":"\"data\":1","data":2}"#, true),
            (r#"{"text":"x\\","data":2}"#, true),
            (r#"{"text":"\\\"data\":2"}"#, false),
            (r#"{"data" :1}"#, false),
            (r#"{"data":null}"#, false),
            (r#"{"type":"A"}"#, false),
        ] {
            let range = finder.find(record.as_bytes());
            assert_eq!(range.is_some(), found, "{record}");
            if range.is_some() {
                assert_eq!(range, exact(record.as_bytes(), &pointer), "{record}");
            }
        }
    }

    /// Every byte changed once: where the record is still JSON, both find the same.
    #[test]
    fn changed_records_are_found_alike() {
        let pointer = [Segment::Key(b"data".as_slice().into())];
        let finder = PayloadFinder::new(&pointer).expect("a plain name");
        let text = br#"{"a":"x\\\"","m":{"data":[1]},"data":{"b":"\"data\":"},"z":"data"}"#;
        let mut both = 0;
        for at in 0..text.len() {
            for byte in 0..=0xFF {
                let mut record = text.to_vec();
                record[at] = byte;
                if serde_json::from_slice::<serde::de::IgnoredAny>(&record).is_err() {
                    continue;
                }
                if let Some(range) = finder.find(&record) {
                    both += 1;
                    assert_eq!(Some(range), exact(&record, &pointer), "{}", String::from_utf8_lossy(&record));
                }
            }
        }
        // The first hit is a member of something inside, so only changes of its name let the second be found.
        assert!(both > 100, "{both}");
    }

    #[test]
    fn other_pointers_are_left_to_the_exact_way() {
        let key = |name: &str| Segment::Key(name.as_bytes().into());
        for pointer in [vec![key("a"), key("b")], vec![Segment::Any], vec![key("a\"b")], vec![key("ü")], vec![]] {
            assert!(PayloadFinder::new(&pointer).is_none());
        }
    }
}
