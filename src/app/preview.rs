//! What a mapping would make of a source: its first events decoded anew, without reading the log
//! again. For the field mapping's form.

use crate::input::decoders;
use crate::model::error::{Error, Place, Result};
use crate::model::ids::{ByteOffset, EventIx, SourceIx};
use crate::model::issue::IssueCode;
use crate::model::mapping::Mapping;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

/// One event as the mapping under test sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PreviewRow {
    pub type_name: String,
    pub id: String,
    pub time: Option<TimeNs>,
    /// `kind:id`, two blanks between.
    pub entities: String,
    pub service: String,
    pub version: String,
    pub correlation: String,
    pub cause: String,
    pub issue: Option<IssueCode>,
}

/// The source's first `most` events.
///
/// # Errors
/// When the source can't be read, or no decoder takes it with this mapping.
pub fn preview(log: &Snapshot, source: SourceIx, mapping: Mapping, most: usize) -> Result<Vec<PreviewRow>> {
    let info = log
        .sources()
        .get(source.at())
        .ok_or_else(|| Error::new("The source is not open any more", Place::Nowhere, "Choose another source"))?;
    let place = || Place::File { path: info.address.clone(), offset: None };
    let unread =
        |e| Error::new("The source could not be read", place(), "Check that the file is still there").because(e);
    let mut head = vec![0; decoders::SAMPLE_BYTES];
    let mut filled = 0;
    while let Some(rest) = head.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match info.bytes.read_at(rest, ByteOffset(filled as u64)).map_err(unread)? {
            0 => break,
            n => filled += n,
        }
    }
    head.truncate(filled);
    let complete = info.bytes.len().map_err(unread)? <= filled as u64;
    let sample = decoders::Sample { name: &info.name, head: &head, complete };
    let decode = decoders::open(&sample, &info.bytes, Some(mapping))?.decode();
    let events = log
        .segments()
        .iter()
        .filter(|s| s.source() == source)
        .flat_map(|s| (0..u64::from(s.len())).map(|row| EventIx(s.first_row() + row)));
    let mut rows = Vec::new();
    for event in events.take(most) {
        let record = log.record(event).map_err(unread)?;
        let envelope = decode.envelope(&record);
        let entities: Vec<String> = envelope.entities.iter().map(ToString::to_string).collect();
        let first =
            |ids: &[crate::model::envelope::NamedId]| ids.first().map_or_else(String::new, |id| id.value.clone());
        rows.push(PreviewRow {
            type_name: envelope.type_name,
            id: envelope.id.unwrap_or_default(),
            time: envelope.time,
            entities: entities.join("  "),
            service: envelope.service.unwrap_or_default(),
            version: envelope.version.map_or_else(String::new, |v| v.to_string()),
            correlation: first(&envelope.correlations),
            cause: first(&envelope.causes),
            issue: envelope.issue.map(|i| i.code),
        });
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mapping::EntityField;
    use crate::store::testing::{Builder, TestEvent};

    #[test]
    fn another_mapping_is_seen_before_the_log_is_read_again() {
        let event = |n: u32| TestEvent {
            time: Some(i64::from(n)),
            type_name: "Placed".to_owned(),
            entities: vec![format!("order:{n}")],
            data: format!("{{\"customer\":\"c{n}\"}}"),
            ..TestEvent::default()
        };
        let log = Builder::new().event(event(1)).event(event(2)).event(event(3)).build();
        let record = log.record(EventIx(0)).expect("in memory");
        let text = String::from_utf8(record).expect("JSON");
        assert!(text.contains("\"customer\""), "{text}");
        let mapping = Mapping {
            entities: vec![EntityField { kind: "customer".into(), id: "/data/customer".into(), stream: false }],
            ..Mapping::default()
        };
        let rows = preview(&log, SourceIx(0), mapping, 2).expect("NDJSON");
        assert_eq!(rows.iter().map(|r| r.entities.as_str()).collect::<Vec<_>>(), ["customer:c1", "customer:c2"]);
        assert!(preview(&log, SourceIx(9), Mapping::default(), 2).is_err());
    }
}
