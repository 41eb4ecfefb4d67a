//! `state` on the textbook account: every answer can be reckoned by hand.

use serde_json::{Value, json};

use crate::{Bench, Ran, sample, sample_bytes};

const RULES: &str = "start balance = 0
on AccountOpened
  balance = initialBalance
  owner = owner
on MoneyDeposited
  balance += amount
on MoneyWithdrawn
  balance -= amount
";

/// A place with the rules of an account in a file.
fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("account.rules", RULES);
    bench
}

fn run(bench: &Bench, entity: &str, more: &[&str]) -> Ran {
    let bank = sample("bank.ndjson");
    let mut args = vec!["state", bank.to_str().expect("a plain path"), "--entity", entity];
    args.extend(["--reducer", "account.rules"]);
    args.extend(more);
    bench.run(args)
}

/// The answer as JSON, with the code that is to be fine.
fn answer(entity: &str, more: &[&str]) -> Value {
    let ran = run(&bench(), entity, &[more, &["--format", "json"]].concat());
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{more:?}");
    serde_json::from_str(&ran.out).expect("one JSON object")
}

#[test]
fn the_state_is_told_after_any_event() {
    for (place, expected) in [
        (&[][..], json!([3, 4, 120, 4])),
        (&["--version", "1"], json!([0, 1, 0, 1])),
        (&["--version", "3"], json!([2, 3, 70, 3])),
        (&["--event", "evt-0002"], json!([1, 2, 100, 2])),
        (&["--ix", "2"], json!([2, 3, 70, 3])),
        (&["--at", "2026-02-02T09:02"], json!([1, 2, 100, 2])),
        (&["--at", "2026-02-02T09:02:00.411Z"], json!([0, 1, 0, 1])),
        (&["--at", "2026-02-02"], json!([3, 4, 120, 4])),
        (&["--at", "2026-02-01"], json!([null, null, 0, 0])),
    ] {
        let state = answer("account:account-123", place);
        let found = json!([state["at"]["ix"], state["at"]["version"], state["state"]["balance"], state["events"]]);
        assert_eq!(found, expected, "{place:?}");
        assert_eq!(state["complete"], true);
        assert_eq!(state["errors"], json!([]));
    }
    let state = answer("account:account-123", &["--version", "3"]);
    assert_eq!(state["entity"], "account:account-123");
    assert_eq!(state["reducer"], json!({"kind": "rules", "source": RULES}));
    assert_eq!(state["at"]["time"], "2026-02-02T09:31:00.090Z");
}

