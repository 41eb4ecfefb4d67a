//! What makes a letter the same letter, and an attempt to put it back the same attempt.
//!
//! Ids are UUIDs of version 8 (RFC 9562, 5.8): 122 bits of two hashes. The same click gives the same id, so
//! the journal can refuse the second one.

use crate::base::hash::hash64;
use crate::input::sources::outlet::Target;
use crate::model::message::{HeaderValue, Message, Pending, Place};

/// A letter by its place and its bytes: a topic that was made anew, or another cluster, has other letters at
/// the same offsets. RabbitMQ has no places, and counts deliveries in the message: there it is the bytes
/// without what a delivery changes, so equal letters are numbered by [`numbered`]. What is pending in Redis is
/// delivered too, and stays the same letter of its group. SQS counts each look at a message beside it.
#[must_use]
pub fn letter_id(letter: &Message) -> String {
    let mut same = letter.clone();
    match &mut same.place {
        Place::Amqp(place) => {
            place.redelivered = false;
            same.headers.retain(|(name, _)| !matches!(name.as_str(), "x-delivery-count" | "x-acquired-count"));
        }
        Place::Redis(place) => {
            if let Some(pending) = &mut place.pending {
                *pending = Pending { group: std::mem::take(&mut pending.group), ..Pending::default() };
            }
        }
        Place::Sqs(place) => place.forget_looks(),
        Place::Nowhere | Place::Kafka { .. } | Place::Kurrent(_) | Place::Row(_) => {}
    }
    uuid(&[b"letter", &record(&same)])
}

/// The `n`th of letters that nothing tells apart, from 0.
#[must_use]
pub fn numbered(letter_id: &str, n: usize) -> String {
    if n == 0 { letter_id.to_owned() } else { format!("{letter_id}+{n}") }
}

/// `message` is what would be sent, without headers of our own.
#[must_use]
pub fn requeue_id(system: &str, letter_id: &str, target: &Target, message: &Message, attempt: u32) -> String {
    let target = serde_json::to_vec(target).expect("texts and numbers always become JSON");
    uuid(&[b"requeue", system.as_bytes(), letter_id.as_bytes(), &target, &record(message), &attempt.to_le_bytes()])
}

/// Of anything else that should have a name of its own.
#[must_use]
pub fn uuid(parts: &[&[u8]]) -> String {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend((part.len() as u64).to_le_bytes());
        bytes.extend(*part);
    }
    let high = hash64(&bytes);
    bytes.push(1);
    let low = hash64(&bytes);
    let bits = (u128::from(high) << 64) | u128::from(low);
    let bits = bits & !(0xF << 76) & !(0x3 << 62) | (0x8 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// The record of a message, as bytes.
#[must_use]
pub fn record(message: &Message) -> Vec<u8> {
    let mut bytes = Vec::new();
    message.write(&mut bytes);
    bytes
}

/// A header's text, newest first.
#[must_use]
pub fn header<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    message.headers.iter().rev().find(|(known, _)| known == name).and_then(|(_, value)| HeaderValue::text(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::message::{AmqpPlace, RedisPlace};

    fn message(value: &str) -> Message {
        let place = Place::Kafka { topic: "orders-dlt".to_owned(), partition: 1, offset: 7 };
        Message { place, value: Some(value.into()), ..Message::default() }
    }

    #[test]
    fn ids_differ_with_all_that_matters_and_with_nothing_else() {
        let target = |name: &str| Target::Topic { name: name.to_owned(), partition: None };
        let id = |system: &str, name: &str, value: &str, attempt| {
            requeue_id(system, &letter_id(&message("x")), &target(name), &message(value), attempt)
        };
        let one = id("kafka://a", "orders", "x", 1);
        assert_eq!(one, id("kafka://a", "orders", "x", 1));
        for other in [
            id("kafka://b", "orders", "x", 1),
            id("kafka://a", "order", "x", 1),
            id("kafka://a", "orders", "y", 1),
            id("kafka://a", "orders", "x", 2),
        ] {
            assert_ne!(one, other);
        }
        assert_eq!((one.len(), &one[14..15], one.matches('-').count()), (36, "8", 4));
        assert!(matches!(&one[19..20], "8" | "9" | "a" | "b"), "{one}");
    }

    #[test]
    fn a_letter_stays_itself_when_it_is_delivered_again() {
        let of = |redelivered, count: i64| {
            let place = AmqpPlace { queue: "dlq".to_owned(), redelivered, ..AmqpPlace::default() };
            let headers = vec![("x-delivery-count".to_owned(), HeaderValue::Int { value: count, bits: 64 })];
            letter_id(&Message { place: Place::Amqp(Box::new(place)), headers, ..message("x") })
        };
        assert_eq!(of(false, 1), of(true, 2));
        let of = |group: &str, deliveries| {
            let pending = Some(Pending { group: group.to_owned(), deliveries, ..Pending::default() });
            let place = RedisPlace { pending, ..RedisPlace::default() };
            letter_id(&Message { place: Place::Redis(Box::new(place)), ..message("x") })
        };
        assert_eq!(of("billing", 1), of("billing", 2));
        assert_ne!(of("billing", 1), of("stock", 1));
        assert_ne!(letter_id(&message("x")), letter_id(&message("y")));
    }
}
