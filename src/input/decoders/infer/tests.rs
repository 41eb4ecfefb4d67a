//! What is found in small samples of many kinds of logs.

use serde_json::{Value, json};

use super::*;

fn entities(mapping: &Mapping) -> Vec<(String, String)> {
    mapping.entities.iter().map(|entity| (entity.kind.0.clone(), entity.id.0.clone())).collect()
}

fn check(records: &[Value], envelope: &str, roles: &[(&str, &str)], expected: &[(&str, &str)]) {
    let mapping = recognise(records);
    assert_eq!(mapping.envelope, envelope, "{records:?}");
    let first = |list: &[Template]| list.first().map(|template| template.0.clone()).unwrap_or_default();
    for (role, field) in roles {
        let found = match *role {
            "type" => first(&mapping.type_name),
            "id" => first(&mapping.id),
            "time" => mapping.time.first().map(|time| time.field.0.clone()).unwrap_or_default(),
            "version" => first(&mapping.version),
            "correlation" => first(&mapping.correlation),
            "causation" => first(&mapping.causation),
            "service" => first(&mapping.service),
            "data" => first(&mapping.data),
            other => panic!("no role {other}"),
        };
        assert_eq!(found, *field, "{role} of {records:?}\n{mapping:#?}");
    }
    let expected: Vec<_> = expected.iter().map(|(kind, id)| ((*kind).to_owned(), (*id).to_owned())).collect();
    assert_eq!(entities(&mapping), expected, "{records:?}");
}

#[test]
fn the_plain_envelope_names_its_order_and_customer() {
    let event = json!({
        "eventType": "OrderPlaced", "eventId": "evt-123", "timestamp": "2026-02-16T10:30:00Z",
        "data": {"orderId": "order-456", "customerId": "cust-789"}
    });
    let with_state = json!({
        "eventType": "OrderPlaced", "eventId": "evt-123", "timestamp": "2026-02-16T10:30:00Z",
        "data": {
            "orderId": "order-456", "customerId": "cust-789",
            "items": [{"sku": "WIDGET-1", "quantity": 2, "price": 29.99}],
            "shippingAddress": {"street": "123 Main St", "city": "Austin", "state": "TX"}, "total": 59.98
        }
    });
    for event in [event, with_state] {
        check(
            &[event],
            "plain",
            &[("type", "/eventType"), ("id", "/eventId"), ("time", "/timestamp"), ("data", "/data")],
            &[("order", "/data/orderId"), ("customer", "/data/customerId")],
        );
    }
}

#[test]
fn other_spellings_of_the_envelope_are_inferred() {
    let snake = json!({"event_type": "order_placed", "event_id": "e1", "occurred_at": "2026-02-16T10:30:00Z", "payload": {"order_id": 7}});
    check(
        &[snake],
        "inferred",
        &[("type", "/event_type"), ("id", "/event_id"), ("time", "/occurred_at"), ("data", "/payload")],
        &[("order", "/payload/order_id")],
    );
    let epoch =
        json!({"type": "MoneyDeposited", "id": 17, "ts": 1_771_237_800_123_i64, "accountId": "acc-1", "amount": 50});
    check(&[epoch], "inferred", &[("type", "/type"), ("id", "/id"), ("time", "/ts")], &[("account", "/accountId")]);
}

#[test]
fn streams_take_their_kind_from_beside_or_from_their_name() {
    let beside = |n: u32| {
        json!({"type": "OrderPlaced", "id": format!("e{n}"), "time": "2026-02-16T10:30:00Z", "aggregateId": format!("o-{n}"),
            "aggregateType": "Order", "version": n, "correlationId": "c1", "causationId": "e0", "service": "orders",
            "data": {"orderId": format!("o-{n}"), "accountId": "a-1"}})
    };
    check(
        &[beside(1), beside(2)],
        "inferred",
        &[
            ("version", "/version"),
            ("correlation", "/correlationId"),
            ("causation", "/causationId"),
            ("service", "/service"),
        ],
        &[
            ("{/aggregateType|names:Order=order}", "/aggregateId"),
            ("order", "/data/orderId"),
            ("account", "/data/accountId"),
        ],
    );
    let named =
        json!({"type": "Opened", "id": "e1", "time": "2026-02-16T10:30:00Z", "streamId": "account-123", "version": 1});
    check(&[named], "inferred", &[("version", "/version")], &[("{/streamId|before:-}", "{/streamId|after:-}")]);
    let whole = json!({"type": "Placed", "id": "e1", "time": "2026-02-16T10:30:00Z", "stream": "order-456", "data": {"orderId": "order-456"}});
    check(&[whole], "inferred", &[], &[("{/stream|before:-}", "/stream"), ("order", "/data/orderId")]);
    let colon = json!({"type": "Placed", "id": "e1", "time": "2026-02-16T10:30:00Z", "streamId": "order:456"});
    check(&[colon], "inferred", &[], &[("{/streamId|before::}", "{/streamId|after::}")]);
    let again = json!({"type": "Placed", "id": "e1", "time": "2026-02-16T10:30:00Z", "aggregateId": "456", "data": {"orderId": "456"}});
    check(&[again], "inferred", &[], &[("order", "/aggregateId"), ("order", "/data/orderId")]);
}

