//! Completeness of the open sets: whoever adds a decoder, an envelope, a layer, a panel or a command
//! is told here what it still lacks.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eventglass::analysis::dead_letters::dialects::DIALECTS;
use eventglass::analysis::lints::LINTS;
use eventglass::app::actions::ACTIONS;
use eventglass::gui::panels::PANELS;
use eventglass::input::codecs::{CODECS, Codec};
use eventglass::input::decoders::DECODERS;
use eventglass::input::decoders::presets::PRESETS;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::LAYERS;
use eventglass::input::sources::address::{Address, expand};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: impl AsRef<Path>) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_default()
}

/// What each sample log was recognised as: its format, and the name of its envelope.
fn recognised() -> BTreeMap<PathBuf, (String, String)> {
    let folders = ["sample-data", "tests/data"].map(|folder| root().join(folder).to_string_lossy().into_owned());
    let cache = tempfile::tempdir().expect("temporary folders can be made");
    let options = OpenOptions { cache_dir: Some(cache.path().to_owned()), ..OpenOptions::default() };
    let mut found = BTreeMap::new();
    for target in expand(&folders).into_iter().flatten() {
        let address = target.address;
        let Address::File { path, .. } = &address else { continue };
        if let Ok(opened) = open(&address, &options) {
            let info = opened.info;
            found.insert(path.clone(), (info.format.clone(), info.mapping.envelope.clone()));
        }
    }
    found
}

fn fail_on(lacking: &[String]) {
    assert!(lacking.is_empty(), "Still lacking:\n  {}", lacking.join("\n  "));
}

#[test]
fn decoders_layers_and_envelopes_have_a_sample_and_a_row_in_the_readme() {
    let logs = recognised();
    let readme = read("README.md");
    let mut lacking = Vec::new();
    let formats: Vec<&str> = logs.values().map(|(format, _)| format.as_str()).collect();
    let shown: Vec<&str> = DECODERS.iter().map(|d| d.name()).chain(LAYERS.iter().map(|l| l.name())).collect();
    for name in shown {
        if !formats.iter().any(|format| name.split(' ').all(|word| format.contains(word))) {
            lacking.push(format!("{name}: a log in sample-data or tests/data that is opened as such"));
        }
        if !readme.contains(name) {
            lacking.push(format!("{name}: a word in README.md under \"What it opens\""));
        }
    }
    for preset in PRESETS {
        if !logs.values().any(|(_, envelope)| envelope == preset.name) {
            lacking.push(format!("{}: a log in tests/data with this envelope", preset.name));
        }
        if !readme.contains(preset.label) {
            lacking.push(format!("{}: a word in README.md under \"What it opens\"", preset.label));
        }
    }
    fail_on(&lacking);
}

#[test]
fn every_sample_log_opens_and_is_told_of() {
    let logs = recognised();
    let told = read("sample-data/README.md");
    let mut lacking = Vec::new();
    for entry in std::fs::read_dir(root().join("sample-data")).expect("it can be listed").flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name == "README.md" {
            continue;
        }
        // Reducers for the logs are no logs, and read models of them are none.
        let is_reducer = entry.path().extension().is_some_and(|ending| ending == "rules" || ending == "js");
        if !is_reducer
            && !name.contains("-views.")
            && !logs.contains_key(&entry.path().canonicalize().expect("it is there"))
            && !logs.contains_key(&entry.path())
        {
            lacking.push(format!("{name}: does not open"));
        }
        if !told.contains(&format!("`{name}`")) {
            lacking.push(format!("{name}: a row in sample-data/README.md"));
        }
    }
    fail_on(&lacking);
}

#[test]
fn panels_have_a_title_a_model_and_pictures() {
    let mut lacking = Vec::new();
    let pictures: Vec<String> = files_named(&root().join("tests"), "png");
    for panel in PANELS {
        if panel.title.is_empty() || panel.id.is_empty() {
            lacking.push(format!("{}: an id and a title", panel.id));
        }
        if PANELS.iter().filter(|other| other.id == panel.id || other.title == panel.title).count() > 1 {
            lacking.push(format!("{}: an id and a title of its own", panel.id));
        }
        for theme in ["dark", "light"] {
            if !pictures.iter().any(|name| name.contains(panel.id) && name.contains(theme)) {
                lacking.push(format!("{}: a picture in the {theme} theme in tests", panel.id));
            }
        }
    }
    fail_on(&lacking);
}

