//! Azure Service Bus: the sub-queue `<entity>/$deadletterqueue` with reason and description.
//!
//! Source: learn.microsoft.com, "Overview of Service Bus dead-letter queues".

use super::Dialect;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, NO_ORIGIN, Stage};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "azure-service-bus",
    label: "Azure Service Bus",
    marks: &["DeadLetterReason", "deadLetterReason"],
    adds: &["DeadLetterReason", "DeadLetterErrorDescription", "DeadLetterSource"],
    read,
};

fn read(seen: &Seen) -> Option<Letter> {
    let reason = seen.find("DeadLetterReason")?;
    let by_path = seen.location.as_ref().and_then(|at| at.name().strip_suffix("/$deadletterqueue")).map(str::to_owned);
    let origin = seen.find("DeadLetterSource").or(by_path).map(Location::queue);
    Some(Letter {
        dialect: DIALECT.name.to_owned(),
        stage: Stage::Dead,
        evidence: Evidence::Headers,
        location: seen.location.clone(),
        target: origin.clone().ok_or(NO_ORIGIN),
        origin,
        cause: Cause { message: seen.find("DeadLetterErrorDescription"), reason: Some(reason), ..Cause::default() },
        attempts: seen.find("DeliveryCount").and_then(|count| count.parse().ok()),
        history: Vec::new(),
        consumer: None,
        failed_at: None,
        original_time: seen.time,
        fidelity: Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::Yes),
        pointer_only: false,
        undecoded: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::letter;
    use super::*;

    // Property names of the .NET SDK; JavaScript's begin with a small letter.
    #[test]
    fn golden() {
        for record in [
            json!({"ApplicationProperties": {"DeadLetterReason": "MaxDeliveryCountExceeded", "DeadLetterErrorDescription": "gave up"}, "DeliveryCount": 10, "DeadLetterSource": "orders"}),
            json!({"deadLetterReason": "MaxDeliveryCountExceeded", "deadLetterErrorDescription": "gave up", "deliveryCount": 10, "deadLetterSource": "orders"}),
        ] {
            let found = letter(record, &[]);
            assert_eq!(found.cause.reason.as_deref(), Some("MaxDeliveryCountExceeded"));
            assert_eq!((found.cause.message.as_deref(), found.attempts), (Some("gave up"), Some(10)));
            assert_eq!(found.target, Ok(Location::queue("orders")));
        }
    }
}
