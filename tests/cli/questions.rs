//! `state --simulate`, `state --fixture` and `check` on the textbook account.

use serde_json::{Value, json};

use crate::{Bench, Ran, sample};

const RULES: &str = "on AccountOpened
  balance = initialBalance
on MoneyDeposited
  balance += amount
on MoneyWithdrawn
  balance -= amount
";

fn run(bench: &Bench, more: &[&str]) -> Ran {
    bench.write("account.rules", RULES);
    let bank = sample("bank.ndjson");
    let mut args = vec!["state", bank.to_str().expect("a plain path"), "--entity", "account:account-123"];
    args.extend(["--reducer", "account.rules"]);
    args.extend(more);
    bench.run(args)
}

fn simulated(more: &[&str]) -> Value {
    let ran = run(&Bench::new(), &[&["--format", "json", "--simulate"], more].concat());
    // Each of these histories has events that would matter.
    assert_eq!((ran.code, ran.err.as_str()), (1, ""), "{more:?}");
    serde_json::from_str(&ran.out).expect("one JSON object")
}

fn of<'a>(list: &'a Value, type_name: &str) -> &'a Value {
    let mut types = list.as_array().into_iter().flatten();
    types.find(|of_type| of_type["type"] == type_name).expect("it is in the history")
}

#[test]
fn deposits_must_not_come_twice() {
    let answer = simulated(&["duplicates", "--seed", "5"]);
    let deposit = of(&answer["types"], "MoneyDeposited");
    assert_eq!(json!([deposit["tried"], deposit["differing"]]), json!([2, 2]));
    assert_eq!(deposit["example"]["at"]["version"], 2);
    assert_eq!(deposit["example"]["changes"], json!([{"path": "/balance", "before": 100, "after": 200}]));
    let opened = of(&answer["types"], "AccountOpened");
    assert_eq!(json!([opened["differing"], opened["late"]["other"]["version"]]), json!([0, 2]));
    assert_eq!(json!([answer["seed"], answer["events"], answer["complete"]]), json!([5, 4, true]));
    assert_eq!(answer, simulated(&["duplicates", "--seed", "5"]));
}

#[test]
fn deposits_and_withdrawals_commute() {
    let answer = simulated(&["reorder", "--window", "2"]);
    let pairs: Vec<Value> = (answer["pairs"].as_array().into_iter().flatten())
        .map(|pair| json!([pair["types"], pair["differing"]]))
        .collect();
    let (opened, deposited, withdrawn) = ("AccountOpened", "MoneyDeposited", "MoneyWithdrawn");
    assert_eq!(pairs, [json!([[opened, deposited], 1]), json!([[deposited, withdrawn], 0])]);
    let loss = simulated(&["loss", "--version", "2"]);
    assert_eq!(json!([loss["events"], of(&loss["types"], "MoneyDeposited")["differing"]]), json!([2, 1]));
}

#[test]
fn advice_is_printed_for_people() {
    let ran = run(&Bench::new(), &["--simulate", "duplicates"]);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert_eq!(lines[0], "account:account-123, 4 events, delivered at least once");
    assert!(ran.out.contains("MoneyDeposited is not idempotent: deliver the one of step 2 twice and balance is 200"));
    assert!(lines.last().is_some_and(|line| *line == "Looked at all 4 events. Seed 1."), "{ran:?}");
}

#[test]
fn a_fixture_holds_until_something_changes() {
    let bench = Bench::new();
    let ran = run(&bench, &["--fixture", "account.json"]);
    assert_eq!((ran.code, ran.out.as_str()), (0, ""), "{ran:?}");
    let written = read(&bench, "account.json");
    let fixture: Value = serde_json::from_str(&written).expect("JSON");
    assert_eq!(fixture["then"].as_array().map(Vec::len), Some(4));
    assert_eq!(fixture["then"][3], json!({"balance": 120}));
    assert!(written.contains(r#""data":{"initialBalance":0,"owner":"Ada Lindqvist"}"#), "{written}");

    let check = bench.run(["check", "account.json"]);
    assert_eq!((check.code, check.out.as_str()), (0, "account.json: account:account-123 holds, 4 states compared\n"));
    bench.write("changed.json", written.replacen(r#"{"amount":30}"#, r#"{"amount":31}"#, 1));
    let check = bench.run(["check", "account.json", "changed.json", "--format", "json"]);
    let lines: Vec<Value> = check.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!((check.code, lines.len()), (1, 2));
    assert_eq!(lines[1]["mismatches"][0]["step"], 3);
    assert_eq!(lines[1]["mismatches"][0]["message"], "step 3, MoneyWithdrawn: balance is 69 instead of 70");

    bench.write("free.rules", "on MoneyDeposited\n  balance += amount\n");
    let check = bench.run(["check", "account.json", "--reducer", "free.rules"]);
    assert_eq!(check.code, 1, "{check:?}");
    for (name, text) in [("no.json", None), ("broken.json", Some("{"))] {
        if let Some(text) = text {
            bench.write(name, text);
        }
        let check = bench.run(["check", name]);
        assert_eq!((check.code, check.out.as_str()), (2, ""));
        assert!(check.err.contains(name), "{check:?}");
    }
}

#[test]
fn people_get_given_when_then() {
    let bench = Bench::new();
    run(&bench, &["--fixture", "account.feature"]);
    let text = read(&bench, "account.feature");
    assert!(text.starts_with("Feature: account:account-123\n\n  Scenario: the stored history\n"), "{text}");
    let second = "    When MoneyDeposited (evt-0002, 2026-02-02T09:02:00.412Z)\n      \"\"\"\n      {\"amount\":100}\n";
    assert!(text.contains(second), "{text}");
    assert!(text.ends_with("    Then balance is 120\n"), "{text}");
    let ran = run(&bench, &["--fixture", "-", "--version", "1"]);
    assert_eq!(serde_json::from_str::<Value>(&ran.out).expect("JSON")["given"].as_array().map(Vec::len), Some(1));
}

#[test]
fn real_logs_are_answered() {
    for (source, entity) in [
        ("cdc/debezium-postgres-products.ndjson", "products:111"),
        ("cdc/maxwell-products.ndjson", "product:102"),
        ("billing/RefreshIncludedQuantitiesMonthly", "resource:fdc778a6-1281-40e4-cade-4a5fc11f5440"),
    ] {
        let bench = Bench::new();
        let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(source);
        let state = ["state", source.to_str().expect("a plain path"), "--entity", entity, "-q"];
        for how in ["duplicates", "loss", "reorder"] {
            let ran = bench.run(state.iter().chain(&["--simulate", how, "--format", "json"]));
            // 1 says that deliveries of this kind do harm, which for these histories is the truth or not.
            assert!(matches!(ran.code, 0 | 1) && ran.err.is_empty(), "{entity} {how}: {ran:?}");
            let answer: Value = serde_json::from_str(&ran.out).expect("one JSON object");
            assert_eq!(json!([answer["complete"], answer["rounds"]["run"]]), json!([true, 100]), "{entity} {how}");
        }
        assert_eq!(bench.run(state.iter().chain(&["--fixture", "f.json"])).code, 0);
        let check = bench.run(["check", "f.json"]);
        assert_eq!(check.code, 0, "{check:?}");
    }
}

fn read(bench: &Bench, name: &str) -> String {
    std::fs::read_to_string(bench.path(name)).expect("it was written")
}
