//! Avro: framed with the id of a schema in a registry, as a single object with the fingerprint of one, or bare by
//! a schema that the person names. Schemas are read by apache-avro.

mod compile;
mod read;
#[cfg(test)]
mod tests;

use super::{Codec, Found, Input, SchemaName, Tree, Why};
pub(super) use compile::Avro as AvroSchema;
pub(super) use read::zigzag;

pub(super) struct Avro;

/// Before a single object: <https://avro.apache.org/docs/1.12.0/specification/#single-object-encoding>.
const SINGLE_OBJECT: &[u8] = &[0xC3, 0x01];

impl Codec for Avro {
    fn name(&self) -> &'static str {
        "Avro"
    }

    fn option(&self) -> &'static str {
        "avro"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["avro/binary", "application/avro", "application/vnd.apache.avro+binary", "application/x-avro-binary"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        match body.framed.schema() {
            Some(Ok(schema)) => {
                schema.avro()?.read(body.framed.rest(), tree)?;
                return Ok(Found { schema: Some(schema.name.clone()), note: None });
            }
            // A body of another kind may begin so by chance, and a schema may be known otherwise.
            Some(Err(why)) if body.schemas.avro().is_empty() => return Err(why.to_owned()),
            Some(Err(_)) | None => {}
        }
        let known = body.schemas.avro();
        let fingerprint = body.bytes.strip_prefix(SINGLE_OBJECT).and_then(<[u8]>::split_first_chunk::<8>);
        if let Some((fingerprint, rest)) = fingerprint {
            if let Some(avro) = known.iter().find(|avro| avro.fingerprint == *fingerprint) {
                avro.read(rest, tree)?;
                return Ok(found(avro));
            }
            if !body.asked {
                let print = u64::from_le_bytes(*fingerprint);
                return Err(format!(
                    "a single object of the schema {print:016x}, which is not known: give it with schema=FILE"
                ));
            }
        }
        let Some(avro) = known.last() else {
            let words = "no frame with a schema's id; a bare body needs schema=FILE";
            return Err(words.to_owned());
        };
        if !body.asked {
            return Err("only where it is asked for".to_owned());
        }
        let whole = avro.read(body.bytes, tree);
        // A frame whose registry is not there, and the schema given by hand.
        if let (Err(_), [0, _, _, _, _, rest @ ..]) = (&whole, body.bytes) {
            tree.clear();
            if avro.read(rest, tree).is_ok() {
                return Ok(found(avro));
            }
        }
        whole.map(|()| found(avro))
    }
}

fn found(avro: &AvroSchema) -> Found {
    Found { schema: Some(SchemaName { name: avro.name.clone(), ..SchemaName::default() }), note: None }
}
