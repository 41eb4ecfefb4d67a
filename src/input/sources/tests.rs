//! Layers against good, cut, joined and hostile bytes.

use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use super::file::FileBytes;
use super::spool::Phase;
use super::stage::{Context, Stage};
use super::*;
use crate::model::charset::Charset;
use crate::model::ids::ByteOffset;
use crate::model::row::Span;

/// A stage over a file with these bytes, and the folder that keeps it.
pub(super) fn stage_of(name: &str, bytes: &[u8]) -> (Stage, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("a file");
    (stage_at(&path), dir)
}

pub(super) fn stage_at(path: &Path) -> Stage {
    let name = path.file_name().expect("a name").to_string_lossy();
    let bytes = Arc::new(FileBytes::open(path).expect("a file"));
    Stage { path: Some(path.to_owned()), ..Stage::new(path.display().to_string(), name, bytes) }
}

/// All bytes once the writer is done, and its warnings.
pub(super) fn all(stage: &Stage) -> (Vec<u8>, Vec<String>) {
    let mut bytes = Vec::new();
    let mut reader = stage.reader(&crate::base::cancel::Cancel::new());
    std::io::Read::read_to_end(&mut reader, &mut bytes).expect("readable");
    let Some(spool) = &stage.spool else { return (bytes, Vec::new()) };
    while spool.phase() == Phase::Flowing {
        std::thread::yield_now();
    }
    (bytes, spool.spool().take_warnings().iter().map(ToString::to_string).collect())
}

fn peeled(name: &str, bytes: &[u8]) -> (Vec<u8>, Vec<String>, Stage) {
    let (stage, _dir) = stage_of(name, bytes);
    let stage = peel(stage, &Context::default()).expect("layers that fit");
    let (bytes, warnings) = all(&stage);
    (bytes, warnings, stage)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd_of(bytes: &[u8]) -> Vec<u8> {
    ::zstd::encode_all(bytes, 3).expect("memory")
}

const LOG: &[u8] = b"{\"eventType\":\"A\",\"eventId\":1}\n{\"eventType\":\"B\",\"eventId\":2}\n";

#[test]
fn members_are_joined_and_names_lose_their_endings() {
    for (name, pack) in [("log.ndjson.gz", gzip as fn(&[u8]) -> Vec<u8>), ("log.ndjson.ZST", zstd_of)] {
        let joined = [pack(LOG), pack(b""), pack(LOG)].concat();
        let (bytes, warnings, stage) = peeled(name, &joined);
        assert_eq!(bytes, [LOG, LOG].concat());
        assert_eq!(warnings, [""; 0]);
        assert_eq!(stage.name, "log.ndjson");
        assert_eq!(stage.formats.len(), 1);
    }
}

#[test]
fn layers_stack() {
    let (bytes, warnings, stage) = peeled("log.gz", &gzip(&zstd_of(&gzip(LOG))));
    assert_eq!(bytes, LOG);
    assert_eq!(warnings, [""; 0]);
    assert_eq!(stage.formats, ["gzip", "zstd", "gzip"]);
}

#[test]
fn a_truncated_file_keeps_what_came_before() {
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd_of] {
        let whole = [pack(LOG), pack(LOG)].concat();
        let first = pack(LOG).len();
        let mut longest = 0;
        for cut in 5..whole.len() {
            let (bytes, warnings, _) = peeled("log", &whole[..cut]);
            assert!([LOG, LOG].concat().starts_with(&bytes), "cut at {cut}");
            assert!(bytes.len() >= longest, "cut at {cut} of {first}: {} of {longest} {warnings:?}", bytes.len());
            longest = bytes.len();
            assert_eq!(warnings.is_empty(), cut == first, "cut at {cut}: {warnings:?}");
        }
        assert!(longest >= LOG.len());
    }
}

#[test]
fn garbage_at_the_end_is_said_and_kept_out() {
    for pack in [gzip as fn(&[u8]) -> Vec<u8>, zstd_of] {
        for len in 1..1000 {
            let garbage: Vec<u8> = (0..len).map(|n| (n * 7 % 251) as u8 + 1).collect();
            let (bytes, warnings, _) = peeled("log", &[pack(LOG), garbage].concat());
            assert_eq!(bytes, LOG, "{len} bytes");
            assert_eq!(warnings.len(), 1, "{len} bytes: {warnings:?}");
        }
        let (bytes, warnings, _) = peeled("log", &[pack(LOG), vec![0; 512]].concat());
        assert_eq!((bytes.as_slice(), warnings.len()), (LOG, 0), "zeros are padding");
    }
}

