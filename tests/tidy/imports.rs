//! The table of rooms as rules, and the paths that a file names.

use std::collections::BTreeSet;
use std::path::Path;

use super::tree::{File, has_word};

/// A row of the table.
struct Room {
    /// As a folder or file of `src`: `input/sources`.
    name: String,
    may: BTreeSet<usize>,
    never: String,
    egui: bool,
}

pub struct Rooms(Vec<Room>);

impl Rooms {
    /// Reads the table: one row per room, in which a cell names rooms by the last part of their name.
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).expect("ARCHITECTURE.md can be read");
        let rows: Vec<Vec<String>> = text
            .lines()
            .skip_while(|line| !line.starts_with("| room |"))
            .skip(2)
            .take_while(|line| line.starts_with('|'))
            .map(|line| line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect())
            .collect();
        assert!(rows.len() >= 10 && rows.iter().all(|row| row.len() == 3), "the table of rooms is where it was");
        let names: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
        let rooms = rows
            .iter()
            .enumerate()
            .map(|(i, row)| {
                let mut may = allowed(&row[1], i, &names);
                may.insert(i);
                Room { name: row[0].clone(), may, never: row[2].clone(), egui: has_word(&row[1], "egui") }
            })
            .collect();
        Self(rooms)
    }

    pub fn name(&self, room: usize) -> &str {
        &self.0[room].name
    }

    /// The room of a file or of a module path with `/`.
    pub fn of(&self, inside: &str) -> Option<usize> {
        let of_room = |name: &str| {
            inside.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || rest == ".rs")
        };
        self.0.iter().position(|room| of_room(&room.name))
    }

    /// Why a file of `room` may not import this path; `None` where it may.
    pub fn refuses(&self, room: usize, inside: &str, import: &[String]) -> Option<String> {
        if import.is_empty() || import[0] == "self" {
            return None;
        }
        let path = import.join("/");
        let Some(target) = self.of(&path) else {
            // `crate::input::decoders` is a room, `crate::input` alone a list of rooms.
            let is_list = self.0.iter().any(|r| r.name.starts_with(&format!("{}/", import[0])));
            return is_list.then(|| "is a list of rooms; name the room".to_owned()).filter(|_| import.len() > 1);
        };
        let (room, target_name) = (&self.0[room], &self.0[target].name);
        if !room.may.contains(&target) {
            return Some(format!("is not allowed in {}", room.name));
        }
        // One panel does not know another.
        if room.name == "gui/panels" && target_name == "gui/panels" {
            let panel_of = |path: &str| path.split('/').nth(2).unwrap_or_default().to_owned();
            let (mine, theirs) = (panel_of(inside), panel_of(&path));
            let is_panel = |name: &str| inside_folder_with_draw(name);
            if mine != theirs && is_panel(&theirs) && is_panel(&mine) {
                return Some("is another panel".to_owned());
            }
        }
        None
    }

    /// Words that must not stand in code of this room.
    pub fn banned_words(&self, room: usize, inside: &str) -> Vec<&'static str> {
        const BANS: [(&str, &[&str]); 6] = [
            ("I/O", &["std::fs", "std::net", "std::process", "File::open"]),
            ("files", &["std::fs", "File::open"]),
            ("network", &["std::net", "TcpStream", "UdpSocket"]),
            ("threads", &["std::thread", "thread::spawn"]),
            ("the wall clock", &["SystemTime", "Instant::now", "Utc::now", "Local::now"]),
            ("randomness", &["rand", "fastrand", "getrandom", "RandomState"]),
        ];
        let room = &self.0[room];
        let mut words: Vec<&'static str> = BANS
            .iter()
            .filter(|(name, _)| has_word(&room.never, name))
            .flat_map(|(_, words)| *words)
            .copied()
            .collect();
        let is_model = room.name == "gui/panels" && inside.ends_with("model.rs");
        let windowed = room.egui || room.name == "gui/shell";
        if !windowed || is_model {
            words.extend(["egui", "eframe", "egui_tiles"]);
        }
        words
    }
}

/// A panel is a folder that draws; helpers shared by panels lie beside them.
fn inside_folder_with_draw(name: &str) -> bool {
    let folder = super::tree::root().join("src/gui/panels").join(name);
    folder.join("draw.rs").is_file() || folder.join("draw").is_dir()
}

/// `base, model, store (reading)` as numbers of rows.
fn allowed(cell: &str, row: usize, names: &[&str]) -> BTreeSet<usize> {
    match cell {
        "–" => return BTreeSet::new(),
        "all above" => return (0..row).collect(),
        _ => {}
    }
    if let Some(but) = cell.strip_prefix("everything but ") {
        return (0..names.len()).filter(|i| names[*i] != but).collect();
    }
    if let Some(last) = cell.strip_prefix("all up to ") {
        let last = names.iter().position(|name| *name == last).expect("the last room is one");
        return (0..=last).collect();
    }
    let mut plain = String::new();
    let mut depth = 0;
    for c in cell.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            c if depth == 0 => plain.push(c),
            _ => {}
        }
    }
    plain
        .split(',')
        .map(str::trim)
        .filter(|word| *word != "egui")
        .map(|word| {
            let found = names.iter().position(|name| name.rsplit('/').next() == Some(word));
            found.unwrap_or_else(|| panic!("the table names {word}, which has no row"))
        })
        .collect()
}

