//! Writes the JSON that `read` makes back into a datum, by the same schema.
//!
//! JSON does not say which branch of a union a value is of: the one that stood at the same place before is taken
//! where the new value fits it, else the only one that fits; of several scalars the first.

use std::collections::BTreeMap;

use bigdecimal::BigDecimal;
use bigdecimal::num_bigint::BigInt;
use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Timelike as _};
use serde_json::value::RawValue;

use super::super::part::{Fault, Part};
use super::super::tree::MAX_DEPTH;
use super::super::{Tree, Why, uuid_bytes, varint};
use super::compile::{Avro, Node};
use super::read::Watch;

/// Values that are tried for branches of unions; a schema may nest them so that trying takes for ever.
const MOST_TRIED: usize = 4_000_000;

impl Avro {
    /// The datum of this JSON, in place of `before`.
    ///
    /// # Errors
    /// What does not fit the schema, and where.
    pub fn write(&self, json: &RawValue, before: &[u8]) -> Result<Vec<u8>, Why> {
        let mut branches = Branches::default();
        // A body that cannot be read gives no hints.
        let _ = self.watch(before, &mut Tree::for_body(before.len()), &mut branches);
        let mut writer =
            Writer { avro: self, branches: &branches.chosen, path: String::new(), out: Vec::new(), tried: 0 };
        writer.value(self.root, json, 0)?;
        Ok(writer.out)
    }
}

/// Which branches of unions were taken, by the place in the value: `/items/0/price`.
#[derive(Default)]
struct Branches {
    path: String,
    chosen: BTreeMap<String, usize>,
}

impl Watch for Branches {
    fn member(&mut self, name: &str) -> usize {
        let len = self.path.len();
        step(&mut self.path, name);
        len
    }

    fn item(&mut self, at: usize) -> usize {
        self.member(&at.to_string())
    }

    fn back(&mut self, to: usize) {
        self.path.truncate(to);
    }

    fn branch(&mut self, ix: usize) {
        // A union in a union is none, so a place has one branch.
        self.chosen.insert(self.path.clone(), ix);
    }
}

fn step(path: &mut String, name: &str) {
    path.push('/');
    path.push_str(name);
}

struct Writer<'a> {
    avro: &'a Avro,
    branches: &'a BTreeMap<String, usize>,
    path: String,
    out: Vec<u8>,
    tried: usize,
}

