//! AWS Lambda's on-failure destinations: a JSON document about the request, with its payload or, for
//! streams, with pointers to the records.
//!
//! Source: AWS guide, "Capturing records of Lambda asynchronous invocations".

use serde_json::Value;

use super::Dialect;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, Stage};
use crate::analysis::dead_letters::seen::Seen;
use crate::model::time::parse_text;

pub static DIALECT: Dialect = Dialect {
    name: "lambda-destination",
    label: "AWS Lambda destination",
    marks: &["responseContext"],
    adds: &[],
    read,
};

/// Where streams' batches are pointed to, with the member that names the source.
const BATCHES: [(&str, &str); 3] =
    [("KinesisBatchInfo", "streamArn"), ("DDBStreamBatchInfo", "streamArn"), ("KafkaBatchInfo", "topic")];

fn read(seen: &Seen) -> Option<Letter> {
    let document = [&seen.record, seen.payload()].into_iter().find(|json| {
        json.get("requestContext").is_some_and(|context| context.get("condition").is_some())
            && json.get("responseContext").is_some()
    })?;
    let text = |pointer: &str| document.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let batch = BATCHES.iter().find_map(|(name, member)| {
        let source = document.get(name)?.get(member)?.as_str()?;
        Some(Location::topic(source.rsplit(['/', ':']).next().unwrap_or(source), None, None))
    });
    let function = text("/requestContext/functionArn").map(|arn| function_of(&arn).to_owned());
    let origin = batch.clone().or_else(|| function.clone().map(Location::queue));
    Some(Letter {
        dialect: DIALECT.name.to_owned(),
        stage: Stage::Dead,
        evidence: Evidence::Body,
        location: seen.location.clone(),
        origin: origin.clone(),
        cause: Cause {
            root: text("/responsePayload/errorType"),
            message: text("/responsePayload/errorMessage"),
            reason: text("/requestContext/condition"),
            ..Cause::default()
        },
        attempts: document.pointer("/requestContext/approximateInvokeCount").and_then(Value::as_u64),
        history: Vec::new(),
        consumer: function,
        failed_at: text("/timestamp").and_then(|time| parse_text(time.as_bytes(), 0)),
        original_time: None,
        fidelity: if batch.is_some() {
            Fidelity::new(Kept::No, Kept::No, Kept::No, Kept::No)
        } else {
            Fidelity::new(Kept::Without, Kept::Yes, Kept::Without, Kept::No)
        },
        target: if batch.is_some() {
            Err("it points to records of a stream: read them there")
        } else {
            Err("a function, which is invoked and not written to")
        },
        pointer_only: batch.is_some(),
        undecoded: Vec::new(),
    })
}

/// `arn:aws:lambda:region:account:function:NAME:$LATEST` → `NAME`
fn function_of(arn: &str) -> &str {
    arn.split(":function:").nth(1).and_then(|rest| rest.split(':').next()).unwrap_or(arn)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{letter, no_letter};

    #[test]
    fn golden() {
        let document = json!({
            "version": "1.0", "timestamp": "2026-02-16T15:56:42.487Z",
            "requestContext": {"requestId": "r", "functionArn": "arn:aws:lambda:eu-central-1:1:function:pay:$LATEST",
                "condition": "RetriesExhausted", "approximateInvokeCount": 3},
            "requestPayload": {"orderId": "order-1"},
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": {"errorMessage": "card declined", "errorType": "CardError"}});
        for record in [document.clone(), json!({"messageId": "m", "receiptHandle": "r", "body": document.to_string()})]
        {
            let found = letter(record, &[]);
            assert_eq!((found.cause.class(), found.attempts), (Some("CardError"), Some(3)));
            assert_eq!((found.consumer.as_deref(), found.pointer_only), (Some("pay"), false));
        }
        let mut batch = document;
        batch["KafkaBatchInfo"] = json!({"topic": "orders", "partition": 0, "startOffset": 3});
        assert!(letter(batch, &[]).pointer_only);
        no_letter(json!({"requestContext": {"http": {}}, "responseContext": {}}), &[]);
    }
}
