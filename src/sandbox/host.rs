//! The parent's half: starts the child, watches its time and its memory, kills it when it must.
//!
//! Whatever the child says is looked at with suspicion; a child that talks nonsense is dead.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use super::protocol::{Reply, Request, Run, read_frame, write_frame};
use super::{ARGUMENT, EVENT_BUDGET, Language, MARGIN, PROGRAM, RESIDENT_BYTES};
use crate::base::cancel::Cancel;
use crate::base::text;

/// How often a silent child is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// A child that says nothing at all for so long is dead: it should tick twenty times a second.
const SILENCE: Duration = Duration::from_secs(5);

/// A running child with a compiled reducer.
pub struct Host {
    child: Running,
    to: Box<dyn Write + Send>,
    from: Receiver<Vec<u8>>,
}

/// What the child found in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compiled {
    /// The state before the first event, as JSON.
    pub initial: String,
    /// Members that only grow by the events themselves and are kept as their lengths.
    pub histories: Vec<String>,
}

/// What is wrong with the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub message: String,
    pub line: Option<u32>,
    pub column: Option<u32>,
}

/// What is told of a run's events, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    State { at: u32, json: String },
    Failed { at: u32, message: String, line: Option<u32> },
    Warned { at: u32, message: String, line: Option<u32> },
}

/// Why the child is no more. The host is of no use afterwards.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `None` where the child died without a word: a careful run finds the event.
    pub at: Option<u32>,
    pub message: String,
    pub line: Option<u32>,
}

/// The end of a run: its last state, if asked for, and the length of that state's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub state: Option<String>,
    pub bytes: usize,
}

enum Running {
    Process(Child),
    /// In the library's own tests, whose program has no such argument.
    #[cfg(test)]
    Thread,
}

impl Host {
    /// Starts a child and gives it the text.
    ///
    /// # Errors
    /// What is wrong with the text; or that no child could be started.
    pub fn start(language: Language, text: &str) -> Result<(Self, Compiled), Refused> {
        let refused = |message: String| Refused { message, line: None, column: None };
        let mut host =
            Self::launch().map_err(|error| refused(format!("no process for the reducer could be started: {error}")))?;
        let request = Request::Compile { language, text: text.to_owned() };
        host.send(&request).map_err(|failure| refused(failure.message))?;
        let answer = host.listen(&Cancel::new(), &mut |_| ());
        match answer.map_err(|failure| refused(failure.message))? {
            Reply::Compiled { initial, histories } => Ok((host, Compiled { initial, histories })),
            Reply::Refused { message, line, column } => {
                Err(Refused { message, line: known(line), column: known(column) })
            }
            _ => Err(refused(NONSENSE.to_owned())),
        }
    }

    /// Folds a run. What is told comes in order.
    ///
    /// # Errors
    /// When the child is dead or had to be killed.
    pub fn fold(&mut self, run: Run, cancel: &Cancel, told: &mut dyn FnMut(Told)) -> Result<Done, Failure> {
        self.send(&Request::Fold(run))?;
        match self.listen(cancel, told)? {
            Reply::Done { state, bytes } => Ok(Done { state, bytes: bytes as usize }),
            Reply::Stopped { at, message, line } => Err(Failure { at: Some(at), message, line: known(line) }),
            _ => Err(self.kill(None, NONSENSE.to_owned())),
        }
    }

    /// The child's process, for those who look from outside.
    #[must_use]
    pub fn process_id(&self) -> Option<u32> {
        match &self.child {
            Running::Process(child) => Some(child.id()),
            #[cfg(test)]
            Running::Thread => None,
        }
    }

    #[cfg(not(test))]
    fn launch() -> std::io::Result<Self> {
        Self::process()
    }

