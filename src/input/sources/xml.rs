//! XML logs, read as a stream: one element of interest at a time becomes a small tree.
//!
//! Entities other than the five predefined and character references stay as they are written: an
//! entity that expands is how small files become large ones.

use std::cell::Cell;
use std::io::{BufReader, Read};
use std::rc::Rc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use super::json;
use super::stage::{Stage, StageReader};
use crate::input::codecs::xml::referenced;
use crate::model::error::{Error, Result};
use crate::model::issue::{MAX_DEPTH, MAX_RECORD_BYTES};

/// An element with all that is in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub text: String,
    pub children: Vec<Node>,
    /// Where it starts in what was read.
    pub at: u64,
}

impl Node {
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn child(&self, name: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.name == name)
    }

    /// Of the `<string key="…" value="…"/>` form that XES and OCEL 1.0 share.
    pub(super) fn keyed(&self, key: &str) -> Option<&Node> {
        self.children.iter().find(|child| child.attribute("key") == Some(key))
    }

    pub(super) fn keyed_value(&self, key: &str) -> Option<&str> {
        self.keyed(key)?.attribute("value")
    }
}

/// What comes next at the level where the reader is.
pub(super) enum Token {
    /// An element begins. Read it with [`Xml::rest_of`], pass over it with [`Xml::skip`], or go into it
    /// by asking for the next token.
    Open(Node),
    /// The element that was gone into ends.
    Close,
    End,
}

pub(super) struct Xml {
    reader: Reader<BufReader<Limited>>,
    buf: Vec<u8>,
    fresh: Rc<Cell<usize>>,
    /// Elements that were gone into.
    depth: usize,
    stage: Stage,
}

impl Xml {
    pub(super) fn new(stage: Stage, reader: StageReader) -> Self {
        let fresh = Rc::new(Cell::new(0));
        let limited = Limited { inner: reader, fresh: Rc::clone(&fresh) };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 << 10, limited));
        let config = reader.config_mut();
        config.expand_empty_elements = true;
        config.allow_dangling_amp = true;
        Self { reader, buf: Vec::new(), fresh, depth: 0, stage }
    }

    /// # Errors
    /// When the XML is malformed or breaks off.
    pub(super) fn next(&mut self) -> Result<Token> {
        loop {
            let at = self.reader.buffer_position();
            self.buf.clear();
            self.fresh.set(0);
            match self.reader.read_event_into(&mut self.buf) {
                Ok(Event::Start(start)) => {
                    self.depth += 1;
                    return Ok(Token::Open(opened(&start, at)));
                }
                Ok(Event::End(_)) => {
                    self.depth = self.depth.saturating_sub(1);
                    return Ok(Token::Close);
                }
                Ok(Event::Eof) if self.depth > 0 => return Err(self.breaks_off()),
                Ok(Event::Eof) => return Ok(Token::End),
                Ok(_) => {}
                Err(cause) => return Err(broken(&self.stage, self.reader.error_position(), &cause.to_string())),
            }
        }
    }

    /// Passes over the element that has just begun.
    ///
    /// # Errors
    /// As [`Xml::next`].
    pub(super) fn skip(&mut self) -> Result<()> {
        let mut depth = 1;
        while depth > 0 {
            match self.next()? {
                Token::Open(_) => depth += 1,
                Token::Close => depth -= 1,
                Token::End => return Err(self.breaks_off()),
            }
        }
        Ok(())
    }

    /// Reads all of the element that has just begun.
    ///
    /// # Errors
    /// As [`Xml::next`], and when it is too large or too deep to be one event.
    pub(super) fn rest_of(&mut self, open: Node) -> Result<Node> {
        let mut stack = vec![open];
        let mut size = 0;
        loop {
            let at = self.reader.buffer_position();
            self.buf.clear();
            self.fresh.set(0);
            let event = self.reader.read_event_into(&mut self.buf);
            let depth = stack.len();
            let Some(top) = stack.last_mut() else { return Err(self.breaks_off()) };
            match event {
                Ok(Event::Start(start)) => {
                    size += start.len() + 64;
                    if depth > MAX_DEPTH || size > MAX_RECORD_BYTES {
                        return Err(broken(&self.stage, at, "one element is too large"));
                    }
                    stack.push(opened(&start, at));
                }
                Ok(Event::End(_)) => {
                    let Some(node) = stack.pop() else { return Err(self.breaks_off()) };
                    let Some(parent) = stack.last_mut() else {
                        self.depth = self.depth.saturating_sub(1);
                        return Ok(node);
                    };
                    parent.children.push(node);
                }
                Ok(Event::Text(text)) => {
                    size += text.len();
                    top.text.push_str(&text.xml10_content());
                }
                Ok(Event::CData(text)) => {
                    size += text.len();
                    top.text.push_str(&text.xml10_content());
                }
                Ok(Event::GeneralRef(name)) => {
                    size += name.len() + 2;
                    top.text.push_str(&referenced(&name));
                }
                Ok(Event::Eof) => return Err(self.breaks_off()),
                Ok(_) => {}
                Err(cause) => return Err(broken(&self.stage, self.reader.error_position(), &cause.to_string())),
            }
            if size > MAX_RECORD_BYTES {
                return Err(broken(&self.stage, at, "one element is too large"));
            }
        }
    }

    /// Where reading stands.
    pub(super) fn position(&self) -> u64 {
        self.reader.buffer_position()
    }

    /// `what` was read up to here, and there is no end of it.
    pub(super) fn too_large(&self, what: &str) -> Error {
        broken(&self.stage, self.position(), &format!("{what} is too large"))
    }

    /// # Errors
    /// Always: the end came too early.
    pub(super) fn breaks_off(&self) -> Error {
        broken(&self.stage, self.reader.buffer_position(), "the file ends inside an element")
    }
}

