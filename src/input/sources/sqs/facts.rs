//! What is known of a queue before anything is received from it, and whether looking is harmless.
//!
//! Each receive hides a message for a time and is counted. A queue with a redrive policy moves what was received too
//! often to its dead-letter queue, whoever received it. A dead-letter queue mostly has none, so looking there costs
//! nobody anything but the time for which the messages are hidden.

use std::collections::HashMap;

use aws_sdk_sqs::types::QueueAttributeName as Name;
use serde::Deserialize;

use super::client::{Answer, Client, Failure};
use crate::base::text::{count, duration_ns, plural};
use crate::input::sources::broker::place;
use crate::model::error::{Error, Result};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Facts {
    /// In each request.
    pub url: String,
    pub arn: String,
    pub fifo: bool,
    /// Messages that a receive may give; all counts are approximate.
    pub visible: u64,
    /// Held by consumers.
    pub in_flight: u64,
    pub delayed: u64,
    pub retention_s: u64,
    pub redrive: Redrive,
    /// Names of the queues whose dead letters lie there.
    pub sources: Vec<String>,
}

/// Where a queue sends what was received too often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Redrive {
    #[default]
    None,
    To {
        /// The dead-letter queue's ARN.
        arn: String,
        most: u64,
    },
    /// It may have a policy: its attributes may not be seen.
    Unknown,
}

#[derive(Deserialize)]
struct Policy {
    #[serde(rename = "deadLetterTargetArn")]
    arn: String,
    #[serde(rename = "maxReceiveCount")]
    most: serde_json::Value,
}

/// The last part of an ARN or URL.
pub(super) fn last_part(text: &str) -> &str {
    text.rsplit([':', '/']).next().unwrap_or(text)
}

impl Facts {
    /// # Errors
    /// When there is no such queue, or nothing at all may be known of it.
    pub(super) async fn of(client: &Client, name: &str) -> Answer<Self> {
        let url = client.queue_url(name).await?;
        let mut facts = match attributes(&client.sqs, &url).await {
            Ok(facts) => facts,
            Err(failure) if failure.is_denied() => Self {
                url: url.clone(),
                fifo: super::wire::is_fifo(name),
                redrive: Redrive::Unknown,
                ..Self::default()
            },
            Err(failure) => return Err(failure),
        };
        facts.sources = sources(client, &url).await.unwrap_or_default();
        Ok(facts)
    }

    pub(super) fn read(url: &str, attributes: &HashMap<Name, String>) -> Self {
        let number = |name: Name| attributes.get(&name).and_then(|text| text.parse().ok()).unwrap_or(0);
        let redrive = match attributes.get(&Name::RedrivePolicy).filter(|text| !text.is_empty()) {
            None => Redrive::None,
            Some(text) => match serde_json::from_str::<Policy>(text) {
                Ok(Policy { arn, most }) => {
                    // Both are written: a number, and a number in a text.
                    let most = most.as_u64().or_else(|| most.as_str()?.parse().ok()).unwrap_or(1);
                    Redrive::To { arn, most }
                }
                Err(_) => Redrive::Unknown,
            },
        };
        Self {
            url: url.to_owned(),
            arn: attributes.get(&Name::QueueArn).cloned().unwrap_or_default(),
            fifo: attributes.get(&Name::FifoQueue).is_some_and(|text| text == "true"),
            visible: number(Name::ApproximateNumberOfMessages),
            in_flight: number(Name::ApproximateNumberOfMessagesNotVisible),
            delayed: number(Name::ApproximateNumberOfMessagesDelayed),
            retention_s: number(Name::MessageRetentionPeriod),
            redrive,
            sources: Vec::new(),
        }
    }

    /// What looking does to each message, in words.
    pub(super) fn what_looking_does(&self, client: &Client) -> String {
        let hidden = i64::from(client.settings.hold_s).saturating_mul(1_000_000_000);
        let groups = if self.fifo { ", and with it the rest of its group" } else { "" };
        format!(
            "looking counts as a receive of each message and hides it from consumers{groups} until it is given back, \
             at most {} after the program ends",
            duration_ns(hidden)
        )
    }

