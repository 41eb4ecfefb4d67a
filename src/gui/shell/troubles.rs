//! What sources report while they are read and followed (truncated, replaced, cut short, unreadable
//! from some place on), each told once: the progress repeats it with every look.

use std::collections::BTreeMap;

use crate::input::ingest::progress::{Progress, State};
use crate::model::error::Error;
use crate::model::ids::SourceIx;

#[derive(Debug, Default)]
pub struct Troubles {
    told: BTreeMap<SourceIx, Told>,
}

#[derive(Debug, Default)]
struct Told {
    warnings: usize,
    failed: bool,
}

/// Since the last look.
#[derive(Debug, Default)]
pub struct News {
    pub warnings: Vec<Error>,
    pub failures: Vec<Error>,
}

impl Troubles {
    pub fn news(&mut self, progress: &Progress) -> News {
        let mut news = News::default();
        for source in &progress.sources {
            if source.warnings.is_empty() && !matches!(source.state, State::Failed(_)) {
                continue;
            }
            let told = self.told.entry(source.source).or_default();
            news.warnings.extend(source.warnings.iter().skip(told.warnings).cloned());
            told.warnings = source.warnings.len();
            if let State::Failed(error) = &source.state
                && !std::mem::replace(&mut told.failed, true)
            {
                news.failures.push(error.clone());
            }
        }
        news
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::ingest::progress::SourceProgress;
    use crate::model::error::Place;

    #[test]
    fn each_trouble_is_told_once() {
        let error = |what: &str| Error::new(what, Place::Nowhere, "");
        let source = |warnings: &[&str], state| SourceProgress {
            source: SourceIx(0),
            bytes_done: 0,
            bytes_total: 0,
            records: None,
            held: None,
            rows: 0,
            undecodable: 0,
            state,
            warnings: warnings.iter().map(|what| error(what)).collect(),
        };
        let progress = |warnings: &[&str], state| Progress { sources: vec![source(warnings, state)], checked: (0, 0) };
        let mut troubles = Troubles::default();
        let mut look = |warnings: &[&str], state| {
            let news = troubles.news(&progress(warnings, state));
            let summaries = |errors: Vec<Error>| errors.into_iter().map(|e| e.summary).collect::<Vec<_>>();
            (summaries(news.warnings), summaries(news.failures))
        };
        let none = Vec::<String>::new;
        assert_eq!(look(&[], State::Indexing), (none(), none()));
        assert_eq!(look(&["cut"], State::Following), (vec!["cut".to_owned()], none()));
        assert_eq!(look(&["cut", "gone"], State::Following), (vec!["gone".to_owned()], none()));
        assert_eq!(look(&["cut", "gone"], State::Failed(error("disk"))), (none(), vec!["disk".to_owned()]));
        assert_eq!(look(&["cut", "gone"], State::Failed(error("disk"))), (none(), none()));
    }
}
