//! The child's half: takes a reducer, folds runs of events with it, answers. Two threads: one works,
//! one ticks, says which event takes long, and tells the interpreter when its time is over.

use std::cell::RefCell;
use std::io::{Read, Write};
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::javascript::JavaScript;
use super::jq::Jq;
use super::json_schema::JsonSchema;
use super::protocol::{Reply, Request, Run, read_frame, write_frame};
use super::{EVENT_BUDGET, Language};
use crate::base::sync::lock;

const TICK: Duration = Duration::from_millis(50);

/// Without its host a child that hangs would hang for ever.
const ABANDONED: Duration = Duration::from_secs(20);

/// Deep recursion in jq needs its stack; pages that are not touched cost nothing.
const STACK_BYTES: usize = 64 << 20;

/// Replies are gathered to so many bytes before they are sent.
const ENOUGH_BYTES: usize = 128 << 10;

/// A compiled reducer in its interpreter.
pub trait Engine {
    fn initial(&self) -> &str;

    fn histories(&self) -> &[String];

    /// Folds the run; states, errors and warnings go to the outbox.
    ///
    /// # Errors
    /// When the interpreter cannot go on.
    fn fold(&mut self, run: &Run) -> Result<Folded, Complaint>;
}

#[derive(Debug, Default)]
pub struct Folded {
    pub state: Option<String>,
    pub bytes: usize,
}

/// What an interpreter says against a text or an event.
#[derive(Clone, Debug, Default)]
pub struct Complaint {
    pub message: String,
    /// From 1; 0 where it is not known.
    pub line: u32,
    pub column: u32,
}

impl Complaint {
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }
}

/// Which event is being worked on, seen by both threads.
pub struct Pulse {
    /// The run in the upper half, the event in the lower, so that no two are alike.
    at: AtomicU64,
    run: AtomicU64,
    expired: AtomicBool,
    careful: AtomicBool,
    over: AtomicBool,
}

const IDLE: u64 = u64::MAX;

impl Pulse {
    fn new() -> Self {
        Self {
            at: AtomicU64::new(IDLE),
            run: AtomicU64::new(0),
            expired: AtomicBool::new(false),
            careful: AtomicBool::new(false),
            over: AtomicBool::new(false),
        }
    }

    /// The clock starts anew for this event.
    pub fn begin(&self, event: u32) {
        self.at.store(self.run.load(Ordering::Relaxed) | u64::from(event), Ordering::Relaxed);
    }

    /// The same event once more, with all of its time.
    pub fn again(&self) {
        let event = self.event();
        self.run.fetch_add(1 << 32, Ordering::Relaxed);
        self.begin(event);
        self.expired.store(false, Ordering::Relaxed);
    }

    pub fn event(&self) -> u32 {
        self.at.load(Ordering::Relaxed) as u32
    }

    pub fn is_expired(&self) -> bool {
        self.expired.load(Ordering::Relaxed)
    }

    /// Whether every event is told before it begins.
    pub fn is_careful(&self) -> bool {
        self.careful.load(Ordering::Relaxed)
    }

    fn start(&self) {
        self.run.fetch_add(1 << 32, Ordering::Relaxed);
        self.expired.store(false, Ordering::Relaxed);
        self.begin(0);
    }

    fn rest(&self) -> u64 {
        self.at.swap(IDLE, Ordering::Relaxed)
    }
}

/// Replies on their way to the host.
pub struct Outbox {
    pipe: Pipe,
    pulse: Arc<Pulse>,
    body: Vec<u8>,
    /// In a replay everything was told already.
    pub muted: bool,
}

type Pipe = Arc<Mutex<Box<dyn Write + Send>>>;

impl Outbox {
    pub fn tell(&mut self, reply: &Reply) {
        if self.muted {
            return;
        }
        reply.encode(&mut self.body);
        if self.body.len() >= ENOUGH_BYTES {
            self.flush();
        }
    }

    pub fn tell_now(&mut self, reply: &Reply) {
        self.tell(reply);
        self.flush();
    }

    /// Sends what is gathered. The host may be slow to read: that is not the event's time.
    fn flush(&mut self) {
        if self.body.is_empty() {
            return;
        }
        let at = self.pulse.rest();
        // A host that is gone is noticed at the next read.
        let _ = write_frame(&mut *lock(&self.pipe), &self.body);
        self.body.clear();
        self.pulse.at.store(at, Ordering::Relaxed);
    }
}

