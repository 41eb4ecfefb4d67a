//! Events that are earlier than what caused them.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::duration_ns;
use crate::model::ids::ServiceIx;

pub static LINT: Lint = Lint {
    name: "effect-before-cause",
    severity: Severity::Warning,
    what: "Events that are earlier than their cause",
    why: "The clocks of two services differ: durations between them are wrong, and sorting by time turns them round",
    mend: "Synchronise the clocks; order by cause and position where it matters",
    needs: &[Need::Causes],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let mut pairs: BTreeMap<(ServiceIx, ServiceIx), (Examples, i64)> = BTreeMap::new();
    for edge in context.causes()?.edges() {
        let cause = edge.cause;
        if cause == edge.effect {
            continue;
        }
        let (Some(at), Some(cause_at)) = (context.log.time(edge.effect), context.log.time(cause)) else { continue };
        let early = cause_at.0.saturating_sub(at.0);
        if early > 0 {
            let pair = (context.log.service_ix(cause), context.log.service_ix(edge.effect));
            let (examples, most) = pairs.entry(pair).or_default();
            examples.add(edge.effect);
            *most = early.max(*most);
        }
    }
    for ((cause, effect), (examples, most)) in pairs {
        let name = |ix: ServiceIx| context.log.service_name(ix).to_owned();
        let (cause, effect, most) = (name(cause), name(effect), duration_ns(most));
        let between = match (cause.is_empty(), cause == effect) {
            (true, _) => String::new(),
            (_, true) => format!(" within {cause}"),
            _ => format!(" from {cause} to {effect}"),
        };
        found.push(format!("Effects{between} come before their cause, by {most} at most"), &examples);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{caused, check};

    #[test]
    fn fires_per_pair_of_services() {
        let told = "warning 1 Effects come before their cause, by 4.0 s at most";
        check(&LINT, vec![caused("a", 5, ""), caused("b", 1, "a"), caused("c", 6, "a")], &[told]);
        check(&LINT, vec![caused("a", 5, "a"), caused("b", 5, "a")], &[]);
    }
}
