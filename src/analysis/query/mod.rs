//! The filter language: text → tree → rows. `text` and regular expressions look at a record's stored
//! bytes; everything else looks at what the mapping made of them.
//!
//! ```text
//! type:Order* (service:orders or service:payments) not data.total<=50 time>=2026-02-16T10:00Z "refund"
//! ```

pub(super) mod blocks;
mod columns;
mod complete;
mod evaluate;
mod fields;
mod lexer;
mod moment;
mod number;
mod parser;
mod records;
pub(super) mod text;

pub use complete::{Completion, complete};
pub use evaluate::{Answer, evaluate, evaluate_again};
pub use moment::{Spoken, parse_instant};
pub use parser::parse;

use crate::model::filter::{Filter, NameKey, Pattern, Test};

/// The term that asks for exactly this name, quoted where it must be: `type:OrderPlaced`.
#[must_use]
pub fn term(key: NameKey, value: &str) -> String {
    Test::Name { key, pattern: Pattern::exactly(value) }.to_string()
}

/// `filter` narrowed down by one more term; an `or` in it is enclosed first.
#[must_use]
pub fn with_term(filter: &str, term: &str) -> String {
    match parse(filter) {
        Ok(Filter { root: None }) => term.to_owned(),
        Ok(Filter { root: Some(root) }) if matches!(root.expr, crate::model::filter::Expr::Or(_)) => {
            format!("({}) {term}", filter.trim())
        }
        _ => format!("{} {term}", filter.trim()),
    }
}

#[cfg(test)]
mod tests;
