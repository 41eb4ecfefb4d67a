//! Rules: a small language for what the events of one kind of entity do to its state. The whole of it
//! is shown in `reference.rules`, which is itself a file of rules, tested like any other.
//!
//! A text is parsed into lines (comments stay), which can be printed again, and compiled into a
//! [`Reducer`]. Of an event's rules all hold or none: where one fails, the state stays as it was.

mod ast;
mod engine;
mod eval;
mod expr;
mod lex;
mod merge;
mod parse;
mod place;
mod plain;
mod print;
#[cfg(test)]
mod properties;
mod spans;
#[cfg(test)]
mod tests;

use crate::analysis::state::reducer::{CompileError, Reducer};

pub use ast::Rules;
pub use parse::parse;
pub use print::{quoted_type, word};
pub use spans::spans;

/// The language by example, for the window and the manual.
#[must_use]
pub fn reference() -> &'static str {
    include_str!("reference.rules")
}

/// # Errors
/// What is wrong with the text, with line and column.
pub fn compile(text: &str) -> Result<Box<dyn Reducer>, CompileError> {
    Ok(Box::new(engine::Engine::new(&parse(text)?)))
}
