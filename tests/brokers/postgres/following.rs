//! Rows that come while the log is open, also those that become visible late.

use std::time::{Duration, Instant};

use eventglass::base::cancel::Cancel;
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

/// Opens an address and watches it.
fn follow(url: &str, cancel: &Cancel) -> Log {
    let url = Url::parse(url).expect("an address");
    let options = OpenOptions { follow: true, cancel: cancel.clone(), ..OpenOptions::default() };
    let opened = open(&Address::Broker(Box::new(url)), &options).expect("it can be opened");
    let log = Log::new();
    log.add(opened).expect("one source");
    log
}

fn types(log: &Log) -> Vec<String> {
    let snapshot = log.snapshot();
    let name = |row| snapshot.type_name(snapshot.type_ix(eventglass::model::ids::EventIx(row))).to_owned();
    (0..snapshot.len()).map(name).collect()
}

const EVENTS: &str = "CREATE TABLE events (id bigserial PRIMARY KEY, event_type text, occurred_at timestamptz, payload jsonb, stream_id text);";

fn insert(name: &str) -> String {
    format!("INSERT INTO events (event_type, occurred_at, payload, stream_id) VALUES ('{name}', now(), '{{}}', 'a-1');")
}

#[test]
fn a_row_that_is_committed_late_is_not_lost() {
    let server = server();
    let mut slow = server.database("late", &format!("{EVENTS} {}", insert("First")));
    let mut quick = server.client("late");
    let log = follow(&server.url("late"), &Cancel::new());
    wait_for(&log, 1);

    // Number 2 is given out and waits; 3 is there before it.
    let mut transaction = slow.transaction().expect("a transaction");
    transaction.batch_execute(&insert("Late")).expect("written");
    quick.batch_execute(&insert("Early")).expect("written");
    wait_for(&log, 2);
    transaction.commit().expect("committed");
    wait_for(&log, 3);
    quick.batch_execute(&insert("Last")).expect("written");
    wait_for(&log, 4);
    std::thread::sleep(Duration::from_millis(1200));
    assert_eq!(types(&log), ["First", "Early", "Late", "Last"], "each once");
}

/// Number 2 is given out before the log is opened, and its row comes after.
#[test]
fn what_was_on_its_way_when_the_log_was_opened_is_not_lost() {
    let server = server();
    for (name, options, expected) in [
        ("before_live", "live", &["Late", "Last"][..]),
        ("before_all", "table=messages", &["First", "Early", "Late", "Last"]),
        ("before_stream", "stream=a-1", &["First", "Early", "Late", "Last"]),
        ("before_type", "live&type=Late", &["Late"]),
    ] {
        // A store that is known: of an empty log nothing could be learned about any other table.
        let store =
            "CREATE TABLE messages (id uuid DEFAULT gen_random_uuid(), stream_name text, type text, position bigint,
            global_position bigserial PRIMARY KEY, data jsonb, metadata jsonb, time timestamp DEFAULT now());";
        let insert = |name: &str| {
            format!("INSERT INTO messages (stream_name, type, position, data) VALUES ('a-1', '{name}', 0, '{{}}');")
        };
        let mut slow = server.database(name, &format!("{store} {}", insert("First")));
        let mut quick = server.client(name);
        let mut transaction = slow.transaction().expect("a transaction");
        transaction.batch_execute(&insert("Late")).expect("written");
        quick.batch_execute(&insert("Early")).expect("written");
        let log = follow(&format!("{}?{options}", server.url(name)), &Cancel::new());
        wait_for(&log, expected.len() as u64 - if expected.len() > 1 { 2 } else { 1 });
        // Following has begun: there is more than one look.
        std::thread::sleep(Duration::from_millis(1200));
        transaction.commit().expect("committed");
        wait_for(&log, expected.len() as u64 - u64::from(expected.len() > 1));
        quick.batch_execute(&insert("Last")).expect("written");
        wait_for(&log, expected.len() as u64);
        std::thread::sleep(Duration::from_millis(1200));
        assert_eq!(types(&log), expected, "{options}: each once");
    }
}

/// Rows of other streams stand between those of a window, and are no gaps.
#[test]
fn a_window_is_followed_too() {
    let server = server();
    let mut client = server.database("filtered", &format!("{EVENTS} {}", insert("First")));
    let log = follow(&format!("{}?stream=a-1", server.url("filtered")), &Cancel::new());
    wait_for(&log, 1);
    for round in 1..4 {
        client
            .batch_execute(
                "INSERT INTO events (event_type, occurred_at, payload, stream_id)
                 SELECT 'Other', now(), '{}', 'b-' || n FROM generate_series(1, 3000) n;",
            )
            .expect("written");
        client.batch_execute(&insert("Mine")).expect("written");
        wait_for(&log, 1 + round);
    }
    assert_eq!(types(&log), ["First", "Mine", "Mine", "Mine"]);
}

