//! Letters that are rows of a table. Of the libraries that keep letters so, Wolverine documents a way back: a row whose
//! `replayable` is set is taken by its durability agent and handled again.
//!
//! Source: Wolverine's guide, "Dead letter storage"; its `DatabaseConstants.Replayable`.

use serde_json::{Map, Value};

use super::target::Kind;
use crate::input::sources::outlet::Target;
use crate::model::message::{Message, Place, RowPlace};

/// The row of a table of Wolverine's as a message whose value is the row.
pub(super) fn message(record: &[u8]) -> Option<Message> {
    let members: Map<String, Value> = serde_json::from_slice(record).ok()?;
    let text = |name: &str| members.get(name).and_then(Value::as_str).map(str::to_owned);
    if !members.contains_key("replayable") || !members.contains_key("exception_type") {
        return None;
    }
    let place = RowPlace { table: text("$table")?, id: text("id")?, received_at: text("received_at") };
    let value = record.trim_ascii_end().to_vec();
    Some(Message { place: Place::Row(Box::new(place)), value: Some(value), ..Message::default() })
}

/// The letter that a record holds: a message, or a row as one.
#[must_use]
pub fn letter_of(record: &[u8]) -> Option<Message> {
    message(record).or_else(|| Message::read(record).ok())
}

/// Where a row goes, or why it cannot; none for letters that are none.
pub(super) fn target(system: &str, letter: &Message) -> Option<Result<(Target, String), String>> {
    let kind = Kind::of(system);
    match (&letter.place, kind) {
        (_, Kind::File) => None,
        (Place::Row(place), Kind::Tables) => {
            let words = "it stays where it is; Wolverine takes it from there";
            Some(Ok((Target::Mark { table: place.table.clone() }, words.to_owned())))
        }
        (Place::Row(_), _) => Some(Err("its body is Wolverine's own envelope: it goes back by being marked in its \
                                        table, so leave the target away"
            .to_owned())),
        (_, Kind::Tables) => Some(Err("only rows of Wolverine's table of dead letters go back in a database; give a \
                                       broker or a file as target"
            .to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"{"id":"6ba7b810-9dad-11d1-80b4-00c04fd430c8","body":{"$base64":"AA=="},
        "received_at":"rabbitmq://queue/orders","exception_type":"System.Exception","replayable":false,"$table":"letters"}"#;

    #[test]
    fn a_row_of_wolverine_is_marked_where_it_lies_and_goes_nowhere_else() {
        let row = message(ROW.as_bytes()).expect("it is one");
        assert_eq!(row.place.to_string(), "letters@6ba7b810-9dad-11d1-80b4-00c04fd430c8");
        assert_eq!(row.value.as_deref(), Some(ROW.as_bytes()));
        let marked = target("postgres://a/shop", &row).expect("it is a row").expect("it can");
        assert_eq!(marked.0, Target::Mark { table: "letters".to_owned() });
        assert!(target("kafka://a", &row).is_some_and(|said| said.is_err()));
        assert!(target("file:/out.ndjson", &row).is_none());
        assert!(target("postgres://a/shop", &Message::default()).is_some_and(|said| said.is_err()));
        for other in [
            "{}",
            "[]",
            r#"{"id":"1","replayable":true}"#,
            r#"{"id":1,"exception_type":"x","replayable":true,"$table":"t"}"#,
        ] {
            assert_eq!(message(other.as_bytes()), None, "{other}");
        }
    }
}
