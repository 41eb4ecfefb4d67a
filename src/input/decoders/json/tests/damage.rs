//! Broken, cut and hostile bytes: every record that is whole is found, everything else is reported.

use super::{JsonFormat, Out, SHOP, damage, events, plan, read, whole};
use crate::model::issue::IssueCode::{self, BrokenJson, Incomplete, NotAnObject, NotJson, TooDeep};

fn lines() -> JsonFormat {
    JsonFormat::lines(plan(SHOP))
}

#[test]
fn lines_that_are_no_events_say_why() {
    let check = |line: &str, code: IssueCode, at: u32| {
        let text = format!("{{\"eventId\":\"a\"}}\n{line}\n{{\"eventId\":\"b\"}}\n");
        let outs = whole(&lines(), text.as_bytes());
        let expected = (16, line.trim().len() as u32, code, Some(at));
        assert_eq!(damage(&outs), [expected], "{line}");
        assert_eq!(events(&outs).len(), 2, "{line}");
        assert!(matches!(outs[1], Out::Not(..)), "rows are in the order of the file: {line}");
    };
    check("plain text", NotJson, 0);
    check("# comment", NotJson, 0);
    check("\0\0\0\0", NotJson, 0);
    check("null", NotAnObject, 0);
    check("12", NotAnObject, 0);
    check("\"text\"", NotAnObject, 0);
    check("[{\"eventId\":\"x\"}]", NotAnObject, 0);
    check("[1,2", BrokenJson, 4);
    check("{\"eventId\":\"x\"", BrokenJson, 14);
    check("{\"eventId\":\"x", BrokenJson, 13);
    check("{\"eventId\" \"x\"}", BrokenJson, 11);
    check("{\"eventId\":\"x\" \"b\":1}", BrokenJson, 15);
    check("{\"eventId\":\"x\"},", BrokenJson, 15);
    check("{\"eventId\":\"x\"}{\"eventId\":\"y\"}", BrokenJson, 15);
    check("{\"data\":{\"deep\":[1,2}}", BrokenJson, 20);
    check("{\"other\":{\"deep\":[1,2}}", BrokenJson, 21);
    check("{\"other\":tru}", BrokenJson, 12);
    check("{\"other\":01}", BrokenJson, 10);
    check("{\"other\":\"\\x\"}", BrokenJson, 11);
    check("{,}", BrokenJson, 1);
    check("{\"a\":1,}", BrokenJson, 7);
    check("{a:1}", BrokenJson, 1);
}

#[test]
fn a_comma_before_the_first_key_stays_damage_whatever_was_learned() {
    // So many keys at one place that the walk gives up on guessing what follows.
    let line = |n: u32| format!("{{\"eventId\":\"a\",\"k{n}\":1,\"x\":2}}\n");
    let varied = (0..200).map(line).collect::<Vec<_>>().concat();
    let text = format!("{varied}{{,\"x\":2}}\n{{\"x\":2}}\n");
    let found = damage(&whole(&lines(), text.as_bytes()));
    assert_eq!(found, [(varied.len() as u64, 8, BrokenJson, Some(1))]);
}

#[test]
fn blank_lines_returns_marks_and_nul_do_no_harm() {
    let text = "\u{feff}{\"eventId\":\"a\"}\r\n\r\n  \n\t{\"eventId\":\"b\\u0000\"}\r\n{\"event\\u0049d\":\"c\"}";
    let outs = whole(&lines(), text.as_bytes());
    let ids: Vec<_> = events(&outs).iter().map(|e| (e.id.clone().expect("an id"), e.span)).collect();
    let id = |text: &str, at: u64, len: u32| (text.to_owned(), (at, len));
    assert_eq!(ids, [id("a", 3, 15), id("b\0", 26, 21), id("c", 49, 20)]);
    assert_eq!(damage(&outs), []);
    assert_eq!(whole(&lines(), b""), []);
    assert_eq!(whole(&lines(), b"\xEF\xBB\xBF"), []);
    assert_eq!(whole(&lines(), b"\n\r\n \n"), []);
}

#[test]
fn bytes_that_are_no_text_are_kept() {
    let outs = whole(&lines(), b"{\"eventId\":\"a\xFF\xC3\",\"x\":\"\xED\xA0\x80\"}\n");
    assert_eq!(events(&outs)[0].id.as_deref(), Some("a\u{fffd}\u{fffd}"));
}

#[test]
fn the_last_line_may_lack_its_newline_or_its_end() {
    let outs = whole(&lines(), b"{\"eventId\":\"a\"}\n{\"eventId\":\"b\"}");
    assert_eq!((events(&outs).len(), damage(&outs)), (2, vec![]));
    let outs = whole(&lines(), b"{\"eventId\":\"a\"}\n{\"eventId\":\"b\"");
    assert_eq!((events(&outs).len(), damage(&outs)), (1, vec![(16, 14, Incomplete, Some(14))]));
}

#[test]
fn nesting_ends_at_the_limit_of_the_parser_that_reads_records_again() {
    for (open, close) in [("[", "]"), ("{\"k\":", "}")] {
        for field in ["other", "data"] {
            for depth in [100, 126, 127, 128, 100_000] {
                let value = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                let line = format!("{{\"{field}\":{value}}}");
                let outs = whole(&lines(), line.as_bytes());
                let parsed = serde_json::from_str::<serde_json::Value>(&line).is_ok();
                assert_eq!(events(&outs).len(), usize::from(parsed), "{depth} {open}");
                let decode = super::super::Format::decode(&lines());
                assert_eq!(decode.envelope(line.as_bytes()).issue.is_none(), parsed);
                let cut = whole(&lines(), format!("{{\"{field}\":{}\n", open.repeat(depth)).as_bytes());
                let code = if depth > 126 { TooDeep } else { BrokenJson };
                assert_eq!(damage(&cut)[0].2, code, "{depth} {open}");
            }
        }
    }
}

