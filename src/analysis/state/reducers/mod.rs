//! The languages that reducers are written in. To add one: a file here, a variant of `ReducerKind`
//! and an arm below.

pub mod infer;
pub mod rules;
pub mod script;
pub mod spans;
pub mod template;

use super::reducer::{CompileError, Reducer, ReducerKind, ReducerSource};

/// Makes a reducer out of its text.
///
/// # Errors
/// What is wrong with the text, with its line.
pub fn compile(source: &ReducerSource) -> Result<Box<dyn Reducer>, CompileError> {
    match source.kind {
        ReducerKind::Inferred | ReducerKind::Rules => rules::compile(&source.text),
        ReducerKind::JavaScript | ReducerKind::Jq => Ok(Box::new(script::Script::compile(source.kind, &source.text)?)),
    }
}
