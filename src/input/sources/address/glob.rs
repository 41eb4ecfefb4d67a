//! Patterns: `*` and `?` within a name, `[a-z]` and `[!a-z]` for one character, `**` for any folders.

use std::path::{Path, PathBuf};

use super::{Found, add_existing, walk};

pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Adds every file and folder that fits, in the order of names.
pub(super) fn expand(pattern: &str, found: &mut Found) {
    let mut parts: Vec<&str> = pattern.split(std::path::is_separator).collect();
    let start = if parts.first().is_some_and(|first| first.is_empty()) {
        parts.remove(0);
        PathBuf::from(std::path::MAIN_SEPARATOR_STR)
    } else {
        PathBuf::new()
    };
    parts.retain(|part| !part.is_empty());
    descend(&start, &parts, 0, found);
}

/// Folders entered for one pattern, so that a link back up under `**` ends.
const MAX_DEPTH: usize = 32;

fn descend(at: &Path, parts: &[&str], depth: usize, found: &mut Found) {
    let Some((&part, rest)) = parts.split_first() else {
        if let Ok(metadata) = std::fs::metadata(at) {
            add_existing(at, &metadata, None, found);
        }
        return;
    };
    if depth > MAX_DEPTH {
        return;
    }
    if !is_pattern(part) {
        return descend(&at.join(part), rest, depth + 1, found);
    }
    let here = if at.as_os_str().is_empty() { Path::new(".") } else { at };
    if part == "**" {
        descend(at, rest, depth + 1, found);
    }
    let Ok(entries) = walk::entries(here) else { return };
    for entry in entries {
        let Some(name) = entry.file_name().and_then(|name| name.to_str()) else { continue };
        if part == "**" {
            let real_folder = std::fs::symlink_metadata(&entry).is_ok_and(|metadata| metadata.is_dir());
            if real_folder {
                descend(&at.join(name), parts, depth + 1, found);
            }
        } else if fits(part, name) {
            descend(&at.join(name), rest, depth + 1, found);
        }
    }
}

/// Whether a name fits one part of a pattern. Goes back to the last `*` only, so it is never exponential.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let name: Vec<char> = name.chars().collect();
    let (mut p, mut n) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while let Some(&c) = name.get(n) {
        let step = match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
                continue;
            }
            Some('?') => Some(1),
            Some('[') => in_class(pattern.get(p..).unwrap_or_default(), c),
            Some(&literal) => (literal == c).then_some(1),
            None => None,
        };
        match (step, star) {
            (Some(step), _) => {
                p += step;
                n += 1;
            }
            (None, Some((at, from))) => {
                star = Some((at, from + 1));
                p = at + 1;
                n = from + 1;
            }
            (None, None) => return false,
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|&c| c == '*')
}

/// How long the class at the start of `pattern` is, where `c` is in it. A `[` that is never closed
/// stands for itself.
fn in_class(pattern: &[char], c: char) -> Option<usize> {
    let Some(end) = pattern.iter().skip(2).position(|&c| c == ']').map(|at| at + 2) else {
        return (c == '[').then_some(1);
    };
    let body = pattern.get(1..end).unwrap_or_default();
    let (negated, body) = match body.split_first() {
        Some(('!' | '^', rest)) => (true, rest),
        _ => (false, body),
    };
    let mut inside = false;
    let mut at = 0;
    while let Some(&low) = body.get(at) {
        if let (Some('-'), Some(&high)) = (body.get(at + 1), body.get(at + 2)) {
            inside |= (low..=high).contains(&c);
            at += 3;
        } else {
            inside |= low == c;
            at += 1;
        }
    }
    (inside != negated).then_some(end + 1)
}
