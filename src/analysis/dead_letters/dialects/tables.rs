//! Libraries that keep what failed in tables of their own database: rows, by the names of their columns, as any
//! mapper spells them.
//!
//! Source: Axon 4.6 `DeadLetterEntry.java`, 4.8 `DeadLetterSchema.java`; Wolverine `DeadLettersTable.cs`; Spring
//! Modulith 1.3 `JdbcEventPublication` and its reference, "Event publication registry"; Marten's `DeadLetterEvent`
//! documents.

use serde_json::{Map, Value};

use super::Dialect;
use super::wolverine::last_segment;
use crate::analysis::dead_letters::letter::{Cause, Evidence, Fidelity, Kept, Letter, Location, Stage};
use crate::analysis::dead_letters::seen::Seen;
use crate::base::text::folded;
use crate::model::time::{TimeNs, parse_text};

pub static WOLVERINE: Dialect = Dialect {
    name: "wolverine-table",
    label: "Wolverine's table",
    marks: &["\"replayable\""],
    adds: &[],
    read: wolverine,
};

pub static AXON: Dialect = Dialect {
    name: "axon-table",
    label: "Axon's table",
    marks: &["\"sequence_identifier\"", "\"sequenceIdentifier\"", "\"sequenceidentifier\""],
    adds: &[],
    read: axon,
};

pub static MODULITH: Dialect = Dialect {
    name: "modulith-table",
    label: "Spring Modulith's publications",
    marks: &["\"listener_id\"", "\"listenerId\"", "\"listenerid\"", "\"LISTENER_ID\""],
    adds: &[],
    read: modulith,
};

pub static MARTEN: Dialect = Dialect {
    name: "marten-table",
    label: "Marten's dead letters",
    marks: &["DeadLetterEvent"],
    adds: &[],
    read: marten,
};

const KEPT: Fidelity = Fidelity::new(Kept::Without, Kept::Yes, Kept::Without, Kept::No);

/// The columns of a row.
struct Row<'s>(&'s Map<String, Value>);

impl<'s> Row<'s> {
    fn of(seen: &'s Seen) -> Option<Self> {
        seen.record.as_object().map(Self)
    }

    /// By its folded name.
    fn column(&self, wanted: &str) -> Option<&'s Value> {
        self.0.iter().find(|(name, _)| folded(name) == wanted).map(|(_, value)| value)
    }

    fn text(&self, wanted: &str) -> Option<String> {
        self.column(wanted)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
    }

    fn time(&self, wanted: &str) -> Option<TimeNs> {
        parse_text(self.text(wanted)?.as_bytes(), 0)
    }
}

/// Without a location: nobody is asked where letters of such a table belong.
fn letter(dialect: &Dialect, cause: Cause, how: &'static str) -> Letter {
    let silent = Letter::silent(dialect.name, None, KEPT);
    Letter { evidence: Evidence::Body, cause, target: Err(how), ..silent }
}

/// How a letter goes back that eventglass cannot put back.
#[must_use]
pub fn way_back(letter: &Letter) -> Option<&'static str> {
    let others = [AXON.name, MODULITH.name, MARTEN.name];
    letter.target.as_ref().err().copied().filter(|_| others.contains(&letter.dialect.as_str()))
}

fn wolverine(seen: &Seen) -> Option<Letter> {
    let row = Row::of(seen)?;
    let replayable = row.column("replayable")?;
    let received_at = row.text("receivedat")?;
    let cause = Cause { wrapper: row.text("exceptiontype"), message: row.text("exceptionmessage"), ..Cause::default() };
    row.column("exceptiontype")?;
    let origin = last_segment(&received_at).map(Location::queue);
    let marks = "it is put back by marking it in its table: leave the target away";
    let marked = replayable.as_bool() == Some(true) || replayable.as_i64() == Some(1);
    Some(Letter {
        // Marked: Wolverine takes it the next time it looks.
        stage: if marked { Stage::Retrying } else { Stage::Dead },
        location: row.0.get("$table").and_then(Value::as_str).map(Location::queue),
        origin,
        consumer: Some(received_at),
        original_time: row.time("sentat"),
        ..letter(&WOLVERINE, cause, marks)
    })
}

fn axon(seen: &Seen) -> Option<Letter> {
    let row = Row::of(seen)?;
    // By the name that JPA or JDBC gives it.
    row.column("deadletterid").or_else(|| row.column("deadletteridentifier"))?;
    row.column("sequenceidentifier")?;
    let group = row.text("processinggroup");
    let reason = match row.text("causetype") {
        Some(_) => None,
        // It has no cause of its own: one before it in its sequence failed.
        None => Some("waits behind a letter of its sequence".to_owned()),
    };
    let cause = Cause { wrapper: row.text("causetype"), message: row.text("causemessage"), reason, ..Cause::default() };
    let how = "Axon retries it in its sequence: call process() or processAny() of the processing group's \
               SequencedDeadLetterProcessor in the application";
    Some(Letter {
        consumer: group,
        failed_at: row.time("lasttouched").or_else(|| row.time("enqueuedat")),
        original_time: row.time("timestamp"),
        ..letter(&AXON, cause, how)
    })
}

