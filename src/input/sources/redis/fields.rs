//! An entry's fields as headers and value, and back, to the byte.
//!
//! A field that by convention holds the message (`data`, `payload`, …) is the value and all others are headers.
//! Without one the fields are the value, as one JSON object, and only those are headers whose names begin as
//! those of headers do (`x-`, `ce-`, `eventglass-requeue-`, …). Names that occur twice, and what is no text, have
//! no place in an object: then the value is the list of all pairs.

use std::fmt;

use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::model::message::{EntryForm, HeaderValue, RedisPlace, is_one_line_of_json};

/// Name and value.
pub(super) type Field = (Vec<u8>, Vec<u8>);

/// Fields that hold the message whatever is in them, the likeliest first.
const VALUE_NAMES: [&str; 5] = ["data", "payload", "body", "envelope", "json"];

/// Fields that do so where they hold an object or a list, or are the only one: they may also be an event's name
/// or a measured value.
const PERHAPS_VALUE_NAMES: [&str; 3] = ["value", "event", "message"];

/// How the names of headers begin where no field is the value.
const HEADER_STARTS: [&str; 6] = ["x-", "ce-", "eventglass-requeue-", "exception-", "original-", "failed-"];

/// What a message has of an entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub form: EntryForm,
    pub headers_at: Vec<usize>,
    pub headers: Vec<(String, HeaderValue)>,
    pub value: Vec<u8>,
}

/// Headers and value of these fields.
pub(super) fn parts(fields: &[Field]) -> Parts {
    let Some(names) = texts(fields.iter().map(|(name, _)| name)) else { return pairs(fields) };
    if let Some(at) = value_at(&names, fields)
        && let (Some(name), Some((_, value))) = (names.get(at), fields.get(at))
    {
        let (headers_at, headers) = headers(fields, |position, _| position != at);
        return Parts { form: EntryForm::Field((*name).to_owned()), headers_at, headers, value: value.clone() };
    }
    let mut met: Vec<&str> = names.iter().copied().filter(|name| !is_header(name)).collect();
    met.sort_unstable();
    let unique = met.windows(2).all(|two| two.first() != two.last());
    let mut value = vec![b'{'];
    for (name, (_, text)) in names.iter().zip(fields).filter(|(name, _)| !is_header(name)) {
        let Ok(text) = std::str::from_utf8(text) else { return pairs(fields) };
        let comma = if value.len() > 1 { "," } else { "" };
        let member = if stands_as_json(text) { text.to_owned() } else { json!(text).to_string() };
        value.extend_from_slice(format!("{comma}{}:{member}", json!(name)).as_bytes());
    }
    if !unique {
        return pairs(fields);
    }
    value.push(b'}');
    let (headers_at, headers) = headers(fields, |_, name| is_header(name));
    Parts { form: EntryForm::Object, headers_at, headers, value }
}

fn texts<'f>(all: impl Iterator<Item = &'f Vec<u8>>) -> Option<Vec<&'f str>> {
    all.map(|bytes| std::str::from_utf8(bytes).ok()).collect()
}

fn value_at(names: &[&str], fields: &[Field]) -> Option<usize> {
    let of = |wanted: &&str| names.iter().position(|name| name.eq_ignore_ascii_case(wanted));
    let holds_more = |at: &usize| {
        let value = fields.get(*at).map_or(&[][..], |(_, value)| value);
        names.iter().filter(|name| !is_header(name)).count() == 1 || matches!(value.first(), Some(b'{' | b'['))
    };
    let surely = VALUE_NAMES.iter().find_map(of);
    surely.or_else(|| PERHAPS_VALUE_NAMES.iter().filter_map(of).find(holds_more))
}

fn is_header(name: &str) -> bool {
    let starts = |start: &&str| name.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start));
    HEADER_STARTS.iter().any(starts)
}

/// What stands in an object as it is, and is found in it as it was.
fn stands_as_json(text: &str) -> bool {
    let telling = text.starts_with(['{', '[', '-']) || text.starts_with(|first: char| first.is_ascii_digit());
    matches!(text, "true" | "false") || telling && is_one_line_of_json(text.as_bytes())
}

