//! Every way by which foreign bytes come in, each a function of bytes: cargo-fuzz calls them from
//! `fuzz_targets`, and `tests/fuzz` calls them with damaged sample logs in every test run.
//!
//! They hold to laws too: buffers may be cut anywhere without changing what is read, and what is
//! printed can be parsed again.

use std::sync::Arc;

use eventglass::analysis::dead_letters::{Config, Seen, dialects};
use eventglass::analysis::query;
use eventglass::analysis::state::event::Input;
use eventglass::analysis::state::reducer::Keep;
use eventglass::analysis::state::reducers::rules;
use eventglass::analysis::state::reducers::spans::Class;
use eventglass::analysis::state::value::parse;
use eventglass::input::codecs::bodies::{Bodies, Body};
use eventglass::input::codecs::settings::Settings;
use eventglass::input::codecs::{CODECS, decode_as};
use eventglass::input::decoders::{self, Format, Sample, mapping_file};
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::charset::Charset;
use eventglass::model::ids::ByteOffset;
use eventglass::model::issue::Issue;
use eventglass::model::mapping::TimeUnit;
use eventglass::model::message::{EachByItself, Message};
use eventglass::model::row::{Row, RowSink, Span};
use eventglass::model::source::ReadAt;
use eventglass::model::time::{TimeReader, parse_number, parse_text};
use eventglass::store::testing::Memory;

pub type Entry = fn(&[u8]);

pub const ENTRIES: [(&str, Entry); 8] = [
    ("records", records),
    ("times", times),
    ("filter", filter),
    ("mapping", mapping),
    ("rules", rules),
    ("files", files),
    ("messages", messages),
    ("bodies", bodies),
];

/// Plain bytes through detection, reading in pieces, and decoding of each record again.
pub fn records(bytes: &[u8]) {
    let Some((&cut, bytes)) = bytes.split_first() else { return };
    let source: Arc<dyn ReadAt> = Arc::new(Memory(bytes.to_vec()));
    let sample = Sample { name: "fuzz", head: bytes, complete: true };
    let Ok(format) = decoders::open(&sample, &source, None) else { return };
    let whole = read(&*format, bytes, bytes.len().max(1));
    let pieces = read(&*format, bytes, usize::from(cut) + 1);
    assert_eq!(whole.rows, pieces.rows, "where buffers end must not matter");
    let decode = format.decode();
    for (span, _) in &whole.rows {
        let start = usize::try_from(span.offset.0).expect("it lies in memory");
        let record = &bytes[start..start + span.len as usize];
        let envelope = decode.envelope(record);
        assert!(envelope.data.end <= record.len(), "the payload lies in the record");
        let _value = decode.json(record);
        if let Some(data) = decode.data_json(record) {
            let sound = format.validate(record).is_none() && envelope.issue.is_none();
            let json = serde_json::from_str::<serde::de::IgnoredAny>(&data);
            assert!(!sound || json.is_ok(), "a sound record has a payload that is JSON: {data}");
        }
    }
}

#[derive(Default)]
struct Rows {
    rows: Vec<(Span, bool)>,
}

impl RowSink for Rows {
    fn event(&mut self, row: &Row<'_>) {
        self.rows.push((row.span, true));
    }

    fn undecodable(&mut self, span: Span, _issue: Issue) {
        self.rows.push((span, false));
    }
}

fn read(format: &dyn Format, bytes: &[u8], first_window: usize) -> Rows {
    let mut rows = Rows::default();
    let mut reader = format.reader();
    let (mut at, mut window) = (0, first_window);
    loop {
        let end = (at + window).min(bytes.len());
        let last = end == bytes.len();
        let used = reader.read(&bytes[at..end], ByteOffset(at as u64), last, &mut rows);
        assert!(used <= end - at, "no more is used than was given");
        if last {
            break;
        }
        window = if used == 0 { window * 2 } else { first_window };
        at += used;
    }
    for (span, _) in &rows.rows {
        assert!(span.offset.0 + u64::from(span.len) <= bytes.len() as u64, "{span:?} lies in the source");
    }
    rows
}

