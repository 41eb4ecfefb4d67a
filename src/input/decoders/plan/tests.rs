//! Templates: what they mean, and where they stop making sense.

use super::file_time::file_time;
use super::template::{Filter, Part, Segment, parse};
use crate::model::error::Place;
use crate::model::mapping::Template;

fn key(text: &str) -> Segment {
    Segment::Key(text.as_bytes().into())
}

#[test]
fn templates_are_texts_and_fields() {
    let check = |text: &str, expected: Vec<Part>| {
        assert_eq!(parse(&Template::from(text), "f").expect("a template"), expected, "{text}");
    };
    let field = |pointer: Vec<Segment>, filters: Vec<Filter>| Part::Field { pointer, filters };
    let word = |text: &str| Part::Text(text.as_bytes().into());
    check("", vec![]);
    check("order", vec![word("order")]);
    check("/a/b", vec![field(vec![key("a"), key("b")], vec![])]);
    check("/", vec![field(vec![key("")], vec![])]);
    check("/a/*/{}/b", vec![field(vec![key("a"), Segment::Any, Segment::Inside, key("b")], vec![])]);
    check("{/a}", vec![field(vec![key("a")], vec![])]);
    check("x{/a}y{/b}", vec![word("x"), field(vec![key("a")], vec![]), word("y"), field(vec![key("b")], vec![])]);
    check(
        "{/a/{}/b|before:/}",
        vec![field(vec![key("a"), Segment::Inside, key("b")], vec![Filter::Before(b"/"[..].into())])],
    );
    check("/a{/b}", vec![word("/a"), field(vec![key("b")], vec![])]);
    check("{@file}", vec![word("f")]);
}

#[test]
fn errors_point_at_their_column() {
    for (text, column, what) in [
        ("{/a", 0, "not closed"),
        ("ü{/a", 1, "not closed"),
        ("{a}", 1, "start with /"),
        ("{}", 0, ""),
        ("{/a|wat}", 4, "Unknown filter wat"),
        ("{/a|before:}", 4, "separator"),
        ("{/a|names:x}", 4, "names"),
        ("x{/a|object|nope:1}", 12, "Unknown filter nope"),
        ("{@file|wat}", 7, "Unknown filter"),
    ] {
        let parsed = parse(&Template::from(text), "f");
        if what.is_empty() {
            assert!(parsed.is_ok(), "{text}: the whole record");
            continue;
        }
        let error = parsed.expect_err(text);
        assert_eq!(error.place, Place::Text { column }, "{text}");
        assert!(error.summary.contains(what), "{text}: {error}");
    }
}

#[test]
fn file_names_hold_times() {
    for (name, time) in [
        ("003--2022-12-03--00-00-01--usage.json", Some("2022-12-03T00:00:01")),
        ("event-20260216T103000Z.json", Some("2026-02-16T10:30:00")),
        ("2026-02-16.json", Some("2026-02-16T00:00:00")),
        ("log_2026-02-16_10.30.json", Some("2026-02-16T10:30:00")),
        ("12345678901234.json", None),
        ("usage.json", None),
        ("", None),
        ("9999-99-99.json", None),
    ] {
        assert_eq!(file_time(name).as_deref(), time, "{name}");
    }
}
