//! The files of the repository, without what is built or fetched.

use std::path::{Path, PathBuf};

pub struct File {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

impl File {
    /// Lines of code with their numbers from 1: comments and the tests at the end are left out.
    pub fn code_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        let only_tests = self.path.ends_with("/tests.rs") || self.path.contains("/tests/");
        let code = if only_tests { "" } else { without_tests(&self.text) };
        code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")).map(|(i, line)| (i + 1, line))
    }
}

/// Up to the first part that is only compiled for tests.
fn without_tests(text: &str) -> &str {
    if text.contains("#![cfg(test)]") {
        return "";
    }
    ["\n#[cfg(test)]\nmod ", "\n#[cfg(test)]\npub mod ", "\n#[cfg(test)]\npub(crate) mod "]
        .iter()
        .filter_map(|start| text.find(start))
        // `mod tests;` leads to a file of its own and more code may follow.
        .filter(|at| !text[at + 1..].lines().nth(1).is_some_and(|line| line.ends_with(';')))
        .min()
        .map_or(text, |at| &text[..at])
}

pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Text files in these folders; "." stands for the files of the root alone.
pub fn files(folders: &[&str]) -> Vec<File> {
    let mut all = Vec::new();
    for folder in folders {
        let paths = if *folder == "." { paths_of_root() } else { paths(&root().join(folder)) };
        for path in paths {
            if let Ok(text) = std::fs::read_to_string(root().join(&path)) {
                all.push(File { path, text });
            }
        }
    }
    all
}

fn paths_of_root() -> Vec<String> {
    let entries = std::fs::read_dir(root()).expect("the root can be listed");
    entries
        .flatten()
        .filter(|e| e.path().is_file() && e.file_name() != ".git")
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .collect()
}

/// All files below a folder, sorted; none where there is no such folder.
pub fn paths(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if name != "target" && name != "artifacts" && name != "coverage" {
                    folders.push(path);
                }
            } else if let Ok(inside) = path.strip_prefix(root()) {
                found.push(inside.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found
}

/// Whether the word stands in the line with no letter, digit or underscore beside it.
pub fn has_word(line: &str, word: &str) -> bool {
    let part_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].chars().next_back().is_some_and(part_of_a_word)
            && !line[at + word.len()..].chars().next().is_some_and(part_of_a_word)
    })
}
