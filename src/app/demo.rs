//! A Kafka of our own to try things on: librdkafka's mock cluster inside this process, a shop that writes orders
//! into it, a billing consumer that cannot bill some of them, and their dead letters as Spring Kafka writes them.
//! An order that is put back with a billing address is billed; without one it fails again. Gone with the program.

use std::thread;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer as _};
use rdkafka::message::{BorrowedHeaders, BorrowedMessage, Header, Message as _, OwnedHeaders};
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, BaseRecord, DefaultProducerContext, Producer as _};
use rdkafka::{ClientConfig, Offset, TopicPartitionList};
use serde_json::{Value, json};

use crate::base::cancel::Cancel;
use crate::base::clock::now_ns;
use crate::model::error::{Error, Place, Result};
use crate::model::time::{TimeNs, parse_text};

const PARTITIONS: i32 = 3;
const ORDERS: &str = "orders";
const PAYMENTS: &str = "payments";
const LETTERS: &str = "orders-dlt";

/// Orders of the last hour, written at once; then one each [`PACE`].
const BEFORE: u64 = 60;
const PACE: Duration = Duration::from_millis(1_500);
/// Every so many orders one has no billing address.
const FAILS_EVERY: u64 = 6;

/// What the window says first.
pub const GREETING: &str = "A demo: this Kafka lives inside eventglass and is gone when the window closes. \
    Its dead letters can be put back: give an order a billing address.";

/// Lives as long as the window.
pub struct Demo {
    cluster: MockCluster<'static, DefaultProducerContext>,
    stop: Cancel,
}

impl Demo {
    /// # Errors
    /// When the cluster or its threads cannot be started.
    pub fn start() -> Result<Self> {
        let failed = |cause: &dyn std::fmt::Display| {
            Error::new("The demo could not be started", Place::Nowhere, "Open a sample log instead").because(cause)
        };
        let cluster = MockCluster::new(1).map_err(|e| failed(&e))?;
        for topic in [ORDERS, PAYMENTS, LETTERS] {
            cluster.create_topic(topic, PARTITIONS, 1).map_err(|e| failed(&e))?;
        }
        let (servers, stop) = (cluster.bootstrap_servers(), Cancel::new());
        let (shop, until): (BaseProducer, _) = (config(&servers).create().map_err(|e| failed(&e))?, stop.clone());
        thread::Builder::new()
            .name("demo shop".to_owned())
            .spawn(move || sell(&shop, &until))
            .map_err(|e| failed(&e))?;
        let consumer: BaseConsumer = config(&servers).create().map_err(|e| failed(&e))?;
        let (producer, until): (BaseProducer, _) = (config(&servers).create().map_err(|e| failed(&e))?, stop.clone());
        let bill = move || bill(&consumer, &producer, &until);
        thread::Builder::new().name("demo billing".to_owned()).spawn(bill).map_err(|e| failed(&e))?;
        Ok(Self { cluster, stop })
    }

