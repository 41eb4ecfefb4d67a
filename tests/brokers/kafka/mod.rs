//! Kafka by `tests/servers/kafka.sh`, with what tests write into it.

mod connecting;
mod large;
mod reading;
mod together;
mod windows;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use eventglass::input::open::{OpenOptions, Opened};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::Url;
use eventglass::input::sources::follow::Change;
use eventglass::model::ids::ByteOffset;
use eventglass::model::message::Message;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer as _};

/// A running server.
pub struct Server {
    pub port: u16,
    pub dir: PathBuf,
}

/// One broker for all tests of this process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(1))
}

/// Its listeners: without login, with one, with TLS, between themselves, with TLS on both sides, behind a proxy, and
/// the proxy.
const LISTENERS: [u16; 7] = [0, 10, 20, 30, 40, 50, 60];

impl Server {
    /// A cluster of its own, gone with this process.
    pub fn start(brokers: u16) -> Self {
        let port = free_ports(brokers);
        let dir = std::env::temp_dir().join(format!("eventglass-kafka-{}-{port}", std::process::id()));
        let server = Self { port, dir };
        server.script(&["start", &server.dir.to_string_lossy(), &port.to_string(), &brokers.to_string()]);
        server
    }

    pub fn script(&self, args: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/kafka.sh");
        let ran = Command::new(script)
            .args(args)
            .env("OWNER", std::process::id().to_string())
            .output()
            .expect("the script can be run");
        assert!(ran.status.success(), "kafka.sh {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Runs one of Kafka's own tools against it.
    fn tool(&self, class: &str, args: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/kafka.sh");
        let classpath = Command::new(script).arg("classpath").output().expect("the script can be run").stdout;
        let ran = Command::new("java")
            .args(["-cp", String::from_utf8_lossy(&classpath).trim(), class, "--bootstrap-server"])
            .arg(format!("127.0.0.1:{}", self.port))
            .args(args)
            .output()
            .expect("java can be run");
        assert!(ran.status.success(), "{class} {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// From now on clients of this name get so many bytes a second.
    pub fn slow_down(&self, client: &str, bytes: u32) {
        let quota = format!("consumer_byte_rate={bytes}");
        let args = ["--alter", "--add-config", &quota, "--entity-type", "clients", "--entity-name", client];
        self.tool("kafka.admin.ConfigCommand", &args);
    }

    /// `kafka://127.0.0.1:PORT/` and what follows.
    pub fn url(&self, rest: &str) -> String {
        format!("kafka://127.0.0.1:{}/{rest}", self.port)
    }

    pub fn client(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", format!("127.0.0.1:{}", self.port));
        config
    }

    pub fn admin(&self) -> AdminClient<DefaultClientContext> {
        self.client().create().expect("an admin")
    }

    /// Makes a topic. `settings` are Kafka's.
    pub fn topic(&self, name: &str, partitions: i32, settings: &[(&str, &str)]) {
        let mut topic = NewTopic::new(name, partitions, TopicReplication::Fixed(-1));
        for (name, value) in settings {
            topic = topic.set(name, value);
        }
        let made = wait_for(self.admin().create_topics([&topic], &AdminOptions::new())).expect("it answers");
        for one in made {
            one.unwrap_or_else(|e| panic!("{e:?}"));
        }
    }

    pub fn producer(&self, settings: &[(&str, &str)]) -> BaseProducer {
        let mut config = self.client();
        for (name, value) in settings {
            config.set(*name, *value);
        }
        config.create().expect("a producer")
    }

    /// Writes messages and waits until all are there.
    pub fn write(&self, topic: &str, messages: &[Sent<'_>]) {
        let producer = self.producer(&[]);
        for message in messages {
            producer.send(message.record(topic)).map_err(|(e, _)| e).expect("it is taken");
        }
        producer.flush(Duration::from_secs(20)).expect("they arrive");
    }
}

/// A message as a test writes it.
#[derive(Clone, Default)]
pub struct Sent<'m> {
    pub partition: i32,
    pub key: Option<&'m [u8]>,
    pub value: Option<&'m [u8]>,
    pub headers: &'m [(&'m str, Option<&'m [u8]>)],
    pub ms: Option<i64>,
}

impl<'m> Sent<'m> {
    pub fn json(partition: i32, key: &'m str, value: &'m str) -> Self {
        Self { partition, key: Some(key.as_bytes()), value: Some(value.as_bytes()), ..Self::default() }
    }

    pub fn record(&self, topic: &'m str) -> BaseRecord<'m, [u8], [u8]> {
        let mut record = BaseRecord::to(topic).partition(self.partition);
        record.key = self.key;
        record.payload = self.value;
        record.timestamp = self.ms;
        if !self.headers.is_empty() {
            let add = |headers: OwnedHeaders, (key, value): &(&str, Option<&[u8]>)| {
                headers.insert(Header { key, value: *value })
            };
            record.headers = Some(self.headers.iter().fold(OwnedHeaders::new(), add));
        }
        record
    }
}

pub fn address(url: &str) -> Address {
    Address::Broker(Box::new(Url::parse(url).expect("an address")))
}

/// Opens an address as the program does.
pub fn open_with(url: &str, options: &OpenOptions) -> Opened {
    eventglass::input::open::open(&address(url), options).unwrap_or_else(|e| panic!("{url}: {e:?}"))
}

/// All messages of an address, to the end of its window.
pub fn records(url: &str) -> Vec<Message> {
    let read = |line: &Vec<u8>| Message::read(line).unwrap_or_else(|e| panic!("{e}: {}", line.escape_ascii()));
    lines(url).iter().map(read).collect()
}

/// Their records.
pub fn lines(url: &str) -> Vec<Vec<u8>> {
    let opened = open_with(url, &OpenOptions::default());
    let growth = opened.growth.as_ref().expect("a spool");
    let started = Instant::now();
    let mut len = 0;
    loop {
        match growth.poll() {
            Change::Grew(now) => len = now,
            Change::Ended => break,
            _ => std::thread::sleep(Duration::from_millis(5)),
        }
        assert!(started.elapsed() < Duration::from_mins(1), "{url} does not end");
    }
    let mut bytes = vec![0; usize::try_from(len).expect("it fits into memory")];
    opened.info.bytes.read_at(&mut bytes, ByteOffset(0)).expect("it can be read");
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    lines.map(<[u8]>::to_vec).collect()
}

/// Runs one of the admin's futures.
pub fn wait_for<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

fn free_ports(brokers: u16) -> u16 {
    loop {
        let probe = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = probe.local_addr().expect("it has an address").port();
        drop(probe);
        // Far from what the system gives to clients of its own.
        let base = 10_000 + port % 20_000;
        let all = LISTENERS.iter().flat_map(|listener| (0..brokers).map(move |broker| base + listener + broker));
        let held: Vec<_> = all.map(|port| TcpListener::bind(("127.0.0.1", port))).collect();
        if held.iter().all(Result::is_ok) {
            return base;
        }
    }
}
