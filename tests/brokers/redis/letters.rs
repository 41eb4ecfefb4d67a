//! Letters put back: what goes through unchanged, what is refused and why.

use eventglass::input::sources::broker::{self, Url};
use eventglass::input::sources::outlet::{Guarantee, Hold, ID_HEADER, Outcome, Outgoing, Outlet, Presence, Target};
use eventglass::model::error::Error;
use eventglass::model::message::{Message, Place};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use redis::cmd;

use super::{Fields, Server, cluster, server};
use crate::kafka::records;

fn outlet(url: &str) -> Box<dyn Outlet> {
    let url = Url::parse(url).expect("an address");
    broker::of(&url).expect("Redis").outlet(&url).expect("it connects")
}

/// The letter as it is, with an id.
fn outgoing(letter: &Message, target: &str, id: &str) -> Outgoing {
    let mut message = letter.clone();
    message.headers.push((ID_HEADER.to_owned(), id.into()));
    Outgoing {
        requeue_id: id.to_owned(),
        letter: letter.clone(),
        target: Target::Queue { name: target.to_owned() },
        message,
    }
}

/// Reads letters, holds all and sends them; what became of each.
fn sent(server: &Server, from: &str, target: &str, outlet: &mut dyn Outlet) -> (Vec<Outgoing>, Vec<Outcome>) {
    let letters = records(&server.url(from));
    let batch: Vec<Outgoing> =
        letters.iter().enumerate().map(|(n, letter)| outgoing(letter, target, &format!("{target}-{n}"))).collect();
    let held = outlet.hold(&batch).expect("it can be asked");
    assert!(held.iter().all(|hold| matches!(hold, Hold::Held)), "{held:?}");
    outlet.mark(&batch).expect("it can be asked");
    let outcomes = outlet.send(&batch);
    (batch, outcomes)
}

fn refused(outcomes: &[Outcome]) -> Vec<&Error> {
    outcomes
        .iter()
        .map(|outcome| match outcome {
            Outcome::Refused(error) => error,
            other => panic!("{other:?}"),
        })
        .collect()
}

fn field() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let names = ["data", "value", "event", "type", "x-error", "orderId", "original-stream", ""];
    let name = prop::sample::select(names.map(|name| name.as_bytes().to_vec()).to_vec());
    let texts = ["{\"a\":1.50}", "[1]", "12", "1e5", "true", "null", "text", "{\n}", "\u{0}", ""];
    let text = prop::sample::select(texts.map(|text| text.as_bytes().to_vec()).to_vec());
    let name = prop_oneof![5 => name, 1 => vec(any::<u8>(), 0..5)];
    (name, prop_oneof![5 => text, 2 => vec(any::<u8>(), 0..300)])
}

/// Order, duplicates, empty names and bytes that are no text: what was added is what goes back, with our id.
#[test]
fn fields_go_back_to_the_byte() {
    let mut client = server().client();
    client.group("to-the-byte", "g");
    let mut expected: Vec<Fields> = Vec::new();
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let add = |fields: Fields| {
        server().client().add_bytes("to-the-byte:dlq", "*", &fields);
        Ok(())
    };
    runner.run(&vec(field(), 1..8), add).expect("they can be added");
    expected.extend(client.entries("to-the-byte:dlq").into_iter().map(|(_, fields)| fields));
    let mut outlet = outlet(&server().url("to-the-byte:dlq"));
    assert_eq!(outlet.guarantee(), Guarantee::ExactlyOnce);
    let (batch, outcomes) = sent(server(), "to-the-byte:dlq", "to-the-byte", &mut *outlet);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Confirmed(_))), "{outcomes:?}");
    assert!(outlet.settle(&batch).iter().all(|outcome| matches!(outcome, Outcome::Confirmed(_))));
    let back = client.entries("to-the-byte");
    assert_eq!((back.len(), client.length("to-the-byte:dlq")), (expected.len(), 0));
    for (n, ((_, fields), mut was)) in back.into_iter().zip(expected).enumerate() {
        was.push((ID_HEADER.as_bytes().to_vec(), format!("to-the-byte-{n}").into_bytes()));
        assert_eq!(fields, was);
    }
}

