//! Which tables a database has and which columns they have. Views and virtual tables are not looked at:
//! reading them would run what somebody wrote into the file.

use rusqlite::Connection;

use super::super::stores::table::{Table, quoted};

/// Most tables that are looked at.
const MAX_TABLES: i64 = 2_000;

/// In the order of their names.
pub(super) fn tables(conn: &Connection) -> rusqlite::Result<Vec<Table>> {
    let mut statement = conn.prepare(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
         AND sql NOT LIKE 'create virtual%' ORDER BY name LIMIT ?1",
    )?;
    let names = statement.query_map([MAX_TABLES], |row| row.get::<_, String>(0))?;
    let mut tables = Vec::new();
    for name in names {
        let name = name?;
        let columns = columns(conn, &name)?;
        let rowid = ["rowid", "_rowid_", "oid"].into_iter().find(|word| {
            !columns.iter().any(|column| column.eq_ignore_ascii_case(word))
                && conn.prepare(&format!("SELECT {word} FROM {}", quoted(&name))).is_ok()
        });
        tables.push(Table { name, columns, rowid });
    }
    Ok(tables)
}

fn columns(conn: &Connection, table: &str) -> rusqlite::Result<Vec<String>> {
    // 1 is a column of a virtual table that is not shown; generated ones are shown.
    let mut statement = conn.prepare_cached("SELECT name FROM pragma_table_xinfo(?1) WHERE hidden <> 1")?;
    statement.query_map([table], |row| row.get(0))?.collect()
}
