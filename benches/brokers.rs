//! How fast a topic is read and indexed, beside a client that throws its messages away, what a frame costs while
//! messages arrive, and how fast dead letters are put back.
//!
//!   cargo bench --bench brokers -- [--events N] [--rounds N] [--letters N] [--only reading|live|kafka|rabbitmq]
//!
//! Starts a Kafka by `tests/servers/kafka.sh`, writes N messages of about 330 bytes (1,000,000) and reads them
//! in turn with eventglass (spool and index) and with `kcat -C -e` to nowhere, where that is installed. Then they
//! are read while a window that is never shown follows them, and once more while a producer writes 100,000 of them a
//! second into another topic: the goal is 8 ms a frame there. Then N letters (20,000; a quarter of them on RabbitMQ)
//! are planned and put back by the program itself, with its journal on disk: goals are 2,000 a second on Kafka and
//! 500 on RabbitMQ. All of it, the brokers too, shares the machine.

#[path = "common/letters.rs"]
mod letters;
#[expect(dead_code, reason = "other benches click, scroll and filter")]
#[path = "common/window.rs"]
mod window;

use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use eventglass::cli::generate;
use eventglass::input::ingest::{Log, Options};
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::Url;
use rdkafka::ClientConfig;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

const TOPIC: &str = "orders";

/// Written to while it is followed.
const FOLLOWED: &str = "followed";

/// Messages a second that are written to it: a little more than the goal's, since beginning and end count too.
const RATE: f64 = 105_000.0;

fn main() {
    let (mut events, mut rounds, mut letters, mut only) = (1_000_000, 3, 20_000, None);
    let mut given = std::env::args().skip(1);
    while let Some(word) = given.next() {
        let mut number = || given.next().and_then(|n| n.parse().ok());
        match word.as_str() {
            "--events" => events = number().unwrap_or(events),
            "--rounds" => rounds = number().unwrap_or(rounds),
            "--letters" => letters = number().unwrap_or(letters),
            "--only" => only = given.next(),
            _ => {}
        }
    }
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if wanted("reading") || wanted("live") || wanted("kafka") {
        let broker = start_kafka();
        if wanted("reading") || wanted("live") {
            let bytes = fill(&broker, events);
            println!("{events} messages, {} bytes each", bytes / events.max(1));
        }
        if wanted("reading") {
            reading(&broker, events, rounds);
        }
        if wanted("live") {
            (0..rounds).for_each(|_| live(&broker, events));
            (1..=rounds).for_each(|round| followed(&broker, round, events));
        }
        if wanted("kafka") {
            letters::kafka(&broker, letters);
        }
    }
    if wanted("rabbitmq") {
        letters::rabbitmq(letters / 4);
    }
}

/// Its address; it ends with this process.
fn start_kafka() -> String {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port").port();
    let port = 10_000 + port % 20_000;
    let dir = std::env::temp_dir().join(format!("eventglass-bench-{}", std::process::id()));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/kafka.sh");
    let started = Command::new(script)
        .args(["start", &dir.to_string_lossy(), &port.to_string()])
        .env("OWNER", std::process::id().to_string())
        .status();
    assert!(started.is_ok_and(|status| status.success()), "Kafka does not start");
    format!("127.0.0.1:{port}")
}

fn reading(broker: &str, events: u64, rounds: u64) {
    let has_kcat = kcat(broker).is_some();
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        ours.push(read(broker, events));
        theirs.extend(has_kcat.then(|| kcat(broker)).flatten());
    }
    let per_second = |best: Duration| events as f64 / best.as_secs_f64();
    let best = |walls: &[Duration]| walls.iter().min().copied();
    if let Some(ours) = best(&ours) {
        println!("eventglass, spool and index  {ours:>8.1?}  {:>9.0} messages/s", per_second(ours));
    }
    match (best(&ours), best(&theirs)) {
        (Some(ours), Some(theirs)) => {
            println!("kcat -C -e to nowhere        {theirs:>8.1?}  {:>9.0} messages/s", per_second(theirs));
            println!("ratio {:.2}", theirs.as_secs_f64() / ours.as_secs_f64());
        }
        _ => println!("kcat is not installed: nothing to compare with"),
    }
}

