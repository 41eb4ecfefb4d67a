//! Arguments that make no sense, sources that are not there, readers that leave.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;

use crate::{Bench, sample};

#[test]
fn wrong_usage_is_2_and_says_what_would_be_right() {
    let bench = Bench::new();
    let bank = sample("bank.ndjson");
    let bank = bank.to_str().expect("a plain path");
    bench.write("bad.json", "{\"entitys\": []}");
    for (args, told) in [
        (vec!["info"], "SRC"),
        (vec!["events", bank, "--limit", "many"], "--limit"),
        (vec!["events", bank, "--filter", "type:"], "→"),
        (vec!["events", bank, "--filter", "(type:A"], "column"),
        (vec!["events", bank, "--entity", "account-123"], "--entity order:order-456"),
        (vec!["events", bank, "--from", "soon"], "--from 2026-02-16T10:30:00Z"),
        (vec!["events", bank, "--format", "xml"], "ndjson"),
        (vec!["info", bank, "--mapping", "none.json"], "none.json"),
        (vec!["info", bank, "--mapping", "bad.json"], "bad.json at byte"),
        (vec!["generate", "--events", "-1", "out"], "--events"),
        (vec!["--colour"], "--colour"),
    ] {
        let ran = bench.run(&args);
        assert_eq!(ran.code, 2, "{args:?}: {ran:?}");
        assert!(ran.err.contains(told), "{args:?} does not say {told}: {}", ran.err);
        assert_eq!(ran.out, "", "{args:?}");
    }
}

#[test]
fn help_and_version_are_fine() {
    let bench = Bench::new();
    for args in [vec!["--help"], vec!["events", "--help"], vec!["--version"]] {
        let ran = bench.run(&args);
        assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{args:?}");
    }
    let help = bench.run(["--help"]).out;
    for word in ["info", "events", "entities", "state", "generate", "--mapping", "--no-cache", "Exit codes"] {
        assert!(help.contains(word), "{word} is missing in {help}");
    }
}

#[test]
fn a_failing_source_does_not_stop_the_others() {
    let bench = Bench::new();
    let ran = bench.run([
        "info".as_ref(),
        "--format=json".as_ref(),
        "none.ndjson".as_ref(),
        sample("bank.ndjson").as_os_str(),
    ]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("none.ndjson") && ran.err.contains('→'), "{}", ran.err);
    let info: serde_json::Value = serde_json::from_str(&ran.out).expect("the other source is answered");
    assert_eq!(info["events"], 42);
}

#[test]
fn nothing_readable_gives_no_answer() {
    let bench = Bench::new();
    let ran = bench.run(["info", "none.ndjson"]);
    assert_eq!((ran.code, ran.out.as_str()), (3, ""), "{ran:?}");
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let bench = Bench::new();
    let log = bench.path("log.ndjson");
    let made = bench.run(["generate".as_ref(), "--events=20000".as_ref(), log.as_os_str()]);
    assert_eq!(made.code, 0, "{made:?}");
    let mut command = bench.command(["events".as_ref(), "--format=ndjson".as_ref(), log.as_os_str()]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let mut first = String::new();
    BufReader::new(child.stdout.take().expect("it was asked for")).read_line(&mut first).expect("there is a line");
    assert!(first.starts_with("{\"ix\":"), "{first}");
    let code = child.wait().expect("the program ends").code();
    let mut err = String::new();
    child.stderr.take().expect("it was asked for").read_to_string(&mut err).expect("it is text");
    assert_eq!((code, err.as_str()), (Some(0), ""));
}

#[test]
fn standard_error_is_quiet_without_a_terminal() {
    let bench = Bench::new();
    let ran = bench.run(["info".as_ref(), sample("shop.ndjson").as_os_str()]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}
