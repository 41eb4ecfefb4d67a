//! `lint`: findings, exit codes, silences and the format for code scanners.

use serde_json::Value;

use crate::dumps::data;
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
            && ran.out.ends_with("0 errors, 1 warning, 0 notes by 29 rules in 2 events\n"),
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

/// What was found in other people's logs: each finding was read and judged; a rule that is changed changes them.
#[test]
fn real_logs_get_the_findings_that_are_true() {
    let bench = Bench::new();
    let expected: &[(&str, &[&str])] = &[
        ("atproto/deactivation.json", &["embedded-base64 6"]),
        ("billing/RefreshIncludedQuantitiesMonthly", &[]),
        ("caselogs/running-example.csv", &[]),
        ("cdc/maxwell-products.ndjson", &[]),
        ("cdc/debezium-postgres-products.ndjson", &[]),
        ("cloudevents/spec-json-format-examples.ndjson", &["duplicate-id 2", "schema-drift 2", "missing-time 1"]),
        ("cloudtrail/aws.credential-access.secretsmanager-retrieve-secrets.json", &["secret-in-clear 21"]),
        ("eiffel/build-avoidance.json", &[]),
        ("ocel/ocel20-example.jsonocel", &[]),
        ("ocel/ocel20-example.sqlite", &["time-zones 13"]),
        ("stores/emmett.sqlite", &["unknown-cause 6", "time-zones 6"]),
        ("temporal/workflow1.json", &[]),
        // One span twice, and its parent elsewhere.
        ("traces/otlp-single.json", &["duplicate-id 1", "unknown-cause 2"]),
    ];
    for (path, expected) in expected {
        let ran = bench.run(["lint", &data(path), "--format", "json"]);
        let told = |line: &str| {
            let finding: Value = serde_json::from_str(line).expect("JSON");
            format!("{} {}", finding["rule"].as_str().expect("a name"), finding["count"])
        };
        assert_eq!(ran.out.lines().map(told).collect::<Vec<_>>(), *expected, "{path}: {}", ran.out);
    }
}

#[test]
fn no_log_breaks_the_rules_down() {
    let bench = Bench::new();
    let mut logs = 0;
    for folder in std::fs::read_dir(data(".")).expect("tests/data").flatten().filter(|entry| entry.path().is_dir()) {
        let path = folder.path();
        let ran = bench.run(["lint".as_ref(), path.as_os_str(), "--format".as_ref(), "sarif".as_ref()]);
        assert!((0..=3).contains(&ran.code), "{}: {} {}", path.display(), ran.code, ran.err);
        if !ran.out.is_empty() {
            let sarif: Value = serde_json::from_str(&ran.out).expect("JSON");
            check_sarif(&sarif);
            logs += 1;
        }
    }
    assert!(logs > 10, "{logs}");
}

/// What the schema of SARIF 2.1.0 demands of the parts that we write.
fn check_sarif(sarif: &Value) {
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    assert!(run["tool"]["driver"]["name"].is_string());
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for rule in rules {
        assert!(["shortDescription", "fullDescription", "help"].iter().all(|part| rule[part]["text"].is_string()));
        assert!(
            ["note", "warning", "error"].contains(&rule["defaultConfiguration"]["level"].as_str().expect("a level"))
        );
    }
    let mut prints = std::collections::BTreeSet::new();
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("an index") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        assert!(result["message"]["text"].is_string() && result["occurrenceCount"].as_u64().expect("a count") > 0);
        assert!(prints.insert(result["partialFingerprints"]["eventglass/v1"].to_string()), "{result}");
        for place in result["locations"].as_array().expect("places") {
            let place = &place["physicalLocation"];
            let uri = place["artifactLocation"]["uri"].as_str().expect("a URI");
            assert!(!uri.contains([' ', '\\', '%']) || uri.contains("%20"), "{uri}");
            let region = &place["region"];
            assert!(region.is_null() || (region["byteOffset"].is_u64() && region["byteLength"].is_u64()), "{place}");
        }
    }
}

#[test]
fn rules_explain_themselves() {
    let bench = Bench::new();
    let all = bench.run(["lint", "--explain"]);
    assert_eq!((all.code, all.out.lines().count()), (0, 29));
    let one = bench.run(["lint", "--explain", "payload-bloat"]);
    for words in ["Why", "Mend", "bloat_times: 20", "bloat_bytes: 16384 (16.0 KiB)"] {
        assert!(one.out.contains(words), "{}", one.out);
    }
    assert_eq!(bench.run(["lint", "--explain", "nobody"]).code, 2);
    assert_eq!(bench.run(["lint"]).code, 2);
}

#[test]
fn secrets_are_never_printed() {
    let bench = Bench::new();
    let token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl";
    let line = format!(
        r#"{{"type":"Paid","id":"1","time":"2026-01-01T00:00:00Z","data":{{"by":"jane.doe@example.org","cardNumber":"4111111111111111","authorization":"Bearer {token}"}}}}"#
    );
    let log = bench.write("log.ndjson", format!("{line}\n"));
    for format in ["text", "json", "sarif"] {
        let ran = bench.run(["lint", log.to_str().expect("a plain path"), "--format", format]);
        assert_eq!(ran.code, 1);
        assert!(ran.out.contains("/data/cardNumber") && ran.out.contains("…1111"), "{}", ran.out);
        assert!(["jane.doe", "411111", "c2lnbmF0dXJl"].iter().all(|secret| !ran.out.contains(secret)), "{}", ran.out);
    }
}
