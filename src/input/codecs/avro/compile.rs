//! A schema made ready for reading: a table of nodes that name each other by number, so that nothing is looked
//! up by name while bodies are read.

use apache_avro::Schema;
use apache_avro::schema::{FixedSchema, InnerDecimalSchema, Name, UuidSchema};
use rapidhash::RapidHashMap;

use super::super::Why;
use super::super::tree::MAX_DEPTH;
use crate::base::sync::caught;

/// See the module's documentation.
#[derive(Debug)]
pub(in super::super) struct Avro {
    pub(super) nodes: Vec<Node>,
    pub(super) root: usize,
    /// Of the root, if it has one.
    pub name: String,
    /// Of its canonical form, as single objects carry it.
    pub fingerprint: [u8; 8],
}

/// How values of one type are written. Numbers are places in [`Avro::nodes`].
#[derive(Debug)]
pub(super) enum Node {
    /// As another one.
    Same(usize),
    Null,
    Boolean,
    Int,
    Long,
    Float,
    Double,
    Bytes,
    Text,
    Fixed(usize),
    Enum(Vec<String>),
    Array(usize),
    Map(usize),
    Union(Vec<usize>),
    Record {
        /// With its namespace.
        name: String,
        fields: Vec<(String, usize)>,
    },
    /// Digits in so many bytes, or in bytes with their length before them.
    Decimal {
        scale: i64,
        precision: usize,
        fixed: Option<usize>,
    },
    /// Digits with their scale beside them.
    BigDecimal,
    /// Sixteen bytes, with their length before them or not.
    Uuid {
        fixed: bool,
    },
    Date,
    /// Of a day, in so many parts of a second.
    Time {
        per_second: i64,
    },
    Instant {
        per_second: i64,
        utc: bool,
    },
    Duration,
}

/// Largest schema with all that it refers to.
const MAX_NODES: usize = 100_000;

impl Avro {
    /// `referenced` are the schemas that it names, those named by others first.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(schema: &str, referenced: &[String]) -> Result<Self, Why> {
        let parsed = caught(|| Schema::parse_str_with_list(schema, referenced));
        let (root, others) = parsed
            .map_err(|_| "the schema cannot be read".to_owned())?
            .map_err(|cause| format!("the schema cannot be read: {cause}"))?;
        let mut compiler = Compiler::default();
        for other in &others {
            compiler.add(other, None, 0)?;
        }
        let at = compiler.add(&root, None, 0)?;
        // What was named before it was there.
        let Compiler { mut nodes, names, open } = compiler;
        for (at, name) in open {
            let target = *names.get(&name).ok_or_else(|| format!("the schema names {name}, which is not there"))?;
            let Some(node) = nodes.get_mut(at) else { continue };
            *node = Node::Same(target);
        }
        let name = root.name().map(|name| name.fullname(None)).unwrap_or_default();
        let fingerprint = caught(|| root.fingerprint::<apache_avro::rabin::Rabin>().bytes);
        let fingerprint = fingerprint.ok().and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        Ok(Self { nodes, root: at, name, fingerprint })
    }

    /// What a node is in the end; chains of names that lead in a circle are nothing.
    pub(super) fn resolved(&self, at: usize) -> &Node {
        let mut node = self.nodes.get(at);
        for _ in 0..MAX_DEPTH {
            match node {
                Some(Node::Same(at)) => node = self.nodes.get(*at),
                Some(node) => return node,
                None => break,
            }
        }
        &Node::Null
    }
}

impl Node {
    /// As a union's branch is called: `shop.Paid`, `long`.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Record { name, .. } => name,
            Self::Null | Self::Same(_) => "null",
            Self::Boolean => "boolean",
            Self::Int | Self::Date => "int",
            Self::Long | Self::Instant { .. } => "long",
            Self::Time { per_second } => {
                if *per_second == 1_000 {
                    "int"
                } else {
                    "long"
                }
            }
            Self::Float => "float",
            Self::Double => "double",
            Self::Bytes | Self::BigDecimal => "bytes",
            Self::Text => "string",
            Self::Enum(_) => "enum",
            Self::Array(_) => "array",
            Self::Map(_) => "map",
            Self::Union(_) => "union",
            Self::Fixed(_) | Self::Duration => "fixed",
            Self::Uuid { fixed } => {
                if *fixed {
                    "fixed"
                } else {
                    "bytes"
                }
            }
            Self::Decimal { fixed, .. } => {
                if fixed.is_some() {
                    "fixed"
                } else {
                    "bytes"
                }
            }
        }
    }
}

