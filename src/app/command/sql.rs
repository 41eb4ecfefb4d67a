//! Statements that are kept.

#[derive(Clone, Debug, PartialEq)]
pub enum SqlCommand {
    Save { name: String, text: String },
    Forget(String),
}
