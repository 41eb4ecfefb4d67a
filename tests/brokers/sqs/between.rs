//! Between the program and its server: requests that are slow, refused, or carried out in part.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use eventglass::base::cancel::Cancel;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::input::sources::broker::{self, Url};
use serde_json::{Value, json};

use super::*;
use crate::rabbitmq::{eventually, read_to_end};

/// What becomes of a request: nothing special, or this status and body in place of the server's answer.
type Rule = dyn Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync;

/// Starts it before moto; its port.
fn between(rule: impl Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync + 'static) -> u16 {
    before(server().port, rule)
}

/// Starts it before the server at this port; its port.
pub fn before(to: u16, rule: impl Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let rule: Arc<Rule> = Arc::new(rule);
    let serve = move || {
        for client in listener.incoming().flatten() {
            let rule = Arc::clone(&rule);
            let answer = move || drop(answer(client, to, rule.as_ref()));
            std::thread::Builder::new().name("request".to_owned()).spawn(answer).expect("a thread");
        }
    };
    std::thread::Builder::new().name("between".to_owned()).spawn(serve).expect("a thread");
    port
}

fn answer(client: TcpStream, to: u16, rule: &Rule) -> std::io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    let (mut line, mut length, mut headers) = (String::new(), 0, Vec::new());
    while reader.read_line(&mut line)? > 2 {
        if let Some((name, value)) = line.trim_end().split_once(": ") {
            let name = name.to_ascii_lowercase();
            match name.as_str() {
                "content-length" => length = value.parse().expect("a number"),
                "authorization" | "x-amz-target" | "content-type" => headers.push((name, value.to_owned())),
                _ => {}
            }
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let target = headers.iter().find(|(name, _)| name == "x-amz-target").map_or("", |(_, value)| value);
    let action = target.rsplit('.').next().unwrap_or_default().to_owned();
    let asked = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let (status, said) = rule(&action, &asked).unwrap_or_else(|| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let mut request = agent.post(format!("http://127.0.0.1:{to}/"));
        for (name, value) in &headers {
            request = request.header(name, value);
        }
        let mut said = request.send(&body[..]).expect("the server answers");
        (said.status().as_u16(), said.body_mut().read_json().unwrap_or(Value::Null))
    });
    let said = said.to_string();
    let length = said.len();
    let kind = "content-type: application/x-amz-json-1.0";
    let mut client = client;
    write!(client, "HTTP/1.1 {status} X\r\n{kind}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{said}")
}

/// Of a queue, by the port between; messages are held for two seconds, so each look prolongs some.
fn address(queue: &Queue, port: u16) -> String {
    format!("sqs://{}?region={REGION}&endpoint=http://127.0.0.1:{port}&hold=2s", queue.name)
}

/// A queue with messages whose look lasts longer than they are held at first.
fn filled(name: &str, messages: usize) -> Queue {
    let (_, letters) = server().with_letters(name);
    (0..messages).for_each(|n| letters.send(&format!("{{\"n\":{n}}}"), json!({})));
    letters
}

/// Bodies, sorted.
fn bodies(messages: &[eventglass::model::message::Message]) -> Vec<String> {
    let mut bodies: Vec<String> = messages.iter().map(|message| body(message).to_owned()).collect();
    bodies.sort_unstable();
    bodies
}

/// Each receive takes this long.
const SLOW: Duration = Duration::from_millis(600);

fn is_prolonging(action: &str, asked: &Value) -> bool {
    action == "ChangeMessageVisibilityBatch" && asked["Entries"][0]["VisibilityTimeout"] != json!(0)
}

