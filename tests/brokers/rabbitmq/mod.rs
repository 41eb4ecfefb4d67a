//! RabbitMQ by `tests/servers/rabbitmq.sh`, with what tests write into it.

mod connecting;
mod deep;
mod letters;
mod made;
mod reading;

use std::future::Future;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use eventglass::base::cancel::Cancel;
use eventglass::input::open::{OpenOptions, Opened};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::Url;
use eventglass::input::sources::follow::Change;
use eventglass::model::error::{Error, Result};
use eventglass::model::ids::ByteOffset;
use eventglass::model::message::{Message, Place};
use lapin::options::{
    BasicGetOptions, BasicPublishOptions, BasicRejectOptions, ConfirmSelectOptions, ExchangeDeclareOptions,
    QueueBindOptions, QueueDeclareOptions,
};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, ExchangeKind};
use serde_json::Value;

/// A running server.
pub struct Server {
    pub port: u16,
    pub management: u16,
    pub tls: u16,
    pub dir: PathBuf,
}

/// One server for all tests of this process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(Server::start)
}

impl Server {
    /// One of its own, gone with this process.
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    /// One that the script starts with these variables.
    pub fn start_with(variables: &[(&str, &str)]) -> Self {
        let port = free_ports();
        let dir = std::env::temp_dir().join(format!("eventglass-rabbitmq-{}-{port}", std::process::id()));
        let server = Self { port, management: port + 3, tls: port + 4, dir };
        let [port, management, tls] = [server.port, server.management, server.tls].map(|port| port.to_string());
        server.script_with(&["start", &server.dir.to_string_lossy(), &port, &management, &tls], variables);
        server
    }

    pub fn script(&self, args: &[&str]) {
        self.script_with(args, &[]);
    }

