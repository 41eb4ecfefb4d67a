//! Sends messages: to a queue ten at a time, to a topic one by one. Nothing is tried twice, since a standard queue
//! would have it twice; each message has an answer of its own.

use std::collections::BTreeMap;

use aws_sdk_sqs::types::{
    MessageSystemAttributeNameForSends, MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};

use super::super::client::{Client, Failure};
use super::super::pool::AT_ONCE;
use super::super::wire::{self, Attribute};
use crate::input::sources::broker::place;
use crate::input::sources::outlet::{Outcome, Outgoing, Target};
use crate::model::error::Error;
use crate::model::message::Place;

/// Most bytes of one request, which every server takes: one message may be longer by itself.
const MOST_BYTES: usize = 256 << 10;

/// A message that SQS takes, with its place in the batch.
struct Ready<'b> {
    at: usize,
    outgoing: &'b Outgoing,
    body: String,
    attributes: Vec<(String, Attribute)>,
}

impl Ready<'_> {
    fn bytes(&self) -> usize {
        let of = |(name, attribute): &(String, Attribute)| {
            name.len()
                + match attribute {
                    Attribute::Text(data_type, text) => data_type.len() + text.len(),
                    Attribute::Bytes(data_type, bytes) => data_type.len() + bytes.len(),
                }
        };
        self.body.len() + self.attributes.iter().map(of).sum::<usize>()
    }
}

/// One outcome for each of the batch.
pub(super) fn send(client: &Client, urls: &mut BTreeMap<String, String>, batch: &[Outgoing]) -> Vec<Outcome> {
    let mut outcomes: Vec<Option<Outcome>> = batch.iter().map(|_| None).collect();
    let mut by_target: BTreeMap<(bool, &str), Vec<Ready<'_>>> = BTreeMap::new();
    for (at, outgoing) in batch.iter().enumerate() {
        let target = match &outgoing.target {
            Target::Queue { name } => Ok((false, name.as_str())),
            Target::Topic { name, .. } if name.starts_with("arn:") => Ok((true, name.as_str())),
            _ => Err("AWS has queues, and topics by their ARN".to_owned()),
        };
        match target.and_then(|target| Ok((target, wire::outgoing(&outgoing.message)?))) {
            Ok((target, (body, attributes))) => {
                by_target.entry(target).or_default().push(Ready { at, outgoing, body, attributes });
            }
            Err(why) => set(&mut outcomes, at, Outcome::Refused(refused(client, &why))),
        }
    }
    for ((is_topic, name), ready) in by_target {
        if is_topic {
            client.run(publish(client, name, ready, &mut outcomes));
        } else {
            client.run(to_queue(client, urls, name, ready, &mut outcomes));
        }
    }
    let unknown = || Outcome::Unknown(refused(client, "nothing was said of it"));
    outcomes.into_iter().map(|outcome| outcome.unwrap_or_else(unknown)).collect()
}

fn set(outcomes: &mut [Option<Outcome>], at: usize, outcome: Outcome) {
    if let Some(slot) = outcomes.get_mut(at) {
        *slot = Some(outcome);
    }
}

async fn to_queue(
    client: &Client,
    urls: &mut BTreeMap<String, String>,
    name: &str,
    ready: Vec<Ready<'_>>,
    outcomes: &mut [Option<Outcome>],
) {
    let url = match urls.get(name) {
        Some(url) => Ok(url.clone()),
        None => client.queue_url(name).await,
    };
    let url = match url {
        Ok(url) => url,
        Err(failure) => {
            ready.iter().for_each(|one| set(outcomes, one.at, failed(client, "sqs:GetQueueUrl", name, &failure)));
            return;
        }
    };
    urls.insert(name.to_owned(), url.clone());
    let (mut request, mut bytes) = (Vec::new(), 0);
    for one in ready {
        let more = one.bytes();
        if request.len() == AT_ONCE || !request.is_empty() && bytes + more > MOST_BYTES {
            send_request(client, &url, name, std::mem::take(&mut request), outcomes).await;
            bytes = 0;
        }
        bytes += more;
        request.push(one);
    }
    if !request.is_empty() {
        send_request(client, &url, name, request, outcomes).await;
    }
}

