//! Causes that no event of the log has as its id.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::count;

pub static LINT: Lint = Lint {
    name: "unknown-cause",
    severity: Severity::Note,
    what: "Events whose cause is not in the log",
    why: "The chain ends there: it began before this log, in another one, or its cause was never written",
    mend: "Open the other services' logs together with this one; look at an example's causation id",
    needs: &[Need::Causes],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (causes, unknown) = (context.causes()?, context.causes()?.unknown());
    if !unknown.is_empty() {
        let message = format!("Causes that are not in this log, of {} named", count(causes.named()));
        found.push(message, &Examples::of(unknown.len() as u64, unknown.iter().copied()));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};

    #[test]
    fn fires_on_parents_that_are_not_there() {
        check(
            &LINT,
            vec![caused("a", 1, "gone"), caused("b", 2, "a")],
            &["note 1 Causes that are not in this log, of 2 named"],
        );
        check(&LINT, vec![caused("a", 1, ""), caused("b", 2, "a")], &[]);
    }
}
