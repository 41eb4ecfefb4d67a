//! Versions of a stream that are missing.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::base::text::{count, plural};
use crate::model::ids::KindIx;

pub static LINT: Lint = Lint {
    name: "version-gap",
    severity: Severity::Error,
    what: "Streams that leave out versions",
    why: "An event is missing: whoever rebuilds the state from this log gets another one than the writer had",
    mend: "Read the whole stream; if the gap is in the store, look for a failed append or a deleted event",
    look,
};

#[derive(Default)]
struct Gaps {
    examples: Examples,
    missing: u64,
    first: String,
}

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut kinds: BTreeMap<KindIx, Gaps> = BTreeMap::new();
    context.streams(|step| {
        let (Some(version), Some(Some(before))) = (step.version, step.before.map(|before| before.version)) else {
            return;
        };
        if version > before.saturating_add(1) {
            let kind = context.log.entity(step.entity).map_or_else(KindIx::default, |entity| entity.kind);
            let gaps = kinds.entry(kind).or_default();
            if gaps.first.is_empty() {
                gaps.first = format!("{} goes from {before} to {version}", context.entity_name(step.entity));
            }
            gaps.missing += u64::from(version - before - 1);
            gaps.examples.add(step.event);
        }
    })?;
    for (kind, gaps) in kinds {
        let kind = context.log.kind_name(kind);
        let (times, versions) = (count(gaps.examples.count), plural(gaps.missing, "version", "versions"));
        let message = format!("Streams of {kind} have {times} gaps, {versions} in all: {} first", gaps.first);
        found.push(message, &gaps.examples, None);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, versioned};

    #[test]
    fn fires_on_what_is_left_out() {
        let versions = |list: &[u32]| list.iter().map(|&version| versioned(version)).collect::<Vec<_>>();
        let told = "error 2 Streams of o have 2 gaps, 3 versions in all: o:1 goes from 2 to 5 first";
        check(&LINT, versions(&[1, 2, 5, 6, 8]), &[told]);
        check(&LINT, versions(&[0, 1, 2]), &[]);
        check(&LINT, versions(&[7, 8, 9, 9, 3]), &[]);
    }
}
