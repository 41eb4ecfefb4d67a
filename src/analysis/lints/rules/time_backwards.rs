//! Streams and partitions whose times go back.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::duration_ns;

pub static LINT: Lint = Lint {
    name: "time-backwards",
    severity: Severity::Warning,
    what: "Streams and partitions whose later events have earlier times",
    why: "Whoever sorts by time folds them in another order than the writer wrote them",
    mend: "Order by version or position, not by time; check the clocks of the writers",
    needs: &[Need::Streams, Need::Payloads],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    // Rows of a file without versions may lie in any order; a version says which comes later.
    let back = &context.streams()?.back;
    if back.examples.count > 0 {
        let (most, worst) = (duration_ns(back.most_ns), back.worst.map(|entity| context.entity_name(entity)));
        let message = format!("A later version has an earlier time, by {most} at most ({})", worst.unwrap_or_default());
        found.push(message, &back.examples);
    }
    let placed = &context.payloads()?.placed;
    if placed.back.count > 0 {
        let message =
            format!("A later offset of a partition has an earlier time, by {} at most", duration_ns(placed.back_most));
        found.push(message, &placed.back);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, check_records, event, versioned};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_only_where_a_version_or_an_offset_says_which_is_later() {
        let late = |version, second| TestEvent { version: Some(version), ..event("Changed", second) };
        let told = "warning 1 A later version has an earlier time, by 3.0 s at most (o:1)";
        check(&LINT, vec![late(1, 5), late(2, 2), late(3, 9)], &[told]);
        let at = |offset: u32, second| (event("A", second), format!("\"partition\":3,\"offset\":{offset}"));
        let told = "warning 1 A later offset of a partition has an earlier time, by 5 min at most";
        check_records(&LINT, vec![at(1, 400), at(2, 500), at(3, 200), at(4, 600)], &[told]);
        check(&LINT, vec![versioned(1), versioned(2)], &[]);
        check(&LINT, vec![event("A", 5), event("A", 2)], &[]);
    }
}
