//! Avro's object container files (`.avro`): each value becomes one JSON object a line, read by the schema that the
//! file brings. What is packed inside is unpacked block by block.

use std::sync::Arc;

use super::marks::Marks;
use super::origin::FileOrigin;
use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage};
use super::{Layer, Takes};
use crate::base::text::plural;
use crate::input::codecs::avro::{Container, Damage, MAGIC};
use crate::model::error::{Error, Result};
use crate::model::source::Origin;

pub(super) struct Avro;

impl Layer for Avro {
    fn name(&self) -> &'static str {
        "Avro file"
    }

    fn fits(&self, head: &[u8]) -> bool {
        head.starts_with(MAGIC)
    }

    fn takes(&self) -> Takes {
        Takes::Values
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        let marks = Marks::create(context)?;
        let mut next = stage.clone();
        let under = next.origin.take();
        next.origin = Some(Arc::new(FileOrigin { marks: Arc::clone(&marks), under }) as Arc<dyn Origin>);
        let reader = stage.reader(&context.cancel);
        let address = stage.address.clone();
        let allow_bombs = context.allow_bombs;
        let bytes = pump("Avro", &address, context, move |out| {
            // Values may take no bytes at all, and blocks are packed.
            if !allow_bombs {
                out.guard_ratio(reader.position());
            }
            let mut container = Container::open(reader).map_err(|why| {
                let next_step = "Write it again with the codec null, deflate, snappy or zstandard (avro-tools recodec)";
                Error::new("The Avro file cannot be read", stage.place(None), next_step).because(why)
            })?;
            loop {
                match container.next_block() {
                    Ok(Some(block)) => {
                        marks.add(out.position(), block.at)?;
                        let damage = container.values(&block, |json| {
                            out.write(json)?;
                            out.write(b"\n")
                        })?;
                        damage.into_iter().for_each(|damage| warn(out, &stage, &damage));
                    }
                    Ok(None) => return Ok(()),
                    Err(damage) => {
                        warn(out, &stage, &damage);
                        if damage.next.is_none() {
                            return Ok(());
                        }
                    }
                }
            }
        })?;
        Ok(next.through(bytes, self.name()))
    }
}

fn warn(out: &SpoolWriter, stage: &Stage, damage: &Damage) {
    let what = match damage.lost {
        Some(0) => "Something follows the values of an Avro block".to_owned(),
        Some(lost) => format!("{} of an Avro block cannot be read", plural(lost, "value", "values")),
        None => "A part of the Avro file cannot be read".to_owned(),
    };
    let rest = match damage.next {
        Some(next) => format!("; reading went on at byte {next}"),
        None => "; what came before is kept".to_owned(),
    };
    let next_step = "Get the file again if the rest is needed";
    out.warn(Error::new(format!("{what}{rest}"), stage.place(Some(damage.at)), next_step).because(&damage.why));
}
