//! Runs rules on two threads. What several of them share is made first, by both threads together; then
//! each takes the next rule.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Context, Finding, Found, LINTS, Lint, Need};
use crate::base::sync::lock;

/// The findings of these rules (all where none is named), the most severe and frequent first. Silenced
/// ones are left out. `None` when cancelled.
///
/// # Panics
/// When a rule does, which is a defect of ours.
#[must_use]
pub fn run(context: &Context<'_>, rules: &[&'static Lint]) -> Option<Vec<Finding>> {
    let rules = if rules.is_empty() { LINTS } else { rules };
    prepare(context, rules)?;
    let (next, findings) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(lint) = rules.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut own = Vec::new();
            (lint.look)(context, &mut Found { lint, findings: &mut own })?;
            own.retain(|finding| !context.config.silences(finding));
            lock(&findings).append(&mut own);
            context.report_rules(next.load(Ordering::Relaxed).min(rules.len()), rules.len());
        }
        Some(())
    };
    let (here, there) = on_two(work, work);
    here.and(there)?;
    let mut findings = findings.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    let place = |rule: &str| LINTS.iter().position(|lint| lint.name == rule);
    findings.sort_by(|a, b| {
        let by_rule = || place(a.rule).cmp(&place(b.rule));
        let by_count = || b.count.cmp(&a.count).then_with(|| a.message.cmp(&b.message));
        b.severity.cmp(&a.severity).then_with(by_rule).then_with(by_count)
    });
    Some(findings)
}

/// Makes what the rules need. `None` when cancelled.
fn prepare(context: &Context<'_>, rules: &[&'static Lint]) -> Option<()> {
    let needs = |need: Need| rules.iter().any(|lint| lint.needs.contains(&need));
    if needs(Need::Payloads) {
        context.payloads()?;
    }
    if needs(Need::Causes) {
        context.causes()?;
    } else if needs(Need::Ids) {
        context.ids()?;
    }
    let streams = || if needs(Need::Streams) { context.streams().map(|_| ()) } else { Some(()) };
    let sizes = || if needs(Need::Sizes) { context.sizes().map(|_| ()) } else { Some(()) };
    let (streams, sizes) = on_two(streams, sizes);
    streams.and(sizes)
}

/// Both answers, each made on a thread of its own where there is a second one.
pub(super) fn on_two<A: Send, B: Send>(here: impl FnOnce() -> A + Send, there: impl FnOnce() -> B + Send) -> (A, B) {
    let there = Mutex::new(Some(there));
    let take = || {
        let there = lock(&there).take();
        there.map(|there| there())
    };
    std::thread::scope(|scope| {
        let other = std::thread::Builder::new().name("lint".to_owned()).spawn_scoped(scope, take);
        let here = here();
        let there = match other {
            Ok(thread) => thread.join().expect("a rule does not panic"),
            // Without a second thread this one does both.
            Err(_) => take(),
        };
        (here, there.expect("it is taken once"))
    })
}
