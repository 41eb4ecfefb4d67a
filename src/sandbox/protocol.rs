//! What host and child say to each other: frames of a length and a body, over the child's standard
//! input and output.
//!
//! Both sides read with bounds: the child may have been taken over by what it runs.

use std::io::{self, Read, Write};

use super::Language;

/// The longest frame that either side takes.
const MAX_FRAME: usize = 64 << 20;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    Compile { language: Language, text: String },
    Fold(Run),
}

/// Events to be folded in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The state to begin with, as JSON; `None` goes on from the last one.
    pub state: Option<String>,
    /// Tell the state after every event.
    pub every: bool,
    /// Give the state after the last event.
    pub last: bool,
    /// Tell each event before it begins, so that a death can be laid at its door.
    pub careful: bool,
    /// The events as a JSON array.
    pub events: Vec<u8>,
    /// The bytes of each event in it; 0 stands for one that is left out and is a `null` there.
    pub lengths: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    Compiled {
        initial: String,
        histories: Vec<String>,
    },
    Refused {
        message: String,
        line: u32,
        column: u32,
    },
    /// This event of the run is being worked on.
    At(u32),
    State {
        at: u32,
        json: String,
    },
    Failed {
        at: u32,
        message: String,
        line: u32,
    },
    Warned {
        at: u32,
        message: String,
        line: u32,
    },
    /// The run is over. `bytes` is the length of its last state.
    Done {
        state: Option<String>,
        bytes: u32,
    },
    /// The interpreter cannot go on; the child ends.
    Stopped {
        at: u32,
        message: String,
        line: u32,
    },
}

/// Reads a frame; `None` at the end.
///
/// # Errors
/// The pipe's, and a frame that is longer than any that is sent.
pub fn read_frame(from: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    if from.read(&mut length[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut length[1..])?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "a frame out of all proportion"));
    }
    let mut body = Vec::new();
    from.take(length as u64).read_to_end(&mut body)?;
    if body.len() < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(body))
}

/// # Errors
/// The pipe's.
pub fn write_frame(to: &mut impl Write, body: &[u8]) -> io::Result<()> {
    to.write_all(&(body.len() as u32).to_le_bytes())?;
    to.write_all(body)?;
    to.flush()
}

impl Request {
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::new();
        match self {
            Self::Compile { language, text } => {
                body.push(match language {
                    Language::JavaScript => b'J',
                    Language::Jq => b'Q',
                    Language::JsonSchema => b'V',
                });
                put(&mut body, text.as_bytes());
            }
            Self::Fold(run) => {
                body.reserve(run.events.len() + run.lengths.len() * 4 + 32);
                body.push(b'F');
                for flag in [run.every, run.last, run.careful, run.state.is_some()] {
                    body.push(u8::from(flag));
                }
                put(&mut body, run.state.as_deref().unwrap_or_default().as_bytes());
                put(&mut body, &run.events);
                number(&mut body, run.lengths.len() as u32);
                run.lengths.iter().for_each(|length| number(&mut body, *length));
            }
        }
        body
    }

    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Self> {
        let mut rest = Rest(body);
        let request = match rest.byte()? {
            b'J' => Self::Compile { language: Language::JavaScript, text: rest.text()? },
            b'Q' => Self::Compile { language: Language::Jq, text: rest.text()? },
            b'V' => Self::Compile { language: Language::JsonSchema, text: rest.text()? },
            b'F' => {
                let (every, last, careful) = (rest.flag()?, rest.flag()?, rest.flag()?);
                let has_state = rest.flag()?;
                let state = rest.text()?;
                let events = rest.bytes()?.to_vec();
                let count = rest.number()?;
                let lengths = (0..count).map(|_| rest.number()).collect::<Option<Vec<u32>>>()?;
                Self::Fold(Run { state: has_state.then_some(state), every, last, careful, events, lengths })
            }
            _ => return None,
        };
        rest.0.is_empty().then_some(request)
    }
}

impl Reply {
    /// Appends the reply; one frame may hold several.
    pub fn encode(&self, body: &mut Vec<u8>) {
        match self {
            Self::Compiled { initial, histories } => {
                body.push(b'C');
                put(body, initial.as_bytes());
                number(body, histories.len() as u32);
                histories.iter().for_each(|name| put(body, name.as_bytes()));
            }
            Self::Refused { message, line, column } => {
                body.push(b'R');
                put(body, message.as_bytes());
                number(body, *line);
                number(body, *column);
            }
            Self::At(at) => {
                body.push(b'@');
                number(body, *at);
            }
            Self::State { at, json } => told(body, b'S', *at, json),
            Self::Failed { at, message, line } => {
                told(body, b'E', *at, message);
                number(body, *line);
            }
            Self::Warned { at, message, line } => {
                told(body, b'W', *at, message);
                number(body, *line);
            }
            Self::Stopped { at, message, line } => {
                told(body, b'X', *at, message);
                number(body, *line);
            }
            Self::Done { state, bytes } => {
                told(body, b'D', *bytes, state.as_deref().unwrap_or_default());
                body.push(u8::from(state.is_some()));
            }
        }
    }

