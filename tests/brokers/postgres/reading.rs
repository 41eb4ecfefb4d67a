//! Connecting, windows, types of columns, and that nothing can be written.

use eventglass::base::cancel::Cancel;
use eventglass::input::sources::broker::{Url, of};

use super::{events, record, server, short, steps};
use crate::program;

const MESSAGE_DB: &str = "
    CREATE SCHEMA message_store;
    CREATE TABLE message_store.messages (
        id uuid NOT NULL, stream_name text NOT NULL, type text NOT NULL, position bigint NOT NULL,
        global_position bigserial NOT NULL, data jsonb, metadata jsonb,
        time timestamp without time zone DEFAULT (now() AT TIME ZONE 'utc') NOT NULL);
    CREATE UNIQUE INDEX ON message_store.messages (global_position);
    INSERT INTO message_store.messages (id, stream_name, type, position, data, metadata, time)
    SELECT ('00000000-0000-0000-0000-' || lpad(n::text, 12, '0'))::uuid, 'account-' || n % 7, 'Deposited', n / 7,
           jsonb_build_object('amount', n, 'note', 'it''s'), '{\"correlationStreamName\": \"transfer-1\"}',
           timestamp '2026-02-16 10:00:00' + n * interval '1 second'
    FROM generate_series(1, 5000) n;";

#[test]
fn windows_are_read_exactly() {
    let server = server();
    server.database("windows", MESSAGE_DB);
    let url = server.url("windows");
    let all = events(&url);
    assert_eq!(all.len(), 5000, "more than one page");
    assert_eq!(short(&all)[6], "Deposited account:0 v1");
    assert_eq!(all[0]["time"], "2026-02-16T10:00:01Z");
    assert_eq!(all[0]["data"]["note"], "it's");
    for (window, count, first) in [
        ("newest=3", 3, 4998),
        ("after=4000&until=4010", 10, 4001),
        ("from=2026-02-16T10:30Z&to=2026-02-16T10:31Z", 60, 1800),
        ("stream=account-3", 714, 3),
        ("stream=account-3&newest=2", 2, 4987),
        ("type=Withdrawn", 0, 0),
        ("category=account&newest=2", 2, 4999),
        ("category=transfer", 0, 0),
        ("schema=message_store&table=messages&newest=1", 1, 5000),
        ("stream=x'%20OR%201=1", 0, 0),
    ] {
        let found = events(&format!("{url}?{window}"));
        assert_eq!(found.len(), count, "{window}");
        let amount = found.first().map_or(0, |event| event["data"]["amount"].as_i64().unwrap_or_default());
        assert_eq!(amount, first, "{window}");
    }
    let info = program::run(["info", &url, "--format", "json", "-q"]);
    let info: serde_json::Value = serde_json::from_str(&info.out).expect("JSON");
    assert_eq!(info["entities"], 7);
    assert!(info["format"].as_str().is_some_and(|format| format.contains("Message DB")), "{}", info["format"]);
}

#[test]
fn values_of_all_types_are_kept() {
    let server = server();
    server.database(
        "types",
        "CREATE TYPE mood AS ENUM ('glad', 'sad');
         CREATE TABLE events (event_id uuid PRIMARY KEY, event_type text, occurred_at timestamptz, payload json,
            amount numeric, ratio float8, flag boolean, tags text[], raw bytea, feeling mood, missing text, big bigint);
         INSERT INTO events VALUES ('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'Seen', '2026-02-16 11:00:00.123456+01',
            E'{\"b\": 1.10,\\n \"a\": \"\\\\u00e9\"}', 12345678901234567890.123400, 'NaN', true, '{a,\"b c\"}', '\\x00ff', 'glad',
            NULL, 9223372036854775807);",
    );
    let record = record(&server.url("types"));
    for expected in [
        "12345678901234567890.123400",
        r#""tags":["a","b c"]"#,
        r#""raw":{"$base64":"AP8="}"#,
        r#""flag":true"#,
        r#""ratio":"NaN""#,
        r#""feeling":"glad""#,
        r#""missing":null"#,
        r#""big":9223372036854775807"#,
        r#""payload":{"b": 1.10,  "a": "\u00e9"}"#,
    ] {
        assert!(record.contains(expected), "{expected} is not in {record}");
    }
    let read = events(&server.url("types"));
    assert_eq!(read[0]["time"], "2026-02-16T10:00:00.123456Z");
}

#[test]
fn what_fails_says_at_which_step_and_what_to_do() {
    let server = server();
    server.database("steps", "CREATE TABLE people (name text, town text)");
    let names = |url: &str| steps(url).into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let url = server.url("steps");
    assert_eq!(names(&url), ["name", "connection", "login", "metadata"]);
    assert!(steps(&url).iter().all(|(_, result)| result.is_ok()), "{:?}", steps(&url));
    let wrong = url.replace(":secret", ":wrong");
    assert_eq!(steps(&wrong).pop(), Some(("login", Err("The login was refused".to_owned()))));
    assert_eq!(steps(&server.url("nowhere")).pop(), Some(("login", Err("There is no such database".to_owned()))));
    assert_eq!(
        steps("postgres://me@127.0.0.1:1/db").pop(),
        Some(("connection", Err("Nothing answers at 127.0.0.1 port 1".to_owned())))
    );
    let ran = program::run(["info", &url]);
    assert_eq!(ran.code, 3);
    assert!(ran.err.contains("No table looks like events") && ran.err.contains("people"), "{}", ran.err);
    assert!(!ran.err.contains("secret"), "{}", ran.err);
    let ran = program::run(["info", &format!("{url}?table=nothing")]);
    assert!(ran.err.contains("No such table"), "{}", ran.err);
}

