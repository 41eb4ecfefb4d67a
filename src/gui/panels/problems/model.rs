//! The list of problems: built once per snapshot from the segments' short lists of issues.

use crate::base::cancel::Cancel;
use crate::base::text::{count, plural};
use crate::gui::panels::parts::preview::{one_line, preview};
use crate::model::ids::EventIx;
use crate::model::issue::{Issue, IssueCode};
use crate::store::snapshot::Snapshot;

/// All problems of a log, or those of one code.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    /// How many there are of each code, most first; always of the whole log.
    pub counts: Vec<(IssueCode, u64)>,
    pub rows: Vec<(EventIx, Issue)>,
    pub total: u64,
}

impl Problems {
    #[must_use]
    pub fn find(snapshot: &Snapshot, only: Option<IssueCode>, cancel: &Cancel) -> Self {
        let mut out = Self::default();
        for segment in snapshot.segments() {
            if cancel.is_cancelled() {
                break;
            }
            for &(row, issue) in segment.issues() {
                match out.counts.iter_mut().find(|(code, _)| *code == issue.code) {
                    Some((_, n)) => *n += 1,
                    None => out.counts.push((issue.code, 1)),
                }
                if only.is_none_or(|code| code == issue.code) {
                    out.rows.push((segment.event(row), issue));
                }
            }
        }
        out.counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        out.total = out.counts.iter().map(|(_, n)| n).sum();
        out
    }
}

/// How many problems there are: cheap enough for every frame.
#[must_use]
pub fn total(snapshot: &Snapshot) -> u64 {
    snapshot.segments().iter().map(|s| s.issues().len() as u64).sum()
}

/// One row as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemCells {
    pub event: EventIx,
    pub source: String,
    pub place: String,
    pub reason: String,
    pub hint: &'static str,
    pub bytes: String,
}

impl ProblemCells {
    /// Reads the record's first bytes.
    #[must_use]
    pub fn read(snapshot: &Snapshot, event: EventIx, issue: Issue) -> Self {
        let found = snapshot.source_of(event);
        let source = found.and_then(|(ix, _)| snapshot.sources().get(ix.at()));
        let place = match (source.and_then(|s| s.origin.as_ref()), found) {
            (Some(origin), Some((_, span))) => origin.place(span),
            (None, Some((_, span))) => format!("byte {}", count(span.offset.0)),
            (_, None) => String::new(),
        };
        let reason = match issue.at {
            Some(at) => format!("{}, after {}", issue.code.summary(), plural(u64::from(at), "byte", "bytes")),
            None => issue.code.summary().to_owned(),
        };
        let bytes = match snapshot.record_head(event, 512) {
            Ok(head) => preview(&head, 160),
            Err(e) => one_line(&e.to_string(), 160),
        };
        Self {
            event,
            source: source.map_or_else(String::new, |s| one_line(&s.name, 80)),
            place,
            reason,
            hint: issue.code.hint(),
            bytes,
        }
    }

    /// For pasting into a report.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{}\t{}\t{}\t{}", self.source, self.place, self.reason, self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn problems_have_place_reason_and_bytes() {
        let broken = TestEvent { undecodable: true, ..TestEvent::default() };
        let snapshot =
            Builder::new().simple(1, "A", &["x:1"]).event(broken.clone()).simple(2, "A", &[]).event(broken).build();
        let found = Problems::find(&snapshot, None, &Cancel::new());
        assert_eq!((found.total, total(&snapshot)), (2, 2));
        assert_eq!(found.rows.iter().map(|(e, _)| e.0).collect::<Vec<_>>(), [1, 3]);
        let (event, issue) = found.rows[0];
        let cells = ProblemCells::read(&snapshot, event, issue);
        assert!(cells.place.starts_with("byte ") && !cells.reason.is_empty() && !cells.bytes.is_empty(), "{cells:?}");
        let none = Problems::find(&snapshot, Some(IssueCode::TooLong), &Cancel::new());
        assert_eq!((none.total, none.rows.len()), (2, 0), "counts stay those of the whole log");
    }
}
