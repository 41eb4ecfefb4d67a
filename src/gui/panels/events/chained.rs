//! The column that tells how large the chain of an event is and whether it lacks something.

use crate::analysis::flows::{ChainSummary, Flows};
use crate::base::text::{count, plural};
use crate::model::ids::CorrelationIx;

/// What the cell says, and how bad it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chained {
    pub words: String,
    pub failed: bool,
    pub incomplete: bool,
}

/// Of several chains the largest is told. None where the event belongs to none.
#[must_use]
pub fn chained(flows: &Flows, correlations: &[CorrelationIx]) -> Option<Chained> {
    let chains: Vec<&ChainSummary> = correlations.iter().filter_map(|&of| flows.chain_of(of)).collect();
    let Some(largest) = chains.iter().max_by_key(|chain| chain.events) else {
        // Ids that are in no chain are constants.
        let known = !correlations.is_empty() && !flows.constants.is_empty();
        return known.then(|| Chained { words: "a constant".to_owned(), failed: false, incomplete: false });
    };
    let failed = chains.iter().any(|chain| chain.flags.error);
    let incomplete = chains.iter().any(|chain| chain.is_incomplete());
    let mut words = plural(u64::from(largest.events), "event", "events");
    if chains.len() > 1 {
        words.push_str(&format!(" +{}", count(chains.len() as u64 - 1)));
    }
    for (is, word) in [(failed, ", failed"), (incomplete, ", incomplete")] {
        if is {
            words.push_str(word);
        }
    }
    Some(Chained { words, failed, incomplete })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::flows::survey;
    use crate::base::cancel::Cancel;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn the_largest_chain_is_told_with_what_any_of_them_lacks() {
        let event = |type_name: &str, ids: &[&str], causes: &[&str]| TestEvent {
            type_name: type_name.to_owned(),
            correlations: ids.iter().map(|&id| id.to_owned()).collect(),
            causes: causes.iter().map(|&id| id.to_owned()).collect(),
            ..TestEvent::default()
        };
        let log = Builder::new()
            .event(event("Asked", &["a", "b"], &[]))
            .event(event("Paid", &["a"], &[]))
            .event(event("Failed", &["b"], &["lost"]))
            .event(event("Sent", &["b"], &[]))
            .build();
        let flows = survey(&log, &Cancel::new(), &|_, _| ()).expect("nobody cancels");
        let of = |ids: &[&str]| {
            let ids: Vec<_> = ids.iter().filter_map(|id| log.find_correlation(id)).collect();
            chained(&flows, &ids)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&["a"]).map(|told| told.words).as_deref(), Some("2 events"));
        let both = of(&["a", "b"]).expect("two chains");
        assert_eq!((&*both.words, both.failed, both.incomplete), ("3 events +1, failed, incomplete", true, true));
    }
}
