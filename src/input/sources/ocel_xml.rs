//! Object-centric logs in XML, versions 1.0 and 2.0.
//!
//! An event names its objects by id only, and the objects may stand behind the events: so the file is
//! read twice, first for the kinds of all objects, then for the events.

use std::sync::Arc;

use rapidhash::RapidHashMap;

use super::Layer;
use super::json;
use super::marks::Marks;
use super::ocel_objects::{self, Object, Value};
use super::ocel_record::{ObjectLink, kind_or_unknown, mapping, write_objects};
use super::origin::FileOrigin;
use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage};
use super::xml::{Node, Token, Xml, is_object_centric, log_element, write_members, write_value};
use crate::model::error::Result;
use crate::model::source::Origin;

pub(super) struct OcelXml;

impl Layer for OcelXml {
    fn name(&self) -> &'static str {
        "OCEL XML"
    }

    fn fits(&self, head: &[u8]) -> bool {
        log_element(head).is_some_and(is_object_centric)
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        if context.table.as_deref() == Some(ocel_objects::TABLE) {
            return objects(stage, context);
        }
        // What breaks off here is said when the events are read.
        let mut objects = Objects::default();
        let _ = objects.read(&mut Xml::new(stage.clone(), stage.reader(&context.cancel)));
        let marks = Marks::create(context)?;
        let mut next = stage.clone();
        next.own_records = true;
        let version = if objects.second_version { "2.0" } else { "1.0" };
        let envelope = if objects.second_version { "ocel2-xml" } else { "ocel1-xml" };
        next.mapping = Some(mapping(envelope));
        let under = next.origin.take();
        next.origin = Some(Arc::new(FileOrigin { marks: Arc::clone(&marks), under }) as Arc<dyn Origin>);
        let reader = stage.reader(&context.cancel);
        let address = stage.address.clone();
        let bytes = pump("OCEL", &address, context, move |out| {
            let mut xml = Xml::new(stage, reader);
            objects.write_events(&mut xml, &marks, out)
        })?;
        Ok(next.through(bytes, format!("OCEL {version} in XML")))
    }
}

/// The objects themselves instead of the events.
fn objects(stage: Stage, context: &Context) -> Result<Stage> {
    let marks = Marks::create(context)?;
    let mut next = stage.clone();
    next.own_records = true;
    next.mapping = Some(ocel_objects::mapping());
    let under = next.origin.take();
    next.origin = Some(Arc::new(FileOrigin { marks: Arc::clone(&marks), under }) as Arc<dyn Origin>);
    let cancel = context.cancel.clone();
    let address = stage.address.clone();
    let bytes = pump("OCEL", &address, context, move |out| {
        for pass in ocel_objects::PASSES {
            let mut xml = Xml::new(stage.clone(), stage.reader(&cancel));
            each_object(&mut xml, |node| {
                object(node).map_or(Ok(()), |object| object.write(pass, node.at, &marks, out))
            })?;
        }
        Ok(())
    })?;
    Ok(next.through(bytes, "objects of an OCEL log in XML"))
}

/// Gives whether a list of types was seen, which only the second version has.
fn each_object(xml: &mut Xml, mut found: impl FnMut(&Node) -> Result<()>) -> Result<bool> {
    let mut second_version = false;
    loop {
        match xml.next()? {
            Token::Open(node) if matches!(node.name.as_str(), "log" | "objects") => {}
            Token::Open(node) if node.name == "object" => {
                let object = xml.rest_of(node)?;
                found(&object)?;
            }
            Token::Open(node) => {
                second_version |= matches!(node.name.as_str(), "object-types" | "event-types");
                xml.skip()?;
            }
            Token::Close => {}
            Token::End => return Ok(second_version),
        }
    }
}

fn id_and_kind(object: &Node) -> Option<(&str, &str)> {
    let get = |name| object.attribute(name).or_else(|| object.keyed_value(name));
    Some((get("id")?, get("type")?))
}

