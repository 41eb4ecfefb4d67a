//! What is kept between runs: theme, zoom, zone, recent files, saved filters, columns, layout,
//! mappings. One JSON file in the config folder. A damaged one is set aside and said, never fatal.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::state::{ColumnView, default_columns};
use super::workspace::Workspace;
use super::zone::Zone;
use crate::analysis::dead_letters;
use crate::analysis::lints::Config;
use crate::analysis::state::reducer::ReducerSource;
use crate::model::charset::Charset;
use crate::model::error::{Error, Place, Result};
use crate::model::mapping::Mapping;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    #[default]
    System,
    Dark,
    Light,
}

/// A filter or a statement under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedFilter {
    pub name: String,
    pub text: String,
}

/// Unknown fields are ignored, so that an older version can read a newer file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub theme: ThemeChoice,
    pub zoom_percent: u16,
    pub zone: Zone,
    /// Newest first.
    pub recent: Vec<Recent>,
    /// By name; passwords are elsewhere.
    pub connections: Vec<Connection>,
    pub filters: Vec<SavedFilter>,
    /// SQL over the log.
    pub queries: Vec<SavedFilter>,
    pub columns: Vec<ColumnView>,
    /// The arrangement of the panels, in the shell's own form.
    pub layout: Option<serde_json::Value>,
    /// Mappings made by hand, by the source's address.
    pub mappings: BTreeMap<String, Mapping>,
    /// Encodings chosen by hand, by the source's address.
    pub charsets: BTreeMap<String, Charset>,
    /// Reducers chosen by hand, by the source's address and the kind of entity.
    pub reducers: BTreeMap<String, BTreeMap<String, ReducerSource>>,
    /// Thresholds and silences of the lint rules, by the address of a log's first source.
    pub lints: BTreeMap<String, Config>,
    /// Events that findings name are marked on the timeline.
    pub finding_marks: bool,
    /// What a person made of a log, by what was opened together (see [`Settings::key`]).
    pub workspaces: BTreeMap<String, Workspace>,
    /// Header names of an application's own, targets, and groups as a person wants them.
    pub dead_letters: dead_letters::Config,
    /// Inner width and height in points.
    pub window: Option<(f32, f32)>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: ThemeChoice::default(),
            zoom_percent: 100,
            zone: Zone::default(),
            recent: Vec::new(),
            connections: Vec::new(),
            filters: Vec::new(),
            queries: Vec::new(),
            columns: default_columns(),
            layout: None,
            mappings: BTreeMap::new(),
            charsets: BTreeMap::new(),
            reducers: BTreeMap::new(),
            lints: BTreeMap::new(),
            finding_marks: true,
            workspaces: BTreeMap::new(),
            dead_letters: dead_letters::Config::default(),
            window: None,
        }
    }
}

/// A broker's address under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connection {
    pub name: String,
    /// As it is shown: without a password.
    pub url: String,
}

/// One opening: what was given, together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    pub paths: Vec<String>,
}

const KEPT_RECENT: usize = 12;

impl Settings {
    /// Puts an opening to the top of the recent ones.
    pub fn remember(&mut self, paths: &[String]) {
        self.recent.retain(|r| r.paths != paths);
        self.recent.insert(0, Recent { paths: paths.to_vec() });
        self.recent.truncate(KEPT_RECENT);
        let recent: Vec<String> = self.recent.iter().map(|recent| Self::key(&recent.paths)).collect();
        self.workspaces.retain(|opened, _| recent.contains(opened));
    }

    /// What was opened together, as a key.
    #[must_use]
    pub fn key(paths: &[String]) -> String {
        paths.join("\n")
    }

    /// The file in the system's config folder; `None` where there is no home.
    #[must_use]
    pub fn path() -> Option<PathBuf> {
        directories::ProjectDirs::from("", "", "eventglass").map(|d| d.config_dir().join("settings.json"))
    }

