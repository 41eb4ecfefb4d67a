//! A read model's table compared with the log: the table is read here, since panels know no sources.

use std::ops::ControlFlow;
use std::sync::Arc;

use super::slot::Job;
use crate::analysis::read_model::check::{Checker, Report, Spec, kind_of_key};
use crate::analysis::read_model::columns::Field;
use crate::analysis::read_model::fold::Folder;
use crate::analysis::state::bisect::Predicate;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::analysis::state::reducers::compile;
use crate::analysis::state::reducers::infer::infer;
use crate::app::session::cache_dir;
use crate::input::sources::stage::Context;
use crate::input::sources::table::each_row;
use crate::model::ids::KindIx;
use crate::store::snapshot::Snapshot;

/// What a person typed.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadModelAsk {
    /// `FILE?table=NAME`
    pub table: String,
    pub key: String,
    /// Taken from the key's name where it is empty.
    pub kind: String,
    /// Columns whose fields their names do not tell, with semicolons between them: `buyer=/customer/name; n=(.items | length)`
    pub columns: String,
    /// A condition that the last states of those fulfil that belong into the table; empty for all.
    pub only: String,
}

/// The comparison, as far as it came before it was cancelled.
///
/// # Errors
/// What is wrong with the question or the table, in words.
pub fn check_read_model(
    log: &Arc<Snapshot>,
    ask: &ReadModelAsk,
    reducer: &dyn Fn(&str) -> Option<ReducerSource>,
    job: &Job,
) -> Result<Report, String> {
    let kind = match ask.kind.trim() {
        "" => kind_of_key(log, &ask.key),
        name => log.kinds().iter().position(|kind| *kind.name == *name).map(|at| KindIx(at as u16)),
    };
    let Some(kind) = kind else {
        let names: Vec<&str> = log.kinds().iter().map(|kind| &*kind.name).collect();
        return Err(format!("Which kind of entity is it? The log has {}", names.join(", ")));
    };
    let source = reducer(log.kind_name(kind)).unwrap_or_else(|| ReducerSource {
        kind: ReducerKind::Inferred,
        text: infer(log, kind, &job.cancel).text.into(),
    });
    let compiled = compile(&source).map_err(|wrong| format!("The reducer cannot be used: {}", wrong.message))?;
    let columns = columns(&ask.columns)?;
    let only = Some(ask.only.trim()).filter(|only| !only.is_empty()).map(Predicate::parse).transpose();
    let only = only.map_err(|error| format!("{error}. {}", error.next_step))?;
    let folder = Folder::new(Arc::clone(log), source, compiled).computing(&columns)?;
    let spec = Spec { kind, key: ask.key.trim().to_owned(), columns, only };
    let mut checker = Checker::new(spec, folder, &job.cancel);
    let context = Context { cache_dir: cache_dir(), cancel: job.cancel.clone(), ..Context::default() };
    let mut wrong = None;
    let read = each_row(ask.table.trim(), &context, &mut |row| {
        job.report(checker.rows() as f64 / checker.entities().max(1) as f64);
        checker.row(row).unwrap_or_else(|what| {
            wrong = Some(what);
            ControlFlow::Break(())
        })
    });
    if let Some(what) = wrong {
        return Err(what);
    }
    read.map_err(|error| format!("{error}. {}", error.next_step))?;
    Ok(checker.finish())
}

/// Semicolons inside of expressions do not end a column.
fn columns(text: &str) -> Result<Vec<(String, Field)>, String> {
    let mut depth = 0_i32;
    let ends = |c: char| {
        depth += i32::from(c == '(') - i32::from(c == ')');
        c == ';' && depth <= 0
    };
    let each = text.split(ends).map(str::trim).filter(|column| !column.is_empty());
    each.map(|column| {
        let how = "Write columns as total=/amounts/total; n=(.items | length)";
        Field::of_column(column).ok_or_else(|| format!("{column} is no column with a place. {how}"))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_parted_outside_of_expressions() {
        let said = |text: &str| {
            columns(text).map(|all| all.iter().map(|(name, field)| format!("{name} = {field}")).collect::<Vec<_>>())
        };
        assert_eq!(said(" ; "), Ok(vec![]));
        let found = said("buyer=/customer/name; n = (reduce .a[] as $x (0; . + $x));seen=@events").expect("columns");
        assert_eq!(found, ["buyer = customer.name", "n = (reduce .a[] as $x (0; . + $x))", "seen = @events"]);
        assert!(said("buyer").is_err_and(|why| why.contains("buyer is no column")));
    }
}
