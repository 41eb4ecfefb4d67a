//! Ways to name sources: several files, folders, patterns, standard input, compressed copies.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;

use crate::{Bench, sample, sample_bytes};

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory can be written")
}

#[test]
fn several_files_make_one_log() {
    let bench = Bench::new();
    let info = bench.info([sample("bank.ndjson"), sample("shop.ndjson")]);
    assert_eq!(info["events"], 242);
    assert_eq!(info["bytes"], sample_bytes("bank.ndjson").len() + sample_bytes("shop.ndjson").len());
}

#[test]
fn the_same_file_twice_is_one_source() {
    let bench = Bench::new();
    assert_eq!(bench.info([sample("bank.ndjson"), sample("bank.ndjson")])["events"], 42);
}

#[test]
fn folders_and_patterns_are_expanded() {
    let bench = Bench::new();
    bench.write("logs/a/bank.ndjson", sample_bytes("bank.ndjson"));
    bench.write("logs/shop.ndjson", sample_bytes("shop.ndjson"));
    bench.write("logs/.hidden.ndjson", sample_bytes("shop.ndjson"));
    for (source, events) in [("logs", 242), ("logs/*.ndjson", 200), ("logs/**/*.ndjson", 242), ("logs/a", 42)] {
        assert_eq!(bench.info([source])["events"], events, "{source}");
    }
    assert_eq!(bench.run(["info", "logs/*.xyz"]).code, 3);
}

#[test]
fn what_is_no_log_in_a_folder_is_passed_by_with_a_word() {
    let bench = Bench::new();
    bench.write("logs/shop.ndjson", sample_bytes("shop.ndjson"));
    bench.write("logs/README.md", "# Orders\n\nWhat was ordered.\n");
    for n in 0..4 {
        bench.write(&format!("logs/00{n}--state.json"), format!("{{\"quota\": {n}, \"plan\": \"free\"}}"));
    }
    let all = "eventglass: skipped 5 files in which nothing looks like an event: \
               000--state.json, 001--state.json, 002--state.json, … (name one alone to see why)\n";
    let one = "eventglass: skipped 1 file in which nothing looks like an event: README.md (name it alone to see why)\n";
    let states = "eventglass: error: No file in it looks like an event log: logs/*.json\n  \
                  000--state.json, 001--state.json, 002--state.json, …\n  → Name one alone to see why\n";
    for (args, code, told) in [
        (&["logs"][..], 0, all),
        (&["logs/**/*"], 0, all),
        (&["logs/[RSs]*"], 0, one),
        (&["logs", "-q"], 0, ""),
        (&["logs/shop.ndjson", "logs/*.json"], 3, states),
    ] {
        let ran = bench.run([&["info"], args].concat());
        assert_eq!((ran.code, ran.err.as_str()), (code, told), "{args:?}: {ran:?}");
        assert!(ran.out.contains("200"), "{args:?}: {}", ran.out);
    }
    for named in [&["logs/README.md"][..], &["logs", "logs/README.md"]] {
        let ran = bench.run([&["info"], named].concat());
        assert!(ran.code == 3 && ran.err.contains("error: ") && ran.err.contains('→'), "{named:?}: {ran:?}");
    }
}

#[test]
fn standard_input_is_a_source() {
    let bench = Bench::new();
    let ran = bench.run_with(["info", "-", "--format=json"], &sample_bytes("shop.ndjson"));
    assert_eq!(ran.code, 0, "{ran:?}");
    let info: serde_json::Value = serde_json::from_str(&ran.out).expect("one object");
    assert_eq!((&info["events"], &info["bytes"]), (&json!(200), &json!(sample_bytes("shop.ndjson").len())));
}

#[test]
fn compressed_logs_open_with_all_their_members() {
    let bench = Bench::new();
    let bytes = sample_bytes("shop.ndjson");
    let half = bytes.len() / 2;
    let two_members = [gz(&bytes[..half]), gz(&bytes[half..])].concat();
    let zst = zstd::encode_all(bytes.as_slice(), 1).expect("memory can be written");
    for (name, packed) in [("a.ndjson.gz", gz(&bytes)), ("b.ndjson.gz", two_members), ("c.ndjson.zst", zst)] {
        let size = packed.len();
        let path = bench.write(name, packed);
        let info = bench.info([path]);
        assert_eq!((&info["events"], &info["bytes"]), (&json!(200), &json!(size)), "{name}");
    }
}