fn files_named(folder: &Path, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_named(&path, ending));
        } else if path.extension().is_some_and(|extension| extension == ending) {
            found.push(path.to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn lints_have_words_and_logs_on_which_they_fire_and_are_silent() {
    let mut lacking = Vec::new();
    let folder = root().join("src/analysis/lints/rules");
    let files = files_named(&folder, "rs").len() - ["mod.rs", "testing.rs"].len();
    if files != LINTS.len() {
        lacking.push(format!("a line in LINTS for each of the {files} files in {}", folder.display()));
    }
    for lint in LINTS {
        if LINTS.iter().filter(|other| other.name == lint.name).count() > 1 {
            lacking.push(format!("{}: a name of its own", lint.name));
        }
        if [lint.what, lint.why, lint.mend].iter().any(|words| words.is_empty() || words.ends_with('.')) {
            lacking.push(format!("{}: what, why and how to mend, without a full stop", lint.name));
        }
        let file = read(folder.join(format!("{}.rs", lint.name.replace('-', "_"))));
        for (what, text) in [("a log on which it fires", "fn fires"), ("one on which it is silent", "&[]);")] {
            if !file.contains(text) && !file.contains("told(events, false)") {
                lacking.push(format!("{}: {what}", lint.name));
            }
        }
    }
    fail_on(&lacking);
}

#[test]
fn commands_have_labels_and_shortcuts_of_their_own() {
    let mut lacking = Vec::new();
    let mut taken = BTreeMap::new();
    let mut labels = BTreeMap::new();
    for action in ACTIONS {
        if action.label.is_empty() || !action.label.starts_with(char::is_uppercase) {
            lacking.push(format!("{:?}: a label in sentence case", action.label));
        }
        if let Some(other) = labels.insert(action.label, action.words) {
            lacking.push(format!("{}: is there twice ({other})", action.label));
        }
        for shortcut in action.keys {
            if let Some(other) = taken.insert(*shortcut, action.label) {
                lacking.push(format!("{}: {} already means {other}", action.label, shortcut.caps().join("+")));
            }
        }
    }
    fail_on(&lacking);
}

#[test]
fn codecs_have_names_a_golden_body_and_a_word_in_the_readme() {
    let mut lacking = Vec::new();
    let readme = read("README.md");
    let golden = read("tests/data/bodies/golden.json") + &read("src/input/codecs/tests/mod.rs");
    for codec in CODECS {
        let alike = |other: &&&dyn Codec| other.name() == codec.name() || other.option() == codec.option();
        if CODECS.iter().filter(alike).count() > 1 {
            lacking.push(format!("{}: a name and an option of its own", codec.name()));
        }
        if !golden.contains(&format!("\"codec\": \"{}\"", codec.name()))
            && !golden.contains(&format!("by_option(\"{}\")", codec.option()))
            && codec.option() != "text"
        {
            lacking.push(format!("{}: a body by another library in tests/data/bodies", codec.name()));
        }
        if !readme.contains(codec.name())
            || !readme.contains(&format!("`{}`", codec.option()))
                && !readme.contains(&format!("`value={}`", codec.option()))
        {
            lacking.push(format!("{}: its name and its option in README.md", codec.name()));
        }
        if codec.content_types().is_empty() {
            lacking.push(format!("{}: what a header calls it", codec.name()));
        }
    }
    fail_on(&lacking);
}

#[test]
fn dialects_of_dead_letters_have_names_marks_and_a_letter_as_it_is_written() {
    let mut lacking = Vec::new();
    let readme = read("README.md");
    for path in files_named(&root().join("src/analysis/dead_letters/dialects"), "rs") {
        let helper = ["mod.rs", "names.rs", "testing.rs"].iter().any(|name| path.ends_with(name));
        if !helper && !read(&path).contains("fn golden") {
            lacking.push(format!("{path}: fn golden, a letter as its producer writes it"));
        }
    }
    for dialect in DIALECTS {
        if DIALECTS.iter().filter(|other| other.name == dialect.name || other.label == dialect.label).count() > 1 {
            lacking.push(format!("{}: a name and a label of its own", dialect.name));
        }
        if dialect.marks.is_empty() && dialect.name != "by-name" {
            lacking.push(format!("{}: marks", dialect.name));
        }
        if !readme.contains(dialect.label) && dialect.name != "by-name" {
            lacking.push(format!("{}: {} in README.md", dialect.name, dialect.label));
        }
    }
    fail_on(&lacking);
}
