//! Envelopes known by name. ★ A preset is a [`Preset`] in its own file and a line in [`PRESETS`].
//!
//! A preset is data: the marks that a record of its kind carries, and which fields have which role.
//! What only the sample can tell (a table's key column, say) is filled in by its `refine`.

mod atproto;
mod canal;
mod cdevents;
mod cloudevents;
mod cloudtrail;
mod console_consumer;
mod dbt;
mod debezium;
mod dms;
mod dynamodb;
mod eiffel;
mod eventbridge;
mod github;
mod goldengate;
mod jaeger;
mod kcat;
mod kurrentdb;
mod kurrentdb_ancient;
mod masstransit;
mod matrix;
mod maxwell;
pub mod message_db;
pub mod messages;
mod nservicebus;
mod ocel1;
mod ocel2;
mod openlineage;
mod otlp;
mod plain;
mod s3;
mod sns;
mod sqs;
mod stripe;
mod temporal;
mod windows;
mod zeek;
mod zipkin;

use serde_json::Value;

use super::lookup;
use crate::model::mapping::{EntityField, Evidence, Mapping, Template, TimeField, TimeUnit};

/// An envelope as data. Lists are alternatives or all count, as in [`Mapping`].
#[derive(Clone, Copy)]
pub struct Preset {
    /// [`Mapping::envelope`].
    pub name: &'static str,
    /// As shown: `CloudEvents`.
    pub label: &'static str,
    /// A record is of this kind when it has all of them: a pointer, or alternatives separated by
    /// spaces, each with `=value` where the value matters.
    pub marks: &'static [&'static str],
    pub type_name: &'static [&'static str],
    pub id: &'static [&'static str],
    pub time: &'static [(&'static str, TimeUnit)],
    pub entities: &'static [Entity],
    pub version: &'static [&'static str],
    pub correlation: &'static [&'static str],
    pub causation: &'static [&'static str],
    pub service: &'static [&'static str],
    pub key: &'static [&'static str],
    pub headers: Option<&'static str>,
    pub data: &'static [&'static str],
    /// Free-form parts in which entities are looked for by the names of the fields.
    pub payloads: &'static [&'static str],
    pub refine: fn(&[Value], &mut Mapping),
}

#[derive(Clone, Copy)]
pub struct Entity {
    pub kind: &'static str,
    pub id: &'static str,
    pub stream: bool,
}

/// Most particular first: of two that fit equally, the earlier one is taken.
pub const PRESETS: &[&Preset] = &[
    &ocel1::PRESET,
    &ocel2::PRESET,
    &cdevents::PRESET,
    &cloudevents::PRESET,
    &cloudtrail::PRESET,
    &dynamodb::PRESET,
    &s3::PRESET,
    &sqs::PRESET,
    &sns::PRESET,
    &eventbridge::PRESET,
    &debezium::PRESET,
    &debezium::WITH_SCHEMA,
    &maxwell::PRESET,
    &canal::PRESET,
    &goldengate::PRESET,
    &dms::PRESET,
    &kurrentdb::PRESET,
    // A time of its own beside them makes it an event of anybody's.
    &plain::PRESET,
    &kurrentdb_ancient::PRESET,
    &message_db::PRESET,
    &messages::PRESET,
    &kcat::PRESET,
    &console_consumer::PRESET,
    &nservicebus::PRESET,
    &masstransit::PRESET,
    &windows::PRESET,
    &zeek::PRESET,
    &github::PRESET,
    &github::BARE,
    &stripe::PRESET,
    &eiffel::PRESET,
    &temporal::PRESET,
    &matrix::PRESET,
    &atproto::PRESET,
    &openlineage::PRESET,
    &dbt::PRESET,
    &jaeger::PRESET,
    &otlp::SPANS,
    &otlp::LOGS,
    &zipkin::PRESET,
];

/// The envelope's name where nothing but the usual four fields is known.
pub const PLAIN: &str = "plain";

/// Of a sample's records this share must carry a preset's marks, in percent.
const ENOUGH: usize = 60;

const LOOKED_AT: usize = 64;

