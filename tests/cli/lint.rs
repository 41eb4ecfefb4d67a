//! `lint`: findings, exit codes, silences and the format for code scanners.

use serde_json::Value;

use crate::{Bench, sample};

#[test]
fn a_damaged_log_fails_and_a_sound_one_does_not() {
    let bench = Bench::new();
    for (log, code) in [("damaged.ndjson", 1), ("shop.ndjson", 0), ("bank.ndjson", 0)] {
        let ran = bench.run(["lint".as_ref(), sample(log).as_os_str()]);
        assert_eq!(ran.code, code, "{log}: {}", ran.out);
    }
    let ran = bench.run(["lint".as_ref(), sample("damaged.ndjson").as_os_str(), "--format".as_ref(), "json".as_ref()]);
    let first: Value = serde_json::from_str(ran.out.lines().next().expect("findings")).expect("JSON");
    assert_eq!((first["rule"].as_str(), first["count"].as_u64()), (Some("undecodable"), Some(5)));
    assert_eq!(first["events"].as_array().map(Vec::len), Some(5));
    assert!(first["help"].as_str().is_some_and(|help| !help.is_empty()));
}

#[test]
fn a_rule_is_silenced_with_a_reason() {
    let bench = Bench::new();
    let log = bench.write(
        "log.ndjson",
        "{\"type\":\"A\",\"id\":\"1\",\"time\":\"2026-01-01T00:00:00Z\"}\n{\"type\":\"B\",\"id\":\"1\",\"time\":\"2026-01-01T00:00:01Z\"}\n",
    );
    let log = log.to_str().expect("a plain path");
    let ran = bench.run(["lint", log]);
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("warning [duplicate-id]")
            && ran.out.ends_with("0 errors, 1 warning, 0 notes by 28 rules in 2 events\n"),
        "{}",
        ran.out
    );
    bench.write("quiet.json", r#"{"silences": [{"rule": "duplicate-id", "reason": "a replayed log"}]}"#);
    assert_eq!(bench.run(["lint", log, "--config", "quiet.json"]).code, 0);
    bench.write("wrong.json", r#"{"silences": [{"rule": "duplicate-id", "reason": ""}]}"#);
    for args in [["--config", "wrong.json"], ["--config", "absent.json"], ["--rule", "nobody"]] {
        let ran = bench.run(["lint", log, args[0], args[1]]);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}");
        assert!(!ran.err.is_empty());
    }
    assert_eq!(bench.run(["lint", log, "--rule", "version-gap"]).code, 0);
}

#[test]
fn scanners_get_sarif() {
    let bench = Bench::new();
    let damaged = sample("damaged.ndjson");
    let ran = bench.run(["lint".as_ref(), damaged.as_os_str(), "--format".as_ref(), "sarif".as_ref()]);
    let sarif: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let rules: Vec<&Value> =
        run["tool"]["driver"]["rules"].as_array().expect("rules").iter().map(|r| &r["id"]).collect();
    for result in run["results"].as_array().expect("results") {
        assert!(rules.contains(&&result["ruleId"]));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "damaged.ndjson");
        assert!(place["region"]["byteOffset"].is_u64());
    }
}
