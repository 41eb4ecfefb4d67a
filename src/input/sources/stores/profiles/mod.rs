//! The event stores that are known. ★ A store is a [`Profile`] in one of the files here and a line in
//! [`PROFILES`].
//!
//! A store is recognised by the set of its columns, never by its table's name: three unrelated layouts
//! are called `event_journal`. Column names here are folded (lower case, no underscores), because
//! mappers spell one store's columns in several ways.

mod aggregates;
mod journals;
mod outboxes;
mod snapshots;

use super::table::{Table, fold, quoted};
use crate::model::mapping::{EntityField, Mapping, Template, TimeField, TimeUnit};

/// What a store's table looks like and what its columns mean.
pub(in super::super) struct Profile {
    /// As shown: `Emmett`.
    pub name: &'static str,
    /// Folded columns that must be there.
    pub columns: &'static [&'static str],
    /// Members that a record gets beside its columns.
    pub derived: &'static [Derived],
    pub join: Option<&'static Join>,
    /// Its rows are letters that could not be delivered.
    pub dead_letters: bool,
    pub fields: Fields,
}

/// A member made from a column.
pub(in super::super) struct Derived {
    pub name: &'static str,
    /// Folded column.
    pub from: &'static str,
    pub cut: Cut,
}

/// How a derived member is made from its column's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Cut {
    /// `bank.model:Account.Opened` → `Account.Opened`
    AfterColon,
    /// `bank.model:Account.Opened` → `Account`
    Class,
    /// `account-123`, `Order$123`, `cart:123`, `Entity|123` → what stands before; else `stream`.
    StreamKind,
    /// What stands behind; else the whole text.
    StreamId,
    /// `{"Opened": {…}}` → `Opened`
    Variant,
}

/// How SQL calls a table, with its schema where there are several.
pub(in super::super) type Named<'a> = &'a dyn Fn(&Table) -> String;

/// Tables that a record's stream must be fetched from.
pub(in super::super) struct Join {
    /// Folded columns by which each is found.
    pub partners: &'static [&'static [&'static str]],
    /// A subquery that gives at most one row per event, of the tables and their names as SQL takes them: the event's
    /// key as `k`, then members whose names
    /// start with `$`.
    pub subquery: fn(&[&Table], Named<'_>) -> String,
    /// The members it gives.
    pub members: &'static [&'static str],
    /// Folded column of the event table that `k` equals.
    pub on: &'static str,
}

/// Templates whose pointers start with folded columns; those whose column a table lacks are left out.
pub(in super::super) struct Fields {
    pub type_name: &'static [&'static str],
    pub id: &'static [&'static str],
    pub time: &'static [(&'static str, TimeUnit)],
    /// Kind, id, whether it is the stream.
    pub entities: &'static [(&'static str, &'static str, bool)],
    pub version: &'static [&'static str],
    pub correlation: &'static [&'static str],
    pub causation: &'static [&'static str],
    pub service: &'static [&'static str],
    pub headers: Option<&'static str>,
    pub data: &'static [&'static str],
    /// Folded columns and the codec that the store writes them by, unless it was made to write JSON: `(data, yaml)`.
    pub codecs: &'static [(&'static str, &'static str)],
    /// Columns beyond the known ones that end in `id` are entities of their own.
    pub other_ids: bool,
}

impl Fields {
    pub(super) const NONE: Self = Self {
        type_name: &[],
        id: &[],
        time: &[],
        entities: &[],
        version: &[],
        correlation: &[],
        causation: &[],
        service: &[],
        headers: None,
        data: &[],
        codecs: &[],
        other_ids: false,
    };
}

/// Most distinctive first: the first that fits a table is taken.
pub(in super::super) const PROFILES: &[&Profile] = &[
    &aggregates::EVENTSOURCING_PY,
    &journals::EMMETT,
    &journals::MARTEN,
    &aggregates::AXON_DEAD_LETTERS,
    &outboxes::WOLVERINE_DEAD_LETTERS,
    &aggregates::AXON,
    &journals::PEKKO,
    &journals::AKKA_R2DBC,
    &journals::AKKA_NET,
    &journals::MESSAGE_DB,
    &aggregates::RAILS_EVENT_STORE,
    &journals::COMMANDED,
    &aggregates::SEQUENT,
    &aggregates::CQRS_ES,
    &aggregates::PROOPH,
    &aggregates::EVENTSAUCE,
    &aggregates::ESRS,
    &aggregates::EVENTUALLY,
    &outboxes::SPRING_MODULITH,
    &outboxes::DEBEZIUM,
    &outboxes::NSERVICEBUS,
    &outboxes::MASSTRANSIT,
    &aggregates::DISINTEGRATE,
];

