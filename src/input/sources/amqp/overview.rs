//! The queues of a virtual host: by the management API where there is one, else what passive declare tells of
//! the one that the address names.

use std::collections::BTreeMap;

use super::connect::Session;
use super::management::{ConsumerInfo, Management, QueueInfo, Why};
use super::routes;
use super::settings::Settings;
use crate::base::cancel::Cancel;
use crate::base::text::{count, duration_ns, plural};
use crate::input::sources::broker::{Overview, PlaceInfo, Reader, Step, Url};
use crate::model::error::Result;
use crate::model::message::is_dead_letter_name;

/// Step by step, up to the first that fails.
pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    match Settings::read(url) {
        Ok(settings) => super::connect::steps(&settings, cancel, metadata),
        Err(error) => vec![Step { name: "name", result: Err(error) }],
    }
}

fn metadata(session: &Session) -> Result<String> {
    let settings = session.settings();
    let management = match Management::of(settings).and_then(|api| api.system()) {
        Ok(system) => format!("the management API answers: RabbitMQ {}", system.rabbitmq_version),
        Err(why) => format!("without the management API ({why}), less is known of queues"),
    };
    let Some(name) = &settings.queue else { return Ok(management) };
    let queue = session.queue(name)?;
    let ready = plural(queue.message_count().into(), "message is", "messages are");
    let consumers = plural(queue.consumer_count().into(), "consumer", "consumers");
    Ok(format!("{name}: {ready} ready, {consumers}; {management}"))
}

pub(super) fn overview(url: &Url, cancel: &Cancel) -> Result<Overview> {
    let settings = Settings::read(url)?;
    match by_management(&settings, cancel) {
        Ok(overview) => Ok(overview),
        Err(why) => by_amqp(&settings, &why),
    }
}

fn by_amqp(settings: &Settings, why: &str) -> Result<Overview> {
    let session = Session::connect(settings)?;
    let note = format!("Without the management API nobody lists queues: {why}");
    let mut overview = Overview { system: "RabbitMQ".to_owned(), notes: vec![note], ..Overview::default() };
    if let Some(name) = &settings.queue {
        let queue = session.queue(name)?;
        overview.places.push(PlaceInfo {
            name: name.clone(),
            url: settings.url_of(&settings.vhost, name),
            messages: Some(queue.message_count().into()),
            readers: anonymous(queue.consumer_count()),
            ..PlaceInfo::default()
        });
        overview.notes.push("Messages are those that are ready; what consumers hold is not among them".to_owned());
    }
    Ok(overview)
}

/// Consumers of whom only the number is known.
fn anonymous(members: u32) -> Vec<Reader> {
    let reader = Reader { name: "consumers".to_owned(), members, ..Reader::default() };
    if members == 0 { Vec::new() } else { vec![reader] }
}

fn by_management(settings: &Settings, cancel: &Cancel) -> std::result::Result<Overview, Why> {
    let api = Management::of(settings)?;
    let system = api.system()?;
    let vhost = &settings.vhost;
    let queues: Vec<QueueInfo> = api.all("queues", vhost)?;
    let mut notes = Vec::new();
    let mut also = |what: &str, why: Why| notes.push(format!("{what} are not known: {why}"));
    let routes = routes::Routes {
        exchanges: api.all("exchanges", vhost).map_err(|why| also("Exchanges", why)).unwrap_or_default(),
        bindings: api.all("bindings", vhost).map_err(|why| also("Bindings", why)).unwrap_or_default(),
    };
    let consumers: Vec<ConsumerInfo> = if cancel.is_cancelled() {
        Vec::new()
    } else {
        api.all("consumers", vhost).map_err(|why| also("Consumers", why)).unwrap_or_default()
    };
    let mut readers: BTreeMap<&str, Vec<Reader>> = BTreeMap::new();
    for consumer in &consumers {
        let state = if consumer.active == Some(false) { "waiting" } else { "active" };
        readers.entry(&consumer.queue.name).or_default().push(Reader {
            name: consumer.consumer_tag.clone(),
            members: 1,
            lag: None,
            state: state.to_owned(),
        });
    }
    let letters = routes.letter_queues(&queues);
    let mut places: Vec<PlaceInfo> = queues
        .iter()
        .map(|queue| PlaceInfo {
            name: queue.name.clone(),
            url: settings.url_of(vhost, &queue.name),
            messages: queue.messages,
            bytes: queue.message_bytes,
            partitions: None,
            keeps: keeps(queue),
            readers: readers.remove(queue.name.as_str()).unwrap_or_default(),
            dead_letters: letters.contains(queue.name.as_str()) || is_dead_letter_name(&queue.name),
            internal: queue.name.starts_with("amq.") || queue.exclusive,
        })
        .collect();
    places.sort_by(|a, b| a.name.cmp(&b.name));
    notes.push(format!("Queues of the virtual host {vhost}; numbers of messages are some seconds old"));
    Ok(Overview { system: format!("RabbitMQ {}", system.rabbitmq_version), places, notes })
}

/// `quorum queue, at most 1,000 messages, each for 1 min`
fn keeps(queue: &QueueInfo) -> String {
    let number = |name| queue.says(name).and_then(serde_json::Value::as_u64);
    let mut words = vec![match queue.kind.as_str() {
        "stream" => "stream".to_owned(),
        "" => "queue".to_owned(),
        kind => format!("{kind} queue"),
    }];
    words.extend(number("max-length").map(|most| format!("at most {} messages", count(most))));
    words.extend(number("max-length-bytes").map(|most| format!("at most {}", crate::base::text::bytes(most))));
    let ms = |ms: u64| duration_ns(i64::try_from(ms).unwrap_or(i64::MAX).saturating_mul(1_000_000));
    words.extend(number("message-ttl").map(|ttl| format!("each for {}", ms(ttl))));
    words.extend(queue.says("max-age").and_then(serde_json::Value::as_str).map(|age| format!("each for {age}")));
    words.extend(number("delivery-limit").map(|limit| format!("at most {limit} deliveries")));
    let dead = queue.says("dead-letter-exchange").and_then(serde_json::Value::as_str);
    words.extend(dead.map(|exchange| {
        let key = queue.says("dead-letter-routing-key").and_then(serde_json::Value::as_str);
        match (exchange, key) {
            ("", Some(key)) => format!("dead letters to {key}"),
            ("", None) => "dead letters to the queue of their key".to_owned(),
            (exchange, _) => format!("dead letters to the exchange {exchange}"),
        }
    }));
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_a_queue_keeps_in_words() {
        let queue = QueueInfo {
            kind: "quorum".to_owned(),
            arguments: json!({"x-max-length": 1000, "x-dead-letter-exchange": "dlx"}),
            effective_policy_definition: json!({"message-ttl": 60_000, "delivery-limit": 5}),
            ..QueueInfo::default()
        };
        let words = "quorum queue, at most 1,000 messages, each for 1 min, at most 5 deliveries, dead letters to the exchange dlx";
        assert_eq!(keeps(&queue), words);
    }
}
