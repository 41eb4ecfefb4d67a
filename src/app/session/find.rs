//! Looking for one event: by id, or as the cause or effect of another. Records are read to be sure,
//! so this belongs on a thread of its own.

use crate::analysis::summary::{causes, effects, find_event};
use crate::base::cancel::Cancel;
use crate::model::ids::EventIx;
use crate::store::snapshot::Snapshot;

/// Which event is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    CauseOf(EventIx),
    EffectOf(EventIx),
    Id(String),
}

impl Wanted {
    /// What to say when there is none.
    #[must_use]
    pub fn nothing(&self) -> String {
        match self {
            Self::CauseOf(_) => "This event names no cause that is in the log".to_owned(),
            Self::EffectOf(_) => "No event of the log names this one as its cause".to_owned(),
            Self::Id(id) => format!("No event of the log has the id {id}"),
        }
    }
}

pub(super) fn find(log: &Snapshot, wanted: &Wanted, cancel: &Cancel) -> Option<EventIx> {
    match wanted {
        Wanted::CauseOf(event) => causes(log, *event).first().copied(),
        Wanted::EffectOf(event) => effects(log, *event, 1, cancel)?.first().copied(),
        Wanted::Id(id) => find_event(log, id).first().copied(),
    }
}

/// The offset in the first time that is written with one, in minutes east of UTC.
pub(super) fn zone(log: &Snapshot) -> Option<i32> {
    let first = (0..log.len().min(20)).map(EventIx);
    first.filter_map(|event| log.envelope(event).ok()?.time_text).find_map(|text| offset_minutes(&text))
}

/// `2026-02-16T10:30:00+02:00` → 120; nothing for `Z`, for UTC and where no offset is written.
fn offset_minutes(text: &str) -> Option<i32> {
    let text = text.trim();
    let at = text.rfind(['+', '-']).filter(|&at| at > 10)?;
    let digits: String = text.get(at + 1..)?.chars().filter(|&c| c != ':').collect();
    if !(digits.len() == 4 || digits.len() == 2) || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..).filter(|m| !m.is_empty()).map_or(Some(0), |m| m.parse().ok())?;
    let total = hours * 60 + minutes;
    let signed = if text.get(at..=at) == Some("-") { -total } else { total };
    (total <= 18 * 60 && total > 0).then_some(signed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_is_read_from_the_end_of_a_time() {
        for (text, minutes) in [
            ("2026-02-16T10:30:00+02:00", Some(120)),
            ("2026-02-16 10:30:00.123-0530", Some(-330)),
            ("2026-02-16T10:30:00+01", Some(60)),
            ("2026-02-16T10:30:00Z", None),
            ("2026-02-16T10:30:00+00:00", None),
            ("2026-02-16", None),
            ("1708079400000", None),
            ("2026-02-16T10:30:00+99:99", None),
        ] {
            assert_eq!(offset_minutes(text), minutes, "{text}");
        }
    }
}