#[test]
fn every_state_is_a_line() {
    let ran = run(&bench(), "account:account-126", &["--every", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let lines: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let balances: Vec<i64> = lines.iter().filter_map(|line| line["state"]["balance"].as_i64()).collect();
    assert_eq!(balances, [40, 85, 285, 405, 384, 365, 374, 316, -15, 45]);
    let versions: Vec<i64> = lines.iter().filter_map(|line| line["version"].as_i64()).collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let text = run(&bench(), "account:account-126", &["--every", "--version", "2"]);
    assert_eq!(text.out.lines().count(), 2, "{text:?}");
    assert!(text.out.contains(r#"{"balance":85,"owner":"Dora Weiss"}"#), "{text:?}");
}

#[test]
fn two_places_are_compared() {
    for (range, by, before, after) in [
        ("1..3", "version", json!(0), json!(70)),
        ("3..1", "version", json!(70), json!(0)),
        ("2026-02-02T09:02..2026-02-03", "time", json!(100), json!(120)),
    ] {
        let compared = answer("account:account-123", &["--diff", range]);
        assert_eq!(compared["by"], by);
        assert_eq!(compared["changes"], json!([{"path": "/balance", "before": before, "after": after}]), "{range}");
    }
    let from_nothing = answer("account:account-123", &["--diff", "0..1"]);
    assert_eq!(from_nothing["changes"], json!([{"path": "/owner", "after": "Ada Lindqvist"}]));
}

#[test]
fn a_field_is_blamed_on_the_events_that_changed_it() {
    let blamed = answer("account:account-123", &["--blame", "balance"]);
    let touches = blamed["touches"].as_array().expect("a list");
    let found: Vec<Value> = touches.iter().map(|t| json!([t["ix"], t["type"], t["before"], t["after"]])).collect();
    let expected = [
        json!([1, "MoneyDeposited", 0, 100]),
        json!([2, "MoneyWithdrawn", 100, 70]),
        json!([3, "MoneyDeposited", 70, 120]),
    ];
    assert_eq!(found, expected);
    let nowhere = run(&bench(), "account:account-123", &["--blame", "/balanse"]);
    assert_eq!((nowhere.code, nowhere.out.as_str()), (0, ""));
    assert!(nowhere.err.contains("balance, owner"), "{}", nowhere.err);
}

#[test]
fn the_first_event_after_which_something_holds_is_found() {
    let found = answer("account:account-126", &["--bisect", "balance < 0"]);
    assert_eq!(
        json!([found["first"]["ix"], found["first"]["version"], found["state"]["balance"]]),
        json!([40, 9, -15])
    );
    let never = answer("account:account-126", &["--bisect", "balance > 1000 or owner = \"Nobody\""]);
    assert_eq!(json!([never["first"], never["state"], never["events"]]), json!([null, null, 10]));
    assert_eq!(answer("account:account-123", &["--bisect", "balance >= 0"])["from_start"], true);
    let text = run(&bench(), "account:account-126", &["--bisect", "balance < 0"]).out;
    assert!(text.contains("first holds after event 40 MoneyWithdrawn, version 9") && text.contains("balance: -15"));
}

#[test]
fn without_a_reducer_the_rules_are_inferred() {
    let bank = sample("bank.ndjson");
    let bank = bank.to_str().expect("a plain path");
    let ran = bench().run(["state", bank, "--entity", "account:account-126", "--version", "9", "--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let state: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json!([state["reducer"]["kind"], state["state"]["balance"]]), json!(["inferred", -15]), "{state}");
}

#[test]
fn an_event_that_cannot_be_folded_leaves_the_state_incomplete() {
    let bench = bench();
    bench.write("log.ndjson", sample_bytes("bank.ndjson").replace_first(b"\"amount\":30", b"\"amount\":\"thirty\""));
    let args = ["state", "log.ndjson", "--entity", "account:account-123", "--reducer", "account.rules"];
    let ran = bench.run([&args[..], &["--format", "json"]].concat());
    assert_eq!(ran.code, 0, "{ran:?}");
    let state: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(json!([state["state"]["balance"], state["complete"]]), json!([150, false]));
    assert_eq!(state["errors"][0]["ix"], 2, "{state}");
    let text = bench.run(args);
    assert!(text.out.contains("not folded at event 2") && text.out.contains("incomplete"), "{}", text.out);
    let before = bench.run([&args[..], &["--version", "2", "--format", "json"]].concat());
    assert!(before.out.contains("\"complete\":true"), "{before:?}");
}

#[test]
fn a_repeated_event_id_is_folded_once() {
    let bench = bench();
    let mut log = sample_bytes("bank.ndjson");
    let second = log.split_inclusive(|byte| *byte == b'\n').nth(1).expect("it has lines").to_vec();
    log.extend(second);
    bench.write("log.ndjson", log);
    let args =
        ["state", "log.ndjson", "--entity", "account:account-123", "--reducer", "account.rules", "--format=json"];
    for (more, balance, repeats) in [(&[][..], 120, 1), (&["--keep-duplicates"], 220, 0)] {
        let ran = bench.run([&args[..], more].concat());
        let state: Value = serde_json::from_str(&ran.out).expect("JSON");
        assert_eq!(json!([state["state"]["balance"], state["repeats"]]), json!([balance, repeats]));
    }
    let repeat = bench.run([&args[..], &["--ix", "42"]].concat());
    assert!(repeat.code == 2 && repeat.err.contains("is a repeat of an event id"), "{repeat:?}");
}

#[test]
fn what_makes_no_sense_is_2_and_says_what_would() {
    let bench = bench();
    bench.write("broken.rules", "start balance = 0\non A\n  balance +* 1\n");
    for (entity, more, told) in [
        ("account", &[][..], "--entity order:order-456"),
        ("account:account-128", &[], "account:account-123, account:account-124"),
        ("acount:account-123", &[], "kinds: account, transfer"),
        ("account:account-123", &["--version", "9"], "Its versions go from 1 to 4"),
        ("account:account-123", &["--ix", "10"], "10 is not an event of account:account-123"),
        ("account:account-123", &["--event", "evt-0010"], "no event with the id evt-0010"),
        ("account:account-123", &["--version", "2", "--ix", "1"], "--ix"),
        ("account:account-123", &["--bisect", "balance <"], "column 10"),
        ("account:account-123", &["--diff", "1"], "--diff 3..7"),
        ("account:account-123", &["--reducer", "broken.rules"], "broken.rules:3"),
    ] {
        let bank = sample("bank.ndjson");
        let mut args = vec!["state", bank.to_str().expect("a plain path"), "--entity", entity];
        args.extend(more);
        let ran = bench.run(&args);
        assert_eq!((ran.code, ran.out.as_str()), (2, ""), "{args:?}: {ran:?}");
        assert!(ran.err.contains(told), "{args:?} does not say {told}: {}", ran.err);
    }
}

trait Replace {
    fn replace_first(&self, what: &[u8], with: &[u8]) -> Vec<u8>;
}

impl Replace for Vec<u8> {
    fn replace_first(&self, what: &[u8], with: &[u8]) -> Vec<u8> {
        let at = self.windows(what.len()).position(|part| part == what).expect("it is there");
        [&self[..at], with, &self[at + what.len()..]].concat()
    }
}
