//! XES (IEEE 1849), the case log of process mining: traces with events in them.
//!
//! A record is `{"case": {attributes of the trace}, "event": {attributes of the event}}` under the
//! log's own keys, so `concept:name` stays `concept:name`.

use std::sync::Arc;

use super::Layer;
use super::json;
use super::marks::Marks;
use super::origin::FileOrigin;
use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage};
use super::xml::{Node, Token, Xml, is_object_centric, log_element, write_members};
use crate::model::error::Result;
use crate::model::issue::MAX_RECORD_BYTES;
use crate::model::mapping::{EntityField, Mapping, TimeField, TimeUnit};
use crate::model::source::Origin;

pub(super) struct Xes;

impl Layer for Xes {
    fn name(&self) -> &'static str {
        "XES"
    }

    fn fits(&self, head: &[u8]) -> bool {
        log_element(head).is_some_and(|log| !is_object_centric(log))
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        let marks = Marks::create(context)?;
        let mut next = stage.clone();
        next.own_records = true;
        next.mapping = Some(mapping());
        let under = next.origin.take();
        next.origin = Some(Arc::new(FileOrigin { marks: Arc::clone(&marks), under }) as Arc<dyn Origin>);
        let reader = stage.reader(&context.cancel);
        let address = stage.address.clone();
        let allow_bombs = context.allow_bombs;
        let bytes = pump("XES", &address, context, move |out| {
            // Every event repeats its trace's attributes: large ones would multiply.
            if !allow_bombs {
                out.guard_ratio(reader.position());
            }
            let mut xml = Xml::new(stage, reader);
            Writer { out, marks: &marks, record: Vec::new() }.log(&mut xml)
        })?;
        Ok(next.through(bytes, "XES"))
    }
}

fn mapping() -> Mapping {
    Mapping {
        envelope: "xes".to_owned(),
        type_name: vec!["/event/concept:name".into()],
        id: vec!["/event/identity:id".into()],
        time: vec![TimeField { field: "/event/time:timestamp".into(), unit: TimeUnit::Auto, zone_minutes: 0 }],
        entities: vec![EntityField { kind: "case".into(), id: "/case/concept:name".into(), stream: true }],
        data: vec!["/event".into()],
        ..Mapping::default()
    }
}

/// Most events that wait for their trace's name.
const MAX_WAITING: usize = 10_000;

struct Writer<'w> {
    out: &'w mut SpoolWriter,
    marks: &'w Marks,
    record: Vec<u8>,
}

impl Writer<'_> {
    fn log(&mut self, xml: &mut Xml) -> Result<()> {
        loop {
            match xml.next()? {
                Token::Open(node) if node.name == "log" => {}
                Token::Open(node) if node.name == "trace" => self.trace(xml)?,
                // Some writers leave traces out.
                Token::Open(node) if node.name == "event" => {
                    let event = xml.rest_of(node)?;
                    self.event(&[], &event)?;
                }
                Token::Open(_) => xml.skip()?,
                Token::Close => {}
                Token::End => return Ok(()),
            }
        }
    }

    fn trace(&mut self, xml: &mut Xml) -> Result<()> {
        let (mut case, mut waiting) = (Vec::new(), Vec::new());
        let (mut is_named, mut of_case, mut held) = (false, 0, 0);
        loop {
            // What came before the damage counts, with what is known of its case.
            let (before, known) = (xml.position(), case.len());
            let step = Self::step(xml, &mut case, &mut waiting);
            match case.get(known) {
                Some(node) => {
                    is_named |= node.attribute("key") == Some("concept:name");
                    of_case += xml.position() - before;
                }
                None => held += xml.position() - before,
            }
            if !matches!(step, Ok(true)) {
                self.events(&case, &mut waiting)?;
                return step.map(|_| ());
            }
            // Attributes come first by the standard, so nothing waits long.
            let is_too_large = of_case > MAX_RECORD_BYTES as u64;
            if is_named || is_too_large || waiting.len() > MAX_WAITING || held > MAX_RECORD_BYTES as u64 {
                self.events(&case, &mut waiting)?;
                held = 0;
            }
            if is_too_large {
                return Err(xml.too_large("what is said of one trace"));
            }
        }
    }

    /// One child of a trace; false at its end.
    fn step(xml: &mut Xml, case: &mut Vec<Node>, waiting: &mut Vec<Node>) -> Result<bool> {
        match xml.next()? {
            Token::Open(node) if node.name == "event" => waiting.push(xml.rest_of(node)?),
            Token::Open(node) => case.push(xml.rest_of(node)?),
            Token::Close | Token::End => return Ok(false),
        }
        Ok(true)
    }

    fn events(&mut self, case: &[Node], waiting: &mut Vec<Node>) -> Result<()> {
        for event in waiting.drain(..) {
            self.event(case, &event)?;
        }
        Ok(())
    }

    fn event(&mut self, case: &[Node], event: &Node) -> Result<()> {
        self.record.clear();
        self.record.push(b'{');
        json::key(&mut self.record, "case");
        write_members(&mut self.record, case);
        json::key(&mut self.record, "event");
        write_members(&mut self.record, &event.children);
        self.record.extend_from_slice(b"}\n");
        self.marks.add(self.out.position(), event.at)?;
        self.out.write(&self.record)
    }
}
