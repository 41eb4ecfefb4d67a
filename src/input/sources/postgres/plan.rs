//! Which tables are read, and the questions that give their rows.

use super::super::broker::place;
use super::super::stores::guess;
use super::super::stores::profiles::{PROFILES, Profile, of_table, partners};
use super::super::stores::record::Shape;
use super::super::stores::table::{Table, quoted};
use super::connect::{Connection, literal};
use super::schema::{Kind, Relation, relations};
use super::settings::Settings;
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::{Mapping, Template, TimeUnit};
use crate::model::time::TimeNs;

/// What is read of a database.
pub(super) struct Plan {
    pub profile: Option<&'static Profile>,
    pub parts: Vec<Part>,
    /// Tables there are.
    tables: usize,
}

/// One table and how it is read.
pub(super) struct Part {
    pub relation: Relation,
    /// Names of the values after the first, which is the key's.
    pub members: Vec<String>,
    pub kinds: Vec<Kind>,
    /// `SELECT … FROM …`, without conditions.
    select: String,
    /// Conditions that hold for all of its rows.
    conditions: Vec<String>,
}

/// Rows of one page.
pub(super) const PAGE: usize = 2_000;

impl Plan {
    /// # Errors
    /// When there is nothing to read, or the address asks for what the tables cannot give.
    pub fn make(connection: &mut Connection, settings: &Settings) -> Result<Self> {
        let all = relations(connection, settings.schema.as_deref())?;
        let (profile, chosen) = choose(connection, settings, &all)?;
        let mut parts = Vec::new();
        for relation in chosen {
            let mut part = part(profile, relation, &all);
            part.conditions = conditions(&part.relation, profile, settings)?;
            if let Some(newest) = settings.window.newest {
                part.only_newest(connection, newest, settings)?;
            }
            parts.push(part);
        }
        Ok(Self { profile, parts, tables: all.len() })
    }

    pub fn mapping(&self) -> Option<Mapping> {
        Some(self.profile?.mapping(&self.parts.first()?.relation.table))
    }

    /// For people: `PostgreSQL, Message DB, table messages of 3`.
    pub fn describe(&self) -> String {
        let names: Vec<&str> = self.parts.iter().map(|part| part.relation.table.name.as_str()).collect();
        let profile = self.profile.map_or(String::new(), |profile| format!("{}, ", profile.name));
        let word = if names.len() == 1 { "table" } else { "tables" };
        format!("PostgreSQL, {profile}{word} {} of {}", names.join(" and "), self.tables)
    }
}

fn choose(
    connection: &mut Connection,
    settings: &Settings,
    all: &[Relation],
) -> Result<(Option<&'static Profile>, Vec<Relation>)> {
    let listed = || listed(all);
    if let Some(name) = &settings.table {
        let place = || Place::Table { database: settings.url.to_string(), table: name.clone(), row: None };
        let named: Vec<&Relation> = all.iter().filter(|relation| relation.table.name == *name).collect();
        let [relation] = named.as_slice() else {
            let schemas: Vec<&str> = named.iter().map(|relation| relation.schema.as_str()).collect();
            return Err(match schemas.as_slice() {
                [] => Error::new("No such table", place(), listed()),
                _ => Error::new(
                    "Several schemas have this table",
                    place(),
                    format!("Add schema=: {}", schemas.join(", ")),
                ),
            });
        };
        return Ok((of_table(&relation.table), vec![(*relation).clone()]));
    }
    for profile in PROFILES {
        let fitting: Vec<Relation> = all.iter().filter(|relation| profile.fits(&relation.table)).cloned().collect();
        if !fitting.is_empty() {
            return Ok((Some(profile), fitting));
        }
    }
    let mut scored = guess::ranked(all.iter().map(|relation| &relation.table)).into_iter();
    let with_rows = scored.find_map(|at| {
        let relation = all.get(at)?;
        let asked = format!("SELECT 1 FROM {} LIMIT 1", relation.quoted());
        connection.value(&asked).ok().flatten().map(|_| relation.clone())
    });
    match with_rows {
        Some(relation) => Ok((None, vec![relation])),
        None => {
            let next_step = if all.is_empty() {
                "No table may be seen: check the database and schema=".to_owned()
            } else {
                listed()
            };
            Err(Error::new("No table looks like events", place(&settings.url), next_step).for_no_events())
        }
    }
}

