//! NServiceBus on any transport: a dictionary of headers, each name once.
//!
//! Source: Particular/NServiceBus, `FaultsHeaderKeys.cs`, `Headers.cs`, `FaultMetadataExtractor.cs`. Times are
//! `yyyy-MM-dd HH:mm:ss:ffffff Z`, a colon before the microseconds.

use std::borrow::Cow::Borrowed;

use serde_json::Value;

use super::{Dialect, Names};
use crate::analysis::dead_letters::letter::{Fidelity, Kept, Letter};
use crate::analysis::dead_letters::seen::Seen;

pub static DIALECT: Dialect = Dialect {
    name: "nservicebus",
    label: "NServiceBus",
    marks: &["NServiceBus.FailedQ", "NServiceBus.ExceptionInfo."],
    adds: &[
        "NServiceBus.FailedQ",
        "NServiceBus.TimeOfFailure",
        "NServiceBus.ExceptionInfo.",
        "NServiceBus.Retries",
        "NServiceBus.FLRetries",
    ],
    read,
};

const NAMES: Names = Names {
    label: Borrowed("nservicebus"),
    queue: Borrowed("NServiceBus.FailedQ"),
    failed_at: Borrowed("NServiceBus.TimeOfFailure"),
    consumer: Borrowed("NServiceBus.ProcessingEndpoint"),
    wrapper: Borrowed("NServiceBus.ExceptionInfo.ExceptionType"),
    root: Borrowed("NServiceBus.ExceptionInfo.InnerExceptionType"),
    message: Borrowed("NServiceBus.ExceptionInfo.Message"),
    stack: Borrowed("NServiceBus.ExceptionInfo.StackTrace"),
    timestamp: Borrowed("NServiceBus.TimeSent"),
    ..Names::NONE
};

fn read(seen: &Seen) -> Option<Letter> {
    let inside = from_sqs(seen);
    let mut letter = NAMES.read(inside.as_ref().unwrap_or(seen))?;
    letter.location = letter.location.or_else(|| seen.location.clone());
    letter.fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::No);
    Some(letter)
}

/// On SQS all headers are JSON in one attribute (docs.particular.net, `transports/sqs`).
fn from_sqs(seen: &Seen) -> Option<Seen> {
    let json = seen.find("NServiceBus.AmazonSQS.Headers")?;
    let members: serde_json::Map<String, Value> = serde_json::from_str(&json).ok()?;
    let headers = members.into_iter().filter_map(|(name, value)| Some((name, value.as_str()?.into()))).collect();
    Some(Seen::of(Value::Null, headers, None, seen.time))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{bytes, letter};
    use crate::analysis::dead_letters::letter::Location;
    use crate::model::time::TimeNs;

    // The headers of `ErrorError.txt` in Particular/docs.particular.net.
    #[test]
    fn golden() {
        let found = letter(
            json!({}),
            &[
                ("NServiceBus.FailedQ", bytes("HeaderWriterError")),
                ("NServiceBus.TimeOfFailure", bytes("2026-04-29 22:06:16:406166 Z")),
                ("NServiceBus.ProcessingEndpoint", bytes("HeaderWriterError")),
                ("NServiceBus.ExceptionInfo.ExceptionType", bytes("System.Exception")),
                ("NServiceBus.ExceptionInfo.Message", bytes("The exception message from the handler.")),
                (
                    "NServiceBus.ExceptionInfo.StackTrace",
                    bytes(
                        "System.Exception: The exception message from the handler.\n   at Core.HeaderWriterError.MessageHandler.Handle(MessageToSend message)",
                    ),
                ),
            ],
        );
        assert_eq!(found.target, Ok(Location::queue("HeaderWriterError")));
        assert_eq!(found.cause.class(), Some("System.Exception"));
        assert_eq!(found.failed_at.map(TimeNs::to_rfc3339).as_deref(), Some("2026-04-29T22:06:16.406166Z"));
    }

    #[test]
    fn headers_in_one_attribute_of_sqs() {
        let headers = json!({"NServiceBus.FailedQ": "orders", "NServiceBus.ExceptionInfo.Message": "m"}).to_string();
        let attributes = json!({"NServiceBus.AmazonSQS.Headers": {"stringValue": headers}});
        let found = letter(json!({"eventSourceARN": "arn:aws:sqs:x:1:error", "messageAttributes": attributes}), &[]);
        assert_eq!(found.origin, Some(Location::queue("orders")));
        assert_eq!(found.location, Some(Location::queue("error")));
    }
}
