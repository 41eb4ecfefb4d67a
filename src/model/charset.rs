//! Encodings of text by name, as the WHATWG's Encoding Standard lists and labels them.

use std::cmp::Ordering;
use std::fmt;

use encoding_rs::{Encoding, ISO_2022_JP, REPLACEMENT, UTF_8, X_USER_DEFINED};
use serde::{Deserialize, Serialize};

/// How bytes stand for characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Charset(&'static Encoding);

impl Charset {
    pub const UTF_8: Self = Self(UTF_8);

    /// Those that logs come in, each with who writes it.
    pub const OFFERED: [(&str, &str); 16] = [
        ("UTF-8", "nearly everything today"),
        ("UTF-16LE", "Windows"),
        ("UTF-16BE", "Java, mainframes"),
        ("windows-1252", "Western Europe; also Latin-1"),
        ("ISO-8859-15", "Western Europe with €"),
        ("windows-1250", "Central Europe"),
        ("windows-1251", "Cyrillic"),
        ("KOI8-R", "Russian, Unix"),
        ("windows-1253", "Greek"),
        ("windows-1254", "Turkish"),
        ("IBM866", "Cyrillic, DOS"),
        ("macintosh", "Western, old Macs"),
        ("Shift_JIS", "Japanese"),
        ("GBK", "Chinese, simplified"),
        ("Big5", "Chinese, traditional"),
        ("EUC-KR", "Korean"),
    ];

    /// By any of the standard's labels: `latin1`, `cp1252`, `sjis`. None for what is no label, and for the
    /// few that do not say by themselves what a byte means (ISO-2022-JP has shifts between its tables).
    #[must_use]
    pub fn named(label: &str) -> Option<Self> {
        Encoding::for_label(label.as_bytes())
            .filter(|encoding| ![ISO_2022_JP, REPLACEMENT, X_USER_DEFINED].contains(encoding))
            .map(Self)
    }

    /// The mark at the beginning of a text, and its length in bytes.
    #[must_use]
    pub fn by_mark(head: &[u8]) -> Option<(Self, usize)> {
        Encoding::for_bom(head).map(|(encoding, len)| (Self(encoding), len))
    }

    /// The standard's own name: `windows-1252`.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0.name()
    }

    #[must_use]
    pub fn encoding(self) -> &'static Encoding {
        self.0
    }
}

impl std::str::FromStr for Charset {
    type Err = String;

    fn from_str(label: &str) -> Result<Self, String> {
        let known = || Self::OFFERED.map(|(name, _)| name).join(", ");
        Self::named(label)
            .ok_or_else(|| format!("`{label}` is no encoding; known are {} and others of the web", known()))
    }
}

impl TryFrom<String> for Charset {
    type Error = String;

    fn try_from(label: String) -> Result<Self, String> {
        label.parse()
    }
}

impl From<Charset> for String {
    fn from(charset: Charset) -> Self {
        charset.name().to_owned()
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialOrd for Charset {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Charset {
    fn cmp(&self, other: &Self) -> Ordering {
        self.name().cmp(other.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_name_encodings() {
        for (label, name) in [
            ("latin1", Some("windows-1252")),
            (" CP1251 ", Some("windows-1251")),
            ("sjis", Some("Shift_JIS")),
            ("utf-16", Some("UTF-16LE")),
            ("utf8", Some("UTF-8")),
            ("iso-2022-jp", None),
            ("hz-gb-2312", None),
            ("klingon", None),
        ] {
            assert_eq!(Charset::named(label).map(Charset::name), name, "{label}");
        }
    }

    #[test]
    fn what_is_offered_is_called_by_its_own_name() {
        for (name, _) in Charset::OFFERED {
            assert_eq!(Charset::named(name).map(Charset::name), Some(name));
        }
    }
}
