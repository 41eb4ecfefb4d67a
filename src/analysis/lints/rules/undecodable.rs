//! Records that could not be decoded.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "undecodable",
    severity: Severity::Error,
    what: "Records that are no events",
    why: "Every consumer that reads them stops or skips them, and what they said is lost",
    mend: "Look at the bytes; find the writer that makes them",
    needs: &[],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut by_code: BTreeMap<_, Examples> = BTreeMap::new();
    context.segments(|segment| {
        for (row, issue) in segment.issues() {
            if segment.type_ix(*row) == TypeIx::UNDECODABLE {
                by_code.entry(issue.code).or_default().add(segment.event(*row));
            }
        }
    })?;
    for (code, examples) in by_code {
        let message = format!("{}. {}", code.summary(), code.hint());
        found.push(message, &examples).found_by("is:undecodable".to_owned());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_per_reason() {
        let broken = TestEvent { undecodable: true, ..TestEvent::default() };
        check(
            &LINT,
            vec![event("A", 1), broken.clone(), broken],
            &["error 2 not JSON. Often a banner, a comment or a rotated log's note; look at the bytes"],
        );
        check(&LINT, vec![event("A", 1)], &[]);
    }
}
