//! From an address to a source that ingest can read: bytes, then layers as long as one fits, then the
//! decoder that recognises what is left.

mod followed;
pub mod members;

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::followed::Followed;
use super::codecs::bodies::Bodies;
use super::decoders::json::{JsonFormat, OneLine};
use super::decoders::plan::Plan;
use super::decoders::presets;
use super::decoders::{self, Format, SAMPLE_BYTES, Sample};
use super::sources;
use super::sources::address::Address;
use super::sources::broker;
use super::sources::file::{FileBytes, unreadable};
use super::sources::follow::Growth;
use super::sources::identity::Identity;
use super::sources::pump;
use super::sources::stage::{Context, Stage};
use crate::base::cancel::Cancel;
use crate::model::charset::Charset;
use crate::model::error::{Error, Result};
use crate::model::issue::MAX_RECORD_BYTES;
use crate::model::mapping::Mapping;
use crate::model::source::{ReadAt, SourceInfo};

/// How to open a source.
#[derive(Clone, Debug)]
pub struct OpenOptions {
    /// Given by a person; wins over everything that could be recognised.
    pub mapping: Option<Mapping>,
    /// The encoding of text that is not what it looks like.
    pub charset: Option<Charset>,
    /// Where unpacked copies go; the system's folder for temporary files where none is given.
    pub cache_dir: Option<PathBuf>,
    pub cancel: Cancel,
    /// Reads compressed sources that unpack to more than 200 times their size.
    pub allow_bombs: bool,
    /// Most bytes that one unpacked copy may take.
    pub spool_limit_bytes: u64,
    /// Most bytes read of a device or a file without a size, which may be endless.
    pub device_limit_bytes: u64,
    /// Watch the source for more after it was read.
    pub follow: bool,
}

impl OpenOptions {
    /// A person's own limit for each unpacked copy in place of the guard against compressed data that
    /// grow out of proportion.
    #[must_use]
    pub fn unpacking_up_to(mut self, bytes: Option<u64>) -> Self {
        if let Some(bytes) = bytes {
            self.allow_bombs = true;
            self.spool_limit_bytes = bytes;
        }
        self
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self {
            mapping: None,
            charset: None,
            cache_dir: None,
            cancel: Cancel::new(),
            allow_bombs: false,
            spool_limit_bytes: 64 << 30,
            device_limit_bytes: 1 << 30,
            follow: false,
        }
    }
}

/// Opens the source anew: what follows [`super::sources::follow::Change::Replaced`].
pub type Reopen = Arc<dyn Fn() -> Result<Opened> + Send + Sync>;

/// A source, ready to be read.
pub struct Opened {
    pub info: SourceInfo,
    pub format: Arc<dyn Format>,
    /// Set where bytes may still come: files that are followed, and all that is being unpacked.
    pub growth: Option<Arc<dyn Growth>>,
    /// Set where an index of these bytes is worth keeping: a file's own bytes.
    pub identity: Option<Identity>,
    /// What went wrong so far and did not stop the source; more may come from `growth`.
    pub warnings: Vec<Error>,
    pub reopen: Option<Reopen>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("info", &self.info).field("warnings", &self.warnings).finish_non_exhaustive()
    }
}

/// Opens one source. Waits until enough of it is there to recognise it (standard input: the first
/// lines), so it belongs on a thread of its own.
///
/// # Errors
/// When nothing can be read of it: no such file, no known format.
pub fn open(address: &Address, options: &OpenOptions) -> Result<Opened> {
    let plain = peeled(address, options)?;
    let (head, complete) = beginning(&plain.stage, &options.cancel)?;
    let sample = Sample { name: &plain.stage.name, head: &head, complete };
    let mapping = options.mapping.clone().or_else(|| ready_mapping(&plain.stage, &head));
    let warnings = plain.stage.spool.as_ref().map_or_else(Vec::new, |spool| spool.warnings());
    // An empty log is one that may still be written; one that could not be unpacked is an error.
    if let (true, true, Some(warning)) = (complete, head.is_empty(), warnings.first()) {
        return Err(warning.clone());
    }
    let format =
        recognise(&sample, &plain.stage, mapping).map_err(|error| with_cause(error, &plain.stage, &head, &warnings))?;
    let mut opened = assemble(address, options, plain, format, warnings);
    if head.starts_with(b"\xEF\xBB\xBF") {
        opened.info.format.push_str(", byte-order mark");
    }
    Ok(opened)
}

