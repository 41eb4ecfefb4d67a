//! XML, by quick-xml with limits, as the object that its root element is: children are members, those of one name
//! an array, attributes `@name`, text beside them `#text`. Texts that are JSON's numbers or truths become those, so
//! that states can be folded. The map of Java's XStream (`<entry>` of a name and a value) becomes an object.
//!
//! Entities other than the predefined ones stay as they are written: one that expands is how small bodies become
//! large ones.

use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::reader::Reader;
use serde_json::value::RawValue;

use super::tree::MAX_DEPTH;
use super::{Codec, Found, Input, Tree, Why};
use crate::base::json;

pub(super) struct Xml;

/// Elements and attributes of one body: some hundred bytes each while it is read.
const MAX_NODES: usize = 200_000;

impl Codec for Xml {
    fn name(&self) -> &'static str {
        "XML"
    }

    fn option(&self) -> &'static str {
        "xml"
    }

    fn content_types(&self) -> &'static [&'static str] {
        &["application/xml", "text/xml", "application/soap+xml"]
    }

    fn decode(&self, body: &Input<'_>, tree: &mut Tree) -> Result<Found, Why> {
        let text = std::str::from_utf8(body.bytes).map_err(|_| "not UTF-8".to_owned())?;
        let text = text.trim_start_matches('\u{FEFF}').trim();
        if !text.starts_with(if body.asked { "<" } else { "<?xml" }) {
            return Err("it does not begin as XML does".to_owned());
        }
        root(text)?.write(tree)?;
        Ok(Found::default())
    }

    fn encode(&self, _: &Input<'_>, _: &RawValue) -> Result<Vec<u8>, Why> {
        Err("XML is not written, since its layout and its attributes would be lost".to_owned())
    }
}

#[derive(Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

fn root(text: &str) -> Result<Element, Why> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    reader.config_mut().allow_dangling_amp = true;
    let (mut open, mut nodes): (Vec<Element>, usize) = (Vec::new(), 0);
    loop {
        let event = reader.read_event().map_err(|cause| format!("at byte {}: {cause}", reader.error_position()))?;
        match event {
            Event::Start(start) => {
                let element = begun(&start)?;
                nodes += 1 + element.attributes.len();
                if nodes > MAX_NODES {
                    return Err(format!("more than {MAX_NODES} elements and attributes"));
                }
                if open.len() == MAX_DEPTH {
                    return Err(format!("nested deeper than {MAX_DEPTH} levels"));
                }
                open.push(element);
            }
            Event::End(_) => {
                let Some(element) = open.pop() else { return Err("an element ends that never began".to_owned()) };
                match open.last_mut() {
                    Some(parent) => parent.children.push(element),
                    None => return Ok(element),
                }
            }
            Event::Eof => return Err("it ends inside an element".to_owned()),
            other => {
                if let (Some(top), Some(text)) = (open.last_mut(), text_of(&other)) {
                    top.text.push_str(&text);
                }
            }
        }
    }
}

fn begun(start: &BytesStart<'_>) -> Result<Element, Why> {
    let mut element = Element { name: start.local_name().as_ref().to_owned(), ..Element::default() };
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|cause| cause.to_string())?;
        let name = attribute.key.0;
        if name != "xmlns" && !name.starts_with("xmlns:") {
            let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
            let value = value.map_or_else(|_| attribute.value.to_string(), std::borrow::Cow::into_owned);
            element.attributes.push((format!("@{name}"), value));
        }
    }
    Ok(element)
}

fn text_of(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) => Some(text.xml10_content().into_owned()),
        Event::CData(text) => Some(text.xml10_content().into_owned()),
        Event::GeneralRef(name) => Some(referenced(name)),
        _ => None,
    }
}

/// What a reference stands for: a character, a predefined entity, or itself as it is written.
pub(in crate::input) fn referenced(name: &BytesRef<'_>) -> String {
    match name.resolve_char_ref() {
        Ok(Some(c)) => c.to_string(),
        _ => resolve_predefined_entity(name).map_or_else(|| format!("&{};", &**name), str::to_owned),
    }
}

impl Element {
    /// Recursion ends: elements are no deeper than `MAX_DEPTH`.
    fn write(&self, tree: &mut Tree) -> Result<(), Why> {
        if self.attributes.iter().any(|(name, value)| name.ends_with(":nil") && value == "true") {
            return tree.null();
        }
        if self.attributes.is_empty() && self.children.is_empty() {
            return scalar(&self.text, tree);
        }
        if let Some(entries) = self.entries() {
            return tree.object(|tree| {
                for (name, value) in entries {
                    tree.key(name)?;
                    value.write(tree)?;
                }
                Ok(())
            });
        }
        tree.object(|tree| {
            for (name, value) in &self.attributes {
                tree.key(name)?;
                tree.text(value)?;
            }
            if !self.text.trim().is_empty() {
                tree.key("#text")?;
                scalar(self.text.trim(), tree)?;
            }
            for (name, alike) in self.by_name() {
                tree.key(name)?;
                match alike.as_slice() {
                    [one] => one.write(tree)?,
                    all => tree.array(|tree| {
                        all.iter().try_for_each(|one| {
                            tree.item();
                            one.write(tree)
                        })
                    })?,
                }
            }
            Ok(())
        })
    }

    /// Of a map as XStream writes it.
    fn entries(&self) -> Option<Vec<(&str, &Self)>> {
        let pair = |entry: &'_ Self| match entry.children.as_slice() {
            [name, _] => entry.name == "entry" && name.children.is_empty() && name.attributes.is_empty(),
            _ => false,
        };
        if !self.attributes.is_empty() || !self.children.iter().all(pair) {
            return None;
        }
        self.children
            .iter()
            .map(|entry| Some((entry.children.first()?.text.as_str(), entry.children.last()?)))
            .collect()
    }

    /// Children by their names, in the order in which these first come.
    fn by_name(&self) -> Vec<(&str, Vec<&Self>)> {
        let mut names: Vec<(&str, Vec<&Self>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for child in &self.children {
            let at = *places.entry(child.name.as_str()).or_insert_with(|| {
                names.push((&child.name, Vec::new()));
                names.len() - 1
            });
            if let Some((_, alike)) = names.get_mut(at) {
                alike.push(child);
            }
        }
        names
    }
}

fn scalar(text: &str, tree: &mut Tree) -> Result<(), Why> {
    let plain = matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9' | b't' | b'f'));
    if plain && text.trim_end() == text && json::is_json(text) { tree.raw(text.as_bytes()) } else { tree.text(text) }
}
