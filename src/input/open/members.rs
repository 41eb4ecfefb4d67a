//! What to say about files that are no logs: a folder may hold anything, so they are mentioned
//! together; a file that was named was meant to be one, so it is an error.
//!
//! The surprise: a folder in which nothing is a log is an error again, once for the folder.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use crate::input::sources::address::Target;
use crate::model::error::{Error, Place};

/// Names that are listed; the rest is counted.
const LISTED: usize = 3;

/// How the sources of a run opened so far.
#[derive(Debug, Default)]
pub struct Members {
    /// By folder or pattern; true where at least one of its files opened.
    groups: BTreeMap<Arc<str>, bool>,
    refused: Vec<(Target, Error)>,
}

impl Members {
    pub fn opened(&mut self, target: &Target) {
        for group in &target.groups {
            self.groups.insert(Arc::clone(group), true);
        }
    }

    /// Gives back what is to be told at once.
    #[must_use]
    pub fn refused(&mut self, target: Target, error: Error) -> Option<Error> {
        if target.named || !error.no_events {
            return Some(error);
        }
        for group in &target.groups {
            self.groups.entry(Arc::clone(group)).or_default();
        }
        self.refused.push((target, error));
        None
    }

    /// What is left to say when all were tried: the files that were passed by, if any, and an error for
    /// each folder or pattern that gave nothing.
    #[must_use]
    pub fn settle(self) -> (Option<Skipped>, Vec<Error>) {
        let Self { groups, mut refused } = self;
        let mut errors = Vec::new();
        for group in groups.iter().filter(|(_, opened)| !**opened).map(|(group, _)| group) {
            let (its, rest) = refused.into_iter().partition(|(target, _)| target.groups.contains(group));
            refused = rest;
            errors.extend(nothing_in(group, its));
        }
        let names: Vec<String> = refused.iter().map(|(target, _)| target.address.name()).collect();
        (Some(Skipped { names }).filter(|skipped| !skipped.names.is_empty()), errors)
    }
}

/// Files in which nothing looks like an event, in words: `2 files in which …: a.json, b.json`.
#[derive(Debug)]
pub struct Skipped {
    names: Vec<String>,
}

impl Skipped {
    /// What the words speak of: `it` or `one`.
    #[must_use]
    pub fn one(&self) -> &'static str {
        if self.names.len() == 1 { "it" } else { "one" }
    }
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = crate::base::text::plural(self.names.len() as u64, "file", "files");
        write!(f, "{files} in which nothing looks like an event: {}", listed(&self.names))
    }
}

fn listed(names: &[String]) -> String {
    let more = if names.len() > LISTED { ", …" } else { "" };
    let listed: Vec<&str> = names.iter().take(LISTED).map(String::as_str).collect();
    format!("{}{more}", listed.join(", "))
}

/// Of a single file its own error says more; of none nothing is left to say.
fn nothing_in(group: &str, refused: Vec<(Target, Error)>) -> Option<Error> {
    if refused.len() < 2 {
        return refused.into_iter().next().map(|(_, error)| error);
    }
    let names: Vec<String> = refused.iter().map(|(target, _)| target.address.name()).collect();
    let place = Place::File { path: group.to_owned(), offset: None };
    let error = Error::new("No file in it looks like an event log", place, "Name one alone to see why");
    Some(error.because(listed(&names)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::sources::address::Address;

    fn target(name: &str, named: bool, groups: &[&str]) -> Target {
        Target { address: Address::file(name), named, groups: groups.iter().map(|group| (*group).into()).collect() }
    }

    fn no_log() -> Error {
        Error::new("No events found", Place::Nowhere, "").for_no_events()
    }

    /// What is skipped and which errors are left.
    fn check(opened: &[&[&str]], refused: &[(&str, &[&str])], skipped: &str, errors: &[&str]) {
        let mut members = Members::default();
        for groups in opened {
            members.opened(&target("log", false, groups));
        }
        for (name, groups) in refused {
            assert!(members.refused(target(name, false, groups), no_log()).is_none());
        }
        let (told, left) = members.settle();
        assert_eq!(told.map_or_else(String::new, |told| told.to_string()), skipped);
        assert_eq!(left.iter().map(Error::to_string).collect::<Vec<_>>(), errors);
    }

    #[test]
    fn files_of_folders_are_passed_by_together() {
        check(&[&["in"]], &[], "", &[]);
        check(&[&["in"]], &[("a", &["in"])], "1 file in which nothing looks like an event: a", &[]);
        let many = [("a", &["in"][..]), ("b", &["in"]), ("c", &["in"]), ("d", &["in"])];
        check(&[&["in"]], &many, "4 files in which nothing looks like an event: a, b, c, …", &[]);
        check(&[&["other"]], &many, "", &["No file in it looks like an event log: in"]);
        check(&[], &many[..1], "", &["No events found"]);
        let of_both = [("a", &["in", "other"][..]), ("b", &["in"])];
        check(&[&["other"]], &of_both, "", &["No file in it looks like an event log: in"]);
    }

    #[test]
    fn what_was_named_or_is_broken_is_told_at_once() {
        let mut members = Members::default();
        assert!(members.refused(target("a", true, &["in"]), no_log()).is_some());
        let broken = Error::new("Cannot read the file", Place::Nowhere, "");
        assert!(members.refused(target("b", false, &["in"]), broken).is_some());
        let (skipped, errors) = members.settle();
        assert!(skipped.is_none() && errors.is_empty());
    }
}
