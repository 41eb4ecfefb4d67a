//! Google Pub/Sub's dead-letter topics.
//!
//! Source: attributes as the service and its emulators write them.

use super::Dialect;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, Stage};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::time::parse_text;

pub static DIALECT: Dialect = Dialect {
    name: "pubsub",
    label: "Google Pub/Sub",
    marks: &["CloudPubSubDeadLetterSource"],
    adds: &["CloudPubSubDeadLetterSource"],
    read,
};

fn read(seen: &Seen) -> Option<Letter> {
    let find = |name: &str| seen.find(&format!("CloudPubSubDeadLetterSource{name}"));
    let subscription = find("Subscription")?;
    let published = find("TopicPublishTime").and_then(|text| parse_text(text.as_bytes(), 0));
    Some(Letter {
        dialect: DIALECT.name.to_owned(),
        stage: Stage::Dead,
        evidence: Evidence::Headers,
        location: seen.location.clone(),
        origin: Some(Location::queue(subscription.clone())),
        cause: Cause { reason: Some("delivered too often".to_owned()), ..Cause::default() },
        attempts: find("DeliveryCount").and_then(|count| count.parse().ok()),
        history: Vec::new(),
        consumer: Some(subscription),
        failed_at: None,
        original_time: published,
        fidelity: Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::No),
        target: Err(
            "it names its subscription, not the topic: publishing to the topic would tell all subscriptions again",
        ),
        pointer_only: false,
        undecoded: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::letter;
    use crate::model::time::TimeNs;

    #[test]
    fn golden() {
        let found = letter(
            json!({"message": {"data": "e30=", "messageId": "1", "attributes": {
                "CloudPubSubDeadLetterSourceDeliveryCount": "5",
                "CloudPubSubDeadLetterSourceSubscription": "billing",
                "CloudPubSubDeadLetterSourceSubscriptionProject": "shop",
                "CloudPubSubDeadLetterSourceTopicPublishTime": "2026-02-16T15:56:42.487+00:00"}}}),
            &[],
        );
        assert_eq!((found.attempts, found.consumer.as_deref()), (Some(5), Some("billing")));
        assert!(found.target.is_err());
        assert_eq!(found.original_time.map(TimeNs::to_rfc3339).as_deref(), Some("2026-02-16T15:56:42.487Z"));
    }
}
