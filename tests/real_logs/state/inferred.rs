//! Rules that nobody wrote: what is inferred from a log makes the states that a person expects.

use super::{Value, history, ids, inferred, json, last, opened, states};

#[test]
fn every_account_of_the_bank_holds_what_plain_arithmetic_says() {
    let log = opened(&["sample-data/bank.ndjson"]);
    let rules = inferred(&log, "account");
    let text = std::fs::read_to_string(crate::log::data("../../sample-data/bank.ndjson")).expect("a sample");
    let mut balances = std::collections::BTreeMap::<String, i64>::new();
    for line in text.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("JSON");
        let amount = |name: &str| event["data"][name].as_i64().unwrap_or_default();
        let change = match event["eventType"].as_str() {
            Some("AccountOpened") => amount("initialBalance"),
            Some("MoneyDeposited") => amount("amount"),
            _ => -amount("amount"),
        };
        *balances.entry(event["aggregateId"].as_str().unwrap_or_default().to_owned()).or_default() += change;
    }
    assert_eq!(balances.len(), 5);
    for (id, balance) in balances {
        let state = last(&rules, &log, "account", &id);
        assert_eq!(state.member("balance"), Some(&Value::Number(balance.into())), "{id}");
    }
    let (states, _) = states(&rules, &history(&log, "account", "account-123"));
    let shown: Vec<String> = states.iter().filter_map(|state| Some(state.member("balance")?.to_string())).collect();
    assert_eq!(shown, ["0", "100", "70", "120"]);
}

#[test]
fn an_order_keeps_its_items_and_its_status() {
    let log = opened(&["sample-data/shop.ndjson"]);
    let rules = inferred(&log, "order");
    let (states, said) = states(&rules, &history(&log, "order", "order-456"));
    assert!(said.is_empty(), "{said:?}");
    let statuses: Vec<&str> = states.iter().filter_map(|state| state.member("status")?.as_text()).collect();
    assert_eq!(statuses, ["placed", "placed", "placed", "placed", "confirmed", "confirmed", "confirmed", "confirmed"]);
    let expected = json(
        r#"{"orderId":"order-456","customerId":"cust-789","items":[{"sku":"WIDGET-1","quantity":2,"price":29.99}],
            "shippingAddress":{"street":"123 Main St","city":"Austin"},"total":59.98,"status":"confirmed",
            "stock":{"items":[{"sku":"WIDGET-1","quantity":2}],"status":"reserved"},
            "payment":{"paymentId":"pay-9006","amount":59.98,"currency":"EUR","status":"captured"},
            "email":{"template":"order_confirmed","status":"sent"},
            "shipment":{"shipmentId":"ship-3106","carrier":"UPS","weightKg":3.2,"hub":"BRE-4","status":"dispatched"}}"#,
    );
    assert_eq!(states.last(), Some(&expected));
    let cancelled = last(&rules, &log, "order", "order-463");
    assert_eq!(cancelled.member("status").and_then(Value::as_text), Some("cancelled"));
    assert_eq!(cancelled.member("stock").and_then(|stock| stock.member("status")?.as_text()), Some("released"));
    // A customer is no order: nothing of it is taken.
    let customer = last(&inferred(&log, "customer"), &log, "customer", "cust-811");
    let counts = json(r#"{"counts":{"OrderPlaced":3,"OrderConfirmed":2,"EmailSent":3,"OrderCancelled":1}}"#);
    assert_eq!(customer, counts);
}

