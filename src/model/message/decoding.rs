//! What is said beside a body that was looked into: `decoded` holds its value, `decoding` how it was read or why
//! not. Both are views: the body in `value`, `value_text` or `value_base64` is the message.

use serde::{Deserialize, Serialize};

/// The member of a record with the body's value.
pub const DECODED: &str = "decoded";

/// The member of a record with a [`Decoding`].
pub const DECODING: &str = "decoding";

/// How a body was read, or why it was not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decoding {
    /// As shown: `Avro`. None where none read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codec: Option<String>,
    /// Compressions around the body, outermost first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub packed: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<SchemaName>,
    /// What is doubtful: `2 fields are not in the schema`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Codecs that were tried in vain, each with its reason; only where none read it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<(String, String)>,
}

/// Which schema a body was read by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SchemaName {
    /// `shop.OrderPlaced`
    pub name: String,
    /// In the registry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    /// The registry's name for its versions: `orders-value`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
}

impl Decoding {
    /// Of a message's record; none where its body was not looked into.
    #[must_use]
    pub fn of(record: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Line {
            decoding: Option<Decoding>,
        }
        serde_json::from_slice::<Line>(record).ok()?.decoding
    }

    /// `Avro in gzip · shop.OrderPlaced · id 7, version 3 of orders-value`; none where no codec read it.
    #[must_use]
    pub fn summary(&self) -> Option<String> {
        let mut said = self.codec.clone()?;
        for packing in self.packed.iter().rev() {
            said.push_str(&format!(" in {packing}"));
        }
        let Some(schema) = &self.schema else { return Some(said) };
        if !schema.name.is_empty() {
            said.push_str(&format!(" · {}", schema.name));
        }
        let subject = schema.subject.as_ref().map(|subject| format!(" of {subject}")).unwrap_or_default();
        match (schema.id, schema.version) {
            (Some(id), Some(version)) => said.push_str(&format!(" · schema {id}, version {version}{subject}")),
            (Some(id), None) => said.push_str(&format!(" · schema {id}{subject}")),
            (None, _) => {}
        }
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_named_as_far_as_it_is_known() {
        let mut decoding = Decoding { codec: Some("Avro".to_owned()), ..Decoding::default() };
        assert_eq!(decoding.summary().as_deref(), Some("Avro"));
        decoding.packed = vec!["gzip".to_owned()];
        decoding.schema = Some(SchemaName { name: "shop.Paid".to_owned(), id: Some(7), ..SchemaName::default() });
        assert_eq!(decoding.summary().as_deref(), Some("Avro in gzip · shop.Paid · schema 7"));
        let mut schema = decoding.schema.take().expect("one");
        schema.version = Some(3);
        schema.subject = Some("orders-value".to_owned());
        decoding.schema = Some(schema);
        let record = format!("{{\"topic\":\"t\",\"decoding\":{}}}", serde_json::to_string(&decoding).expect("JSON"));
        assert_eq!(Decoding::of(record.as_bytes()), Some(decoding.clone()));
        let words = "Avro in gzip · shop.Paid · schema 7, version 3 of orders-value";
        assert_eq!(decoding.summary().as_deref(), Some(words));
        assert_eq!(Decoding::of(b"{\"topic\":\"t\"}"), None);
    }
}