/// Texts and digits as times.
pub fn times(bytes: &[u8]) {
    let zone = bytes.first().map_or(0, |byte| i32::from(*byte) * 15 - 1_920);
    for unit in [TimeUnit::Auto, TimeUnit::Text, TimeUnit::Seconds, TimeUnit::Millis, TimeUnit::Ticks] {
        let time = TimeReader::new(unit, zone).read(bytes);
        if let Some(time) = time {
            let text = time.to_rfc3339();
            assert_eq!(parse_text(text.as_bytes(), 0), Some(time), "{text} is that time");
        }
        let _number = parse_number(bytes, unit);
    }
}

/// Filters: what is parsed and printed means the same.
pub fn filter(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match query::parse(text) {
        Ok(filter) => {
            let printed = filter.to_string();
            let again = query::parse(&printed).map(|filter| filter.to_string());
            assert_eq!(again.as_ref(), Ok(&printed), "{text:?} was printed as {printed:?}");
        }
        Err(error) => assert!(error.at.end <= text.len() + 1 && text.get(..error.at.start.min(text.len())).is_some()),
    }
}

pub fn mapping(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(mapping) = mapping_file::parse(text, "fuzz.json") {
        let again = mapping_file::parse(&mapping_file::to_text(&mapping), "fuzz.json");
        assert_eq!(again.ok(), Some(mapping));
    }
}

/// Rules: what is parsed and printed is the same, colours lie in the text, and whatever events come,
/// one that fails changes nothing.
pub fn rules(bytes: &[u8]) {
    const PAYLOADS: [&str; 6] = [
        "null",
        "[{\"name\":\"a\",\"value\":{\"N\":\"5\"}},1]",
        r#"{"amount":1.5,"sku":"a","name":"items","value":null,"lines":[1,{"sku":"a"}],"after":{"a":1},"quantity":2}"#,
        r#"{"amount":"7","sku":3,"items":"x","balance":true,"article":{"id":9,"price":1e999},"data":[[]]}"#,
        "-12e400",
        r#"{"":{"":{}}}"#,
    ];
    let text = String::from_utf8_lossy(bytes);
    let mut end = 0;
    let mut types: Vec<&str> = vec!["other"];
    for (range, class) in rules::spans(&text) {
        assert!(range.start >= end && text.get(range.clone()).is_some(), "{range:?} lies behind the one before");
        end = range.end;
        if class == Class::Type {
            types.push(text[range].trim_matches('"'));
        }
    }
    let Ok(parsed) = rules::parse(&text) else { return };
    let printed = parsed.to_string();
    assert_eq!(rules::parse(&printed), Ok(parsed), "{text:?} was printed as {printed:?}");
    let mut reducer = rules::compile(&text).expect("what parses compiles");
    let events: Vec<Input> = types
        .iter()
        .take(20)
        .flat_map(|type_name| PAYLOADS.map(|payload| (type_name, payload)))
        .map(|(type_name, payload)| Input {
            type_name: (*type_name).into(),
            data: parse(payload.as_bytes()).expect("these are JSON"),
            ..Input::default()
        })
        .collect();
    let mut before = reducer.initial();
    let (mut state, mut last) = (before.clone(), before.clone());
    let every = reducer.fold(&mut state, &events, Keep::Every, &mut |step| {
        let after = step.state.expect("every state was asked for");
        assert!(step.error.is_none() || *after == before, "what fails changes nothing: {text:?}");
        before = after.clone();
    });
    let only_last = reducer.fold(&mut last, &events, Keep::Last, &mut |_| ());
    assert!(every.is_ok() && only_last.is_ok() && state == last, "which states are told changes nothing");
}

