//! The producer: every message's answer is waited for, and what an answer means is told apart: it is there,
//! it surely is not, nobody knows.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::client::OAuthToken;
use rdkafka::config::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode as Code};
use rdkafka::message::{Header, Message as _, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer as _, ProducerContext};

use super::super::config;
use super::super::token::Tokens;
use super::failed;
use super::ledger::Ledger;
use crate::base::clock::now_ns;
use crate::base::crash;
use crate::base::hash::hash64;
use crate::base::sync::lock;
use crate::input::sources::broker::{Url, place};
use crate::input::sources::outlet::{Outcome, Outgoing, Target};
use crate::model::error::{Error, Result};
use crate::model::message::{HeaderValue, Message};

/// Longest that librdkafka tries to bring one message home.
const MESSAGE_MS: u64 = 20_000;
/// Longest that a transaction's own calls may take.
const PATIENCE: Duration = Duration::from_secs(25);
/// The broker ends by itself what is open for longer.
const TRANSACTION_MS: u64 = 40_000;

/// What every transactional id begins with, for those who give rights by prefix.
const PREFIX: &str = "eventglass-requeue-";

pub(super) struct Writer {
    producer: BaseProducer<Answers>,
    /// The transactional id, of this connection alone: another window is not shut out by it.
    pub(super) transaction: Option<String>,
}

/// Answers of one pass by the message's place in its batch; ledger records follow after the messages. Beside them
/// where tokens for the login come from.
#[derive(Default)]
struct Answers {
    pass: Mutex<Pass>,
    tokens: Option<Tokens>,
    /// Whether one was asked for.
    told: AtomicBool,
}

#[derive(Default)]
struct Pass {
    /// What an earlier pass left behind is told late, and is not this one's.
    number: usize,
    answers: Vec<Option<Answer>>,
}

/// Bits of a message's number that are its place in its batch.
const PLACE_BITS: u32 = 24;

type Answer = std::result::Result<(i32, i64), Code>;

impl ClientContext for Answers {
    const ENABLE_REFRESH_OAUTH_TOKEN: bool = true;

    fn generate_oauth_token(&self, _: Option<&str>) -> std::result::Result<OAuthToken, Box<dyn std::error::Error>> {
        self.told.store(true, Ordering::Relaxed);
        Ok(self.tokens.as_ref().ok_or("no token is known")?.get()?)
    }

    fn error(&self, _error: KafkaError, _reason: &str) {}
}

impl ProducerContext for Answers {
    type DeliveryOpaque = usize;

    fn delivery(&self, result: &DeliveryResult<'_>, number: usize) {
        let answer = match result {
            Ok(message) => Ok((message.partition(), message.offset())),
            Err((error, _)) => Err(error.rdkafka_error_code().unwrap_or(Code::Fail)),
        };
        self.tell(number, answer);
    }
}

impl Answers {
    fn begin(&self, len: usize) {
        let mut pass = lock(&self.pass);
        let number = pass.number.wrapping_add(1);
        *pass = Pass { number, answers: vec![None; len] };
    }

    /// What a message carries, by which its answer is known.
    fn number(&self, at: usize) -> usize {
        (lock(&self.pass).number << PLACE_BITS) | at
    }

    fn tell(&self, number: usize, answer: Answer) {
        let mut pass = lock(&self.pass);
        if number >> PLACE_BITS == pass.number
            && let Some(slot) = pass.answers.get_mut(number & ((1 << PLACE_BITS) - 1))
        {
            *slot = Some(answer);
        }
    }

    fn all(&self) -> Vec<Option<Answer>> {
        lock(&self.pass).answers.clone()
    }
}

impl Writer {
    /// # Errors
    /// Settings that make no sense.
    pub(super) fn idempotent(url: &Url) -> Result<Self> {
        Ok(Self { producer: create(url, &settings(url)?)?, transaction: None })
    }

