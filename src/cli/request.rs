//! What was typed, made ready to use: sources found, the mapping read, the filter parsed. Everything
//! that is wrong with the arguments is found here, before any source is read.

use std::path::PathBuf;

use super::args::{Common, EventsArgs};
use crate::analysis::query;
use crate::app::session::cache_dir;
use crate::input::decoders::mapping_file;
use crate::input::open::OpenOptions;
use crate::input::sources::address::{Address, Target, expand};
use crate::model::error::{Error, Place, Result};
use crate::model::filter::{Filter, NameKey};
use crate::model::mapping::Mapping;

/// The sources of a run.
#[derive(Debug)]
pub(super) struct Sources {
    pub(super) found: Vec<Target>,
    /// Those that can't be found; the others are read all the same.
    pub(super) missing: Vec<Error>,
    pub(super) open: OpenOptions,
    /// Where indexes are kept; none with `--no-cache`.
    pub(super) cache: Option<PathBuf>,
}

/// # Errors
/// A mapping file that cannot be used.
pub(super) fn sources(typed: &[String], common: &Common) -> Result<Sources> {
    let mapping = common.mapping.as_deref().map(read_mapping).transpose()?;
    let cache = if common.no_cache { None } else { cache_dir() };
    let bodies = common.bodies()?;
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for target in expand(typed) {
        match target {
            Ok(mut target) => {
                if let Address::Broker(url) = &mut target.address {
                    url.bodies.fill_from(&bodies);
                }
                found.push(target);
            }
            Err(error) => missing.push(error),
        }
    }
    let open = OpenOptions { mapping, charset: common.encoding, cache_dir: cache.clone(), ..OpenOptions::default() };
    let open = open.unpacking_up_to(common.max_unpacked);
    Ok(Sources { found, missing, open, cache })
}

/// A mapping file as a person wrote it.
///
/// # Errors
/// Where it can't be read or makes no sense, with the place.
pub fn read_mapping(path: &str) -> Result<Mapping> {
    mapping_file::parse(&read_text(path, "mapping file", "--mapping")?, path)
}

/// The text of a file that was named with an option.
pub(super) fn read_text(path: &str, what: &str, option: &str) -> Result<String> {
    std::fs::read_to_string(path).map_err(|cause| {
        let place = Place::File { path: path.to_owned(), offset: None };
        let next_step = format!("Check the name given with {option}");
        Error::new(format!("The {what} cannot be read"), place, next_step).because(cause)
    })
}

/// `order:order-456` as it was typed, taken apart.
pub(super) fn entity(typed: &str) -> Result<(String, String)> {
    let parts = typed.split_once(':').filter(|(kind, id)| !kind.is_empty() && !id.is_empty());
    parts.map(|(kind, id)| (kind.to_owned(), id.to_owned())).ok_or_else(|| {
        let place = Place::Text { column: typed.chars().count() };
        Error::new("The entity has no kind or no id", place, "Write it as --entity order:order-456")
    })
}

/// Which events to print.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) filter: Filter,
    pub(super) limit: u64,
}

/// # Errors
/// A filter, an entity or a time that makes no sense.
pub(super) fn selection(args: &EventsArgs) -> Result<Selection> {
    let mut text = args.filter.clone().unwrap_or_default();
    // Its own errors point into what was typed, so it is parsed before anything is added.
    query::parse(&text)?;
    if let Some(typed) = &args.entity {
        entity(typed)?;
        text = query::with_term(&text, &query::term(NameKey::Entity, typed));
    }
    for (option, sign, time) in [("--from", ">=", &args.from), ("--to", "<", &args.to)] {
        let Some(time) = time else { continue };
        let Some(instant) = query::parse_instant(time) else {
            let next_step = format!("Write it as {option} 2026-02-16T10:30:00Z, a day alone is enough");
            return Err(Error::new(format!("{option} is no time"), Place::Nowhere, next_step).because(time));
        };
        text = query::with_term(&text, &format!("time{sign}{}", instant.from.to_rfc3339()));
    }
    let filter = query::parse(&text)?;
    Ok(Selection { filter, limit: args.limit.unwrap_or(u64::MAX) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::EventsFormat;

    fn args(filter: &str, entity: &str, from: &str, to: &str) -> EventsArgs {
        let given = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        EventsArgs {
            sources: Vec::new(),
            filter: given(filter),
            entity: given(entity),
            from: given(from),
            to: given(to),
            limit: None,
            format: EventsFormat::Text,
        }
    }

    #[test]
    fn options_become_one_filter() {
        for (typed, expected) in [
            (args("", "", "", ""), ""),
            (args("type:A or type:B", "order:o 1", "", ""), "(type:A or type:B) entity:\"order:o 1\""),
            (args("", "", "2026-02-16", "2026-02-17"), "time>=2026-02-16T00:00:00Z time<2026-02-17T00:00:00Z"),
        ] {
            let selection = selection(&typed).unwrap();
            assert_eq!(selection.filter.to_string(), query::parse(expected).unwrap().to_string());
        }
    }

    #[test]
    fn what_makes_no_sense_is_told() {
        for (typed, told) in [
            (args("type:", "", "", ""), "column"),
            (args("", "order", "", ""), "The entity has no kind or no id: column 6"),
            (args("", "", "yesterday", ""), "--from is no time"),
        ] {
            let error = selection(&typed).unwrap_err();
            assert!(error.to_string().contains(told), "{error}");
            assert!(!error.next_step.is_empty());
        }
    }

    #[test]
    fn a_mapping_that_is_missing_is_wrong_usage() {
        let common = Common { mapping: Some("no/such/file.json".to_owned()), ..Common::default() };
        assert!(sources(&[], &common).is_err());
    }
}