/// Enough to recognise what it is, and whether that is all. Where the first line is an object longer than a sample it
/// is there as a whole: messages of some megabytes are records too. An array that long is a document, never a record.
fn beginning(stage: &Stage, cancel: &Cancel) -> Result<(Vec<u8>, bool)> {
    let has_line = |head: &[u8]| memchr::memchr(b'\n', head).is_some();
    let mut want = SAMPLE_BYTES;
    let (mut head, mut complete) = stage.head(want, cancel)?;
    let is_object = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(&head).trim_ascii_start().starts_with(b"{");
    while is_object && !complete && !has_line(&head) && want < MAX_RECORD_BYTES {
        want *= 4;
        (head, complete) = stage.head(want, cancel)?;
    }
    if head.len() > SAMPLE_BYTES && !has_line(&head) {
        head.truncate(SAMPLE_BYTES);
        complete = false;
    }
    Ok((head, complete))
}

/// The bytes after all layers.
struct Plain {
    stage: Stage,
    /// The file itself, where no layer came between.
    file: Option<Arc<FileBytes>>,
}

fn peeled(address: &Address, options: &OpenOptions) -> Result<Plain> {
    let mut context = Context {
        cache_dir: options.cache_dir.clone(),
        cancel: options.cancel.clone(),
        allow_bombs: options.allow_bombs,
        spool_limit_bytes: options.spool_limit_bytes,
        follow: options.follow,
        table: None,
        charset: options.charset,
        bodies: Arc::default(),
        values: || Box::<OneLine>::default(),
    };
    let (stage, file) = match address {
        Address::Broker(url) => {
            context.bodies = Arc::new(Bodies::open(&url.bodies)?);
            (broker::of(url)?.open(url, &context)?, None)
        }
        Address::Stdin => (streamed(address, &context, || Ok(Box::new(io::stdin())))?, None),
        Address::Stream { path } => (from_stream(address, path, &context, options)?, None),
        Address::File { path, table } => {
            context.table.clone_from(table);
            let file = FileBytes::open(path)?;
            if is_endless(&file) {
                (from_stream(address, path, &context, options)?, None)
            } else {
                let file = Arc::new(file);
                let bytes = Arc::clone(&file) as Arc<dyn ReadAt>;
                (first_stage(address, bytes, Some(path.clone())), Some(file))
            }
        }
    };
    let stage = sources::peel(stage, &context)?;
    let file = file.filter(|_| stage.spool.is_none());
    Ok(Plain { stage, file })
}

fn from_stream(address: &Address, path: &Path, context: &Context, options: &OpenOptions) -> Result<Stage> {
    let metadata = std::fs::metadata(path).map_err(|cause| unreadable(path, &cause))?;
    let mut context = context.clone();
    if !is_pipe(&metadata) {
        context.spool_limit_bytes = context.spool_limit_bytes.min(options.device_limit_bytes);
    }
    let path = path.to_owned();
    streamed(address, &context, move || pump::open_stream(&path))
}

fn streamed(
    address: &Address,
    context: &Context,
    open: impl FnOnce() -> io::Result<Box<dyn io::Read>> + Send + 'static,
) -> Result<Stage> {
    let bytes = pump::stream(&address.to_string(), context, open)?;
    let stage = first_stage(address, Arc::clone(&bytes) as Arc<dyn ReadAt>, None);
    let word = if *address == Address::Stdin { "standard input" } else { "stream" };
    Ok(stage.through(bytes, word))
}

fn first_stage(address: &Address, bytes: Arc<dyn ReadAt>, path: Option<PathBuf>) -> Stage {
    Stage { path, ..Stage::new(address.to_string(), address.name(), bytes) }
}

/// A file that says it is empty and isn't, as the kernel's own files do.
fn is_endless(file: &FileBytes) -> bool {
    let mut byte = [0];
    file.metadata().is_ok_and(|metadata| metadata.len() == 0)
        && file.read_at(&mut byte, crate::model::ids::ByteOffset(0)).is_ok_and(|n| n > 0)
}

#[cfg(unix)]
fn is_pipe(metadata: &std::fs::Metadata) -> bool {
    std::os::unix::fs::FileTypeExt::is_fifo(&metadata.file_type())
}

#[cfg(not(unix))]
fn is_pipe(_metadata: &std::fs::Metadata) -> bool {
    false
}

