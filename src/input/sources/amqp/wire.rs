//! AMQP's values ↔ headers of `model::message`, with their types (int8 to int64, timestamp, decimal, nested
//! tables, byte arrays), and deliveries → messages.
//!
//! The client library keeps a table sorted by name, each name once, so that is the order headers come in.

use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::types::{AMQPValue, DecimalValue, FieldTable, ShortString};

use crate::model::message::{AmqpPlace, HeaderValue, Message, Place};

/// Tables inside tables that a record can hold.
const MAX_DEPTH: usize = 30;

/// The message of a delivery. `None` where its headers are nested deeper than any record.
pub(super) fn message(queue: &str, delivery: &Delivery) -> Option<Message> {
    let headers = match delivery.properties.headers() {
        Some(table) => pairs(table, MAX_DEPTH)?,
        None => Vec::new(),
    };
    Some(Message {
        place: Place::Amqp(Box::new(AmqpPlace {
            queue: queue.to_owned(),
            exchange: delivery.exchange.to_string(),
            routing_key: delivery.routing_key.to_string(),
            redelivered: delivery.redelivered,
            properties: properties(&delivery.properties),
        })),
        timestamp: None,
        key: None,
        headers,
        value: Some(delivery.data.clone()),
    })
}

fn properties(from: &BasicProperties) -> Vec<(String, HeaderValue)> {
    let text = |value: &Option<ShortString>| value.as_ref().map(|text| HeaderValue::from(text.as_str()));
    let small = |value: &Option<u8>| value.map(|value| HeaderValue::Unsigned { value: value.into(), bits: 8 });
    [
        ("content_type", text(from.content_type())),
        ("content_encoding", text(from.content_encoding())),
        ("delivery_mode", small(from.delivery_mode())),
        ("priority", small(from.priority())),
        ("correlation_id", text(from.correlation_id())),
        ("reply_to", text(from.reply_to())),
        ("expiration", text(from.expiration())),
        ("message_id", text(from.message_id())),
        ("timestamp", from.timestamp().map(HeaderValue::Time)),
        ("type", text(from.kind())),
        ("user_id", text(from.user_id())),
        ("app_id", text(from.app_id())),
        ("cluster_id", text(from.cluster_id())),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name.to_owned(), value?)))
    .collect()
}

fn pairs(table: &FieldTable, depth: usize) -> Option<Vec<(String, HeaderValue)>> {
    table.into_iter().map(|(name, value)| Some((name.to_string(), from_amqp(value, depth)?))).collect()
}

fn from_amqp(value: &AMQPValue, depth: usize) -> Option<HeaderValue> {
    let int = |value: i64, bits| HeaderValue::Int { value, bits };
    let unsigned = |value: u64, bits| HeaderValue::Unsigned { value, bits };
    Some(match value {
        AMQPValue::Void => HeaderValue::Null,
        AMQPValue::Boolean(value) => HeaderValue::Bool(*value),
        AMQPValue::ShortShortInt(value) => int((*value).into(), 8),
        AMQPValue::ShortInt(value) => int((*value).into(), 16),
        AMQPValue::LongInt(value) => int((*value).into(), 32),
        AMQPValue::LongLongInt(value) => int(*value, 64),
        AMQPValue::ShortShortUInt(value) => unsigned((*value).into(), 8),
        AMQPValue::ShortUInt(value) => unsigned((*value).into(), 16),
        AMQPValue::LongUInt(value) => unsigned((*value).into(), 32),
        AMQPValue::Float(value) => HeaderValue::Real { bits_of: value.to_bits().into(), bits: 32 },
        AMQPValue::Double(value) => HeaderValue::Real { bits_of: value.to_bits(), bits: 64 },
        AMQPValue::DecimalValue(DecimalValue { scale, value }) => {
            HeaderValue::Decimal { value: *value as i32, scale: *scale }
        }
        AMQPValue::ShortString(text) => text.as_str().into(),
        AMQPValue::LongString(bytes) => HeaderValue::Bytes(bytes.as_bytes().to_vec()),
        AMQPValue::ByteArray(bytes) => HeaderValue::ByteArray(bytes.as_slice().to_vec()),
        AMQPValue::Timestamp(seconds) => HeaderValue::Time(*seconds),
        AMQPValue::FieldArray(items) => {
            let depth = depth.checked_sub(1)?;
            HeaderValue::List(items.as_slice().iter().map(|item| from_amqp(item, depth)).collect::<Option<_>>()?)
        }
        AMQPValue::FieldTable(table) => HeaderValue::Table(pairs(table, depth.checked_sub(1)?)?),
    })
}

