//! Connections that come about or fail at each of their steps, and what a server tells of itself.

use eventglass::input::sources::broker::{self, Overview, Step};
use serde_json::json;

use super::*;
use crate::program;

fn steps(url: &str) -> Vec<Step> {
    let url = Url::parse(url).expect("a URL");
    broker::of(&url).expect("RabbitMQ").test(&url, &cancel())
}

/// The last step's name and what went wrong there.
fn failed_at(url: &str) -> (&'static str, Error) {
    let steps = steps(url);
    let last = steps.last().expect("a step");
    assert!(steps.iter().rev().skip(1).all(|step| step.result.is_ok()), "{steps:?}");
    let error = last.result.clone().expect_err("it fails");
    assert!(!error.next_step.is_empty());
    // Opening says the same.
    assert_eq!(open(url).expect_err("it fails").summary, error.summary);
    (last.name, error)
}

fn overview(url: &str) -> Overview {
    let url = Url::parse(url).expect("a URL");
    broker::of(&url).expect("RabbitMQ").overview(&url, &cancel()).expect("an overview")
}

#[test]
fn every_step_can_be_seen_to_succeed() {
    let client = Client::new(server());
    client.queue("steps", &[]);
    client.numbered("steps", 0..2);
    let steps = steps(&server().url("steps"));
    let names: Vec<&str> = steps.iter().map(|step| step.name).collect();
    assert_eq!(names, ["name", "connection", "encryption", "login", "metadata"]);
    let said: Vec<&String> = steps.iter().map(|step| step.result.as_ref().expect("it is good")).collect();
    assert!(
        said[4].starts_with("steps: 2 messages are ready, 0 consumers; the management API answers: RabbitMQ 3."),
        "{said:?}"
    );
}

#[test]
fn each_step_fails_with_its_name() {
    let port = server().port;
    Client::new(server()).queue("there", &[]);
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("an address").port();
    for (url, step, words) in [
        ("amqp://me:pw@no-such-host.invalid/%2F/there".to_owned(), "name", "name is not known"),
        (format!("amqp://127.0.0.1:{free}/%2F/there"), "connection", "Nothing answers"),
        (format!("amqps://localhost:{port}/%2F/there"), "encryption", "no encrypted connection"),
        (format!("amqps://localhost:{}/%2F/there", server().tls), "encryption", "no encrypted connection"),
        (format!("amqp://guest:wrong@127.0.0.1:{port}/%2F/there"), "login", "refuses the login of guest"),
        (format!("amqp://127.0.0.1:{port}/nowhere/there"), "login", "cannot use the virtual host nowhere"),
        (format!("amqp://127.0.0.1:{port}/%2F/not-there"), "metadata", "no queue not-there in the virtual host /"),
    ] {
        let (failed, error) = failed_at(&url);
        assert_eq!(failed, step, "{url}: {error:?}");
        assert!(error.summary.contains(words), "{url}: {error:?}");
    }
}

#[test]
fn an_encrypted_connection_with_an_authority_of_ones_own() {
    let client = Client::new(server());
    client.queue("encrypted", &[]);
    client.numbered("encrypted", 0..2);
    let ca = server().dir.join("tls/ca.pem");
    let url = format!("amqps://localhost:{}/%2F/encrypted?management=off&ca={}", server().tls, ca.display());
    let steps = steps(&url);
    assert!(steps.iter().all(|step| step.result.is_ok()), "{steps:?}");
    assert_eq!(read(&url).0.len(), 2);
}

