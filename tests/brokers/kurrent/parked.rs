//! Parked messages: listed as dead letters, replayed by the server, journaled.

use serde_json::Value;

use super::{Server, Store, bank, run};
use crate::requeue::Desk;

/// Orders of which some are parked by `billing` and one by `mail`.
fn orders() -> Server {
    let mut store = Store::default();
    for n in 0..6 {
        store.add("orders", "Placed", &format!(r#"{{"orderId":"order-{n}"}}"#), "");
    }
    for (group, revision, reason) in [
        ("billing", 1, "no such customer"),
        ("billing", 3, "no such customer"),
        ("mail", 3, "bounced"),
        ("billing", 4, "timeout"),
    ] {
        store.park("orders", group, revision, reason);
    }
    for group in ["billing", "mail", "idle"] {
        store.groups.push(("orders".to_owned(), group.to_owned()));
    }
    Server::start(store)
}

fn parked(server: &Server) -> Vec<u64> {
    let stream = "$persistentsubscription-orders::billing-parked";
    server.state().store.stream(stream).iter().map(|event| event.revision).collect()
}

fn stops(server: &Server) -> Vec<Value> {
    let state = server.state();
    let replays = state.asked.iter().filter(|(method, _)| method.ends_with("ReplayParked"));
    replays.map(|(_, message)| message["options"]["stopAt"].clone()).collect()
}

#[test]
fn parked_messages_are_dead_letters_with_reason_and_group() {
    let server = orders();
    let letters = |rest: &str| {
        let ran = run(["dead-letters", &server.url(rest), "--format", "json", "-q"]);
        assert_eq!(ran.code, 1, "{}", ran.err);
        let cause = |group: &Value| format!("{} {}", group["cause"].as_str().unwrap_or_default(), group["count"]);
        ran.lines().iter().map(cause).collect::<Vec<_>>()
    };
    assert_eq!(letters("orders?parked=billing"), ["no such customer 2", "timeout 1"]);
    assert_eq!(letters("orders?parked=mail"), ["bounced 1"]);
    assert_eq!(letters("?parked=*").len(), 3);
    let info = run(["info", &server.url("?parked=*"), "--format", "json", "-q"]);
    assert!(info.out.contains("KurrentDB, 4 messages parked"), "{}", info.out);
    let none = run(["info", &server.url("orders?parked=idle"), "--format", "json", "-q"]);
    assert!(none.out.contains("0 messages parked"), "{none:?}");
}

#[test]
fn the_server_replays_up_to_the_last_that_was_chosen() {
    let server = orders();
    let desk = Desk::new();
    let (ran, plan) = desk.plan(&server.url("orders?parked=billing"), &["--all"]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(3), "{ran:?}");
    assert_eq!(plan["items"][0]["target"]["queue"]["name"], "orders::billing", "{plan}");
    let ran = desk.run();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!((parked(&server), stops(&server)), (vec![], vec![Value::from("3")]));
    assert_eq!(desk.count("settled"), 3, "{}", desk.status());
    assert_eq!(server.state().store.stream("$persistentsubscription-orders::mail-parked").len(), 1, "others stay");
}

#[test]
fn what_has_older_ones_before_it_is_not_replayed_alone() {
    let server = orders();
    let desk = Desk::new();
    let (_, plan) = desk.plan(&server.url("orders?parked=billing"), &["--id", "2"]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(1), "{plan}");
    desk.run();
    assert_eq!((parked(&server), stops(&server)), (vec![0, 1, 2], vec![]), "nothing was asked for");
    assert!(desk.status().to_string().contains("\"failed\":1"), "{}", desk.status());
    let (_, plan) = desk.plan(&server.url("orders?parked=billing"), &["--id", "0", "--id", "1"]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(2), "{plan}");
    desk.run();
    assert_eq!((parked(&server), stops(&server)), (vec![2], vec![Value::from("2")]));
}

#[test]
fn nothing_else_can_be_done_with_them_in_place() {
    let server = orders();
    let desk = Desk::new();
    let url = server.url("orders?parked=billing");
    let (_, plan) = desk.plan(&url, &["--all", "--to", "audit"]);
    assert!(plan["left_out"].to_string().contains("only to the subscription that parked them"), "{plan}");
    let file = desk.path("out.ndjson").display().to_string();
    let (_, plan) = desk.plan(&url, &["--all", "--to", &format!("file:{file}")]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(3), "{plan}");
    // Replays that are confirmed and not carried out stay visible.
    server.state().faults.idle_replay = true;
    let (_, _) = desk.plan(&url, &["--all"]);
    desk.run();
    assert_eq!((parked(&server).len(), desk.count("settled")), (3, 0), "{}", desk.status());
    assert!(bank().groups.is_empty());
}
