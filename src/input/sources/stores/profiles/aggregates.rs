//! Stores that keep events per aggregate: an id, a sequence number, a class.

use super::{Cut, Derived, Fields, Join, Profile, TimeUnit, quoted};

pub(super) const EVENTSOURCING_PY: Profile = Profile {
    name: "eventsourcing",
    columns: &["originatorid", "originatorversion", "topic", "state"],
    derived: &[
        Derived { name: "$event", from: "topic", cut: Cut::AfterColon },
        Derived { name: "$aggregate", from: "topic", cut: Cut::Class },
    ],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/$event"],
        time: &[("/state/timestamp/_data_", TimeUnit::Auto), ("/state/timestamp", TimeUnit::Auto)],
        entities: &[("{/$aggregate}", "/originatorid", true)],
        version: &["/originatorversion"],
        correlation: &["/state/correlation_id"],
        causation: &["/state/causation_id"],
        data: &["/state"],
        ..Fields::NONE
    },
};

/// `domainevententry` and `domain_event_entry`: `time_stamp` and `meta_data` in one of them.
pub(super) const AXON: Profile = Profile {
    name: "Axon",
    columns: &["aggregateidentifier", "sequencenumber", "eventidentifier", "payloadtype", "payload"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/payloadtype"],
        id: &["/eventidentifier"],
        time: &[("/timestamp", TimeUnit::Auto)],
        entities: &[("{/type}", "/aggregateidentifier", true)],
        version: &["/sequencenumber"],
        correlation: &["/metadata/traceId", "/metadata/correlationId"],
        causation: &["/metadata/causationId"],
        headers: Some("/metadata"),
        data: &["/payload"],
        codecs: &[("payload", "xml"), ("metadata", "xml")],
        ..Fields::NONE
    },
};

pub(super) const AXON_DEAD_LETTERS: Profile = Profile {
    name: "Axon dead letters",
    columns: &["processinggroup", "sequenceidentifier", "enqueuedat", "payloadtype", "payload", "causetype"],
    derived: &[],
    join: None,
    dead_letters: true,
    fields: Fields {
        type_name: &["/payloadtype"],
        id: &["/deadletterid", "/deadletteridentifier"],
        time: &[("/enqueuedat", TimeUnit::Auto)],
        entities: &[("{/type|else:aggregate}", "/aggregateidentifier", true)],
        version: &["/sequencenumber"],
        correlation: &["/metadata/traceId", "/metadata/correlationId"],
        causation: &["/eventidentifier"],
        service: &["/processinggroup"],
        headers: Some("/metadata"),
        data: &["/payload"],
        codecs: &[("payload", "xml"), ("metadata", "xml")],
        ..Fields::NONE
    },
};

pub(super) const RAILS_EVENT_STORE: Profile = Profile {
    name: "Rails Event Store",
    columns: &["eventid", "eventtype", "data", "metadata", "createdat", "validat"],
    derived: &[
        Derived { name: "$kind", from: "$stream", cut: Cut::StreamKind },
        Derived { name: "$id", from: "$stream", cut: Cut::StreamId },
    ],
    join: Some(&Join {
        partners: &[&["stream", "position", "eventid"]],
        // Streams whose names start with $ only link to events of others.
        subquery: |tables, name| {
            let Some(links) = tables.first() else { return String::new() };
            let column = |name| quoted(links.column(name).unwrap_or(name));
            format!(
                "SELECT k, \"$stream\", \"$position\" FROM (SELECT {key} AS k, {stream} AS \"$stream\", \
                 {position} AS \"$position\", row_number() OVER (PARTITION BY {key} ORDER BY {stream}) AS n \
                 FROM {table} WHERE {stream} NOT LIKE '$%') AS own WHERE n = 1",
                key = column("eventid"),
                stream = column("stream"),
                position = column("position"),
                table = name(links),
            )
        },
        members: &["$stream", "$position"],
        on: "eventid",
    }),
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype"],
        id: &["/eventid"],
        time: &[("/validat", TimeUnit::Auto), ("/createdat", TimeUnit::Auto)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/$position"],
        correlation: &["/metadata/correlation_id"],
        causation: &["/metadata/causation_id"],
        headers: Some("/metadata"),
        data: &["/data"],
        codecs: &[("data", "yaml"), ("metadata", "yaml")],
        ..Fields::NONE
    },
};

