//! Edited values on their way back into bytes.

use super::*;

fn body(bytes: &[u8]) -> Body<'_> {
    Body { place: "orders", bytes, ..Body::default() }
}

/// `json` in place of the body's own value, and how the new body is read.
fn written(bodies: &Bodies, bytes: &[u8], json: &str) -> Result<(Vec<u8>, String), String> {
    let new = bodies.write(body(bytes), json)?;
    let read = read(bodies, &new).and_then(|answer| answer.json).expect("what is written can be read");
    Ok((new, String::from_utf8(read).expect("JSON is text")))
}

fn avro(schema: &str) -> Bodies {
    bodies(&given(&[("schema", "a.avsc")]), &given(&[("a.avsc", schema)]))
}

fn proto(source: &str) -> Bodies {
    bodies(&given(&[("schema", "a.proto")]), &given(&[("a.proto", source)]))
}

#[test]
fn bodies_of_other_libraries_are_written_back_as_they_were() {
    let (mut same, mut all) = (0, 0);
    for golden in golden() {
        let what = format!("{}, {}", golden.library, golden.name);
        let bodies = bodies(&golden.options, &golden.files);
        let bytes = STANDARD.decode(&golden.bytes).expect("base64");
        let answer = read(&bodies, &bytes).expect("it is read");
        let json = String::from_utf8(answer.json.expect("it is read")).expect("JSON is text");
        let expected = golden.codec != "YAML" && answer.decoding.note.is_none();
        match written(&bodies, &bytes, &json) {
            Ok((new, read)) => {
                assert!(expected, "{what}");
                assert_eq!(read, json, "{what}");
                // Others pack in another way, Protobuf's fields may stand in any order, and JSON has one line.
                all += 1;
                same += u32::from(new == bytes);
                let free = !golden.packed.is_empty() || matches!(&*golden.codec, "Protobuf" | "JSON");
                assert!(new == bytes || free, "{what}");
            }
            Err(why) => assert!(!expected, "{what}: {why}"),
        }
    }
    assert!(same * 3 >= all * 2, "{same} of {all} are the same to the byte");
}

