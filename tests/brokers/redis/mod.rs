//! Redis by `tests/servers/redis.sh`, with what tests write into it.

mod connecting;
mod letters;
mod reading;

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use redis::{Cmd, FromRedisValue, Value, cmd};

/// A running server.
pub struct Server {
    pub port: u16,
    pub dir: PathBuf,
}

/// One server for all tests of this process.
pub fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&[]))
}

/// One that is a cluster, of itself alone.
pub fn cluster() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| Server::start(&["cluster-enabled", "yes"]))
}

impl Server {
    /// One of its own, gone with this process.
    pub fn start(options: &[&str]) -> Self {
        let port = free_port();
        let dir = std::env::temp_dir().join(format!("eventglass-redis-{}-{port}", std::process::id()));
        let server = Self { port, dir };
        let port = port.to_string();
        server.script(&[&["start", &server.dir.to_string_lossy(), &port], options].concat());
        server
    }

    pub fn script(&self, args: &[&str]) {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/redis.sh");
        let ran = Command::new(script)
            .args(args)
            .env("OWNER", std::process::id().to_string())
            .output()
            .expect("the script can be run");
        assert!(ran.status.success(), "redis.sh {args:?}: {}", String::from_utf8_lossy(&ran.stderr));
    }

    /// Of streams in the usual database: `orders?newest=5`.
    pub fn url(&self, streams: &str) -> String {
        format!("redis://127.0.0.1:{}/{streams}", self.port)
    }

    pub fn client(&self) -> Client {
        let client = redis::Client::open(self.url("")).expect("an address");
        Client(client.get_connection().expect("it answers"))
    }
}

/// A port that is free, and the one ten thousand above it, which a cluster uses too.
pub fn free_port() -> u16 {
    loop {
        let probe = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = 10_000 + probe.local_addr().expect("it has an address").port() % 20_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() && TcpListener::bind(("127.0.0.1", port + 10_000)).is_ok() {
            return port;
        }
    }
}

/// A connection that writes what tests read.
pub struct Client(redis::Connection);

pub type Fields = Vec<(Vec<u8>, Vec<u8>)>;

impl Client {
    pub fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> T {
        command.query(&mut self.0).expect("an answer")
    }

    /// A command in words.
    pub fn run(&mut self, words: &str) -> Value {
        let mut words = words.split(' ');
        let mut command = cmd(words.next().expect("a command"));
        self.ask(command.arg(words.collect::<Vec<_>>()))
    }

    /// Adds an entry; its id.
    pub fn add(&mut self, stream: &str, fields: &[(&str, &str)]) -> String {
        let fields: Fields =
            fields.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect();
        self.add_bytes(stream, "*", &fields)
    }

    pub fn add_bytes(&mut self, stream: &str, id: &str, fields: &Fields) -> String {
        let mut add = cmd("XADD");
        add.arg(stream).arg(id);
        for (name, value) in fields {
            add.arg(name.as_slice()).arg(value.as_slice());
        }
        self.ask(&add)
    }

    pub fn length(&mut self, stream: &str) -> u64 {
        self.ask(cmd("XLEN").arg(stream))
    }

    /// All entries, as the server has them.
    pub fn entries(&mut self, stream: &str) -> Vec<(String, Fields)> {
        let entries: Vec<(String, Vec<Vec<u8>>)> = self.ask(cmd("XRANGE").arg(stream).arg("-").arg("+"));
        let pairs = |flat: Vec<Vec<u8>>| flat.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        entries.into_iter().map(|(id, flat)| (id, pairs(flat))).collect()
    }

    /// Makes a stream with a group that reads it from its beginning.
    pub fn group(&mut self, stream: &str, group: &str) {
        self.run(&format!("XGROUP CREATE {stream} {group} 0 MKSTREAM"));
    }

    /// What a consumer gets and does not acknowledge.
    pub fn take(&mut self, stream: &str, group: &str, count: usize) {
        self.run(&format!("XREADGROUP GROUP {group} worker COUNT {count} STREAMS {stream} >"));
    }
}
