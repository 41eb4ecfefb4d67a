//! Tests that have to read the record: ids verified behind their hashes, fields, text.

use std::cell::OnceCell;

use super::fields::Comparison;
use super::text::TextTest;
use crate::model::envelope::Envelope;
use crate::model::filter::{NameKey, Path, Pattern, Root};
use crate::model::source::Decode;

#[derive(Clone, Debug)]
pub(super) enum RecordTest {
    Id(Pattern),
    Cause(Pattern),
    Correlation(Pattern),
    Field(Path, Comparison),
    Text(TextTest),
}

impl RecordTest {
    pub fn of_name(key: NameKey, pattern: &Pattern) -> Self {
        match key {
            NameKey::Cause => Self::Cause(pattern.clone()),
            NameKey::Correlation => Self::Correlation(pattern.clone()),
            _ => Self::Id(pattern.clone()),
        }
    }

    pub fn passes(&self, record: &Record<'_>) -> bool {
        match self {
            Self::Id(pattern) => record.envelope().id.as_deref().is_some_and(|id| pattern.matches(id)),
            Self::Cause(pattern) => record.envelope().causes.iter().any(|id| pattern.matches(&id.value)),
            Self::Correlation(pattern) => record.envelope().correlations.iter().any(|id| pattern.matches(&id.value)),
            Self::Text(text) => text.is_in(record.bytes),
            Self::Field(path, comparison) => match path.root {
                Root::Headers => record.headers_pass(path, comparison),
                Root::Record => record.whole().is_some_and(|json| comparison.any_in(json, &path.steps)),
                Root::Data => record.data().is_some_and(|json| comparison.any_in(json, &path.steps)),
            },
        }
    }
}

/// One record with what was decoded of it so far.
pub(super) struct Record<'a> {
    bytes: &'a [u8],
    decode: &'a dyn Decode,
    envelope: OnceCell<Envelope>,
    data: OnceCell<Option<String>>,
    whole: OnceCell<Option<String>>,
}

impl<'a> Record<'a> {
    pub fn new(bytes: &'a [u8], decode: &'a dyn Decode) -> Self {
        Self { bytes, decode, envelope: OnceCell::new(), data: OnceCell::new(), whole: OnceCell::new() }
    }

    fn envelope(&self) -> &Envelope {
        self.envelope.get_or_init(|| self.decode.envelope(self.bytes))
    }

    fn data(&self) -> Option<&str> {
        self.data.get_or_init(|| self.decode.data_json(self.bytes)).as_deref()
    }

    /// The record's own text where it is a JSON object, so that numbers keep their digits.
    fn whole(&self) -> Option<&str> {
        let own = std::str::from_utf8(self.bytes).ok().filter(|text| text.trim_start().starts_with('{'));
        own.or_else(|| self.whole.get_or_init(|| self.decode.json(self.bytes).map(|json| json.to_string())).as_deref())
    }

    fn headers_pass(&self, path: &Path, comparison: &Comparison) -> bool {
        use crate::model::filter::Step;
        let headers = self.envelope().headers.iter();
        let wanted = headers.filter(|(name, _)| match path.steps.first() {
            Some(Step::Member(wanted)) => name.eq_ignore_ascii_case(wanted),
            Some(Step::Any) => true,
            _ => false,
        });
        let texts: Vec<_> = wanted.map(|(_, value)| value.as_text()).collect();
        comparison.any_of(texts.iter().map(|text| &**text))
    }
}