/// Why a message cannot be sent as it is: said before it is tried, since the server would hang up and leave
/// the others of its batch in doubt.
type Unsendable = String;

/// Properties to publish with: those of the message, persistent, less what the server would refuse or obey.
/// `user_id` has to be the connection's own user, `CC` and `BCC` would send copies elsewhere.
pub(super) fn to_publish(message: &Message) -> Result<BasicProperties, Unsendable> {
    let mut out = BasicProperties::default();
    let known = match &message.place {
        Place::Amqp(place) => place.properties.as_slice(),
        _ => &[],
    };
    for (name, value) in known {
        let text = || property_text(name, value);
        let small =
            || value.whole().and_then(|value| u8::try_from(value).ok()).ok_or(format!("{name} is no small number"));
        out = match name.as_str() {
            "content_type" => out.with_content_type(text()?),
            "content_encoding" => out.with_content_encoding(text()?),
            "priority" => out.with_priority(small()?),
            "correlation_id" => out.with_correlation_id(text()?),
            "reply_to" => out.with_reply_to(text()?),
            "expiration" => out.with_expiration(text()?),
            "message_id" => out.with_message_id(text()?),
            "timestamp" => match value {
                HeaderValue::Time(seconds) => out.with_timestamp(*seconds),
                _ => return Err("timestamp is no time".to_owned()),
            },
            "type" => out.with_type(text()?),
            "app_id" => out.with_app_id(text()?),
            "cluster_id" => out.with_cluster_id(text()?),
            _ => out,
        };
    }
    let mut headers = FieldTable::default();
    for (name, value) in &message.headers {
        if !matches!(name.as_str(), "CC" | "BCC") {
            insert(&mut headers, name, value)?;
        }
    }
    if !headers.inner().is_empty() {
        out = out.with_headers(headers);
    }
    Ok(out.with_delivery_mode(2))
}

fn property_text(name: &str, value: &HeaderValue) -> Result<ShortString, Unsendable> {
    let text = value.text().ok_or(format!("{name} is no text"))?;
    ShortString::try_new(text).map_err(|_| format!("{name} is longer than 255 bytes"))
}

fn insert(table: &mut FieldTable, name: &str, value: &HeaderValue) -> Result<(), Unsendable> {
    let key =
        ShortString::try_new(name).map_err(|_| format!("the name of the header {name} is longer than 255 bytes"))?;
    if table.contains_key(name) {
        return Err(format!("AMQP has each header once, and {name} is there twice"));
    }
    let value = to_amqp(value).map_err(|why| format!("the header {name} cannot be sent: {why}"))?;
    table.insert(key, value);
    Ok(())
}

fn to_amqp(value: &HeaderValue) -> Result<AMQPValue, Unsendable> {
    Ok(match value {
        HeaderValue::Null => AMQPValue::Void,
        HeaderValue::Bool(value) => AMQPValue::Boolean(*value),
        HeaderValue::Bytes(bytes) => AMQPValue::LongString(bytes.clone().into()),
        HeaderValue::ByteArray(bytes) => AMQPValue::ByteArray(bytes.clone().into()),
        HeaderValue::Time(seconds) => AMQPValue::Timestamp(*seconds),
        HeaderValue::Int { value, bits } => {
            let signed = match bits {
                8 => i8::try_from(*value).ok().map(AMQPValue::ShortShortInt),
                16 => i16::try_from(*value).ok().map(AMQPValue::ShortInt),
                32 => i32::try_from(*value).ok().map(AMQPValue::LongInt),
                64 => Some(AMQPValue::LongLongInt(*value)),
                _ => None,
            };
            signed.ok_or_else(|| format!("{value} is no number of {bits} bits"))?
        }
        HeaderValue::Unsigned { value, bits } => {
            let unsigned = match bits {
                8 => u8::try_from(*value).ok().map(AMQPValue::ShortShortUInt),
                16 => u16::try_from(*value).ok().map(AMQPValue::ShortUInt),
                32 => u32::try_from(*value).ok().map(AMQPValue::LongUInt),
                _ => None,
            };
            unsigned.ok_or_else(|| format!("{value} is no number without a sign of {bits} bits"))?
        }
        HeaderValue::Real { bits_of, bits } => {
            let (real, finite) = if *bits == 32 {
                let real = f32::from_bits(*bits_of as u32);
                (AMQPValue::Float(real), real.is_finite())
            } else {
                let real = f64::from_bits(*bits_of);
                (AMQPValue::Double(real), real.is_finite())
            };
            if !finite {
                return Err("RabbitMQ does not know infinity or NaN".to_owned());
            }
            real
        }
        HeaderValue::Decimal { value, scale } => {
            AMQPValue::DecimalValue(DecimalValue { scale: *scale, value: *value as u32 })
        }
        HeaderValue::List(items) => {
            AMQPValue::FieldArray(items.iter().map(to_amqp).collect::<Result<Vec<_>, _>>()?.into())
        }
        HeaderValue::Table(members) => {
            let mut table = FieldTable::default();
            for (name, value) in members {
                insert(&mut table, name, value)?;
            }
            AMQPValue::FieldTable(table)
        }
    })
}

