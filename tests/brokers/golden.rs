//! Letters that real producers make in a real Kafka, held against what was recorded of them in
//! `tests/data/golden`; the readings of those records are tested without any of this
//! (`analysis::dead_letters::golden`). `UPDATE_GOLDEN=1` records anew.

use std::path::{Path, PathBuf};
use std::process::Command;

use eventglass::model::message::{HeaderValue, Message, Place};

use crate::kafka::{Server, records, server};

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden").join(name)
}

/// Lets a producer make its letters and reads the topics that they went to.
fn letters(server: &Server, producer: &str, topics: &[&str]) -> Vec<Message> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/letters.sh");
    let work = tempfile::tempdir().expect("temporary folders can be made");
    let ran = Command::new(script)
        .args([producer, &format!("127.0.0.1:{}", server.port)])
        .arg(work.path())
        .output()
        .expect("the script can be run");
    assert!(ran.status.success(), "{producer}: {}", String::from_utf8_lossy(&ran.stderr));
    topics.iter().flat_map(|topic| records(&server.url(topic))).collect()
}

/// What is the same in each run: place, key, value, and the headers with their kinds of values.
fn shape(message: &Message) -> String {
    let Place::Kafka { topic, partition, offset } = &message.place else { return String::new() };
    let text = |bytes: &Option<Vec<u8>>| bytes.as_ref().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    let mut shape = format!("{topic}/{partition}/{offset} {:?} {:?}", text(&message.key), text(&message.value));
    for (name, value) in &message.headers {
        let kind = match value {
            HeaderValue::Null => "null".to_owned(),
            // Traces and times are other ones each time.
            HeaderValue::Bytes(bytes) if name.contains("stacktrace") || name.contains("timestamp") => {
                if bytes.len() > 8 { "text".to_owned() } else { format!("{} bytes", bytes.len()) }
            }
            other => format!("{other:?}"),
        };
        shape.push_str(&format!("\n  {name}: {kind}"));
    }
    shape
}

#[test]
#[ignore = "fetches Kafka Streams and Spring Kafka from Maven and takes a minute"]
fn producers_write_what_was_recorded() {
    let server = server();
    for (producer, topics) in [
        ("connect", &["connect-letters"][..]),
        ("streams", &["streams-letters"]),
        ("spring", &["spring-orders-dlt", "spring-payments-retry", "spring-payments-dlt"]),
    ] {
        let found = letters(server, producer, topics);
        let file = recorded(&format!("{producer}.ndjson"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            let mut lines = Vec::new();
            for message in &found {
                message.write(&mut lines);
                lines.push(b'\n');
            }
            std::fs::write(&file, lines).expect("it can be written");
        }
        let kept = std::fs::read_to_string(&file).expect("it is there");
        let kept: Vec<String> =
            kept.lines().map(|line| shape(&Message::read(line.as_bytes()).expect("a record"))).collect();
        assert_eq!(found.iter().map(shape).collect::<Vec<_>>(), kept, "{producer}");
    }
}
