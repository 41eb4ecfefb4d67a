//! `check-read-model`, `rebuild-read-model` and `processed`: the sample with its planted errors, and a
//! rebuilt read model that agrees with its own log.

use serde_json::{Value, json};

use crate::{Bench, Ran, sample};

fn table(name: &str) -> String {
    format!("{}?table={name}", sample("bank-views.sqlite").display())
}

fn bank() -> [String; 2] {
    [sample("bank.ndjson").display().to_string(), sample("account.rules").display().to_string()]
}

fn json(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{e}: {}{}", ran.out, ran.err))
}

fn listed<'a>(list: &'a Value, of: &str) -> Vec<&'a str> {
    list.as_array().expect("a list").iter().filter_map(|item| item[of].as_str()).collect()
}

#[test]
fn planted_errors_of_the_sample_are_found() {
    let (bench, [log, rules], table) = (Bench::new(), bank(), table("accounts_view"));
    let args = ["check-read-model", &log, "--table", &table, "--key", "account_id", "--reducer", &rules];
    let ran = bench.run(args.iter().chain(&["--format", "json"]));
    let found = json(&ran);
    assert_eq!(ran.code, 1, "{}", ran.err);
    assert_eq!(listed(&found["missing"], "key"), ["account-124"]);
    assert_eq!(listed(&found["extra"], "key"), ["account-999"]);
    let different: Vec<(&Value, &Value, &Value)> = (found["different"].as_array().expect("a list").iter())
        .map(|of| (&of["key"], &of["column"], &of["behind"]))
        .collect();
    assert_eq!(json!(different), json!([["account-123", "balance", 1], ["account-125", "owner", 0]]), "{found}");
    assert!(found["different"][0]["event"]["ix"].is_u64() && found["different"][0]["seen"]["ix"].is_u64());
    let text = bench.run(args);
    assert!(text.out.contains("different  account-123 balance"), "{}", text.out);
}

#[test]
fn a_column_is_compared_with_an_expression() {
    let (bench, [log, rules], table) = (Bench::new(), bank(), table("accounts_view"));
    let base = ["check-read-model", &log, "--table", &table, "--key", "account_id", "--reducer", &rules];
    let with = |column: &str| bench.run(base.iter().chain(&["--format", "json", "--column", column]));
    let ran = with("owner=(.owner | ascii_upcase)");
    let found = json(&ran);
    let owners: Vec<&Value> = (found["different"].as_array().expect("a list").iter())
        .filter(|of| of["column"] == "owner")
        .map(|of| &of["expected"])
        .collect();
    assert_eq!(json!(owners[0]), "ADA LINDQVIST", "{found}");
    assert_eq!(owners.len(), 4, "{found}");
    assert!(found["compared"].to_string().contains("(.owner | ascii_upcase)"), "{found}");
    let right = json(&with("owner=(.owner | ascii_downcase | .[:0] + .)"));
    assert_eq!(right["rows"], 5, "{right}");
    let fails = json(&with("owner=(.owner | tonumber)"));
    assert_eq!(fails["not_folded"], 4, "an expression that fails is said: {fails}");
    let wrong = with("owner=(.owner |)");
    assert!(wrong.code == 2 && wrong.err.contains("expression cannot be read"), "{wrong:?}");
}

#[test]
fn a_rebuilt_read_model_agrees_with_its_log() {
    let (bench, [log, rules]) = (Bench::new(), bank());
    let out = bench.path("new.sqlite").display().to_string();
    let args = ["rebuild-read-model", &log, "--key", "account_id", "--reducer", &rules, "--name", "accounts"];
    let made = bench.run(args.iter().chain(&["--format", "sqlite", "--out", &out]));
    assert_eq!(made.code, 0, "{}", made.err);
    let table = format!("{out}?table=accounts");
    let checked = bench.run([
        "check-read-model",
        &log,
        "--table",
        &table,
        "--key",
        "account_id",
        "--reducer",
        &rules,
        "--format",
        "json",
    ]);
    let found = json(&checked);
    assert_eq!((checked.code, &found["rows"]), (0, &found["matching"]), "{found}");
    // Nothing that exists is written into.
    let again = bench.run(args.iter().chain(&["--format", "sqlite", "--out", &out]));
    assert!(again.code == 2 && again.err.contains("There is a file of this name"), "{}", again.err);
    for (format, start) in [("csv", "account_id,"), ("sql", "INSERT INTO \"accounts\" (\"account_id\", ")] {
        let out = bench.path(format);
        let made = bench.run(
            args.iter()
                .map(std::ffi::OsStr::new)
                .chain(["--format", format, "--out"].map(std::ffi::OsStr::new))
                .chain([out.as_os_str()]),
        );
        let text = std::fs::read_to_string(&out).unwrap_or_default();
        assert!(made.code == 0 && text.starts_with(start), "{}{text}", made.err);
    }
}

#[test]
fn processed_events_of_the_sample_are_looked_at() {
    let (bench, [log, _], table) = (Bench::new(), bank(), table("processed_events"));
    let args = [
        "processed",
        &log,
        "--table",
        &table,
        "--column",
        "event_id",
        "--time",
        "processed_at",
        "--consumer",
        "consumer",
    ];
    let ran = bench.run(args.iter().chain(&["--format", "json"]));
    let found = json(&ran);
    assert_eq!(ran.code, 1, "{}", ran.err);
    let counts: Vec<Value> = (found["consumers"].as_array().expect("a list").iter())
        .map(|of| {
            json!([of["consumer"], of["skipped_count"], of["twice_count"], of["out_of_order_count"], of["unknown"]])
        })
        .collect();
    assert_eq!(json!(counts), json!([["mailer", 0, 0, 0, []], ["totals", 1, 1, 1, ["evt-9999"]]]), "{found}");
    assert_eq!(bench.run(["processed", &log, "--table", "nowhere.db?table=x"]).code, 2);
}
