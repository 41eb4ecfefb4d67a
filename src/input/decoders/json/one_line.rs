//! Whether texts that come one after another are JSON that a record can hold as it is: millions of messages have few
//! shapes, and comparing what stands between their values is quicker than following the grammar through each.

use std::sync::Arc;

use super::shapes::Shapes;
use super::stops::Stops;
use crate::base::bytes::is_utf8;
use crate::input::decoders::plan::{Captures, Plan, Program};
use crate::model::mapping::Mapping;
use crate::model::message::{Values, is_one_line_of_json};

/// What is known of the texts so far.
#[derive(Debug)]
pub struct OneLine {
    /// Wants nothing.
    program: Arc<Program>,
    captures: Captures,
    shapes: Shapes,
    stops: Stops,
    /// The text at hand, with the bytes behind it that a walk may look at.
    text: Vec<u8>,
}

impl Default for OneLine {
    fn default() -> Self {
        let program = Plan::compile(Mapping::default(), "", None).expect("there is nothing in it").rows;
        Self {
            captures: Captures::new(&program),
            shapes: Shapes::new(&program),
            program,
            stops: Stops::default(),
            text: Vec::new(),
        }
    }
}

impl Values for OneLine {
    fn is_json(&mut self, text: &[u8]) -> bool {
        if !text.starts_with(b"{") || !self.shapes.are_usual() {
            return is_one_line_of_json(text);
        }
        self.text.clear();
        self.text.extend_from_slice(text);
        self.text.extend_from_slice(&[b'\n'; Shapes::MARGIN]);
        self.stops.mark(&self.text);
        self.captures.begin();
        // What is learned keeps to one line and to the depth of records, so what looks like it does.
        if self.shapes.walk(&self.stops, &self.text, 0, &mut self.captures) == Some(text.len()) {
            return is_utf8(text);
        }
        let is_json = is_one_line_of_json(text);
        if is_json {
            self.shapes.learn::<true>(&self.program, &self.text, 0, text.len());
        }
        is_json
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_they_would_be_each_by_itself() {
        let good = r#"{"type":"ab\"c","n":12.5,"list":[true,null,{"k":[]}],"deep":{"x":{}},"y":"ü"}"#;
        let mut known = OneLine::default();
        for text in [good, &good.replace("12.5", "-7"), &good.replace(',', " ,\t"), "{}", "[1]", "7", "\"a\"", ""] {
            for round in 0..3 {
                assert_eq!(known.is_json(text.as_bytes()), is_one_line_of_json(text.as_bytes()), "{round}: {text}");
            }
            for at in (0..text.len()).filter(|at| text.is_char_boundary(*at)) {
                for other in ["\"", "\\", "{", "}", "]", ",", ":", "0", "-", " ", "\r", "\n", "\t", "x", "\u{1}"] {
                    let rest = text.get(at + 1..).unwrap_or_default();
                    for changed in
                        [format!("{}{other}{rest}", &text[..at]), format!("{}{other}{}", &text[..at], &text[at..])]
                    {
                        assert_eq!(
                            known.is_json(changed.as_bytes()),
                            is_one_line_of_json(changed.as_bytes()),
                            "{changed:?}"
                        );
                    }
                }
                assert_eq!(known.is_json(&text.as_bytes()[..at]), is_one_line_of_json(&text.as_bytes()[..at]));
            }
        }
        let mut known = OneLine::default();
        assert!((0..1000).all(|n| known.is_json(good.replace("12", &n.to_string()).as_bytes())));
        assert!(known.shapes.are_usual(), "it does not look twice");
    }

    #[test]
    fn text_of_another_encoding_is_none() {
        let mut known = OneLine::default();
        for text in [&b"{\"a\":\"x\"}"[..], b"{\"a\":\"\xE9\"}", b"{\"a\":\"\xC3\xA9\"}", b"{\"a\":\"\xC3\"}"] {
            assert_eq!(known.is_json(text), std::str::from_utf8(text).is_ok(), "{text:?}");
        }
    }

    #[test]
    fn depth_counts() {
        let mut known = OneLine::default();
        for levels in [10, 60, 61, 62, 63, 64, 100, 126, 127, 128, 129, 130] {
            let text = format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
            for _ in 0..3 {
                assert_eq!(known.is_json(text.as_bytes()), is_one_line_of_json(text.as_bytes()), "{levels}");
            }
        }
    }
}
