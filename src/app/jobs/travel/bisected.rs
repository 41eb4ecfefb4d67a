//! The question that was put to the history of the entity in focus, answered twice: at once from the
//! keyframes, then verified.

use std::sync::{Arc, Mutex};

use super::super::Job;
use super::{Focus, Pool};
use crate::analysis::state::bisect::{Answer, Predicate, bisect};
use crate::app::state::Question;
use crate::base::sync::lock;

/// A fold and a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BisectKey {
    pub(super) fold: u64,
    pub(super) number: u64,
}

/// What is known of a question's answer.
#[derive(Clone, Debug)]
pub struct Bisected {
    pub question: Question,
    /// Of which fold; see [`Focus::number`].
    pub fold: u64,
    /// Or what is wrong with the question.
    pub answer: Result<Answer, String>,
}

impl Bisected {
    /// Whether it is the answer to this question, of this fold.
    #[must_use]
    pub fn answers(&self, focus: &Focus, question: &Question) -> bool {
        self.fold == focus.number && self.question == *question
    }

    pub(super) fn find(
        focus: &Focus,
        question: &Question,
        pool: &Pool,
        job: &Job,
        newest: &Mutex<Option<Arc<Bisected>>>,
        wake: &dyn Fn(),
    ) {
        let tell = |answer| {
            let told = Bisected { question: question.clone(), fold: focus.number, answer };
            *lock(newest) = Some(Arc::new(told));
            wake();
        };
        let predicate = match Predicate::parse(&question.predicate) {
            Ok(predicate) => predicate,
            Err(error) => return tell(Err(error.to_string())),
        };
        let Some(folded) = &focus.folded else { return };
        let Ok(mut reducer) = pool.lend(folded.source()) else { return };
        let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
        let answer =
            bisect(folded, &mut *reducer, &predicate, &job.cancel, &progress, &mut |soon| tell(Ok(soon.clone())));
        if !job.cancel.is_cancelled() {
            tell(Ok(answer));
        }
    }
}
