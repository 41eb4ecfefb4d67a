//! Streams of which the first events are not there.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::count;

pub static LINT: Lint = Lint {
    name: "version-start",
    severity: Severity::Note,
    what: "Streams that begin later than the others of their kind",
    why: "Their first events lie before this log, or are lost: a state rebuilt from here on starts from nothing",
    mend: "Read these streams from their start, or from a snapshot",
    needs: &[Need::Streams],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    for (kind, starts) in &context.streams()?.starts {
        if starts.late.count > 0 {
            let (late, all) = (count(starts.late.count), count(starts.streams));
            let (kind, base) = (context.log.kind_name(*kind), starts.base);
            let message = format!("{late} of {all} streams of {kind} begin after version {base}");
            found.push(message, &starts.late);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, versioned};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_streams_whose_start_is_missing() {
        let of = |stream: &str, version| TestEvent { entities: vec![format!("o:{stream}")], ..versioned(version) };
        let told = "note 1 1 of 3 streams of o begin after version 0";
        check(&LINT, vec![of("a", 0), of("a", 1), of("b", 0), of("c", 3)], &[told]);
        check(&LINT, vec![of("a", 2), of("a", 1), of("b", 1), of("c", 1)], &[]);
    }
}
