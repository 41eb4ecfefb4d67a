//! Rows that come while the log is open, also those that become visible late.

use std::time::{Duration, Instant};

use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::Url;

use super::server;

fn wait_for(log: &Log, rows: u64) {
    let started = Instant::now();
    while log.snapshot().len() < rows {
        assert!(started.elapsed() < Duration::from_secs(30), "{} of {rows} rows", log.snapshot().len());
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_row_that_is_committed_late_is_not_lost() {
    let server = server();
    let mut slow = server.database(
        "late",
        "CREATE TABLE events (id bigserial PRIMARY KEY, event_type text, occurred_at timestamptz, payload jsonb);
         INSERT INTO events (event_type, occurred_at, payload) VALUES ('First', now(), '{}');",
    );
    let mut quick = server.client("late");
    let url = Url::parse(&server.url("late")).expect("an address");
    let options = OpenOptions { follow: true, ..OpenOptions::default() };
    let opened = open(&Address::Broker(Box::new(url)), &options).expect("it can be opened");
    let log = Log::new();
    log.add(opened).expect("one source");
    wait_for(&log, 1);

    // Number 2 is given out and waits; 3 is there before it.
    let insert =
        |name: &str| format!("INSERT INTO events (event_type, occurred_at, payload) VALUES ('{name}', now(), '{{}}')");
    let mut transaction = slow.transaction().expect("a transaction");
    transaction.batch_execute(&insert("Late")).expect("written");
    quick.batch_execute(&insert("Early")).expect("written");
    wait_for(&log, 2);
    transaction.commit().expect("committed");
    wait_for(&log, 3);
    quick.batch_execute(&insert("Last")).expect("written");
    wait_for(&log, 4);
    std::thread::sleep(Duration::from_millis(1200));
    let snapshot = log.snapshot();
    let types: Vec<&str> = (0..snapshot.len())
        .map(|row| snapshot.type_name(snapshot.type_ix(eventglass::model::ids::EventIx(row))))
        .collect();
    assert_eq!(types, ["First", "Early", "Late", "Last"], "each once");
}
