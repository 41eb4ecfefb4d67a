//! What the addresses of all systems have in common: options that nobody knows, yes and no, certificates, instants.

use super::{Url, place};
use crate::base::clock::now_ns;
use crate::base::text::parse_duration;
use crate::model::error::{Error, Result};
use crate::model::time::{TimeNs, parse_text};

/// Something is wrong with an address.
///
/// # Errors
/// Always.
pub fn wrong<T>(url: &Url, what: impl Into<String>, next_step: impl Into<String>) -> Result<T> {
    Err(Error::new(what, place(url), next_step))
}

/// # Errors
/// The first option of `url` that is none of `known`.
pub fn check(url: &Url, known: &[&str]) -> Result<()> {
    match url.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((unknown, _)) => {
            wrong(url, format!("There is no option {unknown}"), format!("Known are {}", known.join(", ")))
        }
        None => Ok(()),
    }
}

/// Whether an option says yes; it is no where it is missing.
///
/// # Errors
/// When it says something else.
pub fn yes(url: &Url, name: &str) -> Result<bool> {
    match url.option(name) {
        None | Some("no") => Ok(false),
        Some("yes") => Ok(true),
        Some(_) => wrong(url, format!("{name} is neither yes nor no"), format!("Write {name}=yes")),
    }
}

/// Files of a client's own certificate and its key.
///
/// # Errors
/// When there is one without the other.
pub fn identity(url: &Url) -> Result<Option<(String, String)>> {
    match (url.option("certificate"), url.option("certificate_key")) {
        (Some(certificate), Some(key)) => Ok(Some((certificate.to_owned(), key.to_owned()))),
        (None, None) => Ok(None),
        _ => {
            let next_step = "Give certificate=FILE and certificate_key=FILE, both as PEM";
            wrong(url, "A certificate needs its key", next_step)
        }
    }
}

/// A time (`2026-02-16T10:00Z`), or how long ago (`2h`).
#[must_use]
pub fn instant(text: &str) -> Option<TimeNs> {
    if let Ok(ago) = parse_duration(text) {
        return Some(TimeNs(now_ns().filter(|now| *now >= 0)?.saturating_sub(ago)));
    }
    parse_text(text.as_bytes(), 0)
}
