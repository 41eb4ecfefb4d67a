//! Connections that come about and those that do not, with the reason.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use eventglass::base::cancel::Cancel;
use eventglass::input::sources::broker::{self, Step, Url};

use super::server;
use crate::program::{run, run_with};

#[test]
fn with_a_login_and_encryption() {
    let server = server();
    server.topic("secured", 1, &[]);
    server.write("secured", &[super::Sent::json(0, "k", r#"{"type":"A","id":"1"}"#)]);
    let (login, tls) = (server.port + 10, server.port + 20);
    let ca = server.dir.join("tls/ca.pem").display().to_string();
    let files = tempfile::tempdir().expect("temporary folders can be made");
    let properties = files.path().join("client.properties");
    std::fs::write(
        &properties,
        "security.protocol=SASL_PLAINTEXT\nsasl.mechanism=SCRAM-SHA-256\nsasl.jaas.config=\
         org.apache.kafka.common.security.scram.ScramLoginModule required username=\"reader\" password=\"reader-secret\";\n",
    )
    .expect("files can be written");
    for url in [
        format!("kafka://reader:reader-secret@127.0.0.1:{login}/secured"),
        format!("kafka://reader:reader-secret@127.0.0.1:{login}/secured?sasl=scram-sha-256"),
        format!("kafka://reader:reader-secret@127.0.0.1:{login}/secured?sasl=scram-sha-512"),
        format!("kafka://127.0.0.1:{login}/secured?properties={}", properties.display()),
        format!("kafka://localhost:{tls}/secured?ca={ca}"),
        format!("kafka://127.0.0.1:{tls}/secured?tls=unverified"),
    ] {
        let ran = run(["events", "--format", "ndjson", &url]);
        assert_eq!((ran.code, ran.lines().len()), (0, 1), "{url}: {}", ran.err);
        assert!(!ran.out.contains("secret") && !ran.err.contains("secret"), "{ran:?}");
    }
    let url = format!("kafka://reader@127.0.0.1:{login}/secured");
    let ran = run_with(["info", &url], &[("EVENTGLASS_PASSWORD", "reader-secret")]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(!ran.out.contains("reader-secret"), "{}", ran.out);
}

/// A token endpoint that gives `answer` to each question with these credentials, and what it was asked.
fn endpoint(login: &'static str, answer: String) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/token", listener.local_addr().expect("an address"));
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let kept = Arc::clone(&asked);
    let answers = move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = Vec::new();
            // Headers, and the little that follows them.
            while !String::from_utf8_lossy(&request).contains("grant_type") {
                let mut piece = [0; 4096];
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(n) => request.extend_from_slice(&piece[..n]),
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let wanted = format!("Basic {}", STANDARD.encode(login));
            let (status, body) = if request.contains(&wanted) {
                ("200 OK", answer.clone())
            } else {
                ("401 Unauthorized", r#"{"error":"invalid_client"}"#.to_owned())
            };
            let length = body.len();
            let _ = write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}");
            kept.lock().expect("nobody panics").push(request);
        }
    };
    std::thread::Builder::new().name("token endpoint".to_owned()).spawn(answers).expect("a thread");
    (url, asked)
}

/// Without a signature, as Kafka's own check takes it where nothing else is set up.
fn token(subject: &str) -> String {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock").as_secs();
    let part = |json: String| URL_SAFE_NO_PAD.encode(json);
    let claims = format!(r#"{{"sub":"{subject}","iat":{now},"exp":{}}}"#, now + 3600);
    format!("{}.{}.", part(r#"{"alg":"none"}"#.to_owned()), part(claims))
}

#[test]
fn with_a_token_of_the_environment_a_command_or_an_endpoint() {
    let server = server();
    server.topic("by-token", 1, &[]);
    server.write("by-token", &[super::Sent::json(0, "k", r#"{"type":"A","id":"1"}"#)]);
    let port = server.port + 10;
    let reader = token("reader");
    let command = format!("echo {reader}");
    let bare = format!("kafka://127.0.0.1:{port}/by-token?sasl=oauthbearer");
    for environment in [("EVENTGLASS_TOKEN", reader.as_str()), ("EVENTGLASS_TOKEN_COMMAND", command.as_str())] {
        let ran = run_with(["events", "--format", "ndjson", &bare], &[environment]);
        assert_eq!((ran.code, ran.lines().len()), (0, 1), "{}: {}", environment.0, ran.err);
    }
    let ran = run([
        "events",
        "--format",
        "ndjson",
        &format!("kafka://reader@127.0.0.1:{port}/by-token?sasl=oauthbearer&token=unsecured"),
    ]);
    assert_eq!((ran.code, ran.lines().len()), (0, 1), "{}", ran.err);
    let (url, asked) = endpoint("app:s%2533cret", format!(r#"{{"access_token":"{reader}","expires_in":3600}}"#));
    let with =
        |login: &str| format!("kafka://{login}@127.0.0.1:{port}/by-token?sasl=oauthbearer&token={url}&scope=read");
    let ran = run(["events", "--format", "ndjson", &with("app:s%2533cret")]);
    assert_eq!((ran.code, ran.lines().len()), (0, 1), "{}", ran.err);
    assert!(asked.lock().expect("nobody panics")[0].contains("grant_type=client_credentials&scope=read"));
    // Letters too are put back by it, with and without transactions.
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let path = |name: &str| folder.path().join(name).display().to_string();
    server.topic("by-token-dlt", 1, &[]);
    let headers = [("kafka_dlt-original-topic", Some(&b"by-token"[..]))];
    server.write("by-token-dlt", &[super::Sent { value: Some(b"{}"), headers: &headers, ..super::Sent::default() }]);
    let (plan, journal) = (path("plan.json"), path("journal.sqlite"));
    let letters = bare.replace("by-token?", "by-token-dlt?");
    let by_token = [("EVENTGLASS_TOKEN", reader.as_str())];
    let ran = run_with(["requeue", &letters, "--all", "--plan", &plan, "--journal", &journal], &by_token);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    let ran = run_with(["requeue", "--run", &plan, "--yes", "--journal", &journal], &by_token);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    assert_eq!(super::records(&server.url("by-token")).len(), 2);
    // And what does not come about says so.
    let stranger = token("stranger");
    for (url, environment, words) in [
        (with("app:wrong"), ("EVENTGLASS_NOTHING", ""), "There is no token for the login"),
        (with("app:wrong"), ("EVENTGLASS_NOTHING", ""), "answers 401 (invalid_client)"),
        (bare.clone(), ("EVENTGLASS_NOTHING", ""), "Nothing says where the token"),
        (bare.clone(), ("EVENTGLASS_TOKEN_COMMAND", "exit 7"), "There is no token for the login"),
        (bare.clone(), ("EVENTGLASS_TOKEN", "canary-token"), "login was refused"),
        (bare.clone(), ("EVENTGLASS_TOKEN", stranger.as_str()), "that you may see"),
    ] {
        let ran = run_with(["info", &url], &[environment]);
        assert!(ran.code != 0 && ran.err.contains(words), "{words}: {}", ran.err);
        assert!(!ran.err.contains("canary") && !ran.err.contains("wrong"), "{}", ran.err);
    }
}

#[test]
fn with_a_certificate_of_the_client() {
    let server = server();
    server.topic("both-sides", 1, &[]);
    server.write("both-sides", &[super::Sent::json(0, "k", r#"{"type":"A","id":"1"}"#)]);
    let file = |name: &str| server.dir.join("tls").join(name).display().to_string();
    let port = server.port + 40;
    let without = format!("kafka://localhost:{port}/both-sides?ca={}", file("ca.pem"));
    let with = format!("{without}&certificate={}&certificate_key={}", file("client.pem"), file("client.key"));
    let ran = run(["events", "--format", "ndjson", &with]);
    assert_eq!((ran.code, ran.lines().len()), (0, 1), "{}", ran.err);
    let steps = tested(&with);
    assert!(steps.iter().all(|step| step.result.is_ok()), "{steps:?}");
    let failed = tested(&without).pop().expect("a step");
    let error = failed.result.expect_err("the server wants a certificate");
    assert_eq!(failed.name, "encryption", "{error:?}");
    assert!(error.next_step.contains("certificate"), "{error:?}");
}

fn tested(url: &str) -> Vec<Step> {
    let url = Url::parse(url).expect("an address");
    broker::of(&url).expect("a broker").test(&url, &Cancel::new())
}

#[test]
fn failures_say_the_step_and_what_to_do() {
    let server = server();
    server.topic("payments", 1, &[]);
    let (login, tls) = (server.port + 10, server.port + 20);
    let url = |rest: &str| server.url(rest);
    for (url, words) in [
        ("kafka://no-such-host.invalid/payments".to_owned(), "name is not known"),
        ("kafka://127.0.0.1:1/payments".to_owned(), "refuses the connection"),
        (format!("kafka://reader:wrong@127.0.0.1:{login}/payments"), "login was refused"),
        (format!("kafka://reader:wrong@127.0.0.1:{login}/payments?sasl=scram-sha-256"), "login was refused"),
        (format!("kafka://127.0.0.1:{tls}/payments"), "whether the server wants ?tls"),
        (format!("kafka://127.0.0.1:{tls}/payments?tls"), "certificate is not trusted"),
        (format!("kafka://127.0.0.1:{}/payments?tls", server.port), "No encrypted connection"),
        (format!("kafka://reader@127.0.0.1:{login}/payments"), "password of reader is missing"),
        (url("paymnts"), "Did you mean payments?"),
        (url("no-such*"), "No topic fits"),
        (url(""), "names no topic"),
        (url("payments?partition=7"), "no partition 7"),
        (format!("kafka://stranger:stranger-secret@127.0.0.1:{login}/payments"), "that you may see"),
    ] {
        let ran = run(["info", &url]);
        assert_ne!(ran.code, 0, "{url}: {}", ran.out);
        assert!(ran.err.contains(words), "{url}: {}", ran.err);
        assert!(!ran.err.contains("wrong@") && !ran.err.contains("secret"), "{}", ran.err);
    }
}