#[test]
fn values_of_avro_fit_their_schema_or_say_where_not() {
    let schema = r#"{"type":"record","name":"Order","fields":[
        {"name":"id","type":"string"},{"name":"n","type":"int"},{"name":"big","type":"long"},
        {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":6,"scale":2}},
        {"name":"fixed","type":{"type":"fixed","name":"F","size":4,"logicalType":"decimal","precision":8,"scale":2}},
        {"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
        {"name":"day","type":{"type":"int","logicalType":"date"}},
        {"name":"state","type":{"type":"enum","name":"S","symbols":["OPEN","PAID"]}},
        {"name":"tags","type":{"type":"array","items":"string"}},
        {"name":"more","type":{"type":"map","values":"double"}},
        {"name":"note","type":["null","string"]},{"name":"raw","type":"bytes"}]}"#;
    let start = b"\x04o1\x02\x04\x02\x01\0\0\0\x01\x02\x02\0\0\0\0\0";
    let bodies = avro(schema);
    let whole = r#"{"id":"order-9","n":-5,"big":9223372036854775807,"price":-59.90,"fixed":-0.01,"at":"2026-02-16T10:30:00.123Z","day":"1969-12-31","state":"PAID","tags":["a","b"],"more":{"x":0.5},"note":"late","raw":{"$base64":"AP8="}}"#;
    let (_, read) = written(&bodies, start, whole).expect("it fits");
    assert_eq!(read, whole);
    for (from, to, why) in [
        (r#""n":-5"#, r#""n":2147483648"#, "at /n: 2147483648 where an int"),
        (r#""n":-5"#, r#""n":"5""#, "at /n: a text where a number (int)"),
        (r#""n":-5"#, r#""n":1.5"#, "at /n: 1.5"),
        (r#""n":-5,"#, "", "at /n: the schema wants it"),
        (r#""n":-5"#, r#""n":-5,"x":1"#, "at /x: the schema has no such field"),
        ("9223372036854775807", "9223372036854775808", "at /big"),
        ("-59.90", "59.905", "at /price: 59.905 has more than 2 digits behind the point"),
        ("-59.90", "123456.00", "at /price: it has more than 6 digits"),
        ("-59.90", "1e999999999", "at /price: too large"),
        ("10:30:00.123Z", "10:30:00.1234Z", "at /at: it is finer than milliseconds"),
        ("2026-02-16T10:30:00.123Z", "yesterday", "at /at: no time like"),
        ("1969-12-31", "1969-13-31", "at /day"),
        ("PAID", "LOST", "at /state: LOST is none of OPEN, PAID"),
        (r#"["a","b"]"#, r#"["a",7]"#, "at /tags/1: a number where a text"),
        (r#""x":0.5"#, r#""x":"y""#, "at /more/x: a text where a double"),
        (r#""late""#, "7", "at /note: a number where a text"),
        (r#"{"$base64":"AP8="}"#, r#""AP8=""#, "at /raw: a text where {\"$base64\""),
        (r#""id":"order-9""#, r#""id":"a","id":"b""#, "id is there twice"),
    ] {
        let edited = whole.replace(from, to);
        assert_ne!(edited, whole, "{from}");
        let refused = written(&bodies, start, &edited).expect_err(to);
        assert!(refused.contains(why), "{to}: {refused}");
    }
}

#[test]
fn a_union_s_branch_stays_where_the_value_fits_it() {
    let schema = r#"[{"type":"record","name":"A","fields":[{"name":"x","type":["int","long"]}]},
        {"type":"record","name":"B","fields":[{"name":"x","type":["int","long"]}]}]"#;
    let bodies = avro(schema);
    // The second record, its number a long.
    let (new, read) = written(&bodies, &[2, 2, 6], r#"{"x":4}"#).expect("it fits");
    assert_eq!((new, read.as_str()), (vec![2, 2, 8], r#"{"x":4}"#));
    let (new, _) = written(&bodies, &[0, 0, 6], r#"{"x":3000000000}"#).expect("it fits as a long");
    assert_eq!(new[..2], [0, 2]);
    let lists = avro(&format!("{{\"type\":\"array\",\"items\":{schema}}}"));
    // What was not there before could be either.
    let refused = written(&lists, &[2, 0, 0, 6, 0], r#"[{"x":3},{"x":4}]"#).expect_err("two fit");
    assert!(refused.contains("at /1: A and B of the union fit it alike"), "{refused}");
    assert!(written(&lists, &[2, 0, 0, 6, 0], r#"[{"y":3}]"#).expect_err("no field y").contains("no such field"));
    // Trying must end: each level of this schema has two branches that both fit.
    let twice = r#"{"type":"record","name":"L","fields":[{"name":"n","type":["null",
        {"type":"record","name":"P","fields":[{"name":"n","type":["null","L","P"]}]},"L"]}]}"#;
    let deep = format!("{}null{}", r#"{"n":"#.repeat(60), "}".repeat(60));
    assert!(written(&avro(twice), &[0], &deep).is_err());
}

#[test]
fn records_are_read_by_the_schema_of_their_own_writer() {
    let first = r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"}]}"#;
    let second =
        r#"{"type":"record","name":"Paid","fields":[{"name":"id","type":"string"},{"name":"cents","type":"long"}]}"#;
    let print = |schema: &str| super::super::avro::AvroSchema::parse(schema, &[]).expect("a schema").fingerprint;
    let single = |schema: &str, datum: &[u8]| [&[0xC3, 1][..], &print(schema), datum].concat();
    let bodies = bodies(&given(&[("schema", "1.avsc,2.avsc")]), &given(&[("1.avsc", first), ("2.avsc", second)]));
    let (old, new) = (single(first, b"\x04a1"), single(second, b"\x04a2\x0e"));
    let json = |bytes: &[u8]| read(&bodies, bytes).and_then(|answer| answer.json).map(String::from_utf8);
    assert_eq!(json(&old), Some(Ok(r#"{"id":"a1"}"#.to_owned())));
    assert_eq!(json(&new), Some(Ok(r#"{"id":"a2","cents":7}"#.to_owned())));
    // And edited by it too.
    assert_eq!(written(&bodies, &old, r#"{"id":"b1"}"#).expect("it fits").0, single(first, b"\x04b1"));
    assert!(written(&bodies, &old, r#"{"id":"b1","cents":1}"#).expect_err("a later field").contains("/cents"));
}

#[test]
fn messages_of_protobuf_fit_their_schema_or_say_where_not() {
    let bodies = proto(
        r#"syntax = "proto3"; import "google/protobuf/timestamp.proto"; import "google/protobuf/struct.proto";
        message Order { string id = 1; int32 n = 2; optional sint64 delta = 3; repeated fixed32 codes = 4;
        map<int32, Item> items = 5; State state = 6; google.protobuf.Timestamp at = 7; bytes raw = 8;
        oneof paid { string card = 9; bool cash = 10; } google.protobuf.Struct free = 11; float share = 12;
        message Item { string sku = 1; } enum State { OPEN = 0; PAID = 1; } }"#,
    );
    let whole = r#"{"id":"order-9","n":-5,"delta":0,"codes":[7,8],"items":{"1":{"sku":"a"},"2":{"sku":"b"}},"state":"PAID","at":"2026-02-16T10:30:00.123Z","raw":{"$base64":"AP8="},"cash":false,"free":{"a":[1.5,null,{"b":true}]},"share":0.1}"#;
    let (first, read) = written(&bodies, b"\x0A\x02o1", whole).expect("it fits");
    let value = |json: &str| serde_json::from_str::<Value>(json).expect("JSON");
    assert_eq!(value(&read), value(whole));
    // The same bytes each time, though the library's maps have no order.
    for _ in 0..8 {
        assert_eq!(written(&bodies, b"\x0A\x02o1", whole).expect("it fits").0, first);
    }
    for (from, to, why) in [
        (r#""n":-5"#, r#""n":3000000000"#, "at /n: 3000000000 where an int32"),
        (r#""n":-5"#, r#""m":1"#, "at /m: the schema has no such field"),
        ("[7,8]", "[7,-8]", "at /codes/1: -8 where a fixed32"),
        (r#""1":{"#, r#""x":{"#, "at /items/x"),
        ("\"PAID\"", "\"LOST\"", "at /state: LOST is none of Order.State"),
        ("2026-02-16T10:30:00.123Z", "never", "at /at: no google.protobuf.Timestamp"),
        (r#""cash":false"#, r#""cash":false,"card":"1""#, "of paid only one can be there"),
        (r#""id":"order-9""#, r#""id":9"#, "at /id: a number where a text"),
    ] {
        let edited = whole.replace(from, to);
        assert_ne!(edited, whole, "{from}");
        let refused = written(&bodies, b"\x0A\x02o1", &edited).expect_err(to);
        assert!(refused.contains(why), "{to}: {refused}");
    }
    // A field that the schema does not know would be lost.
    let refused = written(&bodies, b"\x0A\x02o1\xF8\x01\x01", r#"{"id":"a"}"#).expect_err("field 31");
    assert!(refused.contains("1 field is not in the schema"), "{refused}");
}

#[test]
fn what_json_cannot_say_stays_where_it_is_the_same() {
    let none = Bodies::default();
    // A float of 32 bits, a time, a name that is a number, an extension.
    let packed = b"\x84\xA1f\xCA\x3F\x00\x00\x00\xA1t\xD6\xFF\x69\x92\xF2\xA8\xA1m\x81\x07\xA1x\xA1e\xD4\x05\x01";
    let asked = bodies(&given(&[("value", "msgpack")]), &given(&[]));
    let json = read(&asked, packed).and_then(|answer| answer.json).map(String::from_utf8).expect("read").expect("text");
    assert_eq!(
        json,
        r#"{"f":0.5,"t":"2026-02-16T10:34:16Z","m":{"7":"x"},"e":{"$extension":5,"data":{"$base64":"AQ=="}}}"#
    );
    let edited = json.replace("0.5", "0.25").replace("10:34:16", "10:34:17").replace("\"x\"", "\"y\"");
    let (new, _) = written(&asked, packed, &edited).expect("it fits");
    let expected = b"\x84\xA1f\xCA\x3E\x80\x00\x00\xA1t\xD6\xFF\x69\x92\xF2\xA9\xA1m\x81\x07\xA1y\xA1e\xD4\x05\x01";
    assert_eq!(new, expected);
    assert!(written(&asked, packed, &json.replace("2026-02-16T", "the day ")).expect_err("no time").contains("at /t"));
    let big = json.replace("0.5", "0.5,\"n\":99999999999999999999");
    assert!(written(&asked, packed, &big).expect_err("too large").contains("at /n"));
    // CBOR: seconds with their tag, a decimal, a name that is a number.
    let packed = b"\xA3atC".split_last().expect("bytes").1;
    let packed = [packed, b"\xC1\x1A\x69\x92\xF2\xA8ad\xC4\x82\x21\x19\x04\x02\x07a1"].concat();
    let json = read(&bodies(&given(&[("value", "cbor")]), &given(&[])), &packed).and_then(|answer| answer.json);
    let json = String::from_utf8(json.expect("read")).expect("text");
    assert_eq!(json, r#"{"t":"2026-02-16T10:34:16Z","d":10.26,"7":"1"}"#);
    let cbor = bodies(&given(&[("value", "cbor")]), &given(&[]));
    let edited = json.replace("10.26", "10.27").replace("10:34:16", "10:34:17");
    let (new, _) = written(&cbor, &packed, &edited).expect("it fits");
    assert_eq!(new, b"\xA3at\xC1\x1A\x69\x92\xF2\xA9ad\xC4\x82\x21\x19\x04\x03\x07a1");
    // Packed JSON is packed again; text stays text.
    let gzip = STANDARD.decode(golden().into_iter().find(|golden| golden.packed == ["gzip"]).expect("one").bytes);
    let (new, read) = written(&none, &gzip.expect("base64"), "{\"total\": 1.50}").expect("JSON");
    assert_eq!((&new[..3], read.as_str()), (&[0x1F, 0x8B, 8][..], "{\"total\": 1.50}"));
    assert!(none.write(body(b"paid"), "1").is_err());
}

#[test]
fn a_json_schema_s_file_is_found_for_its_topic() {
    let schema = r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","title":"Order","type":"object"}"#;
    let bodies = bodies(
        &given(&[("schema.orders", "address.json,order.json")]),
        &given(&[("order.json", schema), ("address.json", "{\"type\":\"object\"}")]),
    );
    let found = bodies.json_schema(body(b"{}")).expect("one");
    assert_eq!((found.name.as_str(), found.text.as_str()), ("Order", schema));
    assert_eq!(found.references.keys().collect::<Vec<_>>(), ["address.json"]);
    assert!(!bodies.wants("orders"), "JSON stands in its record as it is");
    assert!(bodies.json_schema(Body { place: "payments", ..body(b"{}") }).is_none());
}