impl Writer<'_> {
    fn value(&mut self, at: usize, json: &RawValue, depth: usize) -> Result<(), Fault> {
        self.tried += 1;
        if depth > MAX_DEPTH || self.tried > MOST_TRIED {
            return Err(Fault::new("it nests too deep for its schema"));
        }
        let avro = self.avro;
        let node = avro.resolved(at);
        if let Node::Union(variants) = node {
            return self.union(variants, json, depth);
        }
        let part = Part::of(json)?;
        match (node, &part) {
            (Node::Null, Part::Null) => {}
            (Node::Boolean, Part::Bool(flag)) => self.out.push(u8::from(*flag)),
            (Node::Int, Part::Number(digits)) => self.int(digits, "an int")?,
            (Node::Long, Part::Number(digits)) => self.long_of(digits)?,
            (Node::Float, _) => match part.real() {
                Some(number) if !number.is_finite() || (number as f32).is_finite() => {
                    self.out.extend_from_slice(&(number as f32).to_le_bytes());
                }
                _ => return Err(part.is_no("a float")),
            },
            (Node::Double, _) => match part.real() {
                Some(number) => self.out.extend_from_slice(&number.to_le_bytes()),
                None => return Err(part.is_no("a double")),
            },
            (Node::Bytes, _) => match part.bytes() {
                Some(bytes) => self.bytes(&bytes),
                None => return Err(part.is_no("{\"$base64\":…}")),
            },
            (Node::Text, Part::Text(text)) => self.bytes(text.as_bytes()),
            (Node::Fixed(size), _) => match part.bytes() {
                Some(bytes) if bytes.len() == *size => self.out.extend_from_slice(&bytes),
                Some(bytes) => return Err(Fault::new(format!("{} bytes where {size} belong", bytes.len()))),
                None => return Err(part.is_no("{\"$base64\":…}")),
            },
            (Node::Enum(symbols), Part::Text(text)) => match symbols.iter().position(|symbol| symbol == text) {
                Some(ix) => self.long(ix as i64),
                None => return Err(Fault::new(format!("{text} is none of {}", some(symbols)))),
            },
            (Node::Array(items), Part::Array(parts)) => {
                self.count(parts.len());
                for (at, part) in parts.iter().enumerate() {
                    self.below(&at.to_string(), *items, part, depth)?;
                }
                self.out.push(0);
            }
            (Node::Map(values), Part::Object(members)) => {
                self.count(members.len());
                for (name, part) in members {
                    self.bytes(name.as_bytes());
                    self.below(name, *values, part, depth)?;
                }
                self.out.push(0);
            }
            (Node::Record { fields, .. }, Part::Object(members)) => {
                if let Some((name, _)) = members.iter().find(|(name, _)| !fields.iter().any(|(known, _)| known == name))
                {
                    return Err(Fault::new("the schema has no such field").inside(name));
                }
                for (name, field) in fields {
                    let part = members.iter().find(|(known, _)| known == name);
                    let (_, part) = part.ok_or_else(|| Fault::new("the schema wants it").inside(name))?;
                    self.below(name, *field, part, depth)?;
                }
            }
            (Node::Decimal { scale, precision, fixed }, Part::Number(digits)) => {
                let digits = decimal(digits, *scale, *precision)?.to_signed_bytes_be();
                match fixed {
                    None => self.bytes(&digits),
                    Some(size) => {
                        let missing = size.checked_sub(digits.len()).ok_or_else(|| Fault::new("too large a number"))?;
                        let fill = if digits.first().is_some_and(|first| first & 0x80 != 0) { 0xFF } else { 0 };
                        self.out.extend(std::iter::repeat_n(fill, missing));
                        self.out.extend_from_slice(&digits);
                    }
                }
            }
            (Node::BigDecimal, Part::Number(digits)) => {
                let number: BigDecimal = digits.parse().map_err(|_| Fault::new("no number"))?;
                let (digits, scale) = number.into_bigint_and_exponent();
                let mut inner =
                    Writer { avro, branches: self.branches, path: String::new(), out: Vec::new(), tried: 0 };
                inner.bytes(&digits.to_signed_bytes_be());
                inner.long(scale);
                self.bytes(&inner.out);
            }
            (Node::Uuid { fixed }, Part::Text(text)) => {
                let bytes = uuid_bytes(text).ok_or_else(|| Fault::new("no UUID"))?;
                if *fixed { self.out.extend_from_slice(&bytes) } else { self.bytes(&bytes) }
            }
            (Node::Date, Part::Number(digits)) => self.int(digits, "a date")?,
            (Node::Date, Part::Text(text)) => {
                let date: NaiveDate = text.parse().map_err(|_| Fault::new("no date like 2026-02-16"))?;
                let days = date.signed_duration_since(NaiveDate::default()).num_days();
                self.long(days);
            }
            (Node::Time { per_second: 1_000 }, Part::Number(digits)) => self.int(digits, "a time")?,
            (Node::Time { .. } | Node::Instant { .. }, Part::Number(digits)) => self.long_of(digits)?,
            (Node::Time { per_second }, Part::Text(text)) => {
                let time: NaiveTime = text.parse().map_err(|_| Fault::new("no time like 10:30:00.123"))?;
                let number = moment(i64::from(time.num_seconds_from_midnight()), time.nanosecond(), *per_second)?;
                self.long(number);
            }
            (Node::Instant { per_second, utc }, Part::Text(text)) => {
                let time = if *utc {
                    DateTime::parse_from_rfc3339(text).map(|time| time.to_utc())
                } else {
                    text.parse::<NaiveDateTime>().map(|time| time.and_utc())
                };
                let like = if *utc { "no time like 2026-02-16T10:30:00Z" } else { "no time like 2026-02-16T10:30:00" };
                let time = time.map_err(|_| Fault::new(like))?;
                self.long(moment(time.timestamp(), time.timestamp_subsec_nanos(), *per_second)?);
            }
            (Node::Duration, Part::Object(members)) => {
                let names = ["months", "days", "millis"];
                if members.len() != names.len() {
                    return Err(Fault::new("a duration has months, days and millis"));
                }
                for name in names {
                    let number =
                        members.iter().find(|(known, _)| known == name).and_then(|(_, n)| n.get().parse().ok());
                    let number: u32 = number.ok_or_else(|| Fault::new("no number of 32 bits").inside(name))?;
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
            }
            (node, part) => return Err(part.is_no(&wanted(node))),
        }
        Ok(())
    }

    fn below(&mut self, name: &str, at: usize, json: &RawValue, depth: usize) -> Result<(), Fault> {
        let len = self.path.len();
        step(&mut self.path, name);
        let done = self.value(at, json, depth + 1).map_err(|fault| fault.inside(name));
        self.path.truncate(len);
        done
    }

    fn union(&mut self, variants: &[usize], json: &RawValue, depth: usize) -> Result<(), Fault> {
        let before = self.branches.get(&self.path).copied();
        let start = self.out.len();
        let order = before.into_iter().chain((0..variants.len()).filter(|ix| Some(*ix) != before));
        let mut fitting: Option<(usize, Vec<u8>)> = None;
        let mut faults = Vec::new();
        for ix in order {
            let Some(variant) = variants.get(ix) else { continue };
            let tried = self.value(*variant, json, depth + 1);
            let written = self.out.split_off(start);
            match (tried, &fitting) {
                (Err(fault), _) => faults.push((ix, fault)),
                (Ok(()), None) => {
                    let scalar = !json.get().starts_with(['{', '[']);
                    fitting = Some((ix, written));
                    if scalar || Some(ix) == before {
                        break;
                    }
                }
                (Ok(()), Some((first, _))) => {
                    let name = |ix: usize| variants.get(ix).map_or("", |at| self.avro.resolved(*at).name()).to_owned();
                    let words = format!("{} and {} of the union fit it alike", name(*first), name(ix));
                    return Err(Fault::new(words));
                }
            }
        }
        if let Some((ix, written)) = fitting {
            self.long(ix as i64);
            self.out.extend_from_slice(&written);
            return Ok(());
        }
        // What it was before tells best what is wrong with it now; else what is the only one beside null.
        let is_null = |ix: usize| variants.get(ix).is_some_and(|at| matches!(self.avro.resolved(*at), Node::Null));
        let told = faults.iter().filter(|(ix, _)| !is_null(*ix)).collect::<Vec<_>>();
        match told.as_slice() {
            [(_, only)] => Err(only.clone()),
            [(ix, first), ..] if Some(*ix) == before => Err(first.clone()),
            _ => {
                let names: Vec<String> = variants.iter().map(|at| self.avro.resolved(*at).name().to_owned()).collect();
                Err(Fault::new(format!("it fits none of {}", some(&names))))
            }
        }
    }

    fn count(&mut self, len: usize) {
        if len > 0 {
            self.long(len as i64);
        }
    }

    fn int(&mut self, digits: &str, wanted: &str) -> Result<(), Fault> {
        let number: i32 =
            digits.parse().map_err(|_| Fault::new(format!("{digits} where {wanted} of 32 bits belongs")))?;
        self.long(i64::from(number));
        Ok(())
    }

    fn long_of(&mut self, digits: &str) -> Result<(), Fault> {
        let number = digits.parse().map_err(|_| Fault::new(format!("{digits} where a long of 64 bits belongs")))?;
        self.long(number);
        Ok(())
    }

    fn bytes(&mut self, bytes: &[u8]) {
        self.long(bytes.len() as i64);
        self.out.extend_from_slice(bytes);
    }

    fn long(&mut self, number: i64) {
        varint(&mut self.out, ((number << 1) ^ (number >> 63)) as u64);
    }
}