    /// What was kept, or the defaults with the reason why.
    #[must_use]
    pub fn load(path: &Path) -> (Self, Option<Error>) {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return (Self::default(), None),
            Err(e) => return (Self::default(), Some(unreadable(path).because(e))),
        };
        // Through a map, because a list would be taken for the fields in their order.
        let fields = serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&text);
        match fields.and_then(|fields| serde_json::from_value::<Self>(fields.into())) {
            Ok(settings) => (settings.repaired(), None),
            Err(e) => {
                let aside = path.with_extension("json.damaged");
                let kept = fs::rename(path, &aside).is_ok();
                let mut error = unreadable(path).because(e);
                if kept {
                    error.next_step = format!("The old file is kept as {}; the defaults are used", aside.display());
                }
                (Self::default(), Some(error))
            }
        }
    }

    /// Writes a new file beside the old one and swaps them, so that a crash leaves one of the two.
    ///
    /// # Errors
    /// What the file system reports.
    pub fn save(&self, path: &Path) -> Result<()> {
        let error = |e: &dyn std::fmt::Display| {
            let place = Place::File { path: path.display().to_string(), offset: None };
            Error::new("Settings could not be saved", place, "Check that the folder can be written").because(e)
        };
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder).map_err(|e| error(&e))?;
        let text = serde_json::to_vec_pretty(self).map_err(|e| error(&e))?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(|e| error(&e))?;
        file.write_all(&text).map_err(|e| error(&e))?;
        file.persist(path).map_err(|e| error(&e))?;
        Ok(())
    }

    /// Values a person could have typed by hand, brought into their ranges.
    fn repaired(mut self) -> Self {
        self.zoom_percent = self.zoom_percent.clamp(100, 200);
        let known = default_columns();
        self.columns.retain(|c| c.width.is_finite());
        for column in &known {
            if !self.columns.iter().any(|c| c.column == column.column) {
                self.columns.push(*column);
            }
        }
        for column in &mut self.columns {
            column.width = column.width.clamp(24.0, 2_000.0);
        }
        self.recent.truncate(KEPT_RECENT);
        self.window = self.window.filter(|(w, h)| w.is_finite() && h.is_finite() && *w >= 320.0 && *h >= 240.0);
        self
    }
}

fn unreadable(path: &Path) -> Error {
    let place = Place::File { path: path.display().to_string(), offset: None };
    Error::new("Settings could not be read", place, "The defaults are used")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_saved_is_loaded_again() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("deep/settings.json");
        let mut settings = Settings { zoom_percent: 150, ..Settings::default() };
        settings.remember(&["a.ndjson".to_owned()]);
        settings.save(&path).expect("can be written");
        let (loaded, error) = Settings::load(&path);
        assert_eq!(loaded, settings);
        assert!(error.is_none());
    }

    #[test]
    fn damage_gives_the_defaults_and_is_said() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("settings.json");
        for text in ["", "{", "[]", "{\"zoom_percent\":\"big\"}", "\u{0}\u{0}"] {
            fs::write(&path, text).expect("can be written");
            let (loaded, error) = Settings::load(&path);
            assert_eq!(loaded, Settings::default(), "{text:?}");
            assert!(error.is_some_and(|e| e.next_step.contains("damaged")), "{text:?}");
        }
    }

    #[test]
    fn values_out_of_range_are_brought_back() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let path = dir.path().join("settings.json");
        fs::write(&path, r#"{"zoom_percent":9000,"columns":[],"window":[1,1],"from_the_future":1}"#).expect("written");
        let (loaded, error) = Settings::load(&path);
        assert!(error.is_none());
        assert_eq!(loaded.zoom_percent, 200);
        assert_eq!(loaded.columns, default_columns());
        assert_eq!(loaded.window, None);
    }

    #[test]
    fn recent_files_have_no_repeats_and_an_end() {
        let mut settings = Settings::default();
        for i in 0..40 {
            settings.remember(&[format!("{}.ndjson", i % 20)]);
        }
        assert_eq!(settings.recent.len(), KEPT_RECENT);
        assert_eq!(settings.recent[0].paths, ["19.ndjson"]);
    }
}
