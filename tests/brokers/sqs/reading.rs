//! A look at a queue: all of each message, nothing taken; what could move messages on is refused.

use eventglass::input::sources::broker;
use eventglass::input::sources::broker::Url;
use eventglass::model::message::{HeaderValue, Place};
use serde_json::json;

use super::*;

/// The SDK finds them in the environment, which tests of one process share; so they are in a file.
fn with_credentials(work: impl FnOnce(&dyn Fn(&str, &[&str]) -> crate::program::Ran)) {
    work(&|command, args| crate::program::run_with([&[command], args].concat(), &CREDENTIALS));
}

#[test]
fn the_program_shows_all_of_each_message_and_leaves_it_there() {
    let (orders, letters) = server().with_letters("shown");
    let attributes = json!({
        "trace": {"DataType": "String", "StringValue": "abc"},
        "price": {"DataType": "Number.cent", "StringValue": "1.00"},
        "raw": {"DataType": "Binary", "BinaryValue": "/wA="},
    });
    for n in 0..12 {
        orders.send(&format!("{{\"orderId\":\"o-{n}\",\"n\":{n}}}"), json!({"MessageAttributes": attributes}));
    }
    orders.fail_all();
    orders.fail_all();
    with_credentials(|run| {
        let ran = run("info", &[&letters.address(), "--format", "json"]);
        assert_eq!(ran.code, 0, "{ran:?}");
        let told = format!("{}{}", ran.out, ran.err);
        assert!(told.contains("one more receive"), "{told}");
        let ran = run("events", &[&letters.address(), "--format", "ndjson"]);
        assert_eq!((ran.code, ran.lines().len()), (0, 12), "{ran:?}");
        let ran = run("dead-letters", &[&letters.address(), "--format", "json"]);
        assert!(ran.out.contains("\"shown\"") && ran.out.contains("received too often"), "{ran:?}");
    });
    assert_eq!(letters.counts(), (12, 0), "all are there, none is held");
}

#[test]
fn a_message_keeps_its_types_and_bytes_in_the_record() {
    if !in_process(module_path!(), "a_message_keeps_its_types_and_bytes_in_the_record") {
        return;
    }
    let (_, letters) = server().with_letters("exact");
    let attributes = json!({
        "price": {"DataType": "Number.cent", "StringValue": "1.00"},
        "raw": {"DataType": "Binary", "BinaryValue": "/wA="},
    });
    letters.send("{\"a\": 1}", json!({"MessageAttributes": attributes}));
    let (messages, warnings) = read(&letters.address());
    let [message] = messages.as_slice() else { panic!("one: {messages:?}") };
    let Place::Sqs(place) = &message.place else { panic!("{message:?}") };
    assert_eq!((place.queue.as_str(), body(message)), ("exact-dlq", "{\"a\": 1}"));
    assert_eq!(place.dead_letter_of, ["exact"]);
    assert_eq!(place.types, [("price".to_owned(), "Number.cent".to_owned())]);
    let headers = [("price", HeaderValue::from("1.00")), ("raw", HeaderValue::ByteArray(vec![0xFF, 0]))];
    assert_eq!(message.headers, headers.map(|(name, value)| (name.to_owned(), value)));
    assert!(message.timestamp.is_some() && place.attribute("ApproximateReceiveCount") == Some("1"));
    assert!(said(&warnings, "received, read and given back"), "{warnings:?}");
}

#[test]
fn where_a_look_could_move_messages_on_it_is_refused() {
    if !in_process(module_path!(), "where_a_look_could_move_messages_on_it_is_refused") {
        return;
    }
    let (orders, letters) = server().with_letters("moved");
    orders.send("{}", json!({}));
    let error = super::super::rabbitmq::open(&orders.address()).expect_err("it has a redrive policy");
    assert!(error.details.contains("moved-dlq") && error.next_step.contains("&disturb=yes"), "{error:?}");
    assert_eq!((orders.counts(), letters.counts()), ((1, 0), (0, 0)), "nothing was touched");
    let (messages, _) = read(&server().url("moved?disturb=yes"));
    assert_eq!(messages.len(), 1);
}

#[test]
fn a_window_and_what_others_hold_are_said() {
    if !in_process(module_path!(), "a_window_and_what_others_hold_are_said") {
        return;
    }
    let (_, letters) = server().with_letters("window");
    for n in 0..15 {
        letters.send(&format!("{{\"n\":{n}}}"), json!({}));
    }
    assert_eq!(letters.hide(600), 10);
    let (messages, warnings) = read(&server().url("window-dlq?limit=3"));
    assert_eq!(messages.len(), 3);
    assert!(said(&warnings, "These are 3 of about 5") && said(&warnings, "10 messages are held"), "{warnings:?}");
    assert_eq!(letters.counts(), (5, 10));
}