    #[cfg(test)]
    fn launch() -> std::io::Result<Self> {
        if PROGRAM.get().is_some() {
            return Self::process();
        }
        let (child_in, to) = std::io::pipe()?;
        let (from, child_out) = std::io::pipe()?;
        thread::Builder::new().name("child".to_owned()).spawn(move || super::child::run(child_in, child_out))?;
        Ok(Self { child: Running::Thread, to: Box::new(to), from: reader(from)? })
    }

    fn process() -> std::io::Result<Self> {
        let program = match PROGRAM.get() {
            Some(program) => program.clone(),
            None => std::env::current_exe()?,
        };
        let mut command = Command::new(program);
        #[cfg(windows)]
        {
            use std::os::windows::process::CommandExt as _;
            const NO_CONSOLE: u32 = 0x0800_0000;
            command.creation_flags(NO_CONSOLE);
        }
        let mut child = command
            .arg(ARGUMENT)
            .env_clear()
            // Local times must not depend on where they are computed.
            .env("TZ", "UTC")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| std::io::Error::other("it has no pipes"))?;
        let host = Self { child: Running::Process(child), to: Box::new(to), from: reader(from)? };
        Ok(host)
    }

    fn send(&mut self, request: &Request) -> Result<(), Failure> {
        write_frame(&mut self.to, &request.encode()).map_err(|_| self.died())
    }

    /// The reply that ends a request.
    fn listen(&mut self, cancel: &Cancel, told: &mut dyn FnMut(Told)) -> Result<Reply, Failure> {
        let mut at: Option<(u32, Instant)> = None;
        let mut heard = Instant::now();
        loop {
            let frame = match self.from.recv_timeout(LOOK) {
                Ok(frame) => frame,
                Err(RecvTimeoutError::Disconnected) => return Err(self.died_at(at.map(|(at, _)| at))),
                Err(RecvTimeoutError::Timeout) => {
                    self.look(at, heard, cancel)?;
                    continue;
                }
            };
            heard = Instant::now();
            let Some(replies) = Reply::decode(&frame) else { return Err(self.kill(None, NONSENSE.to_owned())) };
            for reply in replies {
                match reply {
                    Reply::At(now) => {
                        if at.is_none_or(|(before, _)| before != now) {
                            at = Some((now, heard));
                        }
                    }
                    Reply::State { at, json } => told(Told::State { at, json }),
                    Reply::Failed { at, message, line } => told(Told::Failed { at, message, line: known(line) }),
                    Reply::Warned { at, message, line } => told(Told::Warned { at, message, line: known(line) }),
                    end => return Ok(end),
                }
            }
            self.look(at, heard, cancel)?;
        }
    }

    /// Kills a child that takes too long or too much.
    fn look(&mut self, at: Option<(u32, Instant)>, heard: Instant, cancel: &Cancel) -> Result<(), Failure> {
        if cancel.is_cancelled() {
            return Err(self.kill(at.map(|(at, _)| at), "cancelled".to_owned()));
        }
        if let Some((event, since)) = at
            && since.elapsed() > EVENT_BUDGET + MARGIN
        {
            let message = format!("stopped: one event took more than {} ms", since.elapsed().as_millis());
            return Err(self.kill(Some(event), message));
        }
        if heard.elapsed() > SILENCE {
            return Err(self.kill(None, "stopped: it gave no sign of life".to_owned()));
        }
        if let Some(bytes) = self.resident_bytes().filter(|bytes| *bytes > RESIDENT_BYTES) {
            let message = format!("stopped: it took {} of memory", text::bytes(bytes));
            return Err(self.kill(at.map(|(at, _)| at), message));
        }
        Ok(())
    }

    /// What the child occupies, where the system tells it in a file.
    fn resident_bytes(&self) -> Option<u64> {
        let path = format!("/proc/{}/statm", self.process_id()?);
        let pages: u64 = std::fs::read_to_string(path).ok()?.split(' ').nth(1)?.parse().ok()?;
        // Larger pages are rare and make the limit wider, not tighter.
        Some(pages * 4096)
    }

    fn kill(&mut self, at: Option<u32>, message: String) -> Failure {
        self.end();
        Failure { at, message, line: None }
    }

    fn died(&mut self) -> Failure {
        self.died_at(None)
    }

    fn died_at(&mut self, at: Option<u32>) -> Failure {
        self.end();
        let last = self.last_words();
        let said = last.lines().find(|line| !line.trim().is_empty()).map(|line| format!(": {}", line.trim()));
        Failure { at, message: format!("the reducer's process died{}", said.unwrap_or_default()), line: None }
    }

    /// What the dead child wrote to its standard error.
    fn last_words(&mut self) -> String {
        let stderr = match &mut self.child {
            Running::Process(child) => child.stderr.take(),
            #[cfg(test)]
            Running::Thread => None,
        };
        let mut words = Vec::new();
        if let Some(stderr) = stderr {
            let _ = stderr.take(4096).read_to_end(&mut words);
        }
        String::from_utf8_lossy(&words).into_owned()
    }

    fn end(&mut self) {
        match &mut self.child {
            Running::Process(child) => {
                let _ = child.kill();
                let _ = child.wait();
            }
            #[cfg(test)]
            Running::Thread => {}
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.end();
    }
}

