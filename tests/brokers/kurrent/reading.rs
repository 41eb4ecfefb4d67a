//! Streams and `$all`: windows, bytes, links, faults.

use serde_json::json;

use super::{Server, Store, bank, events, failed, overview, run, run_with, short, steps};
use crate::kafka::records;
use eventglass::model::message::{LogPosition, Place};

#[test]
fn windows_are_read_exactly_and_pushed_down() {
    let server = Server::start(bank());
    let amounts = |rest: &str| -> Vec<String> {
        let amount = |event: &serde_json::Value| event["data"]["amount"].to_string();
        events(&server.url(rest)).iter().map(amount).collect()
    };
    for (rest, expected) in [
        ("account-1", &["0.5", "2.5", "4.5", "6.5", "8.5"][..]),
        ("account-1?newest=2", &["6.5", "8.5"]),
        ("account-1?newest=99", &["0.5", "2.5", "4.5", "6.5", "8.5"]),
        ("account-1?from=1&to=3", &["2.5", "4.5"]),
        ("account-1?to=3&newest=1", &["4.5"]),
        ("account-1?from=7", &[]),
        // The first event of the log is at 10:00:00.12, the first of the account a second later, then every four.
        ("account-1?from=2026-02-16T10:00:06Z", &["4.5", "6.5", "8.5"]),
        ("account-1?from=2026-02-16T10:00:05Z&to=2026-02-16T10:00:10Z", &["2.5", "4.5"]),
        ("account-1?type=Opened", &["0.5"]),
        ("?newest=3", &["8.5", "9.5", "null"]),
        ("?type=Opened,Pla*", &["0.5", "1.5", "null"]),
        ("?streams=account-2&type=Money*", &["3.5", "5.5", "7.5", "9.5"]),
        ("?from=2026-02-16T10:00:17Z", &["8.5", "9.5", "null"]),
        ("?from=2026-02-16T10:00:17Z&to=2026-02-16T10:00:18Z", &["8.5"]),
        ("?streams=account-*&newest=1", &["9.5"]),
        ("?from=C:950/P:950&to=C:1050/P:1050", &["8.5"]),
    ] {
        let read = amounts(rest);
        let read: Vec<&str> = read.iter().map(|text| text.trim_matches('"')).collect();
        assert_eq!(read, expected, "{rest}");
    }
    let filters: Vec<String> = server.reads().iter().filter_map(|read| Some(read.get("filter")?.to_string())).collect();
    for pushed in ["^(Opened|Pla.*)$", r"^(account\\-2)$", r"^[^\\$].*"] {
        assert!(filters.iter().any(|filter| filter.contains(pushed)), "{pushed}: {filters:?}");
    }
}

#[test]
fn streams_are_entities_and_revisions_versions() {
    let server = Server::start(bank());
    let all = events(&server.url(""));
    assert_eq!(all.len(), 11, "what the store writes for itself is hidden");
    assert_eq!(
        short(&all)[..3],
        ["Opened account:1", "Opened account:2", "MoneyPaid account:1"].map(str::to_owned),
        "{}",
        all[2]
    );
    let third = &all[2];
    assert_eq!((&third["version"], &third["time"]), (&json!(1), &json!("2026-02-16T10:00:05.123456700Z")), "{third}");
    assert_eq!(third["id"], "5d6b7f3e-0000-4000-8000-000000000005");
    assert!(third["correlation"].to_string().contains("c-2"), "{third}");
    assert!(third["causation"].to_string().contains("000000000002"), "{third}");
    assert_eq!(events(&server.url("?system=yes")).len(), 22);
    let info = run(["info", &server.url("account-1?newest=2"), "--format", "json", "-q"]);
    assert!(info.out.contains("KurrentDB, stream account-1, 2 events"), "{}", info.out);
    let info = run(["info", &server.url(""), "--format", "json", "-q"]);
    assert!(info.out.contains("KurrentDB, $all, to C:1150/P:1150"), "{}", info.out);
}

