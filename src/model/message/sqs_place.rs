//! Where a message lies in SQS, and what SQS itself says of it.
//!
//! Source: the API reference of SQS, `ReceiveMessage` (2012-11-05).

/// A message of a queue. Its own attributes are the message's headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SqsPlace {
    /// The queue's name, without region and account.
    pub queue: String,
    /// Given by SQS; stays the same however often the message is received.
    pub message_id: String,
    /// By SQS's own names (`SentTimestamp`, `MessageGroupId`, …), sorted.
    pub attributes: Vec<(String, String)>,
    /// Data types of headers whose values do not tell them, such as `Number` or `String.json`.
    pub types: Vec<(String, String)>,
    /// Queues whose redrive policy sends dead letters here.
    pub dead_letter_of: Vec<String>,
}

/// What changes each time a message is received.
const COUNTED: &str = "Approximate";

impl SqsPlace {
    #[must_use]
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Takes off what a look at the message, or at its queue, changes.
    pub fn forget_looks(&mut self) {
        self.attributes.retain(|(name, _)| !name.starts_with(COUNTED));
        self.dead_letter_of.clear();
    }
}
