//! Tables that are not as one would wish.

use super::{events, record, server};

#[test]
fn rows_without_a_key_are_read_too() {
    let server = server();
    server.database(
        "keyless",
        "CREATE TABLE events (event_id uuid UNIQUE, event_type text, occurred_at timestamptz, payload jsonb);
         INSERT INTO events SELECT CASE WHEN n % 2 = 0 THEN gen_random_uuid() END, 'Seen', now(), '{}'
         FROM generate_series(1, 9000) n;",
    );
    assert_eq!(events(&server.url("keyless")).len(), 9000, "more than one page, half of them without an id");
}

/// Of an array JSON is asked for, which is nothing to find the next page by.
#[test]
fn rows_with_an_array_as_their_key_are_read_too() {
    let server = server();
    server.database(
        "arrays",
        "CREATE TABLE events (path int[] PRIMARY KEY, event_type text, occurred_at timestamptz, payload jsonb);
         INSERT INTO events SELECT ARRAY[n / 100, n % 100], 'Seen', now(), '{}' FROM generate_series(1, 5000) n;",
    );
    assert_eq!(events(&server.url("arrays")).len(), 5000, "more than one page");
}

#[test]
fn a_large_object_that_is_gone_leaves_its_number() {
    let server = server();
    server.database(
        "gone",
        "CREATE TABLE events (id bigserial PRIMARY KEY, event_type text, occurred_at timestamptz, payload oid);
         INSERT INTO events (event_type, occurred_at, payload) VALUES ('Lost', now(), 4000000000),
            ('Kept', now(), lo_from_bytea(0, '{\"amount\": 1.50}'));",
    );
    let url = server.url("gone");
    assert!(record(&url).contains(r#""payload":4000000000"#), "{}", record(&url));
    let kept = record(&format!("{url}?newest=1"));
    assert!(kept.contains(r#""payload":{"amount": 1.50}"#), "{kept}");
}

#[test]
fn streams_are_found_by_ids_and_by_texts_that_are_none() {
    let server = server();
    server.database(
        "ids",
        "CREATE TABLE events (id bigserial PRIMARY KEY, stream_id uuid, event_type text, occurred_at timestamptz,
            payload jsonb);
         INSERT INTO events (stream_id, event_type, occurred_at, payload)
         SELECT ('00000000-0000-0000-0000-' || lpad((n % 3)::text, 12, '0'))::uuid, 'Seen', now(), '{}'
         FROM generate_series(1, 9) n;",
    );
    for (stream, count) in [("00000000-0000-0000-0000-000000000001", 3), ("account-1", 0)] {
        assert_eq!(events(&format!("{}?stream={stream}", server.url("ids"))).len(), count, "{stream}");
    }
}

/// Two tenants with a schema each, or a copy that somebody keeps.
#[test]
fn a_table_of_several_schemas_is_asked_for() {
    let server = server();
    let events = "(id bigserial PRIMARY KEY, event_type text, occurred_at timestamptz, payload jsonb)";
    server.database(
        "tenants",
        &format!(
            "CREATE SCHEMA north; CREATE SCHEMA south; CREATE TABLE north.events {events}; CREATE TABLE south.events {events};
             INSERT INTO south.events (event_type, occurred_at, payload) VALUES ('Thawed', now(), '{{}}');"
        ),
    );
    let url = format!("{}?table=events", server.url("tenants"));
    let ran = crate::program::run(["info", &url]);
    assert!(ran.err.contains("Several schemas have this table") && ran.err.contains("north, south"), "{}", ran.err);
    assert_eq!(events_of(&format!("{url}&schema=south")), ["Thawed"]);
}

fn events_of(url: &str) -> Vec<String> {
    events(url).iter().map(|event| event["type"].as_str().unwrap_or_default().to_owned()).collect()
}