/// JSON as it stands, text, bytes that are neither, nothing; names with signs, and one that is no UTF-8.
#[test]
fn data_and_metadata_are_kept_to_the_byte() {
    let values: [&[u8]; 5] = [b"{\"a\": 1.00,\"a\":1e999}", b"{\n}", &[0xff, 0x00, 0x80], b"", b"text"];
    let mut store = Store::default();
    for value in values {
        store.add_bytes(b"odd/name-1,2", "T", value, value);
    }
    store.add_bytes(b"no-\xffutf8", "T", b"{}", b"");
    let server = Server::start(store);
    let read = records(&server.url("odd%2Fname-1,2"));
    let kept: Vec<&[u8]> = read.iter().map(|message| message.value.as_deref().expect("a value")).collect();
    assert_eq!(kept, values);
    for (message, value) in read.iter().zip(values) {
        let Place::Kurrent(place) = &message.place else { panic!("{message:?}") };
        assert_eq!(place.metadata.as_deref().unwrap_or_default(), value);
        assert_eq!(place.stream, "odd/name-1,2");
    }
    let Place::Kurrent(first) = &read[0].place else { panic!("{:?}", read[0]) };
    assert_eq!(first.position, Some(LogPosition { commit: 100, prepare: 100 }));
    assert_eq!(records(&server.url("")).len(), 6, "a name that is no UTF-8 is no reason to stop");
}

#[test]
fn links_are_resolved_and_links_to_nothing_are_said() {
    let mut store = bank();
    for n in 0..3 {
        store.link("$ce-account", "account-1", n, "");
    }
    store.truncate("account-1", 1);
    let server = Server::start(store);
    let read = records(&server.url("$ce-account"));
    let places: Vec<String> = read.iter().map(|message| message.place.to_string()).collect();
    assert_eq!(places, ["$ce-account@0", "$ce-account@1", "$ce-account@2"]);
    let Place::Kurrent(linked) = &read[1].place else { panic!("{:?}", read[1]) };
    assert_eq!((linked.stream.as_str(), linked.revision), ("account-1", 1));
    assert_eq!(
        short(&events(&server.url("$ce-account"))),
        ["MoneyPaid account:1", "MoneyPaid account:1", "$> $ce:account"]
    );
    let ran = run(["events", &server.url("$ce-account"), "--format", "ndjson"]);
    assert!(ran.err.contains("1 link leads to events that are not there any more"), "{}", ran.err);
    let plain = records(&server.url("$ce-account?links=plain"));
    assert!(plain.iter().all(|message| matches!(&message.place, Place::Kurrent(place) if place.event_type == "$>")));
}

#[test]
fn what_cannot_be_read_says_why() {
    let mut store = bank();
    store.tombstones.insert("order-1".to_owned());
    let server = Server::start(store);
    assert!(failed(&server.url("account-9")).err.contains("Cannot read account-9"));
    assert!(failed(&server.url("order-1")).err.contains("deleted for good"));
    server.state().faults.denied.insert("account-1".to_owned());
    assert!(failed(&server.url("account-1")).err.contains("Log in"));
    server.state().faults.unknown = true;
    let ran = run(["events", &server.url("account-2"), "-q"]);
    assert!(ran.code != 0 && ran.err.contains("See what KurrentDB's client says"), "a panic of the client: {ran:?}");
}

