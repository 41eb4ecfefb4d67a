//! Values of a field in JSON text, found without building a tree, and compared by their literal text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::moment::parse_instant;
use super::number::Decimal;
use crate::model::filter::{Instant, Op, Operand, Pattern, Piece, Step};
use crate::model::time::TimeNs;

/// A comparison, with what its operand can be read as.
#[derive(Clone, Debug)]
pub(super) struct Comparison {
    op: Op,
    pattern: Pattern,
    number: Option<String>,
    instant: Option<Instant>,
}

impl Comparison {
    pub fn new(op: Op, operand: &Operand) -> Self {
        let bare = operand.pattern.exact().filter(|_| !operand.quoted);
        Self {
            op,
            pattern: operand.pattern.clone(),
            number: bare.filter(|text| Decimal::parse(text).is_some()).map(str::to_owned),
            instant: bare.and_then(parse_instant),
        }
    }

    /// Whether any value at `steps` in the JSON text passes; `!=` passes where there is a value and
    /// none of them is equal.
    pub fn any_in(&self, json: &str, steps: &[Step]) -> bool {
        let values = values(json, steps);
        if self.op == Op::IsNot {
            !values.is_empty() && !values.iter().any(|value| self.passes(value.get(), Op::Is))
        } else {
            values.iter().any(|value| self.passes(value.get(), self.op))
        }
    }

    /// The same for values that are plain text, as headers are.
    pub fn any_of<'t>(&self, mut values: impl Iterator<Item = &'t str> + Clone) -> bool {
        if self.op == Op::IsNot {
            values.clone().next().is_some() && !values.any(|value| self.text_passes(value, Op::Is))
        } else {
            values.any(|value| self.text_passes(value, self.op))
        }
    }

    fn passes(&self, json: &str, op: Op) -> bool {
        match json.as_bytes().first() {
            Some(b'"') => string(json).is_some_and(|text| self.text_passes(&text, op)),
            Some(b'[') => {
                let elements: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
                let scalar = |e: &&&RawValue| !e.get().starts_with(['[', '{']);
                (op == Op::Is && self.pattern.0 == [Piece::Any])
                    || elements.iter().filter(scalar).any(|e| self.passes(e.get(), op))
            }
            Some(b'{') => op == Op::Is && self.pattern.0 == [Piece::Any],
            Some(b'n') => op == Op::Is && self.pattern.exact() == Some("null"),
            Some(b't' | b'f') => op == Op::Is && self.pattern.matches(json),
            _ => match (Decimal::parse(json), self.number.as_deref().and_then(Decimal::parse)) {
                (Some(value), Some(operand)) => op.holds(value.compare(&operand)),
                _ => op == Op::Is && self.pattern.matches(json),
            },
        }
    }

    fn text_passes(&self, text: &str, op: Op) -> bool {
        if op == Op::Is {
            return self.pattern.matches(text);
        }
        if let Some(operand) = self.number.as_deref().and_then(Decimal::parse)
            && let Some(value) = Decimal::parse(text)
        {
            return op.holds(value.compare(&operand));
        }
        if let Some(instant) = &self.instant
            && let Some(time) = time_of(text)
        {
            return match op {
                Op::Is | Op::IsNot => (instant.from <= time && time < instant.until) == (op == Op::Is),
                Op::Less => time < instant.from,
                Op::AtMost => time < instant.until,
                Op::Greater => time >= instant.until,
                Op::AtLeast => time >= instant.from,
            };
        }
        self.number.is_none() && self.pattern.exact().is_some_and(|operand| op.holds(text.cmp(operand)))
    }
}

fn time_of(text: &str) -> Option<TimeNs> {
    crate::model::time::parse_text(text.as_bytes(), 0)
}

fn string(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') { serde_json::from_str(json).ok().map(Cow::Owned) } else { Some(Cow::Borrowed(inside)) }
}

/// The values at `steps`, as their JSON text; nothing where the text is not JSON to its end.
fn values<'j>(json: &'j str, steps: &[Step]) -> Vec<&'j RawValue> {
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    let walked = Walk { steps, found: &mut found }.deserialize(&mut reader);
    if walked.and_then(|()| reader.end()).is_err() {
        found.clear();
    }
    found
}

struct Walk<'s, 'f, 'j> {
    steps: &'s [Step],
    found: &'f mut Vec<&'j RawValue>,
}