fn modulith(seen: &Seen) -> Option<Letter> {
    let row = Row::of(seen)?;
    let listener = row.text("listenerid")?;
    row.column("serializedevent")?;
    let published = row.time("publicationdate");
    // Completed ones stay in the table unless they are deleted or archived.
    if !row.column("completiondate").is_some_and(Value::is_null) {
        return None;
    }
    let how = "the application publishes it again: IncompleteEventPublications.resubmitIncompletePublications, or \
               spring.modulith.events.republish-outstanding-events-on-restart=true";
    let reason = row.text("status").unwrap_or_else(|| "not completed".to_owned());
    let cause = Cause { reason: Some(reason), ..Cause::default() };
    Some(Letter {
        attempts: row.column("completionattempts").and_then(Value::as_u64),
        consumer: Some(listener),
        failed_at: row.time("lastresubmissiondate").or(published),
        original_time: published,
        ..letter(&MODULITH, cause, how)
    })
}

fn marten(seen: &Seen) -> Option<Letter> {
    let row = Row::of(seen)?;
    let kind = row.text("mtdotnettype")?;
    let data = row.column("data")?.as_object().map(Row)?;
    if !kind.ends_with("DeadLetterEvent") {
        return None;
    }
    let cause =
        Cause { wrapper: data.text("exceptiontype"), message: data.text("exceptionmessage"), ..Cause::default() };
    let how = "the event itself is in its stream: mend the projection and rebuild it";
    Some(Letter {
        consumer: data.text("projectionname").or_else(|| data.text("shardname")),
        failed_at: data.time("timestamp"),
        pointer_only: true,
        ..letter(&MARTEN, cause, how)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::{letter, no_letter};
    use crate::analysis::dead_letters::letter::{Location, Stage};

    #[test]
    fn golden() {
        let found = letter(
            json!({"id": "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "execution_time": null, "body": {"$base64": "AA=="},
                "message_type": "Shop.PlaceOrder", "received_at": "rabbitmq://queue/orders", "source": "shop",
                "exception_type": "System.InvalidOperationException", "exception_message": "no such customer",
                "sent_at": "2026-02-16 10:00:00+00", "replayable": false, "$table": "wolverine_dead_letters"}),
            &[],
        );
        assert_eq!((found.dialect.as_str(), found.stage), ("wolverine-table", Stage::Dead));
        assert_eq!(found.origin, Some(Location::queue("orders")));
        assert_eq!(found.cause.class(), Some("System.InvalidOperationException"));
        assert!(found.original_time.is_some() && found.target.is_err_and(|how| how.contains("marking")));

        let found = letter(
            json!({"dead_letter_id": "d1", "processing_group": "billing", "sequence_identifier": "a-1",
                "sequence_index": 1, "enqueued_at": "2026-02-16T10:00:00Z", "cause_type": null, "cause_message": null,
                "payload": {}, "payload_type": "bank.Opened", "last_touched": "2026-02-16T10:00:05Z"}),
            &[],
        );
        assert_eq!((found.dialect.as_str(), found.consumer.as_deref()), ("axon-table", Some("billing")));
        assert_eq!(found.cause.reason.as_deref(), Some("waits behind a letter of its sequence"));

        let publication = |completed: serde_json::Value| {
            json!({"id": "p1", "event_type": "shop.OrderPlaced", "listener_id": "shop.Mail.on(OrderPlaced)",
                "publication_date": "2026-02-16T10:00:00Z", "serialized_event": {"n": 1}, "completion_date": completed})
        };
        let found = letter(publication(json!(null)), &[]);
        assert_eq!(
            (found.dialect.as_str(), found.consumer.as_deref()),
            ("modulith-table", Some("shop.Mail.on(OrderPlaced)"))
        );
        assert!(found.target.is_err_and(|how| how.contains("IncompleteEventPublications")));
        no_letter(publication(json!("2026-02-16T10:00:01Z")), &[]);

        let found = letter(
            json!({"id": "m1", "mt_dotnet_type": "Marten.Events.Daemon.Resiliency.DeadLetterEvent",
                "data": {"ProjectionName": "Totals", "ShardName": "All", "ExceptionType": "System.Exception",
                    "ExceptionMessage": "bad", "EventSequence": 7, "Timestamp": "2026-02-16T10:00:00Z"}}),
            &[],
        );
        assert_eq!((found.dialect.as_str(), found.consumer.as_deref()), ("marten-table", Some("Totals")));
        assert!(found.pointer_only && found.failed_at.is_some());
    }

    #[test]
    fn what_wolverine_will_take_is_not_dead_any_more() {
        let row = |replayable: serde_json::Value| {
            json!({"id": "x", "received_at": "local://durable", "exception_type": "E", "exception_message": "m",
                "replayable": replayable, "body": "x", "message_type": "m"})
        };
        for (replayable, stage) in [
            (json!(true), Stage::Retrying),
            (json!(1), Stage::Retrying),
            (json!(false), Stage::Dead),
            (json!(0), Stage::Dead),
        ] {
            assert_eq!(letter(row(replayable.clone()), &[]).stage, stage, "{replayable}");
        }
    }
}
