//! Messages waiting to be sent, kept beside the state that they tell of.

use super::{Fields, Profile, TimeUnit};

pub(super) const SPRING_MODULITH: Profile = Profile {
    name: "Spring Modulith",
    columns: &["id", "eventtype", "listenerid", "publicationdate", "serializedevent"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/eventtype"],
        id: &["/id"],
        time: &[("/publicationdate", TimeUnit::Auto)],
        service: &["/listenerid"],
        data: &["/serializedevent"],
        ..Fields::NONE
    },
};

/// Of Wolverine's message storage, whichever database it is in.
///
/// Source: JasperFx/wolverine, `DeadLettersTable.cs`, `DatabaseConstants.cs`.
pub(super) const WOLVERINE_DEAD_LETTERS: Profile = Profile {
    name: "Wolverine dead letters",
    columns: &["id", "body", "messagetype", "receivedat", "exceptiontype", "exceptionmessage", "replayable"],
    derived: &[],
    join: None,
    dead_letters: true,
    fields: Fields {
        type_name: &["/messagetype"],
        id: &["/id"],
        time: &[("/sentat", TimeUnit::Auto), ("/executiontime", TimeUnit::Auto)],
        service: &["/source"],
        data: &["/body"],
        ..Fields::NONE
    },
};

pub(super) const DEBEZIUM: Profile = Profile {
    name: "outbox",
    columns: &["id", "aggregatetype", "aggregateid", "type", "payload"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/type"],
        id: &["/id"],
        time: &[
            ("/createdat", TimeUnit::Auto),
            ("/created", TimeUnit::Auto),
            ("/timestamp", TimeUnit::Auto),
            ("/occurredat", TimeUnit::Auto),
            ("/payload/timestamp", TimeUnit::Auto),
        ],
        entities: &[("{/aggregatetype}", "/aggregateid", true)],
        correlation: &["/correlationid", "/tracingspancontext"],
        causation: &["/causationid"],
        headers: Some("/headers"),
        data: &["/payload"],
        ..Fields::NONE
    },
};

pub(super) const NSERVICEBUS: Profile = Profile {
    name: "NServiceBus outbox",
    columns: &["messageid", "dispatched", "dispatchedat", "operations"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/operations/0/Headers/NServiceBus.EnclosedMessageTypes"],
        id: &["/messageid"],
        time: &[("/dispatchedat", TimeUnit::Auto)],
        correlation: &["/operations/*/Headers/NServiceBus.ConversationId"],
        data: &["/operations"],
        ..Fields::NONE
    },
};

pub(super) const MASSTRANSIT: Profile = Profile {
    name: "MassTransit outbox",
    columns: &["sequencenumber", "senttime", "messageid", "body", "headers"],
    derived: &[],
    join: None,
    dead_letters: false,
    fields: Fields {
        type_name: &["/messagetype", "/body/messageType/0"],
        id: &["/messageid"],
        time: &[("/senttime", TimeUnit::Auto), ("/enqueuetime", TimeUnit::Auto)],
        correlation: &["/correlationid", "/conversationid"],
        causation: &["/initiatorid"],
        service: &["/sourceaddress"],
        headers: Some("/headers"),
        data: &["/body/message", "/body"],
        ..Fields::NONE
    },
};
