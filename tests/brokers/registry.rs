//! Bodies by a real schema registry: Confluent's serializers wrote them (`tests/data/bodies/framed.py`), Kafka holds
//! them, Apicurio has their schemas.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use eventglass::model::message::Decoding;
use serde::Deserialize;
use serde_json::Value;

use crate::kafka::{Sent, lines, records, server};
use crate::program::run;

#[derive(Deserialize)]
struct Framed {
    name: String,
    topic: String,
    /// Those that others refer to first; the last one is the body's own.
    schemas: Vec<Value>,
    bytes: String,
    expected: String,
    schema_name: String,
}

fn framed() -> Vec<Framed> {
    serde_json::from_str(include_str!("../data/bodies/framed.json")).expect("the file is ours")
}

/// The address of the one registry of this process.
fn registry() -> &'static str {
    static REGISTRY: OnceLock<String> = OnceLock::new();
    REGISTRY.get_or_init(|| {
        let port = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port").port();
        let dir = std::env::temp_dir().join(format!("eventglass-registry-{}-{port}", std::process::id()));
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/registry.sh");
        let ran = Command::new(script)
            .arg("start")
            .arg(&dir)
            .arg(port.to_string())
            .env("OWNER", std::process::id().to_string())
            .output()
            .expect("the script can be run");
        assert!(ran.status.success(), "registry.sh: {}", String::from_utf8_lossy(&ran.stderr));
        format!("http://127.0.0.1:{port}/apis/ccompat/v7")
    })
}

fn register(schema: &Value) -> u32 {
    let subject = schema["subject"].as_str().expect("text").replace('/', "%2F");
    let mut schema = schema.clone();
    schema.as_object_mut().expect("an object").remove("subject");
    let url = format!("{}/subjects/{subject}/versions", registry());
    let mut answer = ureq::post(url).send_json(&schema).expect("the registry takes it");
    let answer: Value = answer.body_mut().read_json().expect("JSON");
    u32::try_from(answer["id"].as_u64().expect("an id")).expect("a small one")
}

/// With its schemas in our registry and their id in its frame.
fn body(framed: &Framed) -> (u32, Vec<u8>) {
    let ids: Vec<u32> = framed.schemas.iter().map(register).collect();
    let id = *ids.last().expect("a schema");
    let mut bytes = STANDARD.decode(&framed.bytes).expect("base64");
    bytes[1..5].copy_from_slice(&id.to_be_bytes());
    (id, bytes)
}

#[test]
fn framed_bodies_become_events_that_one_can_look_into() {
    for framed in framed() {
        let (id, bytes) = body(&framed);
        server().topic(&framed.topic, 1, &[]);
        server().write(&framed.topic, &[Sent { key: Some(b"k"), value: Some(&bytes), ..Sent::default() }]);
        let url = format!("{}?registry={}", server().url(&framed.topic), registry());
        // The message stays what it is, to the byte.
        assert_eq!(records(&url)[0].value.as_deref(), Some(&*bytes), "{}", framed.name);
        let line = lines(&url).remove(0);
        let decoding = Decoding::of(&line).unwrap_or_else(|| panic!("{}: {}", framed.name, line.escape_ascii()));
        let schema = decoding.schema.clone().unwrap_or_else(|| panic!("{}: {decoding:?}", framed.name));
        assert_eq!((schema.id, schema.name.as_str()), (Some(id), framed.schema_name.as_str()), "{}", framed.name);
        assert_eq!(
            schema.subject,
            framed.schemas.last().and_then(|schema| Some(schema["subject"].as_str()?.to_owned()))
        );
        assert_eq!(schema.version, Some(1), "{}", framed.name);
        let ran = run(["events", "--format", "ndjson", &url]);
        assert_eq!(ran.code, 0, "{}", ran.err);
        assert!(ran.out.contains(&format!("\"data\":{}", framed.expected)), "{}: {}", framed.name, ran.out);
    }
}

#[test]
fn fields_inside_name_the_entities_and_can_be_filtered_by() {
    let framed = framed().remove(0);
    let (_, bytes) = body(&framed);
    server().topic("orders-many", 1, &[]);
    let message = Sent { value: Some(&bytes), ..Sent::default() };
    server().write("orders-many", &[message.clone(), message.clone(), message]);
    let url = format!("{}?registry={}", server().url("orders-many"), registry());
    let ran = run(["events", "--format", "ndjson", "--filter", "data.total.amount=59.90 data.orderId=order-456", &url]);
    assert_eq!(ran.lines().len(), 3, "{} {}", ran.out, ran.err);
    assert!(ran.out.contains("order:order-456") && ran.out.contains("customer:cust-789"), "{}", ran.out);
}

#[test]
fn a_framed_key_is_the_id_behind_its_frame() {
    let id = register(&serde_json::json!({"subject": "orders-keys-key", "schema": "\"string\""}));
    let key = [&[0][..], &id.to_be_bytes(), b"\x0eorder-9"].concat();
    server().topic("orders-keys", 1, &[]);
    server().write("orders-keys", &[Sent { key: Some(&key), value: Some(b"{\"paid\":true}"), ..Sent::default() }]);
    let url = format!("{}?registry={}", server().url("orders-keys"), registry());
    assert_eq!(records(&url)[0].key.as_deref(), Some(&*key), "the key stays what it is");
    let ran = run(["events", "--format", "ndjson", &url]);
    assert!(ran.out.contains("\"orders-keys:order-9\""), "{} {}", ran.out, ran.err);
}

#[test]
fn a_schema_that_is_missing_is_said_and_the_bytes_stay() {
    let body = [0, 0, 0xFF, 0xFF, 0xFF, 1, 2, 0xFE];
    server().topic("unknown-schema", 1, &[]);
    server().write("unknown-schema", &[Sent { value: Some(&body), ..Sent::default() }]);
    let reasons = |registry: &str| {
        let url = format!("{}?registry={registry}", server().url("unknown-schema"));
        assert_eq!(records(&url)[0].value.as_deref(), Some(&body[..]));
        let refused = Decoding::of(&lines(&url)[0]).expect("it was looked into").refused;
        refused.into_iter().map(|(codec, why)| format!("{codec}: {why}")).collect::<Vec<_>>().join("\n")
    };
    let known = reasons(registry());
    assert!(known.contains("Avro: it claims schema 16777215: the registry does not know it"), "{known}");
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|probe| probe.local_addr()).expect("a free port").port();
    let silent = format!("http://127.0.0.1:{nobody}");
    assert!(reasons(&silent).contains("does not answer"), "{}", reasons(&silent));
    let ran = run(["info", &format!("{}?registry={silent}", server().url("unknown-schema"))]);
    assert!(ran.err.contains("Schemas are missing"), "{} {}", ran.out, ran.err);
}

#[test]
fn a_password_of_a_registry_is_shown_nowhere() {
    let url = format!("{}?registry=http://me:canary-secret@127.0.0.1:9", server().url("no-such-topic"));
    let ran = run(["info", "--format", "json", &url]);
    assert!(!format!("{}{}", ran.out, ran.err).contains("canary"), "{}{}", ran.out, ran.err);
    let wrong = run(["info", &server().url("orders?value=xml")]);
    assert!(wrong.err.contains("value=xml is not known") && wrong.err.contains("msgpack"), "{}", wrong.err);
}