#[derive(Default)]
struct Compiler {
    nodes: Vec<Node>,
    names: RapidHashMap<String, usize>,
    /// References that stand before what they name.
    open: Vec<(usize, String)>,
}

impl Compiler {
    fn add(&mut self, schema: &Schema, space: Option<&str>, depth: usize) -> Result<usize, Why> {
        if depth > MAX_DEPTH || self.nodes.len() >= MAX_NODES {
            return Err("the schema is too large".to_owned());
        }
        let at = self.nodes.len();
        // Its place is taken first: what is inside may name it.
        self.nodes.push(Node::Null);
        let node = match schema {
            Schema::Null => Node::Null,
            Schema::Boolean => Node::Boolean,
            Schema::Int => Node::Int,
            Schema::Long => Node::Long,
            Schema::Float => Node::Float,
            Schema::Double => Node::Double,
            Schema::Bytes => Node::Bytes,
            Schema::String => Node::Text,
            Schema::Array(array) => Node::Array(self.add(&array.items, space, depth + 1)?),
            Schema::Map(map) => Node::Map(self.add(&map.types, space, depth + 1)?),
            Schema::Union(union) => {
                let of = |variant| self.add(variant, space, depth + 1);
                Node::Union(union.variants().iter().map(of).collect::<Result<_, _>>()?)
            }
            Schema::Record(record) => {
                let full = self.name(&record.name, space, at);
                let space = full.rsplit_once('.').map(|(space, _)| space);
                let of = |field: &apache_avro::schema::RecordField| {
                    Ok((field.name.clone(), self.add(&field.schema, space, depth + 1)?))
                };
                let fields = record.fields.iter().map(of).collect::<Result<_, Why>>()?;
                Node::Record { name: full.clone(), fields }
            }
            Schema::Enum(of) => {
                self.name(&of.name, space, at);
                Node::Enum(of.symbols.clone())
            }
            Schema::Fixed(fixed) => Node::Fixed(self.fixed(fixed, space, at)),
            Schema::Decimal(decimal) => {
                let scale = i64::try_from(decimal.scale).map_err(|_| "a scale out of bounds".to_owned())?;
                let fixed = match &decimal.inner {
                    InnerDecimalSchema::Bytes => None,
                    InnerDecimalSchema::Fixed(fixed) => Some(self.fixed(fixed, space, at)),
                };
                Node::Decimal { scale, precision: decimal.precision, fixed }
            }
            Schema::BigDecimal => Node::BigDecimal,
            Schema::Uuid(UuidSchema::String) => Node::Text,
            Schema::Uuid(UuidSchema::Bytes) => Node::Uuid { fixed: false },
            Schema::Uuid(UuidSchema::Fixed(fixed)) => {
                self.fixed(fixed, space, at);
                Node::Uuid { fixed: true }
            }
            Schema::Date => Node::Date,
            Schema::TimeMillis => Node::Time { per_second: 1_000 },
            Schema::TimeMicros => Node::Time { per_second: 1_000_000 },
            Schema::TimestampMillis => Node::Instant { per_second: 1_000, utc: true },
            Schema::TimestampMicros => Node::Instant { per_second: 1_000_000, utc: true },
            Schema::TimestampNanos => Node::Instant { per_second: 1_000_000_000, utc: true },
            Schema::LocalTimestampMillis => Node::Instant { per_second: 1_000, utc: false },
            Schema::LocalTimestampMicros => Node::Instant { per_second: 1_000_000, utc: false },
            Schema::LocalTimestampNanos => Node::Instant { per_second: 1_000_000_000, utc: false },
            Schema::Duration(fixed) => {
                self.fixed(fixed, space, at);
                Node::Duration
            }
            Schema::Ref { name } => {
                let full = name.fullname(space);
                match self.names.get(&full) {
                    Some(target) => Node::Same(*target),
                    None => {
                        self.open.push((at, full));
                        Node::Null
                    }
                }
            }
        };
        if let Some(place) = self.nodes.get_mut(at) {
            *place = node;
        }
        Ok(at)
    }

    fn name(&mut self, name: &Name, space: Option<&str>, at: usize) -> String {
        let full = name.fullname(space);
        self.names.insert(full.clone(), at);
        full
    }

    fn fixed(&mut self, fixed: &FixedSchema, space: Option<&str>, at: usize) -> usize {
        self.name(&fixed.name, space, at);
        fixed.size
    }
}
