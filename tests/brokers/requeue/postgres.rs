//! Letters in tables: Wolverine's are marked where they lie, exactly once; those of others are listed, with how they
//! go back.

use serde_json::Value;

use super::{Desk, POINTS};
use crate::postgres::server;

const PASSWORD: [(&str, &str); 1] = [("EVENTGLASS_PASSWORD", "secret")];

/// As Wolverine makes it, with rows that failed and one that is marked already.
fn wolverine(name: &str, rows: usize) -> (String, ::postgres::Client) {
    let client = server().database(
        name,
        &format!(
            "CREATE SCHEMA wolverine;
             CREATE TABLE wolverine.wolverine_dead_letters (id uuid NOT NULL, execution_time timestamptz, body bytea NOT NULL,
                message_type varchar NOT NULL, received_at varchar NOT NULL, source varchar, exception_type varchar,
                exception_message varchar, sent_at timestamptz, replayable boolean DEFAULT false,
                PRIMARY KEY (id, received_at));
             INSERT INTO wolverine.wolverine_dead_letters
             SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, NULL, '\\x00ff', 'Shop.PlaceOrder',
                'rabbitmq://queue/orders', 'shop', 'System.InvalidOperationException', 'no customer ' || n, now(), n = 0
             FROM generate_series(0, {rows}) n;"
        ),
    );
    (format!("{}?table=wolverine_dead_letters", server().url(name)), client)
}

fn marked(client: &mut ::postgres::Client) -> i64 {
    let asked = "SELECT count(*) FROM wolverine.wolverine_dead_letters WHERE replayable";
    client.query_one(asked, &[]).expect("it may").get(0)
}

fn planned(desk: &Desk, address: &str, args: &[&str]) -> Value {
    let (ran, plan) = desk.plan_with(address, &[&["--all"], args].concat(), &PASSWORD);
    assert!(!plan.is_null(), "{ran:?}");
    plan
}

#[test]
fn rows_of_wolverine_are_marked_where_they_lie() {
    let (address, mut client) = wolverine("wolverine", 3);
    let listed = crate::program::run(["dead-letters", &address, "--format", "json"]);
    assert!(listed.out.contains("System.InvalidOperationException"), "{listed:?}");
    let desk = Desk::new();
    let plan = planned(&desk, &address, &[]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(3), "the marked one is no letter any more: {plan}");
    assert_eq!(plan["items"][0]["target"]["mark"]["table"], "wolverine_dead_letters", "{plan}");
    assert_eq!(marked(&mut client), 1, "planning marks nothing");
    let ran = desk.run_with(&PASSWORD);
    assert_eq!((ran.code, desk.count("settled"), marked(&mut client)), (0, 3, 4), "{ran:?}");
    let again = Desk::new();
    let plan = planned(&again, &address, &[]);
    assert_eq!(plan["items"].as_array().map(Vec::len), Some(0), "{plan}");
}

#[test]
fn a_row_that_somebody_else_marked_or_deleted_is_left_alone() {
    let (address, mut client) = wolverine("wolverine_raced", 3);
    let desk = Desk::new();
    planned(&desk, &address, &[]);
    let of = |n: usize| format!("id = '00000000-0000-0000-0000-00000000000{n}'");
    let table = "wolverine.wolverine_dead_letters";
    client
        .batch_execute(&format!(
            "UPDATE {table} SET replayable = true WHERE {}; DELETE FROM {table} WHERE {}",
            of(1),
            of(2)
        ))
        .expect("it may");
    let ran = desk.run_with(&PASSWORD);
    assert_eq!((ran.code, desk.count("settled"), desk.count("failed")), (1, 1, 2), "{ran:?}");
}

#[test]
fn a_row_goes_nowhere_else_and_not_edited() {
    let (address, mut client) = wolverine("wolverine_edited", 1);
    for args in [&["--to", "kafka://127.0.0.1:1/orders"][..], &["--patch", ".n = 1"]] {
        let plan = planned(&Desk::new(), &address, args);
        assert_eq!(plan["items"].as_array().map(Vec::len), Some(0), "{args:?}: {plan}");
        let why = plan["left_out"][0]["why"].as_str().unwrap_or_default();
        assert!(why.contains("table"), "{args:?}: {plan}");
    }
    assert_eq!(marked(&mut client), 1);
}

