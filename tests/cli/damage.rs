//! Bad input: counted and named, never a crash, never silence.

use serde_json::{Value, json};

use crate::{Bench, sample, sample_bytes};

#[test]
fn each_kind_of_damage_is_counted_and_named() {
    let bench = Bench::new();
    let info = bench.info([sample("damaged.ndjson")]);
    assert_eq!((&info["events"], &info["undecodable"]), (&json!(16), &json!(11)), "{info:#}");
    assert_eq!(info["duplicate_ids"], 1);
    let damaged = sample("damaged.ndjson");
    let ran = bench.run(["events".as_ref(), "--format=ndjson".as_ref(), damaged.as_os_str()]);
    // One number is larger than this test's reader can take; it is in the next test.
    let lines: Vec<Value> =
        ran.out.lines().map(|line| serde_json::from_str(&line.replace("1e400", "1e30")).expect(line)).collect();
    let bad: Vec<&Value> = lines.iter().filter(|line| line.get("undecodable").is_some()).collect();
    assert_eq!((lines.len(), bad.len()), (27, 11));
    let reasons = |reason: &str| bad.iter().filter(|line| line["undecodable"]["reason"] == reason).count();
    assert_eq!(reasons("not JSON"), 1, "{bad:#?}");
    assert_eq!(reasons("not an object, so it has no fields"), 3, "{bad:#?}");
    assert_eq!(reasons("nested deeper than 128 levels"), 1, "{bad:#?}");
    assert_eq!(reasons("record is incomplete"), 1, "{bad:#?}");
    let stored = sample_bytes("damaged.ndjson");
    for line in bad {
        let position = line["source"]["position"].as_u64().expect("a byte") as usize;
        assert!(position == 0 || stored[position - 1] == b'\n', "{line} does not point at a line's start");
    }
}

#[test]
fn numbers_and_doubled_keys_keep_their_text() {
    let bench = Bench::new();
    let damaged = sample("damaged.ndjson");
    let out = bench.run(["events".as_ref(), "--format=ndjson".as_ref(), damaged.as_os_str()]).out;
    for text in ["9007199254740993", "1e400", "0.1000000000000000055511151231257827", "\"celsius\":21,\"celsius\":99"] {
        assert!(out.contains(text), "{text} is gone");
    }
}

#[test]
fn nothing_that_a_terminal_would_obey_gets_into_text() {
    let bench = Bench::new();
    let damaged = sample("damaged.ndjson");
    let evil =
        bench.write("evil\u{1b}]0;owned\u{7}.ndjson", "{\"eventType\":\"A\u{9b}31m\",\"eventId\":\"\u{202e}x\"}\n");
    for source in [damaged, evil] {
        for args in [["events", "--format=text"], ["info", "--format=text"], ["entities", "--format=text"]] {
            let ran = bench.run(args.iter().map(AsRef::as_ref).chain([source.as_os_str()]));
            for text in [&ran.out, &ran.err] {
                let obeyed = text
                    .chars()
                    .find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'));
                assert_eq!(obeyed, None, "{args:?}: {text}");
            }
        }
    }
}

#[test]
fn files_that_are_no_logs_are_refused_with_a_reason() {
    let bench = Bench::new();
    for (name, bytes) in [
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec()),
        ("empty-folder-like.bin", vec![0; 5000]),
        ("prose.txt", b"Dear reader,\nthis is a letter.\n".repeat(30)),
    ] {
        let path = bench.write(name, bytes);
        let ran = bench.run(["info".as_ref(), path.as_os_str()]);
        assert!(ran.code == 3 || ran.code == 0, "{name}: {ran:?}");
        assert!(!ran.err.is_empty() || ran.out.contains("undecodable"), "{name}: nothing was said: {ran:?}");
        assert!(!ran.err.contains("panicked"), "{name}: {}", ran.err);
    }
}

#[test]
fn a_log_cut_at_any_byte_gives_its_whole_records() {
    let bench = Bench::new();
    let bytes = sample_bytes("article.ndjson");
    for cut in (0..bytes.len()).step_by(29) {
        let path = bench.write("cut.ndjson", &bytes[..cut]);
        let ran = bench.run(["info".as_ref(), "--format=json".as_ref(), "--no-cache".as_ref(), path.as_os_str()]);
        assert!(!ran.err.contains("panicked"), "cut at {cut}: {}", ran.err);
        let whole = bytes[..cut].split(|byte| *byte == b'\n').count() - 1;
        if whole > 0 {
            let info: Value = serde_json::from_str(&ran.out).expect("one object");
            assert!(info["events"].as_u64().is_some_and(|events| events >= whole as u64), "cut at {cut}: {info:#}");
        }
    }
}

#[test]
fn deep_nesting_and_long_lines_end_well() {
    let bench = Bench::new();
    let good = "{\"eventType\":\"A\",\"eventId\":\"1\",\"timestamp\":\"2026-02-16T10:00:00Z\"}\n";
    let deep = format!("{good}{}\n{good}", "[".repeat(100_000));
    let long = format!("{good}{{\"eventType\":\"B\",\"note\":\"{}\"}}\n{good}", "x".repeat(3 << 20));
    for (name, text, events, undecodable) in [("deep.ndjson", deep, 2, 1), ("long.ndjson", long, 3, 0)] {
        let path = bench.write(name, text);
        let info = bench.info([path]);
        assert_eq!((&info["events"], &info["undecodable"]), (&json!(events), &json!(undecodable)), "{name}");
    }
}

