//! SQS redrive policies, and SNS subscriptions that end in a queue. No reason is ever recorded.
//!
//! Source: botocore, `sqs/2012-11-05/service-2.json`; AWS guides.

use super::Dialect;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, NO_ORIGIN};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::mapping::TimeUnit;
use crate::model::time::{TimeNs, parse_number};

pub static DIALECT: Dialect = Dialect {
    name: "sqs",
    label: "SQS",
    marks: &["DeadLetterQueueSourceArn", "\"RequestID\"", r#""dead_letter_of":["#],
    adds: &["DeadLetterQueueSourceArn", "RequestID", "ErrorCode", "ErrorMessage"],
    read,
};

fn read(seen: &Seen) -> Option<Letter> {
    let arn = seen.find("DeadLetterQueueSourceArn");
    // A function's own dead-letter queue: three attributes of the failed request.
    let lambda = ["RequestID", "ErrorCode", "ErrorMessage"].map(|name| seen.find(name));
    let of_lambda = lambda.iter().all(Option::is_some);
    // What the reader of the queue was told: whose redrive policies end here.
    let sources = seen.record.get("dead_letter_of").and_then(serde_json::Value::as_array);
    if arn.is_none() && !of_lambda && sources.is_none() {
        return None;
    }
    let [_, code, message] = lambda;
    let origin = arn.as_deref().and_then(|arn| arn.rsplit(':').next()).map(Location::queue);
    let sources: Vec<&str> = sources.into_iter().flatten().filter_map(serde_json::Value::as_str).collect();
    let origin = origin.or_else(|| match sources.as_slice() {
        [only] => Some(Location::queue(*only)),
        _ => None,
    });
    let time = |name: &str| seen.find(name).and_then(|text| parse_number(text.as_bytes(), TimeUnit::Millis));
    let body = seen.payload();
    let from_sns = body.get("TopicArn").is_some() && body.get("Message").is_some();
    let cause = if of_lambda {
        Cause { message, reason: code.map(|code| format!("error {code}")), ..Cause::default() }
    } else {
        Cause { reason: Some("received too often".to_owned()), ..Cause::default() }
    };
    let fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Yes, Kept::Yes);
    Some(Letter {
        evidence: Evidence::Headers,
        target: match &origin {
            Some(queue) => Ok(queue.clone()),
            None if from_sns => {
                Err("its subscription's endpoint: publishing to the topic would tell all subscribers again")
            }
            None if sources.len() > 1 => {
                Err("several queues send their dead letters there, and which one it was is not told")
            }
            None => Err(NO_ORIGIN),
        },
        origin,
        cause,
        attempts: seen.find("ApproximateReceiveCount").and_then(|count| count.parse().ok()),
        failed_at: newest(time("ApproximateFirstReceiveTimestamp"), time("SentTimestamp")),
        original_time: time("SentTimestamp"),
        ..Letter::silent(DIALECT.name, seen.location.clone(), fidelity)
    })
}

fn newest(a: Option<TimeNs>, b: Option<TimeNs>) -> Option<TimeNs> {
    a.max(b)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::letter;
    use super::*;

    // As functions receive them: aws-powertools, `sqsDlqTriggerEvent.json`.
    #[test]
    fn golden() {
        let found = letter(
            json!({"messageId": "m", "receiptHandle": "r", "body": "{}", "attributes": {
                "ApproximateReceiveCount": "2", "SentTimestamp": "1713185156609",
                "ApproximateFirstReceiveTimestamp": "1713185156612",
                "DeadLetterQueueSourceArn": "arn:aws:sqs:eu-central-1:123456789012:orders"},
                "eventSourceARN": "arn:aws:sqs:eu-central-1:123456789012:orders-dlq"}),
            &[],
        );
        assert_eq!(found.target, Ok(Location::queue("orders")));
        assert_eq!(found.location, Some(Location::queue("orders-dlq")));
        assert_eq!(found.attempts, Some(2));
        assert_eq!(found.failed_at.map(|time| time.0), Some(1_713_185_156_612_000_000));
    }

    #[test]
    fn by_the_redrive_policies_that_end_there() {
        let record = |sources: &[&str]| {
            json!({"queue": "orders-dlq", "message_id": "m", "dead_letter_of": sources,
                "attributes": {"ApproximateReceiveCount": "3", "SentTimestamp": "1713185156609"}, "value": {}})
        };
        let found = letter(record(&["orders"]), &[]);
        assert_eq!(
            (found.dialect.as_str(), found.target, found.attempts),
            ("sqs", Ok(Location::queue("orders")), Some(3))
        );
        let found = letter(record(&["orders", "payments"]), &[]);
        assert!(found.origin.is_none() && found.target.is_err_and(|why| why.contains("several")), "asked, not guessed");
    }

    #[test]
    fn a_functions_own_queue() {
        let attributes = json!({"RequestID": {"StringValue": "r"}, "ErrorCode": {"StringValue": "200"}, "ErrorMessage": {"StringValue": "Task timed out after 3.00 seconds"}});
        let found = letter(json!({"MessageId": "m", "Body": "{}", "MessageAttributes": attributes}), &[]);
        assert_eq!(found.cause.message.as_deref(), Some("Task timed out after 3.00 seconds"));
        assert_eq!(found.target, Err(NO_ORIGIN));
    }
}
