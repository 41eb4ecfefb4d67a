//! The schemas that bodies are read by: those of a registry by the id in a frame, and those of a file that the
//! person names.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::avro::AvroSchema;
use super::protobuf::ProtoSchema;
use super::registry::{Registry, Schema};
use crate::model::error::{Error, Place, Result};

/// Of one source, and there of one topic.
#[derive(Debug, Default)]
pub(super) struct Schemas {
    pub registry: Option<Arc<Registry>>,
    file: Option<OfFile>,
    /// Full name of the Protobuf message that bare bodies are.
    message: Option<String>,
}

#[derive(Debug)]
enum OfFile {
    /// The last one is that of bare bodies.
    Avro(Vec<AvroSchema>),
    Protobuf(ProtoSchema),
    Json(Arc<JsonSchema>),
}

/// A JSON Schema as its source. Values are compared with it where they are edited, in a process of their own: a
/// hostile one can take for ever.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonSchema {
    /// Its title or id; empty where it has none.
    pub name: String,
    pub text: String,
    /// Sources that it refers to, by the names that it has for them.
    pub references: BTreeMap<String, String>,
}

/// Largest file of a schema.
const MAX_FILE_BYTES: u64 = 16 << 20;

impl Schemas {
    /// Reads the files: one or several with commas between them, those that others refer to first.
    ///
    /// # Errors
    /// Which file cannot be read, and why.
    pub fn open(registry: Option<Arc<Registry>>, files: Option<&str>, message: Option<&str>) -> Result<Self> {
        let file = files.map(OfFile::read).transpose()?;
        Ok(Self { registry, file, message: message.map(str::to_owned) })
    }

    pub fn avro(&self) -> &[AvroSchema] {
        match &self.file {
            Some(OfFile::Avro(schemas)) => schemas,
            _ => &[],
        }
    }

    pub fn protobuf(&self) -> Option<&ProtoSchema> {
        match &self.file {
            Some(OfFile::Protobuf(schema)) => Some(schema),
            _ => None,
        }
    }

    pub fn message(&self) -> Option<&str> {
        self.message.as_deref()
    }

    pub fn json(&self) -> Option<&Arc<JsonSchema>> {
        match &self.file {
            Some(OfFile::Json(schema)) => Some(schema),
            _ => None,
        }
    }

    /// The option `value=` of the codec that the schema's file is for.
    pub fn codec(&self) -> Option<&'static str> {
        Some(match self.file.as_ref()? {
            OfFile::Avro(_) => "avro",
            OfFile::Protobuf(_) => "protobuf",
            OfFile::Json(_) => "json",
        })
    }
}

/// What a file's ending says that it holds; `.json` is a JSON Schema or one of Avro.
fn kind_of_file(path: &str) -> Option<&'static str> {
    let ending = Path::new(path).extension()?.to_str()?.to_ascii_lowercase();
    match ending.as_str() {
        "avsc" | "json" => Some("avro"),
        "proto" | "desc" | "pb" | "binpb" | "protoset" | "fds" => Some("protobuf"),
        _ => None,
    }
}

/// `title` of a JSON Schema, or its `$id`.
pub(super) fn title(schema: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(schema).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(serde_json::Value::as_str).map(str::to_owned);
    text("title").or_else(|| text("$id")).unwrap_or_default()
}

/// Avro has no type `object`, and no member that begins with `$`.
fn is_json_schema(text: &str) -> bool {
    let Ok(serde_json::Value::Object(schema)) = serde_json::from_str(text) else { return false };
    let is_one_of_avro = |kind: &serde_json::Value| {
        matches!(kind.as_str(), Some("record" | "enum" | "fixed" | "error")) || schema.contains_key("namespace")
    };
    schema.keys().any(|name| name.starts_with('$') || name == "properties")
        || schema.get("type").is_some_and(|kind| kind == "object" && !is_one_of_avro(kind))
}

