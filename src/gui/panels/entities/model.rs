//! What the entities panel says of kinds and rows.

use crate::analysis::entities::{EntityList, EntityStats, KindCounts};
use crate::app::State;
use crate::app::zone::Zone;
use crate::base::text::{count, plural};
use crate::gui::panels::parts::preview::one_line;
use crate::model::ids::{EntityIx, KindIx};
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// A kind with its numbers; `chosen` where the list is narrowed down to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindRow {
    pub kind: KindIx,
    pub name: String,
    pub entities: String,
    pub events: String,
    pub chosen: bool,
}

/// Kinds with entities, those with most of them first. `counts` are those of the filter, where there is one.
#[must_use]
pub fn kinds(snapshot: &Snapshot, state: &State, counts: Option<&KindCounts>) -> Vec<KindRow> {
    let of = |shown: Option<u64>, all: u64| match shown {
        Some(shown) => format!("{} of {}", count(shown), count(all)),
        None => count(all),
    };
    let mut out: Vec<(u64, KindRow)> = snapshot
        .kinds()
        .iter()
        .enumerate()
        .filter(|(_, k)| k.entities > 0)
        .filter_map(|(i, k)| {
            let kind = KindIx(u16::try_from(i).ok()?);
            let row = KindRow {
                kind,
                name: k.name.to_string(),
                entities: of(counts.map(|counts| counts.entities(kind)), k.entities),
                events: of(counts.map(|counts| counts.events(kind)), k.events),
                chosen: state.view.lanes.kinds.iter().any(|name| **name == *k.name),
            };
            Some((k.entities, row))
        })
        .collect();
    out.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.name.cmp(&b.1.name)));
    out.into_iter().map(|(_, row)| row).collect()
}

/// One entity of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntityRow {
    pub entity: EntityIx,
    pub kind: KindIx,
    pub kind_name: String,
    pub id: String,
    pub count: String,
    pub first: String,
    pub last: String,
    pub events: u64,
    pub selected: bool,
    pub pinned: bool,
}

#[must_use]
pub fn row(
    snapshot: &Snapshot,
    state: &State,
    list: &EntityList,
    stats: &EntityStats,
    at: u64,
    timed: bool,
) -> Option<EntityRow> {
    let &entity = list.order.get(usize::try_from(at).ok()?)?;
    let name = snapshot.entity(entity)?;
    let stat = stats.get(entity);
    let events = u64::from(stat.map_or(0, |s| s.count));
    let extent = stat.and_then(|s| s.extent);
    let place = |at: i64| place_words(at, timed, state.settings.zone);
    Some(EntityRow {
        entity,
        kind: name.kind,
        kind_name: one_line(snapshot.kind_name(name.kind), 40),
        id: one_line(name.id, 400),
        count: count(events),
        first: extent.map_or_else(String::new, |(first, _)| place(first)),
        last: extent.map_or_else(String::new, |(_, last)| place(last)),
        events,
        selected: state.selection.entity == Some(entity),
        pinned: state.is_pinned(entity),
    })
}

fn place_words(at: i64, timed: bool, zone: Zone) -> String {
    if timed {
        zone.format_with(TimeNs(at), "%Y-%m-%d %H:%M:%S")
    } else {
        format!("#{}", count(u64::try_from(at).unwrap_or(0) + 1))
    }
}

impl EntityRow {
    #[must_use]
    pub fn accessible(&self) -> String {
        format!("{}:{}, {}", self.kind_name, self.id, plural(self.events, "event", "events"))
    }

    /// First and last event in words, for hovering.
    #[must_use]
    pub fn details(&self) -> String {
        format!(
            "{}:{}\n{}\nfirst {}\nlast {}",
            self.kind_name,
            self.id,
            plural(self.events, "event", "events"),
            self.first,
            self.last
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::entities::{ListQuery, list, stats};
    use crate::analysis::rows::Rows;
    use crate::analysis::timeline::Basis;
    use crate::base::cancel::Cancel;
    use crate::model::ids::EventIx;
    use crate::store::testing::Builder;

    #[test]
    fn kinds_and_rows_read_as_a_person_writes() {
        let second = 1_000_000_000;
        let snapshot = Builder::new()
            .simple(second, "Placed", &["order:1", "customer:ann"])
            .simple(2 * second, "Paid", &["order:1"])
            .simple(3 * second, "Placed", &["order:2", "customer:ann"])
            .build();
        let mut state = State::default();
        state.view.lanes.kinds = vec!["order".to_owned()];
        let told = |counts: Option<&KindCounts>| -> Vec<String> {
            kinds(&snapshot, &state, counts)
                .into_iter()
                .map(|k| format!("{} {} {}{}", k.name, k.entities, k.events, if k.chosen { " ✓" } else { "" }))
                .collect()
        };
        assert_eq!(told(None), ["order 2 3 ✓", "customer 1 2"]);
        let cancel = Cancel::new();
        let rows = Rows::from_events(&snapshot, [EventIx(1), EventIx(2)]);
        let of_rows = stats(&snapshot, Some(&rows), Basis::Time, &cancel).expect("not cancelled");
        let counts = KindCounts::of(&snapshot, &rows, &of_rows, &cancel).expect("not cancelled");
        assert_eq!(told(Some(&counts)), ["order 2 of 2 2 of 3 ✓", "customer 1 of 1 1 of 2"]);
        let stats = stats(&snapshot, None, Basis::Time, &cancel).expect("not cancelled");
        let list = list(&snapshot, &stats, &ListQuery::default(), &cancel).expect("not cancelled");
        let rows: Vec<String> = (0..9)
            .filter_map(|at| row(&snapshot, &state, &list, &stats, at, true))
            .map(|r| format!("{} | {} | {}", r.accessible(), r.first, r.last))
            .collect();
        assert_eq!(
            rows,
            [
                "order:1, 2 events | 1970-01-01 00:00:01 | 1970-01-01 00:00:02",
                "customer:ann, 2 events | 1970-01-01 00:00:01 | 1970-01-01 00:00:03",
                "order:2, 1 event | 1970-01-01 00:00:03 | 1970-01-01 00:00:03",
            ]
        );
    }
}
