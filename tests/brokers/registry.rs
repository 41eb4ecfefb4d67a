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
fn records_of_several_versions_are_each_read_by_their_own() {
    let fields = [r#"{"name":"id","type":"string"}"#, r#"{"name":"cents","type":"long","default":0}"#];
    let version = |n: usize| {
        let fields = fields[..n].join(",");
        let schema = format!(r#"{{"type":"record","name":"Paid","namespace":"shop","fields":[{fields}]}}"#);
        register(&serde_json::json!({"subject": "paid-versions-value", "schema": schema})).to_be_bytes()
    };
    let (first, second) = (version(1), version(2));
    assert_ne!(first, second);
    server().topic("paid-versions", 1, &[]);
    let bodies = [
        [&[0][..], &second, b"\x04a1\x0e"].concat(),
        [&[0][..], &first, b"\x04a2"].concat(),
        [&[0][..], &second, b"\x04a3\x10"].concat(),
    ];
    let sent = bodies.each_ref().map(|body| Sent { value: Some(body), ..Sent::default() });
    server().write("paid-versions", &sent);
    let url = format!("{}?registry={}", server().url("paid-versions"), registry());
    let ran = run(["events", "--format", "ndjson", &url]);
    let data: Vec<Value> = ran.lines().iter().map(|line| line["data"].clone()).collect();
    let expected = serde_json::json!([{"id": "a1", "cents": 7}, {"id": "a2"}, {"id": "a3", "cents": 8}]);
    assert_eq!(Value::from(data), expected, "{}", ran.err);
    let versions: Vec<Option<u32>> =
        lines(&url).iter().map(|line| Decoding::of(line).and_then(|found| found.schema?.version)).collect();
    assert_eq!(versions, [Some(2), Some(1), Some(2)]);
}

#[test]
fn a_letter_is_edited_as_json_and_put_back_by_its_own_schema() {
    let schema =
        r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"},{"name":"cents","type":"int"}]}"#;
    let id = register(&serde_json::json!({"subject": "paid-edit-value", "schema": schema})).to_be_bytes();
    let order = r#"{"$schema":"http://json-schema.org/draft-07/schema#","title":"Refund","type":"object",
        "properties":{"cents":{"type":"integer","minimum":1}}}"#;
    let refund = serde_json::json!({"subject": "refund-edit-value", "schemaType": "JSON", "schema": order});
    let refund = register(&refund).to_be_bytes();
    let framed = |id: &[u8], body: &[u8]| [&[0][..], id, body].concat();
    let bodies = [framed(&id, b"\x04a1\x0e"), framed(&refund, b"{\"cents\":7}"), framed(&refund, b"{\"cents\": 900}")];
    server().topic("paid-edit", 1, &[]);
    server().topic("paid-edit-dlt", 1, &[]);
    let headers = [("kafka_dlt-original-topic", Some(&b"paid-edit"[..]))];
    let sent = bodies.each_ref().map(|body| Sent { value: Some(body), headers: &headers, ..Sent::default() });
    server().write("paid-edit-dlt", &sent);
    let url = format!("{}?registry={}", server().url("paid-edit-dlt"), registry());
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (plan, journal) = (path("plan.json"), path("journal.sqlite"));
    let ran = run(["requeue", &url, "--all", "--patch", ".cents -= 8", "--plan", &plan, "--journal", &journal]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    assert!(ran.out.contains("Refund: at /cents"), "{}", ran.out);
    let ran = run(["requeue", "--run", &plan, "--yes", "--journal", &journal]);
    assert_eq!(ran.code, 0, "{} {}", ran.out, ran.err);
    let values: Vec<Option<Vec<u8>>> =
        records(&server().url("paid-edit")).into_iter().map(|message| message.value).collect();
    // Minus one is an int of one byte; the JSON of jq has no spaces.
    assert_eq!(values, [Some(framed(&id, b"\x04a1\x01")), Some(framed(&refund, b"{\"cents\":892}"))]);
    let ran = run([
        "requeue",
        &url,
        "--all",
        "--again",
        "--patch",
        ".cents = \"many\"",
        "--plan",
        &plan,
        "--journal",
        &journal,
    ]);
    assert!(ran.out.contains("at /cents: a text where"), "{}", ran.out);
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
    let wrong = run(["info", &server().url("orders?value=toml")]);
    assert!(wrong.err.contains("value=toml is not known") && wrong.err.contains("msgpack"), "{}", wrong.err);
}
