//! Read models and consumers against the log: `check-read-model`, `rebuild-read-model`, `processed`.

pub mod args;
mod check;
mod processed;
mod rebuild;

use std::sync::Arc;

pub(super) use check::check;
pub(super) use processed::processed;
pub(super) use rebuild::rebuild;

use self::args::FoldedArgs;
use super::state::{inferred, reducer};
use crate::analysis::read_model::check::{Spec, kind_of_key};
use crate::analysis::read_model::columns::Field;
use crate::analysis::read_model::fold::Folder;
use crate::analysis::state::bisect::Predicate;
use crate::analysis::state::reducer::{Reducer, ReducerSource};
use crate::app::session::cache_dir;
use crate::input::sources::stage::Context;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::KindIx;
use crate::store::snapshot::Snapshot;

/// What was typed, with every mistake found that can be seen without the log.
pub(super) struct Ask {
    key: String,
    kind: Option<String>,
    columns: Vec<(String, Field)>,
    only: Option<Predicate>,
    reducer: Option<(ReducerSource, Box<dyn Reducer>)>,
}

/// # Errors
/// A column, a condition or a reducer that makes no sense.
pub(super) fn ask(args: &FoldedArgs) -> Result<Ask> {
    let column = |typed: &String| {
        Field::of_column(typed).ok_or_else(|| {
            let next_step = "Write it as --column total=/amounts/total, or with jq: --column 'n=(.items | length)'";
            Error::new("A column has no place", Place::Nowhere, next_step).because(typed)
        })
    };
    Ok(Ask {
        key: args.key.clone(),
        kind: args.kind.clone(),
        columns: args.columns.iter().map(column).collect::<Result<_>>()?,
        only: args.only.as_deref().map(Predicate::parse).transpose()?,
        reducer: args.reducer.as_deref().map(reducer).transpose()?,
    })
}

impl Ask {
    /// For one log.
    fn ready(self, log: &Arc<Snapshot>) -> Result<(Spec, Folder)> {
        let kinds = log.kinds();
        let kind = match &self.kind {
            Some(name) => kinds.iter().position(|kind| *kind.name == **name).map(|at| KindIx(at as u16)),
            None => kind_of_key(log, &self.key),
        };
        let Some(kind) = kind else {
            let what = match &self.kind {
                Some(name) => format!("No entity has the kind {name}"),
                None => format!("The key {} does not tell the kind of entity", self.key),
            };
            let names: Vec<&str> = kinds.iter().map(|kind| &*kind.name).collect();
            let next_step = format!("Name it with --kind: {}", names.join(", "));
            return Err(Error::new(what, Place::Nowhere, next_step));
        };
        let (source, reducer) = match self.reducer {
            Some(given) => given,
            None => inferred(log, kind)?,
        };
        let folder = Folder::new(Arc::clone(log), source, reducer).computing(&self.columns).map_err(|wrong| {
            Error::new("A column's expression cannot be read", Place::Nowhere, "Mend it; jq's manual helps")
                .because(wrong)
        })?;
        Ok((Spec { kind, key: self.key, columns: self.columns, only: self.only }, folder))
    }
}

fn context() -> Context {
    Context { cache_dir: cache_dir(), ..Context::default() }
}

fn wrong_rows(table: &str, what: String) -> Error {
    Error::new(what, Place::Nowhere, "Name the table's columns as they are").because(table)
}
