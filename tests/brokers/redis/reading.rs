//! Windows of streams, what is pending, and that looking changes nothing.

use std::time::{Duration, Instant};

use eventglass::input::open::OpenOptions;
use eventglass::input::sources::follow::Change;
use eventglass::model::message::{Message, Place};
use redis::{Value, cmd};
use serde_json::Value as Json;

use super::{Client, Server, cluster, server};
use crate::kafka::{open_with, records};
use crate::program::run;

fn numbered(client: &mut Client, stream: &str, ids: impl Iterator<Item = u64>) {
    for n in ids {
        client.add_bytes(stream, &format!("{n}-0"), &vec![(b"data".to_vec(), n.to_string().into_bytes())]);
    }
}

fn values(url: &str) -> Vec<u64> {
    let number = |message: Message| String::from_utf8(message.value.expect("a value")).expect("digits").parse();
    records(url).into_iter().map(|message| number(message).expect("a number")).collect()
}

#[test]
fn windows_are_exact() {
    let mut client = server().client();
    numbered(&mut client, "windows", 1..=10);
    numbered(&mut client, "windows2", 1..=2);
    let url = |rest: &str| server().url(rest);
    assert_eq!(values(&url("windows")), (1..=10).collect::<Vec<_>>());
    assert_eq!(values(&url("windows?newest=3")), [8, 9, 10]);
    assert_eq!(values(&url("windows?newest=30")), (1..=10).collect::<Vec<_>>());
    assert_eq!(values(&url("windows?from=4&to=7")), [4, 5, 6]);
    assert_eq!(values(&url("windows?from=4-1&to=6-1")), [5, 6]);
    assert_eq!(values(&url("windows?from=4&newest=2")), [9, 10]);
    assert_eq!(values(&url("windows?to=4&newest=2")), [2, 3]);
    assert!(values(&url("windows?from=2h")).is_empty());
    assert_eq!(values(&url("windows2,windows?newest=1")), [2, 10]);
    assert_eq!(values(&url("win*s*?newest=1")).len(), 2);
    let opened = open_with(&url("windows?newest=3"), &OpenOptions::default());
    assert_eq!(opened.info.format, "Redis, stream windows, 3 entries");
    let ran = run(["info", &url("windows,no-such")]);
    assert!(ran.code == 0 && format!("{}{}", ran.out, ran.err).contains("no stream no-such"), "{ran:?}");
}

#[test]
fn another_database_is_another_place() {
    let mut client = server().client();
    client.run("SELECT 3");
    numbered(&mut client, "apart", 1..=2);
    assert_eq!(values(&server().url("3/apart")), [1, 2]);
    assert_ne!(run(["info", &server().url("apart")]).code, 0);
}

#[test]
fn many_entries_of_many_sizes() {
    let mut client = server().client();
    let large = "x".repeat(200_000);
    for n in 0..6_000 {
        let text = if n % 500 == 0 { large.as_str() } else { "small" };
        client.add("many", &[("n", &n.to_string()), ("text", text)]);
    }
    let all = records(&server().url("many"));
    assert_eq!(all.len(), 6_000);
    let ids = |message: &Message| match &message.place {
        Place::Redis(place) => place.entry,
        _ => panic!("it lies in Redis"),
    };
    assert!(all.windows(2).all(|two| ids(&two[0]) < ids(&two[1])), "each once, in order");
    assert_eq!(records(&server().url("many?newest=4500")), all[1_500..]);
}

#[test]
fn a_stream_is_followed() {
    let mut client = server().client();
    numbered(&mut client, "followed", 1..=3);
    for (rest, before) in [("followed?live", 0), ("followed?newest=2", 2)] {
        let options = OpenOptions { follow: true, ..OpenOptions::default() };
        let opened = open_with(&server().url(rest), &options);
        let growth = opened.growth.as_ref().expect("a spool");
        let lines = || {
            let mut bytes = vec![0; usize::try_from(opened.info.bytes.len().expect("a length")).expect("it fits")];
            opened.info.bytes.read_at(&mut bytes, eventglass::model::ids::ByteOffset(0)).expect("it can be read");
            bytes.split(|byte| *byte == b'\n').count() - 1
        };
        let wait = |count: usize| {
            let started = Instant::now();
            while lines() != count {
                assert!(started.elapsed() < Duration::from_secs(20), "{rest}: {} of {count}", lines());
                std::thread::sleep(Duration::from_millis(10));
            }
        };
        wait(before);
        while growth.poll() != Change::Same {
            std::thread::sleep(Duration::from_millis(10));
        }
        client.add("followed", &[("data", "9")]);
        wait(before + 1);
        client.run("DEL followed");
        numbered(&mut client, "followed", 1..=3);
    }
}