#[test]
fn a_second_run_finds_the_letter_gone_and_its_message_there() {
    let mut client = server().client();
    client.group("twice", "g");
    client.add("twice:dlq", &[("data", "{}")]);
    let (mut one, mut other) = (outlet(&server().url("twice:dlq")), outlet(&server().url("twice:dlq")));
    let letters = records(&server().url("twice:dlq"));
    let batch = [outgoing(&letters[0], "twice", "same-id")];
    for outlet in [&mut one, &mut other] {
        outlet.hold(&batch).expect("it can be asked");
        outlet.mark(&batch).expect("it can be asked");
    }
    for outlet in [&mut one, &mut other] {
        assert!(matches!(outlet.send(&batch)[0], Outcome::Confirmed(_)));
    }
    assert_eq!(client.length("twice"), 1);
    // With another id it is somebody else's.
    client.add("twice:dlq", &[("data", "{}")]);
    let letters = records(&server().url("twice:dlq"));
    let (first, second) = ([outgoing(&letters[0], "twice", "mine")], [outgoing(&letters[0], "twice", "theirs")]);
    one.hold(&first).expect("it can be asked");
    other.hold(&second).expect("it can be asked");
    one.mark(&first).expect("it can be asked");
    other.mark(&second).expect("it can be asked");
    assert!(matches!(one.send(&first)[0], Outcome::Confirmed(_)));
    let outcomes = other.send(&second);
    assert!(refused(&outcomes)[0].summary.contains("moved or deleted"), "{outcomes:?}");
    assert_eq!(client.length("twice"), 2);
}

#[test]
fn what_is_pending_moves_to_the_end_and_is_acknowledged() {
    let mut client = server().client();
    client.group("moved", "billing");
    for n in 0..3 {
        client.add("moved", &[("data", &n.to_string())]);
    }
    client.take("moved", "billing", 2);
    let mut outlet = outlet(&server().url("moved"));
    let (_, outcomes) = sent(server(), "moved?pending=billing", "moved", &mut *outlet);
    assert!(outcomes.iter().all(|outcome| matches!(outcome, Outcome::Confirmed(_))), "{outcomes:?}");
    let values: Vec<String> = client
        .entries("moved")
        .into_iter()
        .map(|(_, fields)| String::from_utf8_lossy(&fields[0].1).into_owned())
        .collect();
    assert_eq!(values, ["2", "0", "1"]);
    let pending: Vec<redis::Value> = client.ask(cmd("XPENDING").arg("moved").arg("billing").arg("-").arg("+").arg(9));
    assert_eq!(pending, []);
}

/// Between the look and the move the consumer may go on with it.
#[test]
fn what_its_consumer_goes_on_with_stays() {
    let mut client = server().client();
    client.group("busy", "billing");
    let (taken, done) = (client.add("busy", &[("data", "1")]), client.add("busy", &[("data", "2")]));
    client.take("busy", "billing", 2);
    let letters = records(&server().url("busy?pending=billing"));
    let batch = [outgoing(&letters[0], "busy", "a"), outgoing(&letters[1], "busy", "b")];
    let mut outlet = outlet(&server().url("busy"));
    assert!(outlet.hold(&batch).expect("it can be asked").iter().all(|hold| matches!(hold, Hold::Held)));
    outlet.mark(&batch).expect("it can be asked");
    client.run(&format!("XCLAIM busy billing other 0 {taken}"));
    client.run(&format!("XACK busy billing {done}"));
    let outcomes = outlet.send(&batch);
    let said = refused(&outcomes);
    assert!(said[0].summary.contains("consumer other"), "{said:?}");
    assert!(said[1].summary.contains("has acknowledged"), "{said:?}");
    assert_eq!(client.length("busy"), 2);
    let held = outlet.hold(&batch).expect("it can be asked");
    assert!(held.iter().all(|hold| matches!(hold, Hold::Gone(_))), "{held:?}");
}

#[test]
fn what_the_server_refuses_stays_and_is_said() {
    let server = Server::start(&[]);
    let mut client = server.client();
    client.group("target", "g");
    client.run("SET text value");
    client.add("some:dlq", &[("data", "{}")]);
    let port = server.port;
    let check = |client: &mut super::Client, login: &str, target: &str, words: &str| {
        let mut outlet = outlet(&format!("redis://{login}127.0.0.1:{port}/some:dlq"));
        let (_, outcomes) = sent(&server, "some:dlq", target, &mut *outlet);
        let error = refused(&outcomes)[0].clone();
        let said = format!("{} {} {}", error.summary, error.details, error.next_step);
        assert!(said.contains(words), "{login} {target}: {error:?}");
        assert_eq!((client.length("some:dlq"), client.length("target")), (1, 0), "{words}");
    };
    check(&mut client, "", "no-such", "There is no stream no-such");
    check(&mut client, "", "text", "WRONGTYPE");
    client.run("ACL SETUSER noeval on >pw ~* +@all -eval");
    check(&mut client, "noeval:pw@", "target", "two_steps=yes");
    client.run("ACL SETUSER nodel on >pw ~* +@all -xdel");
    check(&mut client, "nodel:pw@", "target", "no permission for XDEL");
    client.run("ACL SETUSER noadd on >pw %RW~some:dlq %R~target +@all");
    check(&mut client, "noadd:pw@", "target", "NOPERM");
    client.run("CONFIG SET maxmemory 1");
    check(&mut client, "", "target", "maxmemory");
    client.run("CONFIG SET maxmemory 0");
    client.run("CONFIG SET min-replicas-to-write 1");
    check(&mut client, "", "target", "more replicas");
    client.run("CONFIG SET min-replicas-to-write 0");
    // A replica: of a server that is not there.
    client.run("REPLICAOF 127.0.0.1 1");
    check(&mut client, "", "target", "read-only replica");
    client.run("REPLICAOF NO ONE");
    let mut outlet = outlet(&server.url("some:dlq"));
    let (_, outcomes) = sent(&server, "some:dlq", "target", &mut *outlet);
    assert!(matches!(outcomes[0], Outcome::Confirmed(_)), "{outcomes:?}");
}