impl OfFile {
    fn read(files: &str) -> Result<Self> {
        let wrong = |path: &str, why: &str| {
            let place = Place::File { path: path.to_owned(), offset: None };
            let next_step = "Give an Avro schema (.avsc), a Protobuf source (.proto) or descriptor set (.desc), or a JSON Schema (.json)";
            Error::new("The schema's file cannot be used", place, next_step).because(why)
        };
        let paths: Vec<&str> = files.split(',').map(str::trim).filter(|path| !path.is_empty()).collect();
        let last = *paths.last().ok_or_else(|| wrong(files, "no file is named"))?;
        let mut contents = Vec::new();
        for path in &paths {
            let size = std::fs::metadata(path).map_err(|cause| wrong(path, &cause.to_string()))?.len();
            if size > MAX_FILE_BYTES {
                return Err(wrong(path, "it is larger than 16 MiB"));
            }
            contents.push(std::fs::read(path).map_err(|cause| wrong(path, &cause.to_string()))?);
        }
        let text = |path: &str, bytes: &[u8]| {
            std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| wrong(path, "it is not UTF-8"))
        };
        match kind_of_file(last) {
            Some("avro") => {
                let mut texts = Vec::new();
                for (path, bytes) in paths.iter().zip(&contents) {
                    texts.push(text(path, bytes)?);
                }
                if let Some(main) = texts.pop_if(|text| is_json_schema(text)) {
                    let references = paths.iter().map(|path| file_name(path)).zip(texts).collect();
                    return Ok(Self::Json(Arc::new(JsonSchema { name: title(&main), text: main, references })));
                }
                let parse = |at: usize| {
                    let (before, this) = texts.split_at(at);
                    AvroSchema::parse(this.first().map_or("", String::as_str), before)
                };
                let parsed =
                    (0..texts.len()).map(|at| parse(at).map_err(|why| wrong(paths.get(at).unwrap_or(&last), &why)));
                parsed.collect::<Result<_>>().map(Self::Avro)
            }
            Some("protobuf")
                if Path::new(last).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("proto")) =>
            {
                let mut sources = BTreeMap::new();
                for (path, bytes) in paths.iter().zip(&contents) {
                    sources.insert(file_name(path), text(path, bytes)?);
                }
                imports(Path::new(last), &mut sources);
                ProtoSchema::parse(&file_name(last), sources).map(Self::Protobuf).map_err(|why| wrong(last, &why))
            }
            Some(_) => {
                let bytes = contents.last().map_or(&[][..], Vec::as_slice);
                ProtoSchema::of_descriptors(bytes).map(Self::Protobuf).map_err(|why| wrong(last, &why))
            }
            None => Err(wrong(last, "its ending says neither Avro nor Protobuf")),
        }
    }
}

fn file_name(path: &str) -> String {
    Path::new(path).file_name().map_or_else(|| path.to_owned(), |name| name.to_string_lossy().into_owned())
}

/// What a `.proto` imports, as far as it lies beside it or below.
fn imports(main: &Path, sources: &mut BTreeMap<String, String>) {
    let folder = main.parent().unwrap_or(Path::new(""));
    let mut todo: Vec<String> = sources.values().flat_map(|source| named_imports(source)).collect();
    while let Some(name) = todo.pop() {
        let inside = Path::new(&name).components().all(|part| matches!(part, std::path::Component::Normal(_)));
        if sources.contains_key(&name) || sources.len() > 200 || !inside {
            continue;
        }
        let path = folder.join(&name);
        let small = std::fs::metadata(&path).is_ok_and(|found| found.is_file() && found.len() <= MAX_FILE_BYTES);
        if let Some(source) = small.then(|| std::fs::read_to_string(&path).ok()).flatten() {
            todo.extend(named_imports(&source));
            sources.insert(name, source);
        }
    }
}

fn named_imports(source: &str) -> Vec<String> {
    let lines = source.lines().filter_map(|line| line.trim_start().strip_prefix("import"));
    lines.filter_map(|line| line.split('"').nth(1)).map(str::to_owned).collect()
}

/// A body behind a frame, if that is what it is: a zero byte and a schema's id
/// (<https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format>).
pub(super) struct Framed<'a> {
    frame: Option<(u32, &'a [u8])>,
    registry: Option<&'a Registry>,
    /// Asked for once, by whichever codec wants it first.
    schema: OnceCell<std::result::Result<Arc<Schema>, String>>,
}

impl<'a> Framed<'a> {
    pub fn of(bytes: &'a [u8], schemas: &'a Schemas) -> Self {
        let frame = match bytes {
            [0, a, b, c, d, rest @ ..] => Some((u32::from_be_bytes([*a, *b, *c, *d]), rest)),
            _ => None,
        };
        Self { frame, registry: schemas.registry.as_deref(), schema: OnceCell::new() }
    }

    /// None where there is no frame; an error where there is one and its schema cannot be had.
    pub fn schema(&self) -> Option<std::result::Result<&Schema, &str>> {
        let (id, _) = self.frame?;
        let schema = self.schema.get_or_init(|| match self.registry {
            Some(registry) => registry.schema(id).map_err(|why| format!("it claims schema {id}: {why}")),
            None => Err(format!("it may claim schema {id}: no registry is named (registry=URL)")),
        });
        Some(schema.as_deref().map_err(String::as_str))
    }

    /// What follows the frame.
    pub fn rest(&self) -> &'a [u8] {
        self.frame.map_or(&[], |(_, rest)| rest)
    }
}