/// Paths inside the crate that a file names, each with its line: `crate::…` and `super::…`, groups
/// in braces taken apart.
pub fn imports_of(file: &File) -> Vec<(usize, Vec<String>)> {
    let here = module_path(&file.path);
    let mut found = Vec::new();
    let mut code = String::new();
    let mut line_starts = Vec::new();
    for (number, line) in file.code_lines() {
        line_starts.push((code.len(), number));
        code.push_str(line);
        code.push('\n');
    }
    for start in ["crate::", "super::"] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '$') {
                continue;
            }
            let line = line_starts.iter().rev().find(|(begin, _)| *begin <= at).map_or(0, |(_, number)| *number);
            for path in paths_at(&code[at..]) {
                found.push((line, absolute(&here, path)));
            }
        }
    }
    found
}

/// `src/input/open.rs` → input, open; `src/store/mod.rs` → store.
fn module_path(path: &str) -> Vec<String> {
    let inside = path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
    inside.split('/').map(str::to_owned).collect()
}

fn absolute(here: &[String], path: Vec<String>) -> Vec<String> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    if ups == 0 {
        return path.into_iter().skip(1).collect();
    }
    here.iter().take(here.len().saturating_sub(ups)).cloned().chain(path.into_iter().skip(ups)).collect()
}

/// All paths of the tree that starts here: `a::{b::c, d}` is `a::b::c` and `a::d`.
fn paths_at(code: &str) -> Vec<Vec<String>> {
    let mut done = Vec::new();
    let mut prefix: Vec<String> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut word = String::new();
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            c if c.is_alphanumeric() || c == '_' => word.push(c),
            ':' if chars.peek() == Some(&':') => {
                chars.next();
                prefix.push(std::mem::take(&mut word));
            }
            '{' if word.is_empty() && !prefix.is_empty() => open.push(prefix.len()),
            ',' | '}' if !open.is_empty() => {
                if !word.is_empty() {
                    done.push(prefix.iter().cloned().chain([std::mem::take(&mut word)]).collect());
                }
                prefix.truncate(open.last().copied().unwrap_or_default());
                if c == '}' {
                    open.pop();
                    prefix.truncate(open.last().copied().unwrap_or_default());
                    if open.is_empty() {
                        return done;
                    }
                }
            }
            c if c.is_whitespace() && !open.is_empty() => {}
            _ if open.is_empty() => break,
            _ => {}
        }
    }
    done.push(prefix.into_iter().chain(Some(word).filter(|w| !w.is_empty())).collect());
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: &str, expected: &[&str]) {
        let file = File { path: "src/gui/panels/events/draw.rs".to_owned(), text: code.to_owned() };
        let found: Vec<String> = imports_of(&file).into_iter().map(|(_, path)| path.join("::")).collect();
        assert_eq!(found, expected, "{code}");
    }

    #[test]
    fn paths_are_found_and_taken_apart() {
        check("use crate::model::ids::EventIx;", &["model::ids::EventIx"]);
        check("use crate::model::{ids::{A, B}, row};", &["model::ids::A", "model::ids::B", "model::row"]);
        check("use crate::{\n    store::Snapshot,\n    cli,\n};", &["store::Snapshot", "cli"]);
        check("use super::super::timeline;", &["gui::panels::timeline"]);
        check("let x = crate::base::text::count(3);", &["base::text::count"]);
        check("// use crate::cli;\nfn a() {}\n#[cfg(test)]\nmod tests {\n use crate::cli;\n}", &[]);
    }

    #[test]
    fn the_table_refuses() {
        let rooms = Rooms::read(&super::super::tree::root().join("ARCHITECTURE.md"));
        for (file, import, fine) in [
            ("base/text.rs", "model", false),
            ("model/row.rs", "base/hash", true),
            ("store/snapshot.rs", "analysis/query", false),
            ("input/sources/file.rs", "input/decoders/Format", false),
            ("analysis/summary.rs", "store/Snapshot", true),
            ("gui/panels/events/model.rs", "app/State", true),
            ("gui/shell/mod.rs", "cli", false),
            ("cli/info.rs", "gui/theme", false),
            ("cli/info.rs", "app/State", true),
        ] {
            let room = rooms.of(file).expect(file);
            let path: Vec<String> = import.split('/').map(str::to_owned).collect();
            assert_eq!(rooms.refuses(room, file, &path).is_none(), fine, "{file} → {import}");
        }
    }
}
