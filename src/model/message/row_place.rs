//! Where a message lies that is a row of a table: letters that a library keeps in its database.

use serde::{Deserialize, Serialize};

/// A row of a table, which `value` of its message holds as an object of columns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPlace {
    /// Without its schema.
    pub table: String,
    pub id: String,
    /// Where one message may fail at several receivers, the receiver is part of the row's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<String>,
}
