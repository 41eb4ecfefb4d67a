//! Which tables are read, and the questions that give their rows.

use postgres::SimpleQueryRow;

use super::super::broker::place;
use super::super::stores::described::described;
use super::super::stores::guess;
use super::super::stores::profiles::{Profile, by_preference, of_table, partners};
use super::super::stores::record::Shape;
use super::super::stores::table::{Table, quoted};
use super::connect::{Connection, literal};
use super::gaps::MOST_GAPS;
use super::listen;
use super::pages::PAGE;
use super::schema::{Kind, Relation, relations};
use super::settings::{Listen, Settings};
use super::window::{self, conditions};
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::Mapping;

/// What is read of a database.
pub(super) struct Plan {
    pub profile: Option<&'static Profile>,
    pub parts: Vec<Part>,
    /// For people: `PostgreSQL, Message DB, table messages of 3`.
    pub description: String,
}

/// One table and how it is read.
pub(super) struct Part {
    pub relation: Relation,
    /// Names of the values.
    pub members: Vec<String>,
    pub kinds: Vec<Kind>,
    /// The place among them of the key by which pages are asked for.
    pub key_at: Option<usize>,
    /// What its rows are: `t`, and `j` where they are joined with something.
    from: String,
    /// The values of `members` as SQL.
    select: String,
    /// Conditions that hold for all of its rows.
    conditions: Vec<String>,
}

impl Plan {
    /// # Errors
    /// When there is nothing to read, or the address asks for what the tables cannot give.
    pub fn make(connection: &mut Connection, settings: &Settings) -> Result<Self> {
        let all = relations(connection, settings.schema.as_deref())?;
        let (profile, chosen) = choose(connection, settings, &all)?;
        let tables: Vec<&Table> = all.iter().map(|relation| &relation.table).collect();
        let read: Vec<&Table> = chosen.iter().map(|relation| &relation.table).collect();
        let description = described("PostgreSQL", profile, &read, &tables);
        let mut parts = Vec::new();
        for relation in chosen {
            let mut part = part(profile, relation, &all);
            let categories = match settings.window.category {
                Some(_) => window::has_category_function(connection, &part.relation),
                None => false,
            };
            part.conditions = conditions(&part.relation, profile, settings, categories)?;
            if let Some(newest) = settings.window.newest {
                part.only_newest(connection, newest, settings)?;
            }
            parts.push(part);
        }
        Ok(Self { profile, parts, description })
    }

    pub fn mapping(&self) -> Option<Mapping> {
        Some(self.profile?.mapping(&self.parts.first()?.relation.table))
    }

