//! The tables that statements see. Names are a contract: saved queries use them.

/// A table of the log.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    pub name: &'static str,
    pub about: &'static str,
    pub columns: &'static [Column],
}

#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub sort: &'static str,
    /// Made of the record by this part of it when a row needs it; else filled from the index.
    pub of_record: Option<i64>,
    pub about: &'static str,
}

const fn column(name: &'static str, sort: &'static str, about: &'static str) -> Column {
    Column { name, sort, of_record: None, about }
}

const fn of_record(name: &'static str, part: i64, about: &'static str) -> Column {
    Column { name, sort: "TEXT", of_record: Some(part), about }
}

pub const EVENTS: Table = Table {
    name: "events",
    about: "One row per event, undecodable records included",
    columns: &[
        column("ix", "INTEGER PRIMARY KEY", "number of the event in the log"),
        column("time", "TEXT", "UTC, 2026-02-16T10:30:00.000Z"),
        column("type", "TEXT", "event type"),
        column("service", "TEXT", "null where there is none"),
        column("kind", "TEXT", "of the stream, else of the first entity"),
        column("entity", "TEXT", "its id"),
        column("version", "INTEGER", "in the stream"),
        of_record("id", 0, "event id"),
        of_record("correlation", 1, "first correlation id"),
        of_record("causation", 2, "first id of a cause"),
        column("source", "TEXT", "the source's name"),
        column("position", "INTEGER", "first byte in the source"),
        column("bytes", "INTEGER", "length of the record"),
        column("time_ns", "INTEGER", "nanoseconds since 1970"),
        of_record("payload", 3, "JSON text, for json_extract(payload, '$.total')"),
    ],
};

pub const EVENT_ENTITIES: Table = Table {
    name: "event_entities",
    about: "One row per event and entity: an event may belong to several",
    columns: &[
        column("ix", "INTEGER", "events.ix"),
        column("kind", "TEXT", "kind of the entity"),
        column("entity", "TEXT", "its id"),
        column("stream", "INTEGER", "1 where the event is of this entity's stream"),
    ],
};

pub const ENTITIES: Table = Table {
    name: "entities",
    about: "One row per entity",
    columns: &[
        column("kind", "TEXT", "kind of the entity"),
        column("id", "TEXT", "its id"),
        column("events", "INTEGER", "how many it has"),
        column("first", "TEXT", "time of its first event"),
        column("last", "TEXT", "time of its last event"),
    ],
};

pub const CHAINS: Table = Table {
    name: "chains",
    about: "One row per correlation id, and per chain that causes alone tie together",
    columns: &[
        column("correlation", "TEXT", "null where only causes tie it together"),
        column("events", "INTEGER", "how many it has"),
        column("services", "INTEGER", "how many it goes through"),
        column("first", "TEXT", "time of its first event"),
        column("last", "TEXT", "time of its last event"),
        column("duration_ms", "REAL", "between them"),
        column("first_ix", "INTEGER", "events.ix of its first event"),
        column("last_ix", "INTEGER", "events.ix of its last event"),
        column("missing", "INTEGER", "causes that the log does not have"),
        column("incomplete", "INTEGER", "1 where a cause, a usual effect or the end is missing"),
        column("failed", "INTEGER", "1 where one of its types tells of a failure"),
    ],
};

pub const TABLES: &[Table] = &[EVENTS, EVENT_ENTITIES, ENTITIES, CHAINS];

impl Table {
    pub(super) fn definition(&self) -> String {
        let columns: Vec<String> = self.columns.iter().map(Column::definition).collect();
        format!("CREATE TABLE {} ({})", self.name, columns.join(", "))
    }
}

impl Column {
    fn definition(&self) -> String {
        let Self { name, sort, .. } = self;
        match self.of_record {
            Some(part) => {
                format!("\"{name}\" {sort} GENERATED ALWAYS AS ({}(ix, {part})) VIRTUAL", super::records::FUNCTION)
            }
            None => format!("\"{name}\" {sort}"),
        }
    }
}
