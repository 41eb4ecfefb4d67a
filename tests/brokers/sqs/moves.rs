//! SQS's own move tasks, by ElasticMQ: limits first, then all of a queue, its progress, its end; what is refused.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::between::before;
use super::*;
use crate::program::Ran;
use crate::rabbitmq::eventually;
use crate::requeue::Desk;

/// A queue and its letters, so many.
fn filled(name: &str, letters: usize) -> (Queue, Queue) {
    let (orders, dlq) = elastic().with_letters(name);
    (0..letters).for_each(|n| dlq.send(&format!("{{\"n\":{n}}}"), json!({})));
    (orders, dlq)
}

fn task(desk: &Desk, address: &str, what: &str, more: &[&str]) -> Ran {
    desk.requeue_with(&[&[address, "--move-task", what], more].concat(), &CREDENTIALS)
}

fn list(desk: &Desk, of: &Queue) -> Value {
    let ran = task(desk, &of.address(), "list", &["--format", "json"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    serde_json::from_str(&ran.out).expect("JSON")
}

fn trail(desk: &Desk) -> Vec<Value> {
    let ran = desk.requeue(&["--trail", "json"]);
    ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Through a server that answers some requests otherwise.
fn through(of: &Queue, rule: impl Fn(&str, &Value) -> Option<(u16, Value)> + Send + Sync + 'static) -> String {
    format!("sqs://{}?region={REGION}&endpoint=http://127.0.0.1:{}", of.name, before(elastic().port, rule))
}

#[test]
fn all_letters_go_back_once_somebody_read_the_limits_and_said_yes() {
    let (orders, letters) = filled("shop", 23);
    let desk = Desk::new();
    let ran = task(&desk, &letters.address(), "start", &[]);
    assert_eq!(ran.code, 2, "{ran:?}");
    for limit in ["All that lies in shop-dlq", "about 23 messages", "500 a second", "new ids", "One task per queue"] {
        assert!(ran.err.contains(limit), "{limit}: {}", ran.err);
    }
    assert!(ran.err.contains("Nothing was moved") && ran.err.contains("--yes"), "{ran:?}");
    assert_eq!((orders.counts(), letters.counts()), ((0, 0), (23, 0)), "nothing was asked for");
    let ran = task(&desk, &letters.address(), "start", &["--yes"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("completed: about 23 moved"), "{}", ran.err);
    assert_eq!(letters.counts(), (0, 0));
    let all = orders.take_all();
    let mut bodies: Vec<&str> = all.iter().filter_map(|message| message["Body"].as_str()).collect();
    bodies.sort_unstable();
    bodies.dedup();
    assert_eq!((all.len(), bodies.len()), (23, 23), "each once: {bodies:?}");
    // Another process asks the server, not a memory of ours.
    let told = list(&Desk::new(), &letters);
    assert_eq!((&told["tasks"][0]["status"], &told["tasks"][0]["moved"]), (&json!("completed"), &json!(23)), "{told}");
    assert_eq!((&told["sources"], &told["most_a_second"]), (&json!(["shop"]), &json!(500)), "{told}");
    let trail = trail(&desk);
    let steps: Vec<&str> = trail.iter().filter_map(|row| row["phase"].as_str()).collect();
    assert_eq!(steps, ["move_asked", "move_started"], "{trail:?}");
    assert_eq!((&trail[1]["from"], &trail[1]["to"]), (&json!("shop-dlq"), &json!("where each came from")));
    assert!(trail[1]["detail"].as_str().is_some_and(|words| words.starts_with("task ")), "{trail:?}");
}

#[test]
fn a_slow_task_is_seen_by_others_stands_alone_and_can_be_cancelled() {
    let (_, letters) = filled("slow", 30);
    let other = elastic().queue("slow-other", json!({}));
    let (desk, address) = (Desk::new(), letters.address());
    let started = thread::Builder::new().name("start".to_owned()).spawn({
        let address = address.clone();
        move || task(&Desk::new(), &address, "start", &["--to", "queue:slow-other", "--rate", "2", "--yes"])
    });
    let started = started.expect("a thread");
    eventually("message moved", || list(&desk, &letters)["tasks"][0]["moved"].as_u64().is_some_and(|n| n > 0));
    let told = list(&desk, &letters);
    let running = &told["tasks"][0];
    assert_eq!((&running["status"], &running["to"]), (&json!("running"), &json!("slow-other")), "{told}");
    assert_eq!((&running["rate"], &running["to_move"]), (&json!(2), &json!(30)), "{told}");
    let ran = task(&desk, &address, "list", &[]);
    assert!(ran.out.contains("running: about") && ran.out.contains("at most 2 a second"), "{ran:?}");
    let ran = task(&desk, &address, "start", &["--yes"]);
    assert!(ran.code == 3 && ran.err.contains("is running already"), "{ran:?}");
    let ran = task(&desk, &address, "cancel", &[]);
    assert!(ran.code == 2 && ran.err.contains("Nothing was cancelled"), "{ran:?}");
    let ran = task(&desk, &address, "cancel", &["--yes"]);
    assert!(ran.code == 0 && ran.err.contains("Cancelled: about"), "{ran:?}");
    let followed = started.join().expect("it ends");
    assert_eq!(followed.code, 1, "{followed:?}");
    // One message may be between both queues for a moment.
    thread::sleep(Duration::from_secs(1));
    let (moved, left) = (other.counts().0, letters.counts().0);
    assert!(moved > 0 && left > 0 && moved + left == 30, "{moved} moved, {left} left");
    let ran = task(&desk, &address, "cancel", &["--yes"]);
    assert!(ran.code == 0 && ran.err.contains("No task that moves slow-dlq runs"), "{ran:?}");
    let steps: Vec<String> = trail(&desk).iter().filter_map(|row| row["phase"].as_str().map(str::to_owned)).collect();
    assert_eq!(steps, ["move_asked", "move_refused", "move_cancelling", "move_cancelled"]);
}

#[test]
fn what_is_no_dead_letter_queue_is_refused() {
    let (orders, letters) = filled("plain", 2);
    orders.send("{}", json!({}));
    let desk = Desk::new();
    let ran = task(&desk, &orders.address(), "start", &["--yes"]);
    assert!(ran.code == 3 && ran.err.contains("plain is no dead-letter queue of an SQS queue"), "{ran:?}");
    assert!(ran.err.contains("not those of SNS or Lambda") && ran.err.contains("--plan"), "what to do: {ran:?}");
    let ran = task(&desk, &orders.address(), "list", &[]);
    assert!(ran.code == 0 && ran.out.contains("no redrive policy names it"), "{ran:?}");
    for (to, why) in
        [("nowhere", "There is no plain-dlq"), ("plain.fifo", "is no FIFO queue"), ("plain-dlq", "moved from")]
    {
        let ran = task(&desk, &letters.address(), "start", &["--to", to, "--yes"]);
        assert!(ran.code == 3 && ran.err.contains(why), "{to}: {ran:?}");
    }
    assert_eq!((orders.counts(), letters.counts()), ((1, 0), (2, 0)), "nothing was moved");
}

/// `ElasticMQ` calls such a task completed and leaves all where it lies, which is not to be taken for success.
#[test]
fn what_a_fifo_queue_loses_is_said_and_that_nothing_was_moved() {
    let (orders, letters) = elastic().with_letters("rows.fifo");
    for n in 0..3 {
        let more = json!({"MessageGroupId": "order-1", "MessageDeduplicationId": format!("d-{n}")});
        letters.send(&format!("{{\"n\":{n}}}"), more);
    }
    let desk = Desk::new();
    let ran = task(&desk, &letters.address(), "start", &["--yes"]);
    assert!(ran.code == 1 && ran.err.contains("deduplication ids"), "{ran:?}");
    assert!(ran.err.contains("completed: about 0 moved") && ran.err.contains("about 3 messages lie there"), "{ran:?}");
    assert_eq!((orders.counts(), letters.counts()), ((0, 0), (3, 0)));
}

#[test]
fn a_right_that_lacks_and_an_answer_that_lacks_say_what_to_do() {
    let (_, letters) = filled("asked", 1);
    let refuse = |status: u16, said: Value| {
        let rule = move |action: &str, _: &Value| (action == "StartMessageMoveTask").then(|| (status, said.clone()));
        let desk = Desk::new();
        let ran = task(&desk, &through(&letters, rule), "start", &["--yes"]);
        assert_eq!(ran.code, 3, "{ran:?}");
        let last = trail(&desk).last().map(|row| row["phase"].clone()).unwrap_or_default();
        (ran.err, last)
    };
    let denied = json!({"__type": "com.amazonaws.sqs#AccessDeniedException", "message": "you may not"});
    let (said, last) = refuse(403, denied);
    assert!(said.contains("is not allowed") && said.contains("sqs:SendMessage"), "{said}");
    assert_eq!(last, "move_refused");
    let (said, last) = refuse(500, json!({"__type": "com.amazonaws.sqs#InternalError", "message": "try again"}));
    assert!(said.contains("cannot be told") && said.contains("Look at its tasks"), "{said}");
    assert_eq!(last, "move_in_doubt");
    assert_eq!(letters.counts(), (1, 0));
}

/// As AWS tells of a task that failed; `ElasticMQ` has none that do.
#[test]
fn why_a_task_failed_is_told() {
    let (_, letters) = filled("failed", 1);
    let rule = |action: &str, _: &Value| {
        let failed = json!({"Status": "FAILED", "ApproximateNumberOfMessagesMoved": 4,
            "ApproximateNumberOfMessagesToMove": 9, "FailureReason": "CouldNotDetermineMessageSource",
            "StartedTimestamp": 1_771_237_800_000_i64});
        (action == "ListMessageMoveTasks").then(|| (200, json!({"Results": [failed]})))
    };
    let ran = task(&Desk::new(), &through(&letters, rule), "list", &[]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.out.contains("2026-02-16T10:30:00Z  failed: about 4 of 9 moved"), "{}", ran.out);
    assert!(ran.out.contains("CouldNotDetermineMessageSource"), "{}", ran.out);
}

/// moto answers what it does not know with a page.
#[test]
fn a_server_without_move_tasks_is_told_as_such() {
    let (_, letters) = server().with_letters("without");
    let ran = task(&Desk::new(), &letters.address(), "start", &["--yes"]);
    assert!(ran.code == 3 && ran.err.contains("has no move tasks") && ran.err.contains("--plan"), "{ran:?}");
}
