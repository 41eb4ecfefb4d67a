//! Versions of a stream that are missing.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::plural;

pub static LINT: Lint = Lint {
    name: "version-gap",
    severity: Severity::Error,
    what: "Streams that leave out versions",
    why: "An event is missing: whoever rebuilds the state from this log gets another one than the writer had",
    mend: "Read the whole stream; if the gap is in the store, look for a failed append or a deleted event",
    needs: &[Need::Streams],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    for (kind, gaps) in &context.streams()?.gaps {
        let (kind, times) = (context.log.kind_name(*kind), plural(gaps.examples.count, "gap", "gaps"));
        let versions = plural(gaps.missing, "version", "versions");
        let first = gaps.first.map_or_else(String::new, |(entity, before, after)| {
            format!(": {} goes from {before} to {after} first", context.entity_name(entity))
        });
        let message = format!("Streams of {kind} have {times}, {versions} in all{first}");
        found.push(message, &gaps.examples);
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
        // However rows lie, what comes later is not missing.
        let told = "error 1 Streams of o have 1 gap, 1 version in all: o:1 goes from 4 to 6 first";
        check(&LINT, versions(&[1, 4, 7, 2, 3, 6]), &[told]);
        check(&LINT, versions(&[9, 5, 6, 8, 7]), &[]);
        check(&LINT, versions(&[0, 1, 2]), &[]);
        check(&LINT, versions(&[7, 8, 9, 9, 8]), &[]);
    }
}