#[test]
fn a_stream_is_followed_through_an_outage() {
    let own = Server::start(&["appendonly", "yes"]);
    let mut client = own.client();
    numbered(&mut client, "outage", 1..=3);
    let options = OpenOptions { follow: true, ..OpenOptions::default() };
    let opened = open_with(&own.url("outage"), &options);
    let growth = opened.growth.as_ref().expect("a spool");
    let lines = || {
        let mut bytes = vec![0; usize::try_from(opened.info.bytes.len().expect("a length")).expect("it fits")];
        opened.info.bytes.read_at(&mut bytes, eventglass::model::ids::ByteOffset(0)).expect("it can be read");
        bytes.split(|byte| *byte == b'\n').count() - 1
    };
    let wait = |what: &str, is_so: &mut dyn FnMut() -> bool| {
        let started = Instant::now();
        while !is_so() {
            assert!(started.elapsed() < Duration::from_secs(30), "no {what}: {} lines", lines());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait("beginning", &mut || lines() == 3);
    let dir = own.dir.to_string_lossy().into_owned();
    own.script(&["stop", &dir]);
    wait("warning", &mut || {
        growth.warnings().iter().any(|warning| warning.to_string().contains("connection was lost"))
    });
    own.script(&["start", &dir, &own.port.to_string(), "appendonly", "yes"]);
    let mut client = own.client();
    assert_eq!(client.length("outage"), 3, "the server kept them");
    client.add("outage", &[("data", "9")]);
    wait("going on", &mut || lines() == 4);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(lines(), 4, "each once");
}

/// Types, entities and correlation are found in either form of an entry.
#[test]
fn events_have_their_types_entities_and_chains() {
    let mut client = server().client();
    for n in 0..40 {
        let order = format!("order-{}", n % 7);
        let (event, chain) = (["OrderPlaced", "OrderPaid"][n % 2], format!("req-{}", n / 2));
        let data = format!(r#"{{"total":{n}}}"#);
        let fields = [("type", event), ("aggregate_id", order.as_str()), ("correlation_id", &chain), ("data", &data)];
        client.add("typed", &fields);
        client.add("flat", &[("event", event), ("orderId", &order), ("correlationId", &chain), ("total", "1.50")]);
    }
    for (stream, order) in [("typed", "order:1"), ("flat", "order:order-1")] {
        let ran = run(["events", "--format", "ndjson", &server().url(stream)]);
        let lines = ran.lines();
        assert_eq!(lines.len(), 40, "{}", ran.err);
        let first = &lines[1];
        assert_eq!(first["type"], "OrderPaid", "{stream}: {first}");
        assert!(first["entities"].to_string().contains(order), "{stream}: {first}");
        assert!(first["correlation"].to_string().contains("req-0"), "{stream}: {first}");
        assert!(first["time"].as_str().is_some_and(|time| time.starts_with("20")), "{stream}: {first}");
    }
}

/// What groups have pending, without idle times, which grow by themselves, and how far they are.
fn state_of(client: &mut Client, stream: &str) -> Vec<Value> {
    let mut state = vec![client.run(&format!("XINFO GROUPS {stream}"))];
    for group in ["billing", "stock"] {
        let mut pending: Vec<Vec<Value>> =
            client.ask(cmd("XPENDING").arg(stream).arg(group).arg("-").arg("+").arg(100));
        for entry in &mut pending {
            entry.remove(2);
        }
        state.extend(pending.into_iter().map(Value::Array));
    }
    state
}

#[test]
fn what_is_stuck_is_found_by_the_rule_of_the_address() {
    let mut client = server().client();
    client.group("stuck", "billing");
    client.group("stuck", "stock");
    for n in 0..4 {
        client.add("stuck", &[("type", "OrderPlaced"), ("data", &format!(r#"{{"orderId":"o-{n}"}}"#))]);
    }
    client.take("stuck", "billing", 3);
    client.take("stuck", "stock", 1);
    let ids: Vec<String> = client.entries("stuck").into_iter().map(|(id, _)| id).collect();
    // The second one was tried five times, an hour ago.
    client.run(&format!("XCLAIM stuck billing worker 0 {} IDLE 3600000 RETRYCOUNT 5", ids[1]));
    std::thread::sleep(Duration::from_millis(50));
    let before = state_of(&mut client, "stuck");
    let url = |rest: &str| server().url(&format!("stuck?{rest}"));
    assert_eq!(records(&url("pending=billing")).len(), 3);
    assert_eq!(records(&url("pending=*")).len(), 4);
    assert_eq!(records(&url("pending=billing&idle=10m")).len(), 1);
    assert_eq!(records(&url(&format!("pending=billing&from={}", ids[2]))).len(), 1);
    let found = records(&url("pending=billing,stock&deliveries=5"));
    let Place::Redis(place) = &found[0].place else { panic!("it lies in Redis") };
    let pending = place.pending.as_ref().expect("it is pending");
    assert_eq!(
        (found.len(), pending.group.as_str(), pending.consumer.as_str(), pending.deliveries),
        (1, "billing", "worker", 5)
    );
    assert!(pending.idle_ms >= 3_600_000 && pending.delivered_ms > 1_700_000_000_000, "{pending:?}");
    let ran = run(["dead-letters", "--format", "json", &url("pending=billing&deliveries=5")]);
    let groups: Json = serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"));
    assert!(groups.to_string().contains("neither acknowledged nor deleted"), "{groups}");
    let ran = run(["info", &url("pending=nobody")]);
    assert!(ran.code != 0 && ran.err.contains("has a group nobody"), "{ran:?}");
    // Neither owners nor counters nor positions have changed.
    assert_eq!(state_of(&mut client, "stuck"), before);
    // An entry that is trimmed while it is pending leaves nothing but its id.
    client.run(&format!("XDEL stuck {}", ids[1]));
    assert_eq!(records(&url("pending=billing")).len(), 2);
}

#[test]
fn a_cluster_is_read_by_one_of_its_nodes() {
    let mut client = cluster().client();
    numbered(&mut client, "clustered:a", 1..=3);
    numbered(&mut client, "clustered:b", 1..=2);
    assert_eq!(values(&cluster().url("clustered:a,clustered:b")), [1, 2, 3, 1, 2]);
    assert_eq!(values(&cluster().url("clustered:*?newest=1")).len(), 2);
    let overview = super::connecting::overview(&cluster().url(""));
    assert!(overview.system.ends_with(", a cluster"), "{}", overview.system);
    assert!(overview.places.iter().any(|place| place.name == "clustered:a"), "{overview:?}");
}
