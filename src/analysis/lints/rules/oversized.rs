//! Events that brokers refuse.

use std::collections::BTreeMap;

use crate::analysis::lints::found::Examples;
use crate::analysis::lints::{Context, Found, Lint, Need, Severity};
use crate::base::text::{bytes, count};
use crate::model::ids::TypeIx;

pub static LINT: Lint = Lint {
    name: "oversized",
    severity: Severity::Warning,
    what: "Events larger than a broker takes",
    why: "SNS refuses more than 256 KiB, as SQS did until August 2025 and EventBridge until early 2026; those two and \
          Kafka as it is installed refuse more than 1 MiB",
    mend: "Keep the large part in a store and publish its address (claim check); set limit_bytes to your brokers' limit",
    needs: &[Need::Sizes],
    look,
};

/// Kafka's `message.max.bytes` (1 MiB and room for a batch's head), SQS (AWS, August 2025), EventBridge
/// (PutEvents, 2026).
const LARGER_LIMIT: u32 = 1 << 20;

fn look(context: &Context<'_>, found: &mut Found<'_>) -> Option<()> {
    let sizes = context.sizes()?;
    let limit = context.config.limit_bytes;
    let mut types: BTreeMap<TypeIx, (Examples, u64, u32)> = BTreeMap::new();
    for (event, of, size) in sizes.large.iter().filter(|(_, _, size)| *size > limit) {
        let (examples, larger, most) = types.entry(*of).or_default();
        examples.add(*event);
        *larger += u64::from(*size > LARGER_LIMIT);
        *most = (*most).max(*size);
    }
    for (of, (examples, larger, most)) in types {
        let (name, times) = (context.log.type_name(of), count(examples.count));
        let (limit, most) = (bytes(limit.into()), bytes(most.into()));
        let more = if larger > 0 { format!(", {} over 1 MiB", count(larger)) } else { String::new() };
        found
            .push(format!("{times} {name} events are over {limit}{more}; the largest is {most}"), &examples)
            .of_type(name);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::lints::rules::testing::{check, event};
    use crate::store::testing::TestEvent;

    #[test]
    fn fires_on_what_a_broker_refuses() {
        let large = |kib: usize| TestEvent { data: format!("\"{}\"", "A".repeat(kib << 10)), ..event("Scanned", 9) };
        let told = "warning 2 2 Scanned events are over 256 KiB, 1 over 1 MiB; the largest is 1.17 MiB";
        check(&LINT, vec![large(100), large(300), large(1200)], &[told]);
        check(&LINT, vec![large(100), large(200)], &[]);
    }
}
