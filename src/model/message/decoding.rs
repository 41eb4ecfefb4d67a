//! What is said beside a body that was looked into: `decoded` holds its value, `decoding` how it was read or why
//! not. Both are views: the body in `value`, `value_text` or `value_base64` is the message.

use serde::{Deserialize, Serialize};

/// The member of a record with the body's value.
pub const DECODED: &str = "decoded";

/// The member of a record with a [`Decoding`].
pub const DECODING: &str = "decoding";

/// The member of a record with the key's value, where a schema of a registry tells it.
pub const DECODED_KEY: &str = "decoded_key";

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

    /// `Avro in gzip`; none where no codec read it.
    #[must_use]
    pub fn written_in(&self) -> Option<String> {
        let mut said = self.codec.clone()?;
        for packing in self.packed.iter().rev() {
            said.push_str(&format!(" in {packing}"));
        }
        Some(said)
    }

    /// The reasons, each with the codecs that have it.
    #[must_use]
    pub fn reasons(&self) -> Vec<(String, &str)> {
        let mut reasons: Vec<(String, &str)> = Vec::new();
        for (codec, why) in &self.refused {
            match reasons.iter_mut().find(|(_, known)| known == why) {
                Some((codecs, _)) => codecs.push_str(&format!(", {codec}")),
                None => reasons.push((codec.clone(), why)),
            }
        }
        reasons
    }
}

impl SchemaName {
    /// `id 7, version 3 of orders-value`; none where no registry has it.
    #[must_use]
    pub fn registered(&self) -> Option<String> {
        let mut said = format!("id {}", self.id?);
        if let Some(version) = self.version {
            said.push_str(&format!(", version {version}"));
        }
        if let Some(subject) = &self.subject {
            said.push_str(&format!(" of {subject}"));
        }
        Some(said)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_is_told() {
        let subject = Some("orders-value".to_owned());
        let schema = SchemaName { name: "shop.Paid".to_owned(), id: Some(7), subject, version: Some(3) };
        assert_eq!(schema.registered().as_deref(), Some("id 7, version 3 of orders-value"));
        assert_eq!(SchemaName { version: None, subject: None, ..schema.clone() }.registered().as_deref(), Some("id 7"));
        assert_eq!(SchemaName { id: None, ..schema.clone() }.registered(), None);
        let packed = vec!["gzip".to_owned(), "zstd".to_owned()];
        let decoding = Decoding { codec: Some("Avro".to_owned()), packed, schema: Some(schema), ..Decoding::default() };
        assert_eq!(decoding.written_in().as_deref(), Some("Avro in zstd in gzip"));
        let record = format!("{{\"topic\":\"t\",\"decoding\":{}}}", serde_json::to_string(&decoding).expect("JSON"));
        assert_eq!(Decoding::of(record.as_bytes()), Some(decoding));
        assert_eq!(Decoding::of(b"{\"topic\":\"t\"}"), None);
    }

    #[test]
    fn one_reason_of_several_codecs_is_told_once() {
        let because = |codec: &str, why: &str| (codec.to_owned(), why.to_owned());
        let refused =
            vec![because("Avro", "no schema"), because("CBOR", "it breaks off"), because("Protobuf", "no schema")];
        let decoding = Decoding { refused, ..Decoding::default() };
        assert_eq!(
            decoding.reasons(),
            [("Avro, Protobuf".to_owned(), "no schema"), ("CBOR".to_owned(), "it breaks off")]
        );
        assert_eq!(decoding.written_in(), None);
    }
}