/// The same, with those of dead letters last: a database's events come before what failed of them.
pub(in super::super) fn by_preference() -> impl Iterator<Item = &'static Profile> {
    let letters = |profile: &&'static Profile| profile.dead_letters;
    let of_events = PROFILES.iter().copied().filter(move |profile| !letters(profile));
    of_events.chain(PROFILES.iter().copied().filter(letters))
}

/// Snapshots often have the same columns as events.
pub(in super::super) fn holds_snapshots(table: &Table) -> bool {
    fold(&table.name).contains("snapshot")
}

/// The tables that a join needs, if they are all there.
pub(in super::super) fn partners<'t>(join: &Join, all: &'t [Table]) -> Option<Vec<&'t Table>> {
    join.partners.iter().map(|columns| all.iter().find(|table| table.has_all(columns))).collect()
}

/// The store that a table is of, be it of events or of snapshots.
pub(in super::super) fn of_table(table: &Table) -> Option<&'static Profile> {
    let list = if holds_snapshots(table) { snapshots::SNAPSHOTS } else { PROFILES };
    list.iter().find(|profile| table.has_all(profile.columns)).copied()
}

impl Profile {
    /// Whether a table holds events of this store and of no other one.
    pub(in super::super) fn fits(&self, table: &Table) -> bool {
        !holds_snapshots(table) && of_table(table).is_some_and(|own| own.name == self.name)
    }

    pub(in super::super) fn mapping(&self, table: &Table) -> Mapping {
        let fields = &self.fields;
        let all = |texts: &[&str]| texts.iter().filter_map(|text| template(text, table)).collect();
        let mut mapping = Mapping {
            envelope: self.name.to_ascii_lowercase().replace(' ', "-"),
            type_name: all(fields.type_name),
            id: all(fields.id),
            version: all(fields.version),
            correlation: all(fields.correlation),
            causation: all(fields.causation),
            service: all(fields.service),
            headers: fields.headers.and_then(|text| template(text, table)),
            data: all(fields.data),
            ..Mapping::default()
        };
        for &(field, unit) in fields.time {
            if let Some(field) = template(field, table) {
                mapping.time.push(TimeField { field, unit, zone_minutes: 0 });
            }
        }
        for &(kind, id, stream) in fields.entities {
            if let (Some(kind), Some(id)) = (template(kind, table), template(id, table)) {
                mapping.entities.push(EntityField { kind, id, stream });
            }
        }
        if fields.other_ids {
            mapping.entities.extend(self.other_ids(table));
        }
        mapping
    }

    fn other_ids(&self, table: &Table) -> Vec<EntityField> {
        let is_other = |column: &&String| {
            let folded = fold(column);
            folded.ends_with("id") && folded.len() > 2 && !self.columns.contains(&folded.as_str())
        };
        let field = |column: &String| {
            let kind = column.get(..column.len() - 2).unwrap_or(column).trim_end_matches('_');
            let id = Template(format!("/{}", escaped(column)?));
            Some(EntityField { kind: kind.into(), id, stream: false })
        };
        table.columns.iter().filter(is_other).filter_map(field).collect()
    }
}

/// Puts a table's own column names into a template; `None` where it has no such column.
fn template(text: &str, table: &Table) -> Option<Template> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('/') {
        let (before, pointer) = rest.split_at(at);
        out.push_str(before);
        out.push('/');
        let pointer = pointer.get(1..)?;
        let end = pointer.find(['/', '|', '}']).unwrap_or(pointer.len());
        let (column, behind) = pointer.split_at(end);
        if column.starts_with('$') {
            out.push_str(column);
        } else {
            out.push_str(&escaped(table.column(column)?)?);
        }
        // What follows in this pointer stays as it is.
        let tail = behind.find('}').unwrap_or(behind.len());
        out.push_str(behind.get(..tail)?);
        rest = behind.get(tail..)?;
    }
    out.push_str(rest);
    Some(Template(out))
}

