//! Which tables a database has: their columns with types, and a key by which they are read in order.

use std::collections::BTreeMap;

use postgres::SimpleQueryRow;

use super::super::stores::table::{Table, quoted};
use super::connect::{Connection, literal};
use crate::model::error::Result;

/// A table as PostgreSQL has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Relation {
    pub schema: String,
    pub table: Table,
    /// One for each column of `table`.
    pub kinds: Vec<Kind>,
    pub key: Key,
    /// An estimate; none where the server never counted.
    pub rows: Option<u64>,
}

/// How a column's text becomes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Integer,
    Number,
    Bool,
    Json,
    /// Anything that `to_json` writes best.
    Array,
    Bytes,
    /// The number of a large object, which may hold the payload.
    LargeObject,
    /// Seconds in texts of ISO 8601.
    Time,
    Text,
}

/// In which order rows are read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// Columns of a unique index, a single one where there is one.
    pub columns: Vec<String>,
    /// A column that counts up with each row that is added, whether or not an index has it.
    pub rising: Option<String>,
}

impl Key {
    /// The one column by which pages are asked for.
    pub fn paged(&self) -> Option<&str> {
        let [column] = self.columns.as_slice() else { return None };
        Some(column)
    }
}

impl Relation {
    /// `"es"."events"`
    pub fn quoted(&self) -> String {
        format!("{}.{}", quoted(&self.schema), quoted(&self.table.name))
    }

    pub fn kind(&self, column: &str) -> Option<Kind> {
        let at = self.table.columns.iter().position(|known| known == column)?;
        self.kinds.get(at).copied()
    }

    /// What is asked for a column so that its text is the value.
    pub fn expression(&self, column: &str) -> String {
        let column_sql = format!("t.{}", quoted(column));
        match self.kind(column) {
            Some(Kind::Array) => format!("to_json({column_sql})::text"),
            Some(Kind::LargeObject) => format!(
                // Not every number of an object has one, and asking for one that is gone would end the reading.
                "CASE WHEN {column_sql} IN (SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m) \
                 THEN lo_get({column_sql})::text ELSE {column_sql}::text END"
            ),
            _ => column_sql,
        }
    }
}

/// Schemas that people make.
const OWN: &str = "n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg\\_%'";

/// Most tables that are looked at.
const MOST: usize = 2_000;

/// Tables and partitioned tables, each once: partitions are read through their parent.
///
/// # Errors
/// What the server says.
pub(super) fn relations(connection: &mut Connection, schema: Option<&str>) -> Result<Vec<Relation>> {
    let of_schema = schema.map(|name| format!("AND n.nspname = {}", literal(name))).unwrap_or_default();
    let columns = format!(
        "SELECT n.nspname, c.relname, a.attname, y.typname, y.typcategory, a.attidentity, \
                pg_get_expr(d.adbin, d.adrelid), c.reltuples::bigint \
         FROM pg_catalog.pg_class c \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped \
         JOIN pg_catalog.pg_type y ON y.oid = a.atttypid \
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum \
         WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND {OWN} {of_schema} \
         ORDER BY n.nspname, c.relname, a.attnum"
    );
    let [columns, keys] = connection.rows_of_both(&columns, &keys_asked(&of_schema))?;
    let mut found: Vec<Relation> = Vec::new();
    for row in &columns {
        let text = |at: usize| row.get(at).unwrap_or_default();
        let (schema, name, column) = (text(0), text(1), text(2));
        let kind = kind(text(3), text(4));
        if found.last().is_none_or(|last| last.schema != schema || last.table.name != name) {
            if found.len() == MOST {
                break;
            }
            found.push(Relation {
                schema: schema.to_owned(),
                table: Table { name: name.to_owned(), columns: Vec::new(), rowid: None },
                kinds: Vec::new(),
                key: Key::default(),
                rows: text(7).parse::<i64>().ok().and_then(|rows| u64::try_from(rows).ok()),
            });
        }
        if let Some(last) = found.last_mut() {
            let counts_up = !text(5).is_empty() || text(6).starts_with("nextval(");
            if counts_up && kind == Kind::Integer {
                last.key.rising = Some(column.to_owned());
            }
            last.table.columns.push(column.to_owned());
            last.kinds.push(kind);
        }
    }
    take_keys(&keys, &mut found);
    Ok(found)
}

/// Unique indexes over whole columns, the primary key first. Columns that may be empty are no key: such rows would
/// stand on no page but perhaps the first.
fn keys_asked(of_schema: &str) -> String {
    format!(
        "SELECT n.nspname, c.relname, i.indexrelid::text, a.attname \
         FROM pg_catalog.pg_index i \
         JOIN pg_catalog.pg_class c ON c.oid = i.indrelid \
         JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace \
         CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place) \
         JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number \
         WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL \
         AND c.relkind IN ('r', 'p') AND NOT c.relispartition AND {OWN} {of_schema} \
         AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute o WHERE o.attrelid = c.oid \
                         AND o.attnum = ANY (i.indkey::int2[]) AND NOT o.attnotnull) \
         ORDER BY n.nspname, c.relname, i.indisprimary DESC, i.indexrelid, k.place"
    )
}

fn take_keys(rows: &[SimpleQueryRow], relations: &mut [Relation]) {
    /// An index and its columns.
    type Index = (String, Vec<String>);
    let mut indexes: BTreeMap<(String, String), Vec<Index>> = BTreeMap::new();
    for row in rows {
        let text = |at: usize| row.get(at).unwrap_or_default().to_owned();
        let of_table = indexes.entry((text(0), text(1))).or_default();
        match of_table.last_mut() {
            Some((index, columns)) if *index == text(2) => columns.push(text(3)),
            _ => of_table.push((text(2), vec![text(3)])),
        }
    }
    for relation in relations {
        let mut known = indexes.remove(&(relation.schema.clone(), relation.table.name.clone())).unwrap_or_default();
        // What is asked of such a column is not its own text, by which the next page could be asked for.
        let is_itself = |column: &String| !matches!(relation.kind(column), Some(Kind::Array | Kind::LargeObject));
        known.retain(|(_, columns)| columns.len() > 1 || columns.iter().all(is_itself));
        let single = |column: &String| relation.kind(column) == Some(Kind::Integer);
        let of_rising = known.iter().find(|(_, columns)| columns.as_slice() == relation.key.rising.as_slice());
        let of_number = || known.iter().find(|(_, columns)| columns.len() == 1 && columns.iter().all(single));
        let best = of_rising.or_else(of_number).or_else(|| known.first());
        let columns = best.map(|(_, columns)| columns.clone()).unwrap_or_default();
        if relation.key.rising.is_none()
            && let [column] = columns.as_slice()
            && single(column)
        {
            relation.key.rising = Some(column.clone());
        }
        relation.key.columns = columns;
    }
}

fn kind(name: &str, category: &str) -> Kind {
    match name {
        "int2" | "int4" | "int8" => Kind::Integer,
        "numeric" | "float4" | "float8" => Kind::Number,
        "bool" => Kind::Bool,
        "json" | "jsonb" => Kind::Json,
        "bytea" => Kind::Bytes,
        "oid" => Kind::LargeObject,
        "timestamp" | "timestamptz" => Kind::Time,
        _ if category == "A" => Kind::Array,
        _ => Kind::Text,
    }
}
