//! YAML, by serde-saphyr with limits. Any text is YAML, so it is read as such only where somebody says so: the
//! person, a header, or a store that is known to write it (Rails Event Store).
//!
//! Ruby's symbols (`:order_id:`) are shown by their names.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::{Codec, Found, Input, Tree, Why};

pub(super) struct Yaml;

/// Events of the parser, aliases unfolded: some ten bytes each.
const MAX_NODES: usize = 500_000;

impl Codec for Yaml {
    fn name(&self) -> &'static str {
        "YAML"
    }

    fn option(&self) -> &'static str {
        "yaml"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        if !body.asked {
            return Err("only where it is asked for".to_owned());
        }
        let text = std::str::from_utf8(body.bytes).map_err(|_| "not UTF-8".to_owned())?;
        let budget = serde_saphyr::budget! { max_nodes: MAX_NODES, max_depth: super::tree::MAX_DEPTH };
        let options = serde_saphyr::options! { budget: budget };
        serde_saphyr::with_deserializer_from_str_with_options(text, options, |input| Node(tree).deserialize(input))
            .map_err(|cause| cause.to_string().lines().next().unwrap_or_default().to_owned())?;
        Ok(Found::default())
    }

    fn encode(&self, _: &Input<'_>, _: &RawValue) -> Result<Vec<u8>, Why> {
        Err("YAML is not written, since its layout and its tags would be lost".to_owned())
    }
}

/// Writes one value.
struct Node<'t>(&'t mut Tree);

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.0.bool(value).map_err(E::custom)
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.0.integer(value).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.0.integer(value).map_err(E::custom)
    }

    fn visit_i128<E: Error>(self, value: i128) -> Result<(), E> {
        self.0.integer(value).map_err(E::custom)
    }

    fn visit_u128<E: Error>(self, value: u128) -> Result<(), E> {
        self.0.number(&value.to_string()).map_err(E::custom)
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.0.real(value).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<(), E> {
        self.0.text(symbol(value)).map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, value: &[u8]) -> Result<(), E> {
        self.0.bytes(value).map_err(E::custom)
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        self.0.null().map_err(E::custom)
    }

    fn visit_none<E: Error>(self) -> Result<(), E> {
        self.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        // The tree's own errors pass through as they are; the parser's come first.
        let mut failed = None;
        let written = self.0.array(|tree| {
            loop {
                let before = tree.len();
                tree.item();
                match items.next_element_seed(Node(tree)) {
                    Ok(Some(())) => {}
                    Ok(None) => {
                        tree.cut(before);
                        return Ok(());
                    }
                    Err(error) => {
                        failed = Some(error);
                        return Err(String::new());
                    }
                }
            }
        });
        failed.map_or_else(|| written.map_err(A::Error::custom), Err)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut failed = None;
        let written = self.0.object(|tree| {
            let mut next = || -> Result<bool, A::Error> {
                let Some(Key(name)) = members.next_key()? else { return Ok(false) };
                tree.key(symbol(&name)).map_err(A::Error::custom)?;
                members.next_value_seed(Node(tree))?;
                Ok(true)
            };
            loop {
                match next() {
                    Ok(true) => {}
                    Ok(false) => return Ok(()),
                    Err(error) => {
                        failed = Some(error);
                        return Err(String::new());
                    }
                }
            }
        });
        failed.map_or_else(|| written.map_err(A::Error::custom), Err)
    }
}

/// A name as text, whatever it is.
struct Key(String);

impl<'de> serde::Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        String::deserialize(input).map(Self)
    }
}

/// `:order_id` → `order_id`
fn symbol(text: &str) -> &str {
    match text.strip_prefix(':') {
        Some(name) if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && !name.contains(' ') => name,
        _ => text,
    }
}
