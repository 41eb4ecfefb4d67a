//! What a database holds, and a connection tried step by step.

use std::net::{TcpStream, ToSocketAddrs};

use super::super::broker::url::host_and_port;
use super::super::broker::{Overview, PlaceInfo, Step, Url, place};
use super::super::stores::guess;
use super::super::stores::profiles::of_table;
use super::connect::{Connection, connect};
use super::schema::{Relation, relations};
use super::settings::{PATIENCE, Settings};
use crate::base::cancel::Cancel;
use crate::base::text::plural;
use crate::model::error::{Error, Result};

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

/// Name, connection, encryption and login, tables. Stops at the first that fails.
pub(super) fn test(url: &Url, cancel: &Cancel) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |name: &'static str, result: Result<String>| {
        let passed = result.is_ok();
        steps.push(Step { name, result });
        passed && !cancel.is_cancelled()
    };
    let settings = match Settings::read(url) {
        Ok(settings) => settings,
        Err(error) => return vec![Step { name: "settings", result: Err(error) }],
    };
    let host = url.hosts.first().map_or("", String::as_str);
    let (name, port) = host_and_port(host);
    let address = (name.trim_start_matches('[').trim_end_matches(']'), port.unwrap_or(5432)).to_socket_addrs();
    let address = address.map(|mut found| found.next());
    let unknown =
        || Error::new("The host's name is not known", place(url), "Check its spelling, the network and the VPN");
    let found = match address {
        Ok(Some(address)) => address,
        Ok(None) => return vec![Step { name: "name", result: Err(unknown()) }],
        Err(cause) => return vec![Step { name: "name", result: Err(unknown().because(cause)) }],
    };
    if !add("name", Ok(found.to_string())) {
        return steps;
    }
    let accepted = TcpStream::connect_timeout(&found, PATIENCE).map(|_| "accepted".to_owned()).map_err(|cause| {
        Error::new("The server accepts no connection", place(url), "Check that it runs, its port and firewalls")
            .because(cause)
    });
    if !add("connection", accepted) {
        return steps;
    }
    let mut connection = match connect(&settings) {
        Ok(connection) => connection,
        Err(error) => {
            add("login", Err(error));
            return steps;
        }
    };
    let user = url.user.as_deref().unwrap_or("postgres");
    if !add("login", version(&mut connection).map(|version| format!("as {user}, PostgreSQL {version}"))) {
        return steps;
    }
    let tables = relations(&mut connection, settings.schema.as_deref());
    add("metadata", tables.map(|tables| plural(tables.len() as u64, "table", "tables")));
    steps
}