/// Most tables named in a message.
const LISTED: usize = 12;

fn listed(all: &[Relation]) -> String {
    let names: Vec<&str> = all.iter().take(LISTED).map(|relation| relation.table.name.as_str()).collect();
    let more = if all.len() > LISTED { ", …" } else { "" };
    format!("Name one with table=NAME: {}{more}", names.join(", "))
}

fn part(profile: Option<&'static Profile>, relation: Relation, all: &[Relation]) -> Part {
    // What belongs together stands in one schema.
    let beside = all.iter().filter(|other| other.schema == relation.schema);
    let tables: Vec<Table> = beside.map(|other| other.table.clone()).collect();
    let mut expressions = vec![match relation.key.paged() {
        Some(column) => format!("t.{}::text", quoted(column)),
        None => "NULL".to_owned(),
    }];
    expressions.extend(relation.table.columns.iter().map(|column| relation.expression(column)));
    let (mut members, mut kinds) = (relation.table.columns.clone(), relation.kinds.clone());
    let mut from = format!("{} AS t", relation.quoted());
    let join = profile.and_then(|profile| profile.join);
    if let Some(join) = join
        && let Some(partners) = partners(join, &tables)
        && let Some(on) = relation.table.column(join.on)
    {
        let name = |table: &Table| format!("{}.{}", quoted(&relation.schema), quoted(&table.name));
        expressions.extend(join.members.iter().map(|member| format!("j.{}", quoted(member))));
        members.extend(join.members.iter().map(|member| (*member).to_owned()));
        kinds.extend(join.members.iter().map(|_| Kind::Text));
        from = format!("{from} LEFT JOIN ({}) AS j ON j.k = t.{}", (join.subquery)(&partners, &name), quoted(on));
    }
    let select = format!("SELECT {} FROM {from}", expressions.join(", "));
    Part { relation, members, kinds, select, conditions: Vec::new() }
}

/// The window as conditions of SQL.
fn conditions(relation: &Relation, profile: Option<&'static Profile>, settings: &Settings) -> Result<Vec<String>> {
    let window = &settings.window;
    let mapping = profile.map(|profile| profile.mapping(&relation.table));
    let mut conditions = Vec::new();
    let missing = |option: &str, what: &str| {
        let place = Place::Table { database: settings.url.to_string(), table: relation.table.name.clone(), row: None };
        Error::new(
            format!("{option} needs a column with {what}, and none is known"),
            place,
            "Leave it out, and filter in the window",
        )
    };
    let column = |template: Option<&Template>| {
        let name = template?.0.strip_prefix('/')?.replace("~1", "/").replace("~0", "~");
        relation.table.columns.iter().find(|column| **column == name).cloned()
    };
    if let Some(stream) = &window.stream {
        let mut entities = mapping.iter().flat_map(|mapping| &mapping.entities).filter(|entity| entity.stream);
        let plain = entities.find_map(|entity| column(first_pointer(&entity.id).as_ref()));
        let guessed = || relation.table.columns.iter().find(|name| guess::is_stream(name)).cloned();
        let found = plain.or_else(guessed).ok_or_else(|| missing("stream=", "streams"))?;
        conditions.push(is_stream(relation, &found, stream));
    }
    if let Some(type_name) = &window.type_name {
        let known = mapping.as_ref().and_then(|mapping| column(mapping.type_name.first()));
        let guessed = || relation.table.columns.iter().find(|name| guess::is_type(name)).cloned();
        let found = known.or_else(guessed).ok_or_else(|| missing("type=", "types"))?;
        conditions.push(format!("t.{}::text = {}", quoted(&found), literal(type_name)));
    }
    for (bound, sign) in [(window.from, ">="), (window.to, "<")] {
        let Some(at) = bound else { continue };
        let option = if sign == ">=" { "from=" } else { "to=" };
        let mut times = mapping.iter().flat_map(|mapping| &mapping.time);
        let known = times.find_map(|time| Some((column(Some(&time.field))?, time.unit)));
        let is_time = |name: &&String| relation.kind(name) == Some(Kind::Time);
        let guessed = || Some((relation.table.columns.iter().find(is_time)?.clone(), TimeUnit::Auto));
        let (found, unit) = known.or_else(guessed).ok_or_else(|| missing(option, "times"))?;
        let value =
            time_literal(at, relation.kind(&found), unit).ok_or_else(|| missing(option, "times in a known unit"))?;
        conditions.push(format!("t.{} {sign} {value}", quoted(&found)));
    }
    for (bound, sign) in [(window.after, ">"), (window.until, "<=")] {
        let Some(at) = bound else { continue };
        let option = if sign == ">" { "after=" } else { "until=" };
        let rising = relation.key.rising.as_ref().ok_or_else(|| missing(option, "global positions"))?;
        conditions.push(format!("t.{} {sign} {at}", quoted(rising)));
    }
    Ok(conditions)
}

