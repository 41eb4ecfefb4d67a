//! The objects of an object-centric log and how their attributes change, as records of their own: one
//! `ObjectDefined` per object with the values that it has from the start, then an `AttributeChanged`
//! for each instant at which values change. A state is rebuilt from these.
//!
//! They are no events of the log and would falsify its counts, so they are read where a person asks for
//! them: `FILE?table=objects`, beside or instead of the file itself. Definitions come first and carry no
//! time, which puts them before everything that has one.

use std::sync::Arc;

use super::json;
use super::pump::SpoolWriter;
use crate::model::error::Result;
use crate::model::mapping::{EntityField, Mapping, TimeField, TimeUnit};
use crate::model::row::Span;
use crate::model::source::Origin;

use super::marks::Marks;

/// What stands for a table's name in the address.
pub(super) const TABLE: &str = "objects";

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Object {
    pub id: String,
    pub kind: String,
    pub values: Vec<Value>,
}

/// A value that an attribute has from some time on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub name: String,
    pub time: Option<String>,
    /// As JSON text.
    pub json: Vec<u8>,
}

impl Value {
    /// OCEL 2.0 dates what holds from the start to the first day of 1970, in whatever zone.
    fn is_initial(&self) -> bool {
        self.time.as_deref().is_none_or(is_the_start)
    }
}

pub(super) fn is_the_start(time: &str) -> bool {
    time.starts_with("1970-01-01") || time.starts_with("1969-12-31")
}

/// Which records of an object are written: definitions stand before all changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pass {
    Definitions,
    Changes,
}

pub(super) const PASSES: [Pass; 2] = [Pass::Definitions, Pass::Changes];

impl Object {
    /// Writes the object's records of this pass; `from` is where the object stands at its origin.
    pub(super) fn write(&self, pass: Pass, from: u64, marks: &Marks, out: &mut SpoolWriter) -> Result<()> {
        let mut put = |record: Vec<u8>| {
            marks.add(out.position(), from)?;
            out.write(&record)
        };
        match pass {
            Pass::Definitions => {
                let initial: Vec<&Value> = self.values.iter().filter(|value| value.is_initial()).collect();
                put(self.record("ObjectDefined", None, &initial))
            }
            Pass::Changes => self
                .changes()
                .into_iter()
                .try_for_each(|(time, values)| put(self.record("AttributeChanged", Some(time), &values))),
        }
    }

    /// Values of one instant together, in the order of the log.
    fn changes(&self) -> Vec<(&str, Vec<&Value>)> {
        let mut changes: Vec<(&str, Vec<&Value>)> = Vec::new();
        for value in self.values.iter().filter(|value| !value.is_initial()) {
            let Some(time) = value.time.as_deref() else { continue };
            let fits = |values: &[&Value]| values.iter().all(|other| other.name != value.name);
            match changes.iter_mut().find(|(at, values)| *at == time && fits(values)) {
                Some((_, values)) => values.push(value),
                None => changes.push((time, vec![value])),
            }
        }
        changes
    }

    fn record(&self, type_name: &str, time: Option<&str>, values: &[&Value]) -> Vec<u8> {
        let mut record = Vec::from(*b"{");
        json::key(&mut record, "type");
        json::string(&mut record, type_name);
        if let Some(time) = time {
            json::key(&mut record, "time");
            json::string(&mut record, time);
        }
        json::key(&mut record, "object");
        record.push(b'{');
        json::key(&mut record, "id");
        json::string(&mut record, &self.id);
        json::key(&mut record, "kind");
        json::string(&mut record, &self.kind);
        record.push(b'}');
        json::key(&mut record, "attributes");
        record.push(b'{');
        for value in values {
            json::key(&mut record, &value.name);
            record.extend_from_slice(&value.json);
        }
        record.extend_from_slice(b"}}\n");
        record
    }
}

/// The mapping of such records.
pub(super) fn mapping() -> Mapping {
    Mapping {
        envelope: "ocel-objects".to_owned(),
        type_name: vec!["/type".into()],
        time: vec![TimeField { field: "/time".into(), unit: TimeUnit::Auto, zone_minutes: 0 }],
        entities: vec![EntityField { kind: "{/object/kind}".into(), id: "/object/id".into(), stream: true }],
        data: vec!["/attributes".into()],
        ..Mapping::default()
    }
}

/// Where the objects of a JSON document were: their number in its list.
#[derive(Debug)]
pub(super) struct Numbered {
    pub marks: Arc<Marks>,
}

impl Origin for Numbered {
    fn place(&self, span: Span) -> String {
        format!("object {}", self.marks.find(span.offset.0).map_or(0, |(_, number)| number))
    }
}