#[test]
fn a_compressed_log_that_breaks_off_gives_what_came() {
    let bench = Bench::new();
    let mut packed = gz(&sample_bytes("shop.ndjson"));
    packed.truncate(packed.len() * 3 / 4);
    let path = bench.write("cut.ndjson.gz", packed);
    let ran = bench.run(["info".as_ref(), "--format=json".as_ref(), path.as_os_str()]);
    let info: serde_json::Value = serde_json::from_str(&ran.out).expect("one object");
    let events = info["events"].as_u64().unwrap_or(0);
    assert!(events > 50 && events < 200, "{events}");
    assert!(ran.err.contains("cut.ndjson.gz"), "nothing was said: {ran:?}");
}

#[test]
fn other_encodings_are_read() {
    let bench = Bench::new();
    let text = String::from_utf8(sample_bytes("shop.ndjson")).expect("this log is UTF-8");
    let utf16: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let with_mark = ["\u{feff}".as_bytes(), text.as_bytes()].concat();
    let windows = text.replace('\n', "\r\n");
    for (name, bytes) in [("utf16.ndjson", utf16), ("mark.ndjson", with_mark), ("crlf.ndjson", windows.into_bytes())] {
        let path = bench.write(name, bytes);
        let info = bench.info([path]);
        assert_eq!((&info["events"], &info["undecodable"]), (&json!(200), &json!(0)), "{name}");
    }
}

#[test]
fn text_in_another_encoding_is_read_when_it_is_named() {
    let bench = Bench::new();
    let line = "{\"eventType\":\"Prüfung\",\"orderId\":\"o-1\"}\n";
    let path = bench.write("latin.ndjson", line.chars().map(|c| c as u8).collect::<Vec<u8>>());
    let types = |extra: &[&str]| {
        let mut arguments: Vec<&std::ffi::OsStr> = vec!["info".as_ref(), "--format=json".as_ref(), path.as_os_str()];
        arguments.extend(extra.iter().map(std::ffi::OsStr::new));
        let info: serde_json::Value = serde_json::from_str(&bench.run(arguments).out).expect("one object");
        (info["types"][0]["type"].clone(), info["format"].clone())
    };
    assert_eq!(types(&["--encoding", "latin1"]), (json!("Prüfung"), json!("windows-1252, NDJSON, inferred")));
    assert_eq!(types(&[]).0, json!("Pr\u{FFFD}fung"));
    assert_eq!(bench.info([&path])["entities"], 1, "its fields are found all the same");
    let ran = bench.run(["info".as_ref(), path.as_os_str(), "--encoding=klingon".as_ref()]);
    assert!(ran.code == 2 && ran.err.contains("`klingon` is no encoding"), "{ran:?}");
}

#[test]
fn a_json_array_and_a_document_are_logs_too() {
    let bench = Bench::new();
    let lines = String::from_utf8(sample_bytes("shop.ndjson")).expect("this log is UTF-8");
    let array = format!("[\n{}\n]\n", lines.trim_end().replace('\n', ",\n"));
    let path = bench.write("shop.json", &array);
    assert_eq!(bench.info([path])["events"], 200);
    let document = format!("{{\"exported\":\"2026-02-17\",\"events\":{array}}}");
    let path = bench.write("export.json", document);
    assert_eq!(bench.info([path])["events"], 200);
}

#[test]
fn an_index_kept_from_before_gives_the_same_answers() {
    let bench = Bench::new();
    let log = bench.path("log.ndjson");
    bench.run(["generate".as_ref(), "--events=5000".as_ref(), log.as_os_str()]);
    let cold = bench.info([&log]);
    assert_eq!(bench.info([&log]), cold, "from the index");
    let appended = [std::fs::read(&log).expect("it is there"), sample_bytes("shop.ndjson")].concat();
    std::fs::write(&log, appended).expect("it can be written");
    let warm = bench.info([&log]);
    let fresh = bench.info(["--no-cache".as_ref(), log.as_os_str()]);
    assert_eq!(warm, fresh, "after an append");
    assert_eq!(fresh["events"].as_u64(), cold["events"].as_u64().map(|n| n + 200));
}
