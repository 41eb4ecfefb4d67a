//! Letters put back: held, sent, deleted; in FIFO queues with their group; to a topic of SNS.

use serde_json::{Value, json};

use super::*;
use crate::program::Ran;
use crate::requeue::Desk;

/// Plans all letters of a queue and puts them back.
fn put_back(desk: &Desk, letters: &Queue, args: &[&str]) -> (Value, Ran) {
    let (ran, plan) = desk.plan_with(&letters.address(), &[&["--all"], args].concat(), &CREDENTIALS);
    assert_eq!(ran.code, 0, "{ran:?}");
    (plan, desk.run_with(&CREDENTIALS))
}

#[test]
fn letters_go_back_to_the_queue_whose_policy_sent_them() {
    let (orders, letters) = server().with_letters("back");
    let attributes = json!({
        "price": {"DataType": "Number.cent", "StringValue": "1.00"},
        "raw": {"DataType": "Binary", "BinaryValue": "/wA="},
    });
    for n in 0..23 {
        letters.send(&format!("{{\"n\": {n}}}"), json!({"MessageAttributes": attributes}));
    }
    let desk = Desk::new();
    let (plan, ran) = put_back(&desk, &letters, &[]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(23));
    assert_eq!(plan["items"][0]["letter"]["types"]["price"], "Number.cent", "{}", plan["items"][0]);
    assert_eq!((ran.code, desk.count("settled")), (0, 23), "{ran:?}");
    assert_eq!(letters.counts(), (0, 0));
    let all = orders.take_all();
    assert_eq!(all.len(), 23);
    for message in &all {
        let given = &message["MessageAttributes"];
        assert_eq!(given["price"], attributes["price"]);
        assert_eq!(given["raw"]["BinaryValue"], "/wA=");
        assert!(given["eventglass-requeue-id"]["StringValue"].is_string(), "{message}");
    }
    let mut bodies: Vec<&str> = all.iter().filter_map(|message| message["Body"].as_str()).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!(bodies.len(), 23, "each once, to the byte: {bodies:?}");
}

/// `MassTransit` 4015 and phoenix-letter 76: group and deduplication id were forgotten.
#[test]
fn a_fifo_letter_keeps_its_group_and_order() {
    let (orders, letters) = server().with_letters("groups.fifo");
    for n in 0..4 {
        let group = format!("order-{}", n % 2);
        letters.send(
            &format!("{{\"n\":{n}}}"),
            json!({"MessageGroupId": group, "MessageDeduplicationId": format!("d-{n}")}),
        );
    }
    let desk = Desk::new();
    let (plan, ran) = put_back(&desk, &letters, &[]);
    assert_eq!((ran.code, desk.count("settled")), (0, 4), "{ran:?}");
    let all = orders.take_all();
    assert_eq!(all.len(), 4, "{all:?}");
    for group in ["order-0", "order-1"] {
        let bodies: Vec<&str> = all
            .iter()
            .filter(|message| message["Attributes"]["MessageGroupId"] == group)
            .filter_map(|message| message["Body"].as_str())
            .collect();
        assert!(bodies.len() == 2 && bodies.is_sorted(), "{group}: {bodies:?}");
    }
    let ids: Vec<&Value> = plan["items"].as_array().expect("a list").iter().map(|item| &item["requeue_id"]).collect();
    assert!(all.iter().all(|message| ids.contains(&&message["Attributes"]["MessageDeduplicationId"])), "{all:?}");
}

#[test]
fn several_sources_are_asked_for_not_guessed() {
    let (_, letters) = server().with_letters("first");
    let policy = json!({"deadLetterTargetArn": letters.arn(), "maxReceiveCount": 1}).to_string();
    let second = server().queue("second", json!({"RedrivePolicy": policy}));
    letters.send("{\"n\":1}", json!({}));
    let desk = Desk::new();
    let (_, plan) = desk.plan_with(&letters.address(), &["--all"], &CREDENTIALS);
    let why = plan["left_out"][0]["why"].as_str().unwrap_or_default();
    assert!(why.contains("several queues") && why.contains("give a target"), "{plan}");
    let (_, ran) = put_back(&desk, &letters, &["--to", "second"]);
    assert_eq!((ran.code, second.counts(), letters.counts()), (0, (1, 0), (0, 0)), "{ran:?}");
}

#[test]
fn a_letter_of_a_topic_is_published_without_its_envelope() {
    let (_, letters) = server().with_letters("published");
    let received = server().queue("subscriber", json!({}));
    let version = ("Version", "2010-03-31");
    let made = server().ask_sns(&[("Action", "CreateTopic"), ("Name", "republished"), version]);
    let topic = made.split("<TopicArn>").nth(1).and_then(|rest| rest.split('<').next()).expect("an ARN").to_owned();
    let endpoint = received.arn();
    let subscribe = [("Action", "Subscribe"), ("TopicArn", topic.as_str()), ("Protocol", "sqs")];
    server().ask_sns(&[&subscribe[..], &[("Endpoint", &endpoint), version]].concat());
    let envelope = json!({"Type": "Notification", "MessageId": "1", "TopicArn": topic, "Message": "{\"n\": 7}",
        "Timestamp": "2026-02-16T10:30:00Z",
        "MessageAttributes": {"kind": {"Type": "String", "Value": "order"}}});
    letters.send(&envelope.to_string(), json!({}));
    let desk = Desk::new();
    let to = format!("sns://{topic}?endpoint=http://127.0.0.1:{}&hold=5s", server().port);
    let (plan, ran) = put_back(&desk, &letters, &["--to", &to]);
    assert_eq!((ran.code, desk.count("settled")), (0, 1), "{plan} {ran:?}");
    assert_eq!(letters.counts(), (0, 0));
    let all = received.take_all();
    let [one] = all.as_slice() else { panic!("{all:?}") };
    let notified: Value = serde_json::from_str(one["Body"].as_str().expect("text")).expect("JSON");
    assert_eq!(notified["Message"], "{\"n\": 7}", "the message itself: {notified}");
    assert_eq!(notified["MessageAttributes"]["kind"]["Value"], "order", "{notified}");
}

#[test]
fn a_letter_that_a_consumer_holds_stays_his() {
    let (_, letters) = server().with_letters("held");
    letters.send("{\"n\":1}", json!({}));
    let desk = Desk::new();
    let (ran, _) = desk.plan_with(&letters.address(), &["--all"], &CREDENTIALS);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(letters.hide(600), 1);
    let ran = desk.run_with(&CREDENTIALS);
    assert_eq!((ran.code, desk.count("failed")), (1, 1), "{ran:?}");
    assert_eq!(letters.counts(), (0, 1), "nothing was sent, nothing deleted");
}
