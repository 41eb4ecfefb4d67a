//! Known stores by their published schemas: what each makes of the same deposit.

use super::{events, server, short};

/// Name, how its tables are made and filled, what its events are.
const STORES: &[(&str, &str, &[&str])] = &[
    (
        "marten",
        "CREATE TABLE mt_streams (id uuid PRIMARY KEY, type varchar, version bigint);
         CREATE TABLE mt_events (seq_id bigint PRIMARY KEY, id uuid NOT NULL, stream_id uuid, version bigint NOT NULL,
            data jsonb NOT NULL, type varchar(500) NOT NULL, timestamp timestamptz DEFAULT now() NOT NULL,
            tenant_id varchar DEFAULT '*DEFAULT*', mt_dotnet_type varchar, correlation_id varchar, causation_id varchar,
            headers jsonb, is_archived bool DEFAULT false);
         INSERT INTO mt_events (seq_id, id, stream_id, version, data, type) VALUES
            (2, gen_random_uuid(), '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 2, '{\"Amount\": 5}', 'money_deposited'),
            (1, gen_random_uuid(), '6ba7b810-9dad-11d1-80b4-00c04fd430c8', 1, '{\"Owner\": \"a\"}', 'account_opened');",
        &[
            "account_opened stream:6ba7b810-9dad-11d1-80b4-00c04fd430c8 v1",
            "money_deposited stream:6ba7b810-9dad-11d1-80b4-00c04fd430c8 v2",
        ],
    ),
    (
        "emmett",
        "CREATE TABLE emt_messages (stream_id text NOT NULL, stream_position bigint NOT NULL, partition text NOT NULL
            DEFAULT 'emt:default', message_kind char(1) DEFAULT 'E', message_data jsonb NOT NULL,
            message_metadata jsonb NOT NULL, message_schema_version text NOT NULL, message_type text NOT NULL,
            message_id text NOT NULL, is_archived boolean NOT NULL DEFAULT false,
            global_position bigint DEFAULT nextval('emt_seq'), transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id(),
            created timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (stream_id, stream_position, partition, is_archived)) PARTITION BY LIST (partition);
         CREATE TABLE emt_messages_default PARTITION OF emt_messages FOR VALUES IN ('emt:default');
         INSERT INTO emt_messages (stream_id, stream_position, message_data, message_metadata, message_schema_version,
            message_type, message_id) VALUES
            ('shopping_cart:c-2', 1, '{}', '{}', '1', 'Opened', 'm1'),
            ('shopping_cart:c-1', 1, '{}', '{}', '1', 'Opened', 'm2');",
        &["Opened shopping_cart:c-2 v1", "Opened shopping_cart:c-1 v1"],
    ),
    (
        "commanded",
        "CREATE TABLE streams (stream_id bigserial PRIMARY KEY, stream_uuid text NOT NULL, stream_version bigint DEFAULT 0);
         CREATE TABLE events (event_id uuid PRIMARY KEY, event_type text NOT NULL, causation_id uuid, correlation_id uuid,
            data bytea NOT NULL, metadata bytea, created_at timestamptz DEFAULT now());
         CREATE TABLE stream_events (event_id uuid NOT NULL, stream_id bigint NOT NULL, stream_version bigint NOT NULL,
            original_stream_id bigint, original_stream_version bigint, PRIMARY KEY (event_id, stream_id));
         INSERT INTO streams VALUES (0, '$all', 1), (1, 'account-7', 1);
         INSERT INTO events (event_id, event_type, data) VALUES
            ('00000000-0000-0000-0000-000000000001', 'Elixir.Bank.Opened', convert_to('{\"amount\":1}', 'UTF8'));
         INSERT INTO stream_events VALUES
            ('00000000-0000-0000-0000-000000000001', 1, 1, 1, 1), ('00000000-0000-0000-0000-000000000001', 0, 1, 1, 1);",
        &["Elixir.Bank.Opened account:7 v1"],
    ),
    (
        "rails",
        "CREATE TABLE event_store_events (id bigserial PRIMARY KEY, event_id uuid NOT NULL, event_type varchar NOT NULL,
            metadata jsonb, data jsonb NOT NULL, created_at timestamp NOT NULL, valid_at timestamp);
         CREATE TABLE event_store_events_in_streams (id bigserial PRIMARY KEY, stream varchar NOT NULL, position integer,
            event_id uuid NOT NULL, created_at timestamp NOT NULL);
         INSERT INTO event_store_events (event_id, event_type, data, created_at) VALUES
            ('00000000-0000-0000-0000-000000000001', 'OrderPlaced', '{\"total\": 5}', '2026-02-16 10:00:00');
         INSERT INTO event_store_events_in_streams (stream, position, event_id, created_at) VALUES
            ('$by_type_OrderPlaced', NULL, '00000000-0000-0000-0000-000000000001', '2026-02-16 10:00:00'),
            ('Order$7', 0, '00000000-0000-0000-0000-000000000001', '2026-02-16 10:00:00');",
        &["OrderPlaced Order:7 v0"],
    ),
    (
        "axon_lob",
        "CREATE TABLE domain_event_entry (global_index bigint PRIMARY KEY, event_identifier varchar NOT NULL UNIQUE,
            meta_data oid, payload oid NOT NULL, payload_revision varchar, payload_type varchar NOT NULL,
            time_stamp varchar NOT NULL, aggregate_identifier varchar NOT NULL, sequence_number bigint NOT NULL,
            type varchar);
         INSERT INTO domain_event_entry VALUES (1, 'e1', lo_from_bytea(0, '{}'),
            lo_from_bytea(0, convert_to('{\"amount\":5}', 'UTF8')), NULL, 'bank.Opened', '2026-02-16T10:00:00Z', 'a-1', 0,
            'Account');",
        &["bank.Opened Account:a-1 v0"],
    ),
    (
        "cqrs_es",
        "CREATE TABLE events (aggregate_type text NOT NULL, aggregate_id text NOT NULL, sequence bigint NOT NULL,
            event_type text NOT NULL, event_version text NOT NULL, payload json NOT NULL, metadata json NOT NULL,
            PRIMARY KEY (aggregate_type, aggregate_id, sequence));
         INSERT INTO events VALUES ('account', 'a', 1, 'Opened', '1.0', '{\"Opened\": {}}', '{}');",
        &["Opened account:a v1"],
    ),
];

