//! The rules of the house, read from ARCHITECTURE.md and held against every file: who may import
//! whom, how a file begins, how long it may be, and which words have no place here.
//!
//! The table is the rule: change it there, and this test follows.

mod bad_input;
mod imports;
mod tree;

use std::collections::BTreeSet;
use std::path::Path;

use imports::{Rooms, imports_of};
use tree::{File, files, root};

const LONGEST_FILE: usize = 500;
const LONGEST_MAIN: usize = 60;

fn rust_files() -> Vec<File> {
    files(&["src", "tests", "benches", "fuzz"])
        .into_iter()
        .filter(|f| Path::new(&f.path).extension().is_some_and(|e| e == "rs"))
        .collect()
}

fn fail_on(broken: &[String], rule: &str) {
    assert!(broken.is_empty(), "{rule}\n  {}", broken.join("\n  "));
}

#[test]
fn rooms_import_only_what_the_table_allows() {
    let rooms = Rooms::read(&root().join("ARCHITECTURE.md"));
    let mut broken = Vec::new();
    for file in rust_files() {
        let Some(inside) = file.path.strip_prefix("src/") else { continue };
        // Lists of rooms, and the binary, which starts one or the other.
        if matches!(inside, "lib.rs" | "main.rs" | "input/mod.rs" | "gui/mod.rs") {
            continue;
        }
        let Some(room) = rooms.of(inside) else {
            broken.push(format!("{}: lies in no room of the table", file.path));
            continue;
        };
        for (line, import) in imports_of(&file) {
            if let Some(why) = rooms.refuses(room, inside, &import) {
                broken.push(format!("{}:{line}: {} {why}", file.path, import.join("::")));
            }
        }
    }
    fail_on(&broken, "The table of rooms in ARCHITECTURE.md forbids:");
}

#[test]
fn rooms_keep_off_what_the_table_forbids_them() {
    let rooms = Rooms::read(&root().join("ARCHITECTURE.md"));
    let mut broken = Vec::new();
    for file in rust_files() {
        let Some(inside) = file.path.strip_prefix("src/") else { continue };
        let Some(room) = rooms.of(inside) else { continue };
        for (number, line) in file.code_lines() {
            for word in rooms.banned_words(room, inside) {
                if tree::has_word(line, word) {
                    broken.push(format!("{}:{number}: `{word}` has no place in {}", file.path, rooms.name(room)));
                }
            }
        }
    }
    fail_on(&broken, "The column \"never\" in ARCHITECTURE.md forbids:");
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = |f: &File| {
        let said: Vec<&str> = f.text.lines().take_while(|l| l.starts_with("//!")).collect();
        said.is_empty() || said.len() > 16
    };
    let broken: Vec<String> = rust_files().iter().filter(|f| silent(f)).map(|f| f.path.clone()).collect();
    fail_on(&broken, "A file begins with two to eight lines of `//!`:");
}

#[test]
fn no_file_is_too_long() {
    let mut broken = Vec::new();
    for file in rust_files() {
        let longest = if file.path == "src/main.rs" { LONGEST_MAIN } else { LONGEST_FILE };
        let lines = file.text.lines().count();
        if lines > longest {
            broken.push(format!("{}: {lines} lines of {longest}", file.path));
        }
    }
    fail_on(&broken, "Too long; make it a folder:");
}

#[test]
fn no_unsafe_and_no_unwrap() {
    let mut broken = Vec::new();
    for file in rust_files() {
        if !file.path.starts_with("src/") {
            continue;
        }
        for (number, line) in file.code_lines() {
            for word in [".unwrap()", "todo!(", "unimplemented!(", "dbg!("] {
                if line.contains(word) {
                    broken.push(format!("{}:{number}: {word}", file.path));
                }
            }
        }
    }
    fail_on(&broken, "Return early, or `expect` naming the broken assumption:");
}

#[test]
fn hot_paths_hash_with_our_own_hash() {
    const HOT: [&str; 4] = ["src/store/", "src/input/ingest/", "src/input/decoders/json/", "src/analysis/"];
    // Asked only for keys that could not be guessed, and for records whose shape is new.
    const COLD: [&str; 2] = ["src/input/decoders/json/learned.rs", "src/input/decoders/json/shapes/learn.rs"];
    let mut broken = Vec::new();
    for file in rust_files()
        .iter()
        .filter(|f| !COLD.contains(&f.path.as_str()) && HOT.iter().any(|hot| f.path.starts_with(hot)))
    {
        for (number, line) in file.code_lines() {
            if ["HashMap", "HashSet"].iter().any(|word| tree::has_word(line, word)) {
                broken.push(format!("{}:{number}", file.path));
            }
        }
    }
    fail_on(&broken, "Slow, and in an order of its own; keys here are numbers or base::hash values:");
}

#[test]
fn nothing_of_the_makers_machines_is_here() {
    // Put together here, so that this file does not hold them itself.
    let words: Vec<String> = [("/wo", "rk/"), ("/ro", "ot/"), ("/tmp/br", "ief"), ("/tmp/be", "nch/")]
        .iter()
        .map(|(a, b)| format!("{a}{b}"))
        .collect();
    let mut broken = Vec::new();
    for file in files(&["src", "tests", "benches", "fuzz", "assets", ".ci", "sample-data", "."]) {
        for (i, line) in file.text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word.as_str())) {
                broken.push(format!("{}:{}", file.path, i + 1));
            }
        }
    }
    fail_on(&broken, "Paths of one machine:");
}

#[test]
fn test_logs_name_their_origin() {
    let told = std::fs::read_to_string(root().join("tests/data/LICENSES.md")).unwrap_or_default();
    let missing: BTreeSet<String> = tree::paths(&root().join("tests/data"))
        .into_iter()
        .filter(|path| !path.ends_with("LICENSES.md"))
        .filter(|path| {
            // A line names the file, or the beginning of its path: `aws/*`.
            let inside = path.trim_start_matches("tests/data/");
            let starred = told.split([' ', ',', '|', '\n']).filter_map(|word| word.split_once('*'));
            !told.contains(inside)
                && !starred.into_iter().any(|(start, _)| !start.is_empty() && inside.starts_with(start))
        })
        .collect();
    fail_on(&missing.into_iter().collect::<Vec<_>>(), "tests/data/LICENSES.md has no line for:");
}
