//! What the tests of all systems' settings have in common. `read` is what makes settings of an address.

use std::fmt::Debug;

use super::Url;
use crate::model::error::{Error, Result};

/// The settings of an address that is right.
pub fn right<T>(read: impl Fn(&Url) -> Result<T>, text: &str) -> T {
    read(&Url::parse(text).expect("an address")).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Why an address is refused.
pub fn refusal<T: Debug>(read: impl Fn(&Url) -> Result<T>, text: &str) -> Error {
    read(&Url::parse(text).expect("an address")).expect_err(text)
}

/// Each address is refused in these words, among others.
pub fn refused<T: Debug>(read: impl Fn(&Url) -> Result<T>, cases: &[(&str, &str)]) {
    for (text, words) in cases {
        let error = refusal(&read, text);
        assert!(error.summary.contains(words), "{text}: {error}");
    }
}