    /// None where the user may not use transactions.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub(super) fn transactional(url: &Url) -> Result<Option<Self>> {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let id = format!("{PREFIX}{:016x}", hash64(format!("{process} {number} {:?}", now_ns()).as_bytes()));
        match begin(url, &id)? {
            Ok(producer) => Ok(Some(Self { producer, transaction: Some(id) })),
            Err(cause) if is_forbidden(&cause) => Ok(None),
            Err(cause) => Err(failed(url, "No transaction can be begun", cause)),
        }
    }

    /// Shuts a producer out that may still be at work, and ends what it left open.
    ///
    /// # Errors
    /// When the cluster does not answer.
    pub(super) fn fence(url: &Url, transaction: &str) -> Result<()> {
        let done = begin(url, transaction)?.map(|_| ());
        done.map_err(|cause| failed(url, "What an earlier run left open cannot be ended", cause))
    }

    /// Sends those messages that have no outcome yet, and gives each one.
    pub(super) fn send(
        &mut self,
        url: &Url,
        batch: &[Outgoing],
        ledger: Option<&Ledger>,
        outcomes: &mut [Option<Outcome>],
    ) {
        let Some(ledger) = ledger.filter(|_| self.transaction.is_some()) else {
            if self.send_plain(url, batch, outcomes, How::Together) == Passed::TooLarge {
                self.send_plain(url, batch, outcomes, How::OneByOne);
            }
            return;
        };
        // What the broker refuses ends the transaction of all: the others go again without it.
        let mut how = How::Together;
        while outcomes.iter().any(Option::is_none) {
            let passed = match self.transact(url, batch, ledger, outcomes, how) {
                Transacted::Committed => Ok(Passed::All),
                Transacted::Unknown(error) => Err(error),
                Transacted::Refused(answers) => {
                    self.renew(url).and_then(|()| taken_back(url, batch, outcomes, &answers, how))
                }
            };
            match passed {
                Ok(Passed::All) => {}
                Ok(Passed::TooLarge) => how = How::OneByOne,
                Err(error) => {
                    for outcome in outcomes.iter_mut().filter(|outcome| outcome.is_none()) {
                        *outcome = Some(Outcome::Unknown(error.clone()));
                    }
                }
            }
        }
    }

    /// A new producer of the same transactional id: it shuts the old one out and ends what that left open.
    /// librdkafka's own abort waits for answers that nobody takes meanwhile, and may refuse what comes after.
    fn renew(&mut self, url: &Url) -> Result<()> {
        let Some(id) = &self.transaction else { return Ok(()) };
        self.producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
        let renewed = begin(url, id)?;
        self.producer = renewed.map_err(|cause| failed(url, "The transaction could not be taken back", cause))?;
        Ok(())
    }

    fn send_plain(&self, url: &Url, batch: &[Outgoing], outcomes: &mut [Option<Outcome>], how: How) -> Passed {
        self.producer.context().begin(batch.len());
        for (at, (outgoing, outcome)) in batch.iter().zip(outcomes.iter()).enumerate() {
            if outcome.is_none() {
                self.produce(record(outgoing, self.producer.context().number(at)));
                self.wait_for(at, how);
            }
        }
        crash::point("kafka.produced");
        let answers = self.answers(outcomes, PATIENCE, |_| false);
        let mut passed = Passed::All;
        for ((outgoing, outcome), answer) in batch.iter().zip(outcomes).zip(answers) {
            if how == How::Together && answer == Some(Err(Code::MessageSizeTooLarge)) {
                passed = Passed::TooLarge;
            } else if outcome.is_none() {
                *outcome = Some(told(url, outgoing, answer));
            }
        }
        passed
    }

    fn transact(
        &self,
        url: &Url,
        batch: &[Outgoing],
        ledger: &Ledger,
        outcomes: &mut [Option<Outcome>],
        how: How,
    ) -> Transacted {
        let unknown = |cause: &KafkaError| Transacted::Unknown(failed(url, "A transaction's end is not known", cause));
        if let Err(cause) = self.producer.begin_transaction() {
            return unknown(&cause);
        }
        crash::point("kafka.begun");
        self.producer.context().begin(batch.len() * 2);
        let wanted: Vec<bool> = outcomes.iter().map(Option::is_none).collect();
        for (at, outgoing) in batch.iter().enumerate().filter(|(at, _)| wanted.get(*at) == Some(&true)) {
            self.produce(record(outgoing, self.producer.context().number(at)));
            let (key, value) = ledger.record(outgoing);
            let mark = BaseRecord::with_opaque_to(&ledger.topic, self.producer.context().number(batch.len() + at))
                .key(key.as_slice())
                .payload(value.as_slice());
            self.produce(mark.headers(ledger.headers(outgoing)));
            self.wait_for(at, how);
        }
        crash::point("kafka.produced");
        // One failure ends the transaction.
        let answers = self.answers(outcomes, PATIENCE, |answer| matches!(answer, Some(Err(_))));
        let all_there = answers
            .iter()
            .enumerate()
            .all(|(at, answer)| wanted.get(at % batch.len().max(1)) != Some(&true) || matches!(answer, Some(Ok(_))));
        if !all_there {
            return Transacted::Refused(answers);
        }
        crash::point("kafka.commit.before");
        if let Err(cause) = self.producer.commit_transaction(PATIENCE) {
            return unknown(&cause);
        }
        crash::point("kafka.commit.after");
        for ((outgoing, outcome), answer) in batch.iter().zip(outcomes).zip(answers) {
            if outcome.is_none() {
                *outcome = Some(told(url, outgoing, answer));
            }
        }
        Transacted::Committed
    }

    fn produce(&self, mut record: BaseRecord<'_, [u8], [u8], usize>) {
        loop {
            match self.producer.send(record) {
                Ok(()) => return,
                // The queue empties while it is asked for answers.
                Err((KafkaError::MessageProduction(Code::QueueFull), back)) => {
                    record = back;
                    self.producer.poll(Duration::from_millis(20));
                }
                Err((error, back)) => {
                    let code = error.rdkafka_error_code().unwrap_or(Code::Fail);
                    self.producer.context().tell(back.delivery_opaque, Err(code));
                    return;
                }
            }
        }
    }

    /// Sent one by one, a message has its answer before the next one goes.
    fn wait_for(&self, at: usize, how: How) {
        let until = Instant::now() + Duration::from_millis(MESSAGE_MS);
        let answered = || self.producer.context().all().get(at).is_none_or(Option::is_some);
        while how == How::OneByOne && !answered() && Instant::now() < until {
            self.producer.poll(Duration::from_millis(5));
        }
    }

    /// Waits for the answers to messages that have no outcome yet, or for one that ends the waiting.
    fn answers(
        &self,
        outcomes: &[Option<Outcome>],
        patience: Duration,
        ends: impl Fn(&Option<Answer>) -> bool,
    ) -> Vec<Option<Answer>> {
        let until = Instant::now() + patience;
        let wanted = |at: usize| outcomes.get(at % outcomes.len().max(1)).is_none_or(Option::is_none);
        loop {
            self.producer.poll(Duration::from_millis(10));
            let answers = self.producer.context().all();
            let all = answers.iter().enumerate().all(|(at, answer)| answer.is_some() || !wanted(at));
            if all || answers.iter().any(&ends) || Instant::now() > until {
                return answers;
            }
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // Nothing that was given up may be tried again behind our back.
        self.producer.purge(rdkafka::producer::PurgeConfig::default().queue().inflight());
    }
}

