//! Dead letters that RabbitMQ itself made, and what is read of them.

use eventglass::model::message::HeaderValue;
use lapin::BasicProperties;

use super::letters::header;
use super::*;
use crate::program;

/// The letter's record with times that are the same in each run, and as before its first look.
fn untimed(letter: &Message) -> String {
    let mut letter = letter.clone();
    letter.headers.iter_mut().for_each(|(_, value)| still(value));
    letter.headers.retain(|(name, _)| name != "x-delivery-count");
    if let Place::Amqp(place) = &mut letter.place {
        place.redelivered = false;
    }
    let mut line = Vec::new();
    letter.write(&mut line);
    String::from_utf8(line).expect("records are UTF-8") + "\n"
}

fn still(value: &mut HeaderValue) {
    match value {
        HeaderValue::Time(seconds) => *seconds = 1_771_237_800,
        HeaderValue::List(items) => items.iter_mut().for_each(still),
        HeaderValue::Table(members) => members.iter_mut().for_each(|(_, value)| still(value)),
        _ => {}
    }
}

/// A queue whose letters go to `NAME.dlq`.
fn with_letters(client: &Client, name: &str, also: &[(&str, AMQPValue)]) -> String {
    let letters = format!("{name}.dlq");
    client.queue(&letters, &[]);
    let mut arguments = vec![("x-dead-letter-exchange", text("")), ("x-dead-letter-routing-key", text(&letters))];
    arguments.extend(also.iter().map(|(name, value)| (*name, value.clone())));
    client.queue(name, &arguments);
    letters
}

/// What `dead-letters` says of a queue: cause, count and origins of each group.
fn groups(queue: &str) -> Vec<(String, u64, Value)> {
    let ran = program::run(["dead-letters", "--format", "json", &server().url(queue)]);
    assert_eq!(ran.code, 1, "{ran:?}");
    let of = |group: &Value| {
        let cause = group["cause"].as_str().expect("a cause").to_owned();
        (cause, group["count"].as_u64().expect("a count"), group["origins"].clone())
    };
    ran.lines().iter().map(of).collect()
}

#[test]
fn letters_of_every_reason_are_read() {
    let client = Client::new(server());
    let order = || BasicProperties::default().with_message_id("order-1".into()).with_type("OrderPlaced".into());
    let mut golden = Vec::new();
    for (name, kind) in [("made-classic", vec![]), ("made-quorum", vec![quorum()])] {
        // Rejected by a consumer.
        let rejected = format!("{name}-rejected");
        let letters = with_letters(&client, &rejected, &kind);
        client.send(&rejected, b"{\"orderId\":\"o-1\"}", order());
        client.wait_for(&rejected, 1);
        client.reject(&rejected, false);
        client.wait_for(&letters, 1);
        assert_eq!(
            groups(&letters),
            [(format!("rejected, from {rejected}"), 1, serde_json::json!([{"topic": rejected, "count": 1}]))]
        );
        let (messages, _) = read(&server().url(&letters));
        golden.push(untimed(&messages[0]));
        let deaths = header(&messages[0], "x-death").expect("it died").list();
        assert_eq!(deaths[0].member("reason").and_then(HeaderValue::text), Some("rejected"));
        assert_eq!(deaths[0].member("count"), Some(&HeaderValue::Int { value: 1, bits: 64 }));
        assert!(matches!(deaths[0].member("time"), Some(HeaderValue::Time(_))), "{deaths:?}");
        // Too old.
        let expired = format!("{name}-expired");
        let letters = with_letters(&client, &expired, &kind);
        client.send(&expired, b"{\"orderId\":\"o-2\"}", order().with_expiration("50".into()));
        client.wait_for(&letters, 1);
        assert_eq!(groups(&letters)[0].0, format!("expired, from {expired}"));
        let (messages, _) = read(&server().url(&letters));
        golden.push(untimed(&messages[0]));
        let deaths = header(&messages[0], "x-death").expect("it died").list();
        assert_eq!(deaths[0].member("original-expiration").and_then(HeaderValue::text), Some("50"));
        // Too many.
        let full = format!("{name}-full");
        let mut arguments = kind.clone();
        arguments.push(("x-max-length", AMQPValue::LongInt(1)));
        let letters = with_letters(&client, &full, &arguments);
        client.send(&full, b"{\"orderId\":\"o-3\"}", order());
        client.send(&full, b"{\"orderId\":\"o-4\"}", order());
        client.wait_for(&letters, 1);
        assert_eq!(groups(&letters)[0].0, format!("maxlen, from {full}"));
        golden.push(untimed(&read(&server().url(&letters)).0[0]));
    }
    // Delivered too often, which quorum queues alone know.
    let letters = with_letters(&client, "made-often", &[quorum(), ("x-delivery-limit", AMQPValue::LongInt(1))]);
    client.send("made-often", b"{\"orderId\":\"o-5\"}", order());
    client.wait_for("made-often", 1);
    client.reject("made-often", true);
    client.wait_for("made-often", 1);
    client.reject("made-often", true);
    client.wait_for(&letters, 1);
    assert_eq!(groups(&letters)[0].0, "delivery_limit, from made-often");
    golden.push(untimed(&read(&server().url(&letters)).0[0]));
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/rabbitmq/letters.ndjson");
    let golden: String = golden.concat();
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&kept, &golden).expect("it can be written");
    }
    assert_eq!(golden, std::fs::read_to_string(&kept).expect("it is there"), "as RabbitMQ makes them today");
}

#[test]
fn a_queue_and_a_file_are_one_log() {
    let client = Client::new(server());
    let letters = with_letters(&client, "chain-orders", &[]);
    let properties = BasicProperties::default().with_correlation_id("corr-9".into()).with_message_id("m-2".into());
    client.send("chain-orders", br#"{"type":"OrderFailed","orderId":"o-9"}"#, properties);
    client.reject("chain-orders", false);
    client.wait_for(&letters, 1);
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("shop.ndjson");
    let lines = (0..3).map(|n| {
        format!(
            "{{\"id\":\"e-{n}\",\"type\":\"OrderPlaced\",\"time\":\"2026-02-16T10:00:0{n}Z\",\"correlationId\":\"corr-9\",\"data\":{{\"orderId\":\"o-9\"}}}}\n"
        )
    });
    std::fs::write(&file, lines.collect::<String>()).expect("a file");
    let (url, file) = (server().url(&letters), file.to_string_lossy().into_owned());
    let ran = program::run(["trace", "--format", "json", "--correlation", "corr-9", &url, &file]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("OrderFailed") || ran.out.contains(&letters), "{ran:?}");
    assert!(ran.out.contains("e-0"), "{ran:?}");
    let ran = program::run(["info", "--format", "json", &url, &file]);
    let info: Value = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
    assert_eq!(info["events"], 4, "{info}");
}
