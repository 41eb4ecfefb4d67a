//! The entities, those with most events first.

use std::io::{self, Write};

use serde::Serialize;

use super::args::EntitiesFormat;
use super::out::Out;
use crate::analysis::entities::{ListQuery, Sort, list, stats};
use crate::analysis::timeline::Basis;
use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::model::ids::KindIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// A line of NDJSON. Field names are a contract.
#[derive(Serialize)]
struct Line<'a> {
    kind: &'a str,
    id: &'a str,
    events: u32,
    first: Option<String>,
    last: Option<String>,
}

/// Kinds there are, where `--kind` names none of them.
pub(super) struct NoSuchKind(pub(super) Vec<String>);

/// Prints all entities, or those of one kind.
pub(super) fn print<W: Write>(
    snapshot: &Snapshot,
    kind: Option<&str>,
    format: EntitiesFormat,
    out: &mut Out<W>,
) -> io::Result<Result<(), NoSuchKind>> {
    let kinds: Vec<KindIx> = match kind {
        None => Vec::new(),
        Some(wanted) => match snapshot.kinds().iter().position(|kind| &*kind.name == wanted) {
            Some(ix) => vec![KindIx(ix as u16)],
            None => return Ok(Err(NoSuchKind(snapshot.kinds().iter().map(|kind| kind.name.to_string()).collect()))),
        },
    };
    let never = Cancel::new();
    let query = ListQuery { sort: Sort::Count, kinds, ..ListQuery::default() };
    let Some(stats) = stats(snapshot, None, Basis::Time, &never) else { return Ok(Ok(())) };
    let Some(found) = list(snapshot, &stats, &query, &never) else { return Ok(Ok(())) };
    let time = |place: i64| TimeNs(place).to_rfc3339();
    for ix in found.order {
        let (Some(entity), Some(stat)) = (snapshot.entity(ix), stats.get(ix)) else { continue };
        let kind = snapshot.kind_name(entity.kind);
        let (first, last) = (stat.extent.map(|e| time(e.0)), stat.extent.map(|e| time(e.1)));
        match format {
            EntitiesFormat::Ndjson => {
                let line = Line { kind, id: entity.id, events: stat.count, first, last };
                out.json(&serde_json::to_vec(&line).expect("texts and numbers always become JSON"))?;
            }
            EntitiesFormat::Text => {
                let (first, last) = (first.as_deref().unwrap_or("-"), last.as_deref().unwrap_or("-"));
                let name = format!("{kind}:{}", entity.id);
                out.text(&format!("{:>9}  {first:<24}  {last:<24}  {name}", count(stat.count.into())))?;
            }
        }
    }
    Ok(Ok(()))
}

impl std::fmt::Display for NoSuchKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "This log has {}: {}", plural(self.0.len() as u64, "kind", "kinds"), self.0.join(", "))
    }
}
