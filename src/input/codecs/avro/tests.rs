//! Schemas and bodies that must not hang, overflow or grow without an end.

use super::super::tree::Tree;
use super::AvroSchema;

fn read(schema: &AvroSchema, bytes: &[u8]) -> Result<String, String> {
    let mut tree = Tree::for_body(bytes.len());
    schema.read(bytes, &mut tree)?;
    tree.finish().map(|json| String::from_utf8(json).expect("JSON is text"))
}

fn schema(text: &str) -> AvroSchema {
    AvroSchema::parse(text, &[]).unwrap_or_else(|why| panic!("{text}: {why}"))
}

#[test]
fn values_of_every_kind() {
    let check = |text: &str, bytes: &[u8], expected: &str| {
        assert_eq!(read(&schema(text), bytes).as_deref(), Ok(expected), "{text}");
    };
    check(r#""null""#, &[], "null");
    check(r#""boolean""#, &[1], "true");
    check(r#""long""#, &[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1], "-9223372036854775808");
    check(r#""double""#, &f64::NAN.to_le_bytes(), "\"NaN\"");
    check(r#"["null","int"]"#, &[2, 3], "-2");
    // A block with its size before it, as writers make them that can be skipped.
    check(r#"{"type":"array","items":"int"}"#, &[3, 4, 2, 4, 2, 6, 0], "[1,2,3]");
    check(r#"{"type":"int","logicalType":"date"}"#, &[0xFE, 0xFF, 0xFF, 0xFF, 0x0F], "2147483647");
    check(r#"{"type":"int","logicalType":"time-millis"}"#, &[2], "\"00:00:00.001\"");
    check(r#"{"type":"long","logicalType":"local-timestamp-micros"}"#, &[1], "\"1969-12-31T23:59:59.999999\"");
    check(r#"{"type":"bytes","logicalType":"decimal","precision":4,"scale":2}"#, &[2, 0xFF], "-0.01");
    check(r#"{"type":"bytes","logicalType":"big-decimal"}"#, &[8, 4, 4, 1, 4], "10.25");
    let duration = r#"{"type":{"type":"fixed","name":"D","size":12,"logicalType":"duration"},"name":"x"}"#;
    check(duration, &[1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0], r#"{"months":1,"days":2,"millis":3}"#);
}

#[test]
fn what_does_not_fit_is_refused() {
    for (text, bytes, words) in [
        (r#""int""#, &[2, 2][..], "left over"),
        (r#""int""#, &[], "breaks off"),
        (r#""int""#, &[0xFF, 0xFF, 0xFF, 0xFF, 0x7F], "32 bits"),
        (r#""long""#, &[0xFF; 11], "64 bits"),
        (r#""boolean""#, &[2], "boolean"),
        (r#""string""#, &[2, 0xFF], "UTF-8"),
        (r#""string""#, &[1], "length of -1"),
        (r#""bytes""#, &[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], "breaks off"),
        (r#"["null"]"#, &[2], "branch 1"),
        (r#"{"type":"enum","name":"E","symbols":["A"]}"#, &[2], "symbol 1"),
        (r#"{"type":"bytes","logicalType":"big-decimal"}"#, &[16, 2, 1, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F, 0], "scale"),
    ] {
        let refused = read(&schema(text), bytes).expect_err(text);
        assert!(refused.contains(words), "{text}: {refused}");
    }
}

#[test]
fn bombs_end_at_their_limits() {
    // A billion nulls in six bytes.
    let nulls = schema(r#"{"type":"array","items":"null"}"#);
    assert!(read(&nulls, &[0x80, 0xA8, 0xD6, 0xB9, 0x07, 0]).expect_err("a bomb").contains("grows"));
    // A list that is its own tail, a megabyte deep.
    let list = schema(r#"{"type":"record","name":"L","fields":[{"name":"next","type":["null","L"]}]}"#);
    assert!(read(&list, &vec![2; 1 << 20]).expect_err("deep").contains("deeper"));
    // One that contains itself without an end, and takes no bytes for it.
    let endless = schema(r#"{"type":"record","name":"L","fields":[{"name":"next","type":"L"}]}"#);
    assert!(read(&endless, &[]).expect_err("endless").contains("deeper"));
    // Each record holds the one before twice: 2^40 in no bytes at all.
    let mut text = r#"{"type":"record","name":"R0","fields":[]}"#.to_owned();
    for at in 1..40 {
        text = format!(
            r#"{{"type":"record","name":"R{at}","fields":[{{"name":"a","type":{text}}},{{"name":"b","type":"R{}"}}]}}"#,
            at - 1
        );
    }
    assert!(read(&schema(&text), &[]).expect_err("doubled").contains("grows"));
}

#[test]
fn hostile_schemas_are_refused() {
    let deep = format!("{}\"int\"{}", r#"{"type":"array","items":"#.repeat(50_000), "}".repeat(50_000));
    let unions = format!("{}\"int\"{}", "[".repeat(50_000), "]".repeat(50_000));
    for text in
        ["", "{}", "[", "7", r#""unknown""#, r#"{"type":"record","name":"a b","fields":[]}"#, "\"\0\"", &deep, &unions]
    {
        assert!(AvroSchema::parse(text, &[]).is_err(), "{}", text.get(..20).unwrap_or(text));
    }
    let missing = r#"{"type":"record","name":"A","fields":[{"name":"b","type":"B"}]}"#;
    assert!(AvroSchema::parse(missing, &[]).is_err());
    assert!(AvroSchema::parse(missing, &[r#"{"name":"B"}"#.to_owned()]).is_err());
    let scale = r#"{"type":"bytes","logicalType":"decimal","precision":99999999,"scale":9999999}"#;
    assert!(read(&schema(scale), &[2, 1]).expect_err("too many zeros").contains("scale"));
}
