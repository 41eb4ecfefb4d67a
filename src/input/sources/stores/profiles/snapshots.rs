//! The tables in which stores keep states of their streams. A snapshot is no event and would falsify the
//! counts, so these are read only where a person names the table (`shop.db?table=snapshots`): rows of the
//! type `Snapshot`, of the same entities as the events, with the state as their payload and the version
//! of the last event that is in it.

use super::{Cut, Derived, Fields, Profile, TimeUnit};

/// Most distinctive first.
pub(super) const SNAPSHOTS: &[&Profile] =
    &[&EVENTSOURCING_PY, &AXON, &PEKKO, &AKKA_R2DBC, &AKKA_NET, &CQRS_ES, &PROOPH, &EVENTSAUCE];

const TYPE: &[&str] = &["Snapshot"];

/// The column that holds the persistence id, taken apart as that of the events.
const PERSISTENT: &[Derived] = &[
    Derived { name: "$kind", from: "persistenceid", cut: Cut::StreamKind },
    Derived { name: "$id", from: "persistenceid", cut: Cut::StreamId },
];

const EVENTSOURCING_PY: Profile = Profile {
    name: "eventsourcing",
    columns: &["originatorid", "originatorversion", "topic", "state"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/state/timestamp/_data_", TimeUnit::Auto), ("/state/timestamp", TimeUnit::Auto)],
        entities: &[("{/state/topic|after::}", "/originatorid", true)],
        version: &["/originatorversion"],
        data: &["/state/state", "/state"],
        ..Fields::NONE
    },
};

const AXON: Profile = Profile {
    name: "Axon",
    columns: &["aggregateidentifier", "sequencenumber", "eventidentifier", "payloadtype", "payload"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        id: &["/eventidentifier"],
        time: &[("/timestamp", TimeUnit::Auto)],
        entities: &[("{/type}", "/aggregateidentifier", true)],
        version: &["/sequencenumber"],
        headers: Some("/metadata"),
        data: &["/payload"],
        codecs: &[("payload", "xml"), ("metadata", "xml")],
        ..Fields::NONE
    },
};

const PEKKO: Profile = Profile {
    name: "Pekko persistence",
    columns: &["persistenceid", "sequencenumber", "created", "snapshotsermanifest", "snapshotpayload"],
    derived: PERSISTENT,
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/created", TimeUnit::Millis)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/sequencenumber"],
        headers: Some("/metapayload"),
        data: &["/snapshotpayload"],
        ..Fields::NONE
    },
};

const AKKA_R2DBC: Profile = Profile {
    name: "Akka R2DBC",
    columns: &["persistenceid", "entitytype", "seqnr", "sermanifest", "snapshot"],
    derived: &[Derived { name: "$id", from: "persistenceid", cut: Cut::StreamId }],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/dbtimestamp", TimeUnit::Auto), ("/writetimestamp", TimeUnit::Millis)],
        entities: &[("{/entitytype}", "/$id", true)],
        version: &["/seqnr"],
        headers: Some("/metapayload"),
        data: &["/snapshot"],
        ..Fields::NONE
    },
};

const AKKA_NET: Profile = Profile {
    name: "Akka.NET",
    columns: &["persistenceid", "sequencenr", "manifest", "snapshot"],
    derived: PERSISTENT,
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/timestamp", TimeUnit::Auto), ("/createdat", TimeUnit::Auto), ("/created", TimeUnit::Auto)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/sequencenr"],
        data: &["/snapshot"],
        ..Fields::NONE
    },
};

const CQRS_ES: Profile = Profile {
    name: "cqrs-es",
    columns: &["aggregatetype", "aggregateid", "lastsequence", "payload"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/timestamp", TimeUnit::Auto)],
        entities: &[("{/aggregatetype}", "/aggregateid", true)],
        version: &["/lastsequence"],
        data: &["/payload"],
        ..Fields::NONE
    },
};

const PROOPH: Profile = Profile {
    name: "Prooph",
    columns: &["aggregateid", "aggregatetype", "lastversion", "aggregateroot"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/createdat", TimeUnit::Auto)],
        entities: &[("{/aggregatetype}", "/aggregateid", true)],
        version: &["/lastversion"],
        data: &["/aggregateroot"],
        ..Fields::NONE
    },
};

const EVENTSAUCE: Profile = Profile {
    name: "EventSauce",
    columns: &["aggregaterootid", "aggregaterootversion", "state"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: TYPE,
        time: &[("/createdat", TimeUnit::Auto)],
        entities: &[("aggregate", "/aggregaterootid", true)],
        version: &["/aggregaterootversion"],
        data: &["/state"],
        ..Fields::NONE
    },
};
