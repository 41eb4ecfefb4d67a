//! What would be sent where, to the byte, before anything is sent. A plan is data: it can be saved, read by
//! people and by programs, and run later.

mod aws;
mod make;
mod rows;
mod target;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde::{Deserialize, Serialize};

pub use make::{Attempts, Choice, Known, Request, choose, make};
pub use rows::letter_of;
pub use target::{To, parse_target};

use super::ids;
use crate::input::sources::outlet::Outgoing;
pub use crate::input::sources::outlet::Target;
use crate::model::error::{Error, Place, Result};
use crate::model::message::Message;

/// The form that is written; another one is not read.
pub const FORM: u32 = 1;

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    /// [`FORM`].
    pub eventglass_plan: u32,
    pub id: String,
    /// RFC 3339.
    pub made_at: String,
    /// Where messages are sent: a broker's URL without its password, or `file:PATH`.
    pub system: String,
    /// Messages a second; none is as fast as it goes.
    pub rate: Option<f64>,
    /// Sizes of the first steps; after each the run waits and looks whether one came back. After the last
    /// step the rest follows.
    pub canary: Vec<u32>,
    /// How long it waits after a step, in milliseconds.
    pub observe_ms: u64,
    /// What is to be known of all of it: who will read the messages again.
    pub notes: Vec<String>,
    pub items: Vec<Item>,
    /// Letters that were chosen and are not sent.
    pub left_out: Vec<LeftOut>,
}

/// One message of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    pub requeue_id: String,
    pub letter_id: String,
    /// From 1; more where this message was put back before.
    pub attempt: u32,
    pub fingerprint: String,
    pub cause: String,
    pub target: Target,
    /// Why this partition, in words, or why it stays where it is; empty where there is nothing to choose.
    pub partition_why: String,
    /// The letter lies in the plan's system, so it can be settled there.
    pub settles: bool,
    /// Where nothing tells this letter from others that stay where they are.
    pub has_twins: bool,
    /// What is sent is not the letter but its original, which was found in the log.
    pub from_original: bool,
    /// The value is not the letter's: edited.
    pub edited: bool,
    /// Headers and properties of the letter that are not sent, in order.
    pub stripped: Vec<String>,
    pub warnings: Vec<Warning>,
    #[serde(with = "as_record")]
    pub letter: Message,
    #[serde(with = "as_record")]
    pub message: Message,
}

/// What a person should know before it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// Stable, for programs: `later-events`.
    pub code: String,
    pub words: String,
}

/// A chosen letter that is not sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Number of the event in the log.
    pub event: u64,
    /// Where it lies.
    pub from: String,
    pub why: String,
}

/// A message as its record, which stands in JSON as it is.
mod as_record {
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};
    use serde_json::value::RawValue;

    use super::{Message, ids};

    pub fn serialize<S: Serializer>(message: &Message, out: S) -> std::result::Result<S::Ok, S::Error> {
        let text = String::from_utf8(ids::record(message)).map_err(serde::ser::Error::custom)?;
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(out)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> std::result::Result<Message, D::Error> {
        let raw = Box::<RawValue>::deserialize(input)?;
        Message::read(raw.get().as_bytes()).map_err(serde::de::Error::custom)
    }
}

impl Item {
    #[must_use]
    pub fn outgoing(&self) -> Outgoing {
        Outgoing {
            requeue_id: self.requeue_id.clone(),
            letter: self.letter.clone(),
            target: self.target.clone(),
            message: self.message.clone(),
        }
    }

    /// Bytes of the value before and after.
    #[must_use]
    pub fn value_bytes(&self) -> (usize, usize) {
        let len = |message: &Message| message.value.as_ref().map_or(0, Vec::len);
        (len(&self.letter), len(&self.message))
    }
}

impl Plan {
    /// Names the plan and its messages after what they now are. To be called after each change by hand.
    pub fn seal(&mut self) {
        for item in &mut self.items {
            let mut bare = item.message.clone();
            super::headers::strip(&mut bare, |name| name.starts_with("eventglass-requeue-"));
            item.requeue_id = ids::requeue_id(&self.system, &item.letter_id, &item.target, &bare, item.attempt);
            let from = item.letter.place.to_string();
            super::headers::mark(&mut item.message, &item.requeue_id, item.attempt, &from);
        }
        let ids: Vec<&[u8]> = self.items.iter().map(|item| item.requeue_id.as_bytes()).collect();
        self.id = ids::uuid(&[&[b"plan", self.made_at.as_bytes(), self.system.as_bytes()], &ids[..]].concat());
    }

    /// # Errors
    /// The writer's.
    pub fn save(&self, to: &mut impl Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *to, self)?;
        to.write_all(b"\n")
    }

    /// # Errors
    /// Where the text is no plan, or one of another form, or was changed so that its ids are wrong.
    pub fn read(text: &str, path: &str) -> Result<Self> {
        let place = || Place::File { path: path.to_owned(), offset: None };
        let next_step = "Make the plan anew with eventglass requeue … --plan FILE";
        let plan: Self = serde_json::from_str(text)
            .map_err(|cause| Error::new("This is no plan", place(), next_step).because(cause))?;
        if plan.eventglass_plan != FORM {
            return Err(Error::new("The plan is of another version of eventglass", place(), next_step));
        }
        let mut sealed = plan.clone();
        sealed.seal();
        if sealed != plan {
            let next_step = "Edit with --patch when the plan is made; a plan changed by hand is not sent";
            return Err(Error::new("The plan was changed after it was made", place(), next_step));
        }
        Ok(plan)
    }
}
