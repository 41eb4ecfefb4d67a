//! What is open.

use std::sync::Arc;

use crate::app::workspace::Workspace;
use crate::model::charset::Charset;
use crate::model::ids::SourceIx;
use crate::model::mapping::Mapping;

#[derive(Clone, Debug, PartialEq)]
pub enum OpenCommand {
    /// Asks for files in the system's own dialog.
    Pick,
    /// Opens these as a new log: paths, folders, globs.
    Paths(Vec<String>),
    /// What a session file says.
    Session(Box<Workspace>),
    /// Adds these to the log that is open.
    Add(Vec<String>),
    /// Reads everything again.
    Reload,
    /// The same, without the guard against compressed data that grow out of proportion.
    ReloadUnlimited,
    /// Back to the start page.
    Close,
    /// Stops reading; what is there stays.
    StopReading,
    ForgetRecent(String),
    ClearRecent,
    /// Reads a source again with another mapping and keeps the mapping for it.
    SetMapping(SourceIx, Arc<Mapping>),
    /// Reads a source again in another encoding and keeps that for it; none lets it be recognised.
    SetCharset(SourceIx, Option<Charset>),
}
