//! What the addresses of all systems have in common: options that nobody knows, numbers, yes and no, passwords,
//! certificates, instants.

use std::num::NonZeroU64;
use std::str::FromStr;

use super::{Url, place};
use crate::base::clock::now_ns;
use crate::base::text::parse_duration;
use crate::model::error::{Error, Place, Result};
use crate::model::time::{TimeNs, parse_text};

/// Something is wrong with an address.
///
/// # Errors
/// Always.
pub fn wrong<T>(url: &Url, what: impl Into<String>, next_step: impl Into<String>) -> Result<T> {
    Err(Error::new(what, place(url), next_step))
}

/// # Errors
/// The first option of `url` that is in none of the lists of known ones.
pub fn check(url: &Url, known: &[&[&str]]) -> Result<()> {
    let known = known.concat();
    match url.query.iter().find(|(name, _)| !known.contains(&name.as_str())) {
        Some((unknown, _)) => {
            wrong(url, format!("There is no option {unknown}"), format!("Known are {}", known.join(", ")))
        }
        None => Ok(()),
    }
}

/// How many messages; `1_000` and `1,000` are numbers, too.
///
/// # Errors
/// When it is no number above 0.
pub fn count(url: &Url, name: &str) -> Result<Option<u64>> {
    let found: Option<NonZeroU64> = parsed(url, name, "no number above 0", format!("Write it like {name}=1000"))?;
    Ok(found.map(NonZeroU64::get))
}

/// The same, or `all` of them.
///
/// # Errors
/// When it is neither.
pub fn count_or_all(url: &Url, name: &str) -> Result<Option<u64>> {
    if url.option(name) == Some("all") {
        return Ok(Some(u64::MAX));
    }
    let next_step = format!("Write {name}=1000, or {name}=all");
    let found: Option<NonZeroU64> = parsed(url, name, "no number above 0", next_step)?;
    Ok(found.map(NonZeroU64::get))
}

/// A place that is counted in whole numbers.
///
/// # Errors
/// When it is no number.
pub fn number(url: &Url, name: &str) -> Result<Option<i64>> {
    parsed(url, name, "no number", format!("Write it like {name}=1000"))
}

fn parsed<T: FromStr>(url: &Url, name: &str, otherwise: &str, next_step: String) -> Result<Option<T>> {
    let Some(text) = url.option(name) else { return Ok(None) };
    match text.replace(['_', ','], "").parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => wrong(url, format!("{name}={text} is {otherwise}"), next_step),
    }
}

/// Names between commas, without the blanks around them.
#[must_use]
pub fn names(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Whether only what comes from now on is read. `bounds` are the options that choose among what is there already.
///
/// # Errors
/// When the address has one of those, too.
pub fn live(url: &Url, bounds: [&str; 3]) -> Result<bool> {
    let live = url.option("live").is_some_and(|text| text != "off");
    if live && bounds.iter().any(|name| url.option(name).is_some()) {
        let [first, second, third] = bounds;
        let next_step = format!("Leave out {first}, {second} and {third}");
        return wrong(url, "live reads only what comes from now on", next_step);
    }
    Ok(live)
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

/// `user` has no password.
///
/// # Errors
/// Always.
pub fn no_password<T>(url: &Url, user: &str) -> Result<T> {
    let next_step = "Set EVENTGLASS_PASSWORD, or write user:password@ in the address";
    wrong(url, format!("There is no password for {user}"), next_step)
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

/// What a file of certificates or a key holds.
///
/// # Errors
/// When it cannot be read.
pub fn pem(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).map_err(|cause| {
        let place = Place::File { path: path.to_owned(), offset: None };
        Error::new("Cannot read the certificate", place, "Check the path").because(cause)
    })
}

/// A time (`2026-02-16T10:00Z`), or how long ago (`2h`).
#[must_use]
pub fn instant(text: &str) -> Option<TimeNs> {
    if let Ok(ago) = parse_duration(text) {
        return Some(TimeNs(now_ns().filter(|now| *now >= 0)?.saturating_sub(ago)));
    }
    parse_text(text.as_bytes(), 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_messages() {
        let url = |value: &str| Url::parse(&format!("x://h?n={value}")).expect("an address");
        for (text, one, or_all, any) in [
            ("1_000", Some(1000), Some(1000), Some(1000)),
            ("1,000", Some(1000), Some(1000), Some(1000)),
            ("all", None, Some(u64::MAX), None),
            ("0", None, None, Some(0)),
            ("-5", None, None, Some(-5)),
            ("many", None, None, None),
            ("", None, None, None),
        ] {
            let url = url(text);
            assert_eq!(count(&url, "n").ok().flatten(), one, "{text}");
            assert_eq!(count_or_all(&url, "n").ok().flatten(), or_all, "{text}");
            assert_eq!(number(&url, "n").ok().flatten(), any, "{text}");
        }
        assert_eq!(count(&url("5"), "other").expect("none is right"), None);
        let error = count_or_all(&url("0"), "n").expect_err("it is none");
        assert_eq!(
            (error.summary.as_str(), error.next_step.as_str()),
            ("n=0 is no number above 0", "Write n=1000, or n=all")
        );
    }

    #[test]
    fn live_has_no_bounds() {
        let live = |text: &str| live(&Url::parse(text).expect("an address"), ["newest", "from", "to"]);
        assert_eq!(
            (live("x://h").ok(), live("x://h?live").ok(), live("x://h?live=off&to=1").ok()),
            (Some(false), Some(true), Some(false))
        );
        let error = live("x://h?live&to=1").expect_err("it has a bound");
        assert_eq!(error.next_step, "Leave out newest, from and to");
    }
}
