//! PostgreSQL by `tests/servers/postgres.sh`, with event stores by their published schemas.

mod edges;
mod following;
mod reading;
mod stores;
mod written;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::{Url, of};
use eventglass::model::ids::EventIx;
use postgres::{Client, NoTls};
use serde_json::Value;

/// A running server.
pub struct Server {
    pub port: u16,
    pub dir: PathBuf,
}

/// One server for all tests of this process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let port = free_port();
        let dir = std::env::temp_dir().join(format!("eventglass-postgres-{}-{port}", std::process::id()));
        let ran = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/postgres.sh"))
            .args(["start", &dir.to_string_lossy(), &port.to_string()])
            .env("OWNER", std::process::id().to_string())
            .output()
            .expect("the script can be run");
        assert!(ran.status.success(), "postgres.sh: {}", String::from_utf8_lossy(&ran.stderr));
        Server { port, dir }
    })
}

fn free_port() -> u16 {
    let first = 29_000 + (std::process::id() % 97) as u16 * 10;
    (first..first + 1000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).expect("a port is free")
}

impl Server {
    /// A database of its own with these statements run in it.
    pub fn database(&self, name: &str, sql: &str) -> Client {
        self.client("eventglass").batch_execute(&format!("CREATE DATABASE {name}")).expect("the database is new");
        let mut client = self.client(name);
        client.batch_execute(sql).unwrap_or_else(|e| panic!("{name}: {e:?}"));
        client
    }

    pub fn client(&self, database: &str) -> Client {
        let url = format!("host=127.0.0.1 port={} user=eventglass password=secret dbname={database}", self.port);
        Client::connect(&url, NoTls).expect("the server is there")
    }

    /// `shop?newest=2`
    pub fn url(&self, database: &str) -> String {
        format!("postgres://eventglass:secret@127.0.0.1:{}/{database}", self.port)
    }
}

/// What `eventglass events` says of an address, as one JSON object a line.
pub fn events(url: &str) -> Vec<Value> {
    let ran = crate::program::run(["events", url, "--format", "ndjson", "-q"]);
    assert_eq!(ran.code, 0, "{url}: {}", ran.err);
    ran.lines()
}

/// `type id entity…`, a line each.
pub fn short(events: &[Value]) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let short = |event: &Value| {
        let entities: Vec<String> = event["entities"].as_array().into_iter().flatten().map(text).collect();
        format!("{} {} v{}", text(&event["type"]), entities.join("+"), text(&event["version"]))
    };
    events.iter().map(short).collect()
}

/// The first row as the log holds it.
pub fn record(url: &str) -> String {
    let url = Url::parse(url).expect("an address");
    let opened = open(&Address::Broker(Box::new(url)), &OpenOptions::default()).expect("it can be opened");
    let log = Log::new();
    log.add(opened).expect("one source");
    log.wait();
    String::from_utf8(log.snapshot().record(EventIx(0)).expect("there is a row")).expect("it is text")
}

pub fn steps(url: &str) -> Vec<(&'static str, Result<String, String>)> {
    let url = Url::parse(url).expect("an address");
    let steps = of(&url).expect("it is known").test(&url, &Cancel::default());
    steps.into_iter().map(|step| (step.name, step.result.map_err(|error| error.summary))).collect()
}