/// What goes together in one request is refused together where it is too large, so it is sent once more to see
/// which message it was.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    Together,
    OneByOne,
}

#[derive(PartialEq, Eq)]
enum Passed {
    All,
    /// Some have no outcome: they were in a request that is too large.
    TooLarge,
}

/// How a transaction ended.
enum Transacted {
    Committed,
    /// Not committed, since not every answer was good.
    Refused(Vec<Option<Answer>>),
    Unknown(Error),
}

fn settings(url: &Url) -> Result<ClientConfig> {
    let mut config = config::client(url)?;
    for (name, value) in [
        ("enable.idempotence", "true"),
        ("acks", "all"),
        // As Java's producer: the default would send a key to another partition.
        ("partitioner", "murmur2_random"),
        ("allow.auto.create.topics", "false"),
        ("linger.ms", "2"),
    ] {
        config.set(name, value);
    }
    config.set("message.timeout.ms", MESSAGE_MS.to_string());
    Ok(config)
}

fn create(url: &Url, config: &ClientConfig) -> Result<BaseProducer<Answers>> {
    let context = Answers { tokens: config::tokens(url)?, ..Answers::default() };
    let producer: BaseProducer<Answers> =
        config.create_with_context(context).map_err(|cause| failed(url, "No producer can be made", cause))?;
    // A token is asked for by an event; what waits for an answer of the cluster hears none.
    let (context, until) = (Arc::clone(producer.client().context()), Instant::now() + PATIENCE);
    while context.tokens.is_some() && !context.told.load(Ordering::Relaxed) && Instant::now() < until {
        producer.poll(Duration::from_millis(50));
    }
    Ok(producer)
}

