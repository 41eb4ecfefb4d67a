//! Sixty-odd ways to write a time, each against the instant that it means; and the law that what we
//! write we read.

use proptest::prelude::*;

use super::{TimeNs, TimeReader, guess_unit, parse_number, parse_text};
use crate::model::mapping::TimeUnit;

/// What a reader without any hint makes of `text`, as RFC 3339; `-` for no time.
fn check(text: &str, expected: &str) {
    let read = |reader: &mut TimeReader| reader.read(text.as_bytes()).map_or("-".to_owned(), TimeNs::to_rfc3339);
    let mut reader = TimeReader::new(TimeUnit::Auto, 0);
    assert_eq!(read(&mut reader), expected, "{text}");
    assert_eq!(read(&mut reader), expected, "{text}, read again with a warm reader");
}

#[test]
fn forms_of_the_same_instant() {
    for text in [
        "2026-02-16T10:30:00Z",
        "2026-02-16T10:30:00z",
        "2026-02-16t10:30:00Z",
        "2026-02-16 10:30:00Z",
        "2026-02-16 10:30:00 Z",
        "2026-02-16T10:30:00",
        "2026-02-16 10:30:00",
        "2026-02-16T10:30Z",
        "2026-02-16T10:30:00.0Z",
        "2026-02-16T10:30:00+00:00",
        "2026-02-16T10:30:00-00:00",
        "2026-02-16T11:30:00+01:00",
        "2026-02-16T11:30:00+0100",
        "2026-02-16T11:30:00+01",
        "2026-02-16T16:00:00+05:30",
        "2026-02-16 05:30:00 -0500",
        "2026-02-16 05:30:00 EST",
        "2026-02-16 10:30:00 UTC",
        "2026-02-16 10:30:00 +0000 UTC",
        "2026-02-16 11:30:00 +0100 CET",
        "2026-02-16T11:30:00+01:00[Europe/Berlin]",
        "20260216T103000Z",
        "20260216T113000+0100",
        "20260216T1030Z",
        "20260216 103000",
        "20260216103000",
        "20260216103000000",
        "2026-047T10:30:00Z",
        "2026/02/16 10:30:00",
        "2026.02.16 10:30:00",
        "2026-2-16 10:30:00",
        "2026-Feb-16 10:30:00",
        "16/Feb/2026:10:30:00 +0000",
        "[16/Feb/2026:10:30:00 +0000]",
        "16/Feb/2026:11:30:00 +0100",
        "16-Feb-2026 10:30:00",
        "16 Feb 2026 10:30:00 GMT",
        "16 February 2026 10:30",
        "Mon, 16 Feb 2026 10:30:00 GMT",
        "Mon, 16 Feb 2026 10:30:00 +0000",
        "Mon, 16 Feb 2026 02:30:00 PST",
        "Monday, 16-Feb-26 10:30:00 GMT",
        "Mon Feb 16 10:30:00 2026",
        "Mon Feb 16 10:30:00 UTC 2026",
        "Mon Feb 16 2026 11:30:00 GMT+0100 (Central European Standard Time)",
        "Feb 16, 2026 10:30:00 AM",
        "Feb 16, 2026, 10:30 AM",
        "February 16, 2026 at 10:30 AM",
        "Feb 16 2026 10:30:00",
        "16.02.2026 10:30:00",
        "16.2.2026 10:30",
        "16. Feb 2026 10:30",
        "02/16/2026 10:30:00",
        "16/02/2026 10:30:00",
        "2/16/2026, 10:30:00 AM",
        "2026-02-16T10:30:00,000Z",
        "  2026-02-16T10:30:00Z\n",
        "1771237800",
        "1771237800.0",
        "1.7712378E9",
        "1771237800000",
        "1771237800000000",
        "1771237800000000000",
        "639068346000000000",
        "/Date(1771237800000)/",
        "/Date(1771237800000+0100)/",
    ] {
        check(text, "2026-02-16T10:30:00Z");
    }
}

#[test]
fn fractions_keep_nine_digits() {
    for (text, expected) in [
        ("2026-02-16T10:30:00.1Z", "2026-02-16T10:30:00.100Z"),
        ("2026-02-16T10:30:00.123456Z", "2026-02-16T10:30:00.123456Z"),
        ("2026-02-16T10:30:00.123456789Z", "2026-02-16T10:30:00.123456789Z"),
        ("2026-02-16T10:30:00.1234567891234Z", "2026-02-16T10:30:00.123456789Z"),
        ("2026-02-16T10:30:00,5", "2026-02-16T10:30:00.500Z"),
        ("2026-02-16 10:30:00:123456 Z", "2026-02-16T10:30:00.123456Z"),
        ("20260216T103000.25Z", "2026-02-16T10:30:00.250Z"),
        ("1588206894.130204", "2020-04-30T00:34:54.130204Z"),
        ("1588206894130.5", "2020-04-30T00:34:54.130500Z"),
        ("20260216103000125", "2026-02-16T10:30:00.125Z"),
    ] {
        check(text, expected);
    }
}

#[test]
fn dates_alone_are_midnight_and_edges_hold() {
    for (text, expected) in [
        ("2026-02-16", "2026-02-16T00:00:00Z"),
        ("20260216", "2026-02-16T00:00:00Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"),
        ("2026-02-16T24:00:00Z", "2026-02-17T00:00:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500Z"),
        ("12/12/2026 00:00:00", "2026-12-12T00:00:00Z"),
        ("12/31/2025, 12:05:00 AM", "2025-12-31T00:05:00Z"),
        ("12/31/2025, 12:05:00 PM", "2025-12-31T12:05:00Z"),
        ("2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775807Z"),
    ] {
        check(text, expected);
    }
}

