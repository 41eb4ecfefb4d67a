//! Addresses by which SQLite opens a file in a certain way (<https://www.sqlite.org/uri.html>).

use std::path::Path;

/// `way` is a query: `mode=ro`, `immutable=1`.
#[must_use]
pub fn sqlite_uri(path: &Path, way: &str) -> String {
    let text = path.to_string_lossy();
    let mut out = "file:".to_owned();
    if cfg!(windows) && text.chars().nth(1) == Some(':') {
        out.push('/');
    }
    for c in text.chars() {
        match c {
            '%' | '?' | '#' => out.push_str(&format!("%{:02X}", u32::from(c))),
            '\\' if cfg!(windows) => out.push('/'),
            c => out.push(c),
        }
    }
    format!("{out}?{way}")
}