#[test]
fn groups_of_a_fifo_queue_are_kept() {
    if !in_process(module_path!(), "groups_of_a_fifo_queue_are_kept") {
        return;
    }
    let (_, letters) = server().with_letters("kept.fifo");
    letters.send("{\"n\":1}", json!({"MessageGroupId": "order-1", "MessageDeduplicationId": "d-1"}));
    let (messages, _) = read(&letters.address());
    let Some(Place::Sqs(place)) = messages.first().map(|message| &message.place) else { panic!("{messages:?}") };
    assert_eq!(place.attribute("MessageGroupId"), Some("order-1"));
    assert_eq!(place.attribute("MessageDeduplicationId"), Some("d-1"));
}

#[test]
fn what_a_topic_notifies_is_read_inside() {
    let (_, letters) = server().with_letters("notified");
    let made = server().ask_sns(&[("Action", "CreateTopic"), ("Name", "shop"), ("Version", "2010-03-31")]);
    let topic = made.split("<TopicArn>").nth(1).and_then(|rest| rest.split('<').next()).expect("an ARN").to_owned();
    let subscribe = [("Action", "Subscribe"), ("TopicArn", topic.as_str()), ("Protocol", "sqs")];
    let endpoint = letters.arn();
    server().ask_sns(&[&subscribe[..], &[("Endpoint", &endpoint), ("Version", "2010-03-31")]].concat());
    let message = "{\"type\":\"OrderPlaced\",\"orderId\":\"o-7\",\"total\":3}";
    let publish = [("Action", "Publish"), ("TopicArn", topic.as_str()), ("Message", message)];
    for _ in 0..3 {
        server().ask_sns(&[&publish[..], &[("Version", "2010-03-31")]].concat());
    }
    with_credentials(|run| {
        let ran = run("events", &[&letters.address(), "--format", "ndjson"]);
        assert_eq!((ran.code, ran.lines().len()), (0, 3), "{ran:?}");
        assert!(ran.lines().iter().all(|event| event["type"] == "OrderPlaced"), "{ran:?}");
        assert!(ran.out.contains(&topic), "the envelope is there: {ran:?}");
    });
}

#[test]
fn an_overview_tells_redrive_policies_in_both_directions() {
    if !in_process(module_path!(), "an_overview_tells_redrive_policies_in_both_directions") {
        return;
    }
    let (orders, _) = server().with_letters("seen");
    orders.send("{}", json!({}));
    let url = Url::parse(&server().url("*")).expect("an address");
    let broker = broker::of(&url).expect("SQS");
    let overview = broker.overview(&url, &cancel()).expect("it tells");
    let place = |name: &str| overview.places.iter().find(|place| place.name == name).expect("it is there");
    assert_eq!((place("seen").messages, place("seen").dead_letters), (Some(1), false));
    assert!(place("seen").keeps.contains("dead letters to seen-dlq after 1 receive"), "{:?}", place("seen"));
    assert!(place("seen-dlq").dead_letters && place("seen-dlq").keeps.contains("dead letters of seen"));
    assert_eq!(Url::parse(&place("seen").url).expect("an address").hosts, ["seen"]);
}

#[test]
fn failures_name_their_step() {
    if !in_process(module_path!(), "failures_name_their_step") {
        return;
    }
    let steps = |address: &str| {
        let url = Url::parse(address).expect("an address");
        broker::of(&url).expect("SQS").test(&url, &cancel())
    };
    let (_, letters) = server().with_letters("tested");
    let fine = steps(&letters.address());
    assert!(fine.iter().all(|step| step.result.is_ok()) && fine.len() == 3, "{fine:?}");
    let said = fine[2].result.as_ref().expect("a queue");
    assert!(said.contains("looking counts as a receive"), "said before anything is received: {said}");
    let missing = steps(&server().url("nowhere"));
    let error = missing.last().expect("a step").result.as_ref().expect_err("no such queue");
    assert!(error.summary.contains("no nowhere"), "{error:?}");
    let silent = steps(&format!("sqs://x?region={REGION}&endpoint=http://127.0.0.1:1"));
    let error = silent.last().expect("a step").result.as_ref().expect_err("nobody listens");
    assert!(error.summary.contains("127.0.0.1:1 does not answer"), "{error:?}");
}

#[test]
fn without_a_login_or_a_region_it_is_said() {
    let (_, letters) = server().with_letters("unknown");
    let ran = crate::program::run_with(["info", &letters.address()], &[("AWS_EC2_METADATA_DISABLED", "true")]);
    assert!(ran.code != 0 && ran.err.contains("no credentials"), "{ran:?}");
    let ran = crate::program::run_with(["info", "sqs://x"], &CREDENTIALS);
    assert!(ran.code != 0 && ran.err.contains("No region"), "{ran:?}");
}
