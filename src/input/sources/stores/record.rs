//! A row as one line of JSON under its columns' own names, with what a store's profile adds.

use super::cell::{self, Cell};
use super::profiles::{Derived, Profile};
use super::table::{Table, fold};
use crate::base::json;

/// What the rows of a table look like. Made once for many rows: names are compared here and not for each of them.
pub(in super::super) struct Shape<'a> {
    /// Names of the values: the table's columns, then what a join gives; with the codec that the store writes them by.
    members: Vec<Member<'a>>,
    /// What is made of other members, and their places.
    derived: Vec<(usize, &'static Derived)>,
    /// Where a row has to say it: the spool holds other tables too, or a letter is put back there.
    table: Option<&'a str>,
}

struct Member<'a> {
    name: &'a str,
    /// `"name":`
    key: Vec<u8>,
    codec: Option<&'static str>,
}

impl<'a> Shape<'a> {
    /// `several`: the spool holds other tables too.
    pub fn new(profile: Option<&'static Profile>, table: &'a Table, members: &'a [String], several: bool) -> Self {
        let codecs = profile.map_or(&[][..], |profile| profile.fields.codecs);
        let codec = |member: &str| codecs.iter().find(|(column, _)| *column == fold(member)).map(|(_, codec)| *codec);
        let member = |name: &'a String| {
            let mut key = Vec::new();
            json::string(&mut key, name);
            key.push(b':');
            Member { name, key, codec: codec(name) }
        };
        let place = |derived: &Derived| {
            let column = table.column(derived.from);
            members.iter().position(|member| member == derived.from || Some(member.as_str()) == column)
        };
        let derived = profile.map_or(&[][..], |profile| profile.derived);
        let is_named = |profile: &Profile| profile.name == "esrs" || profile.dead_letters;
        Self {
            members: members.iter().map(member).collect(),
            derived: derived.iter().filter_map(|derived| Some((place(derived)?, derived))).collect(),
            table: (several || profile.is_some_and(is_named)).then_some(table.name.as_str()),
        }
    }

    /// Appends the record of the row whose values `cell` gives, by their place among the members.
    pub fn write<'v>(&self, record: &mut Vec<u8>, cell: &dyn Fn(usize) -> Option<Cell<'v>>) {
        record.push(b'{');
        let packed = self.members(record, cell);
        for &(from, derived) in &self.derived {
            let text = cell(from).and_then(Cell::as_text);
            if let Some(made) = text.and_then(|text| derived.cut.apply(text)) {
                json::key(record, derived.name);
                json::string(record, made);
            }
        }
        if let Some(table) = self.table {
            json::key(record, "$table");
            json::string(record, table);
        }
        if !packed.is_empty() {
            json::key(record, "$packed");
            record.push(b'{');
            for (member, packing) in packed {
                json::key(record, member);
                json::string(record, &packing);
            }
            record.push(b'}');
        }
        record.push(b'}');
    }

    /// Appends the values alone as an object, for those who compare rows and do not read events.
    pub fn object<'v>(&self, record: &mut Vec<u8>, cell: &dyn Fn(usize) -> Option<Cell<'v>>) {
        record.push(b'{');
        self.members(record, cell);
        record.push(b'}');
    }

    /// Gives those that were packed, and how.
    fn members<'v>(&self, record: &mut Vec<u8>, cell: &dyn Fn(usize) -> Option<Cell<'v>>) -> Vec<(&'a str, String)> {
        let mut packed = Vec::new();
        for (ix, &Member { name, ref key, codec }) in self.members.iter().enumerate() {
            let Some(value) = cell(ix) else { continue };
            json::next(record);
            record.extend_from_slice(key);
            let written = match codec {
                Some(codec) => cell::write_by(codec, record, name, value),
                None => cell::write(record, name, value),
            };
            if let Some(packing) = written {
                packed.push((name, packing));
            }
        }
        packed
    }
}
