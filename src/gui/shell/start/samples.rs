//! The sample logs: where they are, and what each is good for.

use std::path::{Path, PathBuf};

/// File name, title, what to look at.
pub const SAMPLES: &[(&str, &str, &str)] = &[
    ("shop.ndjson", "A shop", "One order through several services, with causes, effects and a payment that fails"),
    ("bank.ndjson", "A bank account", "The textbook of event sourcing: opened, deposited, withdrawn"),
    ("article.ndjson", "Two events", "The smallest log there is: an order and its customer"),
    ("damaged.ndjson", "A damaged log", "Every kind of damage, and what eventglass says about it"),
    ("store.sqlite", "An event store", "Events as a library keeps them in SQLite"),
];

/// The folder with the sample logs: beside the executable, in the source tree it was built in, or
/// where a package put it.
#[must_use]
pub fn folder() -> Option<PathBuf> {
    let mut candidates: Vec<PathBuf> = Vec::new();
    // Set by `cargo run`.
    candidates.extend(std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from));
    if let Ok(exe) = std::env::current_exe() {
        candidates.extend(exe.ancestors().skip(1).take(5).map(Path::to_owned));
        candidates.extend(exe.parent().map(|bin| bin.join("../share/eventglass")));
    }
    candidates.extend(std::env::current_dir().ok());
    candidates.into_iter().map(|c| c.join("sample-data")).find(|c| c.join("shop.ndjson").is_file())
}

/// Those that are there: path, title, what to look at.
#[must_use]
pub fn found() -> Vec<(String, &'static str, &'static str)> {
    let Some(folder) = folder() else { return Vec::new() };
    let sample = |&(file, title, what): &(&str, &'static str, &'static str)| {
        let path = folder.join(file);
        path.is_file().then(|| (path.display().to_string(), title, what))
    };
    SAMPLES.iter().filter_map(sample).collect()
}