/// Those of the fields that are headers, and the positions of all that do not follow the value's fields.
fn headers(fields: &[Field], is_one: impl Fn(usize, &str) -> bool) -> (Vec<usize>, Vec<(String, HeaderValue)>) {
    let (mut at, mut found) = (Vec::new(), Vec::new());
    for (position, (name, value)) in fields.iter().enumerate() {
        if let Ok(name) = std::str::from_utf8(name)
            && is_one(position, name)
        {
            at.push(position);
            found.push((name.to_owned(), HeaderValue::Bytes(value.clone())));
        }
    }
    // Positions at the end say themselves.
    let mut end = fields.len();
    while at.last().is_some_and(|last| last + 1 == end) {
        at.pop();
        end -= 1;
    }
    (at, found)
}

fn pairs(fields: &[Field]) -> Parts {
    let (headers_at, headers) = headers(fields, |_, name| is_header(name));
    let json = |bytes: &Vec<u8>| HeaderValue::Bytes(bytes.clone()).to_json();
    let is_one = |(name, _): &&Field| !std::str::from_utf8(name).is_ok_and(is_header);
    let list: Vec<Value> = fields.iter().filter(is_one).map(|(name, value)| json!([json(name), json(value)])).collect();
    Parts { form: EntryForm::Pairs, headers_at, headers, value: Value::Array(list).to_string().into_bytes() }
}

/// The opposite of [`parts`], also where headers were added or taken away, or the value is another one.
///
/// # Errors
/// Why a value cannot be made into fields.
pub(super) fn fields(
    place: &RedisPlace,
    headers: &[(String, HeaderValue)],
    value: Option<&[u8]>,
) -> Result<Vec<Field>, String> {
    let Some(value) = value else { return Err("it has no value, and Redis has no tombstones".to_owned()) };
    let of_value = match &place.form {
        EntryForm::Field(name) => vec![(name.clone().into_bytes(), value.to_vec())],
        EntryForm::Object => object(value).ok_or("its value is no JSON object, so it gives no fields")?,
        EntryForm::Pairs => list(value).ok_or("its value is no list of pairs, so it gives no fields")?,
    };
    let bytes = |value: &HeaderValue| match value {
        HeaderValue::Bytes(bytes) | HeaderValue::ByteArray(bytes) => bytes.clone(),
        other => other.as_text().into_owned().into_bytes(),
    };
    let mut of_headers = headers.iter().map(|(name, value)| (name.clone().into_bytes(), bytes(value)));
    let mut of_value = of_value.into_iter();
    let mut all = Vec::new();
    loop {
        let header = if place.headers_at.contains(&all.len()) { of_headers.next() } else { None };
        match header.or_else(|| of_value.next()) {
            Some(field) => all.push(field),
            None => break,
        }
    }
    all.extend(of_headers);
    if all.is_empty() { Err("an entry has at least one field".to_owned()) } else { Ok(all) }
}

fn list(value: &[u8]) -> Option<Vec<Field>> {
    let pairs: Vec<[Value; 2]> = serde_json::from_slice(value).ok()?;
    let bytes = |json: &Value| HeaderValue::from_json(json)?.bytes().map(<[u8]>::to_vec);
    pairs.iter().map(|[name, value]| Some((bytes(name)?, bytes(value)?))).collect()
}

