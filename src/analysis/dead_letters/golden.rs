//! Letters of real producers, recorded by `tests/brokers/golden.rs` (RabbitMQ 4's written after its
//! documentation), and how they are read: `tests/data/golden`. `UPDATE_GOLDEN=1` writes the readings anew.

use std::path::PathBuf;

use serde_json::Value;

use super::dialects::read;
use super::{Config, Letter, Seen};
use crate::model::message::Message;

fn data(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/golden").join(name)
}

fn seen(line: &str) -> Seen {
    let message = Message::read(line.as_bytes()).expect("a record");
    let record: Value = serde_json::from_str(line).expect("JSON");
    let payload = record.get("value").map(Value::to_string);
    Seen::of(record, message.headers, payload, None)
}

/// All that is the same in each run: when it failed is not.
fn reading(letter: &Letter) -> String {
    let words = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".to_owned());
    let place = |place: &Option<_>| place.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
    let cause = &letter.cause;
    let mut lines = vec![
        format!("{} {:?} by {:?}, at {}", letter.dialect, letter.stage, letter.evidence, place(&letter.location)),
        format!("  from {}, to {:?}", place(&letter.origin), letter.target.as_ref().map(ToString::to_string)),
        format!("  root {}, wrapper {}, reason {}", words(&cause.root), words(&cause.wrapper), words(&cause.reason)),
        format!("  message {}", words(&cause.message)),
        format!("  stack {}", cause.stack.as_deref().and_then(|stack| stack.lines().next()).unwrap_or("–")),
        format!("  attempts {:?}, consumer {}", letter.attempts, words(&letter.consumer)),
        format!(
            "  failed {}, produced {}",
            if letter.failed_at.is_some() { "is known" } else { "–" },
            letter.original_time.map_or_else(|| "–".to_owned(), crate::model::time::TimeNs::to_rfc3339)
        ),
        format!(
            "  survived {:?}, pointer only {}, undecoded {:?}",
            letter.fidelity, letter.pointer_only, letter.undecoded
        ),
    ];
    let failures = letter.history.iter().map(|failure| {
        format!("  failure at {}, {}, {:?} times", place(&failure.location), words(&failure.reason), failure.count)
    });
    lines.extend(failures);
    lines.join("\n")
}

#[test]
fn letters_of_real_producers() {
    let mut found = String::new();
    for producer in ["connect", "streams", "spring", "rabbitmq-4"] {
        let text = std::fs::read_to_string(data(&format!("{producer}.ndjson"))).expect("it is there");
        for line in text.lines() {
            let letter = read(&seen(line), &Config::default());
            found.push_str(&letter.map_or_else(|| format!("{producer}: no letter"), |letter| reading(&letter)));
            found.push('\n');
        }
    }
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(data("readings.txt"), &found).expect("it can be written");
    }
    let kept = std::fs::read_to_string(data("readings.txt")).expect("it is there");
    assert_eq!(found, kept);
}
