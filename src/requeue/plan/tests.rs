//! Targets and partitions, and plans on paper. Plans from logs are tested through the command line.

use crate::requeue::testing;
use std::collections::BTreeMap;

use super::target::target;
use super::*;
use crate::analysis::dead_letters::{Config, Letter, Location, Seen, dialects};
use crate::input::sources::broker::PlaceInfo;
use crate::model::message::HeaderValue;
use serde_json::json;

fn header(name: &str, value: &[u8]) -> (String, HeaderValue) {
    (name.to_owned(), HeaderValue::Bytes(value.to_vec()))
}

fn spring() -> (Seen, Letter) {
    let headers = vec![
        header("tenant", b"de"),
        header("kafka_dlt-original-topic", b"orders"),
        header("kafka_dlt-original-partition", &[0, 0, 0, 3]),
        header("kafka_dlt-exception-message", b"no"),
        ("x-death".to_owned(), HeaderValue::List(vec![HeaderValue::Table(Vec::new())])),
    ];
    let seen = Seen::of(json!({"topic": "orders-dlt", "partition": 1, "offset": 5}), headers, None, None);
    let letter = dialects::read(&seen, &Config::default()).expect("a letter");
    (seen, letter)
}

fn orders(partitions: u32) -> BTreeMap<String, PlaceInfo> {
    let info = PlaceInfo { name: "orders".to_owned(), partitions: Some(partitions), ..PlaceInfo::default() };
    [("orders".to_owned(), info)].into()
}

#[test]
fn partitions_are_the_first_ones_while_they_are_there() {
    let (_, letter) = spring();
    let of = |to: Option<&str>, places: &BTreeMap<String, PlaceInfo>| {
        target("kafka://a", to.map(parse_target).as_ref(), &letter, places).map(|(target, _)| target.to_string())
    };
    assert_eq!(of(None, &orders(4)).as_deref(), Ok("orders/3"));
    assert_eq!(of(None, &BTreeMap::new()).as_deref(), Ok("orders/3"));
    assert_eq!(of(None, &orders(3)).as_deref(), Ok("orders"));
    assert_eq!(of(Some("repairs"), &orders(4)).as_deref(), Ok("repairs"));
    assert_eq!(of(Some("topic:repairs/0"), &orders(4)).as_deref(), Ok("repairs/0"));
    assert!(of(Some("queue:repairs"), &orders(4)).is_err());
    let to_file = target("file:out.ndjson", None, &letter, &BTreeMap::new()).expect("a file takes all");
    assert_eq!(to_file.0, Target::File { path: "out.ndjson".to_owned() });
    assert!(target("amqp://a/v", None, &letter, &BTreeMap::new()).is_err(), "a topic is no queue");
    let lost = Letter { target: Err("no header says where"), ..letter.clone() };
    assert!(target("kafka://a", None, &lost, &orders(4)).is_err_and(|why| why.contains("give a target")));
    let queue = Letter { target: Ok(Location::queue("mails")), ..letter.clone() };
    assert_eq!(
        target("amqp://a/v", None, &queue, &BTreeMap::new()).map(|(target, _)| target),
        Ok(Target::Queue { name: "mails".to_owned() })
    );
}

#[test]
fn parked_messages_go_back_only_to_who_parked_them() {
    let (_, letter) = spring();
    let parked = Letter { target: Ok(Location::queue("orders::billing")), ..letter };
    let of = |to: Option<&str>| {
        let to = to.map(parse_target);
        target("esdb://a?tls=false", to.as_ref(), &parked, &BTreeMap::new()).map(|(target, _)| target.to_string())
    };
    assert_eq!(of(None).as_deref(), Ok("orders::billing"));
    assert_eq!(of(Some("queue:orders::billing")).as_deref(), Ok("orders::billing"));
    assert!(of(Some("queue:orders::mail")).is_err() && of(Some("topic:orders")).is_err());
}

#[test]
fn a_target_that_looks_like_another_is_warned_of() {
    let (_, letter) = spring();
    for (name, expected) in
        [("orders", &[][..]), ("\u{43e}rders", &["odd-name"]), ("orders\u{200b}", &["odd-name"]), ("заказы", &[])]
    {
        let mut codes = Vec::new();
        let target = Target::Queue { name: name.to_owned() };
        super::make::check_target(&target, &letter, &BTreeMap::new(), &mut |code, _| codes.push(code.to_owned()));
        assert_eq!(codes, expected, "{name}");
    }
}

#[test]
fn what_dead_lettering_added_stays_behind() {
    let (seen, _) = spring();
    let config = Config::default();
    let mut message = Message { headers: seen.headers.clone(), ..Message::default() };
    message.headers.push(header("eventglass-requeue-id", b"old"));
    let stripped = super::super::headers::strip(&mut message, super::super::headers::added(&seen, &config, false));
    assert_eq!(stripped.len(), 5, "{stripped:?}");
    assert_eq!(message.headers, [header("tenant", b"de")]);
    super::super::headers::mark(&mut message, "id", 2, "orders-dlt/1@5");
    let names: Vec<&str> = message.headers.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["tenant", "eventglass-requeue-id", "eventglass-requeue-attempt", "eventglass-requeue-from"]);
}

#[test]
fn plans_are_saved_and_read_exactly_and_not_when_they_were_changed() {
    let headers =
        vec![("a".to_owned(), HeaderValue::Null), header("b", &[0xff, 0]), header("b", b""), header("b", &[0xff, 0])];
    let place = crate::model::message::Place::Kafka { topic: "orders-dlt".to_owned(), partition: 0, offset: 1 };
    let letter =
        Message { place, key: Some(Vec::new()), headers, value: Some(b"{ \"a\":1.0 }".to_vec()), timestamp: None };
    let target = Target::Exchange { name: "x".to_owned(), routing_key: "k".to_owned() };
    let item = Item {
        stripped: vec!["x".to_owned()],
        warnings: vec![Warning { code: "c".to_owned(), words: "w".to_owned() }],
        ..testing::item(letter, target)
    };
    let mut plan = Plan {
        rate: Some(0.5),
        canary: vec![1],
        observe_ms: 5,
        notes: vec!["n".to_owned()],
        left_out: vec![LeftOut { event: 3, from: "f".to_owned(), why: "w".to_owned() }],
        ..testing::plan("amqp://a/v", vec![item])
    };
    plan.seal();
    let mut text = Vec::new();
    plan.save(&mut text).expect("memory takes it");
    let text = String::from_utf8(text).expect("JSON is text");
    assert_eq!(Plan::read(&text, "plan.json").expect("it is one"), plan);
    for (from, to) in [("1.0 }", "2.0 }"), ("\"k\"", "\"other\""), ("amqp://a", "amqp://b")] {
        assert!(text.contains(from), "{text}");
        assert!(Plan::read(&text.replacen(from, to, 2), "plan.json").is_err(), "{from} → {to}");
    }
    assert!(Plan::read("{}", "plan.json").is_err());
}
