//! Walks by shape against walks to the letter.

use super::*;
use crate::input::decoders::json::walk::Walker;
use crate::input::decoders::plan::Plan;
use crate::model::mapping::Mapping;

fn program() -> Plan {
    let mapping: Mapping = serde_json::from_str(
        r#"{"type":["/type"],"id":["/id"],"time":[{"field":"/at"}],"version":["/n"],
            "entities":[{"kind":"order","id":"/data/orderId"},{"kind":"x","id":"/data/deep/x"},{"kind":"y","id":"/y"}]}"#,
    )
    .expect("a mapping");
    Plan::compile(mapping, "", None).expect("a plan")
}

fn texts(captures: &Captures, record: &[u8]) -> Vec<String> {
    let text = |text: &Text| String::from_utf8_lossy(text.bytes(record, &captures.scratch)).into_owned();
    captures.texts().iter().map(text).collect()
}

/// After `lessons`, how many of `records` are walked by their shape. All are held to the walker.
#[track_caller]
fn check(lessons: &[&str], records: &[&str], known: usize) {
    let plan = program();
    let program = &*plan.rows;
    let (mut shapes, mut walker, mut stops) = (Shapes::new(program), Walker::new(program), Stops::default());
    let mut by_shape = 0;
    for (i, record) in lessons.iter().chain(records).enumerate() {
        let buf = format!("{record}\n{}", " ".repeat(WINDOW)).into_bytes();
        stops.mark(&buf);
        let mut captures = Captures::new(program);
        captures.begin();
        walker.begin();
        let expected = walker.object::<true>(program, &buf, 0, 0);
        match shapes.walk(&stops, &buf, 0, &mut captures) {
            Some(end) => {
                assert_eq!(Ok(end), expected, "{record}");
                assert_eq!(texts(&captures, &buf), texts(&walker.captures, &buf), "{record}");
                by_shape += usize::from(i >= lessons.len());
            }
            None => {
                if let Ok(end) = expected {
                    shapes.learn::<true>(program, &buf, 0, end);
                }
            }
        }
    }
    assert_eq!(by_shape, known, "of {records:?}");
}

#[test]
fn values_of_any_length_have_one_shape() {
    check(
        &[r#"{"type":"a","n":1,"data":{"orderId":"o-1","list":[{"q":1,"s":"x"}],"f":1.5},"y":null}"#],
        &[
            r#"{"type":"","n":12345678901,"data":{"orderId":"","list":[{"q":0,"s":""}],"f":-1e9},"y":null}"#,
            r#"{"type":"a\"\u00e9\\","n":7,"data":{"orderId":"esc\naped","list":[{"q":1,"s":"\\"}],"f":0},"y":null}"#,
            r#"{"type":"a name that is longer than any block of the walk, and than sixty-four bytes, too","n":1,"data":{"orderId":"ü","list":[{"q":1,"s":"x"}],"f":1},"y":null}"#,
        ],
        // -1e9 begins with a sign, which is a part of the literal.
        2,
    );
}

#[test]
fn shapes_that_were_seen_in_parts_make_new_ones() {
    check(
        &[
            r#"{"type":"a","data":{"list":[1,2]}}"#,
            r#"{"type":"a","data":{"list":[1,2,3]},"n":-5,"ok":true}"#,
            r#"{ "type" : "a" , "data" : { } }"#,
        ],
        &[
            r#"{"type":"b","data":{"list":[1,2,3,4,5,6,7,8]},"n":-6,"ok":true}"#,
            r#"{"type":"b","data":{"list":[1,20,3]}}"#,
            r#"{ "type" : "c" , "data" : { } }"#,
            r#"{"type":"b","data":{"list":[1]}}"#,
        ],
        3,
    );
}

#[test]
fn long_literals_are_cut_and_values_never_are() {
    let key = "a key that is longer than one window of bytes";
    for n in 0..40 {
        let (pad, pad_two) = (key.get(..n).unwrap_or(key), "z".repeat(n));
        let record =
            |value: &str| format!(r#"{{"type":"t","{pad}{pad_two}":{{"{key}":[[{{}}]]}},"y":{value},"n":{value}}}"#);
        let records = ["true", "-12", "\"text\"", "null", "8"].map(record);
        let records: Vec<&str> = records.iter().map(String::as_str).collect();
        check(&records, &[], 0);
        let again: Vec<&str> = records.iter().chain(&records).copied().collect();
        // Cut values are left to the walker: at most the ones with a word or a sign.
        let plan = program();
        assert!(!plan.rows.has_lists());
        check(&again, &records[2..3], 1);
        check(&again, &records[4..], 1);
    }
}

#[test]
fn repeated_keys_are_those_of_the_walker() {
    let twice = r#"{"data":{"orderId":"a","deep":{"x":"1"}},"data":{"deep":{}},"y":"1","y":"2"}"#;
    check(&[twice, twice, r#"{"data":{"orderId":"a"},"y":"1"}"#], &[twice, r#"{"data":{"orderId":"b"},"y":"2"}"#], 1);
    let leaf = r#"{"y":"1","y":{"z":1}}"#;
    check(&[leaf, leaf], &[leaf, r#"{"y":"1","y":null}"#], 0);
    check(&[r#"{"y":"1","y":null}"#], &[r#"{"y":"1","y":null}"#], 1);
}

#[test]
fn damage_is_left_to_the_walker() {
    let good = r#"{"type":"abc","n":12,"data":{"orderId":"o","list":[true,{"k":[]}]},"y":"z"}"#;
    let lessons = [good, good];
    for at in 0..good.len() {
        for byte in *b"\"\\{}[],:0-x \x01" {
            let mut damaged = good.as_bytes().to_vec();
            damaged[at] = byte;
            let damaged = String::from_utf8(damaged).expect("plain bytes");
            let known = usize::from(damaged == good);
            let plan = program();
            let mut shapes = Shapes::new(&plan.rows);
            let mut stops = Stops::default();
            let mut walker = Walker::new(&plan.rows);
            for lesson in lessons {
                shapes.learn::<true>(&plan.rows, lesson.as_bytes(), 0, lesson.len());
            }
            let buf = format!("{damaged}\n{}", " ".repeat(WINDOW)).into_bytes();
            stops.mark(&buf);
            let (mut captures, expected) = (Captures::new(&plan.rows), walker.object::<true>(&plan.rows, &buf, 0, 0));
            captures.begin();
            let end = shapes.walk(&stops, &buf, 0, &mut captures);
            assert!(end.is_none_or(|end| Ok(end) == expected), "{damaged}");
            assert!(end.is_some() || known == 0, "{damaged}");
            for cut in [at, at + 1] {
                stops.mark(&buf[..cut]);
                assert_eq!(shapes.walk(&stops, &buf[..cut], 0, &mut captures), None);
            }
        }
    }
}

/// Power that failed leaves files that end in zeros.
#[test]
fn a_record_that_goes_on_as_zeros_ends() {
    let good = r#"{"type":"abc","n":12,"data":{"orderId":"o","list":[true,null,{"k":[]}]},"y":"z"}"#;
    let plan = program();
    let (mut shapes, mut stops) = (Shapes::new(&plan.rows), Stops::default());
    shapes.learn::<true>(&plan.rows, good.as_bytes(), 0, good.len());
    let mut captures = Captures::new(&plan.rows);
    for at in 0..good.len() {
        let buf = [&good.as_bytes()[..at], &[0; 3 * WINDOW]].concat();
        stops.mark(&buf);
        captures.begin();
        assert_eq!(shapes.walk(&stops, &buf, 0, &mut captures), None, "{at}");
    }
}
