//! Reading and indexing an event store in PostgreSQL beside `COPY … TO` of the same rows to nowhere, and one stream by
//! its key.
//!
//! `cargo bench --bench stores -- [--events N]`: a server of its own (`tests/servers/postgres.sh`) with N rows (3 M)
//! of Message DB, gone when it ends. Times are the best of three; of streams the median of 21, with connecting.

#[path = "common/timing.rs"]
mod timing;

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::Url;
use postgres::{Client, NoTls};
use timing::{best, timed};

const RUNS: usize = 3;
const STREAMS: usize = 21;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let given = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let events: u64 = given("--events").and_then(|n| n.parse().ok()).unwrap_or(3_000_000);
    let port = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a port").port();
    start(port);
    let login = format!("host=127.0.0.1 port={port} user=eventglass password=secret dbname=eventglass");
    let mut client = Client::connect(&login, NoTls).expect("the server answers");
    // Ten events a stream, as the library's own indexes have them.
    client
        .batch_execute(&format!(
            "CREATE TABLE messages (id uuid NOT NULL, stream_name text NOT NULL, type text NOT NULL, position bigint NOT NULL,
                global_position bigserial PRIMARY KEY, data jsonb, metadata jsonb, time timestamp NOT NULL);
             INSERT INTO messages (id, stream_name, type, position, data, metadata, time)
             SELECT gen_random_uuid(), 'account-' || n / 10, (ARRAY['Opened', 'Deposited', 'Withdrawn'])[1 + n % 3], n % 10,
                jsonb_build_object('amount', n % 1000, 'currency', 'EUR', 'note', 'payment of ' || n),
                jsonb_build_object('correlationStreamName', 'transfer-' || n / 4),
                timestamp '2026-02-16 10:00:00' + n * interval '20 milliseconds'
             FROM generate_series(0, {events} - 1) n;
             CREATE UNIQUE INDEX ON messages (stream_name, position);"
        ))
        .expect("the store is made");
    client.batch_execute("VACUUM ANALYZE messages").expect("it may");
    let url = format!("postgres://eventglass:secret@127.0.0.1:{port}/eventglass");
    let copied = best(RUNS, || client.batch_execute("COPY messages TO '/dev/null'").expect("it may"));
    let read = best(RUNS, || assert_eq!(rows(&url), events, "all of them"));
    let plain = best(RUNS, || assert_eq!(rows(&format!("{url}?sslmode=disable")), events, "all of them"));
    let mut first = 0;
    let mut streams: Vec<Duration> = (0..STREAMS)
        .map(|_| {
            first = (first + events / 10 / 7 + 1) % (events / 10).max(1);
            timed(|| assert_eq!(rows(&format!("{url}?stream=account-{first}")), 10, "account-{first}")).1
        })
        .collect();
    streams.sort_unstable();
    println!("{events} rows: COPY to nowhere, inside the server, {copied:.2?}");
    for (how, read) in [("encrypted", read), ("not encrypted, as COPY is", plain)] {
        let speed = copied.as_secs_f64() / read.as_secs_f64();
        println!("  read and indexed, {how}: {read:.2?}, {speed:.2}× the speed of COPY (goal 0.7×)");
    }
    println!("one stream of ten events: {:.1?} (goal 20 ms)", streams[STREAMS / 2]);
}

fn rows(url: &str) -> u64 {
    let url = Url::parse(url).expect("an address");
    let opened = open(&Address::Broker(Box::new(url)), &OpenOptions::default()).expect("it can be opened");
    let log = Log::new();
    log.add(opened).expect("it can be read");
    log.wait();
    log.snapshot().len()
}

fn start(port: u16) {
    let dir = std::env::temp_dir().join(format!("eventglass-bench-postgres-{port}"));
    let ran = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/postgres.sh"))
        .args(["start", &dir.to_string_lossy(), &port.to_string()])
        .env("OWNER", std::process::id().to_string())
        .output()
        .expect("the script can be run");
    assert!(ran.status.success(), "postgres.sh: {}", String::from_utf8_lossy(&ran.stderr));
}
