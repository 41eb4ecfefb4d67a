//! Dead letters made, planned and put back by the program itself.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use rdkafka::ClientConfig;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

/// Some 330 bytes.
fn body(n: u64) -> String {
    format!(
        "{{\"eventType\":\"OrderPlaced\",\"eventId\":\"evt-{n}\",\"orderId\":\"order-{n}\",\"pad\":\"{}\"}}",
        "x".repeat(250)
    )
}

/// With a ledger, where each batch is a transaction, and without.
pub fn kafka(broker: &str, letters: u64) {
    let producer: BaseProducer = ClientConfig::new()
        .set("bootstrap.servers", broker)
        .set("queue.buffering.max.messages", "1000000")
        .create()
        .expect("a producer");
    for n in 0..letters {
        let origin = Header { key: "kafka_dlt-original-topic", value: Some("letters") };
        let (key, value) = (format!("order-{n}"), body(n));
        let record = BaseRecord::to("letters-dlt").key(&key).payload(&value);
        producer.send(record.headers(OwnedHeaders::new().insert(origin))).map_err(|(e, _)| e).expect("it is taken");
    }
    // No requeue makes a topic: its targets have to be there.
    for target in ["letters-requeued", "letters-none"] {
        let first = BaseRecord::<(), str>::to(target).payload("{}");
        producer.send(first).map_err(|(e, _)| e).expect("it is taken");
    }
    producer.flush(Duration::from_mins(1)).expect("all letters arrive");
    for (how, ledger) in [("Kafka, by transactions with a ledger", "requeued"), ("Kafka, without a ledger", "none")] {
        let letters_at = format!("kafka://{broker}/letters-dlt?ledger={ledger}");
        put_back(how, letters, &letters_at, &["--to", &format!("kafka://{broker}/letters-{ledger}?ledger={ledger}")]);
    }
}

pub fn rabbitmq(letters: u64) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port").port();
    let port = 10_000 + port % 20_000;
    let dir = std::env::temp_dir().join(format!("eventglass-bench-rabbitmq-{}", std::process::id()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/rabbitmq.sh");
    let management = port + 3;
    let started = Command::new(script)
        .args(["start", &dir.to_string_lossy(), &port.to_string(), &management.to_string()])
        .env("OWNER", std::process::id().to_string())
        .status();
    assert!(started.is_ok_and(|status| status.success()), "RabbitMQ does not start");
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a thread");
    for kind in ["classic", "quorum"] {
        let (queue, target) = (format!("{kind}.dlq"), format!("{kind}-target"));
        runtime.block_on(async {
            let uri = format!("amqp://guest:guest@127.0.0.1:{port}/%2f");
            let connection = Connection::connect(&uri, ConnectionProperties::default()).await.expect("a connection");
            let channel = connection.create_channel().await.expect("a channel");
            channel.confirm_select(ConfirmSelectOptions::default()).await.expect("confirms");
            for name in [&queue, &target] {
                let mut arguments = FieldTable::default();
                arguments.insert("x-queue-type".into(), lapin::types::AMQPValue::LongString(kind.into()));
                let options = QueueDeclareOptions::durable();
                channel.queue_declare(name.as_str().into(), options, arguments).await.expect("a queue");
            }
            let properties = BasicProperties::default().with_delivery_mode(2);
            for n in 0..letters {
                let (options, payload) = (BasicPublishOptions::default(), body(n));
                let sent = channel.basic_publish(
                    "".into(),
                    queue.as_str().into(),
                    options,
                    payload.as_bytes(),
                    properties.clone(),
                );
                let confirmed = sent.await.expect("it is sent");
                if n + 1 == letters {
                    confirmed.await.expect("all are there");
                }
            }
        });
        let letters_at = format!(
            "amqp://guest:guest@127.0.0.1:{port}/%2F/{queue}?management=http://127.0.0.1:{management}&disturb=yes&limit={letters}"
        );
        put_back(&format!("RabbitMQ, {kind} queue"), letters, &letters_at, &["--to", &target]);
    }
}

/// Plans what lies there, then times the run.
fn put_back(how: &str, letters: u64, from: &str, to: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = |name: &str| -> PathBuf { folder.path().join(name) };
    let program = |args: &[&str]| {
        let ran = Command::new(env!("CARGO_BIN_EXE_eventglass"))
            .args(["requeue", "--journal", &path("journal.sqlite").to_string_lossy()])
            .args(args)
            .env("EVENTGLASS_PASSWORD", "guest")
            .output()
            .expect("the program starts");
        assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    };
    let plan = path("plan.json").display().to_string();
    let start = Instant::now();
    program(&[&[from, "--all", "--again", "--plan", &plan], to].concat());
    let planned = start.elapsed();
    let start = Instant::now();
    program(&["--run", &plan, "--yes"]);
    let wall = start.elapsed();
    let status = program(&["--status", "--format", "json"]);
    let settled =
        serde_json::from_str::<serde_json::Value>(&status).expect("JSON")["plans"][0]["counts"]["settled"].as_u64();
    assert_eq!(settled, Some(letters), "{how}: all are put back");
    println!(
        "{how:<38} {letters} letters planned in {planned:.1?}, put back in {wall:.1?}: {:.0} a second",
        letters as f64 / wall.as_secs_f64()
    );
}