#[test]
fn killed_anywhere_each_row_is_marked_once() {
    for (at, point) in POINTS.iter().enumerate() {
        let (address, mut client) = wolverine(&format!("wolverine_killed_{at}"), 2);
        let desk = Desk::new();
        planned(&desk, &address, &[]);
        let killed = desk.run_with(&[&PASSWORD[..], &[("EVENTGLASS_CRASH_AT", point)]].concat());
        assert_eq!(killed.code, -1, "{point} was not passed: {killed:?}");
        let resumed = desk.requeue_with(&["--resume"], &PASSWORD);
        assert_eq!(resumed.code, 0, "{point}: {resumed:?}");
        assert_eq!((desk.count("settled"), marked(&mut client)), (2, 3), "{point}: {}", desk.status());
    }
}

#[test]
fn letters_of_other_tables_are_listed_with_the_way_back() {
    let server = server();
    server.database(
        "modulith",
        "CREATE TABLE event_publication (id uuid PRIMARY KEY, listener_id text NOT NULL, event_type text NOT NULL,
            serialized_event text NOT NULL, publication_date timestamptz NOT NULL, completion_date timestamptz);
         INSERT INTO event_publication SELECT gen_random_uuid(), 'shop.Mail.on', 'shop.OrderPlaced', '{\"n\":1}', now(),
            CASE WHEN n > 2 THEN now() END FROM generate_series(1, 5) n;",
    );
    server.database(
        "axon_letters",
        "CREATE TABLE domain_event_entry (global_index bigserial PRIMARY KEY, event_identifier varchar, meta_data bytea,
            payload bytea, payload_revision varchar, payload_type varchar, time_stamp varchar, aggregate_identifier varchar,
            sequence_number bigint, type varchar);
         INSERT INTO domain_event_entry (event_identifier, payload, payload_type, time_stamp, aggregate_identifier,
            sequence_number, type) VALUES ('e1', '{}', 'bank.Opened', '2026-02-16T10:00:00Z', 'a-1', 0, 'Account');
         CREATE TABLE dead_letter_entry (dead_letter_id varchar PRIMARY KEY, processing_group varchar,
            sequence_identifier varchar, sequence_index bigint, enqueued_at timestamptz, last_touched timestamptz,
            processing_started timestamptz, cause_type varchar, cause_message varchar, diagnostics bytea,
            message_type varchar, event_identifier varchar, time_stamp varchar, payload_type varchar, payload bytea,
            meta_data bytea, aggregate_identifier varchar, sequence_number bigint, type varchar);
         INSERT INTO dead_letter_entry (dead_letter_id, processing_group, sequence_identifier, sequence_index, enqueued_at,
            cause_type, cause_message, payload_type, payload, aggregate_identifier, type)
         VALUES ('d1', 'billing', 'a-1', 0, now(), 'java.lang.IllegalStateException', 'no funds', 'bank.Opened', '{}', 'a-1',
            'Account');",
    );
    for (address, letters, class, how) in [
        (server.url("modulith"), 2, "not completed", "IncompleteEventPublications"),
        (
            format!("{}?table=dead_letter_entry", server.url("axon_letters")),
            1,
            "java.lang.IllegalStateException",
            "SequencedDeadLetterProcessor",
        ),
    ] {
        let listed = crate::program::run(["dead-letters", &address, "--format", "json"]);
        assert!(listed.out.contains(class), "{class}: {listed:?}");
        let plan = planned(&Desk::new(), &address, &[]);
        let left = plan["left_out"].as_array().expect("a list");
        assert_eq!(left.len(), letters, "{plan}");
        assert!(left[0]["why"].as_str().is_some_and(|why| why.contains(how)), "{plan}");
    }
    // Its events come first, not what failed of them.
    assert_eq!(crate::postgres::events(&server.url("axon_letters")).len(), 1);
    let info = crate::program::run(["info", &server.url("axon_letters")]);
    assert!(info.out.contains("domain_event_entry"), "{info:?}");
}
