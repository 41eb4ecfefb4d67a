//! Messages of SQS and ours, exact in both directions.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{self, MessageAttributeValue};

use crate::input::sources::outlet::{ID_HEADER, SQS_ATTRIBUTES};
use crate::model::message::{HeaderValue, Message, Place, SqsPlace, Timestamp, TimestampKind};

const TEXT: &str = "String";
const BYTES: &str = "Binary";

/// An attribute as both SQS and SNS have it: its data type, and text or bytes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Attribute {
    Text(String, String),
    Bytes(String, Vec<u8>),
}

/// `sources` are the queues whose dead letters lie there.
pub(super) fn message(queue: &str, received: types::Message, sources: &[String]) -> Message {
    let attributes: BTreeMap<String, String> = received
        .attributes
        .unwrap_or_default()
        .into_iter()
        .map(|(name, value)| (name.as_str().to_owned(), value))
        .collect();
    let given: BTreeMap<String, MessageAttributeValue> =
        received.message_attributes.unwrap_or_default().into_iter().collect();
    let (mut headers, mut types) = (Vec::new(), Vec::new());
    for (name, value) in given {
        let (header, usual) = match (value.string_value, value.binary_value) {
            (Some(text), _) => (HeaderValue::from(text), TEXT),
            (None, Some(blob)) => (HeaderValue::ByteArray(blob.into_inner()), BYTES),
            (None, None) => (HeaderValue::Null, TEXT),
        };
        if value.data_type != usual {
            types.push((name.clone(), value.data_type));
        }
        headers.push((name, header));
    }
    let sent = attributes.get("SentTimestamp").and_then(|text| text.parse().ok());
    Message {
        place: Place::Sqs(Box::new(SqsPlace {
            queue: queue.to_owned(),
            message_id: received.message_id.unwrap_or_default(),
            attributes: attributes.into_iter().collect(),
            types,
            dead_letter_of: sources.to_vec(),
        })),
        timestamp: sent.map(|ms| Timestamp { ms, kind: TimestampKind::Create }),
        key: None,
        headers,
        value: received.body.map(String::into_bytes),
    }
}

/// The requeue id of a message that was received.
pub(super) fn requeue_id(received: &types::Message) -> Option<&str> {
    received.message_attributes.as_ref()?.get(ID_HEADER)?.string_value()
}

/// A message's body and attributes as they are sent, or why SQS would not take it.
pub(super) fn outgoing(message: &Message) -> Result<(String, Vec<(String, Attribute)>), String> {
    let value = message.value.as_deref().ok_or("SQS has no message without a body, which a tombstone is")?;
    let body = std::str::from_utf8(value).map_err(|_| "its body is no text, and SQS takes nothing else")?;
    if body.is_empty() {
        return Err("its body is empty, which SQS does not take".to_owned());
    }
    let types: &[(String, String)] = match &message.place {
        Place::Sqs(place) => &place.types,
        _ => &[],
    };
    let of = |(name, value): &(String, HeaderValue)| {
        let said = types.iter().find(|(known, _)| known == name).map(|(_, data_type)| data_type.clone());
        let bytes = value.bytes().ok_or_else(|| format!("the header {name} is neither text nor bytes"))?;
        let attribute = match (value, std::str::from_utf8(bytes)) {
            (HeaderValue::Bytes(_), Ok(text)) => {
                let data_type = said.filter(|said| !said.starts_with(BYTES));
                Attribute::Text(data_type.unwrap_or_else(|| TEXT.to_owned()), text.to_owned())
            }
            _ => {
                let data_type = said.filter(|said| said.starts_with(BYTES));
                Attribute::Bytes(data_type.unwrap_or_else(|| BYTES.to_owned()), bytes.to_vec())
            }
        };
        Ok::<_, String>((name.clone(), attribute))
    };
    let mut attributes = message.headers.iter().map(of).collect::<Result<Vec<_>, _>>()?;
    let mut names: Vec<&str> = attributes.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    if let Some(twice) = names.windows(2).find(|pair| pair.first() == pair.last()).and_then(|pair| pair.first()) {
        return Err(format!("it has the header {twice} twice, which SQS cannot hold"));
    }
    // Ours are the last, and of them the id is the first.
    attributes.truncate(SQS_ATTRIBUTES.max(message.headers.len().saturating_sub(3)));
    if attributes.len() > SQS_ATTRIBUTES {
        return Err(format!("it has more than {SQS_ATTRIBUTES} headers, which is all that SQS takes"));
    }
    Ok((body.to_owned(), attributes))
}