fn object(value: &[u8]) -> Option<Vec<Field>> {
    struct Members;
    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(String, &'de RawValue)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some(member) = map.next_entry()? {
                members.push(member);
            }
            Ok(members)
        }
    }
    let mut input = serde_json::Deserializer::from_slice(value);
    let members = input.deserialize_map(Members).ok()?;
    input.end().ok()?;
    let text = |raw: &RawValue| serde_json::from_str::<String>(raw.get()).unwrap_or_else(|_| raw.get().to_owned());
    Some(members.into_iter().map(|(name, raw)| (name.into_bytes(), text(raw).into_bytes())).collect())
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn all(pairs: &[(&str, &str)]) -> Vec<Field> {
        pairs.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
    }

    fn back(parts: &Parts) -> Result<Vec<Field>, String> {
        let place =
            RedisPlace { form: parts.form.clone(), headers_at: parts.headers_at.clone(), ..RedisPlace::default() };
        fields(&place, &parts.headers, Some(&parts.value))
    }

    #[test]
    fn fields_by_convention() {
        let object = EntryForm::Object;
        let field = |name: &str| EntryForm::Field(name.to_owned());
        for (pairs, form, headers, value) in [
            (&[("type", "OrderPlaced"), ("data", "{\"a\":1}")][..], field("data"), 1, "{\"a\":1}"),
            (&[("Payload", "text"), ("event", "{}")], field("Payload"), 1, "text"),
            (
                &[("event", "OrderPlaced"), ("orderId", "o-1")],
                object.clone(),
                0,
                r#"{"event":"OrderPlaced","orderId":"o-1"}"#,
            ),
            (&[("event", "{}"), ("source", "shop")], field("event"), 1, "{}"),
            (&[("message", "hello")], field("message"), 0, "hello"),
            (&[("message", "hello"), ("eventglass-requeue-id", "x")], field("message"), 1, "hello"),
            (&[("sensor-id", "1234"), ("value", "19.80")], object.clone(), 0, r#"{"sensor-id":1234,"value":19.80}"#),
            (
                &[
                    ("total", "59.90"),
                    ("phone", "007"),
                    ("note", "null"),
                    ("items", "[{\"sku\":\"a\"}]"),
                    ("x-trace", "t"),
                ],
                object.clone(),
                1,
                r#"{"total":59.90,"phone":"007","note":"null","items":[{"sku":"a"}]}"#,
            ),
            (&[("a", "1"), ("a", "2")], EntryForm::Pairs, 0, r#"[["a","1"],["a","2"]]"#),
        ] {
            let fields = all(pairs);
            let parts = parts(&fields);
            assert_eq!((&parts.form, parts.headers.len()), (&form, headers), "{pairs:?}");
            assert_eq!(String::from_utf8_lossy(&parts.value), value, "{pairs:?}");
            assert_eq!(back(&parts), Ok(fields), "{pairs:?}");
        }
    }

    #[test]
    fn what_was_taken_off_and_added_leaves_the_rest_in_its_order() {
        let mut parts = parts(&all(&[("type", "A"), ("x-error", "e"), ("data", "{}"), ("trace", "t")]));
        parts.headers.retain(|(name, _)| name != "x-error");
        parts.headers.push(("eventglass-requeue-id".to_owned(), "id".into()));
        let sent = back(&parts).expect("fields");
        let names: Vec<&[u8]> = sent.iter().map(|(name, _)| name.as_slice()).collect();
        assert_eq!(names, [&b"type"[..], b"trace", b"data", b"eventglass-requeue-id"]);
    }

    #[test]
    fn values_that_give_no_fields_are_refused() {
        for (form, value) in [
            (EntryForm::Object, &b"[1]"[..]),
            (EntryForm::Object, b"{}"),
            (EntryForm::Object, b"{\"a\":1} x"),
            (EntryForm::Pairs, b"{}"),
            (EntryForm::Pairs, b"[[\"a\",1]]"),
        ] {
            let place = RedisPlace { form, ..RedisPlace::default() };
            assert!(fields(&place, &[], Some(value)).is_err(), "{place:?}");
        }
        assert!(fields(&RedisPlace::default(), &[], None).is_err());
    }

    fn name() -> impl Strategy<Value = Vec<u8>> {
        let known = ["data", "value", "event", "type", "x-error", "eventglass-requeue-id", "orderId", ""];
        let known = prop::sample::select(known.map(|name| name.as_bytes().to_vec()).to_vec());
        prop_oneof![4 => known, 1 => vec(any::<u8>(), 0..4)]
    }

    fn value() -> impl Strategy<Value = Vec<u8>> {
        let known =
            ["{\"a\":1.50}", "[1]", "12", "1e5", "-", "true", "null", "text", "\"q\"", " {}", "{\n}", "\u{0}", ""];
        let known = prop::sample::select(known.map(|text| text.as_bytes().to_vec()).to_vec());
        let deep = (100_usize..140).prop_map(|depth| ["[".repeat(depth), "]".repeat(depth)].concat().into_bytes());
        prop_oneof![6 => known, 2 => vec(any::<u8>(), 0..6), 1 => deep]
    }

    proptest! {
        #[test]
        fn an_entry_is_its_parts(fields in vec((name(), value()), 1..7)) {
            prop_assert_eq!(back(&parts(&fields)), Ok(fields));
        }
    }
}
