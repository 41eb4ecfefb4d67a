//! Versions of a stream that two different events have.

use super::version_repeat::{same_payload, twin};
use crate::analysis::lints::found::Examples;
use crate::analysis::lints::streams::MAX_REPEATS;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::count;

pub static LINT: Lint = Lint {
    name: "version-fork",
    severity: Severity::Error,
    what: "Streams with two different events of one version",
    why: "Two writers appended to one stream without an expected version: each decided on a state that the other \
          had changed",
    mend: "Append with an expected version, and let the store refuse the second writer",
    needs: &[Need::Streams],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let (mut forks, mut first) = (Examples::default(), String::new());
    let streams = context.streams()?;
    for repeat in &streams.repeats {
        if context.cancel.is_cancelled() {
            return None;
        }
        if twin(context, repeat).is_some_and(|twin| !same_payload(context, repeat.event, twin)) {
            if forks.count == 0 {
                first = format!("{} has version {} twice", context.entity_name(repeat.entity), repeat.version);
            }
            forks.add(repeat.event);
        }
    }
    if forks.count > 0 {
        let more = streams.repeat_count.saturating_sub(MAX_REPEATS as u64);
        let unread =
            if more > 0 { format!(" ({} more repeats were not compared)", count(more)) } else { String::new() };
        found.push(format!("Different events with the same version of their stream: {first}{unread}"), &forks);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, versioned};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_forks_and_not_on_redelivery() {
        let other = |version| TestEvent { data: "{\"by\":\"another\"}".to_owned(), ..versioned(version) };
        let told = "error 1 Different events with the same version of their stream: o:1 has version 2 twice";
        check(&LINT, vec![versioned(1), versioned(2), other(2), versioned(3)], &[told]);
        // Also where others lie between.
        check(&LINT, vec![versioned(1), versioned(2), versioned(3), other(2)], &[told]);
        let again = TestEvent { id: "x".to_owned(), ..versioned(2) };
        check(&LINT, vec![versioned(1), again.clone(), again], &[]);
        check(&LINT, vec![versioned(1), versioned(2), versioned(2)], &[]);
    }
}
