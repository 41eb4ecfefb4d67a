//! Bodies that other libraries wrote (`tests/data/bodies/make.py`), and bodies that nobody should have written.

mod written;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::Value;

use super::bodies::{Answer, Bodies, Body};
use super::settings::Settings;
use super::{CODECS, MAX_BODY_BYTES, by_option, decode_as};

#[derive(Deserialize)]
struct Golden {
    name: String,
    library: String,
    bytes: String,
    expected: Option<String>,
    expected_value: Option<Value>,
    codec: String,
    packed: Vec<String>,
    options: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
}

fn golden() -> Vec<Golden> {
    serde_json::from_str(include_str!("../../../../tests/data/bodies/golden.json")).expect("the file is ours")
}

/// Options with files that are there.
fn bodies(options: &BTreeMap<String, String>, files: &BTreeMap<String, String>) -> Bodies {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("folders can be made");
        let bytes = match text.strip_prefix("base64:") {
            Some(text) => STANDARD.decode(text).expect("base64"),
            None => text.clone().into_bytes(),
        };
        std::fs::write(path, bytes).expect("files can be written");
    }
    let mut settings = Settings::default();
    for (name, value) in options {
        let here = |file: &str| folder.path().join(file).display().to_string();
        let value = if name.starts_with("schema") {
            value.split(',').map(here).collect::<Vec<_>>().join(",")
        } else {
            value.clone()
        };
        settings.add(name, &value);
    }
    Bodies::open(&settings).expect("right options")
}

fn read(bodies: &Bodies, bytes: &[u8]) -> Option<Answer> {
    bodies.read(Body { place: "orders", bytes, ..Body::default() })
}

