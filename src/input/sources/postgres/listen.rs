//! Stores that notify of what was appended. A notification is only a reason to look at once: behind a pooler, or where
//! somebody removed the trigger, none comes, and looking now and then goes on all the same.

use super::schema::Relation;

/// Stores and the channel of each; `{schema}` and `{table}` are those of its events.
///
/// Source: Commanded EventStore 1.x, `notify_events()`; eventsourcing 9.4, `PostgresApplicationRecorder.channel_name`;
/// disintegrate-postgres, `notify_event_listener()`.
const CHANNELS: &[(&str, &str)] =
    &[("Commanded", "{schema}.events"), ("eventsourcing", "{table}"), ("disintegrate", "new_events")];

/// Where a store says that there is something new.
pub(super) fn channel(store: &str, relation: &Relation) -> Option<String> {
    let (_, name) = CHANNELS.iter().find(|(known, _)| *known == store)?;
    Some(name.replace("{schema}", &relation.schema).replace("{table}", &relation.table.name.replace('.', "_")))
}
