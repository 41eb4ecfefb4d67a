//! Connections that come about and those that do not, with the reason, and what a server tells of itself.

use eventglass::base::cancel::Cancel;
use eventglass::input::sources::broker::{self, Overview, Step, Url};

use super::{Server, free_port, server};
use crate::kafka::records;
use crate::program::{run, run_with};

fn steps(url: &str) -> Vec<Step> {
    let url = Url::parse(url).expect("an address");
    broker::of(&url).expect("Redis").test(&url, &Cancel::new())
}

pub fn overview(url: &str) -> Overview {
    let url = Url::parse(url).expect("an address");
    broker::of(&url).expect("Redis").overview(&url, &Cancel::new()).expect("an overview")
}

#[test]
fn every_step_can_be_seen_to_succeed() {
    let mut client = server().client();
    client.add("steps", &[("data", "{}")]);
    let steps = steps(&server().url("steps"));
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["name", "connection", "encryption", "login", "metadata"]);
    let said = steps[4].result.as_ref().expect("it is good");
    assert!(said.starts_with("Redis ") && said.ends_with("; steps: 1 entry"), "{said}");
}

#[test]
fn each_step_fails_with_its_name() {
    let mut client = server().client();
    client.add("there", &[("data", "{}")]);
    client.run("SET text value");
    client.run("ACL SETUSER stranger on >stranger-secret ~none* +@all -info");
    let port = server().port;
    for (url, step, words) in [
        ("redis://no-such-host.invalid/there".to_owned(), "name", "The host's name is not known"),
        (format!("redis://127.0.0.1:{}/there", free_port()), "connection", "Nothing answers"),
        (format!("rediss://localhost:{port}/there"), "encryption", "no encrypted connection"),
        (format!("redis://me:wrong@127.0.0.1:{port}/there"), "login", "The login of me is refused"),
        (format!("redis://127.0.0.1:{port}/99/there"), "login", "refuses the connection"),
        (server().url("not-there"), "metadata", "no stream not-there in database 0"),
        (server().url("text"), "metadata", "text is a string and no stream"),
        (server().url("no-such*"), "metadata", "No stream has such a name"),
        (format!("redis://stranger:stranger-secret@127.0.0.1:{port}/there"), "metadata", "Cannot look at there"),
    ] {
        let steps = steps(&url);
        let last = steps.last().expect("a step");
        let error = last.result.clone().expect_err(&url);
        assert_eq!(last.name, step, "{url}: {error:?}");
        assert!(error.summary.contains(words) && !error.next_step.is_empty(), "{url}: {error:?}");
        let ran = run(["info", &url]);
        assert_ne!(ran.code, 0, "{url}: {}", ran.out);
        assert!(ran.err.contains(&error.summary), "{url}: {}", ran.err);
        assert!(!ran.err.contains("wrong") && !ran.err.contains("-secret"), "{}", ran.err);
    }
}

#[test]
fn with_a_password_and_encryption() {
    let tls = free_port().to_string();
    let server = Server::start(&["tls-port", &tls, "requirepass", "geheim"]);
    let port = server.port;
    let client = redis::Client::open(format!("redis://:geheim@127.0.0.1:{port}")).expect("an address");
    let mut client = super::Client(client.get_connection().expect("it answers"));
    client.add("secured", &[("data", r#"{"type":"A","id":"1"}"#)]);
    let ca = server.dir.join("tls/ca.pem").display().to_string();
    for url in [
        format!("redis://:geheim@127.0.0.1:{port}/secured"),
        format!("redis://default:geheim@127.0.0.1:{port}/secured"),
        format!("rediss://:geheim@localhost:{tls}/secured?ca={ca}"),
    ] {
        assert!(steps(&url).iter().all(|step| step.result.is_ok()), "{:?}", steps(&url));
        assert_eq!(records(&url).len(), 1, "{url}");
        let ran = run(["info", &url]);
        assert!(ran.code == 0 && !ran.out.contains("geheim"), "{ran:?}");
    }
    for (url, words) in [
        (format!("redis://127.0.0.1:{port}/secured"), "Give a password"),
        (format!("redis://:wrong@127.0.0.1:{port}/secured"), "Check user and password"),
        (format!("rediss://:geheim@localhost:{tls}/secured"), "ca=FILE"),
    ] {
        let ran = run(["info", &url]);
        assert!(ran.code != 0 && ran.err.contains(words), "{url}: {ran:?}");
    }
    let url = format!("redis://127.0.0.1:{port}/secured");
    assert_eq!(run_with(["info", &url], &[("EVENTGLASS_PASSWORD", "geheim")]).code, 0);
}

/// A password in the environment may be meant for another server.
#[test]
fn a_password_that_nobody_asked_for_does_not_matter() {
    server().client().add("open", &[("data", "{}")]);
    let ran = run_with(["info", &server().url("open")], &[("EVENTGLASS_PASSWORD", "of-another")]);
    assert_eq!(ran.code, 0, "{}", ran.err);
}

#[test]
fn streams_with_their_groups() {
    let mut client = server().client();
    client.group("seen", "billing");
    for n in 0..5 {
        client.add("seen", &[("data", &n.to_string())]);
    }
    client.take("seen", "billing", 2);
    client.add("seen:dlq", &[("data", "{}")]);
    client.run("SET seen-text value");
    let overview = overview(&server().url(""));
    assert!(overview.system.starts_with("Redis "), "{}", overview.system);
    let of = |name: &str| overview.places.iter().find(|place| place.name == name);
    let seen = of("seen").expect("it is listed");
    assert_eq!((seen.messages, seen.dead_letters), (Some(5), false));
    assert!(seen.bytes.is_some_and(|bytes| bytes > 100) && seen.keeps.contains(" to "), "{seen:?}");
    let billing = &seen.readers[0];
    assert_eq!((billing.name.as_str(), billing.members, billing.lag), ("billing", 1, Some(3)));
    assert!(billing.state.starts_with("2 pending, the oldest idle for "), "{}", billing.state);
    assert!(billing.state.ends_with(" after 1 delivery"), "{}", billing.state);
    assert!(of("seen:dlq").is_some_and(|place| place.dead_letters));
    assert!(of("seen-text").is_none());
    assert_eq!(records(&seen.url).len(), 5, "{}", seen.url);
}
