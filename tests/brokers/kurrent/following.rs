//! Streams that grow while they are open: each event once, whatever becomes of the connection.

use std::time::{Duration, Instant};

use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::Url;
use eventglass::model::ids::EventIx;

use super::{Server, Store, bank};

fn followed(url: &str) -> Log {
    let url = Url::parse(url).expect("an address");
    let options = OpenOptions { follow: true, ..OpenOptions::default() };
    let opened = open(&Address::Broker(Box::new(url)), &options).expect("it can be opened");
    let log = Log::new();
    log.add(opened).expect("one source");
    log
}

fn wait_for(log: &Log, rows: u64) {
    let started = Instant::now();
    while log.snapshot().len() < rows {
        assert!(started.elapsed() < Duration::from_secs(30), "{} of {rows} rows", log.snapshot().len());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// After what could come twice had time to come.
fn types(log: &Log) -> Vec<String> {
    std::thread::sleep(Duration::from_millis(400));
    let snapshot = log.snapshot();
    (0..snapshot.len()).map(|row| snapshot.type_name(snapshot.type_ix(EventIx(row))).to_owned()).collect()
}

#[test]
fn a_stream_is_caught_up_with_and_followed() {
    let server = Server::start(bank());
    let log = followed(&server.url("account-1?newest=1"));
    wait_for(&log, 1);
    server.state().store.add("account-1", "Closed", "{}", "");
    server.state().store.add("account-2", "Closed", "{}", "");
    wait_for(&log, 2);
    server.state().store.add("account-1", "Reopened", "{}", "");
    wait_for(&log, 3);
    assert_eq!(types(&log), ["MoneyPaid", "Closed", "Reopened"]);
    let subscriptions =
        server.reads().into_iter().filter(|read| read.get("subscription").is_some()).collect::<Vec<_>>();
    assert_eq!(subscriptions.len(), 1);
    assert_eq!(subscriptions[0]["stream"]["revision"], "4", "behind the last one that was read");
}

#[test]
fn all_streams_are_followed_through_their_filter() {
    let server = Server::start(bank());
    let log = followed(&server.url("?live&type=Closed"));
    std::thread::sleep(Duration::from_millis(200));
    for type_name in ["Closed", "$metadata", "Other", "Closed"] {
        server.state().store.add("account-1", type_name, "{}", "");
    }
    wait_for(&log, 2);
    assert_eq!(types(&log), ["Closed", "Closed"]);
}

#[test]
fn lost_connections_lose_and_double_nothing() {
    let server = Server::start(bank());
    let log = followed(&server.url("?live"));
    std::thread::sleep(Duration::from_millis(300));
    server.state().faults.cut_after = Some(1);
    let names = ["A", "B", "C", "D"];
    for name in names {
        server.state().store.add("account-1", name, "{}", "");
    }
    wait_for(&log, 4);
    assert_eq!(types(&log), names);
    assert_eq!(server.state().faults.cut_after, None, "it was cut");
}

/// The server itself goes and comes back at the same port.
#[test]
fn a_server_that_restarts_is_found_again() {
    let server = Server::start(bank());
    let log = followed(&server.url("account-1?live"));
    server.state().store.add("account-1", "Before", "{}", "");
    wait_for(&log, 1);
    let (port, mut store) = (server.port, server.state().store.clone());
    drop(server);
    store.add("account-1", "Meanwhile", "{}", "");
    std::thread::sleep(Duration::from_millis(500));
    let server = Server::start_at(port, store);
    wait_for(&log, 2);
    server.state().store.add("account-1", "After", "{}", "");
    wait_for(&log, 3);
    assert_eq!(types(&log), ["Before", "Meanwhile", "After"]);
}

/// Client 1.2.0 would ask it for more for ever (`sources/kurrent/live`).
#[test]
fn a_subscription_that_ends_without_an_error_is_begun_again() {
    let server = Server::start(bank());
    let log = followed(&server.url("account-1?live"));
    std::thread::sleep(Duration::from_millis(300));
    server.state().faults.end_after = Some(1);
    for name in ["A", "B", "C"] {
        server.state().store.add("account-1", name, "{}", "");
    }
    wait_for(&log, 3);
    assert_eq!(types(&log), ["A", "B", "C"]);
    assert_eq!(server.state().faults.end_after, None, "it ended");
}

#[test]
fn a_stream_that_is_not_there_yet_is_waited_for() {
    let server = Server::start(Store::default());
    let log = followed(&server.url("account-7?live"));
    std::thread::sleep(Duration::from_millis(200));
    server.state().store.add("account-7", "Opened", "{}", "");
    wait_for(&log, 1);
    assert_eq!(types(&log), ["Opened"]);
}