#[test]
fn encrypted_connections_are_verified_where_that_is_asked() {
    let server = server();
    server.database(
        "encrypted",
        "CREATE TABLE events (id bigserial PRIMARY KEY, type text, time timestamptz, payload jsonb)",
    );
    let url = server.url("encrypted").replace("127.0.0.1", "localhost");
    let root = server.dir.join("tls/server.pem");
    for (options, works) in [
        ("sslmode=disable".to_owned(), true),
        ("sslmode=require".to_owned(), true),
        ("sslmode=verify-full".to_owned(), false),
        (format!("sslmode=verify-full&sslrootcert={}", root.display()), true),
    ] {
        let last = steps(&format!("{url}?{options}")).pop().expect("there are steps");
        assert_eq!(last.1.is_ok(), works, "{options}: {last:?}");
    }
}

/// Reading goes through the same connection whatever the schema says, so a rule or a function must not write.
#[test]
fn nothing_is_written() {
    let server = server();
    let mut client = server.database(
        "untouched",
        "CREATE TABLE log (n int);
         CREATE FUNCTION spy() RETURNS text LANGUAGE plpgsql VOLATILE AS
            $$ BEGIN INSERT INTO log VALUES (1); RETURN 'x'; END $$;
         CREATE VIEW events AS SELECT spy() AS event_type, now() AS occurred_at, '{}'::jsonb AS payload, 1 AS id;
         CREATE TABLE real_events (id bigserial PRIMARY KEY, event_type text, occurred_at timestamptz, payload jsonb);
         INSERT INTO real_events (event_type, occurred_at, payload) VALUES ('A', now(), '{}');",
    );
    assert_eq!(events(&server.url("untouched")).len(), 1);
    let rows: i64 = client.query_one("SELECT count(*) FROM log", &[]).expect("it is there").get(0);
    assert_eq!(rows, 0);
    let url = Url::parse(&server.url("untouched")).expect("an address");
    let refused = of(&url).expect("it is known").outlet(&url).err().expect("there is no way to write");
    assert_eq!(refused.summary, "Event stores in PostgreSQL are only read");
}

#[test]
fn the_overview_tells_stores_from_other_tables() {
    let server = server();
    server.database("overview", &format!("{MESSAGE_DB} CREATE TABLE people (name text); ANALYZE;"));
    let url = Url::parse(&server.url("overview")).expect("an address");
    let overview = of(&url).expect("it is known").overview(&url, &Cancel::default()).expect("it can be read");
    assert!(overview.system.starts_with("PostgreSQL "), "{}", overview.system);
    let messages = overview.places.iter().find(|place| place.name == "messages").expect("it is listed");
    assert_eq!((messages.keeps.as_str(), messages.messages), ("Message DB", Some(5000)));
    assert!(messages.bytes.is_some_and(|bytes| bytes > 100_000));
    assert!(!messages.url.contains("secret"));
    assert!(overview.places.iter().any(|place| place.name == "people" && place.internal));
}

/// The view lacks an account, has one too many, and one with another owner.
#[test]
fn a_read_model_is_compared_with_the_events() {
    let server = server();
    server.database(
        "views",
        "CREATE TABLE events (id bigserial PRIMARY KEY, type text, time timestamptz DEFAULT now(), account_id text,
            payload jsonb);
         INSERT INTO events (type, account_id, payload) SELECT 'Opened', 'a' || n, jsonb_build_object('owner', 'Ada ' || n)
            FROM generate_series(1, 4) n;
         CREATE TABLE accounts_view (account_id text PRIMARY KEY, owner text);
         INSERT INTO accounts_view VALUES ('a1', 'Ada 1'), ('a2', 'Eve'), ('a3', 'Ada 3'), ('a9', 'Nobody');",
    );
    let url = server.url("views");
    let (log, table) = (format!("{url}?table=events"), format!("{url}?table=accounts_view"));
    let args =
        ["check-read-model", &log, "--table", &table, "--key", "account_id", "--kind", "account", "--format", "json"];
    let ran = program::run(args);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let said: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&said["rows"], &said["matching"]), (&4.into(), &2.into()), "{said}");
    assert_eq!(said["missing"][0]["key"], "a4", "{said}");
    assert_eq!(said["extra"][0]["key"], "a9", "{said}");
    let different = &said["different"][0];
    assert_eq!(
        (&different["key"], &different["expected"], &different["actual"]),
        (&"a2".into(), &"Ada 2".into(), &"Eve".into())
    );
}
