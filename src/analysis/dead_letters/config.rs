//! What a person adds: header names of their own, targets for letters without an origin, groups as they
//! want them. Data, kept in the settings and given on the command line as JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dialects::Names;
use super::groups::Regroup;
use crate::model::error::{Error, Place, Result};

/// ```json
/// {"names": [{"label": "our retry library", "topic": "x-failed-topic", "message": "x-error"}],
///  "targets": {"orders-dlq": "orders"},
///  "groups": {"keys": ["origin"]}}
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Header names of an application's own; they are looked for before all others.
    pub names: Vec<Names>,
    /// From a dead-letter topic or queue to where its letters belong, where they do not say so themselves.
    pub targets: BTreeMap<String, String>,
    pub groups: Regroup,
}

impl Config {
    /// # Errors
    /// Where the text makes no sense.
    pub fn parse(text: &str, path: &str) -> Result<Self> {
        let config: Self = serde_json::from_str(text).map_err(|cause| {
            let place = Place::File { path: path.to_owned(), offset: None };
            Error::new("The configuration of dead letters makes no sense", place, "Mend it as the message says")
                .because(cause)
        })?;
        if config.names.iter().any(|names| names.label.is_empty() || names.looked_for().next().is_none()) {
            let place = Place::File { path: path.to_owned(), offset: None };
            return Err(Error::new("Header names of your own need a label and at least one name", place, "Add them"));
        }
        Ok(config)
    }
}
