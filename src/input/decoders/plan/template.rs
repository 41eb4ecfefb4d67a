//! Templates as text → fields and the words between them. The language is described at
//! [`crate::model::mapping`]; errors point at the column where it stops making sense.

use super::file_time::file_time;
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::Template;

/// One step of a pointer.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    Key(Box<[u8]>),
    /// `*`: every element or member.
    Any,
    /// `{}`: this string holds JSON.
    Inside,
    /// `[name]`, last: the value of the pair with this name, in any case, in a list of pairs.
    Named(Box<[u8]>),
}

/// A value and the name to use for it.
pub type Renamed = (Box<[u8]>, Box<[u8]>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Filter {
    Before(Box<[u8]>),
    After(Box<[u8]>),
    Object,
    /// A name for each listed value.
    Names(Vec<Renamed>),
    Else(Box<[u8]>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    Text(Box<[u8]>),
    Field { pointer: Vec<Segment>, filters: Vec<Filter> },
}

/// Longest pointer that is followed.
const MAX_SEGMENTS: usize = 32;

/// Parses a template. `file` is the source's name, which `{@file}` stands for.
///
/// # Errors
/// With the column where the template stops making sense.
pub fn parse(template: &Template, file: &str) -> Result<Vec<Part>> {
    let text = template.0.as_str();
    if text.starts_with('/') && !has_fields(text) {
        return Ok(vec![Part::Field { pointer: pointer(text, text, 0)?, filters: Vec::new() }]);
    }
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let Some(open) = rest.find('{') else {
            parts.push(Part::Text(rest.as_bytes().into()));
            break;
        };
        if open > 0 {
            parts.push(Part::Text(rest.as_bytes().get(..open).unwrap_or_default().into()));
        }
        let inner_at = at + open + 1;
        let inner = text.get(inner_at..).unwrap_or_default();
        let Some(close) = field_end(inner) else {
            return Err(wrong("A brace is not closed", text, at + open, "Add } behind the field"));
        };
        parts.push(field(inner.get(..close).unwrap_or_default(), text, inner_at, file)?);
        at = inner_at + close + 1;
    }
    Ok(parts)
}

/// The pointer of a template that is one field without filters, for places that hold a value rather
/// than a text (payload, headers, where a document keeps its events).
///
/// # Errors
/// When it is something else.
pub fn single_pointer(template: &Template) -> Result<Vec<Segment>> {
    match parse(template, "")?.as_slice() {
        [Part::Field { pointer, filters }] if filters.is_empty() => Ok(pointer.clone()),
        [] => Ok(Vec::new()),
        _ => Err(wrong("This must be one field", &template.0, 0, "Write one pointer, as in /data")),
    }
}

/// Braces other than `{}` segments.
fn has_fields(text: &str) -> bool {
    text.split('/').any(|segment| segment != "{}" && segment.contains(['{', '}']))
}

/// Where a field's closing brace is: `{}` segments have their own.
fn field_end(inner: &str) -> Option<usize> {
    let bytes = inner.as_bytes();
    let mut at = 0;
    let mut in_pointer = true;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'|' => in_pointer = false,
            b'/' if in_pointer && bytes.get(at + 1..at + 3) == Some(b"{}") => at += 2,
            b'}' => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn field(inner: &str, whole: &str, at: usize, file: &str) -> Result<Part> {
    let (path, filter_text) = inner.split_once('|').map_or((inner, None), |(path, rest)| (path, Some(rest)));
    if path == "@file" {
        return match filter_text {
            None => Ok(Part::Text(file.as_bytes().into())),
            Some("time") => Ok(Part::Text(file_time(file).unwrap_or_default().into_bytes().into())),
            Some(_) => Err(wrong("Unknown filter", whole, at + path.len() + 1, "{@file} knows only |time")),
        };
    }
    let pointer = pointer(path, whole, at)?;
    let mut filters = Vec::new();
    let mut filter_at = at + path.len() + 1;
    for text in filter_text.into_iter().flat_map(|text| text.split('|')) {
        filters.push(filter(text, whole, filter_at)?);
        filter_at += text.len() + 1;
    }
    Ok(Part::Field { pointer, filters })
}

fn filter(text: &str, whole: &str, at: usize) -> Result<Filter> {
    let (name, argument) = text.split_once(':').unwrap_or((text, ""));
    let missing = |what: &str| wrong(&format!("The filter {name} needs {what}"), whole, at, "As in {/stream|before:-}");
    Ok(match name {
        "object" => Filter::Object,
        "before" | "after" if argument.is_empty() => return Err(missing("a separator")),
        "before" => Filter::Before(argument.as_bytes().into()),
        "after" => Filter::After(argument.as_bytes().into()),
        "else" if argument.is_empty() => return Err(missing("a text")),
        "else" => Filter::Else(argument.as_bytes().into()),
        "names" => {
            let pairs = argument.split(',').map(|pair| {
                let (value, name) = pair.split_once('=').ok_or_else(|| missing("names, as in c=insert,d=delete"))?;
                Ok((value.as_bytes().into(), name.as_bytes().into()))
            });
            Filter::Names(pairs.collect::<Result<_>>()?)
        }
        _ => {
            let known = "Known filters: before, after, object, names, else";
            return Err(wrong(&format!("Unknown filter {name}"), whole, at, known));
        }
    })
}

fn pointer(text: &str, whole: &str, at: usize) -> Result<Vec<Segment>> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let Some(rest) = text.strip_prefix('/') else {
        return Err(wrong("A field must start with /", whole, at, "Write it as a JSON pointer, as in {/data/orderId}"));
    };
    let segments: Vec<Segment> = rest
        .split('/')
        .map(|segment| match segment {
            "*" => Segment::Any,
            "{}" => Segment::Inside,
            name if name.starts_with('[') && name.ends_with(']') && name.len() > 2 => {
                Segment::Named(unescaped(name.trim_start_matches('[').trim_end_matches(']')))
            }
            key => Segment::Key(unescaped(key)),
        })
        .collect();
    if segments.len() > MAX_SEGMENTS {
        return Err(wrong("This field lies too deep", whole, at, "At most 32 segments are followed"));
    }
    let inner = segments.split_last().map_or(&[][..], |(_, before)| before);
    if inner.iter().any(|segment| matches!(segment, Segment::Named(_))) {
        return Err(wrong("[name] must come last", whole, at, "Write it as in {/headers/[correlation-id]}"));
    }
    Ok(segments)
}

fn unescaped(segment: &str) -> Box<[u8]> {
    segment.replace("~1", "/").replace("~0", "~").into_bytes().into()
}

pub(super) fn wrong(what: &str, template: &str, at: usize, next_step: &str) -> Error {
    let column = template.get(..at).map_or(at, |before| before.chars().count());
    Error::new(format!("{what} in {template:?}"), Place::Text { column }, next_step)
}