/// A window that is never shown follows the topic while it is read at full speed.
fn live(broker: &str, events: u64) {
    let start = Instant::now();
    let log = opened(broker, TOPIC);
    let read = frames("frames while they arrive", &log, events, start);
    println!("{:.0} messages/s arrived", events as f64 / read.as_secs_f64());
}

/// The same while they are being written, in time.
fn followed(broker: &str, round: u64, events: u64) {
    let (topic, text, producer) = (format!("{FOLLOWED}-{round}"), shop(events), producer(broker));
    let mut lines = text.lines();
    // A topic is there from its first message on.
    lines.by_ref().take(1).for_each(|line| send(&producer, &topic, line));
    producer.flush(Duration::from_mins(1)).expect("a message arrives");
    let log = opened(broker, &topic);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for (sent, line) in lines.enumerate() {
                if sent % 1000 == 0 {
                    let due = Duration::from_secs_f64(sent as f64 / RATE);
                    std::thread::sleep(due.saturating_sub(start.elapsed()));
                }
                send(&producer, &topic, line);
            }
            producer.flush(Duration::from_mins(1)).expect("all messages arrive");
            start.elapsed()
        });
        let read = frames("frames while they are written", &log, events, start);
        let (per_second, written) = (|wall: Duration| events as f64 / wall.as_secs_f64(), writer.join());
        let written = written.expect("the writer ends by itself");
        println!("{:.0} messages/s written, {:.0} arrived", per_second(written), per_second(read));
    });
}

/// Frames of a window that is never shown, until all are there: how long after `start` that is.
fn frames(name: &str, log: &Log, events: u64, start: Instant) -> Duration {
    let mut window = window::Window::new(log.snapshot(), window::fresh_layout);
    let mut read = None;
    window.follow(name, || {
        let snapshot = log.snapshot();
        if snapshot.len() < events {
            return Some(snapshot);
        }
        read = Some(start.elapsed());
        None
    });
    read.unwrap_or_default()
}

/// Events of the generated shop, a line each, of about the size that the goal names.
fn shop(events: u64) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("shop.ndjson");
    generate::generate(events, 42, &file).expect("the folder has room");
    std::fs::read_to_string(&file).expect("it was written")
}

fn producer(broker: &str) -> BaseProducer {
    ClientConfig::new()
        .set("bootstrap.servers", broker)
        .set("linger.ms", "50")
        .set("batch.size", "262144")
        .set("queue.buffering.max.messages", "500000")
        .create()
        .expect("a producer")
}

/// Waits while as many as fit are on their way.
fn send(producer: &BaseProducer, topic: &str, line: &str) {
    let mut record = BaseRecord::<(), str>::to(topic).payload(line);
    while let Err((error, back)) = producer.send(record) {
        assert!(
            matches!(error, KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull)),
            "a message is not taken: {error}"
        );
        record = back;
        producer.poll(Duration::from_millis(20));
    }
}

/// Writes them to [`TOPIC`]; how many bytes they have.
fn fill(broker: &str, events: u64) -> u64 {
    let (text, producer) = (shop(events), producer(broker));
    text.lines().for_each(|line| send(&producer, TOPIC, line));
    producer.flush(Duration::from_mins(1)).expect("all messages arrive");
    text.len() as u64 - events
}

fn read(broker: &str, events: u64) -> Duration {
    let start = Instant::now();
    let log = opened(broker, TOPIC);
    log.wait();
    let wall = start.elapsed();
    assert_eq!(log.snapshot().len(), events, "all messages are indexed");
    wall
}

fn opened(broker: &str, topic: &str) -> Log {
    let url = Url::parse(&format!("kafka://{broker}/{topic}")).expect("an address");
    let options = OpenOptions { follow: topic != TOPIC, ..OpenOptions::default() };
    let source = open(&Address::Broker(Box::new(url)), &options).expect("a topic");
    let log = Log::with(Options { threads: Some(2), ..Options::default() });
    log.add(source).expect("one source");
    log
}

fn kcat(broker: &str) -> Option<Duration> {
    let start = Instant::now();
    let arguments = ["-C", "-e", "-q", "-o", "beginning", "-b", broker, "-t", TOPIC];
    let ran = Command::new("kcat").args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    ran.ok().filter(std::process::ExitStatus::success).map(|_| start.elapsed())
}
