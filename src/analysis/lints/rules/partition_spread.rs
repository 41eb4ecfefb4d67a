//! One entity's events in several partitions.

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::count;

pub static LINT: Lint = Lint {
    name: "partition-spread",
    severity: Severity::Warning,
    what: "Entities whose events lie in several partitions of a topic",
    why: "Order holds inside of a partition only: a consumer may see an order shipped before it is paid",
    mend: "Use the entity's id as the key; keep the number of partitions, or move to a new topic when it has to change",
    needs: &[Need::Payloads],
    look,
};

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let placed = &context.payloads()?.placed;
    let (mut entities, mut first, mut events) = (0, None, Vec::new());
    for (entity, spread) in placed.spread() {
        entities += 1;
        first.get_or_insert((entity, spread.others.len() + 1));
        events.extend(spread.others.iter().map(|(_, event)| *event));
    }
    if let Some((entity, partitions)) = first {
        events.sort_unstable();
        let (some, all) = (count(entities), count(placed.entities()));
        let name = context.entity_name(entity);
        let full = if placed.full { " (of those that were followed)" } else { "" };
        let message = format!("{some} of {all} entities are spread over partitions{full}: {name} over {partitions}");
        found
            .push(message, &Examples::of(events.len() as u64, events))
            .of_entity(Some(entity).filter(|_| entities == 1));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check_records, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_an_entity_in_two_partitions() {
        let at = |entity: &str, topic: &str, partition: u32| {
            let event = TestEvent { entities: vec![format!("o:{entity}")], ..event("A", 1) };
            (event, format!("\"topic\":\"{topic}\",\"partition\":{partition}"))
        };
        let told = "warning 1 1 of 2 entities are spread over partitions: o:1 over 2";
        check_records(&LINT, vec![at("1", "t", 0), at("2", "t", 1), at("1", "t", 1)], &[told]);
        check_records(&LINT, vec![at("1", "t", 0), at("1", "t", 0), at("1", "u", 1)], &[]);
    }
}
