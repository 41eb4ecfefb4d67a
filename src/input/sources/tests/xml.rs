//! XES and object-centric XML against the facts of real logs, and against damage.

use std::path::Path;

use serde_json::Value;

use super::super::peel;
use super::super::stage::{Context, Stage};
use super::{all, stage_at, stage_of};
use crate::model::ids::ByteOffset;
use crate::model::row::Span;

fn records(stage: Stage) -> (Vec<Value>, Vec<String>, Stage) {
    let stage = peel(stage, &Context::default()).expect("a log");
    let (bytes, warnings) = all(&stage);
    let text = String::from_utf8(bytes).expect("UTF-8");
    let records = text.lines().map(|line| serde_json::from_str(line).expect("a record is JSON")).collect();
    (records, warnings, stage)
}

fn data(name: &str) -> Stage {
    stage_at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name))
}

#[test]
fn a_case_log_keeps_its_cases_and_places() {
    let (records, warnings, stage) = records(data("caselogs/running-example.xes"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(records.len(), 42);
    let of_five: Vec<&Value> = records.iter().filter(|record| record["case"]["concept:name"] == "5").collect();
    assert_eq!(of_five.len(), 13);
    assert_eq!(of_five[0]["event"]["concept:name"], "register request");
    assert_eq!(of_five[0]["event"]["time:timestamp"], "2011-01-06T09:02:00.000+01:00");
    assert_eq!(of_five[12]["event"]["concept:name"], "reject request");
    let mut activities: Vec<&str> =
        records.iter().filter_map(|record| record["event"]["concept:name"].as_str()).collect();
    activities.sort_unstable();
    activities.dedup();
    assert_eq!(activities.len(), 8);
    let place = stage.origin.expect("an origin").place(Span { offset: ByteOffset(0), len: 1 });
    let at: usize = place.strip_prefix("byte ").expect("a byte").parse().expect("a number");
    let file = std::fs::read(stage_at_path("caselogs/running-example.xes")).expect("the file");
    assert!(file[at..].starts_with(b"<event>"), "{place}");
}

fn stage_at_path(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

#[test]
fn object_centric_logs_name_the_kinds_of_their_objects() {
    let ids = |record: &Value, kind: &str| -> Vec<String> {
        let objects = record["objects"].as_array().cloned().unwrap_or_default();
        let of_kind = objects.iter().filter(|object| object["kind"] == kind);
        of_kind.map(|object| object["id"].as_str().expect("text").to_owned()).collect()
    };
    let (first, warnings, stage) = records(data("ocel/minimal.xmlocel"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(first.len(), 3);
    assert_eq!(ids(&first[0], "item"), ["i1", "i2"]);
    assert_eq!(ids(&first[0], "order"), ["o1"]);
    assert_eq!(first[0]["attributes"]["prepaid-amount"].to_string(), "200.0");
    assert_eq!(first[2]["time"], "2020-07-09T08:22:01.527+01:00");
    assert_eq!(stage.formats, ["OCEL 1.0 in XML"]);

    let (second, warnings, stage) = records(data("ocel/ocel20-example.xmlocel"));
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(second.len(), 13);
    assert_eq!(second.iter().filter(|record| ids(record, "Invoice").contains(&"R3".to_owned())).count(), 5);
    assert_eq!(second.iter().filter(|record| ids(record, "Purchase Order").contains(&"PO1".to_owned())).count(), 4);
    assert_eq!(second[6]["attributes"]["payment_inserter"], "Robot");
    assert_eq!(second[6]["objects"][0]["qualifier"], "Payment for the invoice");
    assert_eq!(stage.formats, ["OCEL 2.0 in XML"]);
    let mapping = stage.mapping.expect("known");
    assert_eq!(mapping.entities[0].kind, "{/objects/*/kind}".into());
}

#[test]
fn attributes_keep_their_types_and_nesting() {
    let log = r#"<?xml version="1.0"?><!DOCTYPE log [<!ENTITY a "aaaa">]>
<log xes.version="2.0"><string key="of the log" value="x"/>
<trace><event><int key="n" value="12345678901234567890"/><float key="f" value="1.50"/><boolean key="b" value="true"/>
<float key="nan" value="NaN"/><string key="nested" value="v &lt;&#x20AC;&a;"><date key="at" value="2020"/></string>
<list key="l"><values><string key="x" value="1"/><string key="x" value="2"/></values></list><string key="open" value="a&amp;b"></string></event>
<string key="concept:name" value="late"/></trace><event><string key="concept:name" value="alone"/></event></log>"#;
    let (stage, _dir) = stage_of("a.xes", log.as_bytes());
    let stage = peel(stage, &Context::default()).expect("a log");
    let (bytes, warnings) = all(&stage);
    assert!(warnings.is_empty(), "{warnings:?}");
    assert_eq!(
        String::from_utf8(bytes).expect("UTF-8"),
        "{\"case\":{\"concept:name\":\"late\"},\"event\":{\"n\":12345678901234567890,\"f\":1.50,\"b\":true,\"nan\":\"NaN\",\
         \"nested\":{\"value\":\"v &lt;&#x20AC;&a;\",\"attributes\":{\"at\":\"2020\"}},\"l\":[{\"x\":\"1\"},{\"x\":\"2\"}],\"open\":\"a&b\"}}\n\
         {\"case\":{},\"event\":{\"concept:name\":\"alone\"}}\n"
    );
}

#[test]
fn a_log_cut_anywhere_keeps_its_whole_events() {
    for name in ["caselogs/running-example.xes", "ocel/minimal.xmlocel", "ocel/ocel20-example.xmlocel"] {
        let whole = std::fs::read(stage_at_path(name)).expect("the file");
        let mut before = 0;
        for cut in (1200..whole.len()).step_by(61) {
            let (stage, _dir) = stage_of("cut.xml", &whole[..cut]);
            let (records, warnings, _) = records(stage);
            assert!(records.len() >= before, "{name} cut at {cut}");
            assert_eq!(warnings.len(), 1, "{name} cut at {cut}: {warnings:?}");
            before = records.len();
        }
        assert!(before > 2, "{name}");
    }
}

#[test]
fn hostile_xml_ends_with_a_warning() {
    let deep = format!("<log><trace><event>{}", "<list key=\"a\">".repeat(100_000));
    let unclosed = format!("<log xes.version=\"1\"><trace><event><string key=\"{}", "a".repeat(70 << 20));
    let bomb = "<log><trace><event><string key='a' value='&lol9;'/></event></trace></log>";
    for (what, text) in
        [("deep", deep.as_str()), ("unclosed", &unclosed), ("crossed", "<log><trace></log></trace>"), ("bomb", bomb)]
    {
        let (stage, _dir) = stage_of("hostile.xes", text.as_bytes());
        let (_, warnings, _) = records(stage);
        assert!(warnings.len() <= 1, "{what}: {warnings:?}");
        assert_eq!(warnings.is_empty(), what == "bomb", "{what}: {warnings:?}");
    }
}

#[test]
fn a_trace_that_multiplies_its_attributes_is_stopped() {
    let event = "<event><string key='concept:name' value='A'/></event>";
    let name = "n".repeat(100 << 10);
    let log = format!("<log><trace><string key='concept:name' value='{name}'/>{}</trace></log>", event.repeat(2_000));
    let (stage, _dir) = stage_of("log.xes", log.as_bytes());
    let (records, warnings, _) = records(stage);
    assert!(records.len() < 2_000);
    assert!(warnings.iter().any(|warning| warning.starts_with("Stopped: ")), "{warnings:?}");
}
