//! The languages that reducers are written in. To add one: a file here, a variant of `ReducerKind`
//! and an arm below.

pub mod script;
pub mod spans;

use super::reducer::{CompileError, Reducer, ReducerKind, ReducerSource};

/// Makes a reducer out of its text.
///
/// # Errors
/// What is wrong with the text, with its line.
pub fn compile(source: &ReducerSource) -> Result<Box<dyn Reducer>, CompileError> {
    match source.kind {
        ReducerKind::Inferred | ReducerKind::Rules => Err(missing("rules")),
        ReducerKind::JavaScript | ReducerKind::Jq => Ok(Box::new(script::Script::compile(source.kind, &source.text)?)),
    }
}

fn missing(language: &str) -> CompileError {
    CompileError { message: format!("{language} reducers are not built in yet"), line: None, column: None }
}