#[test]
fn damage_inside_is_said() {
    let mut packed = gzip(&LOG.repeat(50));
    let middle = packed.len() / 2;
    packed[middle] ^= 0xFF;
    let (_, warnings, _) = peeled("log", &packed);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[test]
fn a_bomb_is_stopped_unless_it_is_allowed() {
    let bomb = gzip(&vec![b' '; 100 << 20]);
    assert!(bomb.len() < 200 << 10);
    let (stage, _dir) = stage_of("bomb.gz", &bomb);
    let stopped = peel(stage.clone(), &Context::default()).expect("it begins well");
    let (bytes, warnings) = all(&stopped);
    assert!((64 << 20..66 << 20).contains(&bytes.len()), "{}", bytes.len());
    assert!(warnings.iter().any(|warning| warning.starts_with("Stopped: ")), "{warnings:?}");

    let context = Context { allow_bombs: true, ..Context::default() };
    let (bytes, warnings) = all(&peel(stage.clone(), &context).expect("it begins well"));
    assert_eq!((bytes.len(), warnings.len()), (100 << 20, 0));

    let context = Context { spool_limit_bytes: 1 << 20, ..Context::default() };
    let (bytes, warnings) = all(&peel(stage, &context).expect("it begins well"));
    assert_eq!(bytes.len(), 1 << 20);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
}

#[test]
fn layers_cannot_multiply_their_ratios() {
    let nested = gzip(&gzip(&vec![b' '; 100 << 20]));
    assert!(nested.len() < 4096);
    let (bytes, warnings, _) = peeled("bomb.gz.gz", &nested);
    assert!(bytes.len() < 66 << 20, "{}", bytes.len());
    assert!(warnings.iter().any(|warning| warning.starts_with("Stopped: ")), "{warnings:?}");
}

#[test]
fn a_window_too_large_is_refused() {
    let mut encoder = ::zstd::stream::write::Encoder::new(Vec::new(), 1).expect("memory");
    encoder.set_parameter(::zstd::zstd_safe::CParameter::WindowLog(28)).expect("a known parameter");
    encoder.write_all(LOG).expect("memory");
    let (bytes, warnings, _) = peeled("log.zst", &encoder.finish().expect("memory"));
    assert_eq!((bytes.len(), warnings.len()), (0, 1), "{warnings:?}");
}

#[test]
fn nobody_reading_stops_the_writer() {
    let (stage, _dir) = stage_of("log.gz", &gzip(&vec![b' '; 60 << 20]));
    let peeled = peel(stage, &Context::default()).expect("it begins well");
    let spool = std::sync::Arc::downgrade(peeled.spool.as_ref().expect("a spool"));
    drop(peeled);
    assert!(spool.upgrade().is_none());
}

fn utf16(text: &str, big_endian: bool, mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

#[test]
fn utf16_becomes_utf8() {
    let text = "{\"eventType\":\"Grüße\"}\r\n{\"eventType\":\"🎉 €\"}\n".repeat(20_000);
    for big_endian in [false, true] {
        for mark in [true, false] {
            for odd in [false, true] {
                let mut bytes = utf16(&text, big_endian, mark);
                if odd {
                    bytes.push(b'x');
                }
                let (plain, warnings, stage) = peeled("log.txt", &bytes);
                let expected = if odd { format!("{text}\u{FFFD}") } else { text.clone() };
                assert!(plain == expected.as_bytes(), "big endian {big_endian}, mark {mark}, odd {odd}");
                assert_eq!(warnings.len(), usize::from(odd), "{warnings:?}");
                assert_eq!(stage.formats, [if big_endian { "UTF-16BE" } else { "UTF-16LE" }]);
            }
        }
    }
}

#[test]
fn utf16_positions_lead_back_to_the_file() {
    let text = "{\"a\":\"ü🎉€\"}\n".repeat(30_000);
    let bytes = utf16(&text, false, true);
    let (_, _, stage) = peeled("log.txt", &bytes);
    let origin = stage.origin.expect("an origin");
    for line in [0, 1, 9_999, 29_999_u64] {
        let at = line * 18;
        assert_eq!(&text.as_bytes()[at as usize..at as usize + 2], b"{\"");
        let place = origin.place(Span { offset: ByteOffset(at), len: 1 });
        assert_eq!(place, format!("byte {}", 2 + line * 26), "line {line}");
    }
}

#[test]
fn lone_halves_are_marked() {
    let mut bytes = utf16("{\"a\":\"", false, true);
    bytes.extend([0x3D, 0xD8]);
    bytes.extend(utf16("x\"}", false, false));
    let (plain, ..) = peeled("log", &bytes);
    assert_eq!(String::from_utf8(plain).expect("UTF-8"), "{\"a\":\"\u{FFFD}x\"}");
}

fn decoded(name: &str, bytes: &[u8]) -> (String, Vec<String>, Stage) {
    let (stage, _dir) = stage_of("log", bytes);
    let context = Context { charset: Charset::named(name), ..Context::default() };
    let stage = peel(stage, &context).expect("layers that fit");
    let (text, warnings) = all(&stage);
    (String::from_utf8(text).expect("UTF-8"), warnings, stage)
}

#[test]
fn every_encoding_that_is_offered_is_read_and_its_places_found_again() {
    let words = [
        ("UTF-8", "Grüße €"),
        ("UTF-16LE", "Grüße 🎉"),
        ("UTF-16BE", "Grüße 🎉"),
        ("windows-1252", "Grüße €"),
        ("ISO-8859-15", "Grüße €"),
        ("windows-1250", "żółć"),
        ("windows-1251", "Привет"),
        ("KOI8-R", "Привет"),
        ("windows-1253", "Γειά"),
        ("windows-1254", "İğne"),
        ("IBM866", "Привет"),
        ("macintosh", "Grüße"),
        ("Shift_JIS", "こんにちは表"),
        ("GBK", "你好"),
        ("Big5", "功能"),
        ("EUC-KR", "안녕"),
    ];
    assert_eq!(words.map(|(name, _)| name), Charset::OFFERED.map(|(name, _)| name));
    for (name, word) in words {
        let charset = Charset::named(name).expect("it is offered");
        let encoded = |text: &str| match name {
            "UTF-16LE" | "UTF-16BE" => utf16(text, name == "UTF-16BE", false),
            _ => charset.encoding().encode(text).0.into_owned(),
        };
        // Longer than what is read at once, in lines that end anywhere in it.
        let lines: Vec<String> = (0..5_000).map(|n| format!("{{\"n\":{n},\"eventType\":\"{word}\"}}\n")).collect();
        for joined in [lines.concat(), lines.concat().replace('\n', " ")] {
            let (text, warnings, stage) = decoded(name, &encoded(&joined));
            assert!(text == joined, "{name}");
            assert_eq!((warnings.len(), stage.formats, stage.charset), (0, vec![name.to_owned()], Some(charset)));
            let origin = stage.origin.expect("an origin");
            for line in [0, 1, 777, 4_999] {
                let before = lines[..line].concat();
                let place = origin.place(Span { offset: ByteOffset(before.len() as u64), len: 1 });
                assert_eq!(place, format!("byte {}", encoded(&before).len()), "{name} line {line}");
            }
        }
    }
}

#[test]
fn what_is_no_character_is_said_once_with_its_place() {
    let (text, warnings, _) = decoded("Shift_JIS", b"{\"a\":\"\x82\xA0\x82\"}\n\xFF\n");
    assert_eq!(text, "{\"a\":\"\u{3042}\u{FFFD}\"}\n\u{FFFD}\n");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert!(warnings[0].contains("Not all of it is Shift_JIS") && warnings[0].contains("byte 8"), "{warnings:?}");
    // No place to cut for longer than any piece.
    let (text, warnings, _) = decoded("GBK", &[0x81, 0x40].repeat(1 << 20));
    assert_eq!((text.chars().count(), warnings.len()), (1 << 20, 0));
}

#[test]
fn encodings_stack_with_compression_and_are_declared_in_xml() {
    let (stage, _dir) = stage_of("log.gz", &gzip(b"{\"eventType\":\"Gr\xFC\xDFe\"}\n"));
    let context = Context { charset: Charset::named("latin1"), ..Context::default() };
    let stage = peel(stage, &context).expect("layers that fit");
    assert_eq!(all(&stage).0, "{\"eventType\":\"Grüße\"}\n".as_bytes());
    assert_eq!(stage.formats, ["gzip", "windows-1252"]);

    let log = b"<?xml version='1.0' encoding='ISO-8859-1'?><log><trace><string key='concept:name' value='1'/>\
        <event><string key='concept:name' value='Pr\xFCfung'/></event></trace></log>";
    let (text, _, stage) = peeled("log.xes", log);
    assert!(String::from_utf8(text).expect("UTF-8").contains("Prüfung"));
    assert_eq!(stage.formats.first().map(String::as_str), Some("windows-1252"));

    // What is no text has no encoding, and what is made of it is UTF-8.
    let values = stage_at(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/made/orders.avro"));
    let plain = all(&peel(values.clone(), &Context::default()).expect("layers that fit"));
    let named = peel(values, &context).expect("layers that fit");
    assert_eq!((all(&named), named.formats.len(), named.charset), (plain, 1, None));
}

#[test]
fn plain_text_is_left_alone() {
    for bytes in [LOG, b"", b"\xEF\xBB\xBF{}", b"\x1F", b"a\0b\0", &[0; 4096]] {
        let (plain, _, stage) = peeled("log", bytes);
        assert_eq!(plain, bytes);
        assert!(stage.formats.is_empty() && stage.spool.is_none());
    }
    let (stage, _dir) = stage_of("log", LOG);
    assert_eq!(stage.bytes.len().expect("a length"), LOG.len() as u64);
}

mod xml;