    /// Whether messages may be received to look at them.
    ///
    /// # Errors
    /// When looking could move messages on and nobody said that it may.
    pub(super) fn may_look(&self, client: &Client, name: &str) -> Result<()> {
        let why = match &self.redrive {
            _ if client.settings.disturb => return Ok(()),
            Redrive::None => return Ok(()),
            Redrive::To { arn, most } => {
                let receives = plural(*most, "receive", "receives");
                format!("after {receives}, looks among them, a message is moved to {}", last_part(arn))
            }
            Redrive::Unknown => {
                "whether it has a redrive policy cannot be told without sqs:GetQueueAttributes".to_owned()
            }
        };
        let url = &client.settings.url;
        let joint = if url.query.is_empty() { "?" } else { "&" };
        let summary = format!("Looking into {name} counts as a receive of each message");
        let next_step = format!("To look all the same add {joint}disturb=yes to the address");
        Err(Error::new(summary, place(url), next_step).because(why))
    }

    /// `FIFO queue, each for 4 days, 2 in flight, dead letters to orders-dlq after 3 receives`
    pub(super) fn words(&self) -> String {
        let mut words = vec![if self.fifo { "FIFO queue" } else { "queue" }.to_owned()];
        if self.retention_s > 0 {
            let ns = i64::try_from(self.retention_s).unwrap_or(i64::MAX).saturating_mul(1_000_000_000);
            words.push(format!("each for {}", duration_ns(ns)));
        }
        for (number, what) in [(self.in_flight, "in flight"), (self.delayed, "delayed")] {
            if number > 0 {
                words.push(format!("{} {what}", count(number)));
            }
        }
        if let Redrive::To { arn, most } = &self.redrive {
            words.push(format!("dead letters to {} after {}", last_part(arn), plural(*most, "receive", "receives")));
        }
        if !self.sources.is_empty() {
            words.push(format!("dead letters of {}", self.sources.join(", ")));
        }
        words.join(", ")
    }
}

/// All attributes of a queue.
pub(super) async fn attributes(sqs: &aws_sdk_sqs::Client, url: &str) -> Answer<Facts> {
    let asked = sqs.get_queue_attributes().queue_url(url).attribute_names(Name::All).send().await?;
    Ok(Facts::read(url, &asked.attributes.unwrap_or_default()))
}

/// The queues whose redrive policy ends there.
pub(super) async fn sources(client: &Client, url: &str) -> Answer<Vec<String>> {
    let (mut names, mut next) = (Vec::new(), None);
    loop {
        let asked = client.sqs.list_dead_letter_source_queues().queue_url(url).set_next_token(next);
        let page = asked.max_results(1000).send().await.map_err(Failure::from)?;
        names.extend(page.queue_urls().iter().map(|url| last_part(url).to_owned()));
        next = page.next_token;
        if next.is_none() {
            names.sort_unstable();
            names.dedup();
            return Ok(names);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_in_words() {
        let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:1:orders-dlq","maxReceiveCount":"3"}"#;
        let attributes = HashMap::from([
            (Name::RedrivePolicy, policy.to_owned()),
            (Name::FifoQueue, "true".to_owned()),
            (Name::MessageRetentionPeriod, "345600".to_owned()),
            (Name::ApproximateNumberOfMessages, "7".to_owned()),
            (Name::ApproximateNumberOfMessagesNotVisible, "2".to_owned()),
        ]);
        let facts = Facts { sources: vec!["other".to_owned()], ..Facts::read("u", &attributes) };
        assert_eq!((facts.visible, facts.in_flight), (7, 2));
        assert_eq!(
            facts.words(),
            "FIFO queue, each for 4 d, 2 in flight, dead letters to orders-dlq after 3 receives, dead letters of other"
        );
        let broken = HashMap::from([(Name::RedrivePolicy, "{}".to_owned())]);
        assert_eq!(Facts::read("u", &broken).redrive, Redrive::Unknown);
    }
}
