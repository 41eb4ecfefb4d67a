//! Records and files larger than they have any right to be: they end nothing, take little memory and
//! are counted where they stand.

use std::io::Write as _;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::Bench;

const EVENT: &str = r#"{"eventType":"A","eventId":"1","timestamp":"2026-02-16T10:00:00Z","orderId":"o-1"}"#;
const LONG: usize = 100 << 20;

/// Writes `before`, an event with a text of 100 MiB, and `after`.
fn with_a_long_event(path: &Path, before: &str, after: &str) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).expect("a file"));
    let piece = vec![b'x'; 1 << 20];
    let mut put = |bytes: &[u8]| file.write_all(bytes).expect("room");
    put(before.as_bytes());
    put(br#"{"eventType":"Long","timestamp":"2026-02-16T10:00:01Z","text":""#);
    (0..LONG / piece.len()).for_each(|_| put(&piece));
    put(b"\"}");
    put(after.as_bytes());
    file.flush().expect("room");
}

/// What `info` says, and the most memory that it had, in bytes; 0 where the system does not tell.
fn info(bench: &Bench, source: &str) -> (Value, u64) {
    let mut command = bench.command(["info", "--format", "json", source]);
    command.stdout(std::process::Stdio::piped());
    let mut child = command.spawn().expect("the program starts");
    let mut peak = 0;
    while child.try_wait().expect("it can be asked").is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = kib.map_or(peak, |kib| kib << 10);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    let output = child.wait_with_output().expect("it ended");
    assert!(output.status.success(), "{output:?}");
    (serde_json::from_slice(&output.stdout).expect("one JSON object"), peak)
}

#[test]
fn a_record_longer_than_any_may_be_is_one_undecodable_one() {
    let bench = Bench::new();
    for (name, before, after, events) in [
        ("lines.ndjson", format!("{EVENT}\n"), format!("\n{EVENT}\n"), 2),
        ("document.json", format!("[\n{EVENT},\n{EVENT},\n"), format!(",\n{EVENT}\n]\n"), 3),
    ] {
        let path = bench.path(name);
        with_a_long_event(&path, &before, &after);
        let (info, peak) = info(&bench, name);
        assert_eq!((&info["events"], &info["undecodable"]), (&json!(events), &json!(1)), "{name}");
        // One window of the longest record and its copy while it grows, beside the program itself.
        assert!(peak < 160 << 20, "{name} took {} MiB", peak >> 20);
        let bad = bench.lines(["events", "--format", "ndjson", "--filter", "is:undecodable", name]);
        let place = before.len() as u64;
        assert_eq!(bad.len(), 1, "{name}");
        assert_eq!(bad[0]["undecodable"]["reason"], "longer than 64 MiB", "{name}");
        assert_eq!(bad[0]["source"]["position"], place, "{name}");
        std::fs::remove_file(path).expect("it is there");
    }
}

#[test]
fn unpacking_out_of_proportion_is_a_persons_choice() {
    let bench = Bench::new();
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    let mut put = |bytes: &[u8]| packed.write_all(bytes).expect("memory takes it");
    put(format!("{EVENT}\n").as_bytes());
    let blank = vec![b'\n'; 1 << 20];
    (0..80).for_each(|_| put(&blank));
    put(format!("{EVENT}\n").as_bytes());
    bench.write("bomb.ndjson.gz", packed.finish().expect("memory takes it"));
    for (args, events, told) in [
        (&[][..], 1, "--max-unpacked SIZE"),
        (&["--max-unpacked", "1G"], 2, ""),
        (&["--max-unpacked", "70M"], 1, "Stopped after 70.0 MiB"),
    ] {
        let ran = bench.run([&["info", "--format", "json", "bomb.ndjson.gz"], args].concat());
        let info: Value = serde_json::from_str(&ran.out).expect("one JSON object");
        assert_eq!(info["events"], events, "{args:?}: {ran:?}");
        assert!(ran.err.contains(told) && ran.err.is_empty() == told.is_empty(), "{args:?}: {ran:?}");
    }
    let wrong = bench.run(["info", "bomb.ndjson.gz", "--max-unpacked", "many"]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
}

#[test]
fn more_files_than_a_program_may_have_open_make_one_log() {
    let bench = Bench::new();
    for n in 0..1500 {
        bench.write(&format!("logs/{n:04}.ndjson"), format!("{EVENT}\n"));
    }
    let info = bench.info(["logs"]);
    assert_eq!((&info["events"], &info["duplicate_ids"]), (&json!(1500), &json!(1499)));
}