/// A whole file: layers (gzip, zstd, encodings, XML logs, SQLite), detection, ingest, check, places. Its last byte says
/// whether an encoding is named, and which.
pub fn files(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let path = folder.path().join("fuzz.log");
    std::fs::write(&path, bytes).expect("temporary files can be written");
    let named = bytes.last().and_then(|last| Charset::OFFERED.get(usize::from(*last) % (2 * Charset::OFFERED.len())));
    let charset = named.and_then(|(name, _)| Charset::named(name));
    let options = OpenOptions { charset, cache_dir: Some(folder.path().join("cache")), ..OpenOptions::default() };
    let Ok(opened) = open(&Address::file(&path), &options) else { return };
    let log = Log::new();
    if log.add(opened).is_err() {
        return;
    }
    log.wait_valid();
    let snapshot = log.snapshot();
    for ix in (0..snapshot.len()).take(200).map(eventglass::model::ids::EventIx) {
        let _envelope = snapshot.envelope(ix);
        let place = snapshot.source_of(ix).and_then(|(source, span)| {
            let origin = snapshot.sources().get(source.at())?.origin.as_ref()?;
            Some(origin.place(span))
        });
        assert_ne!(place.as_deref(), Some(""), "a place is told in words");
    }
    let unchanged = std::fs::read(&path).expect("it is still there");
    assert!(unchanged == bytes, "looking changes nothing");
}

/// Records of messages: what is read is written as the same message, and no letter breaks its reader.
pub fn messages(bytes: &[u8]) {
    for line in bytes.split(|byte| *byte == b'\n') {
        let Ok(message) = Message::read(line) else { continue };
        let mut written = Vec::new();
        message.write(&mut written);
        assert_eq!(Message::read(&written).as_ref(), Ok(&message), "what is written is that message");
        let record = serde_json::from_slice(line).unwrap_or_default();
        let seen =
            Seen::of(record, message.headers, message.value.and_then(|value| String::from_utf8(value).ok()), None);
        let config = Config::default();
        if let Some(letter) = dialects::read(&seen, &config) {
            let _group = config.groups.of(&letter, &seen);
        }
    }
}

/// A body by every codec, and behind two NUL bytes by a schema before them (its first byte says of which kind): what
/// is read is one line of JSON, and the message beside it stays the same.
pub fn bodies(bytes: &[u8]) {
    for codec in CODECS {
        if let Ok(json) = decode_as(*codec, bytes) {
            one_line_of_json(&json);
        }
    }
    look_into(&Bodies::default(), bytes);
    let Some(at) = bytes.windows(2).position(|pair| pair == [0, 0]) else { return };
    let (Some((kind, schema)), body) = (bytes[..at].split_first(), &bytes[at + 2..]) else { return };
    let folder = tempfile::tempdir().expect("temporary folders can be made");
    let file = folder.path().join(["schema.avsc", "schema.proto", "schema.desc"][usize::from(*kind) % 3]);
    std::fs::write(&file, schema).expect("temporary files can be written");
    let mut settings = Settings::default();
    settings.add("schema", &file.to_string_lossy());
    if let Ok(known) = Bodies::open(&settings) {
        look_into(&known, body);
    }
}

fn look_into(bodies: &Bodies, bytes: &[u8]) {
    let message = Message { value: Some(bytes.to_vec()), ..Message::default() };
    let mut line = Vec::new();
    message.write_with(&mut line, |record| {
        record.value(message.value.as_deref(), &mut EachByItself);
        if let Some(answer) = bodies.read(Body { place: "t", bytes, ..Body::default() }) {
            if let Some(json) = &answer.json {
                one_line_of_json(json);
            }
            assert_eq!(answer.json.is_some(), answer.decoding.refused.is_empty(), "it is read, or refused");
            let json = answer.json.as_deref().map(String::from_utf8_lossy);
            let again = json.and_then(|json| bodies.write(Body { place: "t", bytes, ..Body::default() }, &json).ok());
            let read = |bytes: &[u8]| bodies.read(Body { place: "t", bytes, ..Body::default() }).is_some();
            assert!(again.is_none_or(|again| again.is_empty() || read(&again)), "what is written can be read");
            record.decoded(answer.json.as_deref(), &answer.decoding);
        }
    });
    assert_eq!(Message::read(&line), Ok(message), "what is beside the body changes nothing");
}

fn one_line_of_json(json: &[u8]) {
    assert!(!json.contains(&b'\n') && serde_json::from_slice::<serde::de::IgnoredAny>(json).is_ok());
}