/// So that an index over the column serves: a cast of the column hides a number or an id from it. As texts where the
/// server would refuse the text as a value of the column.
fn is_stream(relation: &Relation, column: &str, stream: &str) -> String {
    let dashes = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    let is_id = stream.len() == 36
        && stream.bytes().enumerate().all(|(at, byte)| match byte {
            b'-' => dashes(at),
            byte => byte.is_ascii_hexdigit() && !dashes(at),
        });
    let plain = match relation.kind(column) {
        Some(Kind::Integer) => stream.parse::<i64>().is_ok(),
        Some(Kind::Text) => is_id,
        _ => false,
    };
    let cast = if plain { "" } else { "::text" };
    format!("t.{}{cast} = {}", quoted(column), literal(stream))
}

/// `{/stream_name|before:-}` → `/stream_name`
fn first_pointer(template: &Template) -> Option<Template> {
    let from = template.0.find('/')?;
    let rest = template.0.get(from..)?;
    let end = rest.find(['|', '}']).unwrap_or(rest.len());
    rest.get(..end).map(Template::from)
}

fn time_literal(at: TimeNs, kind: Option<Kind>, unit: TimeUnit) -> Option<String> {
    let seconds = at.0.div_euclid(1_000_000_000);
    let micros = at.0.rem_euclid(1_000_000_000) / 1_000;
    match (kind, unit) {
        (Some(Kind::Time), _) => {
            Some(format!("(to_timestamp({seconds}) + interval '{micros} microseconds') AT TIME ZONE 'UTC'"))
        }
        (Some(Kind::Integer | Kind::Number), TimeUnit::Seconds) => Some(format!("{seconds}")),
        (Some(Kind::Integer | Kind::Number), TimeUnit::Millis) => Some(format!("{}", at.0.div_euclid(1_000_000))),
        (Some(Kind::Integer | Kind::Number), TimeUnit::Micros) => Some(format!("{}", at.0.div_euclid(1_000))),
        (Some(Kind::Integer | Kind::Number), TimeUnit::Nanos) => Some(format!("{}", at.0)),
        _ => None,
    }
}

