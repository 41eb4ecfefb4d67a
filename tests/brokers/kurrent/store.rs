//! What the played server holds: a log of events, by the rules of the server's documentation as far as tests need
//! them. Links are events of the type `$>` whose data is `revision@stream`.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use serde_json::{Value, json};

#[derive(Clone, Debug)]
pub struct Event {
    pub stream: Vec<u8>,
    pub revision: u64,
    pub id: String,
    pub type_name: String,
    pub data: Vec<u8>,
    pub metadata: Vec<u8>,
    /// 100 ns since 1970.
    pub ticks: u64,
    pub position: u64,
    pub truncated: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Store {
    pub log: Vec<Event>,
    /// Deleted for good.
    pub tombstones: BTreeSet<String>,
    /// Persistent subscriptions: stream and group.
    pub groups: Vec<(String, String)>,
}

/// 2026-02-16T10:00:00Z
const FIRST: u64 = 17_712_360_000_000_000;

impl Store {
    /// One second after the one before.
    pub fn add(&mut self, stream: &str, type_name: &str, data: &str, metadata: &str) -> u64 {
        self.add_bytes(stream.as_bytes(), type_name, data.as_bytes(), metadata.as_bytes())
    }

    pub fn add_bytes(&mut self, stream: &[u8], type_name: &str, data: &[u8], metadata: &[u8]) -> u64 {
        let revision = self.log.iter().filter(|event| event.stream == stream).count() as u64;
        let n = self.log.len() as u64;
        self.log.push(Event {
            stream: stream.to_vec(),
            revision,
            id: format!("5d6b7f3e-0000-4000-8000-{n:012x}"),
            type_name: type_name.to_owned(),
            data: data.to_vec(),
            metadata: metadata.to_vec(),
            ticks: FIRST + n * 10_000_000 + 1_234_567,
            position: 100 + n * 50,
            truncated: false,
        });
        revision
    }

    pub fn link(&mut self, stream: &str, to: &str, revision: u64, metadata: &str) {
        self.add(stream, "$>", &format!("{revision}@{to}"), metadata);
    }

    /// Parks an event of `orders` for `billing`.
    pub fn park(&mut self, stream: &str, group: &str, revision: u64, reason: &str) {
        let added = "2026-02-16T11:00:00.5Z";
        let metadata = json!({"added": added, "reason": reason, "subscriptionEventNumber": revision}).to_string();
        self.link(&format!("$persistentsubscription-{stream}::{group}-parked"), stream, revision, &metadata);
    }

    /// The beginning of a stream is deleted, up to this revision.
    pub fn truncate(&mut self, stream: &str, before: u64) {
        for event in &mut self.log {
            event.truncated |= event.stream == stream.as_bytes() && event.revision < before;
        }
    }

    fn find(&self, stream: &[u8], revision: u64) -> Option<&Event> {
        self.log.iter().find(|event| event.stream == stream && event.revision == revision && !event.truncated)
    }

    pub fn stream(&self, name: &str) -> Vec<&Event> {
        self.log.iter().filter(|event| event.stream == name.as_bytes() && !event.truncated).collect()
    }

    /// The answer that holds an event, with what it links to.
    pub fn answer(&self, event: &Event, resolve: bool) -> Value {
        let linked = || {
            let text = std::str::from_utf8(&event.data).ok()?;
            let (revision, stream) = text.split_once('@')?;
            Some(self.find(stream.as_bytes(), revision.parse().ok()?).map(recorded))
        };
        let read = match (resolve && event.type_name == "$>").then(linked).flatten() {
            Some(Some(original)) => json!({"event": original, "link": recorded(event), "noPosition": {}}),
            Some(None) => json!({"link": recorded(event), "noPosition": {}}),
            None => json!({"event": recorded(event), "commitPosition": event.position}),
        };
        json!({"event": read})
    }

    /// Events that a request means, in its order; for all without what its filter leaves out.
    pub fn read(&self, options: &Value) -> Vec<Event> {
        let backwards = options["readDirection"] == 1;
        let subscription = options.get("subscription").is_some();
        let mut found: Vec<Event> = if let Some(of) = options.get("stream") {
            let name = bytes(&of["streamIdentifier"]["streamName"]);
            let at = number(&of["revision"]);
            let fits = |event: &Event| match at {
                // A subscription begins behind it.
                Some(at) if subscription => event.revision > at,
                Some(at) if backwards => event.revision <= at,
                Some(at) => event.revision >= at,
                None => !(subscription && of.get("end").is_some()),
            };
            self.log.iter().filter(|event| event.stream == name && !event.truncated && fits(event)).cloned().collect()
        } else {
            let of = &options["all"];
            let at = number(&of["position"]["commitPosition"]);
            let fits = |event: &Event| match at {
                Some(at) if subscription => event.position > at,
                Some(at) if backwards => event.position < at,
                Some(at) => event.position >= at,
                None => !(subscription && of.get("end").is_some()),
            };
            let passes = filter(options);
            self.log.iter().filter(|event| fits(event) && passes(event)).cloned().collect()
        };
        if backwards {
            found.reverse();
        }
        found.truncate(
            number(&options["count"]).map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX)),
        );
        found
    }
}

/// What passes the filter of a request.
pub fn filter(options: &Value) -> impl Fn(&Event) -> bool + use<> {
    let filter = options.get("filter").cloned().unwrap_or_default();
    let regex = |name: &str| filter[name]["regex"].as_str().map(|text| Regex::new(text).expect("an expression"));
    let (stream, type_name) = (regex("streamIdentifier"), regex("eventType"));
    move |event| {
        stream.as_ref().is_none_or(|regex| regex.is_match(&String::from_utf8_lossy(&event.stream)))
            && type_name.as_ref().is_none_or(|regex| regex.is_match(&event.type_name))
    }
}

fn recorded(event: &Event) -> Value {
    let json = serde_json::from_slice::<Value>(&event.data).is_ok();
    let content_type = if json { "application/json" } else { "application/octet-stream" };
    json!({
        "id": {"string": event.id},
        "streamIdentifier": {"streamName": STANDARD.encode(&event.stream)},
        "streamRevision": event.revision,
        "preparePosition": event.position,
        "commitPosition": event.position,
        "metadata": {"type": event.type_name, "content-type": content_type, "created": event.ticks.to_string()},
        "customMetadata": STANDARD.encode(&event.metadata),
        "data": STANDARD.encode(&event.data),
    })
}

/// Numbers of 64 bits are texts in the JSON form of messages.
pub fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

pub fn bytes(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap_or_default()).expect("base64")
}

pub fn name(value: &Value) -> String {
    String::from_utf8(bytes(&value["streamName"])).expect("a name")
}