impl<'j> DeserializeSeed<'j> for Walk<'_, '_, 'j> {
    type Value = ();

    fn deserialize<D: Deserializer<'j>>(self, reader: D) -> Result<(), D::Error> {
        if self.steps.is_empty() {
            self.found.push(<&RawValue>::deserialize(reader)?);
            return Ok(());
        }
        reader.deserialize_any(self)
    }
}

impl<'j> Visitor<'j> for Walk<'_, '_, 'j> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_map<A: MapAccess<'j>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.steps.split_first() else { return Err(A::Error::custom("a step is left")) };
        let before = self.found.len();
        while let Some(wanted) = map.next_key_seed(IsWanted(step))? {
            if !wanted {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            if matches!(step, Step::Member(_)) {
                // Of members with the same name the last one counts, as everywhere.
                self.found.truncate(before);
            }
            map.next_value_seed(Walk { steps: rest, found: self.found })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'j>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((step, rest)) = self.steps.split_first() else { return Err(A::Error::custom("a step is left")) };
        let mut index = 0;
        loop {
            let next = match step {
                Step::Index(wanted) if *wanted != index => list.next_element::<IgnoredAny>()?.map(|_| ()),
                Step::Index(_) | Step::Any => list.next_element_seed(Walk { steps: rest, found: self.found })?,
                Step::Member(_) => list.next_element_seed(Walk { steps: self.steps, found: self.found })?,
            };
            if next.is_none() {
                return Ok(());
            }
            index += 1;
        }
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Compares a member's name with a step without keeping it.
struct IsWanted<'s>(&'s Step);

impl<'j> DeserializeSeed<'j> for IsWanted<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'j>>(self, reader: D) -> Result<bool, D::Error> {
        reader.deserialize_str(self)
    }
}

impl Visitor<'_> for IsWanted<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a member's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(match self.0 {
            Step::Member(wanted) => wanted == name,
            Step::Any => true,
            Step::Index(_) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::*;
    use crate::model::filter::{Expr, Test};

    const ORDER: &str = r#"{"total":59.98,"big":9007199254740993,"status":"paid","note":"a \"b\"","price":"12.50",
        "at":"2026-02-16T10:30:00Z","items":[{"sku":"A","qty":2},{"sku":"B","qty":1}],"tags":["red","blue"],
        "paid":true,"coupon":null,"a b":{"c":1},"twice":1,"twice":2}"#;

    fn check(filter: &str, expected: bool) {
        let parsed = parse(filter).map(|f| f.root.map(|root| root.expr));
        let Ok(Some(Expr::Test(Test::Field { path, op, value }))) = parsed else { panic!("{filter}: {parsed:?}") };
        assert_eq!(Comparison::new(op, &value).any_in(ORDER, &path.steps), expected, "{filter}");
    }

    #[test]
    fn values_are_compared_by_what_they_say() {
        for (filter, expected) in [
            ("data.total>50", true),
            ("data.total=59.980", true),
            ("data.total<59.98", false),
            ("data.big=9007199254740993", true),
            ("data.big=9007199254740992", false),
            ("data.status:paid", true),
            ("data.status:p*d", true),
            ("data.status!=paid", false),
            ("data.status!=open", true),
            ("data.missing!=open", false),
            ("data.note:\"a \\\"b\\\"\"", true),
            ("data.price>9", true),
            ("data.price>\"9\"", false),
            ("data.at>=2026-02-16", true),
            ("data.at>2026-02-16", false),
            ("data.at<2026-02-16T10:31Z", true),
            ("data.items.sku:B", true),
            ("data.items[0].sku:B", false),
            ("data.items[1].sku:B", true),
            ("data.items[*].qty>=2", true),
            ("data.items.qty>2", false),
            ("data.tags:blue", true),
            ("data.tags:green", false),
            ("data.tags[0]:blue", false),
            ("data.paid:true", true),
            ("data.coupon:null", true),
            ("data.coupon:*", false),
            ("data.items:*", true),
            ("data.missing:*", false),
            ("data.\"a b\".c=1", true),
            ("data.*.c=1", true),
            ("data.twice=1", false),
            ("data.twice=2", true),
            ("data.status.deeper:x", false),
        ] {
            check(filter, expected);
        }
    }

    #[test]
    fn broken_json_has_no_values() {
        assert!(values(r#"{"a":1"#, &[Step::Member("a".to_owned())]).is_empty());
        assert!(values("", &[Step::Any]).is_empty());
        assert!(values(&"[".repeat(10_000), &[Step::Any]).is_empty());
    }
}
