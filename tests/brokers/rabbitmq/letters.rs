//! Letters put back: held, sent, settled, let go of, looked for.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::sync::{Arc, Mutex};

use eventglass::input::sources::broker;
use eventglass::input::sources::outlet::{Hold, ID_HEADER, Outcome, Outgoing, Outlet, Presence, Target};
use eventglass::model::message::HeaderValue;
use lapin::BasicProperties;

use super::*;

pub fn outlet(queue: &str) -> Box<dyn Outlet> {
    outlet_at(&server().url(queue))
}

fn outlet_at(url: &str) -> Box<dyn Outlet> {
    let url = Url::parse(url).expect("a URL");
    broker::of(&url).expect("RabbitMQ").outlet(&url).expect("it connects")
}

/// The letter as it is, with an id of its own.
pub fn outgoing(letter: &Message, target: &str) -> Outgoing {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let n = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let requeue_id = format!("attempt-{}-{n}", std::process::id());
    let mut message = letter.clone();
    message.headers.retain(|(name, _)| !name.starts_with("x-") || !matches!(name.as_str(), "x-death"));
    message.headers.push((ID_HEADER.to_owned(), requeue_id.as_str().into()));
    Outgoing { requeue_id, letter: letter.clone(), target: Target::Queue { name: target.to_owned() }, message }
}

/// Hold, send, settle: all must go well.
pub fn put_back(outlet: &mut dyn Outlet, batch: &[Outgoing]) {
    let held = outlet.hold(batch).expect("it can be asked");
    assert!(held.iter().all(|hold| matches!(hold, Hold::Held)), "{held:?}");
    for outcome in outlet.send(batch).into_iter().chain(outlet.settle(batch)) {
        assert!(matches!(outcome, Outcome::Confirmed(_)), "{outcome:?}");
    }
}

pub fn header<'a>(message: &'a Message, name: &str) -> Option<&'a HeaderValue> {
    message.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value)
}