#[test]
fn entities_in_lists_objects_and_pairs() {
    let event = json!({
        "type": "TransferDone", "id": "e1", "time": "2026-02-16T10:30:00Z",
        "data": {
            "fromAccountId": "a", "toAccountId": "b", "accountId": "a", "customer": {"id": "c1", "name": "x"},
            "items": [{"productId": "p1"}, {"productId": "p2"}], "tagIds": ["t1", "t2"], "requestId": "r", "paid": true
        }
    });
    check(
        &[event],
        "inferred",
        &[],
        &[
            ("account", "/data/fromAccountId"),
            ("account", "/data/toAccountId"),
            ("account", "/data/accountId"),
            ("customer", "/data/customer/id"),
            ("tag", "/data/tagIds/*"),
            ("product", "/data/items/*/productId"),
        ],
    );
}

#[test]
fn fields_that_are_always_new_or_always_the_same_are_not_followed() {
    let records: Vec<Value> = (0..60)
        .map(|n| {
            json!({"type": if n % 2 == 0 { "A" } else { "B" }, "id": format!("e{n}"), "time": format!("2026-02-16T10:30:{n:02}Z"),
                "data": {"orderId": format!("o{}", n % 7), "tenantId": "t", "attemptId": format!("x{n}")}})
        })
        .collect();
    check(&records, "inferred", &[], &[("order", "/data/orderId")]);
    // One account's history is its account's.
    let account: Vec<Value> = (0..60)
        .map(|n| json!({"type": "MoneyDeposited", "id": format!("e{n}"), "time": format!("2026-02-16T10:30:{n:02}Z"), "accountId": "acc-1"}))
        .collect();
    check(&account, "inferred", &[], &[("account", "/accountId")]);
}

#[test]
fn a_constant_version_is_the_schema_s() {
    let records: Vec<Value> = (0..10)
        .map(|n| json!({"type": "A", "id": format!("e{n}"), "time": "2026-02-16T10:30:00Z", "version": 1, "streamId": format!("s{}", n % 2)}))
        .collect();
    check(&records, "inferred", &[("version", "")], &[("stream", "/streamId")]);
}

#[test]
fn case_logs_have_cases() {
    let row = json!({"case:concept:name": "3", "concept:name": "register request", "time:timestamp": "2010-12-30 14:32:00+01:00",
        "org:resource": "Pete", "Activity": "register request", "Costs": "50"});
    check(&[row], "inferred", &[("type", "/Activity"), ("time", "/time:timestamp")], &[("case", "/case:concept:name")]);
}

#[test]
fn every_choice_has_its_evidence() {
    let event =
        json!({"eventType": "A", "eventId": "e", "timestamp": "2026-02-16T10:30:00Z", "data": {"orderId": "o"}});
    let mapping = recognise(&[event]);
    for role in ["type", "id", "time", "data", "entity"] {
        let evidence = mapping.evidence.iter().find(|evidence| evidence.role == role).unwrap();
        assert!(evidence.seen == 1 && evidence.of == 1 && !evidence.why.is_empty(), "{evidence:?}");
    }
}

#[test]
fn templates_move_below_a_prefix() {
    for (template, expected) in
        [("/id", "/p/{}/id"), ("{/a|before:-}:{/b}", "{/p/{}/a|before:-}:{/p/{}/b}"), ("word", "word")]
    {
        assert_eq!(below("/p/{}", &template.into()).0, expected);
    }
}

#[test]
fn documents_of_state_are_no_events() {
    let state = json!({"lastProcessedMessage": {"partitionId": "0", "partitionTimestamp": "2021-11-04T16:12:26Z"}, "meters": []});
    assert!(!looks_like_one_event(&state));
    for event in [
        json!({"type": "Ping", "value": {"partitionId": "0"}}),
        json!({"eventType": "A", "time": "2026-02-16T10:30:00Z"}),
    ] {
        assert!(looks_like_one_event(&event), "{event}");
    }
}
