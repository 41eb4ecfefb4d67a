//! Records member by member, for those who have no [`Message`](super::Message) to write.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::decoding::{DECODED, DECODED_KEY, DECODING, Decoding};
use super::header::is_printable;
use super::{EachByItself, EntryForm, KurrentPlace, RedisPlace, SqsPlace, Timestamp, TimestampKind, Values};
use crate::base::json;

/// Writes a record member by member, in the order of [`Message`](super::Message)'s fields, without copies of what it is given:
/// a broker's messages come by the million.
#[derive(Debug)]
pub struct RecordWriter<'a> {
    out: &'a mut Vec<u8>,
    empty: bool,
}

impl<'a> RecordWriter<'a> {
    pub fn begin(out: &'a mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, empty: true }
    }

    /// Goes on from what [`Self::kafka_up_to_offset`] wrote into a record that was begun.
    pub fn from_offset(out: &'a mut Vec<u8>, start: &[u8], offset: i64) -> Self {
        out.extend_from_slice(start);
        put(out, &offset);
        Self { out, empty: false }
    }

    /// [`Kafka`](super::Place::Kafka)
    pub fn kafka(&mut self, topic: &str, partition: i32, offset: i64) {
        self.kafka_up_to_offset(topic, partition);
        put(self.out, &offset);
    }

    /// What the messages of a partition have in common.
    pub fn kafka_up_to_offset(&mut self, topic: &str, partition: i32) {
        self.json("topic", topic);
        self.json("partition", &partition);
        self.name("offset");
    }

    /// [`Place::Redis`]
    pub fn redis(&mut self, place: &RedisPlace) {
        self.json("stream", &place.stream);
        self.json("entry", &place.entry.to_string());
        match &place.form {
            EntryForm::Field(name) => self.json("value_field", name),
            EntryForm::Pairs => self.json("pairs", &true),
            EntryForm::Object => {}
        }
        if !place.headers_at.is_empty() {
            self.json("headers_at", &place.headers_at);
        }
        if let Some(pending) = &place.pending {
            self.json("pending", pending);
        }
    }

    /// [`Sqs`](super::Place::Sqs)
    pub(super) fn sqs(&mut self, place: &SqsPlace) {
        let object = |pairs: &[(String, String)]| pairs.iter().cloned().collect::<BTreeMap<_, _>>();
        self.json("queue", &place.queue);
        self.json("message_id", &place.message_id);
        // Before all that a message's writer chose: letters are looked for in the first bytes of records.
        if !place.dead_letter_of.is_empty() {
            self.json("dead_letter_of", &place.dead_letter_of);
        }
        self.json("attributes", &object(&place.attributes));
        if !place.types.is_empty() {
            self.json("types", &object(&place.types));
        }
    }

    /// [`Kurrent`](super::Place::Kurrent)
    pub(super) fn kurrent(&mut self, place: &KurrentPlace) {
        self.json("event_stream", &place.stream);
        self.json("revision", &place.revision);
        // Before all that an event's writer chose: parked messages are looked for in the first bytes of records.
        if let Some(link) = &place.link {
            self.name("link");
            let mut inner = RecordWriter::begin(self.out);
            inner.json("stream", &link.stream);
            inner.json("revision", &link.revision);
            inner.json("event_id", &link.event_id);
            inner.text("created", &link.created);
            match link.metadata.as_deref().map(|bytes| (std::str::from_utf8(bytes), bytes)) {
                None => {}
                Some((Ok(text), _)) => inner.json("metadata_text", text),
                Some((Err(_), bytes)) => inner.json("metadata_base64", &STANDARD.encode(bytes)),
            }
            inner.end();
        }
        self.json("event_id", &place.event_id);
        self.json("event_type", &place.event_type);
        if let Some(position) = place.position {
            self.json("position", &position.to_string());
        }
        self.text("content_type", &place.content_type);
        self.text("created", &place.created);
        if !place.system.is_empty() {
            self.json("system", &place.system);
        }
        self.bytes(["metadata", "metadata_text", "metadata_base64"], place.metadata.as_deref(), &mut EachByItself);
    }

    pub fn timestamp(&mut self, Timestamp { ms, kind }: Timestamp) {
        self.json("timestamp", &ms);
        self.text("timestamp_type", if kind == TimestampKind::Create { "create" } else { "append" });
    }

    pub fn key(&mut self, key: Option<&[u8]>) {
        match key.map(|key| (std::str::from_utf8(key), key)) {
            None => {}
            Some((Ok(text), _)) => self.string("key", text),
            Some((Err(_), key)) => self.json("key_base64", &STANDARD.encode(key)),
        }
    }

    /// Names with bytes or null, as Kafka has them.
    pub fn headers<'h>(&mut self, headers: impl IntoIterator<Item = (&'h str, Option<&'h [u8]>)>) {
        let mut none = true;
        for (name, value) in headers {
            if std::mem::take(&mut none) {
                self.name("headers");
                self.out.extend_from_slice(b"[[");
            } else {
                self.out.extend_from_slice(b",[");
            }
            json::string(self.out, name);
            self.out.push(b',');
            match value.map(|bytes| (std::str::from_utf8(bytes), bytes)) {
                None => self.out.extend_from_slice(b"null"),
                Some((Ok(text), _)) if is_printable(text) => json::string(self.out, text),
                Some((_, bytes)) => {
                    self.out.extend_from_slice(b"{\"base64\":");
                    put(self.out, &STANDARD.encode(bytes));
                    self.out.push(b'}');
                }
            }
            self.out.push(b']');
        }
        if !none {
            self.out.push(b']');
        }
    }

    /// Whether it stands as the JSON that it is, which `values` tells; also where there is none.
    pub fn value(&mut self, value: Option<&[u8]>, values: &mut dyn Values) -> bool {
        self.bytes(["value", "value_text", "value_base64"], value, values)
    }

    /// Under the first name as the JSON that it is, else under one of the others. Answers as [`Self::value`].
    fn bytes(&mut self, names: [&str; 3], value: Option<&[u8]>, values: &mut dyn Values) -> bool {
        let Some(value) = value else { return true };
        if values.is_json(value) {
            self.name(names[0]);
            self.out.extend_from_slice(value);
            return true;
        }
        match std::str::from_utf8(value) {
            Ok(text) => self.string(names[1], text),
            Err(_) => self.json(names[2], &STANDARD.encode(value)),
        }
        false
    }

    /// A text that is left out where it is empty.
    fn text(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.string(name, text);
        }
    }

    fn string(&mut self, name: &str, text: &str) {
        self.name(name);
        json::string(self.out, text);
    }

    /// The key's value as one JSON value on one line.
    pub fn decoded_key(&mut self, value: &[u8]) {
        self.name(DECODED_KEY);
        self.out.extend_from_slice(value);
    }

    /// What was found in the body: its value as one JSON value on one line, and how it was read or why not.
    pub fn decoded(&mut self, value: Option<&[u8]>, decoding: &Decoding) {
        if let Some(value) = value {
            self.name(DECODED);
            self.out.extend_from_slice(value);
        }
        self.json(DECODING, decoding);
    }

    pub fn end(self) {
        self.out.push(b'}');
    }

    fn name(&mut self, name: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(b',');
        }
        self.out.push(b'"');
        self.out.extend_from_slice(name.as_bytes());
        self.out.extend_from_slice(b"\":");
    }

    pub(super) fn json(&mut self, name: &str, value: &(impl serde::Serialize + ?Sized)) {
        self.name(name);
        put(self.out, value);
    }
}

fn put(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    serde_json::to_writer(out, value).expect("texts and numbers always become JSON");
}
