//! Connections that come about and those that do not, with the reason.

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
