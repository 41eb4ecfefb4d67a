//! Avro: framed with the id of a schema in a registry, as a single object with the fingerprint of one, or bare by
//! a schema that the person names. Schemas are read by apache-avro.

mod compile;
mod container;
mod read;
#[cfg(test)]
mod tests;
mod write;

use serde_json::value::RawValue;

use super::{Codec, Found, Input, SchemaName, Tree, Why};
pub(super) use compile::Avro as AvroSchema;
pub use container::{Container, Damage, MAGIC};
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
        let mut refusal = None;
        for way in ways(body)? {
            tree.clear();
            match way.avro.read(way.datum, tree) {
                Ok(()) => return Ok(Found { schema: Some(way.name), note: None }),
                Err(why) => refusal = refusal.or(Some(why)),
            }
        }
        Err(refusal.unwrap_or_default())
    }

    fn encode(&self, body: &Input<'_>, json: &RawValue) -> Result<Vec<u8>, Why> {
        let reads = |way: &Way<'_>| way.avro.read(way.datum, &mut Tree::for_body(way.datum.len())).is_ok();
        let way = ways(body)?.into_iter().find(reads).ok_or("it is not read by its schema")?;
        let frame = body.bytes.len() - way.datum.len();
        let mut bytes = body.bytes.get(..frame).unwrap_or_default().to_vec();
        bytes.extend(way.avro.write(json, way.datum)?);
        Ok(bytes)
    }
}

/// A schema that a body may be read by, and what of the body is its datum.
struct Way<'b> {
    avro: &'b AvroSchema,
    datum: &'b [u8],
    name: SchemaName,
}

/// The first by which it can be read counts.
fn ways<'b>(body: &'b Input<'_>) -> Result<Vec<Way<'b>>, Why> {
    match body.framed.schema() {
        Some(Ok(schema)) => {
            return Ok(vec![Way { avro: schema.avro()?, datum: body.framed.rest(), name: schema.name.clone() }]);
        }
        // A body of another kind may begin so by chance, and a schema may be known otherwise.
        Some(Err(why)) if body.schemas.avro().is_empty() => return Err(why.to_owned()),
        Some(Err(_)) | None => {}
    }
    let way = |avro: &'b AvroSchema, datum| Way {
        avro,
        datum,
        name: SchemaName { name: avro.name.clone(), ..SchemaName::default() },
    };
    let known = body.schemas.avro();
    let fingerprint = body.bytes.strip_prefix(SINGLE_OBJECT).and_then(<[u8]>::split_first_chunk::<8>);
    if let Some((fingerprint, rest)) = fingerprint {
        if let Some(avro) = known.iter().find(|avro| avro.fingerprint == *fingerprint) {
            return Ok(vec![way(avro, rest)]);
        }
        if !body.asked {
            let print = u64::from_le_bytes(*fingerprint);
            return Err(format!(
                "a single object of the schema {print:016x}, which is not known: give it with schema=FILE"
            ));
        }
    }
    let Some(avro) = known.last() else {
        return Err("no frame with a schema's id; a bare body needs schema=FILE".to_owned());
    };
    if !body.asked {
        return Err("only where it is asked for".to_owned());
    }
    let mut ways = vec![way(avro, body.bytes)];
    // A frame whose registry is not there, and the schema given by hand.
    if let [0, _, _, _, _, rest @ ..] = body.bytes {
        ways.push(way(avro, rest));
    }
    Ok(ways)
}
