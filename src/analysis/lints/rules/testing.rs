//! Runs one rule on a small log.

use crate::analysis::lints::{Config, Context, Lint, run};
use crate::base::cancel::Cancel;
use crate::model::time::TimeNs;
use crate::store::testing::{Builder, TestEvent};

/// `2026-11-24T00:00:00Z`.
pub const NOW: TimeNs = TimeNs(1_795_478_400_000_000_000);

/// What the rule says, a line each: `severity count message`.
#[track_caller]
pub fn check(lint: &'static Lint, events: Vec<TestEvent>, expected: &[&str]) {
    check_with(lint, &Config::default(), events, expected);
}

/// The same for records that have more members than an event has fields.
#[track_caller]
pub fn check_records(lint: &'static Lint, records: Vec<(TestEvent, String)>, expected: &[&str]) {
    let with = |(event, extra)| TestEvent { extra, ..event };
    check(lint, records.into_iter().map(with).collect(), expected);
}

#[track_caller]
pub fn check_with(lint: &'static Lint, config: &Config, events: Vec<TestEvent>, expected: &[&str]) {
    let mut builder = Builder::new().batch_rows(3);
    for event in events {
        builder.push(event);
    }
    let (log, cancel) = (builder.build(), Cancel::new());
    let findings = run(&Context::new(&log, config, Some(NOW), &cancel), &[lint]).expect("nobody cancels");
    let told = |f: &crate::analysis::lints::Finding| format!("{} {} {}", f.severity.label(), f.count, f.message);
    assert_eq!(findings.iter().map(told).collect::<Vec<_>>(), expected);
    for filter in findings.iter().filter_map(|finding| finding.filter.as_deref()) {
        assert!(crate::analysis::query::parse(filter).is_ok(), "{filter}");
    }
    assert!(findings.iter().all(|finding| finding.examples.len() as u64 <= finding.count));
}

/// An event of stream `o:1` at a second.
pub fn event(type_name: &str, second: i64) -> TestEvent {
    TestEvent {
        time: Some(1_700_000_000_000_000_000 + second * 1_000_000_000),
        type_name: type_name.to_owned(),
        entities: vec!["o:1".to_owned()],
        ..TestEvent::default()
    }
}

pub fn versioned(version: u32) -> TestEvent {
    TestEvent { version: Some(version), ..event("Changed", i64::from(version)) }
}

pub fn caused(id: &str, second: i64, cause: &str) -> TestEvent {
    let causes = if cause.is_empty() { Vec::new() } else { vec![cause.to_owned()] };
    TestEvent { id: id.to_owned(), causes, ..event("Changed", second) }
}