/// A log whose writer truncates it must not take its reader along: that is why nothing is mapped into memory.
#[test]
fn a_file_truncated_a_thousand_times_while_it_is_read_ends_nothing() {
    use eventglass::input::ingest::{Log, Options};
    use eventglass::input::open::{OpenOptions, open};
    use eventglass::input::sources::address::Address;
    use std::fs::OpenOptions as Opening;

    let bench = Bench::new();
    let path = bench.path("shrinking.ndjson");
    let stored = sample_bytes("shop.ndjson");
    let (mut left, mut gone) = (0, 0);
    for round in 0..1000u64 {
        std::fs::write(&path, &stored).expect("the log is written");
        let log = Log::with(Options { threads: Some(2), block_bytes: 4096, ..Options::default() });
        let opened = open(&Address::file(&path), &OpenOptions::default()).expect("it is a log while it is opened");
        log.add(opened).expect("threads start");
        // Before, amid and after the reading: it takes about a millisecond.
        std::thread::sleep(std::time::Duration::from_micros(round % 40 * 50));
        let cut = Opening::new().write(true).open(&path).expect("the log is there");
        cut.set_len(round * 61 % stored.len() as u64).expect("the log is truncated");
        log.wait_valid();
        let snapshot = log.snapshot();
        let rows = snapshot.len();
        assert!(rows <= 200 + 1, "round {round}: more rows than were ever there: {rows}");
        // What is left can be asked for; what is gone says so.
        for event in 0..rows {
            let read = snapshot.record(eventglass::model::ids::EventIx(event));
            gone += u64::from(read.is_err());
            left += u64::from(read.is_ok());
        }
    }
    assert!(left > 0 && gone > 0, "{left} records left, {gone} gone: the cuts all fell on one side of the reading");
}

#[test]
fn bytes_that_are_no_text_come_out_as_they_went_in() {
    let bench = Bench::new();
    let payload = b"{\"note\":\"caf\xe9 \xff\xc3( \xed\xa0\x80\",\"n\":1}";
    let head = br#"{"eventType":"A","eventId":"1","timestamp":"2026-02-16T10:00:00Z","data":"#;
    let path = bench.write("latin.ndjson", [&head[..], payload, b"}\n"].concat());
    let ran =
        bench.command(["events".as_ref(), "--format=ndjson".as_ref(), path.as_os_str()]).output().expect("it runs");
    assert!(
        ran.stdout.windows(payload.len()).any(|window| window == payload),
        "{}",
        String::from_utf8_lossy(&ran.stdout)
    );
}

#[test]
fn cells_are_disarmed_unless_exact_ones_are_asked_for() {
    let bench = Bench::new();
    let event = r#"{"eventType":"=cmd|' /C calc'!A0","eventId":"-7","timestamp":"2026-02-16T10:00:00Z","service":"@x","data":{}}"#;
    let path = bench.write("formulas.ndjson", format!("{event}\n"));
    let path = path.to_str().expect("a plain name");
    let sql = "SELECT type, id, service FROM events";
    for (args, kind, id, service) in [
        (&["events", "--format", "csv", path][..], "'=cmd|' /C calc'!A0", "-7", "'@x"),
        (&["events", "--format", "csv-exact", path], "=cmd|' /C calc'!A0", "-7", "@x"),
        (&["sql", "--format", "csv", path, sql], "'=cmd|' /C calc'!A0", "-7", "'@x"),
        (&["sql", "--format", "csv-exact", path, sql], "=cmd|' /C calc'!A0", "-7", "@x"),
    ] {
        let out = bench.run(args).out;
        let cells: Vec<&str> = out.lines().nth(1).unwrap_or_default().split(',').collect();
        assert!([kind, id, service].iter().all(|cell| cells.contains(cell)), "{args:?}: {out}");
    }
}

/// What is exported never goes through a link to a file that somebody else wants kept.
#[cfg(unix)]
#[test]
fn exports_do_not_follow_links() {
    let bench = Bench::new();
    let precious = bench.write("precious.json", "precious");
    let link = bench.path("fixture.json");
    std::os::unix::fs::symlink(&precious, &link).expect("links can be made");
    let bank = sample("bank.ndjson");
    let first = bench.lines(["entities".as_ref(), "--format=ndjson".as_ref(), bank.as_os_str()])[0].clone();
    let entity = [&first["kind"], &first["id"]].map(|part| part.as_str().expect("a text")).join(":");
    let args = [
        "state".as_ref(),
        bank.as_os_str(),
        "--entity".as_ref(),
        entity.as_ref(),
        "--fixture".as_ref(),
        link.as_os_str(),
    ];
    let ran = bench.run(args);
    assert!(ran.code != 0 && ran.err.contains("it is a link"), "{ran:?}");
    assert_eq!(std::fs::read_to_string(precious).expect("it is there"), "precious");
    std::os::unix::fs::symlink(bench.path("elsewhere"), bench.path("log.ndjson")).expect("links can be made");
    let ran = bench.run(["generate", "--events", "10", "log.ndjson"]);
    assert!(ran.code != 0 && !bench.path("elsewhere").exists(), "{ran:?}");
}
