//! Mapping files: the JSON form of a [`Mapping`], as people write it for the command line.
//!
//! The surprise: a member that no mapping has (`"entitys"`) is an error with its place, because a
//! silently ignored field looks like a log without entities.

use super::plan::Plan;
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::{Mapping, Template};

/// Reads a mapping file's text; `path` is for the error's place.
///
/// # Errors
/// Malformed JSON, members that no mapping has, or templates that make no sense, each with its place.
pub fn parse(text: &str, path: &str) -> Result<Mapping> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    let skipped = text.len() - body.len();
    let mut mapping: Mapping = serde_json::from_str(body).map_err(|error| {
        let offset = skipped + byte_of(body, error.line(), error.column());
        let place = Place::File { path: path.to_owned(), offset: Some(offset as u64) };
        Error::new(
            "The mapping file cannot be used",
            place,
            format!("Correct line {} of the mapping file", error.line().max(1)),
        )
        .because(error)
    })?;
    check_templates(&mapping, text, path)?;
    if mapping.envelope.is_empty() {
        "custom".clone_into(&mut mapping.envelope);
    }
    Ok(mapping)
}

/// Finds the field that makes no sense and says where it stands in the file.
fn check_templates(mapping: &Mapping, text: &str, path: &str) -> Result<()> {
    let Err(error) = Plan::compile(mapping.clone(), "", None) else { return Ok(()) };
    let wrong = templates(mapping).into_iter().find(|template| {
        let alone = Mapping { key: vec![(*template).clone()], ..Mapping::default() };
        Plan::compile(alone, "", None).is_err()
    });
    let quoted = wrong.and_then(|template| serde_json::to_string(template).ok());
    let offset = quoted.and_then(|quoted| text.find(&quoted)).map(|at| at as u64 + 1);
    let place = Place::File { path: path.to_owned(), offset };
    Err(Error { place, ..error })
}

fn templates(mapping: &Mapping) -> Vec<&Template> {
    let lists = [&mapping.type_name, &mapping.id, &mapping.version, &mapping.correlation, &mapping.causation];
    let more = [&mapping.service, &mapping.key, &mapping.data];
    let plain = lists.into_iter().chain(more).flatten();
    let times = mapping.time.iter().map(|time| &time.field);
    let entities = mapping.entities.iter().flat_map(|entity| [&entity.kind, &entity.id]);
    plain.chain(times).chain(entities).chain(&mapping.headers).collect()
}

/// The mapping as a file's text, one field a line.
#[must_use]
pub fn to_text(mapping: &Mapping) -> String {
    let mut text = serde_json::to_string_pretty(mapping).expect("a mapping is plain strings, numbers and lists");
    text.push('\n');
    text
}

/// serde_json counts lines from 1 and bytes in a line from 1.
fn byte_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    (before + column.saturating_sub(1)).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::mapping::{EntityField, TimeField, TimeUnit};

    fn sample() -> Mapping {
        Mapping {
            envelope: "custom".to_owned(),
            events: Some("/Records".to_owned()),
            type_name: vec!["/type".into(), "{/a}.{/b}".into()],
            id: vec!["/id".into()],
            time: vec![TimeField { field: "/at".into(), unit: TimeUnit::Millis, zone_minutes: 120 }],
            entities: vec![EntityField { kind: "order".into(), id: "/data/orderId".into(), stream: true }],
            ..Mapping::default()
        }
    }

    #[test]
    fn a_mapping_survives_its_file() {
        assert_eq!(parse(&to_text(&sample()), "m.json").unwrap(), sample());
    }

    #[test]
    fn a_small_file_is_enough() {
        let mapping = parse("\u{feff}{\"type\": [\"/kind\"]}", "m.json").unwrap();
        assert_eq!(mapping.type_name, vec!["/kind".into()]);
        assert_eq!(mapping.envelope, "custom");
    }

    #[test]
    fn fields_that_make_no_sense_are_errors_at_their_place() {
        for (text, offset) in [
            ("{\"type\": [\"/kind\", \"{/a|before\"]}", 20),
            ("{\"entities\": [{\"kind\": \"order\", \"id\": \"{/id|nothing:x}\"}]}", 39),
        ] {
            let error = parse(text, "m.json").unwrap_err();
            assert_eq!(
                error.place,
                Place::File { path: "m.json".to_owned(), offset: Some(offset) },
                "{text} {error:?}"
            );
        }
    }

    #[test]
    fn errors_name_the_place() {
        for (text, offset, word) in [
            ("{\"type\": [\"/kind\"],\n \"entitys\": []}", 29, "entitys"),
            ("{\"type\": \"/kind\"}", 15, "sequence"),
            ("{", 0, "EOF"),
        ] {
            let error = parse(text, "m.json").unwrap_err();
            assert_eq!(error.place, Place::File { path: "m.json".to_owned(), offset: Some(offset) }, "{text}");
            assert!(error.details.contains(word), "{}", error.details);
        }
    }
}
