//! Edited values and the JSON Schema that they should keep to.

use super::{CHUNK_BYTES, Edited};
use crate::base::cancel::Cancel;
use crate::input::codecs::JsonSchema;
use crate::model::error::{Error, Place, Result};
use crate::sandbox::{Host, Language, Run, Sources, Told};

/// Replaces those of `these` values that do not keep to the schema by what is wrong with them.
///
/// # Errors
/// When the schema itself makes no sense: then nobody can say which values keep to it.
pub(super) fn keep_to(schema: &JsonSchema, these: &[usize], values: &mut [Edited], cancel: &Cancel) -> Result<()> {
    let name = if schema.name.is_empty() { "the JSON Schema" } else { &schema.name };
    let (text, references) = ((&schema.text).into(), std::borrow::Cow::Borrowed(&schema.references));
    let sources = Sources { schema: text, references };
    let text = serde_json::to_string(&sources).expect("texts are JSON");
    let start = || {
        Host::start(Language::JsonSchema, &text).map(|(host, _)| host).map_err(|refused| {
            let what = format!("{name} cannot be read, so edited values cannot be compared with it");
            let next_step = "Mend the schema, or read the topic without it (schema=, registry=)";
            Error::new(what, Place::Nowhere, next_step).because(refused.message)
        })
    };
    let mut host = start()?;
    let mut next = 0;
    while next < these.len() {
        let (mut events, mut lengths) = (vec![b'['], Vec::new());
        let first = next;
        while let Some(Ok(Some(value))) = these.get(next).and_then(|&at| values.get(at)) {
            if !lengths.is_empty() {
                if events.len() + value.len() > CHUNK_BYTES {
                    break;
                }
                events.push(b',');
            }
            events.extend_from_slice(value);
            lengths.push(value.len() as u32);
            next += 1;
        }
        if lengths.is_empty() {
            // No value, so nothing to compare.
            next += 1;
            continue;
        }
        events.push(b']');
        let mut wrong: Vec<(usize, String)> = Vec::new();
        let run = Run { state: None, every: false, careful: true, events, lengths, last: false };
        let done = host.fold(run, cancel, &mut |told| {
            if let Told::Failed { at, message, .. } = told {
                wrong.push((first + at as usize, format!("{name}: {message}")));
            }
        });
        if let Err(failure) = done {
            if cancel.is_cancelled() {
                return Err(Error::new("Cancelled", Place::Nowhere, "Start again"));
            }
            // The process is gone with this value; those after it get a new one.
            next = first + failure.at.unwrap_or(0) as usize + 1;
            wrong.push((next - 1, format!("{name}: {}", failure.message)));
            host = start()?;
        }
        for (at, why) in wrong {
            if let Some(slot) = these.get(at).and_then(|&at| values.get_mut(at)) {
                *slot = Err(why);
            }
        }
    }
    Ok(())
}
