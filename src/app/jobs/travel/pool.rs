//! Compiled reducers to borrow. Compiling a script starts a process, so the few that were used last
//! are kept; a reducer folds one run at a time, so each borrower has one of its own.

use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex};

use crate::analysis::state::reducer::{CompileError, Reducer, ReducerSource};
use crate::analysis::state::reducers::compile;
use crate::base::sync::lock;

/// Kept while nobody needs them.
const IDLE: usize = 4;

type Idle = Mutex<Vec<(ReducerSource, Box<dyn Reducer>)>>;

/// See the module's documentation.
#[derive(Clone, Default)]
pub struct Pool(Arc<Idle>);

impl Pool {
    /// One that was used before, or a new one.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn lend(&self, source: &ReducerSource) -> Result<Lent, CompileError> {
        let known = {
            let mut idle = lock(&self.0);
            let at = idle.iter().position(|(of, _)| of == source);
            at.map(|at| idle.remove(at).1)
        };
        let reducer = match known {
            Some(reducer) => reducer,
            None => compile(source)?,
        };
        Ok(Lent { pool: self.clone(), source: source.clone(), reducer: Some(reducer) })
    }
}

/// A reducer that goes back when this is dropped, unless its borrower broke down.
pub struct Lent {
    pool: Pool,
    source: ReducerSource,
    reducer: Option<Box<dyn Reducer>>,
}

impl Deref for Lent {
    type Target = dyn Reducer;

    fn deref(&self) -> &Self::Target {
        &**self.reducer.as_ref().expect("it is there until this is dropped")
    }
}

impl DerefMut for Lent {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut **self.reducer.as_mut().expect("it is there until this is dropped")
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        let Some(reducer) = self.reducer.take().filter(|_| !std::thread::panicking()) else { return };
        let mut idle = lock(&self.pool.0);
        idle.push((self.source.clone(), reducer));
        if idle.len() > IDLE {
            let oldest = idle.remove(0);
            drop(idle);
            drop(oldest);
        }
    }
}
