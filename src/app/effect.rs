//! What [`crate::app::update`] asks of the outside: it changes State itself and lists the rest here.

use std::sync::Arc;

use crate::model::charset::Charset;
use crate::model::ids::{EventIx, SourceIx};
use crate::model::mapping::Mapping;
use crate::model::secret::Secret;

use super::PanelId;
use crate::requeue::Plan;
use crate::requeue::journal::Decision;
use crate::requeue::moves::{Change, Source};

/// Carried out by the shell after the command; most start work on another thread.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    PickFiles,
    /// Opens these; `add` keeps the log that is open.
    Open {
        paths: Vec<String>,
        add: bool,
    },
    /// In memory, and in the system's key store where a person wants it kept.
    HoldPassword {
        login: String,
        password: Secret,
        keep: bool,
    },
    /// The answer is `OpenCommand::Session`.
    ReadSession(String),
    CloseLog,
    Reload,
    ReloadUnlimited,
    StopReading,
    /// Into the editor of this kind's reducer.
    ReadReducer {
        kind: String,
        path: String,
    },
    WriteText {
        path: String,
        text: Arc<str>,
        replace: bool,
    },
    /// Sends what the plan says.
    Requeue(Arc<Plan>),
    ResumeRequeue {
        plan: String,
        system: String,
    },
    PauseRequeue(bool),
    StopRequeue,
    DecideRequeue(String, Decision),
    /// Starts or cancels a move task of this queue.
    ChangeMoves(Source, Change),
    /// Written into the journal of requeues.
    NoteLetters {
        subject: String,
        text: String,
    },
    ArchiveLetters {
        subject: String,
        archived: bool,
    },
    /// A part of the window as a PNG, in points: left, top, right, bottom.
    WritePicture {
        path: String,
        part: [f32; 4],
        replace: bool,
    },
    SetMapping(SourceIx, Arc<Mapping>),
    SetCharset(SourceIx, Option<Charset>),
    CancelFilter,
    StopLint,
    /// Thresholds and silences from a file.
    ReadLintConfig(String),
    /// Looks for the cause or an effect of an event and selects it.
    FindCause(EventIx),
    FindEffect(EventIx),
    FindEventId(String),
    ShowPanel(PanelId),
    HidePanel(PanelId),
    TogglePanel(PanelId),
    ResetLayout,
    SaveSettings,
    Copy(String),
    Say(String),
    DismissNotices,
    Quit,
}

pub type Effects = Vec<Effect>;