pub(super) const SEQUENT: Profile = Profile {
    name: "Sequent",
    columns: &["aggregateid", "sequencenumber", "eventtype", "eventjson", "createdat"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype"],
        id: &["/id"],
        time: &[("/createdat", TimeUnit::Auto)],
        entities: &[("aggregate", "/aggregateid", true)],
        version: &["/sequencenumber"],
        causation: &["/commandrecordid"],
        data: &["/eventjson"],
        ..Fields::NONE
    },
};

pub(super) const CQRS_ES: Profile = Profile {
    name: "cqrs-es",
    columns: &["aggregatetype", "aggregateid", "sequence", "eventtype", "eventversion", "payload", "metadata"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype"],
        time: &[
            ("/metadata/time", TimeUnit::Auto),
            ("/metadata/timestamp", TimeUnit::Auto),
            ("/payload/timestamp", TimeUnit::Auto),
        ],
        entities: &[("{/aggregatetype}", "/aggregateid", true)],
        version: &["/sequence"],
        correlation: &["/metadata/correlation_id", "/metadata/correlationId"],
        causation: &["/metadata/causation_id", "/metadata/causationId"],
        headers: Some("/metadata"),
        data: &["/payload"],
        ..Fields::NONE
    },
};

/// One table for each stream.
pub(super) const PROOPH: Profile = Profile {
    name: "Prooph",
    columns: &["no", "eventid", "eventname", "payload", "metadata", "createdat"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventname"],
        id: &["/eventid"],
        time: &[("/createdat", TimeUnit::Auto)],
        entities: &[("{/metadata/_aggregate_type|else:aggregate}", "/metadata/_aggregate_id", true)],
        version: &["/metadata/_aggregate_version"],
        correlation: &["/metadata/_correlation_id"],
        causation: &["/metadata/_causation_id"],
        headers: Some("/metadata"),
        data: &["/payload"],
        ..Fields::NONE
    },
};

/// Both layouts; the older one has its headers in columns too.
pub(super) const EVENTSAUCE: Profile = Profile {
    name: "EventSauce",
    columns: &["eventid", "aggregaterootid", "payload"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype", "/payload/headers/__event_type"],
        id: &["/eventid"],
        time: &[("/timeofrecording", TimeUnit::Auto), ("/payload/headers/__time_of_recording", TimeUnit::Auto)],
        entities: &[("{/payload/headers/__aggregate_root_type|else:aggregate}", "/aggregaterootid", true)],
        version: &["/version", "/aggregaterootversion"],
        correlation: &["/payload/headers/__correlation_id"],
        causation: &["/payload/headers/__causation_id"],
        headers: Some("/payload/headers"),
        data: &["/payload/payload", "/payload"],
        ..Fields::NONE
    },
};

/// One table for each aggregate: its name is the kind.
pub(super) const ESRS: Profile = Profile {
    name: "esrs",
    columns: &["id", "aggregateid", "payload", "occurredon", "sequencenumber"],
    derived: &[Derived { name: "$event", from: "payload", cut: Cut::Variant }],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/payload/type", "/payload/event_type", "/$event"],
        id: &["/id"],
        time: &[("/occurredon", TimeUnit::Auto)],
        entities: &[("{/$table}", "/aggregateid", true)],
        version: &["/sequencenumber"],
        data: &["/payload"],
        ..Fields::NONE
    },
};

pub(super) const EVENTUALLY: Profile = Profile {
    name: "eventually",
    columns: &["aggregateid", "version", "sequencenumber", "event"],
    derived: &[Derived { name: "$event", from: "event", cut: Cut::Variant }],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/event/type", "/$event"],
        id: &["/sequencenumber"],
        entities: &[("aggregate", "/aggregateid", true)],
        version: &["/version"],
        data: &["/event"],
        ..Fields::NONE
    },
};

/// No streams: each further column is a domain identifier.
pub(super) const DISINTEGRATE: Profile = Profile {
    name: "disintegrate",
    columns: &["eventid", "eventtype", "payload", "insertedat"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype"],
        id: &["/eventid"],
        time: &[("/insertedat", TimeUnit::Auto)],
        data: &["/payload"],
        other_ids: true,
        ..Fields::NONE
    },
};