    /// The channel that is notified of new rows, if there is one.
    pub fn channel(&self, wanted: &Listen) -> Option<String> {
        match wanted {
            Listen::Off => None,
            Listen::Channel(name) => Some(name.clone()),
            Listen::AsKnown => listen::channel(self.profile?.name, &self.parts.first()?.relation),
        }
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
    for profile in by_preference() {
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
    let expression = |column: &String| relation.expression(column);
    let mut expressions: Vec<String> = relation.table.columns.iter().map(expression).collect();
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
    let key_at = relation.key.paged().and_then(|key| members.iter().position(|member| member == key));
    Part { relation, members, kinds, key_at, from, select: expressions.join(", "), conditions: Vec::new() }
}

impl Part {
    /// What its rows look like as records.
    pub fn shape(&self, profile: Option<&'static Profile>, several: bool) -> Shape<'_> {
        Shape::new(profile, &self.relation.table, &self.members, several)
    }

    /// The key of the last of these rows.
    pub fn last_key<'r>(&self, rows: &'r [SimpleQueryRow]) -> Option<&'r str> {
        rows.last()?.get(self.key_at?)
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
        let rows = self.asked(&format!("t.{rising} AS k"), &[]);
        let inner = format!("{rows} ORDER BY t.{rising} DESC LIMIT {newest}");
        if let Some(first) = connection.value(&format!("SELECT min(k)::text FROM ({inner}) AS n"))? {
            self.conditions.push(format!("t.{rising} >= {first}"));
        }
        Ok(())
    }

    /// Rows of the window for which more conditions hold.
    fn asked(&self, values: &str, more: &[String]) -> String {
        let conditions: Vec<&str> = self.conditions.iter().chain(more).map(String::as_str).collect();
        let filter = if conditions.is_empty() { "" } else { " WHERE " };
        format!("SELECT {values} FROM {}{filter}{}", self.from, conditions.join(" AND "))
    }

    /// All rows of the window, for an estimate.
    pub fn rows(&self) -> String {
        self.asked("1", &[])
    }

    /// The rows after this key, in its order.
    pub fn page(&self, key: &str, after: Option<&str>, rows: usize) -> String {
        let column = quoted(key);
        let more: Vec<String> =
            after.map(|after| format!("t.{column} > {}", self.key_literal(key, after))).into_iter().collect();
        format!("{} ORDER BY t.{column} LIMIT {rows}", self.asked(&self.select, &more))
    }

    /// All rows, for a cursor: in the order in which they came, as far as a column tells.
    pub fn all(&self) -> String {
        let key = &self.relation.key;
        let by: Vec<String> =
            key.rising.iter().chain(&key.columns).map(|column| format!("t.{}", quoted(column))).collect();
        let order = if by.is_empty() { String::new() } else { format!(" ORDER BY {}", by.join(", ")) };
        format!("{}{order}", self.asked(&self.select, &[]))
    }

    /// Only rows up to this number: what comes later is looked for later.
    pub fn no_further_than(&mut self, rising: &str, number: i64) {
        self.conditions.push(format!("t.{} <= {number}", quoted(rising)));
    }

    /// Takes back what [`Part::no_further_than`] added.
    pub fn further(&mut self) {
        self.conditions.pop();
    }

    /// Rows of the window whose numbers are in one of these stretches, both ends included.
    pub fn within(&self, rising: &str, stretches: &[(i64, i64)]) -> String {
        format!("{} ORDER BY t.{}", self.asked(&self.select, &[in_stretches(rising, stretches)]), quoted(rising))
    }

    /// Numbers of these stretches that there are, whether or not the window has their rows.
    pub fn numbers_within(&self, rising: &str, stretches: &[(i64, i64)]) -> String {
        let (column, of_table) = (quoted(rising), self.relation.quoted());
        format!("SELECT t.{column}::text FROM {of_table} AS t WHERE {}", in_stretches(rising, stretches))
    }

    /// The next numbers there are, whether or not the window has their rows.
    pub fn numbers_after(&self, rising: &str, after: i64) -> String {
        let (column, of_table) = (quoted(rising), self.relation.quoted());
        let values = format!("SELECT t.{column}::text FROM {of_table} AS t");
        format!("{values} WHERE t.{column} > {after} ORDER BY t.{column} LIMIT {PAGE}")
    }

    /// The highest number, with nothing beside it, and the stretches that are missing below it, the last ones first.
    /// One question, so that all of it is of one moment.
    pub fn numbers(&self, rising: &str) -> String {
        let (column, of_table) = (quoted(rising), self.relation.quoted());
        format!(
            "SELECT CASE WHEN g.above IS NULL THEN g.k ELSE g.k + 1 END, g.above - 1 \
             FROM (SELECT n.k, lead(n.k) OVER (ORDER BY n.k) AS above \
                   FROM (SELECT t.{column}::bigint AS k FROM {of_table} AS t ORDER BY t.{column} DESC LIMIT {LOOK_BACK}) \
                   AS n) AS g \
             WHERE g.above IS NULL OR g.above > g.k + 1 ORDER BY g.k DESC LIMIT {}",
            MOST_GAPS + 2
        )
    }

    /// Rows that are not in the window have numbers too.
    pub fn is_filtered(&self) -> bool {
        !self.conditions.is_empty()
    }

    fn key_literal(&self, key: &str, value: &str) -> String {
        if self.relation.kind(key) == Some(Kind::Integer) { value.to_owned() } else { literal(value) }
    }
}

/// Numbers back from the highest among which gaps are looked for when following begins.
const LOOK_BACK: usize = 100_000;

fn in_stretches(rising: &str, stretches: &[(i64, i64)]) -> String {
    let column = quoted(rising);
    let each = stretches.iter().map(|(first, last)| format!("t.{column} BETWEEN {first} AND {last}"));
    format!("({})", each.collect::<Vec<_>>().join(" OR "))
}
