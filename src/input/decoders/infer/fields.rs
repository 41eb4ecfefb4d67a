//! The fields of a sample: every place that holds a value in some record, with what its values are like.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use crate::input::decoders::lookup::{escape, scalar};
use crate::model::mapping::TimeUnit;
use crate::model::time;

/// One place in the records, elements of arrays taken together (`/items/*/sku`).
#[derive(Debug, Default)]
pub struct Field {
    pub pointer: String,
    /// The last key on the way.
    pub name: String,
    /// The key before it, past `*` and `{}`.
    pub parent: String,
    /// Keys on the way.
    pub depth: usize,
    pub in_list: bool,
    /// Records that have a value there.
    pub seen: usize,
    /// Its texts and numbers as text, in the records' order; several of one record in lists.
    pub values: Vec<String>,
    pub texts: usize,
    pub numbers: usize,
    pub objects: usize,
    last_record: usize,
}

#[derive(Debug, Default)]
pub struct Fields {
    pub all: Vec<Field>,
    pub records: usize,
}

const MAX_FIELDS: usize = 3_000;
const MAX_DEPTH: usize = 9;
/// Elements of one list that are looked at.
const MAX_ELEMENTS: usize = 12;
const MAX_VALUE_BYTES: usize = 512;

impl Fields {
    pub fn of(records: &[Value]) -> Self {
        let mut walk =
            Walk { fields: Self { all: Vec::new(), records: records.len() }, by_pointer: HashMap::new(), record: 0 };
        for record in records {
            walk.record += 1;
            let place = Place { pointer: String::new(), name: "", parent: "", depth: 0, in_list: false };
            walk.value(record, &place);
        }
        walk.fields
    }

    pub fn get(&self, pointer: &str) -> Option<&Field> {
        self.all.iter().find(|field| field.pointer == pointer)
    }
}

impl Field {
    pub fn distinct(&self) -> usize {
        self.values.iter().collect::<HashSet<_>>().len()
    }

    /// Every value is another one.
    pub fn is_unique(&self) -> bool {
        self.distinct() == self.values.len()
    }

    pub fn is_scalar(&self) -> bool {
        self.objects == 0 && !self.values.is_empty()
    }

    pub fn is_text(&self) -> bool {
        self.is_scalar() && self.numbers == 0
    }

    /// The share of values for which `test` holds, in percent.
    pub fn percent(&self, test: impl Fn(&str) -> bool) -> usize {
        let hits = self.values.iter().filter(|value| test(value)).count();
        (hits * 100).checked_div(self.values.len()).unwrap_or(0)
    }

    /// The unit in which its values are instants, if they are.
    pub fn time_unit(&self) -> Option<TimeUnit> {
        if !self.is_scalar() {
            return None;
        }
        if self.percent(looks_like_time_text) >= 80 {
            return Some(TimeUnit::Text);
        }
        let digits = self.percent(|value| !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        if digits < 95 {
            return None;
        }
        let unit = time::guess_unit(self.values.iter().map(String::as_bytes));
        (unit != TimeUnit::Auto).then_some(unit)
    }

    pub fn is_uuid(&self) -> bool {
        self.percent(looks_like_uuid) >= 80
    }
}

/// Parses as a time and is more than a plain number, which every unit could claim.
pub fn looks_like_time_text(value: &str) -> bool {
    value.len() >= 8 && !value.bytes().all(|b| b.is_ascii_digit()) && time::parse_text(value.as_bytes(), 0).is_some()
}

/// Ids that generators make: UUID, ULID, KSUID, 24 or 32 hex digits.
pub fn looks_like_uuid(value: &str) -> bool {
    let value = value.trim_matches(['{', '}']);
    let all = |test: fn(char) -> bool| value.chars().all(test);
    match value.len() {
        36 => value
            .bytes()
            .enumerate()
            .all(|(at, b)| if matches!(at, 8 | 13 | 18 | 23) { b == b'-' } else { b.is_ascii_hexdigit() }),
        26 => all(|c| c.is_ascii_digit() || c.is_ascii_uppercase()) && value.starts_with(|c: char| c.is_ascii_digit()),
        27 => all(|c| c.is_ascii_alphanumeric()),
        24 | 32 => all(|c| c.is_ascii_hexdigit()),
        _ => false,
    }
}

struct Place<'n> {
    pointer: String,
    name: &'n str,
    parent: &'n str,
    depth: usize,
    in_list: bool,
}