#[test]
fn a_connection_that_is_cut_is_made_again() {
    let server = server();
    let mut client = server.database("cut", &format!("{EVENTS} {}", insert("First")));
    let log = follow(&server.url("cut"), &Cancel::new());
    wait_for(&log, 1);
    std::thread::sleep(Duration::from_millis(700));
    let cut = client.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'eventglass' AND datname = 'cut'",
        &[],
    );
    assert_eq!(cut.expect("it may"), 1);
    client.batch_execute(&insert("Second")).expect("written");
    wait_for(&log, 2);
    assert_eq!(types(&log), ["First", "Second"]);
}

/// Each event is appended when the one before is shown, so by looking twice a second alone each takes half a second.
#[test]
fn a_store_that_notifies_is_followed_at_once() {
    let server = server();
    let mut client = server.database(
        "notifies",
        "CREATE TABLE bank_events (originator_id uuid NOT NULL, originator_version bigint NOT NULL, topic text,
            state bytea, notification_id bigserial, PRIMARY KEY (originator_id, originator_version));
         CREATE UNIQUE INDEX ON bank_events (notification_id);",
    );
    let took = |client: &mut postgres::Client, options: &str, first: u64| {
        let log = follow(&format!("{}?{options}", server.url("notifies")), &Cancel::new());
        wait_for(&log, first);
        std::thread::sleep(Duration::from_millis(700));
        let started = Instant::now();
        for n in first..first + 6 {
            let append = format!(
                "INSERT INTO bank_events VALUES (gen_random_uuid(), 1, 'bank:Account.Opened', '{{}}'); NOTIFY bank_events, '{n}'"
            );
            client.batch_execute(&append).expect("written");
            wait_for(&log, n + 1);
        }
        started.elapsed()
    };
    let told = took(&mut client, "table=bank_events", 0);
    let looked = took(&mut client, "listen=off", 6);
    assert!(told < looked / 2 && looked > Duration::from_secs(2), "{told:?} and {looked:?}");
    let named = took(&mut client, "listen=bank_events", 12);
    assert!(named < looked / 2, "{named:?} and {looked:?}");
}

/// The first page is there at once and everything behind it takes for ever: nothing counts all rows first, and the
/// server is told when nobody waits any more.
#[test]
fn the_first_rows_do_not_wait_for_the_last_and_cancelling_reaches_the_server() {
    let server = server();
    let mut client = server.database(
        "endless",
        "CREATE ROLE patient LOGIN PASSWORD 'secret';
         CREATE TABLE events (id bigserial PRIMARY KEY, event_type text, occurred_at timestamptz, payload jsonb);
         INSERT INTO events (event_type, occurred_at, payload) SELECT 'Seen', now(), '{}' FROM generate_series(1, 6000);
         GRANT SELECT ON events TO patient;
         CREATE FUNCTION slow(n bigint) RETURNS boolean LANGUAGE plpgsql AS
            $$ BEGIN IF n > 2000 THEN PERFORM pg_sleep(0.5); END IF; RETURN true; END $$;
         ALTER TABLE events ENABLE ROW LEVEL SECURITY;
         CREATE POLICY slowly ON events USING (slow(id)); ANALYZE events;",
    );
    let url = server.url("endless").replace("eventglass:secret", "patient:secret");
    let cancel = Cancel::new();
    let url = Url::parse(&format!("{url}?timeout=10m&table=events")).expect("an address");
    let options = OpenOptions { cancel: cancel.clone(), ..OpenOptions::default() };
    let log = Log::new();
    log.add(open(&Address::Broker(Box::new(url)), &options).expect("it can be opened")).expect("one source");
    wait_for(&log, 2000);
    let mut active = || -> i64 {
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'patient' AND state = 'active'";
        client.query_one(asked, &[]).expect("it may").get(0)
    };
    let started = Instant::now();
    while active() == 0 {
        assert!(started.elapsed() < Duration::from_secs(20), "the next page is not asked for");
        std::thread::sleep(Duration::from_millis(20));
    }
    cancel.cancel();
    let started = Instant::now();
    while active() > 0 {
        assert!(started.elapsed() < Duration::from_secs(10), "the server still works on it");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(log.snapshot().len(), 2000, "what came stays");
}
