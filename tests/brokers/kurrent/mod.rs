//! KurrentDB against a server that plays its published protocol: no real one can be had where these tests run.

mod following;
mod parked;
mod reading;
mod server;
mod store;

use eventglass::base::cancel::Cancel;
use eventglass::input::sources::broker::{Overview, Url, of};
use serde_json::Value;

use crate::program::{Ran, run, run_with};
use server::Server;
use store::Store;

/// Accounts with payments, an order, and what the store writes for itself between them.
fn bank() -> Store {
    let mut store = Store::default();
    store.add("$settings", "$settings", "{}", "");
    for n in 0..10 {
        let account = format!("account-{}", n % 2 + 1);
        let metadata = format!(r#"{{"$correlationId":"c-{n}","$causationId":"5d6b7f3e-0000-4000-8000-{n:012x}"}}"#);
        let type_name = if n < 2 { "Opened" } else { "MoneyPaid" };
        store.add(&account, type_name, &format!(r#"{{"amount": {n}.50}}"#), &metadata);
        store.add("$stats-127.0.0.1:2113", "$statsCollected", "{}", "");
    }
    store.add("order-1", "Placed", r#"{"orderId":"order-1"}"#, "");
    store
}

/// What `eventglass events` says of an address, as one JSON object a line.
fn events(url: &str) -> Vec<Value> {
    let ran = run(["events", url, "--format", "ndjson", "-q"]);
    assert_eq!(ran.code, 0, "{url}: {}", ran.err);
    ran.lines()
}

fn failed(url: &str) -> Ran {
    let ran = run(["events", url, "--format", "ndjson", "-q"]);
    assert_ne!(ran.code, 0, "{url}: {}", ran.out);
    ran
}

/// `type entity version`, a line each.
fn short(events: &[Value]) -> Vec<String> {
    let entities = |event: &Value| {
        let named = event["entities"].as_array().into_iter().flatten();
        named
            .map(|entity| entity.as_str().map_or_else(|| entity.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(" ")
    };
    events
        .iter()
        .map(|event| format!("{} {}", event["type"].as_str().unwrap_or_default(), entities(event)).trim().to_owned())
        .collect()
}

fn overview(url: &str) -> Overview {
    let url = Url::parse(url).expect("an address");
    of(&url).expect("KurrentDB").overview(&url, &Cancel::new()).expect("it can be listed")
}

/// `name: found` or `name! summary`, a line each.
fn steps(url: &str) -> Vec<String> {
    let url = Url::parse(url).expect("an address");
    let steps = of(&url).expect("KurrentDB").test(&url, &Cancel::new());
    let step = |step: &eventglass::input::sources::broker::Step| match &step.result {
        Ok(found) => format!("{}: {found}", step.name),
        Err(error) => format!("{}! {}", step.name, error.summary),
    };
    steps.iter().map(step).collect()
}

/// `cargo test --features kurrent-tests --test brokers kurrent::play -- --ignored`, then `eventglass 'kurrentdb://127.0.0.1:21130/?tls=false'`.
#[test]
#[ignore = "serves for an hour, for looking at it in the window"]
fn play() {
    let mut store = bank();
    for n in 0..3 {
        store.add("orders", "Placed", &format!(r#"{{"orderId":"order-{n}"}}"#), "");
        store.park("orders", "billing", n, "no such customer");
    }
    store.link("$ce-account", "account-1", 0, "");
    store.groups.push(("orders".to_owned(), "billing".to_owned()));
    let server = Server::start_at(21_130, store);
    for n in 0..1800 {
        server.state().store.add("account-1", "MoneyPaid", &format!(r#"{{"amount": {n}}}"#), "");
        std::thread::sleep(std::time::Duration::from_secs(2));
    }
}
