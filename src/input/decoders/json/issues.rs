//! Why a record could not be read, in the words of [`IssueCode`].

use super::scan::{Fail, Why, space};
use super::skip::skip;
use crate::model::issue::{Issue, IssueCode};

/// What is wrong with `record`, which is no JSON object; `fail` is where a walk over it stopped.
/// `open_end`: nothing follows, so more may come.
pub fn issue(record: &[u8], fail: Option<Fail>, open_end: bool) -> Issue {
    let start = space::<false>(record, 0);
    let at = |at: usize| u32::try_from(at).ok();
    if open_end {
        return Issue { code: IssueCode::Incomplete, at: at(record.len()) };
    }
    let fail = match record.get(start) {
        Some(b'{') => fail,
        Some(b'[') => match skip::<false>(record, start, 0) {
            Ok(_) => return Issue { code: IssueCode::NotAnObject, at: at(start) },
            Err(fail) => Some(fail),
        },
        _ => {
            let whole = skip::<false>(record, start, 0).is_ok_and(|end| space::<false>(record, end) == record.len());
            let code = if whole { IssueCode::NotAnObject } else { IssueCode::NotJson };
            return Issue { code, at: at(start) };
        }
    };
    match fail {
        Some(Fail { at: place, why: Why::TooDeep }) => Issue { code: IssueCode::TooDeep, at: at(place) },
        Some(Fail { at: place, .. }) => Issue { code: IssueCode::BrokenJson, at: at(place.min(record.len())) },
        None => Issue { code: IssueCode::BrokenJson, at: None },
    }
}
