//! NServiceBus messages, as ServiceControl and exports give them: everything is in the headers.

use super::{Entity, Preset};
use crate::model::mapping::TimeUnit::Text;

pub const PRESET: Preset = Preset {
    name: "nservicebus",
    label: "NServiceBus",
    marks: &["/headers/NServiceBus.MessageId /Headers/NServiceBus.MessageId /NServiceBus.MessageId"],
    type_name: &[
        "{/headers/NServiceBus.EnclosedMessageTypes|before:,}",
        "/headers/NServiceBus.EnclosedMessageTypes",
        "{/Headers/NServiceBus.EnclosedMessageTypes|before:,}",
        "/Headers/NServiceBus.EnclosedMessageTypes",
        "{/NServiceBus.EnclosedMessageTypes|before:,}",
        "/NServiceBus.EnclosedMessageTypes",
    ],
    id: &["/headers/NServiceBus.MessageId", "/Headers/NServiceBus.MessageId", "/NServiceBus.MessageId"],
    time: &[
        ("/headers/NServiceBus.TimeSent", Text),
        ("/Headers/NServiceBus.TimeSent", Text),
        ("/NServiceBus.TimeSent", Text),
    ],
    entities: &[
        Entity::stream("saga", "/headers/NServiceBus.SagaId"),
        Entity::stream("saga", "/Headers/NServiceBus.SagaId"),
        Entity::stream("saga", "/NServiceBus.SagaId"),
        Entity::of("queue", "/headers/NServiceBus.FailedQ"),
        Entity::of("queue", "/Headers/NServiceBus.FailedQ"),
        Entity::of("queue", "/NServiceBus.FailedQ"),
    ],
    correlation: &[
        "/headers/NServiceBus.ConversationId",
        "/Headers/NServiceBus.ConversationId",
        "/NServiceBus.ConversationId",
        "/headers/NServiceBus.CorrelationId",
        "/Headers/NServiceBus.CorrelationId",
        "/NServiceBus.CorrelationId",
    ],
    causation: &["/headers/NServiceBus.RelatedTo", "/Headers/NServiceBus.RelatedTo", "/NServiceBus.RelatedTo"],
    service: &[
        "/headers/NServiceBus.OriginatingEndpoint",
        "/Headers/NServiceBus.OriginatingEndpoint",
        "/NServiceBus.OriginatingEndpoint",
    ],
    headers: Some("/headers"),
    data: &["/body", "/Body", "/message"],
    payloads: &["/body", "/body/{}", "/Body/{}"],
    ..Preset::NONE
};
