//! `requeue` without a broker: plans from logs, into files and out of them, the journal, what is refused.

use std::path::PathBuf;

use serde_json::Value;

use crate::{Bench, Ran, sample};

/// Letters of the sample, planned for a file.
fn plan(bench: &Bench, args: &[&str]) -> (Ran, Value) {
    let mut all = vec!["requeue".to_owned(), sample("dead-letters.ndjson").display().to_string()];
    all.extend(["--to", "file:out.ndjson", "--plan", "plan.json"].map(str::to_owned));
    all.extend(args.iter().map(|arg| (*arg).to_owned()));
    let ran = bench.run(&all);
    let plan = std::fs::read_to_string(bench.path("plan.json")).unwrap_or_default();
    (ran, serde_json::from_str(&plan).unwrap_or_default())
}

fn requeue(bench: &Bench, args: &[&str]) -> Ran {
    bench.run([&["requeue", "--journal", "journal.sqlite"], args].concat())
}

fn items(plan: &Value) -> &Vec<Value> {
    plan["items"].as_array().expect("a list")
}

fn sent(bench: &Bench) -> Vec<Value> {
    let text = std::fs::read_to_string(bench.path("out.ndjson")).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("a record")).collect()
}

#[test]
fn a_plan_says_what_would_be_sent_and_sends_nothing() {
    let bench = Bench::new();
    let (ran, plan) = plan(&bench, &["--all"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("nothing was sent"), "{}", ran.out);
    assert!(!bench.path("out.ndjson").exists());
    let first = &items(&plan)[0];
    assert_eq!(first["letter"]["topic"], "orders-dlt");
    let names: Vec<&str> =
        first["message"]["headers"].as_array().expect("a list").iter().filter_map(|h| h[0].as_str()).collect();
    assert_eq!(
        names,
        ["correlation-id", "tenant", "eventglass-requeue-id", "eventglass-requeue-attempt", "eventglass-requeue-from"]
    );
    let stripped: Vec<&str> = first["stripped"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    assert!(stripped.contains(&"kafka_dlt-original-topic"), "{stripped:?}");
    // The share group's letter only points to its original, which is in this log: that is sent.
    let pointer = items(&plan).iter().find(|item| item["letter"]["topic"] == "dlq.shipping").expect("it is there");
    assert_eq!(
        (pointer["from_original"].as_bool(), pointer["message"]["key"].as_str()),
        (Some(true), Some("order-604"))
    );
    assert_eq!(pointer["message"]["value"]["eventType"], "OrderPlaced");
}

#[test]
fn a_plan_runs_once_however_often_it_is_run() {
    let bench = Bench::new();
    let (_, plan) = plan(&bench, &["--all"]);
    let n = items(&plan).len();
    let refused = requeue(&bench, &["--run", "plan.json"]);
    assert_eq!((refused.code, bench.path("out.ndjson").exists()), (2, false), "{refused:?}");
    for _ in 0..2 {
        let ran = requeue(&bench, &["--run", "plan.json", "--yes"]);
        assert_eq!((ran.code, sent(&bench).len()), (0, n), "{ran:?}");
    }
    assert_eq!(requeue(&bench, &["--resume"]).code, 0);
    assert_eq!(sent(&bench).len(), n);
    let status = requeue(&bench, &["--status", "--format", "json"]);
    let status: Value = serde_json::from_str(&status.out).expect("JSON");
    assert_eq!(status["plans"][0]["counts"]["settled"], n);
    assert_eq!(status["in_doubt"], serde_json::json!([]));
    let trail = requeue(&bench, &["--trail", "csv"]);
    assert_eq!(trail.out.lines().filter(|line| line.contains(",settled,")).count(), n, "{}", trail.out);
}

#[test]
fn letters_that_were_put_back_are_left_out_of_the_next_plan() {
    let bench = Bench::new();
    let journal = ["--journal", "journal.sqlite", "--group"];
    let groups = bench.run(["dead-letters", "--format", "json", &sample("dead-letters.ndjson").display().to_string()]);
    let group: Value = serde_json::from_str(groups.out.lines().next().expect("groups")).expect("JSON");
    let group = group["fingerprint"].as_str().expect("text").to_owned();
    let (_, first) = plan(&bench, &[&journal[..], &[&group]].concat());
    assert_eq!(items(&first).len(), 2);
    assert_eq!(requeue(&bench, &["--run", "plan.json", "--yes"]).code, 0);
    let (ran, second) = plan(&bench, &[&journal[..], &[&group]].concat());
    assert_eq!((ran.code, items(&second).len()), (1, 0), "{ran:?}");
    assert!(ran.out.contains("put back already"), "{}", ran.out);
    let (_, again) = plan(&bench, &[&journal[..], &[&group, "--again"]].concat());
    assert_eq!(items(&again)[0]["attempt"], 2);
    assert_eq!(requeue(&bench, &["--run", "plan.json", "--yes"]).code, 0);
    assert_eq!(sent(&bench).len(), 4);
}

#[test]
fn a_json_patch_edits_many_and_says_which_it_does_not_fit() {
    let bench = Bench::new();
    let patch =
        r#"[{"op":"test","path":"/eventType","value":"OrderPlaced"},{"op":"add","path":"/mended","value":1.10}]"#;
    std::fs::write(bench.path("patch.json"), patch).expect("it can be written");
    for given in [patch, "patch.json"] {
        let (ran, plan) = plan(&bench, &["--all", "--json-patch", given]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(!items(&plan).is_empty());
        assert!(items(&plan).iter().all(|item| item["message"]["value"]["mended"] == 1.1 && item["edited"] == true));
        let text = std::fs::read_to_string(bench.path("plan.json")).expect("it is there");
        assert!(text.contains("\"mended\":1.10"), "numbers keep their text");
        let left: Vec<&str> =
            plan["left_out"].as_array().expect("a list").iter().filter_map(|left| left["why"].as_str()).collect();
        assert!(left.iter().any(|why| why.contains("step 1 of the patch at /eventType")), "{left:?}");
    }
    let (ran, _) = plan(&bench, &["--all", "--json-patch", "[{}]"]);
    assert!(ran.code != 0 && ran.err.contains("The JSON patch cannot be read"), "{ran:?}");
    let (ran, _) = plan(&bench, &["--all", "--json-patch", "no-such-file.json"]);
    assert!(ran.code != 0 && ran.err.contains("no-such-file.json"), "{ran:?}");
}

#[test]
fn one_step_edits_many_and_says_which_it_does_not_fit() {
    let bench = Bench::new();
    let filter = r#"if has("eventType") then .mended = true else error("no event") end"#;
    let (ran, plan) = plan(&bench, &["--all", "--patch", filter, "--header", "tenant=fr"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(items(&plan).iter().all(|item| item["message"]["value"]["mended"] == true));
    let left: Vec<&str> =
        plan["left_out"].as_array().expect("a list").iter().filter_map(|left| left["why"].as_str()).collect();
    assert!(left.iter().any(|why| why.contains("no event")), "{left:?}");
    let wrong = bench.run([
        "requeue",
        &sample("dead-letters.ndjson").display().to_string(),
        "--all",
        "--to",
        "file:x",
        "--patch",
        ".a |",
        "--plan",
        "p.json",
    ]);
    assert_eq!(wrong.code, 2, "{wrong:?}");
}

/// Headers in their order, twice, null and of any bytes; null and empty keys and values: to the byte.
#[test]
fn headers_and_bytes_go_through_plan_journal_and_file_unchanged() {
    let bench = Bench::new();
    let letter = |offset: u32, rest: &str| {
        format!(
            r#"{{"topic":"orders-dlt","partition":0,"offset":{offset},"timestamp":1771237800123,"timestamp_type":"create",{rest}}}"#
        )
    };
    let headers = r#""headers":[["b",{"base64":"/wA="}],["a",null],["b",""],["kafka_dlt-original-topic","orders"],["b",{"base64":"/wA="}]]"#;
    let lines = [
        letter(1, &format!(r#""key":"",{headers},"value":{{ "n" : 1.0, "n":2 }}"#)),
        letter(2, &format!(r#""key_base64":"/w==",{headers},"value_base64":"/w==""#)),
        letter(3, &format!(r#"{headers},"value_text":"""#)),
        letter(4, &format!(r#"{headers},"value":null"#)),
        letter(5, headers),
    ];
    bench.write("letters.ndjson", lines.join("\n") + "\n");
    let ran = bench.run(["requeue", "letters.ndjson", "--all", "--to", "file:out.ndjson", "--plan", "plan.json"]);
    assert!(ran.out.contains("left out: event 4") && ran.out.contains("null"), "{}", ran.out);
    let ran = requeue(&bench, &["--run", "plan.json", "--yes"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    let text = std::fs::read_to_string(bench.path("out.ndjson")).expect("it was written");
    let out: Vec<&str> = text.lines().collect();
    assert_eq!(out.len(), 4, "the tombstone waits for its own permission");
    let kept =
        r#""headers":[["b",{"base64":"/wA="}],["a",null],["b",""],["b",{"base64":"/wA="}],["eventglass-requeue-id","#;
    for (line, rest) in out.iter().zip([
        r#""value":{ "n" : 1.0, "n":2 }"#,
        r#""value_base64":"/w==""#,
        r#""value_text":"""#,
        r#""value":null"#,
    ]) {
        assert!(line.contains(kept) && line.contains(rest), "{line}");
    }
    assert!(out[0].contains(r#""key":"""#) && out[1].contains(r#""key_base64":"/w==""#) && !out[2].contains("key\""));
    let more = ["requeue", "letters.ndjson", "--all", "--to", "file:out.ndjson", "--plan", "p.json", "--tombstones"];
    assert!(bench.run(more).out.contains("5 messages"), "allowed, it is planned");
}

#[test]
fn other_tools_records_are_left_out_not_sent_by_halves() {
    let bench = Bench::new();
    let log = sample("shop-dead-letters.ndjson").display().to_string();
    let ran = bench.run(["requeue", &log, "--all", "--to", "file:out.ndjson", "--plan", "plan.json"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("not a message as eventglass writes them"), "{}", ran.out);
}

#[test]
fn wrong_usage_is_said_before_anything_is_read() {
    let bench = Bench::new();
    let log = sample("dead-letters.ndjson").display().to_string();
    for (args, words) in [
        (vec![&*log, "--all", "--plan", "p.json"], "Say where messages go"),
        (vec![&*log, "--plan", "p.json", "--to", "file:x"], "--all"),
        (vec![&*log, "--all"], "--plan"),
        (vec!["--decide", "x", "maybe"], "send, done or discard"),
        (vec!["--decide", "x", "done"], "No message in doubt"),
        (vec!["--run", "no-such-plan.json", "--yes"], "plan"),
        (vec![], "--status"),
    ] {
        let mut all = vec!["requeue", "--journal", "journal.sqlite"];
        all.extend(&args);
        let ran = bench.run(&all);
        assert!(ran.code == 2 && ran.err.contains(words), "{args:?}: {ran:?}");
    }
    let ids = bench.run(["requeue", &log, "--id", "nothing", "--to", "file:x", "--plan", "p.json"]);
    assert!(ids.code == 2 && ids.err.contains("There is no dead letter nothing"), "{ids:?}");
}

#[test]
fn without_a_journal_that_can_be_written_nothing_is_sent() {
    let bench = Bench::new();
    let (_, _plan) = plan(&bench, &["--all"]);
    let folder: PathBuf = bench.write("folder/file", "no journal at all, only a file that is in the way");
    let ran = bench.run(["requeue", "--journal", &folder.display().to_string(), "--run", "plan.json", "--yes"]);
    assert_eq!((ran.code, bench.path("out.ndjson").exists()), (3, false), "{ran:?}");
}

#[test]
fn killed_at_any_point_a_run_into_a_file_loses_and_doubles_nothing() {
    let points = [
        "journal.planned.before",
        "journal.planned.after",
        "journal.claimed.before",
        "journal.claimed.after",
        "mark.before",
        "mark.after",
        "journal.sending.before",
        "journal.sending.after",
        "send.before",
        "send.after",
        "journal.confirmed.before",
        "journal.confirmed.after",
    ];
    for point in points {
        let bench = Bench::new();
        let (_, plan) = plan(&bench, &["--all"]);
        let args = ["requeue", "--journal", "journal.sqlite", "--run", "plan.json", "--yes"];
        let killed = bench.command(args).env("EVENTGLASS_CRASH_AT", point).output().expect("it starts");
        assert!(!killed.status.success(), "{point} was not passed");
        let planned = !point.starts_with("journal.planned.before");
        let resume = if planned { requeue(&bench, &["--resume"]) } else { requeue(&bench, &args[3..]) };
        assert_eq!(resume.code, 0, "{point}: {resume:?}");
        let mut ids: Vec<String> = sent(&bench).iter().map(|record| record["headers"].to_string()).collect();
        let n = items(&plan).len();
        assert_eq!(ids.len(), n, "{point}");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n, "{point}");
    }
}

#[test]
fn a_move_task_that_makes_no_sense_is_refused_before_anything_is_asked() {
    let bench = Bench::new();
    let queue = "sqs://orders-dlq?region=eu-west-1&endpoint=http://127.0.0.1:1";
    for (args, why) in [
        (&["--move-task", "start"][..], "<SRC>"),
        (&["kafka://h/orders", "--move-task", "start"], "Only queues of SQS"),
        (&[queue, "sqs://other", "--move-task", "list"], "of one queue"),
        (&[queue, "--move-task", "start", "--all"], "--all"),
        (&[queue, "--move-task", "start", "--patch", ".a"], "edits nothing"),
        (&[queue, "--move-task", "start", "--canary", "1"], "edits nothing"),
        (&[queue, "--move-task", "start", "--rate", "501"], "no rate of a move task"),
        (&[queue, "--move-task", "start", "--rate", "0.5"], "no rate of a move task"),
        (&[queue, "--move-task", "start", "--to", "file:out.ndjson"], "no queue of SQS"),
        (&[queue], "--plan"),
        (&[queue, "--plan", "plan.json"], "--all"),
    ] {
        let ran = requeue(&bench, args);
        assert!(ran.code == 2 && ran.err.contains(why), "{args:?}: {ran:?}");
    }
}