fn begin(url: &Url, transaction: &str) -> Result<std::result::Result<BaseProducer<Answers>, KafkaError>> {
    let mut config = settings(url)?;
    config.set("transactional.id", transaction).set("transaction.timeout.ms", TRANSACTION_MS.to_string());
    let producer = create(url, &config)?;
    Ok(producer.init_transactions(PATIENCE).map(|()| producer))
}

fn is_forbidden(cause: &KafkaError) -> bool {
    matches!(
        cause.rdkafka_error_code(),
        Some(Code::TransactionalIdAuthorizationFailed | Code::ClusterAuthorizationFailed | Code::UnsupportedFeature)
    )
}

/// What became of a transaction that was taken back: those that were refused have their outcome now.
fn taken_back(
    url: &Url,
    batch: &[Outgoing],
    outcomes: &mut [Option<Outcome>],
    answers: &[Option<Answer>],
    how: How,
) -> Result<Passed> {
    let failures = || answers.iter().flatten().filter_map(|answer| answer.err());
    if how == How::Together && failures().any(|code| code == Code::MessageSizeTooLarge) {
        return Ok(Passed::TooLarge);
    }
    let mut any = false;
    for ((outgoing, outcome), answer) in batch.iter().zip(outcomes).zip(answers) {
        if outcome.is_none()
            && let Some(Err(code)) = answer
            && is_refusal(*code)
        {
            *outcome = Some(told(url, outgoing, Some(Err(*code))));
            any = true;
        }
    }
    if any {
        return Ok(Passed::All);
    }
    let code = failures().next().unwrap_or(Code::OperationTimedOut);
    Err(failed(url, "The transaction was taken back", KafkaError::MessageProduction(code)))
}

/// The broker said no, and would again.
fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::MessageSizeTooLarge
            | Code::MessageBatchTooLarge
            | Code::InvalidMessage
            | Code::InvalidMessageSize
            | Code::InvalidRecord
            | Code::InvalidTimestamp
            | Code::PolicyViolation
            | Code::TopicAuthorizationFailed
            | Code::UnknownPartition
            | Code::UnknownTopic
            | Code::InvalidTopic
    )
}

fn told(url: &Url, outgoing: &Outgoing, answer: Option<Answer>) -> Outcome {
    let of = |what: &str, code: Code| {
        Error::new(format!("{} {what}", outgoing.target), place(url), "Mend the message or the topic's settings")
            .because(KafkaError::MessageProduction(code))
    };
    match answer {
        Some(Ok((partition, offset))) => {
            let Target::Topic { name, .. } = &outgoing.target else { return Outcome::Confirmed(String::new()) };
            Outcome::Confirmed(format!("{name}/{partition}@{offset}"))
        }
        Some(Err(code)) if is_refusal(code) => Outcome::Refused(of("does not take it", code)),
        Some(Err(code)) => Outcome::Unknown(of("gave no answer", code)),
        None => Outcome::Unknown(of("gave no answer", Code::OperationTimedOut)),
    }
}

fn record(outgoing: &Outgoing, at: usize) -> BaseRecord<'_, [u8], [u8], usize> {
    let (name, partition) = match &outgoing.target {
        Target::Topic { name, partition } => (name.as_str(), *partition),
        _ => ("", None),
    };
    let Message { timestamp, key, headers, value, .. } = &outgoing.message;
    let mut record = BaseRecord::with_opaque_to(name, at).headers(headers_of(headers));
    if let Some(partition) = partition {
        record = record.partition(partition);
    }
    if let Some(key) = key {
        record = record.key(key.as_slice());
    }
    if let Some(value) = value {
        record = record.payload(value.as_slice());
    }
    if let Some(timestamp) = timestamp {
        record = record.timestamp(timestamp.ms);
    }
    record
}

/// In their order, with duplicates and nulls.
pub(super) fn headers_of(headers: &[(String, HeaderValue)]) -> OwnedHeaders {
    headers.iter().fold(OwnedHeaders::new_with_capacity(headers.len()), |owned, (key, value)| {
        let text;
        let bytes = match value {
            HeaderValue::Null => None,
            HeaderValue::Bytes(bytes) | HeaderValue::ByteArray(bytes) => Some(bytes.as_slice()),
            typed => {
                text = typed.as_text().into_owned();
                Some(text.as_bytes())
            }
        };
        owned.insert(Header { key, value: bytes })
    })
}