struct Walk {
    fields: Fields,
    by_pointer: HashMap<String, usize>,
    record: usize,
}

impl Walk {
    fn value(&mut self, value: &Value, place: &Place<'_>) {
        if place.depth > MAX_DEPTH || value.is_null() {
            return;
        }
        if place.depth > 0 {
            self.note(value, place);
        }
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    let pointer = format!("{}/{}", place.pointer, escape(name));
                    let parent = if place.name.is_empty() { place.parent } else { place.name };
                    self.value(
                        member,
                        &Place { pointer, name, parent, depth: place.depth + 1, in_list: place.in_list },
                    );
                }
            }
            Value::Array(elements) => {
                for element in elements.iter().take(MAX_ELEMENTS) {
                    let pointer = format!("{}/*", place.pointer);
                    self.value(element, &Place { pointer, in_list: true, depth: place.depth + 1, ..*place });
                }
            }
            Value::String(text) if text.starts_with('{') && place.depth > 0 => {
                if let Ok(inner @ Value::Object(_)) = serde_json::from_str(text) {
                    let pointer = format!("{}/{{}}", place.pointer);
                    self.value(&inner, &Place { pointer, depth: place.depth + 1, ..*place });
                }
            }
            _ => {}
        }
    }

    fn note(&mut self, value: &Value, place: &Place<'_>) {
        let at = match self.by_pointer.get(&place.pointer) {
            Some(at) => *at,
            None if self.fields.all.len() >= MAX_FIELDS => return,
            None => {
                self.fields.all.push(Field {
                    pointer: place.pointer.clone(),
                    name: place.name.to_owned(),
                    parent: place.parent.to_owned(),
                    depth: place.depth,
                    in_list: place.in_list,
                    ..Field::default()
                });
                let at = self.fields.all.len() - 1;
                self.by_pointer.insert(place.pointer.clone(), at);
                at
            }
        };
        let Some(field) = self.fields.all.get_mut(at) else { return };
        if field.last_record != self.record {
            field.seen += 1;
            field.last_record = self.record;
        }
        match value {
            Value::Object(_) | Value::Array(_) => field.objects += 1,
            Value::Number(_) => field.numbers += 1,
            Value::String(_) => field.texts += 1,
            _ => {}
        }
        if let Some(text) = scalar(value).filter(|text| !text.is_empty()) {
            field.values.push(text.chars().take(MAX_VALUE_BYTES).collect());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn places_are_collected_over_records_lists_and_strings_that_hold_json() {
        let fields = Fields::of(&[
            json!({"id": 1, "items": [{"sku": "a"}, {"sku": "b"}], "body": "{\"orderId\":\"o\"}"}),
            json!({"id": 2, "n": null}),
        ]);
        let sku = fields.get("/items/*/sku").unwrap();
        assert_eq!((sku.seen, sku.values.len(), sku.parent.as_str(), sku.in_list), (1, 2, "items", true));
        assert_eq!(fields.get("/id").unwrap().seen, 2);
        assert_eq!(fields.get("/body/{}/orderId").unwrap().parent, "body");
        assert!(fields.get("/n").is_none());
    }

    #[test]
    fn generated_ids_are_known_by_their_shape() {
        for (value, expected) in [
            ("471069a8-fc18-44f1-b38f-9d70a1695821", true),
            ("{fddc55f3-b92a-5f8f-2300-000000000400}", true),
            ("01ARZ3NDEKTSV4RRFFQ69G5FAV", true),
            ("507f1f77bcf86cd799439011", true),
            ("order-456", false),
            ("2026-02-16T10:30:00.000000000+00:00!", false),
        ] {
            assert_eq!(looks_like_uuid(value), expected, "{value}");
        }
    }
}