impl Part {
    /// What its rows look like as records.
    pub fn shape(&self, profile: Option<&'static Profile>, several: bool) -> Shape<'_> {
        Shape { profile, table: &self.relation.table, members: &self.members, several }
    }

    /// Only the last rows: from the key where they begin.
    fn only_newest(&mut self, connection: &mut Connection, newest: u64, settings: &Settings) -> Result<()> {
        let Some(rising) = self.relation.key.rising.clone() else {
            let name = self.relation.table.name.clone();
            let place = Place::Table { database: settings.url.to_string(), table: name, row: None };
            let next_step = "Read from a time on (from=), or all of it";
            return Err(Error::new("newest= needs a column that counts rows up, and there is none", place, next_step));
        };
        let rising = quoted(&rising);
        let inner = format!(
            "SELECT t.{rising} AS k FROM {} AS t{} ORDER BY t.{rising} DESC LIMIT {newest}",
            self.relation.quoted(),
            filter(&self.conditions)
        );
        if let Some(first) = connection.value(&format!("SELECT min(k)::text FROM ({inner}) AS n"))? {
            self.conditions.push(format!("t.{rising} >= {first}"));
        }
        Ok(())
    }

    /// How many rows there are to read.
    pub fn count(&self) -> String {
        format!("SELECT count(*)::text FROM {} AS t{}", self.relation.quoted(), filter(&self.conditions))
    }

    /// The rows after this key, in its order.
    pub fn page(&self, key: &str, after: Option<&str>) -> String {
        let mut conditions = self.conditions.clone();
        let column = quoted(key);
        conditions.extend(after.map(|after| format!("t.{column} > {}", self.key_literal(key, after))));
        format!("{}{} ORDER BY t.{column} LIMIT {PAGE}", self.select, filter(&conditions))
    }

    /// All rows, for a cursor: in the order in which they came, as far as a column tells.
    pub fn all(&self) -> String {
        let key = &self.relation.key;
        let by: Vec<String> =
            key.rising.iter().chain(&key.columns).map(|column| format!("t.{}", quoted(column))).collect();
        let order = if by.is_empty() { String::new() } else { format!(" ORDER BY {}", by.join(", ")) };
        format!("{}{}{order}", self.select, filter(&self.conditions))
    }

    /// Rows whose numbers are in one of these stretches, both ends included.
    pub fn within(&self, rising: &str, stretches: &[(i64, i64)]) -> String {
        let mut conditions = self.conditions.clone();
        let column = quoted(rising);
        let each = stretches.iter().map(|(first, last)| format!("t.{column} BETWEEN {first} AND {last}"));
        conditions.push(format!("({})", each.collect::<Vec<_>>().join(" OR ")));
        format!("{}{} ORDER BY t.{column}", self.select, filter(&conditions))
    }

    pub fn last(&self, rising: &str) -> String {
        format!("SELECT max({})::text FROM {}", quoted(rising), self.relation.quoted())
    }

    fn key_literal(&self, key: &str, value: &str) -> String {
        if self.relation.kind(key) == Some(Kind::Integer) { value.to_owned() } else { literal(value) }
    }
}

fn filter(conditions: &[String]) -> String {
    if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) }
}

#[cfg(test)]
mod tests {
    use super::super::schema::Key;
    use super::*;

    #[test]
    fn streams_are_asked_for_so_that_an_index_serves() {
        let columns = ["id", "number", "data"].map(str::to_owned).to_vec();
        let relation = Relation {
            schema: "public".to_owned(),
            table: Table { name: "events".to_owned(), columns, rowid: None },
            kinds: vec![Kind::Text, Kind::Integer, Kind::Json],
            key: Key::default(),
            rows: None,
        };
        let id = "6ba7b810-9dad-11d1-80b4-00c04fd430c8";
        for (column, stream, expected) in [
            ("id", id, format!("t.\"id\" = '{id}'")),
            ("id", "account-7", "t.\"id\"::text = 'account-7'".to_owned()),
            ("id", "6ba7b8109-dad-11d1-80b4-00c04fd430c8", {
                "t.\"id\"::text = '6ba7b8109-dad-11d1-80b4-00c04fd430c8'".to_owned()
            }),
            ("number", "7", "t.\"number\" = '7'".to_owned()),
            ("number", "x' OR 1=1", "t.\"number\"::text = 'x'' OR 1=1'".to_owned()),
            ("data", id, format!("t.\"data\"::text = '{id}'")),
        ] {
            assert_eq!(is_stream(&relation, column, stream), expected);
        }
    }
}
