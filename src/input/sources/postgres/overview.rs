//! What a database holds, and a connection tried step by step.

use super::super::broker::steps::{self, Steps};
use super::super::broker::{Overview, PlaceInfo, Step, Url};
use super::super::stores::guess;
use super::super::stores::profiles::of_table;
use super::connect::{Connection, connect};
use super::schema::{Relation, relations};
use super::settings::Settings;
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::model::error::Result;

pub(super) fn overview(url: &Url) -> Result<Overview> {
    let settings = Settings::read(url)?;
    let mut connection = connect(&settings)?;
    let system = format!("PostgreSQL {}", version(&mut connection)?);
    let all = relations(&mut connection, settings.schema.as_deref())?;
    let mut notes = Vec::new();
    let sizes = sizes(&mut connection).unwrap_or_else(|error| {
        notes.push(format!("Sizes of tables are not told: {}", error.details));
        Vec::new()
    });
    let likely = guess::ranked(all.iter().map(|relation| &relation.table));
    let place_of = |(at, relation): (usize, &Relation)| {
        let profile = of_table(&relation.table);
        let bytes = sizes.iter().find(|(schema, name, _)| *schema == relation.schema && *name == relation.table.name);
        PlaceInfo {
            name: relation.table.name.clone(),
            url: address(url, relation),
            messages: relation.rows,
            bytes: bytes.map(|(_, _, bytes)| *bytes),
            keeps: match profile {
                Some(profile) => profile.name.to_owned(),
                None if likely.contains(&at) => "looks like events".to_owned(),
                None => String::new(),
            },
            dead_letters: profile.is_some_and(|profile| profile.dead_letters),
            internal: profile.is_none() && !likely.contains(&at),
            ..PlaceInfo::default()
        }
    };
    Ok(Overview { system, places: all.iter().enumerate().map(place_of).collect(), notes })
}

fn version(connection: &mut Connection) -> Result<String> {
    let text = connection.value("SELECT current_setting('server_version')")?.unwrap_or_default();
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

/// Schema, table, bytes with indexes; partitions count for their parent.
fn sizes(connection: &mut Connection) -> Result<Vec<(String, String, u64)>> {
    let rows = connection.rows(
        "SELECT n.nspname, p.relname, sum(pg_total_relation_size(c.oid))::bigint \
         FROM pg_catalog.pg_class c \
         LEFT JOIN pg_catalog.pg_inherits i ON i.inhrelid = c.oid AND c.relispartition \
         JOIN pg_catalog.pg_class p ON p.oid = coalesce(i.inhparent, c.oid) \
         JOIN pg_catalog.pg_namespace n ON n.oid = p.relnamespace \
         WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema') GROUP BY 1, 2",
    )?;
    let read = |at: usize, row: &postgres::SimpleQueryRow| row.get(at).unwrap_or_default().to_owned();
    Ok(rows.iter().map(|row| (read(0, row), read(1, row), read(2, row).parse().unwrap_or(0))).collect())
}

/// The address of one table, with the way there.
fn address(url: &Url, relation: &Relation) -> String {
    let mut of_table = url.clone();
    of_table.password = None;
    of_table.query.retain(|(name, _)| name.starts_with("ssl") || name == "timeout");
    of_table.query.push(("schema".to_owned(), relation.schema.clone()));
    of_table.query.push(("table".to_owned(), relation.table.name.clone()));
    of_table.to_string()
}

/// Name, connection, login with encryption, tables. Stops at the first that fails.
pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    let settings = match Settings::read(url) {
        Ok(settings) => settings,
        Err(error) => return vec![Step { name: "settings", result: Err(error) }],
    };
    let mut steps = Steps::default();
    if steps.reach(url, &settings.hosts(), "PostgreSQL", cancel).is_none() {
        return steps.done();
    }
    let user = url.user.clone().unwrap_or_else(|| "postgres".to_owned());
    let told = steps::unless_cancelled(url, cancel, move || {
        let mut connection = connect(&settings)?;
        let login = format!("as {user}, PostgreSQL {}", version(&mut connection)?);
        Ok((login, relations(&mut connection, settings.schema.as_deref())))
    });
    if let Some(tables) = steps.add("login", told.and_then(|told| told).map(|(login, tables)| (tables, login))) {
        steps.told("metadata", tables.map(|tables| plural(tables.len() as u64, "table", "tables")));
    }
    steps.done()
}