/// The preset that most of the records are of.
pub fn best(records: &[Value]) -> Option<&'static Preset> {
    let mut best: Option<(usize, &Preset)> = None;
    // A few records from all over the sample tell as much as all of them.
    let records: Vec<&Value> = records.iter().step_by(records.len() / LOOKED_AT + 1).collect();
    for preset in PRESETS {
        let of_it = records.iter().filter(|record| preset.fits(record)).count();
        if of_it * 100 >= records.len() * ENOUGH && of_it > best.map_or(0, |(most, _)| most) {
            best = Some((of_it, preset));
        }
    }
    best.map(|(_, preset)| preset)
}

/// The label of an envelope's name; the name itself where no preset has it.
pub fn label(envelope: &str) -> &str {
    PRESETS.iter().find(|preset| preset.name == envelope).map_or(envelope, |preset| preset.label)
}

impl Preset {
    /// To be completed: `Preset { name: …, ..Preset::NONE }`.
    pub const NONE: Preset = Preset {
        name: "",
        label: "",
        marks: &[],
        type_name: &[],
        id: &[],
        time: &[],
        entities: &[],
        version: &[],
        correlation: &[],
        causation: &[],
        service: &[],
        key: &[],
        headers: None,
        data: &[],
        payloads: &[],
        refine: |_, _| {},
    };

    fn fits(&self, record: &Value) -> bool {
        self.marks.iter().all(|mark| mark.split(' ').any(|one| carries(record, one)))
    }

    /// The mapping for such records, with the evidence of these.
    pub fn mapping(&self, records: &[Value]) -> Mapping {
        let list = |templates: &[&str]| templates.iter().map(|text| Template::from(*text)).collect::<Vec<_>>();
        let mut mapping = Mapping {
            envelope: self.name.to_owned(),
            events: None,
            type_name: list(self.type_name),
            id: list(self.id),
            time: self.time.iter().map(|(field, unit)| time((*field).into(), *unit)).collect(),
            entities: self.entities.iter().map(Entity::field).collect(),
            version: list(self.version),
            correlation: list(self.correlation),
            causation: list(self.causation),
            service: list(self.service),
            key: list(self.key),
            headers: self.headers.map(Template::from),
            data: list(self.data),
            evidence: Vec::new(),
        };
        (self.refine)(records, &mut mapping);
        mapping.evidence = self.evidence(&mapping, records);
        mapping
    }

    fn evidence(&self, mapping: &Mapping, records: &[Value]) -> Vec<Evidence> {
        let mut evidence = Vec::new();
        let mut add = |role: &str, template: &Template| {
            let pointers = lookup::pointers(&template.0);
            let has = |record: &&Value| pointers.iter().all(|pointer| lookup::has(record, pointer));
            let seen = records.iter().filter(has).count();
            if seen > 0 && !pointers.is_empty() {
                evidence.push(Evidence {
                    role: role.to_owned(),
                    field: template.0.clone(),
                    why: format!("{} has it there", self.label),
                    seen: u32::try_from(seen).unwrap_or(u32::MAX),
                    of: u32::try_from(records.len()).unwrap_or(u32::MAX),
                });
            }
        };
        let times: Vec<Template> = mapping.time.iter().map(|time| time.field.clone()).collect();
        let lists: [(&str, &[Template]); 9] = [
            ("type", &mapping.type_name),
            ("id", &mapping.id),
            ("time", &times),
            ("version", &mapping.version),
            ("correlation", &mapping.correlation),
            ("causation", &mapping.causation),
            ("service", &mapping.service),
            ("key", &mapping.key),
            ("data", &mapping.data),
        ];
        for (role, templates) in lists {
            templates.iter().for_each(|template| add(role, template));
        }
        for entity in &mapping.entities {
            add(if entity.stream { "stream" } else { "entity" }, &entity.id);
        }
        evidence
    }
}

impl Entity {
    pub const fn stream(kind: &'static str, id: &'static str) -> Self {
        Self { kind, id, stream: true }
    }

    pub const fn of(kind: &'static str, id: &'static str) -> Self {
        Self { kind, id, stream: false }
    }

    fn field(&self) -> EntityField {
        EntityField { kind: self.kind.into(), id: self.id.into(), stream: self.stream }
    }
}

fn time(field: Template, unit: TimeUnit) -> TimeField {
    TimeField { field, unit, zone_minutes: 0 }
}

fn carries(record: &Value, mark: &str) -> bool {
    match mark.split_once('=') {
        None => lookup::has(record, mark),
        Some((pointer, expected)) => lookup::text(record, pointer).is_some_and(|text| text == expected),
    }
}

#[cfg(test)]
mod tests;
