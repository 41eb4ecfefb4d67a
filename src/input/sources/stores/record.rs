//! A row as one line of JSON under its columns' own names, with what a store's profile adds.

use super::cell::{self, Cell};
use super::profiles::Profile;
use super::table::{Table, fold};
use crate::base::json;

/// What the rows of a table look like.
pub(in super::super) struct Shape<'a> {
    pub profile: Option<&'static Profile>,
    pub table: &'a Table,
    /// Names of the values: the table's columns, then what a join gives.
    pub members: &'a [String],
    /// The spool holds other tables too.
    pub several: bool,
}

impl Shape<'_> {
    /// Appends the line of the row whose values `cell` gives, by their place among the members.
    pub fn write<'v>(&self, record: &mut Vec<u8>, cell: &dyn Fn(usize) -> Option<Cell<'v>>) {
        record.push(b'{');
        let packed = self.members(record, cell);
        if let Some(profile) = self.profile {
            for derived in profile.derived {
                let from = self.members.iter().position(|member| {
                    member == derived.from || Some(member.as_str()) == self.table.column(derived.from)
                });
                let text = from.and_then(|ix| cell(ix)?.as_text());
                if let Some(made) = text.and_then(|text| derived.cut.apply(text)) {
                    json::key(record, derived.name);
                    json::string(record, made);
                }
            }
        }
        // Letters are put back in their table.
        let is_named = |profile: &Profile| profile.name == "esrs" || profile.dead_letters;
        if self.several || self.profile.is_some_and(is_named) {
            json::key(record, "$table");
            json::string(record, &self.table.name);
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
        record.extend_from_slice(b"}\n");
    }

    /// Appends the values alone as an object, for those who compare rows and do not read events.
    pub fn object<'v>(&self, record: &mut Vec<u8>, cell: &dyn Fn(usize) -> Option<Cell<'v>>) {
        record.push(b'{');
        self.members(record, cell);
        record.push(b'}');
    }

    /// Gives those that were packed, and how.
    fn members<'v>(&self, record: &mut Vec<u8>, cell: &dyn Fn(usize) -> Option<Cell<'v>>) -> Vec<(&String, String)> {
        let mut packed = Vec::new();
        for (ix, member) in self.members.iter().enumerate() {
            let Some(value) = cell(ix) else { continue };
            json::key(record, member);
            let codecs = self.profile.map_or(&[][..], |profile| profile.fields.codecs);
            let codec = codecs.iter().find(|(column, _)| *column == fold(member)).map(|(_, codec)| *codec);
            let written = match codec {
                Some(codec) => cell::write_by(codec, record, member, value),
                None => cell::write(record, member, value),
            };
            if let Some(packing) = written {
                packed.push((member, packing));
            }
        }
        packed
    }
}
