//! Letters for the dialects' tests, made of header bytes as their producers write them.

use serde_json::Value;

use super::read;
use crate::analysis::dead_letters::config::Config;
use crate::analysis::dead_letters::letter::Letter;
use crate::analysis::dead_letters::seen::Seen;
use crate::model::message::HeaderValue;

pub fn bytes(value: impl AsRef<[u8]>) -> HeaderValue {
    HeaderValue::Bytes(value.as_ref().to_vec())
}

/// What a record with these headers looks like to dialects. `record` is the rest of it.
pub fn seen(record: Value, headers: &[(&str, HeaderValue)]) -> Seen {
    let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let payload = ["value", "payload", "body"].iter().find_map(|name| record.get(name)).map(Value::to_string);
    Seen::of(record, headers, payload, None)
}

/// The letter that all dialects together read.
pub fn letter(record: Value, headers: &[(&str, HeaderValue)]) -> Letter {
    read(&seen(record, headers), &Config::default()).expect("a letter")
}

pub fn no_letter(record: Value, headers: &[(&str, HeaderValue)]) {
    let found = read(&seen(record, headers), &Config::default());
    assert!(found.is_none(), "{found:?}");
}