#[test]
fn a_request_to_prolong_that_fails_as_a_whole_loses_nothing() {
    if !in_process(module_path!(), "a_request_to_prolong_that_fails_as_a_whole_loses_nothing") {
        return;
    }
    let letters = filled("whole", 25);
    let failed = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&failed);
    let port = between(move |action, asked| {
        if action == "ReceiveMessage" {
            std::thread::sleep(SLOW);
        }
        let fails = is_prolonging(action, asked) && seen.fetch_add(1, Ordering::Relaxed) == 0;
        fails.then(|| (400, json!({"__type": "com.amazonaws.sqs#InvalidSecurity", "message": "not now"})))
    });
    let (messages, warnings) = read(&address(&letters, port));
    assert!(failed.load(Ordering::Relaxed) > 1, "it was tried again");
    let read = bodies(&messages);
    let mut once = read.clone();
    once.dedup();
    assert_eq!((read.len(), once.len()), (25, 25), "each once: {read:?}");
    assert!(!said(&warnings, "could not be held"), "{warnings:?}");
    eventually("message given back", || letters.counts() == (25, 0));
}

#[test]
fn what_can_be_held_no_longer_is_said_and_shown_once() {
    if !in_process(module_path!(), "what_can_be_held_no_longer_is_said_and_shown_once") {
        return;
    }
    let letters = filled("parted", 25);
    let failed = AtomicUsize::new(0);
    let port = between(move |action, asked| {
        if action == "ReceiveMessage" {
            std::thread::sleep(SLOW);
        }
        let fails = is_prolonging(action, asked) && failed.fetch_add(1, Ordering::Relaxed) == 0;
        fails.then(|| {
            let of = |entry: &Value| json!({"Id": entry["Id"]});
            let kept: Vec<Value> = asked["Entries"].as_array().into_iter().flatten().skip(1).map(of).collect();
            let lost = json!({"Id": "0", "SenderFault": true, "Code": "MessageNotInflight", "Message": "gone"});
            (200, json!({"Successful": kept, "Failed": [lost]}))
        })
    });
    let (messages, warnings) = read(&address(&letters, port));
    let read = bodies(&messages);
    let mut once = read.clone();
    once.dedup();
    assert_eq!((read.len(), once.len()), (25, 25), "each once: {read:?}");
    assert!(said(&warnings, "1 message could not be held"), "{warnings:?}");
}

#[test]
fn a_look_that_is_cancelled_gives_everything_back() {
    if !in_process(module_path!(), "a_look_that_is_cancelled_gives_everything_back") {
        return;
    }
    let letters = filled("stopped", 40);
    let received = Arc::new(AtomicUsize::new(0));
    let seen = Arc::clone(&received);
    let port = between(move |action, _| {
        if action == "ReceiveMessage" && seen.fetch_add(1, Ordering::Relaxed) > 0 {
            std::thread::sleep(SLOW);
        }
        None
    });
    let cancel = Cancel::new();
    let options = OpenOptions { cancel: cancel.clone(), ..OpenOptions::default() };
    // Held for so long that what is there again was given back, and not left until its time was over.
    let url = Url::parse(&address(&letters, port).replace("hold=2s", "hold=10m")).expect("an address");
    let opened = open(&Address::Broker(Box::new(url)), &options).expect("it can be opened");
    eventually("second request", || received.load(Ordering::Relaxed) > 1);
    cancel.cancel();
    let (messages, _) = read_to_end(&opened);
    assert!(messages.len() < 40, "it went on to the end");
    eventually("message given back", || letters.counts() == (40, 0));
}

#[test]
fn a_connection_test_hears_that_it_is_cancelled() {
    if !in_process(module_path!(), "a_connection_test_hears_that_it_is_cancelled") {
        return;
    }
    let port = between(|_, _| {
        std::thread::sleep(Duration::from_secs(20));
        None
    });
    let url = Url::parse(&format!("sqs://x?region={REGION}&endpoint=http://127.0.0.1:{port}")).expect("an address");
    let (cancel, started) = (Cancel::new(), Instant::now());
    let later = cancel.clone();
    let stop = move || {
        std::thread::sleep(Duration::from_millis(300));
        later.cancel();
    };
    std::thread::Builder::new().name("impatience".to_owned()).spawn(stop).expect("a thread");
    let steps = broker::of(&url).expect("SQS").test(&url, &cancel);
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    let last = steps.last().expect("a step").result.as_ref().expect_err("it was cancelled");
    assert!(steps.len() == 3 && last.summary.contains("cancelled"), "{steps:?}");
}