/// Bytes of the properties on the wire, a few too many: they travel in one frame.
pub(super) fn size(properties: &BasicProperties) -> usize {
    let texts = [
        properties.content_type(),
        properties.content_encoding(),
        properties.correlation_id(),
        properties.reply_to(),
        properties.expiration(),
        properties.message_id(),
        properties.kind(),
        properties.app_id(),
        properties.cluster_id(),
    ];
    let texts: usize = texts.into_iter().flatten().map(|text| text.as_str().len() + 1).sum();
    64 + texts + properties.headers().as_ref().map_or(0, table_size)
}

fn table_size(table: &FieldTable) -> usize {
    table.into_iter().map(|(name, value)| 1 + name.as_str().len() + value_size(value)).sum::<usize>() + 4
}

fn value_size(value: &AMQPValue) -> usize {
    1 + match value {
        AMQPValue::LongString(bytes) => 4 + bytes.len(),
        AMQPValue::ByteArray(bytes) => 4 + bytes.len(),
        AMQPValue::ShortString(text) => 1 + text.as_str().len(),
        AMQPValue::FieldArray(items) => 4 + items.as_slice().iter().map(value_size).sum::<usize>(),
        AMQPValue::FieldTable(table) => table_size(table),
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(name: &str, value: HeaderValue) -> Message {
        Message { headers: vec![(name.to_owned(), value)], ..Message::default() }
    }

    #[test]
    fn what_the_server_would_refuse_or_obey_is_not_sent() {
        let property = |name: &str, value: &str| (name.to_owned(), HeaderValue::from(value));
        let place = AmqpPlace {
            properties: vec![property("user_id", "somebody"), property("message_id", "m1")],
            ..AmqpPlace::default()
        };
        let mut message = header("CC", HeaderValue::List(vec!["elsewhere".into()]));
        message.place = Place::Amqp(Box::new(place));
        let sent = to_publish(&message).expect("it can be sent");
        assert_eq!((sent.user_id(), sent.headers()), (&None, &None));
        assert_eq!((sent.message_id().as_ref().map(ShortString::as_str), *sent.delivery_mode()), (Some("m1"), Some(2)));
    }

    #[test]
    fn what_cannot_be_sent_says_why() {
        let twice = Message {
            headers: vec![("a".to_owned(), HeaderValue::Null), ("a".to_owned(), HeaderValue::Null)],
            ..Message::default()
        };
        for (message, why) in [
            (header(&"n".repeat(256), HeaderValue::Null), "255 bytes"),
            (header("a", HeaderValue::Unsigned { value: 1, bits: 64 }), "64 bits"),
            (header("a", HeaderValue::Int { value: 300, bits: 8 }), "8 bits"),
            (header("a", HeaderValue::Real { bits_of: f64::NAN.to_bits(), bits: 64 }), "NaN"),
            (twice, "twice"),
        ] {
            let refused = to_publish(&message).expect_err(why);
            assert!(refused.contains(why), "{refused}");
        }
    }

    #[test]
    fn tables_nested_without_end_are_no_message() {
        let mut value = AMQPValue::Void;
        for _ in 0..=MAX_DEPTH {
            value = AMQPValue::FieldArray(vec![value].into());
        }
        assert_eq!(from_amqp(&value, MAX_DEPTH), None);
    }
}