fn object(node: &Node) -> Option<Object> {
    let (id, kind) = id_and_kind(node)?;
    let of_first = node.keyed("ovmap").map_or(&[][..], |values| &values.children).iter().filter_map(|node| {
        let mut json = Vec::new();
        write_value(&mut json, node);
        Some(Value { name: node.attribute("key")?.to_owned(), time: None, json })
    });
    let of_second = node.child("attributes").map_or(&[][..], |node| &node.children).iter().filter_map(|node| {
        let mut json = Vec::new();
        json::string(&mut json, attribute_text(node));
        let time = node.attribute("time").map(str::to_owned);
        Some(Value { name: node.attribute("name")?.to_owned(), time, json })
    });
    let values = of_first.chain(of_second).collect();
    Some(Object { id: id.to_owned(), kind: kind_or_unknown(Some(kind)).to_owned(), values })
}

/// The log's table of objects.
#[derive(Default)]
struct Objects {
    kinds: Vec<String>,
    kind_of: RapidHashMap<String, usize>,
    second_version: bool,
}

impl Objects {
    fn read(&mut self, xml: &mut Xml) -> Result<()> {
        let second_version = each_object(xml, |object| {
            self.add(object);
            Ok(())
        })?;
        self.second_version = second_version;
        Ok(())
    }

    fn add(&mut self, object: &Node) {
        let Some((id, kind)) = id_and_kind(object) else { return };
        let ix = self.kinds.iter().position(|known| known == kind).unwrap_or_else(|| {
            self.kinds.push(kind.to_owned());
            self.kinds.len() - 1
        });
        self.kind_of.insert(id.to_owned(), ix);
    }

    fn write_events(&self, xml: &mut Xml, marks: &Marks, out: &mut SpoolWriter) -> Result<()> {
        let mut record = Vec::new();
        loop {
            match xml.next()? {
                Token::Open(node) if matches!(node.name.as_str(), "log" | "events") => {}
                Token::Open(node) if node.name == "event" => {
                    let event = xml.rest_of(node)?;
                    record.clear();
                    self.write_event(&mut record, &event);
                    marks.add(out.position(), event.at)?;
                    out.write(&record)?;
                }
                Token::Open(_) => xml.skip()?,
                Token::Close => {}
                Token::End => return Ok(()),
            }
        }
    }

    fn write_event(&self, record: &mut Vec<u8>, event: &Node) {
        record.push(b'{');
        let get = |second: &str, first: &str| event.attribute(second).or_else(|| event.keyed_value(first));
        for (member, value) in
            [("id", get("id", "id")), ("type", get("type", "activity")), ("time", get("time", "timestamp"))]
        {
            if let Some(value) = value {
                json::key(record, member);
                json::string(record, value);
            }
        }
        json::key(record, "attributes");
        match (event.keyed("vmap"), event.child("attributes")) {
            (Some(values), _) => write_members(record, &values.children),
            (None, attributes) => write_attributes(record, attributes),
        }
        write_objects(record, &self.links(event));
        record.extend_from_slice(b"}\n");
    }

    fn links(&self, event: &Node) -> Vec<ObjectLink> {
        let link = |id: &str, qualifier: Option<&str>| ObjectLink {
            id: id.to_owned(),
            kind: self.kind_of.get(id).and_then(|ix| self.kinds.get(*ix)).cloned(),
            qualifier: qualifier.map(str::to_owned),
        };
        if let Some(map) = event.keyed("omap") {
            return map.children.iter().filter_map(|node| Some(link(node.attribute("value")?, None))).collect();
        }
        let nodes = event.child("objects").map_or(&[][..], |objects| &objects.children);
        // Older exporters call a relationship `object`, `relobj` or the like.
        let id = |node: &Node| node.attribute("object-id").or_else(|| node.attribute("id")).map(str::to_owned);
        nodes.iter().filter_map(|node| Some(link(&id(node)?, node.attribute("qualifier")))).collect()
    }
}

/// `<attribute name="…">text</attribute>`
fn write_attributes(record: &mut Vec<u8>, attributes: Option<&Node>) {
    record.push(b'{');
    for node in attributes.map_or(&[][..], |node| &node.children) {
        if let Some(name) = node.attribute("name") {
            json::key(record, name);
            json::string(record, attribute_text(node));
        }
    }
    record.push(b'}');
}

fn attribute_text(node: &Node) -> &str {
    node.attribute("value").unwrap_or(node.text.trim())
}
