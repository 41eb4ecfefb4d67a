//! Streams whose times go back.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::base::text::duration_ns;

pub static LINT: Lint = Lint {
    name: "time-backwards",
    severity: Severity::Warning,
    what: "Streams whose later events have earlier times",
    why: "Whoever sorts by time folds them in another order than the writer wrote them",
    mend: "Order by version or position, not by time; check the clocks of the writers",
    look,
};

/// Rounding and clocks of one machine explain less than this.
const TOLERATED_NS: i64 = 1_000_000;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (mut back, mut most, mut worst) = (Examples::default(), 0, String::new());
    context.streams(|step| {
        let Some(before) = step.before else { return };
        let (Some(now), Some(then)) = (step.time, before.time) else { return };
        // Rows of a file without versions may lie in any order; a version says which comes later.
        let later = step.version.zip(before.version).is_some_and(|(now, then)| now > then);
        let distance = then.0.saturating_sub(now.0);
        if later && distance > TOLERATED_NS {
            back.add(step.event);
            if distance > most {
                most = distance;
                worst = context.entity_name(step.entity);
            }
        }
    })?;
    if back.count > 0 {
        let message = format!("A later version has an earlier time, by {} at most ({worst})", duration_ns(most));
        found.push(message, &back, None);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event, versioned};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_only_where_a_version_says_which_is_later() {
        let late = |version, second| TestEvent { version: Some(version), ..event("Changed", second) };
        let told = "warning 1 A later version has an earlier time, by 3.0 s at most (o:1)";
        check(&LINT, vec![late(1, 5), late(2, 2), late(3, 9)], &[told]);
        check(&LINT, vec![versioned(1), versioned(2)], &[]);
        check(&LINT, vec![event("A", 5), event("A", 2)], &[]);
    }
}