const NONSENSE: &str = "the reducer's process said what makes no sense";

fn known(number: u32) -> Option<u32> {
    (number > 0).then_some(number)
}

/// A thread that takes frames off the pipe until it ends, so that waiting can have an end too.
fn reader(from: impl Read + Send + 'static) -> std::io::Result<Receiver<Vec<u8>>> {
    let (to, frames) = sync_channel(4);
    let read = move |mut from, to: SyncSender<Vec<u8>>| {
        while let Ok(Some(frame)) = read_frame(&mut from) {
            if to.send(frame).is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("reducer-reader".to_owned()).spawn(move || read(from, to))?;
    Ok(frames)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A host whose child says this and hangs up.
    fn child_that_says(bytes: &[u8]) -> Host {
        let (from, mut child_out) = std::io::pipe().expect("pipes can be made");
        child_out.write_all(bytes).expect("it fits into the pipe");
        Host { child: Running::Thread, to: Box::new(std::io::sink()), from: reader(from).expect("a thread") }
    }

    fn frame(body: &[u8]) -> Vec<u8> {
        let mut frame = Vec::new();
        write_frame(&mut frame, body).expect("a vector");
        frame
    }

    #[test]
    fn a_child_that_babbles_is_dead() {
        let mut unasked = Vec::new();
        Reply::Compiled { initial: String::new(), histories: Vec::new() }.encode(&mut unasked);
        for (bytes, said) in [
            (b"thread 'main' panicked".to_vec(), "died"),
            (vec![0; 3], "died"),
            (frame(b"hello"), "makes no sense"),
            (frame(&unasked), "makes no sense"),
            (frame(b"S\x01"), "makes no sense"),
            (Vec::new(), "died"),
        ] {
            let failure = child_that_says(&bytes).fold(Run::default(), &Cancel::new(), &mut |_| ());
            let failure = failure.expect_err("it makes no sense");
            assert!(failure.message.contains(said) && failure.at.is_none(), "{bytes:?}: {failure:?}");
        }
    }

    #[test]
    fn reducers_work_in_the_librarys_own_tests() {
        let (mut host, compiled) =
            Host::start(Language::JavaScript, "const apply = (s, e) => ({ n: e.n });").expect("it compiles");
        assert_eq!(compiled.initial, "{}");
        let run = Run { every: true, events: b"[{\"n\":1}]".to_vec(), lengths: vec![7], ..Run::default() };
        let mut told = Vec::new();
        host.fold(run, &Cancel::new(), &mut |one| told.push(one)).expect("it works");
        assert_eq!(told, [Told::State { at: 0, json: "{\"n\":1}".to_owned() }]);
    }
}