#[test]
fn what_is_no_instant_is_none() {
    for text in [
        "",
        " ",
        "Z",
        "-",
        "now",
        "null",
        "2026",
        "2026-02",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2026-02-16T25:00:00Z",
        "2026-02-16T10:60:00Z",
        "2026-02-16T10:30:61Z",
        "2026-02-16T10:30:00Q",
        "2026-02-16T10:30:00.Z",
        "2026-02-16T10:30:00+25:00",
        "2026-02-16T10:30:00Z!",
        "2026-02-16Tab:cd:efZ",
        "03/04/2026 10:00:00",
        "Feb 16 10:30:00",
        "16.13.2026",
        "12",
        "99999999",
        "1e400",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "2262-04-11T23:47:16.854775808Z",
        "1677-01-01T00:00:00Z",
        "+12026-02-16T00:00:00Z",
        "\u{ff12}026-02-16T10:30:00Z",
        "order-2026-02-16",
        "2026-02-16T10:30:00 XYZ",
        "99999999999999999999999999999999999999999999999999999999999999999999",
        "/Date(x)/",
        "/Date()/",
        "1.2.3.4",
    ] {
        check(text, "-");
    }
}

#[test]
fn a_zone_counts_where_the_text_names_none() {
    let mut reader = TimeReader::new(TimeUnit::Text, 120);
    let read = |reader: &mut TimeReader, text: &str| reader.read(text.as_bytes()).map(TimeNs::to_rfc3339);
    assert_eq!(read(&mut reader, "2026-02-16 10:30:00").as_deref(), Some("2026-02-16T08:30:00Z"));
    assert_eq!(read(&mut reader, "2026-02-16 10:30:00Z").as_deref(), Some("2026-02-16T10:30:00Z"));
}

#[test]
fn a_given_unit_is_kept_whatever_the_size() {
    for (text, unit, ns) in [
        ("0", TimeUnit::Seconds, Some(0)),
        ("1.5", TimeUnit::Millis, Some(1_500_000)),
        ("-1.5", TimeUnit::Seconds, Some(-1_500_000_000)),
        ("7", TimeUnit::Nanos, Some(7)),
        ("621355968000000001", TimeUnit::Ticks, Some(100)),
        ("9223372036854775807", TimeUnit::Seconds, None),
        ("99999999999999999999999999999999999999999999", TimeUnit::Nanos, None),
        ("", TimeUnit::Seconds, None),
        ("1x", TimeUnit::Seconds, None),
        ("1771237800", TimeUnit::Text, None),
    ] {
        assert_eq!(parse_number(text.as_bytes(), unit).map(|t| t.0), ns, "{text} {unit:?}");
    }
}

#[test]
fn a_columns_unit_is_the_one_that_most_values_have() {
    let guess = |texts: &[&str]| guess_unit(texts.iter().map(|t| t.as_bytes()));
    assert_eq!(guess(&["1771237800", "1771237801.5", "0"]), TimeUnit::Seconds);
    assert_eq!(guess(&["1771237800000", "99999999999", "1771237800001"]), TimeUnit::Millis);
    assert_eq!(guess(&["1771237800000000"]), TimeUnit::Micros);
    assert_eq!(guess(&["1771237800000000000"]), TimeUnit::Nanos);
    assert_eq!(guess(&["639068346000000000"]), TimeUnit::Ticks);
    assert_eq!(guess(&["2026-02-16T10:30:00Z", "x"]), TimeUnit::Text);
    assert_eq!(guess(&["20260216103000"]), TimeUnit::Text);
    assert_eq!(guess(&["1", "2", "three"]), TimeUnit::Auto);
    assert_eq!(guess(&[]), TimeUnit::Auto);
}

proptest! {
    #[test]
    fn what_we_write_we_read(ns: i64, offset in -1439i32..1440) {
        let time = TimeNs(ns);
        let text = time.to_rfc3339();
        prop_assert_eq!(TimeReader::new(TimeUnit::Auto, 0).read(text.as_bytes()), Some(time));
        prop_assert_eq!(parse_text(text.as_bytes(), 0), Some(time));
        let zone = chrono::FixedOffset::east_opt(offset * 60).expect("an offset below a day");
        let utc = chrono::DateTime::from_timestamp_nanos(ns);
        let local = utc.with_timezone(&zone).to_rfc3339();
        prop_assert_eq!(TimeReader::new(TimeUnit::Auto, 0).read(local.as_bytes()), Some(time), "{}", local);
        let spaced = utc.format("%a, %d %b %Y %H:%M:%S +0000").to_string();
        prop_assert_eq!(parse_text(spaced.as_bytes(), 0).map(|t| t.0.div_euclid(1_000_000_000)), Some(ns.div_euclid(1_000_000_000)).filter(|s| *s > i64::MIN / 1_000_000_000), "{}", spaced);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b"0123456789:-/.TZ+ ,"[..])], 0..40), zone: i16) {
        let mut reader = TimeReader::new(TimeUnit::Auto, i32::from(zone));
        let _ = reader.read(&bytes);
        let _ = parse_text(&bytes, i32::from(zone));
        let _ = guess_unit([&bytes[..]]);
    }
}
