//! Entities that did not come to an end, where nearly all of their kind do.

use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::{count, duration_ns};

pub static LINT: Lint = Lint {
    name: "never-closed",
    severity: Severity::Note,
    what: "Entities that never reached the end that most of their kind reach",
    why: "A process stopped on its way and nobody noticed: an order that is paid and never shipped",
    mend: "Look at the last event of each; let a process manager time out what takes too long",
    needs: &[Need::Streams],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    for ends in &context.streams()?.ends {
        if ends.open.count == 0 {
            continue;
        }
        let names: Vec<&str> = ends.types.iter().take(3).map(|of| context.log.type_name(*of)).collect();
        let share = ends.closed * 100 / ends.entities.max(1);
        let (open, all, kind) = (count(ends.open.count), count(ends.entities), context.log.kind_name(ends.kind));
        let message = format!(
            "{open} of {all} entities of the kind {kind} never reached {}; {share} % do, as a rule within {}",
            names.join(" or "),
            duration_ns(ends.usual_ns)
        );
        found.push(message, &ends.open).of_entity(ends.first_open);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    fn orders(closed: i64, open: std::ops::Range<i64>, gap: i64) -> Vec<TestEvent> {
        let of =
            |order: i64, name: &str, second| TestEvent { entities: vec![format!("o:{order}")], ..event(name, second) };
        (0..closed + open.end - open.start)
            .flat_map(|order| {
                let placed = of(order, "Placed", order * gap);
                let then = (!open.contains(&order)).then(|| of(order, "Shipped", order * gap + 60));
                std::iter::once(placed).chain(then)
            })
            .collect()
    }

    #[test]
    fn fires_where_the_others_end() {
        let told = "note 3 3 of 30 entities of the kind o never reached Shipped; 90 % do, as a rule within 1 min";
        check(&LINT, orders(27, 0..3, 100), &[told]);
        // Too soon to tell; ends that are no habit; all closed.
        check(&LINT, orders(27, 27..30, 1), &[]);
        check(&LINT, orders(15, 0..15, 100), &[]);
        check(&LINT, orders(30, 0..0, 100), &[]);
    }
}