#[test]
fn a_login_is_sent_as_it_is_and_never_shown() {
    let server = Server::start(bank());
    // me:p@ss
    server.state().faults.login = Some("Basic bWU6cEBzcw==".to_owned());
    let with = |login: &str| server.url("account-1").replace("kurrentdb://", &format!("esdb://{login}"));
    let good = run(["events", &with("me:p%40ss@"), "--format", "ndjson", "-q"]);
    assert_eq!((good.code, good.lines().len()), (0, 5), "{}", good.err);
    let given = run_with(["events", &with("me@"), "--format", "ndjson", "-q"], &[("EVENTGLASS_PASSWORD", "p@ss")]);
    assert_eq!(given.lines().len(), 5, "{}", given.err);
    let wrong = run(["events", &with("me:hidden@"), "-q"]);
    assert!(wrong.code != 0 && wrong.err.contains("Check the password"), "{}", wrong.err);
    assert!(!wrong.err.contains("hidden") && !good.out.contains("p@ss"), "{}", wrong.err);
    assert_eq!(steps(&with("me:hidden@")).last().map(String::as_str), Some("login! Cannot read account-1"));
}

#[test]
fn a_cut_in_the_middle_is_read_on_from() {
    let server = Server::start(bank());
    server.state().faults.cut_after = Some(3);
    assert_eq!(events(&server.url("account-1?from=0")).len(), 5);
    assert_eq!(server.state().faults.cut_after, None, "it was cut");
    server.state().faults.cut_after = Some(4);
    assert_eq!(short(&events(&server.url(""))).len(), 11, "each once");
    assert_eq!(server.state().faults.cut_after, None, "it was cut");
}

#[test]
fn a_follower_leads_to_the_leader() {
    let leader = Server::start(bank());
    let follower = Server::start(Store::default());
    follower.state().faults.leader = Some(leader.port);
    assert_eq!(events(&follower.url("account-1")).len(), 5);
    assert!(!follower.reads().is_empty() && !leader.reads().is_empty());
}

#[test]
fn a_connection_is_tried_step_by_step() {
    let server = Server::start(bank());
    let found = steps(&server.url("account-1"));
    assert_eq!(
        found[2..],
        [
            "encryption: None: the address says tls=false",
            "login: none",
            "metadata: KurrentDB 26.0.1; account-1: 5 events"
        ]
        .map(str::to_owned)
    );
    assert_eq!(steps(&server.url("account-9"))[4], "metadata! Cannot read account-9");
    let encrypted = server.url("account-1").replace("?tls=false", "");
    assert_eq!(steps(&encrypted)[2], "encryption! Cannot connect to KurrentDB");
    assert_eq!(steps("kurrentdb://127.0.0.1:1/x?tls=false").len(), 2, "nobody answers there");
}

#[test]
fn streams_categories_and_subscriptions_are_listed() {
    let mut store = bank();
    store.link("$ce-account", "account-1", 0, "");
    store.park("account-1", "billing", 1, "no");
    store.groups.push(("account-1".to_owned(), "billing".to_owned()));
    let server = Server::start(store);
    let of_events = overview(&server.url(""));
    assert_eq!(of_events.system, "KurrentDB 26.0.1");
    let told: Vec<String> =
        of_events.places.iter().map(|place| format!("{} {:?}", place.name, place.messages)).collect();
    let parked = "$persistentsubscription-account-1::billing-parked";
    let expected = ["$all None", "$ce-account Some(1)", "account-1 Some(5)", "account-2 Some(5)", "order-1 Some(1)"];
    assert_eq!(told[..5], expected.map(str::to_owned));
    let place = of_events.places.last().expect("one");
    assert_eq!((place.name.as_str(), place.messages, place.dead_letters), (parked, Some(1), true));
    let reader = &of_events.places[2].readers[0];
    assert_eq!((reader.name.as_str(), reader.lag, reader.state.as_str()), ("billing", Some(4), "Live, 1 parked"));
    assert!(of_events.notes[0].contains("$streams"), "{:?}", of_events.notes);
    for stream in ["account-1", "quiet-1"] {
        server.state().store.link("$streams", stream, 0, "");
    }
    let named = overview(&server.url(""));
    assert!(named.places.iter().any(|place| place.name == "quiet-1" && place.keeps == "deleted"));
    assert!(!named.places.iter().any(|place| place.name == "order-1"));
}
