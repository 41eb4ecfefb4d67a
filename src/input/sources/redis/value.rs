//! Answers of Redis taken apart. What has another form than expected is nothing, never a panic: whoever answers
//! may be anyone.

use redis::Value;

use super::fields::Field;
use crate::model::message::EntryId;

/// An entry of a stream as it comes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub id: EntryId,
    pub fields: Vec<Field>,
}

impl Entry {
    /// Bytes of its fields.
    pub(super) fn bytes(&self) -> usize {
        self.fields.iter().map(|(name, value)| name.len() + value.len()).sum()
    }
}

/// The elements of a list; one after the other where it is a map.
pub(super) fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) | Value::Set(items) => items,
        Value::Map(members) => members.into_iter().flat_map(|(name, value)| [name, value]).collect(),
        _ => Vec::new(),
    }
}

pub(super) fn bytes(value: Value) -> Option<Vec<u8>> {
    match value {
        Value::BulkString(bytes) => Some(bytes),
        Value::SimpleString(text) | Value::VerbatimString { text, .. } => Some(text.into_bytes()),
        Value::Int(number) => Some(number.to_string().into_bytes()),
        Value::Okay => Some(b"OK".to_vec()),
        _ => None,
    }
}

pub(super) fn text(value: Value) -> Option<String> {
    bytes(value).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

pub(super) fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Int(number) => u64::try_from(*number).ok(),
        Value::BulkString(bytes) => std::str::from_utf8(bytes).ok()?.parse().ok(),
        _ => None,
    }
}

pub(super) fn id(value: Value) -> Option<EntryId> {
    text(value)?.parse().ok()
}

/// Pairs of a map, or of a list that stands for one.
pub(super) fn members(value: Value) -> Vec<(Vec<u8>, Value)> {
    let mut items = list(value).into_iter();
    let mut members = Vec::new();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        members.extend(bytes(name).map(|name| (name, value)));
    }
    members
}

/// A member by its name.
pub(super) fn member(members: &[(Vec<u8>, Value)], name: &str) -> Option<Value> {
    members.iter().find(|(known, _)| known == name.as_bytes()).map(|(_, value)| value.clone())
}

/// Entries as XRANGE tells them.
pub(super) fn entries(value: Value) -> Vec<Entry> {
    list(value).into_iter().filter_map(entry).collect()
}

pub(super) fn entry(value: Value) -> Option<Entry> {
    let mut parts = list(value).into_iter();
    let id = id(parts.next()?)?;
    let mut items = list(parts.next()?).into_iter();
    let mut fields = Vec::new();
    while let (Some(name), Some(value)) = (items.next(), items.next()) {
        fields.push((bytes(name)?, bytes(value)?));
    }
    Some(Entry { id, fields })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bulk(text: &str) -> Value {
        Value::BulkString(text.as_bytes().to_vec())
    }

    #[test]
    fn entries_keep_order_and_duplicates() {
        let fields = Value::Array(vec![bulk("a"), bulk("1"), bulk("a"), Value::BulkString(vec![0xff])]);
        let answer = Value::Array(vec![Value::Array(vec![bulk("5-1"), fields])]);
        let fields = vec![(b"a".to_vec(), b"1".to_vec()), (b"a".to_vec(), vec![0xff])];
        assert_eq!(entries(answer), [Entry { id: EntryId { ms: 5, seq: 1 }, fields }]);
    }

    #[test]
    fn odd_answers_are_nothing() {
        for odd in [Value::Nil, bulk("x"), Value::Array(vec![Value::Nil, Value::Array(vec![bulk("x"), Value::Nil])])] {
            assert_eq!(entries(odd), []);
        }
        assert_eq!(number(&bulk("12")), Some(12));
        assert_eq!(number(&Value::Int(-1)), None);
        let map = Value::Array(vec![bulk("length"), Value::Int(3), bulk("odd")]);
        assert_eq!(member(&members(map), "length"), Some(Value::Int(3)));
    }
}
