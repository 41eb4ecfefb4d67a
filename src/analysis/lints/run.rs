//! Runs rules on two threads; each looks at the whole log by itself.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Context, Finding, Found, LINTS, Lint};
use crate::base::sync::lock;

/// The findings of these rules (all where none is named), the most severe and frequent first. Silenced
/// ones are left out. `None` when cancelled.
///
/// # Panics
/// When a rule does, which is a defect of ours.
#[must_use]
pub fn run(context: &Context<'_>, rules: &[&'static Lint]) -> Option<Vec<Finding>> {
    let rules = if rules.is_empty() { LINTS } else { rules };
    let (next, findings) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(lint) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut own = Vec::new();
            (lint.look)(context, &mut Found { lint, findings: &mut own })?;
            own.retain(|finding| !context.config.silences(finding));
            lock(&findings).append(&mut own);
            (context.progress)(next.load(Ordering::Relaxed).min(rules.len()) as u64, rules.len() as u64);
        }
        Some(())
    };
    let both = std::thread::scope(|scope| {
        let other = std::thread::Builder::new().name("lint".to_owned()).spawn_scoped(scope, work);
        let here = work();
        // Without a second thread this one has done it all.
        let there = other.map_or(Some(()), |thread| thread.join().expect("a rule does not panic"));
        here.and(there)
    });
    both?;
    let mut findings = findings.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let place = |rule: &str| LINTS.iter().position(|lint| lint.name == rule);
    findings.sort_by(|a, b| {
        let by_rule = || place(a.rule).cmp(&place(b.rule));
        let by_count = || b.count.cmp(&a.count).then_with(|| a.message.cmp(&b.message));
        b.severity.cmp(&a.severity).then_with(by_rule).then_with(by_count)
    });
    Some(findings)
}