    /// What to open: all of its topics, followed.
    #[must_use]
    pub fn address(&self) -> String {
        format!("kafka://{}/{ORDERS},{PAYMENTS},{LETTERS}", self.cluster.bootstrap_servers())
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn config(servers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", servers).set("partitioner", "murmur2_random").set("group.id", "billing");
    config.set("enable.auto.commit", "false").set("linger.ms", "5");
    config
}

fn sell(producer: &BaseProducer, stop: &Cancel) {
    let now = now_ms();
    let mut n = 0;
    while !stop.is_cancelled() {
        n += 1;
        let at = if n <= BEFORE { now - (BEFORE - n) * 60_000 } else { now_ms() };
        let order = format!("order-{}", 1_000 + n);
        let mut data = json!({
            "orderId": order,
            "customerId": format!("cust-{}", 780 + n * 7 % 9),
            "total": 10 + n * 37 % 90,
            "billingAddress": format!("{} Main Street", n),
        });
        if n.is_multiple_of(FAILS_EVERY)
            && let Some(data) = data.as_object_mut()
        {
            data.remove("billingAddress");
        }
        // Two events an order: a key that comes once would not look like an entity's.
        let cart = json!({
            "eventId": format!("evt-{n}-cart"),
            "eventType": "CartCheckedOut",
            "timestamp": time(at - 20_000),
            "service": "shop",
            "correlationId": format!("req-{n}"),
            "data": { "orderId": order, "items": 1 + n % 4 },
        });
        let _lost_when_the_demo_ends = send(producer, ORDERS, &order, &cart.to_string(), OwnedHeaders::new());
        let event = json!({
            "eventId": format!("evt-{n}-placed"),
            "eventType": "OrderPlaced",
            "timestamp": time(at),
            "service": "shop",
            "correlationId": format!("req-{n}"),
            "causationId": format!("evt-{n}-cart"),
            "data": data,
        });
        let _lost_when_the_demo_ends = send(producer, ORDERS, &order, &event.to_string(), OwnedHeaders::new());
        if n >= BEFORE {
            thread::sleep(PACE);
        }
    }
}

/// Reads orders from the start and never commits, as a newcomer's consumer.
fn bill(consumer: &BaseConsumer, producer: &BaseProducer, stop: &Cancel) {
    let mut all = TopicPartitionList::new();
    for partition in 0..PARTITIONS {
        if all.add_partition_offset(ORDERS, partition, Offset::Beginning).is_err() {
            return;
        }
    }
    if consumer.assign(&all).is_err() {
        return;
    }
    while !stop.is_cancelled() {
        let Some(Ok(message)) = consumer.poll(Duration::from_millis(100)) else { continue };
        let order: Value = serde_json::from_slice(message.payload().unwrap_or_default()).unwrap_or(Value::Null);
        let text = |pointer: &str| order.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        if text("/eventType") != "OrderPlaced" {
            continue;
        }
        let key = String::from_utf8_lossy(message.key().unwrap_or_default()).into_owned();
        let sent = if text("/data/billingAddress").is_empty() {
            let failure = format!("customer {} has no billing address", text("/data/customerId"));
            let value = String::from_utf8_lossy(message.payload().unwrap_or_default()).into_owned();
            send(producer, LETTERS, &key, &value, letter_headers(&message, &failure))
        } else {
            let id = text("/eventId").replace("placed", "paid");
            let payment = json!({
                "eventId": id,
                "eventType": "PaymentReceived",
                "timestamp": a_moment_later(&text("/timestamp")),
                "service": "billing",
                "correlationId": text("/correlationId"),
                "causationId": text("/eventId"),
                "data": { "orderId": text("/data/orderId"), "amount": order.pointer("/data/total") },
            });
            send(producer, PAYMENTS, &key, &payment.to_string(), OwnedHeaders::new())
        };
        if sent.is_none() {
            return;
        }
    }
    let _ = producer.flush(Duration::from_secs(1));
}

/// As Spring Kafka's dead-letter publishing adds them: numbers in binary, the message's own headers first.
fn letter_headers(message: &BorrowedMessage<'_>, failure: &str) -> OwnedHeaders {
    const WRAPPER: &str = "org.springframework.kafka.listener.ListenerExecutionFailedException";
    const ROOT: &str = "java.lang.IllegalStateException";
    let mut headers = message.headers().map_or_else(OwnedHeaders::new, BorrowedHeaders::detach);
    let told = format!("Listener failed; {failure}");
    let stack = format!("{WRAPPER}: {told}\nCaused by: {ROOT}: {failure}\n\tat shop.Billing.bill(Billing.java:42)\n");
    let (partition, offset) = (message.partition().to_be_bytes(), message.offset().to_be_bytes());
    let timestamp = message.timestamp().to_millis().unwrap_or_default().to_be_bytes();
    for (key, value) in [
        ("kafka_dlt-original-topic", message.topic().as_bytes()),
        ("kafka_dlt-original-partition", &partition),
        ("kafka_dlt-original-offset", &offset),
        ("kafka_dlt-original-timestamp", &timestamp),
        ("kafka_dlt-original-timestamp-type", b"CreateTime"),
        ("kafka_dlt-original-consumer-group", b"billing"),
        ("kafka_dlt-exception-fqcn", WRAPPER.as_bytes()),
        ("kafka_dlt-exception-cause-fqcn", ROOT.as_bytes()),
        ("kafka_dlt-exception-message", told.as_bytes()),
        ("kafka_dlt-exception-stacktrace", stack.as_bytes()),
    ] {
        headers = headers.insert(Header { key, value: Some(value) });
    }
    headers
}

/// `None` where the cluster takes no more.
fn send(producer: &BaseProducer, topic: &str, key: &str, value: &str, headers: OwnedHeaders) -> Option<()> {
    let record = BaseRecord::to(topic).key(key).payload(value).headers(headers);
    let sent = producer.send(record).ok();
    producer.poll(Duration::ZERO);
    sent
}

fn a_moment_later(time: &str) -> String {
    const MOMENT_NS: i64 = 412_000_000;
    parse_text(time.as_bytes(), 0)
        .map_or_else(|| time.to_owned(), |at| TimeNs(at.0.saturating_add(MOMENT_NS)).to_rfc3339())
}

fn now_ms() -> u64 {
    u64::try_from(now_ns().unwrap_or_default() / 1_000_000).unwrap_or_default()
}

fn time(ms: u64) -> String {
    TimeNs(i64::try_from(ms).unwrap_or_default().saturating_mul(1_000_000)).to_rfc3339()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::dead_letters::{Config, find};
    use crate::input::ingest::{Log, Options};
    use crate::input::open::{OpenOptions, open};
    use crate::input::sources::address::expand;

    #[test]
    fn orders_are_billed_and_some_become_letters() {
        let demo = Demo::start().expect("a cluster in this process");
        let wanted = usize::try_from(BEFORE / FAILS_EVERY).expect("a few");
        for _ in 0..100 {
            thread::sleep(Duration::from_millis(200));
            let log = Log::with(Options { cache: None, ..Options::default() });
            let address = expand(&[demo.address()]).remove(0).expect("an address").address;
            log.add(open(&address, &OpenOptions::default()).expect("it opens")).expect("it is read");
            log.wait();
            let snapshot = log.snapshot();
            let found = find(&snapshot, &Config::default(), &Cancel::new(), &|_, _| {}).expect("nobody cancels");
            if found.entries.len() >= wanted && snapshot.types().len() >= 2 {
                return;
            }
        }
        panic!("no letters came");
    }
}
