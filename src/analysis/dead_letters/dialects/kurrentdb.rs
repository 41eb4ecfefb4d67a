//! KurrentDB: messages that a persistent subscription has parked. Each is a link to its event, in a stream of the
//! subscription's own; the link's metadata say when and why.
//!
//! Source: `PersistentSubscriptionMessageParker.cs` of the server (`added`, `reason`, `subscriptionEventNumber`).

use serde_json::Value;

use super::Dialect;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::message::parked;
use crate::model::time::parse_text;

pub static DIALECT: Dialect = Dialect {
    name: "kurrentdb",
    label: "KurrentDB (parked)",
    marks: &[r#""$persistentsubscription-"#],
    adds: &[],
    read,
};

fn read(seen: &Seen) -> Option<Letter> {
    let link = seen.record.get("link");
    // A link whose event is gone is an event itself.
    let lies = link.and_then(|link| link.get("stream")).or_else(|| seen.record.get("event_stream"))?.as_str()?;
    let (stream, group) = parked(lies)?;
    let metadata = match link {
        Some(link) => serde_json::from_str(link.get("metadata_text")?.as_str()?).unwrap_or(Value::Null),
        None => seen.record.get("metadata").cloned().unwrap_or_default(),
    };
    let text = |name: &str| metadata.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let message = text("reason").map(str::to_owned);
    // The data is the event's own; it is the store that is asked to replay, so nothing is lost.
    let fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Without, Kept::Yes);
    Some(Letter {
        evidence: Evidence::Headers,
        origin: Some(Location::queue(seen.record.get("event_stream").and_then(Value::as_str).unwrap_or(stream))),
        cause: Cause { message, ..Cause::default() },
        consumer: Some(group.to_owned()),
        failed_at: text("added").and_then(|added| parse_text(added.as_bytes(), 0)),
        target: Ok(Location::queue(format!("{stream}::{group}"))),
        ..Letter::silent(DIALECT.name, Some(Location::queue(lies)), fidelity)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{letter, no_letter};
    use super::*;

    const PARKED: &str = "$persistentsubscription-orders::billing-parked";

    #[test]
    fn golden() {
        let metadata =
            r#"{"added":"2026-02-16T15:56:42.5+01:00","reason":"no such customer","subscriptionEventNumber":4}"#;
        let link = json!({"stream": PARKED, "revision": 2, "event_id": "l", "metadata_text": metadata});
        let found = letter(
            json!({"event_stream": "orders", "revision": 4, "link": link, "event_id": "e", "event_type": "Placed", "value": {}}),
            &[],
        );
        assert_eq!((found.dialect.as_str(), found.consumer.as_deref()), ("kurrentdb", Some("billing")));
        assert_eq!(found.cause.message.as_deref(), Some("no such customer"));
        assert_eq!(
            (found.location, found.target),
            (Some(Location::queue(PARKED)), Ok(Location::queue("orders::billing")))
        );
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_771_253_802_500_000_000));
    }

    #[test]
    fn links_to_nothing_and_other_links() {
        let metadata = json!({"added": "2026-02-16T15:56:42Z", "reason": "gone"});
        let found = letter(
            json!({"event_stream": PARKED, "revision": 2, "event_type": "$>", "metadata": metadata, "value_text": "4@orders"}),
            &[],
        );
        assert_eq!((found.cause.message.as_deref(), found.consumer.as_deref()), (Some("gone"), Some("billing")));
        let link = json!({"stream": "$ce-orders", "revision": 2, "event_id": "l"});
        no_letter(
            json!({"event_stream": "orders", "revision": 4, "link": link, "event_type": "Placed", "value": {}}),
            &[],
        );
    }
}