    fn script_with(&self, args: &[&str], variables: &[(&str, &str)]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/rabbitmq.sh");
        let ran = Command::new(script)
            .args(args)
            .env("OWNER", std::process::id().to_string())
            .envs(variables.iter().copied())
            .output()
            .expect("the script can be run");
        assert!(ran.status.success(), "rabbitmq.sh {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Of a queue in the usual virtual host: `orders?limit=5`.
    pub fn url(&self, queue: &str) -> String {
        let joint = if queue.contains('?') { '&' } else { '?' };
        format!("amqp://127.0.0.1:{}/%2F/{queue}{joint}management={}", self.port, self.management)
    }

    /// A request to the management API; what it answers where it answers something.
    pub fn manage(&self, method: &str, path: &str, body: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/api/{path}", self.management);
        let request = match method {
            "PUT" => ureq::put(&url),
            _ => ureq::post(&url),
        };
        // guest:guest
        let sent = request.header("Authorization", "Basic Z3Vlc3Q6Z3Vlc3Q=").send_json(body);
        let mut answer = sent.unwrap_or_else(|e| panic!("{method} {path}: {e}"));
        answer.body_mut().read_json().unwrap_or(Value::Null)
    }
}

/// Ports for AMQP, Erlang (two), management and TLS.
fn free_ports() -> u16 {
    for base in (21_000..29_000).step_by(10) {
        let base = base + (std::process::id() % 97) as u16 * 10;
        let free = (0..5).all(|next| TcpListener::bind(("127.0.0.1", base + next)).is_ok());
        if free {
            return base;
        }
    }
    panic!("no ports are free");
}

/// A connection that writes what tests read.
pub struct Client {
    runtime: tokio::runtime::Runtime,
    _connection: Connection,
    pub channel: Channel,
}

impl Client {
    pub fn new(server: &Server) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.expect("threads can be started");
        let uri = format!("amqp://guest:guest@127.0.0.1:{}/%2f", server.port);
        let (connection, channel) = runtime.block_on(async {
            let connection = Connection::connect(&uri, ConnectionProperties::default()).await.expect("it answers");
            let channel = connection.create_channel().await.expect("a channel");
            channel.confirm_select(ConfirmSelectOptions::default()).await.expect("it confirms");
            (connection, channel)
        });
        Self { runtime, _connection: connection, channel }
    }

    pub fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// Makes a durable queue.
    pub fn queue(&self, name: &str, arguments: &[(&str, AMQPValue)]) {
        let declared = self.channel.queue_declare(name.into(), QueueDeclareOptions::durable(), table(arguments));
        self.run(declared).expect("a queue");
    }

    pub fn exchange(&self, name: &str, kind: ExchangeKind) {
        let options = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
        self.run(self.channel.exchange_declare(name.into(), kind, options, FieldTable::default()))
            .expect("an exchange");
    }

    pub fn bind(&self, queue: &str, exchange: &str, key: &str) {
        let bound = self.channel.queue_bind(
            queue.into(),
            exchange.into(),
            key.into(),
            QueueBindOptions::default(),
            FieldTable::default(),
        );
        self.run(bound).expect("a binding");
    }

    /// Through the default exchange to a queue, confirmed.
    pub fn send(&self, queue: &str, body: &[u8], properties: BasicProperties) {
        self.publish("", queue, body, properties);
    }

    pub fn publish(&self, exchange: &str, key: &str, body: &[u8], properties: BasicProperties) {
        let options = BasicPublishOptions::default();
        self.run(async {
            let sent = self.channel.basic_publish(exchange.into(), key.into(), options, body, properties).await;
            sent.expect("it is sent").await.expect("it is confirmed");
        });
    }

    /// `{"n":1}`, `{"n":2}` and so on.
    pub fn numbered(&self, queue: &str, numbers: std::ops::Range<u64>) {
        for n in numbers {
            self.send(queue, format!("{{\"n\":{n}}}").as_bytes(), BasicProperties::default());
        }
    }

    /// As [`Self::numbered`] from 0, without waiting for each.
    pub fn many(&self, queue: &str, messages: u64) {
        self.run(async {
            for n in 0..messages {
                let body = format!("{{\"n\":{n}}}");
                let options = BasicPublishOptions::default();
                let properties = BasicProperties::default();
                let sent = self.channel.basic_publish("".into(), queue.into(), options, body.as_bytes(), properties);
                sent.await.expect("it is sent");
            }
            self.channel.wait_for_confirms().await.expect("they are confirmed");
        });
    }

    /// Takes one message and acknowledges it: its body and whether it was redelivered.
    pub fn next(&self, queue: &str) -> Option<(Vec<u8>, bool)> {
        let options = BasicGetOptions { no_ack: true };
        let got = self.run(self.channel.basic_get(queue.into(), options)).expect("it answers")?;
        Some((got.delivery.data.clone(), got.delivery.redelivered))
    }

    pub fn reject(&self, queue: &str, requeue: bool) {
        let got = self.run(self.channel.basic_get(queue.into(), BasicGetOptions::default()));
        let got = got.expect("it answers").expect("a message");
        self.run(got.delivery.acker.reject(BasicRejectOptions { requeue })).expect("it is rejected");
    }

    pub fn ready(&self, queue: &str) -> u32 {
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let asked = self.run(self.channel.queue_declare(queue.into(), options, FieldTable::default()));
        asked.expect("there is one").message_count()
    }

    /// Waits until the queue holds so many messages.
    pub fn wait_for(&self, queue: &str, messages: u32) {
        eventually(&format!("{messages} messages in {queue}"), || self.ready(queue) == messages);
    }
}

pub fn table(arguments: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in arguments {
        table.insert(ShortString::from(*name), value.clone());
    }
    table
}

pub fn text(text: &str) -> AMQPValue {
    AMQPValue::LongString(text.into())
}

pub fn quorum() -> (&'static str, AMQPValue) {
    ("x-queue-type", text("quorum"))
}

pub fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "no {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

pub fn open(url: &str) -> Result<Opened> {
    let url = Url::parse(url).expect("a URL");
    eventglass::input::open::open(&Address::Broker(Box::new(url)), &OpenOptions::default())
}

/// All messages of a window, and what was said about it.
pub fn read(url: &str) -> (Vec<Message>, Vec<Error>) {
    let opened = open(url).unwrap_or_else(|e| panic!("{e:?}"));
    read_to_end(&opened)
}

pub fn read_to_end(opened: &Opened) -> (Vec<Message>, Vec<Error>) {
    let growth = opened.growth.as_ref().expect("it is a spool");
    eventually("end of the window", || growth.poll() == Change::Ended);
    let len = opened.info.bytes.len().expect("it has a length");
    let mut bytes = vec![0; usize::try_from(len).expect("it fits")];
    opened.info.bytes.read_at(&mut bytes, ByteOffset(0)).expect("it can be read");
    let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let messages = lines.map(|line| Message::read(line).expect("a record")).collect();
    let mut warnings = opened.warnings.clone();
    warnings.extend(growth.warnings());
    (messages, warnings)
}

pub fn body(message: &Message) -> &str {
    std::str::from_utf8(message.value.as_deref().expect("a body")).expect("text")
}

pub fn redelivered(message: &Message) -> bool {
    matches!(&message.place, Place::Amqp(place) if place.redelivered)
}

pub fn said(warnings: &[Error], words: &str) -> bool {
    warnings.iter().any(|warning| warning.to_string().contains(words))
}

pub fn cancel() -> Cancel {
    Cancel::new()
}
