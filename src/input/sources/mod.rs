//! Where bytes come from. ★ A layer is a [`Layer`] in its own file or folder and a line in [`LAYERS`].
//!
//! A layer takes a source that cannot be read at random, or not as plain text, and writes it to a spool
//! in plain form while others read already. Layers stack: `log.xes.gz` is gzip, then XES. Copy `gzip.rs`
//! to add one.

pub mod address;
mod amqp;
mod avro;
pub mod broker;
mod console_consumer;
pub mod document;
mod encoded;
pub mod file;
pub mod follow;
mod gzip;
mod handles;
pub mod identity;
pub mod kafka;
#[cfg(feature = "kurrent")]
mod kurrent;
mod marks;
pub mod mover;
mod nservicebus;
mod ocel_json;
mod ocel_objects;
mod ocel_record;
mod ocel_xml;
mod origin;
pub mod outlet;
mod packed;
mod postgres;
pub mod pump;
pub mod records;
mod redis;
pub mod spool;
mod sqlite;
#[cfg(feature = "aws")]
mod sqs;
pub mod stage;
mod stores;
pub mod table;
#[cfg(test)]
mod tests;
mod text;
mod version;
mod xes;
mod xml;
mod zstd;

use crate::base::json;
use crate::model::error::{Error, Result};
use stage::{Context, Stage};

/// A step from a source's bytes towards plain text.
pub trait Layer: Send + Sync {
    /// As shown: `gzip`.
    fn name(&self) -> &'static str;

    /// Whether these first bytes (up to [`HEAD_BYTES`]) are its own.
    fn fits(&self, head: &[u8]) -> bool;

    fn takes(&self) -> Takes {
        Takes::Text
    }

    /// Starts the work and gives the next stage, whose bytes may still be growing.
    ///
    /// # Errors
    /// When nothing can be read at all.
    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage>;
}

/// What a layer takes its bytes for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Characters in some encoding, which are UTF-8 before they come to it.
    Text,
    /// Any bytes, packed: what comes out may be text in any encoding.
    Packed,
    /// Values that are no text; what comes out of it is UTF-8.
    Values,
}

/// Enough to recognise any layer.
pub const HEAD_BYTES: usize = 4096;

/// Most layers on top of each other; more is a trick.
pub const MAX_LAYERS: usize = 6;

/// The first that fits is taken.
pub const LAYERS: &[&dyn Layer] = &[
    &packed::Packed(&gzip::Gzip),
    &packed::Packed(&zstd::Zstd),
    &sqlite::Sqlite,
    &avro::Avro,
    &ocel_xml::OcelXml,
    &xes::Xes,
    &nservicebus::NServiceBus,
    &console_consumer::ConsoleConsumer,
];

/// Takes off layers as long as one fits; text becomes UTF-8 before anything is read in it.
///
/// # Errors
/// When a layer fits but nothing can be read.
pub fn peel(mut stage: Stage, context: &Context) -> Result<Stage> {
    let mut is_decoded = false;
    if stage.own_records {
        stage.charset = None;
    }
    for _ in 0..MAX_LAYERS {
        if stage.own_records {
            break;
        }
        let (head, _) = stage.head(HEAD_BYTES, &context.cancel)?;
        let layer = LAYERS.iter().find(|layer| layer.fits(&head));
        let takes = layer.map_or(Takes::Text, |layer| layer.takes());
        let is_text = !is_decoded && takes == Takes::Text;
        let charset = context.charset.or_else(|| encoded::recognised(&head)).filter(|_| is_text);
        stage = match (charset, layer) {
            (Some(charset), _) => {
                is_decoded = true;
                encoded::decode(stage, charset, context)?
            }
            (None, Some(layer)) => {
                let mut next = layer.apply(stage, context)?;
                if takes == Takes::Values {
                    is_decoded = true;
                    next.charset = None;
                }
                next
            }
            (None, None) => return part_of_document(stage, &head, context),
        };
    }
    Ok(stage)
}

/// What is left may be a document with a table in it that a person asked for.
fn part_of_document(stage: Stage, head: &[u8], context: &Context) -> Result<Stage> {
    match context.table.as_deref() {
        None => Ok(stage),
        Some(ocel_objects::TABLE) if ocel_json::fits(head) => ocel_json::objects(&stage, context),
        Some(table) => {
            let next_step = "Leave out ?table=…: only databases and object-centric logs have tables";
            Err(Error::new(format!("There is no table {table} in it"), stage.place(None), next_step))
        }
    }
}
