//! Which tables a database has and which columns they have. Views and virtual tables are not looked at:
//! reading them would run what somebody wrote into the file.

use rusqlite::Connection;

/// A table that can be read row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    pub name: String,
    pub columns: Vec<String>,
    /// The word under which SQLite gives the row's number; none in tables without one.
    pub rowid: Option<&'static str>,
}

impl Table {
    /// The column whose name is this when case and underscores are left out.
    pub(super) fn column(&self, folded: &str) -> Option<&str> {
        self.columns.iter().map(String::as_str).find(|column| fold(column) == folded)
    }

    pub(super) fn has_all(&self, folded: &[&str]) -> bool {
        folded.iter().all(|name| self.column(name).is_some())
    }
}

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

/// A name as SQL takes it, whatever is in it.
pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// `Aggregate_Id` and `aggregateId` are the same name to two mappers of one store.
pub(super) fn fold(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}