    /// The replies of a frame.
    #[must_use]
    pub fn decode(body: &[u8]) -> Option<Vec<Self>> {
        let mut rest = Rest(body);
        let mut replies = Vec::new();
        while let Some(tag) = rest.byte() {
            replies.push(Self::one(tag, &mut rest)?);
        }
        Some(replies)
    }

    fn one(tag: u8, rest: &mut Rest<'_>) -> Option<Self> {
        Some(match tag {
            b'C' => {
                let initial = rest.text()?;
                let count = rest.number()?;
                Self::Compiled { initial, histories: (0..count).map(|_| rest.text()).collect::<Option<_>>()? }
            }
            b'R' => Self::Refused { message: rest.text()?, line: rest.number()?, column: rest.number()? },
            b'@' => Self::At(rest.number()?),
            b'S' => Self::State { at: rest.number()?, json: rest.text()? },
            b'E' => Self::Failed { at: rest.number()?, message: rest.text()?, line: rest.number()? },
            b'W' => Self::Warned { at: rest.number()?, message: rest.text()?, line: rest.number()? },
            b'X' => Self::Stopped { at: rest.number()?, message: rest.text()?, line: rest.number()? },
            b'D' => {
                let (bytes, state) = (rest.number()?, rest.text()?);
                Self::Done { state: rest.flag()?.then_some(state), bytes }
            }
            _ => return None,
        })
    }
}

fn told(body: &mut Vec<u8>, tag: u8, at: u32, text: &str) {
    body.push(tag);
    number(body, at);
    put(body, text.as_bytes());
}

fn number(body: &mut Vec<u8>, number: u32) {
    body.extend_from_slice(&number.to_le_bytes());
}

fn put(body: &mut Vec<u8>, bytes: &[u8]) {
    number(body, bytes.len() as u32);
    body.extend_from_slice(bytes);
}

/// What of a body is not read yet.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn flag(&mut self) -> Option<bool> {
        self.byte().map(|byte| byte != 0)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = self.number()?;
        self.take(length as usize)
    }

    fn text(&mut self) -> Option<String> {
        self.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn requests() -> Vec<Request> {
        let run = Run {
            state: Some("{}".to_owned()),
            every: true,
            last: false,
            careful: true,
            events: b"[{},null]".to_vec(),
            lengths: vec![2, 0],
        };
        vec![
            Request::Compile { language: Language::Jq, text: ".state".to_owned() },
            Request::Compile { language: Language::JavaScript, text: String::new() },
            Request::Fold(run),
            Request::Fold(Run { state: Some(String::new()), ..Run::default() }),
            Request::Fold(Run::default()),
        ]
    }

    fn replies() -> Vec<Reply> {
        let text = || "é".to_owned();
        vec![
            Reply::Compiled { initial: "{}".to_owned(), histories: vec![text(), text()] },
            Reply::Refused { message: text(), line: 1, column: 2 },
            Reply::At(7),
            Reply::State { at: 1, json: "{}".to_owned() },
            Reply::Failed { at: 2, message: text(), line: 3 },
            Reply::Warned { at: 2, message: text(), line: 0 },
            Reply::Done { state: None, bytes: 9 },
            Reply::Done { state: Some(text()), bytes: 9 },
            Reply::Stopped { at: u32::MAX, message: text(), line: 0 },
        ]
    }

    #[test]
    fn what_is_written_is_read() {
        for request in requests() {
            assert_eq!(Request::decode(&request.encode()), Some(request));
        }
        let mut body = Vec::new();
        replies().iter().for_each(|reply| reply.encode(&mut body));
        assert_eq!(Reply::decode(&body), Some(replies()));
    }

    #[test]
    fn what_is_cut_or_changed_is_refused_and_never_panics() {
        let mut body = Vec::new();
        replies().iter().for_each(|reply| reply.encode(&mut body));
        for cut in 0..body.len() {
            let _ = Reply::decode(&body[..cut]);
            let mut changed = body.clone();
            changed[cut] ^= 0xff;
            let _ = Reply::decode(&changed);
        }
        for request in requests() {
            let body = request.encode();
            assert!((0..body.len()).all(|cut| Request::decode(&body[..cut]).is_none()));
        }
    }

    #[test]
    fn frames_come_one_by_one_and_not_out_of_proportion() {
        let mut pipe = Vec::new();
        write_frame(&mut pipe, b"one").expect("a vector");
        write_frame(&mut pipe, b"").expect("a vector");
        let mut from = pipe.as_slice();
        assert_eq!(read_frame(&mut from).expect("whole"), Some(b"one".to_vec()));
        assert_eq!(read_frame(&mut from).expect("whole"), Some(Vec::new()));
        assert_eq!(read_frame(&mut from).expect("whole"), None);
        assert!(read_frame(&mut &pipe[..5]).is_err());
        assert!(read_frame(&mut &b"Segmentation fault"[..]).is_err());
    }
}