#[test]
fn stores_of_libraries_are_understood() {
    let log = opened(&["sample-data/store.sqlite"]);
    let rules = inferred(&log, "Account");
    let mut states: Vec<Value> = ids(&log, "Account").iter().map(|id| last(&rules, &log, "Account", id)).collect();
    states.sort_by_key(|state| state.member("owner").map(ToString::to_string));
    let shown: Vec<String> = states.iter().filter_map(|state| Some(state.member("balance")?.to_string())).collect();
    assert_eq!(shown.len(), 3);
    let closed = states.iter().filter(|state| state.member("status").and_then(Value::as_text) == Some("closed"));
    assert_eq!(closed.count(), 1);

    let log = opened(&["tests/data/stores/emmett.sqlite"]);
    let cart = last(&inferred(&log, "shopping_cart"), &log, "shopping_cart", "1");
    let items = json(r#"[{"productId":"shoes","quantity":2,"unitPrice":100.5}]"#);
    assert_eq!(cart.member("productItems"), Some(&items));
    assert_eq!(cart.member("status").and_then(Value::as_text), Some("confirmed"));
}

#[test]
fn a_case_is_where_its_last_activity_left_it() {
    for file in ["tests/data/caselogs/running-example.csv", "tests/data/caselogs/running-example.xes"] {
        let log = opened(&[file]);
        let rules = inferred(&log, "case");
        for (id, activity) in [("5", "reject request"), ("3", "pay compensation")] {
            let state = last(&rules, &log, "case", id);
            assert_eq!(state.member("activity").and_then(Value::as_text), Some(activity), "{file} {id}");
        }
        let (states, _) = states(&rules, &history(&log, "case", "5"));
        assert_eq!(states.len(), 13, "{file}");
    }
}

#[test]
fn objects_have_the_values_that_their_log_gives_them() {
    for file in ["ocel20-example.jsonocel", "ocel20-example.xmlocel", "ocel20-example.sqlite"] {
        let log = opened(&[&format!("tests/data/ocel/{file}?table=objects")]);
        let rules = inferred(&log, "Purchase Order");
        let (states, said) = states(&rules, &history(&log, "Purchase Order", "PO1"));
        assert!(said.is_empty(), "{said:?}");
        let quantities: Vec<Option<&str>> =
            states.iter().map(|state| state.member("po_quantity").and_then(Value::as_text)).collect();
        assert_eq!(quantities.last(), Some(&Some("600")), "{file} {rules}");
        assert_eq!(quantities.first(), Some(&Some("500")), "{file}");
    }
}

#[test]
fn the_last_of_each_type_is_the_room_that_its_authors_resolve() {
    let log = opened(&["tests/data/matrix/bootstrap-public-chat.json"]);
    let resolved = std::fs::read(crate::log::data("matrix/resolved-minimal_public_chat.json")).expect("their state");
    let resolved: Vec<serde_json::Value> = serde_json::from_slice(&resolved).expect("JSON");
    let room = last(&inferred(&log, "room"), &log, "room", &ids(&log, "room")[0]);
    let members = inferred(&log, "m.room.member");
    assert_eq!(resolved.len(), 7);
    for entry in resolved {
        let [kind, key] = ["type", "state_key"].map(|name| entry[name].as_str().unwrap_or_default());
        let expected = json(&entry["content"].to_string());
        if key.is_empty() {
            assert_eq!(room.member(kind), Some(&expected), "{kind}");
        } else {
            assert_eq!(last(&members, &log, kind, key), expected, "{kind} {key}");
        }
    }
}

/// Nothing is known of these beforehand: the rules must be rules, and no event may fail by them.
#[test]
fn whatever_a_log_holds_its_rules_fit_its_events() {
    for file in [
        "aws/eventBridgeEvent.json",
        "atproto/deactivation.json",
        "cloudevents/cdevents.ndjson",
        "cloudtrail/ec2-proxy-s3.ndjson",
        "eiffel/build-avoidance.json",
        "made/kurrentdb.ndjson",
        "made/message-db.ndjson",
        "made/dbt.ndjson",
        "ocel/example-log-ocel1.jsonocel",
        "ocel/ocel20-example.jsonocel",
        "stores/eventsourcing_py.sqlite",
        "temporal/workflow1.json",
        "traces/zipkin-yelp.json",
        "webhooks/github-webhooks.ndjson.gz",
        "webhooks/stripe-events.ndjson",
        "zeek/scranton/conn.log",
    ] {
        let log = opened(&[&format!("tests/data/{file}")]);
        for kind in log.kinds() {
            let rules = inferred(&log, &kind.name);
            for id in ids(&log, &kind.name) {
                let (_, said) = states(&rules, &history(&log, &kind.name, &id));
                assert!(said.is_empty(), "{file} {}:{id} {said:?}\n{rules}", kind.name);
            }
        }
    }
}