fn broken(stage: &Stage, at: u64, cause: &str) -> Error {
    let summary = "The XML breaks off or is malformed; the events before are kept";
    Error::new(summary, stage.place(Some(at)), "Get the file again if the rest is needed").because(cause)
}

fn opened(start: &BytesStart<'_>, at: u64) -> Node {
    let mut found = start.attributes();
    let attributes = found.with_checks(false).flatten().map(|attribute| {
        let value = attribute.normalized_value(XmlVersion::Implicit1_0).unwrap_or(attribute.value.clone());
        (attribute.key.0.to_owned(), value.into_owned())
    });
    let attributes = attributes.collect();
    Node { name: start.local_name().as_ref().to_owned(), attributes, at, ..Node::default() }
}

/// Stops a single tag or text from filling the memory.
struct Limited {
    inner: StageReader,
    /// Bytes since the last token.
    fresh: Rc<Cell<usize>>,
}

impl Read for Limited {
    fn read(&mut self, buf: &mut [u8]) -> std::io::Result<usize> {
        if self.fresh.get() > MAX_RECORD_BYTES {
            return Err(std::io::Error::other("one tag or text is longer than 64 MiB"));
        }
        let n = self.inner.read(buf)?;
        self.fresh.set(self.fresh.get() + n);
        Ok(n)
    }
}

/// Whether these first bytes are an XML document whose root is `<log>`, and the text from there on.
pub(super) fn log_element(head: &[u8]) -> Option<&str> {
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(head.get(..error.valid_up_to())?).ok()?,
    };
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    if !text.starts_with('<') {
        return None;
    }
    let at = text.find("<log").or_else(|| text.find(":log"))?;
    text.get(at..)
}

/// The words by which an object-centric log is told from a case log.
pub(super) fn is_object_centric(log: &str) -> bool {
    ["<object-types", "<event-types", "<objects", "<events", "scope=\"object\"", "scope='object'"]
        .iter()
        .any(|word| log.contains(word))
}

/// `{"key": value, …}` of attribute elements.
pub(super) fn write_members(out: &mut Vec<u8>, attributes: &[Node]) {
    out.push(b'{');
    for node in attributes {
        if let Some(key) = node.attribute("key") {
            json::key(out, key);
            write_value(out, node);
        }
    }
    out.push(b'}');
}

/// Recursion ends: the reader bounds how deep elements are.
pub(super) fn write_value(out: &mut Vec<u8>, node: &Node) {
    let value = node.attribute("value").unwrap_or_default();
    match node.name.as_str() {
        "list" | "container" => {
            let items = node.child("values").map_or(&node.children, |values| &values.children);
            out.push(b'[');
            for item in items {
                json::next(out);
                write_members(out, std::slice::from_ref(item));
            }
            out.push(b']');
        }
        // Attributes of attributes.
        _ if !node.children.is_empty() => {
            out.push(b'{');
            json::key(out, "value");
            write_plain(out, &node.name, value);
            json::key(out, "attributes");
            write_members(out, &node.children);
            out.push(b'}');
        }
        name => write_plain(out, name, value),
    }
}

fn write_plain(out: &mut Vec<u8>, name: &str, value: &str) {
    match (name, value) {
        ("int" | "float", number) => json::number_text(out, number),
        ("boolean", "true" | "false") => out.extend_from_slice(value.as_bytes()),
        _ => json::string(out, value),
    }
}
