//! The file itself: what it refuses, what it keeps, what it tells.

use super::*;
use crate::input::sources::outlet::Target;
use crate::model::message::{Message, Place as Lies};
use crate::requeue::plan::{Item, Plan};
use crate::requeue::testing;

fn plan() -> Plan {
    let place = Lies::Kafka { topic: "orders-dlt".to_owned(), partition: 0, offset: 1 };
    let letter = Message { place, value: Some(b"\xff bytes".to_vec()), ..Message::default() };
    let target = Target::Topic { name: "orders".to_owned(), partition: Some(3) };
    let item = Item {
        cause: "=cmd()".to_owned(),
        settles: false,
        edited: true,
        message: Message { value: Some(b"{}".to_vec()), ..letter.clone() },
        ..testing::item(letter, target)
    };
    let plan = testing::plan("kafka://here", vec![item]);
    let mut plan = Plan { made_at: String::new(), rate: Some(2.5), canary: vec![1, 5], observe_ms: 10, ..plan };
    plan.seal();
    plan
}

#[test]
fn original_bytes_and_the_trail_are_kept() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("new/journal.sqlite");
    let plan = plan();
    let mut journal = Journal::open(&path).expect("it is made with its folder");
    assert_eq!(journal.add(&plan).expect("it is written"), Added { planned: 1, ..Added::default() });
    assert_eq!(journal.add(&plan).expect("it is written"), Added { known: 1, ..Added::default() });
    let entry = journal.entry(&plan.items[0].requeue_id).expect("it can be read").expect("it is there");
    assert_eq!(entry.outgoing, plan.items[0].outgoing());
    let lines = [(entry.item, Phase::Settled, "orders/3@7".to_owned())];
    journal.tell(&lines, None).expect("it is written");
    let trail = journal.trail().expect("it can be read");
    let told: Vec<_> = trail.iter().map(|row| (row.phase.as_str(), row.from.as_str(), row.to.as_str())).collect();
    assert_eq!(told, [("planned", "orders-dlt/0@1", "orders/3"), ("settled", "orders-dlt/0@1", "orders/3")]);
    assert_eq!((trail[0].bytes_before, trail[0].bytes_after), (7, 2));
    let mut csv = Vec::new();
    journal.trail_csv(&mut csv).expect("it can be read").expect("memory takes it");
    assert_eq!(String::from_utf8(csv).expect("text").lines().count(), 3);
    let attempts = journal.attempts(&entry.letter_id);
    assert_eq!((attempts.done, attempts.outstanding), (1, None));
    assert!(attempts.last.starts_with("to orders/3 at 20"), "{}", attempts.last);
    let info = journal.plan(&plan.id).expect("it is there");
    assert_eq!(
        (info.rate, info.canary, info.observe_ms, info.counts.of(Phase::Settled)),
        (Some(2.5), vec![1, 5], 10, 1)
    );
}

#[test]
fn lines_cannot_be_changed_or_taken_out() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(&folder.path().join("journal.sqlite")).expect("a journal");
    journal.add(&plan()).expect("it is written");
    for sql in ["UPDATE event SET phase = 'settled'", "DELETE FROM event"] {
        assert!(journal.db.execute(sql, []).is_err(), "{sql}");
    }
    // Nothing is marked as being sent without a claim.
    let entry = journal.entry(&plan().items[0].requeue_id).expect("it can be read").expect("it is there");
    assert!(journal.tell(&[(entry.item, Phase::Sending, String::new())], Some("mark")).is_err());
    let number = |name| journal.db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).expect("a number");
    assert_eq!((number("synchronous"), number("application_id")), (2, i64::from(APPLICATION_ID)));
}

#[test]
fn other_files_are_refused_and_left_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("other");
    std::fs::write(&path, "my letters to the queen, which are long enough to be no database").expect("it is written");
    assert!(Journal::open(&path).is_err());
    assert!(std::fs::read_to_string(&path).expect("text").starts_with("my letters"));
    std::fs::remove_file(&path).expect("it goes");
    let other = Connection::open(&path).expect("a database");
    other.execute_batch("CREATE TABLE mine (a); INSERT INTO mine VALUES (1)").expect("it is written");
    assert!(Journal::open(&path).is_err());
}

#[test]
fn a_journal_that_cannot_be_written_is_looked_at_and_sends_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("journal.sqlite");
    Journal::open(&path).expect("a journal").add(&plan()).expect("it is written");
    // As root every file can be written, so the reason is given by hand.
    let mut journal = Journal::to_look_at(&path, "the disk is full".to_owned()).expect("it can be read");
    assert_eq!(journal.plans().expect("they can be read").len(), 1);
    assert_eq!(journal.read_only(), Some("the disk is full"));
    assert!(journal.add(&plan()).is_err() && journal.claim(&[1]).is_err());
    assert!(Journal::open(&folder.path().join("journal.sqlite/below")).is_err());
}

#[test]
fn notes_and_what_is_out_of_sight() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut journal = Journal::open(&folder.path().join("journal.sqlite")).expect("a journal");
    journal.note("group", "asked the team").expect("it is written");
    journal.note("group", "mended in 2.1").expect("it is written");
    let texts: Vec<_> =
        journal.notes().expect("they can be read")["group"].iter().map(|note| note.text.clone()).collect();
    assert_eq!(texts, ["asked the team", "mended in 2.1"]);
    journal.archive("group", true).expect("it is written");
    assert_eq!(journal.archived().expect("they can be read"), ["group"]);
    journal.archive("group", false).expect("it is written");
    assert!(journal.archived().expect("they can be read").is_empty());
}