async fn send_request(
    client: &Client,
    url: &str,
    name: &str,
    request: Vec<Ready<'_>>,
    outcomes: &mut [Option<Outcome>],
) {
    let places: Vec<usize> = request.iter().map(|one| one.at).collect();
    let entries: Vec<_> = request.into_iter().filter_map(|one| entry(name, one)).collect();
    match client.sqs_once.send_message_batch().queue_url(url).set_entries(Some(entries)).send().await {
        Ok(answer) => {
            for sent in answer.successful() {
                if let Ok(at) = sent.id().parse() {
                    let words = format!("in {name} as {}", sent.message_id());
                    set(outcomes, at, Outcome::Confirmed(words));
                }
            }
            for not in answer.failed() {
                let Ok(at) = not.id().parse() else { continue };
                let why = format!("{}: {}", not.message().unwrap_or_default(), not.code());
                let error = refused(client, &why);
                // The sender's fault is a refusal; else the service stumbled over it.
                set(outcomes, at, if not.sender_fault() { Outcome::Refused(error) } else { Outcome::Unknown(error) });
            }
        }
        Err(error) => {
            let failure = Failure::from(error);
            places.into_iter().for_each(|at| set(outcomes, at, failed(client, "sqs:SendMessage", name, &failure)));
        }
    }
}

fn entry(queue: &str, one: Ready<'_>) -> Option<SendMessageBatchRequestEntry> {
    let Ready { at, outgoing, body, attributes } = one;
    let entry = SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(body);
    let attributes = wire::to_sqs(attributes);
    let mut entry = entry.set_message_attributes((!attributes.is_empty()).then_some(attributes));
    if wire::is_fifo(queue) {
        let group = wire::group(&outgoing.message, &outgoing.requeue_id);
        entry = entry.message_group_id(group).message_deduplication_id(&outgoing.requeue_id);
    } else if let Some(group) = wire::own_group(&outgoing.message) {
        // Standard queues share their time out by it.
        entry = entry.message_group_id(group);
    }
    if let Place::Sqs(place) = &outgoing.message.place
        && let Some(trace) = place.attribute("AWSTraceHeader")
        && let Ok(value) = MessageSystemAttributeValue::builder().data_type("String").string_value(trace).build()
    {
        entry = entry.message_system_attributes(MessageSystemAttributeNameForSends::AwsTraceHeader, value);
    }
    entry.build().ok()
}

async fn publish(client: &Client, arn: &str, ready: Vec<Ready<'_>>, outcomes: &mut [Option<Outcome>]) {
    for Ready { at, outgoing, body, attributes } in ready {
        let attributes = wire::to_sns(attributes);
        let attributes = (!attributes.is_empty()).then_some(attributes);
        let mut request = client.sns_once.publish().topic_arn(arn).message(body).set_message_attributes(attributes);
        if wire::is_fifo(arn) {
            let group = wire::group(&outgoing.message, &outgoing.requeue_id);
            request = request.message_group_id(group).message_deduplication_id(&outgoing.requeue_id);
        }
        let outcome = match request.send().await {
            Ok(answer) => {
                Outcome::Confirmed(format!("published as {}", answer.message_id().unwrap_or("a message without an id")))
            }
            Err(error) => failed(client, "sns:Publish", arn, &error.into()),
        };
        set(outcomes, at, outcome);
    }
}

fn failed(client: &Client, action: &str, name: &str, failure: &Failure) -> Outcome {
    let error = client.explain(action, name, failure);
    if failure.is_refusal { Outcome::Refused(error) } else { Outcome::Unknown(error) }
}

fn refused(client: &Client, why: &str) -> Error {
    let next_step = "Edit the message, or choose another target";
    Error::new("The message cannot be sent to SQS", place(&client.settings.url), next_step).because(why)
}