#[test]
fn a_cut_anywhere_only_takes_from_the_end() {
    let line = |i: usize| {
        format!(
            "{{\"eventType\":\"T{i}\",\"eventId\":\"e\\u00e9{i}\",\"version\":{i},\"data\":{{\"orderId\":\"o\\\"{i}\",\"items\":[{{\"productId\":\"p\"}},1.5e3,null]}}}}"
        )
    };
    let lines_text: String = (0..4).map(|i| line(i) + "\n").collect();
    let pretty: String = (0..4).map(|i| line(i).replace(',', ",\n  ") + "\n").collect();
    let array = format!("[{}]", (0..4).map(line).collect::<Vec<_>>().join(",\n"));
    let members: Vec<_> = (0..4).map(|i| format!("\"k{i}\": {}", line(i))).collect();
    let nested = format!("{{\"meta\":[{{\"events\":1}}],\"log\":{{\"events\":{{{}}}}},\"z\":2}}", members.join(","));
    for (format, text) in [
        (lines(), lines_text),
        (JsonFormat::values(plan(SHOP)), pretty),
        (JsonFormat::document(plan(SHOP), "").expect("a pointer"), array),
        (JsonFormat::document(plan(SHOP), "/log/events").expect("a pointer"), nested),
    ] {
        let all = whole(&format, text.as_bytes());
        assert_eq!((events(&all).len(), damage(&all)), (4, vec![]), "{text}");
        let mut seen = 0;
        for end in 0..text.len() {
            let outs = whole(&format, &text.as_bytes()[..end]);
            let found = events(&outs);
            assert!(found.len() >= seen, "{end} of {text}");
            seen = found.len();
            assert!(found.iter().zip(events(&all)).all(|(a, b)| *a == b), "{end} of {text}");
            let broken = damage(&outs);
            assert!(broken.len() <= 1 && broken.iter().all(|b| b.2 == Incomplete), "{end}: {broken:?}");
            assert_eq!(read(&format, &text.as_bytes()[..end], &[1]), outs, "{end} of {text}");
        }
    }
}

#[test]
fn a_line_of_many_megabytes_is_read_or_left_to_the_caller() {
    let line =
        format!("{{\"eventId\":\"a\",\"data\":\"{}\",\"version\":3}}\n{{\"eventId\":\"b\"}}\n", "x".repeat(20 << 20));
    let outs = read(&lines(), line.as_bytes(), &[1 << 20]);
    assert_eq!((events(&outs).len(), events(&outs)[0].version), (2, Some(3)));
    let mut reader = super::super::Format::reader(&lines());
    let mut sink = super::Collect::default();
    let head = &line.as_bytes()[..10 << 20];
    assert_eq!(reader.read(head, super::ByteOffset(0), false, &mut sink), 0, "more is asked for");
}

#[test]
fn damage_among_values_ends_at_the_next_start() {
    let format = JsonFormat::values(plan(SHOP));
    let text = "{\n \"eventId\": \"a\"\n}\ngarbage here\n{\n \"eventId\": \"b\" oops\n}\n{\n \"eventId\": \"c\"\n}{\"eventId\":\"d\"}\n[1]\n\u{1e}{\"eventId\":\"e\"}";
    for piece in [1, 7, text.len()] {
        let outs = read(&format, text.as_bytes(), &[piece]);
        let ids: Vec<_> = events(&outs).iter().filter_map(|e| e.id.clone()).collect();
        assert_eq!(ids, ["a", "c", "d", "e"]);
        let codes: Vec<_> = damage(&outs).iter().map(|d| d.2).collect();
        assert_eq!(codes, [NotJson, BrokenJson, NotAnObject]);
    }
}

/// Foreign nesting is no reason to end the program, whatever thread it is met on.
#[test]
fn depth_costs_no_stack() {
    let small = std::thread::Builder::new().name("small".to_owned()).stack_size(512 << 10);
    let done = small.spawn(|| {
        for (open, close) in [("[", "]"), ("{\"k\":", "}"), ("{\"data\":[", "]}")] {
            for text in [
                open.repeat(100_000),
                format!("{}1{}", open.repeat(100_000), close.repeat(100_000)),
                format!("{{\"eventId\":\"a\",\"data\":{}1{}}}", open.repeat(100_000), close.repeat(100_000)),
            ] {
                for format in [
                    lines(),
                    JsonFormat::values(plan(SHOP)),
                    JsonFormat::document(plan(SHOP), "").expect("a pointer"),
                    JsonFormat::document(plan(SHOP), "/k/data").expect("a pointer"),
                ] {
                    let outs = whole(&format, text.as_bytes());
                    assert!(events(&outs).len() <= 1);
                    let decode = super::super::Format::decode(&format);
                    let (envelope, json) = (decode.envelope(text.as_bytes()), decode.json(text.as_bytes()));
                    assert!(envelope.issue.is_some() && json.is_none(), "{open}");
                    let _ = decode.data_json(text.as_bytes());
                }
            }
        }
    });
    done.expect("a thread").join().expect("it ends by itself");
}
