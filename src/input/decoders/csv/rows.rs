//! One row at a time out of bytes that may end anywhere.

/// A row's cells: their unescaped texts one after another, and where each of them ends.
#[derive(Debug, Default)]
pub struct Cells {
    text: Vec<u8>,
    ends: Vec<usize>,
    count: usize,
}

impl Cells {
    pub fn len(&self) -> usize {
        self.count
    }

    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().take(self.count).map(move |&end| {
            let cell = self.text.get(start..end).unwrap_or_default();
            start = end;
            cell
        })
    }

    pub fn texts(&self) -> Vec<String> {
        self.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect()
    }
}

/// Splits rows; keeps its state machine and its space from row to row.
#[derive(Debug)]
pub struct Splitter {
    machine: csv_core::Reader,
}

/// What was read at the start of some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// A row from `start` (past blank lines) up to `end`, and where the next one may start.
    Row { start: usize, end: usize, next: usize },
    /// Nothing but blank lines.
    Nothing,
    /// The row that starts here does not end within these bytes.
    More { start: usize },
}

impl Splitter {
    pub fn new(separator: u8) -> Self {
        Self { machine: csv_core::ReaderBuilder::new().delimiter(separator).build() }
    }

    /// Reads the first row in `bytes` into `cells`; with `last`, what has no end of line is a row too.
    pub fn next(&mut self, bytes: &[u8], last: bool, cells: &mut Cells) -> Next {
        let start = bytes.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        let Some(mut input) = bytes.get(start..).filter(|rest| !rest.is_empty()) else { return Next::Nothing };
        self.machine.reset();
        cells.count = 0;
        let (mut read, mut written, mut count) = (0, 0, 0);
        let mut ended = false;
        loop {
            let (result, nin, nout, nend) = self.machine.read_record(
                input,
                cells.text.get_mut(written..).unwrap_or_default(),
                cells.ends.get_mut(count..).unwrap_or_default(),
            );
            read += nin;
            written += nout;
            count += nend;
            input = input.get(nin..).unwrap_or_default();
            match result {
                csv_core::ReadRecordResult::InputEmpty if !last => return Next::More { start },
                // Empty input tells the machine that nothing follows.
                csv_core::ReadRecordResult::InputEmpty if !ended => ended = true,
                csv_core::ReadRecordResult::InputEmpty | csv_core::ReadRecordResult::End => break,
                csv_core::ReadRecordResult::OutputFull => {
                    let grown = (cells.text.len() * 2).max(1024);
                    cells.text.resize(grown, 0);
                }
                csv_core::ReadRecordResult::OutputEndsFull => {
                    let grown = (cells.ends.len() * 2).max(32);
                    cells.ends.resize(grown, 0);
                }
                csv_core::ReadRecordResult::Record => break,
            }
        }
        cells.count = count;
        let next = start + read;
        let row = bytes.get(start..next).unwrap_or_default();
        let newline = row.iter().rev().take_while(|byte| matches!(byte, b'\n' | b'\r')).count();
        Next::Row { start, end: next - newline, next }
    }
}