#[test]
fn known_stores_are_read_by_their_columns() {
    let server = server();
    for (name, sql, expected) in STORES {
        let sequence = if *name == "emmett" { "CREATE SEQUENCE emt_seq;" } else { "" };
        server.database(name, &format!("{sequence}{sql}"));
        assert_eq!(short(&events(&server.url(name))), *expected, "{name}");
    }
}

/// Payloads that lie in large objects or in bytes are read as what they hold.
#[test]
fn payloads_are_opened() {
    let server = server();
    for (name, database) in [("axon_lob", "axon_open"), ("commanded", "commanded_open")] {
        let (_, sql, _) = STORES.iter().find(|(known, ..)| *known == name).expect("it is listed");
        server.database(database, sql);
        let read = events(&server.url(database));
        assert!(read[0]["data"]["amount"].is_number(), "{name}: {}", read[0]["data"]);
    }
}

#[test]
fn a_category_is_a_window_where_a_store_has_them() {
    let server = server();
    server.database(
        "categories",
        "CREATE SCHEMA message_store;
         CREATE TABLE message_store.messages (id uuid NOT NULL, stream_name text NOT NULL, type text NOT NULL,
            position bigint NOT NULL, global_position bigserial PRIMARY KEY, data jsonb, metadata jsonb,
            time timestamp DEFAULT now());
         INSERT INTO message_store.messages (id, stream_name, type, position, data)
         SELECT gen_random_uuid(), name, 'Seen', 0, '{}' FROM
            unnest(ARRAY['account-1', 'account:command-1', 'accounting-1', 'account', 'transfer-1', 'account-2']) AS name;",
    );
    let url = server.url("categories");
    let streams = |category: &str| short(&events(&format!("{url}?category={category}"))).len();
    let counts = || [streams("account"), streams("account:command"), streams("accounting"), streams("none")];
    assert_eq!(counts(), [3, 1, 1, 0], "as Message DB counts them");
    server
        .client("categories")
        .batch_execute(
            "CREATE FUNCTION message_store.category(stream_name varchar) RETURNS varchar LANGUAGE sql IMMUTABLE AS
                $$ SELECT split_part(stream_name, '-', 1) $$;",
        )
        .expect("Message DB has it");
    assert_eq!(counts(), [3, 1, 1, 0], "by its function, which an index may hold");
    for (store, category, found) in
        [("rails", "Order", 1), ("rails", "Ord", 0), ("emmett", "shopping_cart", 2), ("cqrs_es", "account", 1)]
    {
        let (_, sql, _) = STORES.iter().find(|(known, ..)| *known == store).expect("it is listed");
        let database = format!("of_{store}_{}", category.to_lowercase());
        let sequence = if store == "emmett" { "CREATE SEQUENCE emt_seq;" } else { "" };
        server.database(&database, &format!("{sequence}{sql}"));
        assert_eq!(
            events(&format!("{}?category={category}", server.url(&database))).len(),
            found,
            "{store} {category}"
        );
    }
    let (_, sql, _) = STORES.iter().find(|(known, ..)| *known == "marten").expect("it is listed");
    server.database("of_marten", sql);
    let ran = crate::program::run(["info", &format!("{}?category=x", server.url("of_marten"))]);
    assert!(ran.code != 0 && ran.err.contains("category= needs a column with categories"), "{ran:?}");
}