#[test]
fn with_a_certificate_of_the_client() {
    let strict = Server::start_with(&[("CLIENT_CERTIFICATES", "required")]);
    let client = Client::new(&strict);
    client.queue("both-sides", &[]);
    client.numbered("both-sides", 0..2);
    let file = |name: &str| strict.dir.join("tls").join(name).display().to_string();
    let without = format!("amqps://localhost:{}/%2F/both-sides?management=off&ca={}", strict.tls, file("ca.pem"));
    let with = format!("{without}&certificate={}&certificate_key={}", file("client.pem"), file("client.key"));
    let all = steps(&with);
    assert!(all.iter().all(|step| step.result.is_ok()), "{all:?}");
    assert_eq!(read(&with).0.len(), 2);
    let (failed, error) = failed_at(&without);
    assert_eq!(failed, "encryption", "{error:?}");
    strict.script(&["stop", &strict.dir.to_string_lossy()]);
}

#[test]
fn a_login_without_rights_is_told_so() {
    server().manage("PUT", "users/stranger", json!({"password": "secret", "tags": ""}));
    server().manage("PUT", "permissions/%2F/stranger", json!({"configure": "", "write": "", "read": ""}));
    Client::new(server()).queue("private", &[]);
    let url =
        format!("amqp://stranger:secret@127.0.0.1:{}/%2F/private?management={}", server().port, server().management);
    let error = open(&url).expect_err("it may not be read");
    assert!(error.next_step.contains("somebody else than stranger"), "{error:?}");
    // The password may come from the environment, and is never shown.
    let bare = url.replace("stranger:secret@", "stranger@");
    let ran = program::run_with(["info", &bare], &[("EVENTGLASS_PASSWORD", "secret")]);
    assert!(ran.code != 0 && ran.err.contains("private"), "{ran:?}");
    assert!(!ran.err.contains("secret") && !ran.out.contains("secret"), "{ran:?}");
    let ran = program::run(["info", &bare]);
    assert!(ran.err.contains("no password for stranger"), "{ran:?}");
}

#[test]
fn queues_with_what_is_known_of_them() {
    let client = Client::new(server());
    client.exchange("shop-dlx", ExchangeKind::Topic);
    client.queue("shop-parked", &[]);
    client.queue("shop-other", &[]);
    client.bind("shop-parked", "shop-dlx", "shop.#");
    client.bind("shop-other", "shop-dlx", "other");
    client.queue(
        "shop",
        &[("x-dead-letter-exchange", text("shop-dlx")), ("x-dead-letter-routing-key", text("shop.dead"))],
    );
    client.numbered("shop", 0..3);
    server().manage(
        "PUT",
        "policies/%2F/by-policy",
        json!({"pattern": "^policed$", "definition": {"dead-letter-exchange": "", "dead-letter-routing-key": "policed-parked"}}),
    );
    client.queue("policed", &[quorum()]);
    client.queue("policed-parked", &[]);
    let mut seen = Overview::default();
    eventually("numbers of messages", || {
        seen = overview(&server().url("shop"));
        let of = |name: &str| seen.places.iter().find(|place| place.name == name);
        of("shop").is_some_and(|place| place.messages == Some(3))
            && of("policed-parked").is_some_and(|place| place.dead_letters)
    });
    assert!(seen.system.starts_with("RabbitMQ 3."), "{seen:?}");
    let place = |name: &str| seen.places.iter().find(|place| place.name == name).expect(name);
    assert!(place("shop-parked").dead_letters && !place("shop-other").dead_letters && !place("shop").dead_letters);
    assert_eq!(place("shop").keeps, "classic queue, dead letters to the exchange shop-dlx");
    assert!(place("policed").keeps.starts_with("quorum queue"), "{}", place("policed").keeps);
    assert_eq!(place("shop").url, server().url("shop"));
}

#[test]
fn without_the_management_api_one_queue_is_told() {
    let client = Client::new(server());
    client.queue("alone", &[]);
    client.numbered("alone", 0..4);
    let seen = overview(&format!("amqp://127.0.0.1:{}/%2F/alone?management=off", server().port));
    assert_eq!(
        seen.places.iter().map(|place| (place.name.as_str(), place.messages)).collect::<Vec<_>>(),
        [("alone", Some(4))]
    );
    assert!(seen.notes.iter().any(|note| note.contains("management")), "{seen:?}");
}
