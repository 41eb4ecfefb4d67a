//! What is kept of a field while records go by: a few numbers, and more only where there was more to see.

use super::secrets::{Secret, card, mail, masked, token};
use super::shape::{NodeIx, Shape, Step};
use crate::analysis::lints::found::Examples;
use crate::base::hash::hash64;
use crate::base::words::words;
use crate::model::ids::EventIx;

/// What a value is in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    Null,
    Object,
    List,
}

impl Kind {
    pub const ALL: [Self; 6] = [Self::Text, Self::Number, Self::Bool, Self::Null, Self::Object, Self::List];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Bool => "true or false",
            Self::Null => "null",
            Self::Object => "an object",
            Self::List => "a list",
        }
    }
}

/// How a time is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Utc,
    Offset,
    NoZone,
    Seconds,
    Millis,
    Micros,
    Nanos,
}

impl Written {
    pub const ALL: [Self; 7] =
        [Self::Utc, Self::Offset, Self::NoZone, Self::Seconds, Self::Millis, Self::Micros, Self::Nanos];

    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Utc => "in UTC",
            Self::Offset => "with an offset",
            Self::NoZone => "without a zone",
            Self::Seconds => "in seconds",
            Self::Millis => "in milliseconds",
            Self::Micros => "in microseconds",
            Self::Nanos => "in nanoseconds",
        }
    }

    #[must_use]
    pub fn is_number(self) -> bool {
        matches!(self, Self::Seconds | Self::Millis | Self::Micros | Self::Nanos)
    }
}

/// Of a text that may be a file, so much has to have letters of both cases and digits.
const HEAD: usize = 256;

/// Touched for every value, so it is one line of the cache.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
pub(super) struct Facts {
    /// One more than the last event that had it.
    pub stamp: u64,
    pub records: u64,
    /// The hash of its path; 0 outside of the payload.
    pub mix: u64,
    pub kinds: [u32; 6],
    pub is_time: bool,
    pub is_password: bool,
    pub part: Option<Part>,
    /// Texts here hold JSON.
    pub nested: bool,
}

impl Facts {
    pub fn last(&self) -> EventIx {
        EventIx(self.stamp.saturating_sub(1))
    }
}

/// What says where a broker keeps the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Topic,
    Partition,
    Offset,
    Key,
}

/// The rest, touched now and then.
#[derive(Clone, Debug, Default)]
pub struct Cold {
    pub first: EventIx,
    /// The first event with a value of each [`Kind`].
    pub first_of: [EventIx; 6],
    /// By [`Written`].
    pub times: [Examples; 7],
    pub secrets: Vec<SecretSeen>,
    /// Runs of digits that begin like card numbers and are none.
    pub no_cards: u64,
    pub base64: Examples,
    pub base64_bytes: u64,
}

#[derive(Clone, Debug)]
pub struct SecretSeen {
    pub secret: Secret,
    /// `a JSON web token`.
    pub label: &'static str,
    pub examples: Examples,
    /// The first one, masked.
    pub sample: String,
}

impl Cold {
    pub(super) fn secret(&mut self, secret: Secret, label: &'static str, text: &[u8], event: EventIx) {
        if let Some(seen) = self.secrets.iter_mut().find(|seen| seen.secret == secret && seen.label == label) {
            seen.examples.add(event);
        } else {
            let sample = masked(secret, text);
            self.secrets.push(SecretSeen { secret, label, examples: Examples::of(1, [event]), sample });
        }
    }
}

/// The record that is being walked.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sight {
    pub event: EventIx,
    /// There is an `@` in it, and a mark of a token.
    pub at_sign: bool,
    pub token: bool,
    /// The values are wanted.
    pub sampled: bool,
    /// Texts from this length on may be files.
    pub base64_from: u32,
    /// Of the fields in it.
    pub shape: u64,
}

/// A value of a record whose values are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sampled {
    pub event: EventIx,
    /// The hash of the path.
    pub field: u64,
    pub value: u64,
}

/// All fields of one type, with what was seen of them.
#[derive(Debug)]
pub(super) struct Fields {
    pub shape: Shape,
    pub facts: Vec<Facts>,
    pub cold: Vec<Cold>,
}

impl Fields {
    /// A value of this field; `text` is what it says, without quotes.
    #[inline]
    pub fn saw(&mut self, node: NodeIx, kind: Kind, text: &[u8], sight: &mut Sight, values: &mut Vec<Sampled>) {
        let Some(facts) = self.facts.get_mut(node as usize) else { return };
        let stamp = sight.event.0 + 1;
        if facts.stamp != stamp {
            facts.stamp = stamp;
            facts.records += 1;
            sight.shape ^= facts.mix;
        }
        let Some(seen) = facts.kinds.get_mut(kind as usize) else { return };
        *seen = seen.saturating_add(1);
        if *seen == 1
            && let Some(first) = self.cold.get_mut(node as usize).and_then(|cold| cold.first_of.get_mut(kind as usize))
        {
            *first = sight.event;
        }
        if sight.sampled && facts.mix != 0 {
            values.push(Sampled { event: sight.event, field: facts.mix, value: hash64(text) ^ kind as u64 });
        }
        let (is_time, is_password) = (facts.is_time, facts.is_password);
        match kind {
            Kind::Text => {
                if text.len() > 12 {
                    self.long_text(node, text, sight);
                }
                if sight.at_sign || sight.token || is_password {
                    self.secret_text(node, text, sight);
                }
            }
            Kind::Number if is_time => self.time_number(node, text, sight.event),
            Kind::Number if text.len() > 12 => self.long_text(node, text, sight),
            _ => {}
        }
    }

