//! What `kafka-console-consumer` prints with its `print.…` options: tab-separated time, partition,
//! offset, headers, key and value, of which only those are there that were switched on.
//!
//! Nothing says which: the first three carry their names, headers and key are told from the first lines.
//! The value is last and may hold tabs itself.

use std::sync::Arc;

use super::Layer;
use super::json;
use super::marks::Marks;
use super::origin::FileOrigin;
use super::pump::pump;
use super::stage::{Context, Stage};
use super::text::{Lines, first_lines};
use crate::model::error::Result;
use crate::model::source::Origin;

pub(super) struct ConsoleConsumer;

impl Layer for ConsoleConsumer {
    fn name(&self) -> &'static str {
        "kafka-console-consumer"
    }

    fn fits(&self, head: &[u8]) -> bool {
        let mut lines = first_lines(head).filter(|line| !line.is_empty()).take(8).peekable();
        lines.peek().is_some() && lines.all(|line| Prefix::of(line).is_some())
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        let (head, _) = stage.head(super::HEAD_BYTES, &context.cancel)?;
        let columns = Columns::of(&head);
        let marks = Marks::create(context)?;
        let mut next = stage.clone();
        let under = next.origin.take();
        next.origin = Some(Arc::new(FileOrigin { marks: Arc::clone(&marks), under }) as Arc<dyn Origin>);
        let mut lines = Lines::new(&stage, &context.cancel);
        let bytes = pump("console", &stage.address, context, move |out| {
            while let Some((at, line)) = lines.next()? {
                if line.is_empty() {
                    continue;
                }
                marks.add(out.position(), at)?;
                match Prefix::of(&line) {
                    Some(prefix) => out.write(&record(&prefix, columns))?,
                    // Counted where it stands as what cannot be decoded.
                    None => out.write(format!("{line}\n").as_bytes())?,
                }
            }
            Ok(())
        })?;
        Ok(next.through(bytes, self.name()))
    }
}

/// The parts of a line that carry their names.
struct Prefix<'l> {
    time: Option<(&'l str, &'l str)>,
    partition: Option<&'l str>,
    offset: Option<&'l str>,
    rest: &'l str,
}

impl<'l> Prefix<'l> {
    fn of(line: &'l str) -> Option<Self> {
        let mut found = Self { time: None, partition: None, offset: None, rest: line };
        let mut untimed = false;
        while let Some((part, rest)) = found.rest.split_once('\t') {
            let (name, value) = part.split_once(':').unwrap_or((part, ""));
            let number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            match name {
                "CreateTime" | "LogAppendTime" if number && found.time.is_none() => found.time = Some((name, value)),
                "NO_TIMESTAMP" if value.is_empty() => untimed = true,
                "Partition" if number && found.partition.is_none() => found.partition = Some(value),
                "Offset" if number && found.offset.is_none() => found.offset = Some(value),
                _ => break,
            }
            found.rest = rest;
        }
        let any = untimed || found.time.is_some() || found.partition.is_some() || found.offset.is_some();
        any.then_some(found)
    }
}

/// Which of the parts without names there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Columns {
    headers: bool,
    key: bool,
}

impl Columns {
    fn of(head: &[u8]) -> Self {
        let whole = head.iter().rposition(|byte| *byte == b'\n').map_or(head, |end| head.get(..end).unwrap_or(head));
        let rests: Vec<&str> = first_lines(whole).filter_map(|line| Some(Prefix::of(line)?.rest)).collect();
        let fewest = |rests: &[&str]| rests.iter().map(|rest| rest.split('\t').count()).min().unwrap_or(1);
        let are_headers = |rest: &&str| rest.split_once('\t').is_some_and(|(first, _)| headers(first).is_some());
        let has_headers = fewest(&rests) > 1 && rests.iter().all(are_headers);
        Self { headers: has_headers, key: fewest(&rests) > 1 + usize::from(has_headers) }
    }
}

/// `h1:v1,h2:v2` or `NO_HEADERS`
fn headers(text: &str) -> Option<Vec<(&str, &str)>> {
    if text == "NO_HEADERS" {
        return Some(Vec::new());
    }
    if text.starts_with(['{', '[', '"']) {
        return None;
    }
    text.split(',').map(|pair| pair.split_once(':')).collect()
}

/// As `kcat -J` names its parts.
fn record(prefix: &Prefix<'_>, columns: Columns) -> Vec<u8> {
    let mut out = Vec::from(*b"{");
    if let Some((kind, time)) = prefix.time {
        json::key(&mut out, "tstype");
        json::string(&mut out, kind);
        json::key(&mut out, "ts");
        json::number_text(&mut out, time);
    }
    for (name, number) in [("partition", prefix.partition), ("offset", prefix.offset)] {
        if let Some(number) = number {
            json::key(&mut out, name);
            json::number_text(&mut out, number);
        }
    }
    let mut rest = prefix.rest;
    if columns.headers
        && let Some((text, behind)) = rest.split_once('\t')
    {
        json::key(&mut out, "headers");
        out.push(b'{');
        for (name, value) in headers(text).into_iter().flatten() {
            json::key(&mut out, name);
            json::string(&mut out, value);
        }
        out.push(b'}');
        rest = behind;
    }
    if columns.key
        && let Some((key, behind)) = rest.split_once('\t')
    {
        json::key(&mut out, "key");
        text_or_null(&mut out, key);
        rest = behind;
    }
    json::key(&mut out, "value");
    text_or_null(&mut out, rest);
    out.extend_from_slice(b"}\n");
    out
}

/// The tool prints what is not there as the word.
fn text_or_null(out: &mut Vec<u8>, text: &str) {
    if text == "null" { out.extend_from_slice(b"null") } else { json::string(out, text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expected: &[&str]) {
        let columns = Columns::of(head.as_bytes());
        let records: Vec<String> = head
            .lines()
            .map(|line| record(&Prefix::of(line).expect(line), columns))
            .map(|record| String::from_utf8(record).expect("UTF-8").trim_end().to_owned())
            .collect();
        assert_eq!(records, expected, "{head}");
    }

    #[test]
    fn columns_are_told_from_the_first_lines() {
        check(
            "CreateTime:17\tk\t{\"a\":1}\nCreateTime:18\tnull\tnull\n",
            &[
                r#"{"tstype":"CreateTime","ts":17,"key":"k","value":"{\"a\":1}"}"#,
                r#"{"tstype":"CreateTime","ts":18,"key":null,"value":null}"#,
            ],
        );
        check(
            "NO_TIMESTAMP\tPartition:0\tOffset:7\ta:b,c:d:e\t{}\nLogAppendTime:1\tPartition:0\tOffset:8\tNO_HEADERS\tx\ty\n",
            &[
                r#"{"partition":0,"offset":7,"headers":{"a":"b","c":"d:e"},"value":"{}"}"#,
                r#"{"tstype":"LogAppendTime","ts":1,"partition":0,"offset":8,"headers":{},"value":"x\ty"}"#,
            ],
        );
        check(
            "Offset:1\tv\nOffset:2\tCreateTime:x\n",
            &[r#"{"offset":1,"value":"v"}"#, r#"{"offset":2,"value":"CreateTime:x"}"#],
        );
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in ["{\"CreateTime\":1}\n", "CreateTime:abc\tx\n", "time\ttype\n", "", "Offset:1"] {
            assert!(!ConsoleConsumer.fits(text.as_bytes()), "{text}");
        }
    }
}