/// What goes into a request to SQS.
pub(super) fn to_sqs(attributes: Vec<(String, Attribute)>) -> HashMap<String, MessageAttributeValue> {
    let of = |(name, attribute)| {
        let builder = MessageAttributeValue::builder();
        let built = match attribute {
            Attribute::Text(data_type, text) => builder.data_type(data_type).string_value(text),
            Attribute::Bytes(data_type, bytes) => builder.data_type(data_type).binary_value(Blob::new(bytes)),
        };
        Some((name, built.build().ok()?))
    };
    attributes.into_iter().filter_map(of).collect()
}

/// The same for SNS.
pub(super) fn to_sns(
    attributes: Vec<(String, Attribute)>,
) -> HashMap<String, aws_sdk_sns::types::MessageAttributeValue> {
    let of = |(name, attribute)| {
        let builder = aws_sdk_sns::types::MessageAttributeValue::builder();
        let built = match attribute {
            Attribute::Text(data_type, text) => builder.data_type(data_type).string_value(text),
            Attribute::Bytes(data_type, bytes) => builder.data_type(data_type).binary_value(Blob::new(bytes)),
        };
        Some((name, built.build().ok()?))
    };
    attributes.into_iter().filter_map(of).collect()
}

/// The group of a message in a FIFO queue or topic: its own, else one of its own.
pub(super) fn group<'m>(message: &'m Message, requeue_id: &'m str) -> &'m str {
    own_group(message).unwrap_or(requeue_id)
}

pub(super) fn own_group(message: &Message) -> Option<&str> {
    match &message.place {
        Place::Sqs(place) => place.attribute("MessageGroupId"),
        _ => None,
    }
}

/// Whether a queue or topic keeps order and takes messages once.
pub(super) fn is_fifo(name: &str) -> bool {
    name.strip_suffix(".fifo").is_some()
}

#[cfg(test)]
mod tests {
    use aws_sdk_sqs::types::MessageSystemAttributeName as System;

    use super::*;

    fn received() -> types::Message {
        let attribute = |data_type: &str| MessageAttributeValue::builder().data_type(data_type);
        types::Message::builder()
            .message_id("m-1")
            .receipt_handle("r")
            .body("{\"n\":1}")
            .attributes(System::SentTimestamp, "1713185156609")
            .attributes(System::ApproximateReceiveCount, "2")
            .attributes(System::MessageGroupId, "order-1")
            .message_attributes("plain", attribute("String").string_value("x").build().expect("complete"))
            .message_attributes("price", attribute("Number.cent").string_value("1.00").build().expect("complete"))
            .message_attributes("raw", attribute("Binary").binary_value(Blob::new(b"ab")).build().expect("complete"))
            .build()
    }

    #[test]
    fn attributes_keep_their_types_and_bytes() {
        let read = message("orders-dlq", received(), &["orders".to_owned()]);
        assert_eq!(read.timestamp.map(|timestamp| timestamp.ms), Some(1_713_185_156_609));
        assert_eq!(read.place.to_string(), "orders-dlq@m-1");
        assert_eq!(group(&read, "id"), "order-1");
        let (body, attributes) = outgoing(&read).expect("SQS takes it");
        assert_eq!(body, "{\"n\":1}");
        assert_eq!(to_sqs(attributes), received().message_attributes.expect("some"));
        let mut record = Vec::new();
        read.write(&mut record);
        assert_eq!(Message::read(&record).expect("a record"), read);
    }

    #[test]
    fn what_sqs_cannot_hold_is_said() {
        let text = |n: usize| (0..n).map(|n| (format!("h{n:02}"), HeaderValue::from("x"))).collect::<Vec<_>>();
        let message =
            |value: Option<&[u8]>, headers| Message { value: value.map(<[u8]>::to_vec), headers, ..Message::default() };
        for (wrong, part) in [
            (message(None, Vec::new()), "without a body"),
            (message(Some(b""), Vec::new()), "empty"),
            (message(Some(b"\xff"), Vec::new()), "no text"),
            (message(Some(b"x"), text(14)), "more than 10"),
            (message(Some(b"x"), [text(1), text(1)].concat()), "twice"),
        ] {
            let why = outgoing(&wrong).expect_err(part);
            assert!(why.contains(part), "{why}");
        }
        // Of eight and ours, three, the last is left out.
        let (_, attributes) = outgoing(&message(Some(b"x"), text(11))).expect("SQS takes it");
        assert_eq!(attributes.len(), 10);
    }
}