/// A column as a pointer's segment; `None` for one that a template cannot hold.
fn escaped(column: &str) -> Option<String> {
    (!column.contains(['{', '}', '|', '*'])).then(|| column.replace('~', "~0").replace('/', "~1"))
}

impl Cut {
    /// The member's text, where the column gives one.
    pub(in super::super) fn apply(self, text: &str) -> Option<&str> {
        match self {
            Self::AfterColon => text.rsplit_once(':').map(|(_, behind)| behind).or(Some(text)),
            Self::Class => {
                let class = text.rsplit_once(':').map_or(text, |(_, behind)| behind);
                class.rsplit_once('.').map(|(before, _)| before)
            }
            Self::StreamKind => Some(split_stream(text).map_or("stream", |(kind, _)| kind)),
            Self::StreamId => Some(split_stream(text).map_or(text, |(_, id)| id)),
            Self::Variant => variant(text),
        }
    }
}

/// At the first separator, if the name before it is a word and not the start of a UUID.
fn split_stream(text: &str) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| matches!(byte, b':' | b'$' | b'|' | b'-'))?;
    let (kind, id) = (text.get(..at)?, text.get(at + 1..)?);
    let is_word = kind.bytes().any(|byte| !byte.is_ascii_hexdigit());
    (is_word && !id.is_empty()).then_some((kind, id))
}

/// The name of an object's first member, where it is written without escapes.
fn variant(text: &str) -> Option<&str> {
    let name = text.trim_start().strip_prefix('{')?.trim_start().strip_prefix('"')?;
    let name = name.get(..name.find('"')?)?;
    (!name.contains('\\')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_split_at_their_separator() {
        for (text, kind, id) in [
            ("account-123", "account", "123"),
            ("Order$7c0ff33b-1111-2222-3333-444444444444", "Order", "7c0ff33b-1111-2222-3333-444444444444"),
            ("shopping_cart:c-1", "shopping_cart", "c-1"),
            ("Wallet|w1", "Wallet", "w1"),
            ("7c0ff33b-1111-2222-3333-444444444444", "stream", "7c0ff33b-1111-2222-3333-444444444444"),
            ("alone", "stream", "alone"),
            ("trailing-", "stream", "trailing-"),
        ] {
            assert_eq!((Cut::StreamKind.apply(text), Cut::StreamId.apply(text)), (Some(kind), Some(id)), "{text}");
        }
    }

    #[test]
    fn names_are_cut_out() {
        assert_eq!(Cut::Class.apply("bank.model:Account.Opened"), Some("Account"));
        assert_eq!(Cut::AfterColon.apply("bank.model:Account.Opened"), Some("Account.Opened"));
        assert_eq!(Cut::Variant.apply(" {\"Opened\": {}}"), Some("Opened"));
        assert_eq!(Cut::Variant.apply("[1]"), None);
    }

    #[test]
    fn templates_take_a_tables_own_names() {
        let table = Table { name: "t".into(), columns: vec!["Stream_Id".into(), "a/b".into()], rowid: Some("rowid") };
        for (text, expected) in [
            ("/streamid", Some("/Stream_Id")),
            ("/ab", None),
            ("/a~1b", None),
            ("{/streamid|before:-}#{/$x}", Some("{/Stream_Id|before:-}#{/$x}")),
            ("/streamid/deep/er", Some("/Stream_Id/deep/er")),
            ("word", Some("word")),
            ("/other", None),
        ] {
            assert_eq!(template(text, &table).map(|template| template.0).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn every_profile_says_what_an_event_is() {
        for profile in PROFILES.iter().chain(snapshots::SNAPSHOTS) {
            assert!(!profile.fields.type_name.is_empty(), "{} has no type", profile.name);
            assert!(!profile.fields.data.is_empty(), "{} has no data", profile.name);
            assert!(profile.columns.len() > 2, "{} would fit anything", profile.name);
            for column in profile.columns {
                assert_eq!(*column, fold(column), "{}", profile.name);
            }
        }
    }
}
