//! Header dumps of NServiceBus messages: `key = value` a line, stack traces over several. Each message
//! becomes `{"headers":{…},"body":…}`, the form in which exports have it.
//!
//! Nothing marks a message's end for sure: a header that repeats, `startcode` or `endcode` of the
//! documentation's snippets, or the file's end. A line that is JSON is the body.

use std::sync::Arc;

use super::Layer;
use super::json;
use super::marks::Marks;
use super::origin::FileOrigin;
use super::pump::{SpoolWriter, pump};
use super::stage::{Context, Stage};
use super::text::{Lines, first_lines};
use crate::model::error::Result;
use crate::model::source::Origin;

pub(super) struct NServiceBus;

impl Layer for NServiceBus {
    fn name(&self) -> &'static str {
        "NServiceBus headers"
    }

    fn fits(&self, head: &[u8]) -> bool {
        let of_it = first_lines(head).filter(|line| header(line).is_some_and(|(key, _)| is_its_own(key)));
        !head.trim_ascii_start().starts_with(b"{") && of_it.take(3).count() == 3
    }

    fn apply(&self, stage: Stage, context: &Context) -> Result<Stage> {
        let marks = Marks::create(context)?;
        let mut next = stage.clone();
        let under = next.origin.take();
        next.origin = Some(Arc::new(FileOrigin { marks: Arc::clone(&marks), under }) as Arc<dyn Origin>);
        let mut lines = Lines::new(&stage, &context.cancel);
        let bytes = pump("NServiceBus", &stage.address, context, move |out| {
            let mut message = Message::default();
            while let Some((at, line)) = lines.next()? {
                message.take(at, &line, &marks, out)?;
            }
            message.write(&marks, out)
        })?;
        Ok(next.through(bytes, self.name()))
    }
}

/// `NServiceBus.FailedQ = orders`
fn header(line: &str) -> Option<(&str, &str)> {
    if line.starts_with(char::is_whitespace) {
        return None;
    }
    let (key, value) = line.split_once(" = ").or_else(|| Some((line.strip_suffix(" =")?, "")))?;
    Some((key, value))
}

fn is_its_own(key: &str) -> bool {
    key.starts_with("NServiceBus.") || key.starts_with("$.diagnostics.")
}

#[derive(Default)]
struct Message {
    at: u64,
    headers: Vec<(String, String)>,
    body: Option<String>,
}

impl Message {
    fn take(&mut self, at: u64, line: &str, marks: &Marks, out: &mut SpoolWriter) -> Result<()> {
        let trimmed = line.trim_end();
        if trimmed.starts_with("startcode ") || trimmed == "endcode" {
            return self.write(marks, out);
        }
        let mut body = Vec::new();
        if trimmed.starts_with('{') && json::document(&mut body, trimmed) {
            self.body = String::from_utf8(body).ok();
            return Ok(());
        }
        match header(line) {
            Some((key, value)) => {
                if self.headers.iter().any(|(known, _)| known == key) {
                    self.write(marks, out)?;
                }
                if self.headers.is_empty() {
                    self.at = at;
                }
                self.headers.push((key.to_owned(), value.to_owned()));
            }
            None if trimmed.is_empty() => {}
            // A stack trace goes on.
            None => {
                if let Some((_, value)) = self.headers.last_mut() {
                    value.push('\n');
                    value.push_str(trimmed);
                }
            }
        }
        Ok(())
    }

    /// What has none of the framework's own headers is text around the messages.
    fn write(&mut self, marks: &Marks, out: &mut SpoolWriter) -> Result<()> {
        let Self { at, headers, body } = std::mem::take(self);
        if !headers.iter().any(|(key, _)| is_its_own(key)) {
            return Ok(());
        }
        let mut record = Vec::from(*b"{");
        json::key(&mut record, "headers");
        record.push(b'{');
        for (key, value) in &headers {
            json::key(&mut record, key);
            json::string(&mut record, value);
        }
        record.push(b'}');
        if let Some(body) = body {
            json::key(&mut record, "body");
            record.extend_from_slice(body.as_bytes());
        }
        record.extend_from_slice(b"}\n");
        marks.add(out.position(), at)?;
        out.write(&record)
    }
}
