//! Stores that keep one journal of named streams.

use super::{Cut, Derived, Fields, Join, Profile, TimeUnit, quoted};

pub(super) const EMMETT: Profile = Profile {
    name: "Emmett",
    columns: &["streamid", "streamposition", "messagekind", "messagedata", "messagemetadata", "messagetype"],
    derived: &[
        Derived { name: "$kind", from: "streamid", cut: Cut::StreamKind },
        Derived { name: "$id", from: "streamid", cut: Cut::StreamId },
    ],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/messagetype"],
        id: &["/messageid"],
        time: &[("/created", TimeUnit::Auto)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/streamposition"],
        correlation: &["/messagemetadata/correlationId"],
        causation: &["/messagemetadata/causationId"],
        headers: Some("/messagemetadata"),
        data: &["/messagedata"],
        ..Fields::NONE
    },
};

pub(super) const MESSAGE_DB: Profile = Profile {
    name: "Message DB",
    columns: &["globalposition", "position", "streamname", "type", "data", "metadata"],
    derived: &[
        Derived { name: "$kind", from: "streamname", cut: Cut::StreamKind },
        Derived { name: "$id", from: "streamname", cut: Cut::StreamId },
    ],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/type"],
        id: &["/id"],
        time: &[("/time", TimeUnit::Auto)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/position"],
        correlation: &["/metadata/correlationStreamName", "/metadata/correlationId"],
        causation: &["/metadata/causationMessageId", "/metadata/causationId"],
        headers: Some("/metadata"),
        data: &["/data"],
        ..Fields::NONE
    },
};

pub(super) const MARTEN: Profile = Profile {
    name: "Marten",
    columns: &["seqid", "id", "streamid", "version", "data", "type", "timestamp", "mtdotnettype"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/type"],
        id: &["/id"],
        time: &[("/timestamp", TimeUnit::Auto)],
        entities: &[("stream", "/streamid", true)],
        version: &["/version"],
        correlation: &["/correlationid"],
        causation: &["/causationid"],
        headers: Some("/headers"),
        data: &["/data"],
        ..Fields::NONE
    },
};

pub(super) const PEKKO: Profile = Profile {
    name: "Pekko persistence",
    columns: &["persistenceid", "sequencenumber", "eventsermanifest", "eventpayload", "writetimestamp"],
    derived: &[
        Derived { name: "$kind", from: "persistenceid", cut: Cut::StreamKind },
        Derived { name: "$id", from: "persistenceid", cut: Cut::StreamId },
    ],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventsermanifest"],
        id: &["/ordering"],
        time: &[("/writetimestamp", TimeUnit::Millis)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/sequencenumber"],
        service: &["/writer"],
        headers: Some("/metapayload"),
        data: &["/eventpayload"],
        ..Fields::NONE
    },
};

pub(super) const AKKA_R2DBC: Profile = Profile {
    name: "Akka R2DBC",
    columns: &["persistenceid", "entitytype", "seqnr", "dbtimestamp", "eventsermanifest", "eventpayload"],
    derived: &[Derived { name: "$id", from: "persistenceid", cut: Cut::StreamId }],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventsermanifest"],
        time: &[("/dbtimestamp", TimeUnit::Auto)],
        entities: &[("{/entitytype}", "/$id", true)],
        version: &["/seqnr"],
        service: &["/writer"],
        headers: Some("/metapayload"),
        data: &["/eventpayload"],
        ..Fields::NONE
    },
};

pub(super) const AKKA_NET: Profile = Profile {
    name: "Akka.NET",
    columns: &["persistenceid", "sequencenr", "manifest", "payload"],
    derived: &[
        Derived { name: "$kind", from: "persistenceid", cut: Cut::StreamKind },
        Derived { name: "$id", from: "persistenceid", cut: Cut::StreamId },
    ],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/manifest"],
        id: &["/ordering"],
        time: &[("/createdat", TimeUnit::Auto), ("/timestamp", TimeUnit::Auto), ("/created", TimeUnit::Auto)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/sequencenr"],
        data: &["/payload"],
        ..Fields::NONE
    },
};

pub(super) const COMMANDED: Profile = Profile {
    name: "Commanded",
    columns: &["eventid", "eventtype", "causationid", "correlationid", "data", "metadata", "createdat"],
    derived: &[
        Derived { name: "$kind", from: "$stream", cut: Cut::StreamKind },
        Derived { name: "$id", from: "$stream", cut: Cut::StreamId },
    ],
    join: Some(&Join {
        partners: &[&["eventid", "streamid", "originalstreamid", "originalstreamversion"], &["streamid", "streamuuid"]],
        // An event is in its own stream and linked from others, $all among them.
        subquery: |tables, name| {
            let [links, streams] = tables else { return String::new() };
            let link = |name| quoted(links.column(name).unwrap_or(name));
            let stream = |name| quoted(streams.column(name).unwrap_or(name));
            format!(
                "SELECT l.{key} AS k, min(s.{uuid}) AS \"$stream\", min(l.{version}) AS \"$version\" FROM {link_table} l \
                 JOIN {stream_table} s ON s.{id} = l.{original} WHERE l.{in_stream} = l.{original} GROUP BY l.{key}",
                key = link("eventid"),
                version = link("originalstreamversion"),
                original = link("originalstreamid"),
                in_stream = link("streamid"),
                uuid = stream("streamuuid"),
                id = stream("streamid"),
                link_table = name(links),
                stream_table = name(streams),
            )
        },
        members: &["$stream", "$version"],
        on: "eventid",
    }),
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype"],
        id: &["/eventid"],
        time: &[("/createdat", TimeUnit::Auto)],
        entities: &[("{/$kind}", "/$id", true)],
        version: &["/$version"],
        correlation: &["/correlationid"],
        causation: &["/causationid"],
        headers: Some("/metadata"),
        data: &["/data"],
        ..Fields::NONE
    },
};