/// `59.90` of scale 2 → 5990
fn decimal(digits: &str, scale: i64, precision: usize) -> Result<BigInt, Fault> {
    let number: BigDecimal = digits.parse().map_err(|_| Fault::new("no number"))?;
    // An exponent could stand for any number of zeros.
    if number.fractional_digit_count().unsigned_abs() > super::super::MAX_SCALE as u64 {
        return Err(Fault::new("too large a number"));
    }
    let scaled = number.with_scale(scale);
    if scaled != number {
        return Err(Fault::new(format!("{digits} has more than {scale} digits behind the point")));
    }
    let (digits, _) = scaled.into_bigint_and_exponent();
    if digits.magnitude().to_string().len() > precision.max(1) {
        return Err(Fault::new(format!("it has more than {precision} digits")));
    }
    Ok(digits)
}

fn moment(seconds: i64, nanos: u32, per_second: i64) -> Result<i64, Fault> {
    let step = 1_000_000_000 / per_second;
    if i64::from(nanos) % step != 0 {
        let unit = if per_second == 1_000 { "milliseconds" } else { "microseconds" };
        return Err(Fault::new(format!("it is finer than {unit}")));
    }
    let whole = seconds.checked_mul(per_second).and_then(|whole| whole.checked_add(i64::from(nanos) / step));
    whole.ok_or_else(|| Fault::new("it is out of bounds"))
}

fn wanted(node: &Node) -> String {
    match node {
        Node::Null => "null".to_owned(),
        Node::Record { name, .. } => format!("the record {name}"),
        Node::Enum(symbols) => format!("one of {}", some(symbols)),
        Node::Array(_) => "an array".to_owned(),
        Node::Map(_) | Node::Duration => "an object".to_owned(),
        Node::Decimal { .. } | Node::BigDecimal => "a number".to_owned(),
        Node::Uuid { .. } => "a UUID".to_owned(),
        Node::Date => "a date".to_owned(),
        Node::Time { .. } | Node::Instant { .. } => "a time".to_owned(),
        Node::Text => "a text".to_owned(),
        Node::Boolean => "a boolean".to_owned(),
        other => format!("a number ({})", other.name()),
    }
}

/// The first few of a list of names.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 6;
    let mut words = names.iter().take(SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    if let Some(more) = names.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        words.push_str(&format!(" and {more} more"));
    }
    words
}