fn given(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn bodies_of_other_libraries_are_read() {
    for golden in golden() {
        let what = format!("{}, {}", golden.library, golden.name);
        let bytes = STANDARD.decode(&golden.bytes).expect("base64");
        let answer = read(&bodies(&golden.options, &golden.files), &bytes).unwrap_or_else(|| panic!("{what}: plain"));
        let json = answer.json.unwrap_or_else(|| panic!("{what}: {:?}", answer.decoding.refused));
        let json = String::from_utf8(json).expect("JSON is text");
        if let Some(expected) = &golden.expected {
            assert_eq!(&json, expected, "{what}");
        }
        if let Some(expected) = &golden.expected_value {
            assert_eq!(&serde_json::from_str::<Value>(&json).expect("JSON"), expected, "{what}");
        }
        assert!(!json.contains('\n'), "{what}: a record is one line");
        assert_eq!((answer.decoding.codec.as_deref(), &answer.decoding.packed), (Some(&*golden.codec), &golden.packed));
    }
}

#[test]
fn cut_bodies_are_refused_and_never_taken_for_something_else() {
    for golden in golden().into_iter().filter(|golden| golden.codec != "JSON" && golden.packed.is_empty()) {
        let bodies = bodies(&golden.options, &golden.files);
        let bytes = STANDARD.decode(&golden.bytes).expect("base64");
        let whole = read(&bodies, &bytes).and_then(|answer| answer.json);
        for len in 0..bytes.len() {
            let answer = read(&bodies, &bytes[..len]);
            let json = answer.and_then(|answer| answer.json);
            // Protobuf has no end of its own: what is missing at the end was perhaps never there.
            assert!(golden.codec == "Protobuf" || json != whole, "{}: {len} of {}", golden.name, bytes.len());
        }
    }
}

#[test]
fn text_and_what_is_empty_need_no_decoding() {
    let bodies = Bodies::default();
    for bytes in [&b""[..], b"paid", "Grüße\r\n\t1".as_bytes(), b"{not json", b"12"] {
        assert_eq!(read(&bodies, bytes), None, "{bytes:?}");
    }
    let refused = |bytes: &[u8]| read(&bodies, bytes).expect("it was looked into").decoding.refused;
    // Each codec says why.
    let reasons = refused(&[0xFE, 1, 2, 3]);
    assert_eq!(reasons.len(), CODECS.len() - 1, "{reasons:?}");
    assert!(reasons.iter().all(|(_, why)| !why.is_empty() && !why.ends_with('.')), "{reasons:?}");
    let framed = refused(&[0, 0, 0, 0, 7, 1, 2, 0xFF]);
    assert!(framed.iter().any(|(codec, why)| codec == "Avro" && why.contains("schema 7")), "{framed:?}");
    let large = refused(&vec![0xFF; MAX_BODY_BYTES + 1]);
    assert_eq!(large.len(), 1, "{large:?}");
}

#[test]
fn what_is_asked_for_is_taken_at_its_word() {
    let raw = bodies(&given(&[("value", "raw")]), &given(&[]));
    assert_eq!(read(&raw, &[0x81, 0xA1, b'a', 1]), None);
    let cbor = bodies(&given(&[("value.orders", "cbor")]), &given(&[]));
    let answer = read(&cbor, &[0x81, 0xA1, b'a', 1]).expect("looked into");
    assert!(answer.json.is_none() && answer.decoding.refused.len() == 1, "{answer:?}");
    let elsewhere = cbor.read(Body { place: "payments", bytes: &[0x81, 0xA1, b'a', 1], ..Body::default() });
    assert_eq!(elsewhere.and_then(|answer| answer.decoding.codec).as_deref(), Some("MessagePack"));
    let text = bodies(&given(&[("value", "text")]), &given(&[]));
    assert_eq!(read(&text, b"a\0b").and_then(|answer| answer.json).as_deref(), Some(&b"\"a\\u0000b\""[..]));
    // A header names a codec; one that lies does no harm.
    let said = |content_type| {
        let body =
            Body { place: "t", bytes: &[0x81, 0xA1, b'a', 1], content_type: Some(content_type), ..Body::default() };
        Bodies::default().read(body).and_then(|answer| answer.decoding.codec)
    };
    assert_eq!(said("application/vnd.shop+msgpack; v=1").as_deref(), Some("MessagePack"));
    assert_eq!(said("application/cbor").as_deref(), Some("MessagePack"));
    assert_eq!(said("text/plain").as_deref(), Some("MessagePack"));
}

#[test]
fn a_store_s_payload_is_read_by_the_codec_that_it_names() {
    let yaml = |text: &str| {
        let codec = by_option("yaml").expect("it is one");
        decode_as(codec, text.as_bytes()).map(|json| String::from_utf8(json).expect("text"))
    };
    for (text, expected) in [
        (
            "---\n:order_id: 7\namount: !ruby/object:BigDecimal '18:0.1025e2'\npaid: true\n",
            r#"{"order_id":7,"amount":"18:0.1025e2","paid":true}"#,
        ),
        ("a: &x [1, 2.5]\nb: *x\n", r#"{"a":[1,2.5],"b":[1,2.5]}"#),
        ("---\n- :state: :paid\n", r#"[{"state":"paid"}]"#),
        ("{}\n", "{}"),
        ("[]\n", "[]"),
    ] {
        assert_eq!(yaml(text).as_deref(), Ok(expected), "{text}");
    }
    assert!(yaml("a: [").is_err());
    let xml = |text: &str| {
        let codec = by_option("xml").expect("it is one");
        decode_as(codec, text.as_bytes()).map(|json| String::from_utf8(json).expect("text"))
    };
    for (text, expected) in [
        (
            "<Moved>\n  <id>ada</id>\n  <amount>10.50</amount>\n  <zip>01234</zip>\n</Moved>",
            r#"{"id":"ada","amount":10.50,"zip":"01234"}"#,
        ),
        (
            "<?xml version='1.0'?><!DOCTYPE o [<!ENTITY x 'y'>]><o xmlns='urn:a' n='1'>a &lt; &x;<l>1</l>\n<m/><l>2\n</l></o>",
            r##"{"@n":"1","#text":"a < &x;","l":[1,"2\n"],"m":""}"##,
        ),
        (
            "<meta-data><entry><string>traceId</string><string>t-1</string></entry><entry><string>n</string><int>7</int></entry></meta-data>",
            r#"{"traceId":"t-1","n":7}"#,
        ),
        (
            "<a xmlns:i='urn:i'><b i:nil='true'/><c><![CDATA[<x>]]></c><d>true</d></a>",
            r#"{"b":null,"c":"<x>","d":true}"#,
        ),
    ] {
        assert_eq!(xml(text).as_deref(), Ok(expected), "{text}");
    }
    for broken in ["", "a", "<a>", "<a></b>", "<a", "</a>", "<a><b></a></b>", "<!-- a -->"] {
        assert!(xml(broken).is_err(), "{broken}");
    }
    // Each level doubles the one before.
    let mut laughs = "a0: &a0 [x, x]\n".to_owned();
    for at in 1..40 {
        laughs.push_str(&format!("a{at}: &a{at} [*a{0}, *a{0}]\n", at - 1));
    }
    assert!(yaml(&laughs).is_err());
    assert!(yaml(&"[".repeat(100_000)).is_err());
}

#[test]
fn deep_huge_and_lying_bodies_are_refused() {
    let hostile: [(&str, Vec<u8>); 11] = [
        ("msgpack", vec![0x91; 1 << 20]),
        ("msgpack", [vec![0xDD, 0xFF, 0xFF, 0xFF, 0xFF], vec![0xC0; 1000]].concat()),
        ("msgpack", vec![0xC6, 0xFF, 0xFF, 0xFF, 0xFF, 0]),
        ("msgpack", vec![0xDF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ("cbor", vec![0x81; 1 << 20]),
        ("cbor", vec![0xC1; 1 << 20]),
        ("cbor", vec![0x9B, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]),
        ("cbor", vec![0x5B, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]),
        ("json", vec![b'['; 1 << 20]),
        ("xml", b"<a>".repeat(1 << 18)),
        ("xml", [&b"<a>"[..], &b"<a/>".repeat(1 << 18), b"</a>"].concat()),
    ];
    for (codec, bytes) in hostile {
        let refused = decode_as(by_option(codec).expect("it is one"), &bytes);
        assert!(refused.is_err(), "{codec} {:?}", &bytes[..5.min(bytes.len())]);
    }
    // A decimal with a million zeros (CBOR's tag 4).
    assert!(decode_as(by_option("cbor").expect("it is one"), &[0xC4, 0x82, 0x1A, 0x00, 0x0F, 0x42, 0x40, 1]).is_err());
}

fn proto(source: &str) -> Result<Bodies, String> {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let file = folder.path().join("a.proto");
    std::fs::write(&file, source).expect("files can be written");
    let mut settings = Settings::default();
    settings.add("schema", &file.display().to_string());
    Bodies::open(&settings).map_err(|error| error.details)
}

#[test]
fn hostile_protobuf_sources_and_messages_are_refused() {
    let nested = format!("syntax = \"proto3\";{}{}", "message A {".repeat(5000), "}".repeat(5000));
    let option = format!("syntax = \"proto3\"; option (x) = {}{};", "{a:".repeat(20_000), "}".repeat(20_000));
    for source in [
        "",
        "message A { int32 a = 1; int32 b = 1; }",
        "syntax = \"proto3\"; import \"a.proto\";",
        "\0",
        &nested,
        &option,
    ] {
        let refused = proto(source).map(|bodies| read(&bodies, &[8, 1]));
        let read = refused.as_ref().ok().and_then(Option::as_ref).is_some_and(|answer| answer.json.is_some());
        assert!(!read, "{}", source.get(..60).unwrap_or(source));
    }
    let list = proto("syntax = \"proto3\"; message L { L next = 1; repeated int32 n = 2; map<string, L> m = 3; }")
        .expect("right");
    let json = |bytes: &[u8]| {
        read(&list, bytes).and_then(|answer| answer.json).map(|json| String::from_utf8(json).expect("text"))
    };
    assert_eq!(json(&[0x12, 2, 1, 2]).as_deref(), Some(r#"{"n":[1,2],"m":{}}"#));
    // A list that is its own tail, ten thousand deep.
    let mut deep = Vec::new();
    for _ in 0..10_000 {
        let mut len = deep.len();
        let mut outer = vec![0x0A];
        while len >= 0x80 {
            outer.push(len as u8 | 0x80);
            len >>= 7;
        }
        outer.push(len as u8);
        deep.splice(0..0, outer);
    }
    for hostile in [&deep[..], &[0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F], &[0x0B; 10_000], &[0xFF; 11], &[0]] {
        assert_eq!(json(hostile), None, "{:?}", &hostile[..hostile.len().min(8)]);
    }
    // Empty messages of two bytes each grow, but not without an end.
    let many = [0x1A, 2, 0x0A, 0].repeat(1 << 20);
    assert!(json(&many).is_none_or(|json| json.len() < 64));
    let several = proto("syntax = \"proto3\"; message A { int32 a = 1; } message B { int32 b = 1; }").expect("right");
    let refused = read(&several, &[8, 1]).expect("looked into").decoding.refused;
    assert!(refused[0].1.contains("message="), "{refused:?}");
}