/// The mapping that a layer brings, with the entities that the payloads of a known store name and with what only
/// its records tell.
fn ready_mapping(stage: &Stage, head: &[u8]) -> Option<Mapping> {
    let mut mapping = stage.mapping.clone()?;
    if stage.has_payloads {
        let lines = head.split_inclusive(|byte| *byte == b'\n').filter(|line| line.ends_with(b"\n"));
        let records: Vec<serde_json::Value> =
            lines.take(SAMPLE_RECORDS).filter_map(|line| serde_json::from_slice(line).ok()).collect();
        let areas: Vec<String> = mapping.data.iter().map(|template| template.0.clone()).collect();
        let areas: Vec<&str> = areas.iter().map(String::as_str).collect();
        decoders::infer::add_entities(&records, &mut mapping, &areas);
        if mapping.envelope == "message-db" {
            decoders::presets::message_db::join_by_place(&records, &mut mapping);
        }
    }
    Some(mapping)
}

/// Enough to see which fields payloads have.
const SAMPLE_RECORDS: usize = 500;

/// Records of our own with a ready mapping need no recognising, not even when there are none yet.
fn recognise(sample: &Sample<'_>, stage: &Stage, mapping: Option<Mapping>) -> Result<Arc<dyn Format>> {
    match mapping {
        Some(mapping) if stage.own_records => {
            let plan = Plan::compile(mapping, sample.name, None)?;
            Ok(Arc::new(JsonFormat::lines(plan)))
        }
        // A topic or queue that holds nothing yet.
        None if stage.own_records && sample.head.is_empty() => {
            let plan = Plan::compile(presets::messages::PRESET.mapping(&[]), sample.name, None)?;
            Ok(Arc::new(JsonFormat::lines(plan)))
        }
        mapping => decoders::open(sample, &stage.bytes, mapping),
    }
}

/// A source that nothing can be made of may be so because a layer failed, or because it is of a kind
/// that has to be unpacked first: that is the real reason.
fn with_cause(error: Error, stage: &Stage, head: &[u8], warnings: &[Error]) -> Error {
    if let Some(warning) = warnings.first() {
        return warning.clone().because(format!("{}\n{}", warning.details, error));
    }
    let Some((_, kind)) = FOREIGN.iter().chain(NO_LOGS).find(|(magic, _)| head.starts_with(magic)) else {
        return error;
    };
    let foreign = Error::new(format!("This is {kind}"), stage.place(None), "Unpack it or convert it first");
    if NO_LOGS.iter().any(|(_, other)| other == kind) { foreign.for_no_events() } else { foreign }
}

/// Well-known beginnings of what cannot be opened and may well hold a log.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "a zip archive"),
    (b"\xFD7zXZ\0", "an xz file"),
    (b"BZh", "a bzip2 file"),
    (b"7z\xBC\xAF\x27\x1C", "a 7z archive"),
    (b"\x04\x22\x4D\x18", "an lz4 file"),
    (b"PAR1", "a Parquet file"),
];

/// Well-known beginnings of what no log comes in.
const NO_LOGS: &[(&[u8], &str)] = &[(b"%PDF", "a PDF document"), (b"\x89PNG", "a picture"), (b"\x7FELF", "a program")];

fn assemble(
    address: &Address,
    options: &OpenOptions,
    plain: Plain,
    format: Arc<dyn Format>,
    warnings: Vec<Error>,
) -> Opened {
    let Plain { mut stage, file } = plain;
    let mut formats = std::mem::take(&mut stage.formats);
    if !stage.own_records {
        formats.push(format.describe());
    }
    let len = stage.bytes.len().unwrap_or(0);
    let identity = file.as_ref().and_then(|file| Identity::of(&**file, len).ok());
    let followed = Followed::new(&stage, file, len, &*format, options);
    let identity = if followed.is_document { None } else { identity };
    if followed.is_unfollowed {
        formats.push("not followed".to_owned());
    }
    let reopen: Option<Reopen> = matches!(address, Address::File { .. }).then(|| {
        let (address, mut options) = (address.clone(), options.clone());
        // A rotated log goes on as it was; its first few lines would say less.
        options.mapping.get_or_insert_with(|| (*format.mapping()).clone());
        Arc::new(move || open(&address, &options)) as Reopen
    });
    let info = SourceInfo {
        name: address.name(),
        address: address.to_string(),
        format: formats.join(", "),
        charset: stage.charset,
        mapping: format.mapping(),
        bytes: followed.bytes,
        decode: format.decode(),
        origin: followed.origin,
    };
    Opened { info, format, growth: followed.growth, identity, warnings, reopen }
}

#[cfg(test)]
mod tests;
