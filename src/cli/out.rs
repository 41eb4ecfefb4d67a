//! Standard output: bytes as they are into files and pipes; on a terminal nothing that it would obey.

use std::borrow::Cow;
use std::io::{self, IsTerminal as _, Write};

use super::text::{escaped, json_escaped};

pub(super) struct Out<W: Write> {
    to: W,
    terminal: bool,
}

pub(super) type Stdout = Out<io::BufWriter<io::StdoutLock<'static>>>;

impl Stdout {
    pub(super) fn stdout() -> Self {
        let stdout = io::stdout();
        let terminal = stdout.is_terminal();
        Self { to: io::BufWriter::with_capacity(1 << 16, stdout.lock()), terminal }
    }
}

impl<W: Write> Out<W> {
    #[cfg(test)]
    pub(super) fn new(to: W, terminal: bool) -> Self {
        Self { to, terminal }
    }

    /// A line of text for people. Always escaped: who reads text into a program wants lines to be lines.
    pub(super) fn text(&mut self, line: &str) -> io::Result<()> {
        self.to.write_all(escaped(line).as_bytes())?;
        self.to.write_all(b"\n")
    }

    /// A line of JSON; on a terminal with characters that mislead as `\u` escapes, which mean the same.
    pub(super) fn json(&mut self, line: &[u8]) -> io::Result<()> {
        if self.terminal {
            self.to.write_all(json_escaped(&String::from_utf8_lossy(line)).as_bytes())?;
        } else {
            self.to.write_all(line)?;
        }
        self.to.write_all(b"\n")
    }

    /// Lines that are complete as they are, such as those of a CSV writer.
    pub(super) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.each_line(lines, escaped)
    }

    /// Lines of one JSON value, as [`Self::json`].
    pub(super) fn json_lines(&mut self, lines: &[u8]) -> io::Result<()> {
        self.each_line(lines, json_escaped)
    }

    fn each_line(&mut self, lines: &[u8], escaped: impl Fn(&str) -> Cow<'_, str>) -> io::Result<()> {
        if !self.terminal {
            return self.to.write_all(lines);
        }
        let text = String::from_utf8_lossy(lines);
        for line in text.split_inclusive('\n') {
            self.to.write_all(escaped(line.trim_end_matches(['\r', '\n'])).as_bytes())?;
            self.to.write_all(b"\n")?;
        }
        Ok(())
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_gets_escapes_and_a_pipe_gets_bytes() {
        let line = "{\"a\":\"\u{202e}\u{9b}ü\"}".as_bytes();
        let mut pipe = Vec::new();
        Out::new(&mut pipe, false).json(line).unwrap();
        assert_eq!(pipe, [line, b"\n"].concat());
        let mut terminal = Vec::new();
        Out::new(&mut terminal, true).json(line).unwrap();
        assert_eq!(String::from_utf8(terminal).unwrap(), "{\"a\":\"\\u202e\\u009bü\"}\n");
    }

    #[test]
    fn text_is_escaped_everywhere() {
        let mut pipe = Vec::new();
        Out::new(&mut pipe, false).text("a\u{1b}[2Jb\nc").unwrap();
        assert_eq!(pipe, b"a\\u{1b}[2Jb\\nc\n");
    }
}