#[test]
fn in_a_cluster_one_step_needs_one_slot() {
    let mut client = cluster().client();
    for target in ["{slots}:target", "elsewhere"] {
        client.group(target, "g");
    }
    client.add("{slots}:dlq", &[("data", "1")]);
    let mut one_step = outlet(&cluster().url("{slots}:dlq"));
    let (_, outcomes) = sent(cluster(), "{slots}:dlq", "elsewhere", &mut *one_step);
    let error = refused(&outcomes)[0];
    assert!(error.summary.contains("different slots") && error.next_step.contains("two_steps=yes"), "{error:?}");
    let (_, outcomes) = sent(cluster(), "{slots}:dlq", "{slots}:target", &mut *one_step);
    assert!(matches!(outcomes[0], Outcome::Confirmed(_)), "{outcomes:?}");
    assert_eq!((client.length("{slots}:dlq"), client.length("{slots}:target")), (0, 1));
    client.add("{slots}:dlq", &[("data", "2")]);
    let mut two_steps = outlet(&cluster().url("{slots}:dlq?two_steps=yes"));
    assert_eq!(two_steps.guarantee(), Guarantee::FoundAgain);
    let (batch, outcomes) = sent(cluster(), "{slots}:dlq", "elsewhere", &mut *two_steps);
    assert!(matches!(outcomes[0], Outcome::Confirmed(_)), "{outcomes:?}");
    assert_eq!((client.length("{slots}:dlq"), client.length("elsewhere")), (1, 1));
    assert!(matches!(two_steps.settle(&batch)[0], Outcome::Confirmed(_)));
    assert_eq!(client.length("{slots}:dlq"), 0);
}

/// What cannot be found is only called absent where nothing that came since was taken away.
#[test]
fn absence_is_only_said_where_it_is_sure() {
    let mut client = server().client();
    client.group("looked", "g");
    client.add("looked", &[("data", "before")]);
    let letter = Message { value: Some(b"{}".to_vec()), ..Message::default() };
    let batch = [outgoing(&letter, "looked", "sought")];
    let mut outlet = outlet(&server().url("looked"));
    let mark = outlet.mark(&batch).expect("it can be asked");
    client.add("looked", &[("data", "other")]);
    assert!(matches!(outlet.look_for(&batch, &mark).expect("an answer")[0], Presence::Absent));
    assert!(matches!(outlet.send(&batch)[0], Outcome::Confirmed(_)));
    assert!(matches!(outlet.look_for(&batch, &mark).expect("an answer")[0], Presence::There(_)));
    let (id, _) = client.entries("looked").pop().expect("it is there");
    client.run(&format!("XDEL looked {id}"));
    let found = outlet.look_for(&batch, &mark).expect("an answer");
    assert!(matches!(&found[0], Presence::CannotTell(why) if why.contains("1 entry of looked")), "{found:?}");
}

/// A letter that comes back with its id is the one that was sent.
#[test]
fn a_letter_that_failed_again_is_seen() {
    let mut client = server().client();
    client.group("again", "g");
    client.add("again:dlq", &[("data", "{}")]);
    let letters = records(&server().url("again:dlq"));
    let batch = [outgoing(&letters[0], "again", "again-id")];
    let mut outlet = outlet(&server().url("again:dlq"));
    outlet.hold(&batch).expect("it can be asked");
    let mark = outlet.mark(&batch).expect("it can be asked");
    assert!(matches!(outlet.send(&batch)[0], Outcome::Confirmed(_)));
    assert!(matches!(outlet.returned(&batch, &mark).expect("an answer")[0], Presence::Absent));
    client.add("again:dlq", &[("data", "{}"), (ID_HEADER, "again-id")]);
    let returned = outlet.returned(&batch, &mark).expect("an answer");
    assert!(matches!(&returned[0], Presence::There(at) if at.starts_with("again:dlq@")), "{returned:?}");
    let Place::Redis(_) = &letters[0].place else { panic!("it lies in Redis") };
}