    fn long_text(&mut self, node: NodeIx, text: &[u8], sight: &Sight) {
        let event = sight.event;
        let Some(cold) = self.cold.get_mut(node as usize) else { return };
        if let (Some(b'-'), Some(b'-'), 16..=40) = (text.get(4), text.get(7), text.len())
            && let Some(written) = written(text)
        {
            if let Some(seen) = cold.times.get_mut(written as usize) {
                seen.add(event);
            }
            return;
        }
        match card(text) {
            Some(Ok(number)) => cold.secret(Secret::Card, "a card number", number, event),
            Some(Err(())) => cold.no_cards += 1,
            None => {}
        }
        let is_password = self.facts.get(node as usize).is_some_and(|facts| facts.is_password);
        if text.len() >= sight.base64_from as usize && !is_password && is_base64(text) {
            cold.base64.add(event);
            cold.base64_bytes += text.len() as u64;
        }
    }

    #[cold]
    fn secret_text(&mut self, node: NodeIx, text: &[u8], sight: &Sight) {
        let Some(cold) = self.cold.get_mut(node as usize) else { return };
        if sight.token
            && let Some((label, found)) = token(text)
        {
            cold.secret(Secret::Token, label, found, sight.event);
        } else if self.facts.get(node as usize).is_some_and(|facts| facts.is_password) && is_told(text) {
            cold.secret(Secret::Password, "a secret, by its name,", text, sight.event);
        }
        if sight.at_sign
            && let Some(found) = mail(text)
        {
            cold.secret(Secret::Mail, "a mail address", found, sight.event);
        }
    }

    fn time_number(&mut self, node: NodeIx, text: &[u8], event: EventIx) {
        let whole = text.iter().take_while(|b| b.is_ascii_digit()).count();
        // From 2001 to 2286; smaller numbers are counts or durations.
        let written = match whole {
            10 => Written::Seconds,
            13 => Written::Millis,
            16 => Written::Micros,
            19 => Written::Nanos,
            _ => return,
        };
        let cold = self.cold.get_mut(node as usize);
        if let Some(seen) = cold.and_then(|cold| cold.times.get_mut(written as usize)) {
            seen.add(event);
        }
    }
}

/// `2026-02-16T10:30:00Z` and its like.
fn written(text: &[u8]) -> Option<Written> {
    let is = |range: std::ops::Range<usize>| text.get(range).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let clock = is(0..4) && is(5..7) && is(8..10) && is(11..13) && is(14..16);
    if !clock || !matches!(text.get(10), Some(b'T' | b't' | b' ')) || text.get(13) != Some(&b':') {
        return None;
    }
    let tail = text.get(16..)?;
    let end = tail.iter().position(|b| !(b.is_ascii_digit() || matches!(b, b':' | b'.' | b',')));
    match end.and_then(|end| tail.get(end..)) {
        None => Some(Written::NoZone),
        Some(b"Z" | b"z" | b" UTC" | b" GMT" | b"UTC") => Some(Written::Utc),
        Some([b'+' | b'-', ..] | [b' ', b'+' | b'-', ..]) => Some(Written::Offset),
        Some(_) => None,
    }
}

/// Letters of both cases, digits, and nothing that a sentence would have.
fn is_base64(text: &[u8]) -> bool {
    let text = match memchr::memmem::find(text.get(..64).unwrap_or(text), b";base64,") {
        Some(at) => text.get(at + 8..).unwrap_or_default(),
        None => text,
    };
    let of = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/' | b'-' | b'_' | b'=' | b'\\' | b'n' | b'r');
    let has = |test: fn(&u8) -> bool| text.get(..HEAD.min(text.len())).is_some_and(|head| head.iter().any(test));
    has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_digit) && text.iter().all(of)
}

/// Not empty, not masked, and no reference to where it is kept.
fn is_told(text: &[u8]) -> bool {
    let masked = text.iter().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.' | b'-'));
    !masked && text.len() > 2 && !text.starts_with(b"[") && !text.starts_with(b"<") && !text.contains(&b'$')
}

/// What a field's name says of it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Named {
    pub time: bool,
    pub password: bool,
}

impl Named {
    pub fn of(step: &Step) -> Self {
        let Step::Member(name) = step else { return Self::default() };
        let words = words(name);
        let last = words.last().map_or("", String::as_str);
        let time = ["time", "at", "ts", "timestamp", "ms", "us", "ns", "date", "millis", "created", "updated"];
        let joined = words.concat();
        let secret = [
            "password",
            "passwd",
            "passphrase",
            "clientsecret",
            "privatekey",
            "apikey",
            "secretkey",
            "accesstoken",
            "refreshtoken",
            "sessiontoken",
            "authtoken",
            "secretaccesskey",
        ];
        let password = secret.iter().any(|word| joined.ends_with(word)) || matches!(&*joined, "pwd" | "pin" | "secret");
        Self { time: time.contains(&last) || joined.ends_with("timestamp"), password }
    }
}

/// Whether a name says that its value is an id.
#[must_use]
pub fn is_id(name: &str) -> bool {
    let words = words(name);
    let ids = ["id", "ids", "uuid", "guid", "ref", "key", "number", "no", "nr", "urn", "uri"];
    words.last().is_some_and(|word| ids.contains(&word.as_str()))
}
