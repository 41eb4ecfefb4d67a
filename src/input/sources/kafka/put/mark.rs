//! What is noted before a batch is sent, so that it can be found again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// See the module's documentation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The transactional id, where there is a ledger.
    pub transaction: Option<String>,
    pub ledger: Option<String>,
    /// Ends of partitions by topic.
    pub ends: BTreeMap<String, BTreeMap<i32, i64>>,
}

impl Mark {
    pub(super) fn to_text(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers always become JSON")
    }

    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn read_as_it_was_written() {
        let ends = [("orders".to_owned(), [(0, 7), (11, 0)].into())].into();
        let mark = Mark { transaction: Some("t".to_owned()), ledger: None, ends };
        assert_eq!(Mark::read(&mark.to_text()), Some(mark));
        assert_eq!(Mark::read("12"), None);
    }
}