/// Serves one host until it hangs up. Blocks.
pub fn run(from: impl Read + Send + 'static, to: impl Write + Send + 'static) {
    let pipe: Pipe = Arc::new(Mutex::new(Box::new(to)));
    let pulse = Arc::new(Pulse::new());
    let ticker = {
        let (pipe, pulse) = (pipe.clone(), pulse.clone());
        thread::Builder::new().name("reducer-ticker".to_owned()).spawn(move || tick(&pulse, &pipe))
    };
    let worker = {
        let pulse = pulse.clone();
        let builder = thread::Builder::new().name("reducer".to_owned()).stack_size(STACK_BYTES);
        builder.spawn(move || serve(from, &pipe, &pulse))
    };
    if let (Ok(_), Ok(worker)) = (&ticker, worker) {
        let _ = worker.join();
    }
    pulse.over.store(true, Ordering::Relaxed);
    if let Ok(ticker) = ticker {
        let _ = ticker.join();
    }
}

fn tick(pulse: &Pulse, pipe: &Pipe) {
    let (mut seen, mut ticks) = (IDLE, 0);
    while !pulse.over.load(Ordering::Relaxed) {
        thread::sleep(TICK);
        let at = pulse.at.load(Ordering::Relaxed);
        if at == IDLE || at != seen {
            (seen, ticks) = (at, 0);
            continue;
        }
        ticks += 1;
        if TICK * ticks >= EVENT_BUDGET {
            pulse.expired.store(true, Ordering::Relaxed);
        }
        let mut body = Vec::new();
        Reply::At(at as u32).encode(&mut body);
        let lost = write_frame(&mut *lock(pipe), &body).is_err();
        // In tests the child is a thread: only a process of its own ends itself.
        if (lost || TICK * ticks >= ABANDONED) && !cfg!(test) {
            std::process::exit(1);
        }
    }
}

fn serve(mut from: impl Read, pipe: &Pipe, pulse: &Arc<Pulse>) {
    let outbox = Outbox { pipe: pipe.clone(), pulse: pulse.clone(), body: Vec::new(), muted: false };
    let outbox = Rc::new(RefCell::new(outbox));
    let mut engine: Option<Box<dyn Engine>> = None;
    while let Ok(Some(body)) = read_frame(&mut from) {
        let Some(request) = Request::decode(&body) else { return };
        drop(body);
        pulse.start();
        let (reply, goes_on) = match request {
            Request::Compile { language, text } => match compile(language, &text, pulse, &outbox) {
                Ok(compiled) => {
                    let initial = compiled.initial().to_owned();
                    let reply = Reply::Compiled { initial, histories: compiled.histories().to_vec() };
                    engine = Some(compiled);
                    (reply, true)
                }
                Err(Complaint { message, line, column }) => (Reply::Refused { message, line, column }, false),
            },
            Request::Fold(run) => {
                let Some(engine) = &mut engine else { return };
                pulse.careful.store(run.careful, Ordering::Relaxed);
                match engine.fold(&run) {
                    Ok(folded) => (Reply::Done { state: folded.state, bytes: folded.bytes as u32 }, true),
                    Err(stop) => (Reply::Stopped { at: pulse.event(), message: stop.message, line: stop.line }, false),
                }
            }
        };
        pulse.rest();
        let mut outbox = outbox.borrow_mut();
        outbox.muted = false;
        outbox.tell(&reply);
        outbox.flush();
        // Sending what is gathered puts the event back.
        pulse.rest();
        if !goes_on {
            return;
        }
    }
}

fn compile(
    language: Language,
    text: &str,
    pulse: &Arc<Pulse>,
    outbox: &Rc<RefCell<Outbox>>,
) -> Result<Box<dyn Engine>, Complaint> {
    Ok(match language {
        Language::JavaScript => Box::new(JavaScript::compile(text, pulse, outbox)?),
        Language::Jq => Box::new(Jq::compile(text, pulse, outbox)?),
        Language::JsonSchema => Box::new(JsonSchema::compile(text, pulse, outbox)?),
    })
}