/// Five letters: the second and the fourth are put back, the others stay as they are and in their order.
fn chosen_letters_are_put_back(name: &str, kind: &[(&str, AMQPValue)]) {
    let client = Client::new(server());
    let (letters, target) = (format!("{name}.dlq"), format!("{name}.target"));
    client.queue(&letters, kind);
    client.queue(&target, kind);
    client.numbered(&letters, 0..5);
    client.wait_for(&letters, 5);
    let (messages, _) = read(&server().url(&letters));
    let batch: Vec<Outgoing> = [3, 1].iter().map(|n: &usize| outgoing(&messages[*n], &target)).collect();
    let mut outlet = outlet(&letters);
    put_back(&mut *outlet, &batch[..1]);
    put_back(&mut *outlet, &batch[1..]);
    drop(outlet);
    client.wait_for(&letters, 3);
    let (left, _) = read(&server().url(&letters));
    assert_eq!(left.iter().map(body).collect::<Vec<_>>(), [r#"{"n":0}"#, r#"{"n":2}"#, r#"{"n":4}"#]);
    let (sent, _) = read(&server().url(&target));
    assert_eq!(sent.iter().map(body).collect::<Vec<_>>(), [r#"{"n":3}"#, r#"{"n":1}"#]);
    let ids: Vec<_> = sent.iter().map(|message| header(message, ID_HEADER).and_then(HeaderValue::text)).collect();
    assert_eq!(ids, batch.iter().map(|outgoing| Some(outgoing.requeue_id.as_str())).collect::<Vec<_>>());
    let Place::Amqp(place) = &sent[0].place else { panic!("{:?}", sent[0]) };
    assert!(place.properties.contains(&("delivery_mode".to_owned(), HeaderValue::Unsigned { value: 2, bits: 8 })));
}

#[test]
fn letters_of_a_classic_queue_are_put_back() {
    chosen_letters_are_put_back("back-classic", &[]);
}

#[test]
fn letters_of_a_quorum_queue_are_put_back() {
    chosen_letters_are_put_back("back-quorum", &[quorum()]);
}

#[test]
fn equal_letters_are_counted() {
    let client = Client::new(server());
    client.queue("equal.dlq", &[]);
    client.queue("equal", &[]);
    for _ in 0..3 {
        client.send("equal.dlq", b"{}", BasicProperties::default());
    }
    let (messages, _) = read(&server().url("equal.dlq"));
    let batch: Vec<Outgoing> = (0..4).map(|_| outgoing(&messages[0], "equal")).collect();
    let mut outlet = outlet("equal.dlq");
    let held = outlet.hold(&batch).expect("it can be asked");
    assert!(matches!(&held[..], [Hold::Held, Hold::Held, Hold::Held, Hold::Gone(_)]), "{held:?}");
    put_back(&mut *outlet, &batch[..2]);
    outlet.release(&batch[2..]);
    client.wait_for("equal.dlq", 1);
    assert_eq!(client.ready("equal"), 2);
}

#[test]
fn what_is_let_go_of_is_as_it_was() {
    let client = Client::new(server());
    client.queue("let-go.dlq", &[]);
    client.numbered("let-go.dlq", 0..4);
    let (messages, _) = read(&server().url("let-go.dlq"));
    let batch = [outgoing(&messages[2], "nowhere-yet")];
    let mut outlet = outlet("let-go.dlq");
    let held = outlet.hold(&batch).expect("it can be asked");
    assert!(matches!(&held[..], [Hold::Held]), "{held:?}");
    // Unroutable: confirmed by RabbitMQ all the same, and refused here.
    let outcomes = outlet.send(&batch);
    let [Outcome::Refused(error)] = &outcomes[..] else { panic!("{outcomes:?}") };
    assert!(error.summary.contains("No queue takes messages for nowhere-yet"), "{error:?}");
    outlet.release(&batch);
    client.wait_for("let-go.dlq", 4);
    let (again, _) = read(&server().url("let-go.dlq"));
    assert_eq!(again.iter().map(body).collect::<Vec<_>>(), messages.iter().map(body).collect::<Vec<_>>());
}

#[test]
fn targets_that_refuse_say_why() {
    let client = Client::new(server());
    client.queue("full", &[("x-max-length", AMQPValue::LongInt(1)), ("x-overflow", text("reject-publish"))]);
    client.queue("some.dlq", &[]);
    client.send("full", b"{}", BasicProperties::default());
    let letter = Message { value: Some(b"{}".to_vec()), ..Message::default() };
    let to = |target: Target| Outgoing { target, ..outgoing(&letter, "") };
    let exchange = |name: &str| Target::Exchange { name: name.to_owned(), routing_key: "k".to_owned() };
    let mut large = outgoing(&letter, "some.dlq");
    large.message.headers.push(("stack".to_owned(), HeaderValue::Bytes(vec![b'x'; 200_000])));
    let tombstone = Outgoing { message: Message::default(), ..outgoing(&letter, "some.dlq") };
    let batch = [
        outgoing(&letter, "full"),
        to(exchange("no-such-exchange")),
        to(exchange("amq.topic")),
        to(Target::Topic { name: "t".to_owned(), partition: None }),
        large,
        tombstone,
        outgoing(&letter, "some.dlq"),
    ];
    let mut outlet = outlet("some.dlq");
    let outcomes = outlet.send(&batch);
    for (outcome, words) in outcomes.iter().zip([
        "did not take",
        "no exchange no-such-exchange",
        "No queue takes",
        "queues and exchanges only",
        "larger than",
        "tombstone",
    ]) {
        let Outcome::Refused(error) = outcome else { panic!("{words}: {outcome:?}") };
        assert!(error.summary.contains(words) || error.details.contains(words), "{words}: {error:?}");
    }
    assert!(matches!(outcomes[6], Outcome::Confirmed(_)), "the others go their way: {:?}", outcomes[6]);
}

#[test]
fn what_was_put_back_can_be_looked_for() {
    let client = Client::new(server());
    client.queue("seek.dlq", &[]);
    client.queue("seek", &[]);
    client.numbered("seek.dlq", 0..3);
    let (messages, _) = read(&server().url("seek.dlq"));
    let batch: Vec<Outgoing> = messages.iter().map(|letter| outgoing(letter, "seek")).collect();
    let mut outlet = outlet("seek.dlq");
    let mark = outlet.mark(&batch).expect("a mark");
    put_back(&mut *outlet, &batch[..2]);
    let found = outlet.look_for(&batch, &mark).expect("it can be asked");
    let [Presence::There(first), Presence::There(_), Presence::CannotTell(why)] = &found[..] else {
        panic!("{found:?}")
    };
    assert_eq!(first, "it is message 1 of seek");
    assert!(why.contains("a consumer may have had it"), "{why}");
    client.wait_for("seek", 2);
    // One fails again.
    let returned = outlet.returned(&batch[..2], &mark).expect("it can be asked");
    assert!(matches!(&returned[..], [Presence::Absent, Presence::Absent]), "{returned:?}");
    let again = batch[0].message.headers.iter().find(|(name, _)| name == ID_HEADER).map(|(_, value)| value.clone());
    let id = again.and_then(|id| id.text().map(str::to_owned)).expect("an id");
    let headers = table(&[(ID_HEADER, text(&id))]);
    client.send("seek.dlq", b"{}", BasicProperties::default().with_headers(headers));
    let returned = outlet.returned(&batch[..2], &mark).expect("it can be asked");
    assert!(matches!(&returned[..], [Presence::There(_), Presence::Absent]), "{returned:?}");
}

/// Between a client and the server; lets bytes through until it is cut.
struct Wire {
    port: u16,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let own = listener.local_addr().expect("an address").port();
        let streams: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let all = Arc::clone(&streams);
        let accept = move || {
            for client in listener.incoming().flatten() {
                let server = TcpStream::connect(("127.0.0.1", port)).expect("the server answers");
                let copy = |stream: &TcpStream| stream.try_clone().expect("sockets can be shared");
                all.lock().expect("no panic").extend([copy(&client), copy(&server)]);
                pump(copy(&client), copy(&server));
                pump(server, client);
            }
        };
        std::thread::Builder::new().name("wire".to_owned()).spawn(accept).expect("threads can be started");
        Self { port: own, streams }
    }

    fn cut(&self) {
        for stream in self.streams.lock().expect("no panic").drain(..) {
            let _it_may_be_gone = stream.shutdown(Shutdown::Both);
        }
    }
}

fn pump(mut from: TcpStream, mut to: TcpStream) {
    let copy = move || {
        let mut buf = [0; 16 << 10];
        while let Ok(n) = from.read(&mut buf) {
            if n == 0 || to.write_all(&buf[..n]).is_err() {
                break;
            }
        }
        let _it_may_be_gone = to.shutdown(Shutdown::Both);
    };
    std::thread::Builder::new().name("pump".to_owned()).spawn(copy).expect("threads can be started");
}

#[test]
fn a_cut_connection_leaves_doubt_and_no_loss() {
    let client = Client::new(server());
    client.queue("cut.dlq", &[]);
    client.queue("cut", &[]);
    client.numbered("cut.dlq", 0..3);
    let (messages, _) = read(&server().url("cut.dlq"));
    let batch: Vec<Outgoing> = messages.iter().map(|letter| outgoing(letter, "cut")).collect();
    let wire = Wire::to(server().port);
    let url = server().url("cut.dlq").replace(&format!(":{}/", server().port), &format!(":{}/", wire.port));
    let mut outlet = outlet_at(&url);
    // Cut before it is sent: another connection does it, and what was held is back in its queue.
    outlet.hold(&batch).expect("it can be asked");
    wire.cut();
    client.wait_for("cut.dlq", 3);
    let settled = outlet.settle(&batch);
    assert!(settled.iter().all(|outcome| matches!(outcome, Outcome::Unknown(_))), "{settled:?}");
    put_back(&mut *outlet, &batch[..1]);
    // Cut after the confirms: the letters come back, and are settled by holding them again.
    outlet.hold(&batch[1..]).expect("it can be asked");
    for outcome in outlet.send(&batch[1..]) {
        assert!(matches!(outcome, Outcome::Confirmed(_)), "{outcome:?}");
    }
    wire.cut();
    client.wait_for("cut.dlq", 2);
    let held = outlet.hold(&batch[1..]).expect("it connects again");
    assert!(held.iter().all(|hold| matches!(hold, Hold::Held)), "{held:?}");
    for outcome in outlet.settle(&batch[1..]) {
        assert!(matches!(outcome, Outcome::Confirmed(_)), "{outcome:?}");
    }
    drop(outlet);
    client.wait_for("cut.dlq", 0);
    assert_eq!(client.ready("cut"), 3);
}
