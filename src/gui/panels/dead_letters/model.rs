//! The list as rows: groups, and the letters of those that are unfolded. Rows are found by their number,
//! so that a million letters cost what is in sight.

use std::collections::BTreeSet;

use crate::analysis::dead_letters::{Entry, Evidence, Found, Group};
use crate::base::text::{count, plural};
use crate::gui::panels::parts::preview::{named, one_line};
use crate::model::ids::EventIx;
use crate::model::time::TimeNs;
use crate::store::snapshot::Snapshot;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Row {
    /// Place in the groups.
    Group(usize),
    /// Group, and place among its letters.
    Letter(usize, usize),
}

/// Which rows there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// For each group the row of its heading, and whether its letters follow.
    heads: Vec<(u64, bool)>,
    rows: u64,
}

impl List {
    /// `open` and `hidden` hold fingerprints.
    #[must_use]
    pub fn of(groups: &[Group], open: &BTreeSet<String>, hidden: &BTreeSet<String>) -> Self {
        let mut list = Self::default();
        for group in groups {
            let is_open = open.contains(&group.fingerprint.id);
            list.heads.push((list.rows, is_open));
            if hidden.contains(&group.fingerprint.id) {
                continue;
            }
            list.rows += 1 + if is_open { group.entries.len() as u64 } else { 0 };
        }
        list
    }

    #[must_use]
    pub fn len(&self) -> u64 {
        self.rows
    }

    #[must_use]
    pub fn get(&self, row: u64) -> Option<Row> {
        let group = self.heads.partition_point(|(head, _)| *head <= row).checked_sub(1)?;
        let (head, _) = self.heads.get(group)?;
        match row - head {
            _ if row >= self.rows => None,
            0 => Some(Row::Group(group)),
            n => Some(Row::Letter(group, usize::try_from(n).ok()? - 1)),
        }
    }

    #[must_use]
    pub fn is_open(&self, group: usize) -> bool {
        self.heads.get(group).is_some_and(|(_, open)| *open)
    }
}

/// A group's line.
#[derive(Clone, Debug, PartialEq)]
pub struct GroupLine {
    pub count: String,
    /// The class without its package, empty where there is none.
    pub class: String,
    pub message: String,
    pub origins: String,
    pub last: Option<TimeNs>,
    pub open: bool,
    /// All there is to know, for hovering and for screen readers.
    pub whole: String,
}

#[must_use]
pub fn group_line(group: &Group, open: bool) -> GroupLine {
    let print = &group.fingerprint;
    let renamed = group.cause != print.cause();
    let class = if renamed { "" } else { print.class.as_deref().map_or("", short_class) };
    let message = if renamed { &group.cause } else { &print.shape };
    let letters = plural(group.count, "letter", "letters");
    GroupLine {
        count: count(group.count),
        class: one_line(class, 80),
        message: one_line(message, 300),
        origins: origins(group),
        last: group.last,
        open,
        whole: one_line(&format!("{letters}: {}", group.cause), 400),
    }
}

/// `orders`, `orders and 2 more`, `unknown`.
fn origins(group: &Group) -> String {
    let first = group.origins.first().map_or("", |(name, _)| name.as_str());
    let first = if first.is_empty() { "unknown origin".to_owned() } else { one_line(first, 80) };
    match group.origins.len() {
        0 | 1 => first,
        n => format!("{first} and {} more", n - 1),
    }
}

/// `java.lang.IllegalStateException` → `IllegalStateException`
#[must_use]
pub fn short_class(class: &str) -> &str {
    class.rsplit(['.', '/']).next().filter(|name| !name.is_empty()).unwrap_or(class)
}

/// A letter's line.
#[derive(Clone, Debug, PartialEq)]
pub struct LetterLine {
    pub event: EventIx,
    pub at: Option<TimeNs>,
    pub type_name: String,
    pub entity: String,
    pub origin: String,
    /// Only the name of its topic or queue tells.
    pub by_name: bool,
}

#[must_use]
pub fn letter_line(snapshot: &Snapshot, found: &Found, entry: &Entry) -> LetterLine {
    let entity = entry.entities.first().and_then(|&entity| snapshot.entity_label(entity));
    let origin = found.words.get(entry.origin as usize).map_or("", String::as_str);
    LetterLine {
        event: entry.event,
        at: entry.at,
        type_name: named(&one_line(snapshot.type_name(snapshot.type_ix(entry.event)), 80)),
        entity: entity.map_or_else(String::new, |label| one_line(&label, 120)),
        origin: one_line(origin, 80),
        by_name: entry.evidence == Evidence::Name,
    }
}

/// What was looked at, and what is not among the letters.
#[must_use]
pub fn coverage(found: &Found, groups: usize) -> Vec<String> {
    let letters = plural(found.entries.len() as u64, "letter", "letters");
    let mut parts = vec![
        format!("{letters} in {}", plural(groups as u64, "group", "groups")),
        format!("looked at {} of {}", count(found.looked), plural(found.of, "record", "records")),
    ];
    let by_name = found.entries.iter().filter(|entry| entry.evidence == Evidence::Name).count() as u64;
    for (n, what) in
        [(by_name, "known by name alone"), (found.retrying, "being tried again"), (found.put_back, "put back")]
    {
        if n > 0 {
            parts.push(format!("{} {what}", count(n)));
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::dead_letters::Fingerprint;

    fn group(id: &str, letters: u32) -> Group {
        let fingerprint = Fingerprint { id: id.to_owned(), ..Fingerprint::default() };
        Group { fingerprint, count: u64::from(letters), entries: (0..letters).collect(), ..Group::default() }
    }

    #[test]
    fn rows_are_headings_and_the_letters_of_open_groups() {
        let groups = [group("a", 2), group("b", 3), group("c", 1)];
        let list = List::of(&groups, &BTreeSet::from(["b".to_owned()]), &BTreeSet::new());
        let rows: Vec<Row> = (0..list.len()).filter_map(|row| list.get(row)).collect();
        let expected =
            [Row::Group(0), Row::Group(1), Row::Letter(1, 0), Row::Letter(1, 1), Row::Letter(1, 2), Row::Group(2)];
        assert_eq!(rows, expected);
        assert_eq!((list.get(6), list.is_open(0), list.is_open(1)), (None, false, true));
        assert_eq!(List::default().get(0), None);
        let hidden = List::of(&groups, &BTreeSet::from(["b".to_owned()]), &BTreeSet::from(["b".to_owned()]));
        let rows: Vec<Row> = (0..hidden.len()).filter_map(|row| hidden.get(row)).collect();
        assert_eq!(rows, [Row::Group(0), Row::Group(2)]);
    }

    #[test]
    fn a_name_in_place_of_the_cause_stands_alone() {
        let mut group = group("a", 1);
        group.fingerprint.class = Some("java.lang.IllegalStateException".to_owned());
        group.fingerprint.shape = "no <id>".to_owned();
        group.cause = group.fingerprint.cause();
        group.origins = vec![("orders".to_owned(), 2), (String::new(), 1)];
        let line = group_line(&group, false);
        assert_eq!((line.class.as_str(), line.message.as_str()), ("IllegalStateException", "no <id>"));
        assert_eq!(line.origins, "orders and 1 more");
        group.cause = "address missing".to_owned();
        let line = group_line(&group, false);
        assert_eq!((line.class.as_str(), line.message.as_str()), ("", "address missing"));
    }
}
