//! What the panel says of chains, ways and what is usual.

use crate::analysis::flows::{ChainSummary, Flows, Follow, Kind, Variant};
use crate::app::zone::Zone;
use crate::base::text::{count, duration_ns, plural};
use crate::gui::panels::parts::preview::named;
use crate::model::ids::TypeIx;
use crate::store::snapshot::Snapshot;

/// Columns of the table, in their order.
pub const TITLES: [(&str, f32, bool); 8] = [
    ("Start", 192.0, true),
    ("Took", 96.0, true),
    ("Events", 64.0, true),
    ("Services", 64.0, true),
    ("First → last", 280.0, false),
    ("Problems", 264.0, false),
    ("Id", 280.0, true),
    ("Entities", 240.0, true),
];

/// One cell of the table but id and entities, which have to be read.
#[must_use]
pub fn cell(log: &Snapshot, flows: &Flows, chain: &ChainSummary, column: usize, zone: Zone) -> String {
    match column {
        0 => chain.start.map_or_else(String::new, |at| zone.format_with(at, "%Y-%m-%d %H:%M:%S%.3f")),
        1 => duration_ns(chain.duration_ns),
        2 => count(u64::from(chain.events)),
        3 => count(flows.services(chain).len() as u64),
        4 => format!("{} → {}", type_of(log, log.type_ix(chain.first)), type_of(log, log.type_ix(chain.last))),
        _ => chain.problems().join(", "),
    }
}

/// `12 of 61 chains · 3 incomplete, 1 failed`: counts of all, not of those found.
#[must_use]
pub fn summary(flows: &Flows, found: usize) -> String {
    let all = flows.chains.len();
    let of = if found == all {
        plural(all as u64, "chain", "chains")
    } else {
        format!("{} of {}", count(found as u64), plural(all as u64, "chain", "chains"))
    };
    let loose = match flows.loose {
        0 => String::new(),
        n => format!(" · {} in none", plural(n, "event", "events")),
    };
    let constants = match flows.constants.len() as u64 {
        0 => String::new(),
        n => format!(" · {} left out: constants, not chains", plural(n, "correlation id", "correlation ids")),
    };
    format!("{of}{loose}{constants}")
}

/// A way as its types, the middle of a long one left out and counted.
#[must_use]
pub fn way(log: &Snapshot, variant: &Variant, most: usize) -> String {
    let names: Vec<String> = variant.types.iter().map(|&of| type_of(log, of)).collect();
    let more = if variant.cut { " → …" } else { "" };
    if names.len() <= most {
        return format!("{}{more}", names.join(" → "));
    }
    let (head, tail) = (most / 2, most - most / 2);
    let left = plural((names.len() - most) as u64, "more", "more");
    format!("{} → … {left} … → {}{more}", names[..head].join(" → "), names[names.len() - tail..].join(" → "))
}

/// `PaymentRequested is followed by PaymentReceived`, and how often it was not.
#[must_use]
pub fn rule(log: &Snapshot, rule: &Follow) -> (String, String) {
    let effects: Vec<String> = rule.effects.iter().map(|&of| type_of(log, of)).collect();
    let what = format!("{} is followed by {}", type_of(log, rule.cause), effects.join(" or "));
    let of = count(rule.occurrences);
    let told = match rule.lacking {
        0 => format!("every time of {of}, within {}", duration_ns(rule.within_ns)),
        n => format!("missing {} of {of}, usually within {}", plural(n, "time", "times"), duration_ns(rule.within_ns)),
    };
    (what, told)
}

/// `Chains that begin with OrderPlaced end with OrderShipped or PaymentFailed`.
#[must_use]
pub fn kind(log: &Snapshot, kind: &Kind) -> (String, String) {
    let ends: Vec<String> = kind.ends.iter().map(|&of| type_of(log, of)).collect();
    let what = if ends.is_empty() {
        format!("{} …: no usual end", type_of(log, kind.first))
    } else {
        format!("{} … ends with {}", type_of(log, kind.first), ends.join(" or "))
    };
    let chains = plural(kind.chains, "chain", "chains");
    let half = kind.durations.quantile(0.5).map_or_else(String::new, |ns| format!(", half within {}", duration_ns(ns)));
    let unfinished = match kind.unfinished {
        0 => String::new(),
        n => format!(", {} did not get there", count(n)),
    };
    (what, format!("{chains}{half}{unfinished}"))
}

pub fn type_of(log: &Snapshot, of: TypeIx) -> String {
    named(log.type_name(of))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::Builder;

    #[test]
    fn long_ways_say_how_much_of_them_is_left_out() {
        let mut builder = Builder::new();
        for n in 0..9 {
            builder = builder.simple(n, &format!("T{n}"), &[]);
        }
        let log = builder.build();
        let types: Vec<TypeIx> = (1..=9).map(TypeIx).collect();
        let variant = Variant { types: types.into(), cut: false, chains: 1 };
        assert_eq!(way(&log, &variant, 4), "T0 → T1 → … 5 more … → T7 → T8");
        assert_eq!(way(&log, &variant, 9).matches('→').count(), 8);
    }
}
