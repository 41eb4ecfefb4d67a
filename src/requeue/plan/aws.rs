//! Brings a message into the form that SQS and SNS can hold.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::make::without_types;
use super::target::Kind;
use crate::input::sources::outlet;
use crate::model::message::{HeaderValue, Message, Place as Lies};
use crate::requeue::headers;

/// The same message makes the same plan, however often its letter was looked at.
pub(super) fn forget_looks(message: &mut Message) {
    if let Lies::Sqs(place) = &mut message.place {
        place.forget_looks();
    }
}

/// What a topic has notified is published as the message that it was: SNS puts the envelope around it anew.
fn without_notification(message: &mut Message, warn: &mut impl FnMut(&str, String)) {
    let Some(Ok(envelope)) = message.value.as_deref().map(serde_json::from_slice::<serde_json::Value>) else { return };
    let (Some(_), Some(inner)) = (envelope.get("TopicArn"), envelope.get("Message").and_then(|text| text.as_str()))
    else {
        return;
    };
    message.value = Some(inner.as_bytes().to_vec());
    for (name, attribute) in envelope.get("MessageAttributes").and_then(|all| all.as_object()).into_iter().flatten() {
        let member = |member: &str| attribute.get(member).and_then(|text| text.as_str());
        let (Some(text), Some(data_type)) = (member("Value"), member("Type")) else { continue };
        let bytes = data_type.starts_with("Binary").then(|| STANDARD.decode(text).ok()).flatten();
        let value = bytes.map_or_else(|| HeaderValue::from(text), HeaderValue::ByteArray);
        message.headers.push((name.clone(), value));
        if let Lies::Sqs(place) = &mut message.place
            && !matches!(data_type, "String" | "Binary")
        {
            place.types.push((name.clone(), data_type.to_owned()));
        }
    }
    warn("notification", "the notification's message is published, not its envelope".to_owned());
}

/// Attributes of SQS and SNS have types, and there are few of them; groups are what comes nearest to keys.
pub(super) fn fit(message: &mut Message, kind: Kind, warn: &mut impl FnMut(&str, String)) {
    if kind == Kind::SnsTopics {
        without_notification(message, warn);
    }
    without_types(message, |value| !matches!(value, HeaderValue::ByteArray(_)), "SQS has text and bytes", warn);
    if !matches!(message.place, Lies::Sqs(_)) {
        message.place = Lies::Sqs(Box::default());
    }
    if let (Some(key), Lies::Sqs(place)) = (message.key.take(), &mut message.place) {
        warn("key-as-group", "its key becomes the group's id, where the target is FIFO".to_owned());
        let group = String::from_utf8_lossy(&key).into_owned();
        place.attributes = vec![("MessageGroupId".to_owned(), group)];
    }
    let room = outlet::SQS_ATTRIBUTES.saturating_sub(message.headers.len());
    if room < headers::OURS.len() {
        let words =
            format!("SQS takes {} attributes: only {room} of eventglass's own go with it", outlet::SQS_ATTRIBUTES);
        warn("few-attributes", words);
    }
}
