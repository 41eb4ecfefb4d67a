//! The window of an address as conditions of SQL, so that the server reads no more than is wanted.

use super::super::stores::guess;
use super::super::stores::profiles::{Cut, Profile};
use super::super::stores::table::quoted;
use super::connect::{Connection, literal};
use super::schema::{Kind, Relation};
use super::settings::Settings;
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::{Template, TimeUnit};
use crate::model::time::TimeNs;

/// `categories` is what [`has_category_function`] says.
///
/// # Errors
/// When the window needs a column that the table lacks.
pub(super) fn conditions(
    relation: &Relation,
    profile: Option<&'static Profile>,
    settings: &Settings,
    categories: bool,
) -> Result<Vec<String>> {
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
    if let Some(name) = &window.category {
        let of_streams = profile.and_then(|profile| category(relation, profile, name, categories));
        conditions.push(of_streams.ok_or_else(|| missing("category=", "categories of streams"))?);
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

/// Whether there is Message DB's function `category`, whose values its index holds.
pub(super) fn has_category_function(connection: &mut Connection, relation: &Relation) -> bool {
    let asked = format!(
        "SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace \
         WHERE p.proname = 'category' AND p.pronargs = 1 AND p.provolatile = 'i' AND n.nspname = {}",
        literal(&relation.schema)
    );
    connection.value(&asked).ok().flatten().is_some()
}

/// A category's streams, by the column that names it, else by what the stream's name begins with.
fn category(relation: &Relation, profile: &Profile, name: &str, function: bool) -> Option<String> {
    let (kind, ..) = profile.fields.entities.iter().find(|(_, _, is_stream)| *is_stream)?;
    let pointer = kind.strip_prefix("{/")?.split(['|', '}']).next()?;
    let column = |folded: &str| Some(format!("t.{}", quoted(relation.table.column(folded)?)));
    let Some(derived) = profile.derived.iter().find(|derived| derived.name == pointer) else {
        let (folded, path) = pointer.split_once('/').unwrap_or((pointer, ""));
        return match path {
            "" => Some(format!("{} = {}", column(folded)?, literal(name))),
            // Only JSON has places that can be asked for.
            path if relation.kind(relation.table.column(folded)?) == Some(Kind::Json) => {
                let place = literal(&format!("{{{}}}", path.replace('/', ",")));
                Some(format!("{} #>> {place} = {}", column(folded)?, literal(name)))
            }
            _ => None,
        };
    };
    let joined = derived.from.starts_with('$').then(|| format!("j.{}", quoted(derived.from)));
    let text = joined.or_else(|| column(derived.from))?;
    match derived.cut {
        // Its own words for it; compound names (`account:command-1`) are categories of their own there.
        Cut::StreamKind if profile.name == "Message DB" => {
            let by_function = function.then(|| format!("{}.category({text})", quoted(&relation.schema)));
            let category = by_function.unwrap_or_else(|| format!("split_part({text}, '-', 1)"));
            Some(format!("{category} = {}", literal(name)))
        }
        Cut::StreamKind => {
            let beginnings = [':', '$', '|', '-'].map(|separator| literal(&format!("{name}{separator}")));
            Some(format!("left({text}::text, {}) IN ({})", name.chars().count() + 1, beginnings.join(", ")))
        }
        Cut::Class => Some(format!("position({} in {text}) > 0", literal(&format!(":{name}.")))),
        _ => None,
    }
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

#[cfg(test)]
mod tests {
    use super::super::super::stores::profiles::of_table;
    use super::super::super::stores::table::Table;
    use super::super::schema::Key;
    use super::*;

    #[test]
    fn categories_are_asked_for_where_the_store_keeps_them() {
        let relation = |columns: &[&str]| Relation {
            schema: "es".to_owned(),
            table: Table {
                name: "t".to_owned(),
                columns: columns.iter().map(|column| (*column).to_owned()).collect(),
                rowid: None,
            },
            kinds: columns.iter().map(|name| if *name == "metadata" { Kind::Json } else { Kind::Text }).collect(),
            key: Key::default(),
            rows: None,
        };
        let message_db = &["id", "stream_name", "type", "position", "global_position", "data", "metadata", "time"][..];
        for (columns, function, expected) in [
            (message_db, true, "\"es\".category(t.\"stream_name\") = 'it''s'"),
            (message_db, false, "split_part(t.\"stream_name\", '-', 1) = 'it''s'"),
            (
                &["stream_id", "stream_position", "message_kind", "message_type", "message_data", "message_metadata"],
                false,
                "left(t.\"stream_id\"::text, 5) IN ('it''s:', 'it''s$', 'it''s|', 'it''s-')",
            ),
            (
                &["originator_id", "originator_version", "topic", "state", "notification_id"],
                false,
                "position(':it''s.' in t.\"topic\") > 0",
            ),
            (
                &["aggregate_type", "aggregate_id", "sequence", "event_type", "event_version", "payload", "metadata"],
                false,
                "t.\"aggregate_type\" = 'it''s'",
            ),
        ] {
            let relation = relation(columns);
            let profile = of_table(&relation.table).unwrap_or_else(|| panic!("{columns:?} is a store"));
            assert_eq!(category(&relation, profile, "it's", function).as_deref(), Some(expected));
        }
    }

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
