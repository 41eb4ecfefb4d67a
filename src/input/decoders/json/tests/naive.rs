//! The same rows made the slow and obvious way: a tree per record, every pointer followed on its own.

use super::Event;
use crate::input::decoders::plan::template::{Part, Segment, parse};
use crate::model::mapping::{Mapping, Template};

/// JSON with its literals, its order and its repeated keys.
#[derive(Clone, Debug)]
pub enum Json {
    /// `null`, `true`, a number.
    Literal(&'static str),
    Text(String),
    /// A string that holds JSON.
    Inside(Box<Json>),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub fn write(&self, spaces: bool, out: &mut String) {
        let gap = if spaces { " " } else { "" };
        let list = |out: &mut String, i: usize| {
            if i > 0 {
                out.push_str(gap);
                out.push(',');
            }
            out.push_str(gap);
        };
        match self {
            Self::Literal(text) => out.push_str(text),
            Self::Text(text) => out.push_str(&serde_json::to_string(text).expect("text")),
            Self::Inside(json) => {
                let mut text = String::new();
                json.write(false, &mut text);
                out.push_str(&serde_json::to_string(&text).expect("text"));
            }
            Self::Array(items) => {
                out.push('[');
                for (i, item) in items.iter().enumerate() {
                    list(out, i);
                    item.write(spaces, out);
                }
                out.push(']');
            }
            Self::Object(members) => {
                out.push('{');
                for (i, (key, value)) in members.iter().enumerate() {
                    list(out, i);
                    out.push_str(&serde_json::to_string(key).expect("text"));
                    out.push_str(gap);
                    out.push(':');
                    value.write(spaces, out);
                }
                out.push('}');
            }
        }
    }

    /// Removes all but the last of equal keys.
    pub fn without_repeats(self) -> Self {
        match self {
            Self::Array(items) => Self::Array(items.into_iter().map(Self::without_repeats).collect()),
            Self::Inside(json) => Self::Inside(Box::new(json.without_repeats())),
            Self::Object(members) => {
                let mut kept: Vec<(String, Json)> = Vec::new();
                for (key, value) in members {
                    kept.retain(|(known, _)| *known != key);
                    kept.push((key, value.without_repeats()));
                }
                Self::Object(kept)
            }
            other => other,
        }
    }
}

/// Every value at `pointer` with the elements that its `*` stood for.
fn values(json: &Json, pointer: &[Segment], stars: &[usize], out: &mut Vec<(Vec<usize>, Option<String>)>) {
    let Some((segment, rest)) = pointer.split_first() else {
        let text = match json {
            Json::Literal("null") | Json::Array(_) | Json::Object(_) => None,
            Json::Literal(text) => Some((*text).to_owned()),
            Json::Text(text) => Some(text.clone()),
            Json::Inside(json) => {
                let mut text = String::new();
                json.write(false, &mut text);
                Some(text)
            }
        };
        out.push((stars.to_vec(), text.filter(|text| !text.is_empty())));
        return;
    };
    let star = |i: usize| [stars, &[i]].concat();
    match (segment, json) {
        (Segment::Inside, Json::Inside(json)) => values(json, rest, stars, out),
        (Segment::Any, Json::Array(items)) => {
            items.iter().enumerate().for_each(|(i, item)| values(item, rest, &star(i), out));
        }
        (Segment::Any, Json::Object(members)) => {
            members.iter().enumerate().for_each(|(i, (_, item))| values(item, rest, &star(i), out));
        }
        (Segment::Key(key), Json::Array(items)) => {
            let place =
                std::str::from_utf8(key).ok().filter(|k| *k == "0" || !k.starts_with('0')).and_then(|k| k.parse().ok());
            if let Some(item) = place.and_then(|place: usize| items.get(place)) {
                values(item, rest, stars, out);
            }
        }
        (Segment::Key(key), Json::Object(members)) => {
            if let Some((_, item)) = members.iter().rfind(|(name, _)| name.as_bytes() == &**key) {
                values(item, rest, stars, out);
            }
        }
        _ => {}
    }
}

fn all(json: &Json, pointer: &[Segment]) -> Vec<(Vec<usize>, Option<String>)> {
    let mut out = Vec::new();
    values(json, pointer, &[], &mut out);
    out
}

fn has_star(pointer: &[Segment]) -> bool {
    pointer.contains(&Segment::Any)
}

/// The pointer whose matches a template is made for.
fn driver(parts: &[Part]) -> Option<&[Segment]> {
    parts.iter().find_map(|part| match part {
        Part::Field { pointer, .. } if has_star(pointer) => Some(pointer.as_slice()),
        _ => None,
    })
}

/// A template's text in one match.
fn text(json: &Json, parts: &[Part], stars: &[usize]) -> Option<String> {
    let mut whole = String::new();
    for part in parts {
        match part {
            Part::Text(text) => whole.push_str(std::str::from_utf8(text).expect("text")),
            Part::Field { pointer, .. } => {
                let found = all(json, pointer);
                let value = found.iter().find(|(at, _)| !has_star(pointer) || at == stars);
                whole.push_str(value?.1.as_deref()?);
            }
        }
    }
    Some(whole).filter(|text| !text.is_empty())
}

fn matches(json: &Json, driver: Option<&[Segment]>) -> Vec<Vec<usize>> {
    driver.map_or(vec![vec![]], |pointer| all(json, pointer).into_iter().map(|(stars, _)| stars).collect())
}

fn texts(json: &Json, template: &Template) -> Vec<String> {
    let parts = parse(template, "").expect("a template");
    matches(json, driver(&parts)).iter().filter_map(|stars| text(json, &parts, stars)).collect()
}

fn distinct(list: impl Iterator<Item = String>) -> Vec<String> {
    let mut out = Vec::new();
    for text in list {
        if !out.contains(&text) {
            out.push(text);
        }
    }
    out
}

/// The row of one record, without its span.
pub fn event(json: &Json, mapping: &Mapping) -> Event {
    let first = |list: &[Template]| list.iter().find_map(|template| texts(json, template).into_iter().next());
    let mut fields: Vec<_> = mapping.entities.iter().collect();
    fields.sort_by_key(|field| !field.stream);
    let entities = fields.into_iter().flat_map(|field| {
        let (kind, id) = (parse(&field.kind, "").expect("a template"), parse(&field.id, "").expect("a template"));
        let driver = driver(&id).or_else(|| driver(&kind)).map(<[Segment]>::to_vec);
        let pair = |stars: Vec<usize>| Some(format!("{}:{}", text(json, &kind, &stars)?, text(json, &id, &stars)?));
        matches(json, driver.as_deref()).into_iter().filter_map(pair).collect::<Vec<_>>()
    });
    Event {
        type_name: first(&mapping.type_name).unwrap_or_default(),
        service: first(&mapping.service),
        id: first(&mapping.id),
        entities: distinct(entities),
        correlations: distinct(mapping.correlation.iter().flat_map(|t| texts(json, t))),
        causes: distinct(mapping.causation.iter().flat_map(|t| texts(json, t))),
        ..Event::default()
    }
}
