//! Versions of a stream that occur twice: the same event again, or a fork.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Severity};

pub static LINT: Lint = Lint {
    name: "version-repeat",
    severity: Severity::Error,
    what: "Streams that give a version twice",
    why: "Two writers appended to one stream without an expected version: each decided on a state that the other \
          had changed",
    mend: "Append with an expected version, and let the store refuse the second writer",
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (mut forks, mut first) = (Examples::default(), String::new());
    context.streams(|step| {
        let Some(before) = step.before else { return };
        if step.version.is_none() || step.version != before.version || same_id(context, step.event, before.event) {
            return;
        }
        if forks.count == 0 {
            let version = step.version.unwrap_or_default();
            first = format!("{} has version {version} twice", context.entity_name(step.entity));
        }
        forks.add(step.event);
    })?;
    if forks.count > 0 {
        found.push(format!("Different events with the same version of their stream: {first}"), &forks, None);
    }
    Some(())
}

/// The same event delivered again is another rule's business.
fn same_id(context: &Context<'_>, a: crate::model::ids::EventIx, b: crate::model::ids::EventIx) -> bool {
    let id = |event| context.log.id_hash_of(event);
    id(a).is_some() && id(a) == id(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, versioned};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_forks_and_not_on_redelivery() {
        let told = "error 1 Different events with the same version of their stream: o:1 has version 2 twice";
        check(&LINT, vec![versioned(1), versioned(2), versioned(2), versioned(3)], &[told]);
        let again = TestEvent { id: "x".to_owned(), ..versioned(2) };
        check(&LINT, vec![versioned(1), again.clone(), again], &[]);
    }
}
