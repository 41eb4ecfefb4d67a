//! Letters put back into real brokers: the crash matrix, what goes through unchanged, what peers get wrong.

mod cuts;
mod letters;
mod matrix;
mod outages;
mod peers;
mod postgres;
mod rabbit;
mod redis;
#[cfg(feature = "aws")]
mod sqs;

use std::path::PathBuf;

use eventglass::input::sources::outlet::Target;
use eventglass::model::message::{Message, Place};
use eventglass::requeue::plan::Plan;
use eventglass::requeue::{ids, testing};
use serde_json::Value;

use crate::program::{Ran, run_with};

/// A folder with a plan and its journal.
pub struct Desk {
    folder: tempfile::TempDir,
}

impl Desk {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("temporary folders can be made") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn save(&self, plan: &Plan) {
        let mut text = Vec::new();
        plan.save(&mut text).expect("memory takes it");
        std::fs::write(self.path("plan.json"), text).expect("it can be written");
    }

    pub fn requeue(&self, args: &[&str]) -> Ran {
        self.requeue_with(args, &[])
    }

    pub fn requeue_with(&self, args: &[&str], variables: &[(&str, &str)]) -> Ran {
        let journal = self.path("journal.sqlite").display().to_string();
        let all = [&["requeue", "--journal", &journal], args].concat();
        run_with(all, variables)
    }

    /// Plans what lies at an address.
    pub fn plan(&self, from: &str, args: &[&str]) -> (Ran, Value) {
        self.plan_with(from, args, &[])
    }

    pub fn plan_with(&self, from: &str, args: &[&str], variables: &[(&str, &str)]) -> (Ran, Value) {
        let file = self.path("plan.json").display().to_string();
        let ran = self.requeue_with(&[&[from, "--plan", &file], args].concat(), variables);
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        (ran, serde_json::from_str(&text).unwrap_or_default())
    }

    pub fn run(&self) -> Ran {
        self.run_with(&[])
    }

    pub fn run_with(&self, variables: &[(&str, &str)]) -> Ran {
        let file = self.path("plan.json").display().to_string();
        self.requeue_with(&["--run", &file, "--yes"], variables)
    }

    pub fn status(&self) -> Value {
        let ran = self.requeue(&["--status", "--format", "json"]);
        serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {ran:?}"))
    }

    pub fn count(&self, phase: &str) -> u64 {
        let status = self.status();
        let of = |plan: &Value| plan["counts"][phase].as_u64().unwrap_or(0);
        status["plans"].as_array().expect("a list").iter().map(of).sum()
    }
}

/// A plan of `n` letters that lie in Kafka, as if read from there.
pub fn kafka_plan(system: &str, topic: &str, n: usize) -> Plan {
    let item = |n: usize| {
        let place = Place::Kafka { topic: format!("{topic}-dlt"), partition: 0, offset: n as i64 };
        let value = format!("{{\"n\":{n},\"pad\":\"{}\"}}", "x".repeat(200)).into_bytes();
        let key = Some(format!("order-{}", n % 17).into_bytes());
        let letter = Message { place, key, value: Some(value), ..Message::default() };
        testing::item(letter, Target::Topic { name: topic.to_owned(), partition: None })
    };
    testing::plan(system, (0..n).map(item).collect())
}

/// Each of `n` messages is there, once.
pub fn are_all_there_once(messages: &[Message], n: usize, case: &str) {
    let ids = ids_of(messages);
    let mut once = ids.clone();
    once.dedup();
    assert_eq!((ids.len(), once.len()), (n, n), "{case}: in the target, and different ones");
}

/// Where a run can be killed whatever the system, in the order in which it passes them.
pub const POINTS: [&str; 17] = [
    "journal.planned.after",
    "journal.claimed.before",
    "journal.claimed.after",
    "hold.before",
    "hold.after",
    "mark.before",
    "mark.after",
    "journal.sending.before",
    "journal.sending.after",
    "send.before",
    "send.after",
    "journal.confirmed.before",
    "journal.confirmed.after",
    "settle.before",
    "settle.after",
    "journal.settled.before",
    "journal.settled.after",
];

/// Requeue ids of messages, sorted; each message has one.
pub fn ids_of(messages: &[Message]) -> Vec<String> {
    let mut found: Vec<String> = messages
        .iter()
        .map(|message| ids::header(message, "eventglass-requeue-id").expect("an id").to_owned())
        .collect();
    found.sort_unstable();
    found
}
