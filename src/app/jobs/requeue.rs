//! Plans of dead letters, the run that carries one out, and what the journal says. One run at a time: two
//! windows keep out of each other's way by the journal's claims.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::{Letters, MoveJobs, Slot, Waker};
use crate::analysis::dead_letters::Config;
use crate::app::passwords::Passwords;
use crate::app::session::journal_path;
use crate::app::state::Wish;
use crate::base::clock::now_ns;
use crate::base::sync::{caught, lock};
use crate::input::codecs::bodies::Bodies;
use crate::input::sources::broker::Url;
use crate::model::error::{Error, Place, Result};
use crate::model::time::TimeNs;
use crate::requeue::aim::{Aim, Drawn, aim, draw_up};
use crate::requeue::edit::Edit;
use crate::requeue::ids::letter_id;
use crate::requeue::journal::{Decision, Entry, Note, PlanInfo, Row};
use crate::requeue::moves::{Change, Source};
use crate::requeue::plan::{Attempts, Request, choose, letter_of};
use crate::requeue::run::{Control, End, run};
use crate::requeue::{Journal, Plan, connect};

/// How long a window that closes waits for a batch.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long a run waits after each of its first steps.
const OBSERVE_MS: u64 = 10_000;

/// What the journal says: plans, newest first, and what waits for a person.
#[derive(Clone, Debug, Default)]
pub struct Told {
    pub plans: Vec<PlanInfo>,
    pub doubtful: Vec<Entry>,
    /// Queues that a system was asked to move, the newest line first.
    pub moves: Vec<Row>,
    /// By the ids of letters and the fingerprints of groups, oldest first.
    pub notes: BTreeMap<String, Vec<Note>>,
    /// Letters and groups that are out of sight.
    pub archived: BTreeSet<String>,
    /// Why nothing can be sent.
    pub read_only: Option<String>,
}

/// A run, while it goes and after.
#[derive(Clone)]
pub struct Running {
    pub plan: String,
    pub system: String,
    pub control: Control,
    end: Arc<Mutex<Option<Result<End>>>>,
}

impl Running {
    /// How it ended, once it has.
    #[must_use]
    pub fn end(&self) -> Option<Result<End>> {
        lock(&self.end).clone()
    }
}

type PlanKey = (Wish, Config);

/// See the module's documentation.
pub struct RequeueJobs {
    pub plan: Slot<PlanKey, Result<Drawn>>,
    pub told: Slot<u64, Result<Told>>,
    pub moves: MoveJobs,
    running: Option<Running>,
    /// The journal; none where there is no folder for it.
    pub journal: Option<PathBuf>,
    waker: Waker,
}

impl RequeueJobs {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self {
            plan: Slot::new("requeue plan", waker.clone()),
            told: Slot::new("requeue journal", waker.clone()),
            moves: MoveJobs::new(waker),
            running: None,
            journal: journal_path(),
            waker: waker.clone(),
        }
    }

    #[must_use]
    pub fn running(&self) -> Option<&Running> {
        self.running.as_ref()
    }

    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.as_ref().is_some_and(|running| running.end().is_none())
    }

    /// Asks for the plan of what a person wants; cheap where it was asked before.
    pub fn ask(&mut self, letters: &Arc<Letters>, config: &Config, wish: &Wish, passwords: &Passwords) {
        let (config, letters, journal) = (config.clone(), Arc::clone(letters), self.journal.clone());
        let (wanted, passwords) = (wish.clone(), passwords.clone());
        let generation = letters.snapshot.generation();
        self.plan.ask((wish.clone(), config.clone()), generation, move |job| {
            let log = &letters.snapshot;
            let sources = log.sources().iter().map(|source| source.address.as_str());
            let to = Some(wanted.to.trim()).filter(|to| !to.is_empty());
            let Aim { system, url, to } = aim(to, sources)?;
            let url = url.map(|url| passwords.complete(url));
            let mut request = request(&wanted)?;
            (request.system, request.to) = (system, to);
            let events = choose(log, &letters.found, &config, &wanted.choice)?;
            let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
            let (found, url) = (&letters.found, url.as_ref());
            let bodies = |address: &str| Bodies::open(&passwords.complete(Url::parse(address)?).bodies);
            let (journal, cancel) = (journal.as_deref(), &job.cancel);
            draw_up(log, found, &events, &config, &request, url, journal, &bodies, cancel, &progress)
        });
    }

    /// Asks what the journal says; `generation` changes when it may say something new.
    pub fn look(&mut self, generation: u64) {
        let path = self.journal.clone();
        self.told.ask(generation, 0, move |_| told(path));
    }

    /// Starts or cancels a move task.
    pub fn change_moves(&mut self, source: Source, change: Change) {
        let journal = self.journal.clone();
        self.moves.change(source, change, move || open(journal));
    }

    /// Starts a plan. Does nothing while another one runs.
    pub fn start(&mut self, plan: Arc<Plan>, passwords: &Passwords) {
        let (id, system) = (plan.id.clone(), plan.system.clone());
        self.carry_out(id, system, passwords, move |journal| journal.add(&plan).map(drop));
    }

    pub fn resume(&mut self, plan: String, system: String, passwords: &Passwords) {
        self.carry_out(plan, system, passwords, |_| Ok(()));
    }

    fn carry_out(
        &mut self,
        plan: String,
        system: String,
        passwords: &Passwords,
        first: impl FnOnce(&mut Journal) -> Result<()> + Send + 'static,
    ) {
        if self.is_running() {
            return;
        }
        let running = Running { plan, system, control: Control::default(), end: Arc::default() };
        let (mine, path, passwords, waker) =
            (running.clone(), self.journal.clone(), passwords.clone(), self.waker.clone());
        let work = move || {
            let ended = caught(|| {
                let mut journal = open(path)?;
                first(&mut journal)?;
                let password = Url::parse(&mine.system).ok().and_then(|url| passwords.complete(url).password);
                run(&mut journal, &mine.plan, &mut || connect(&mine.system, password.as_ref()), &mine.control)
            });
            let broke = |said: String| {
                let next_step = "The journal has what was sent: resume the plan";
                Err(Error::new("The run broke down", Place::Nowhere, next_step).because(said))
            };
            *lock(&mine.end) = Some(ended.unwrap_or_else(broke));
            waker.wake();
        };
        if let Err(cause) = thread::Builder::new().name("requeue".to_owned()).spawn(work) {
            let error = Error::new("No thread can be started", Place::Nowhere, "Close other programs and try again");
            *lock(&running.end) = Some(Err(error.because(cause)));
        }
        self.running = Some(running);
    }

    pub fn clear(&mut self) {
        self.plan.clear();
        self.moves.clear();
    }
}

impl Drop for RequeueJobs {
    /// The window closes: the batch on its way is given the time to finish, the rest waits in the journal.
    fn drop(&mut self) {
        let Some(running) = &self.running else { return };
        running.control.stop();
        let until = Instant::now() + PATIENCE;
        while running.end().is_none() && Instant::now() < until {
            thread::sleep(Duration::from_millis(20));
        }
    }
}

/// Writes down what a person says of a message in doubt. May wait for another window's transaction, so not for
/// the window's thread.
///
/// # Errors
/// The journal's.
pub fn decide(journal: Option<PathBuf>, requeue_id: &str, decision: Decision) -> Result<()> {
    open(journal)?.decide(requeue_id, decision)
}

/// Writes a note of a person down. May wait, as [`decide`].
///
/// # Errors
/// The journal's.
pub fn note(journal: Option<PathBuf>, subject: &str, text: &str) -> Result<()> {
    open(journal)?.note(subject, text)
}

/// Puts a letter or a group out of sight, or back. May wait, as [`decide`].
///
/// # Errors
/// The journal's.
pub fn archive(journal: Option<PathBuf>, subject: &str, archived: bool) -> Result<()> {
    open(journal)?.archive(subject, archived)
}

/// What the journal knows of the letter in this record: put back before, on its way, in doubt. Reads the journal,
/// so not for the window's thread.
#[must_use]
pub fn attempts(journal: Option<&Path>, record: &[u8]) -> Option<Attempts> {
    let letter = letter_of(record)?;
    let journal = Journal::open(journal.filter(|path| path.is_file())?).ok()?;
    Some(journal.attempts(&letter_id(&letter))).filter(|attempts| *attempts != Attempts::default())
}

fn open(path: Option<PathBuf>) -> Result<Journal> {
    let path = path.ok_or_else(|| {
        Error::new("There is no folder for the journal of requeues", Place::Nowhere, "Set HOME or XDG_DATA_HOME")
    })?;
    Journal::open(&path)
}

/// A journal that is not there yet says nothing.
fn told(path: Option<PathBuf>) -> Result<Told> {
    if path.as_ref().is_some_and(|path| !path.exists()) {
        return Ok(Told::default());
    }
    let journal = open(path)?;
    let read_only = journal.read_only().map(str::to_owned);
    Ok(Told {
        plans: journal.plans()?,
        doubtful: journal.doubtful()?,
        moves: journal.moves()?,
        notes: journal.notes()?,
        archived: journal.archived()?.into_iter().collect(),
        read_only,
    })
}

/// What was typed, as far as it does not depend on the log.
fn request(wish: &Wish) -> Result<Request> {
    let wrong = |what: &str, next_step: &str| Error::new(what, Place::Nowhere, next_step);
    let rate = match wish.rate.trim() {
        "" => None,
        text => Some(
            text.parse::<f64>()
                .ok()
                .filter(|rate| rate.is_finite() && *rate > 0.0)
                .ok_or_else(|| wrong("The rate is no number above 0", "Give messages a second, or nothing"))?,
        ),
    };
    let steps = wish.canary.split([',', ' ']).filter(|step| !step.is_empty()).map(str::parse::<u32>);
    let canary = steps
        .collect::<std::result::Result<Vec<u32>, _>>()
        .map_err(|_| wrong("The first steps are no numbers", "Write them like 1, 5, 20, or leave them out"))?;
    let lines = wish.headers.lines().map(str::trim).filter(|line| !line.is_empty());
    let headers = lines.map(|line| match line.split_once('=') {
        Some((name, value)) => (name.trim().to_owned(), Some(value.trim().to_owned())),
        None => (line.to_owned(), None),
    });
    let typed = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (jq, json_patch) = (typed(&wish.jq), typed(&wish.json_patch));
    let edit = Edit { jq, json_patch, value: wish.value.clone(), headers: headers.collect(), key: None };
    Ok(Request {
        edit,
        rate,
        canary,
        observe_ms: OBSERVE_MS,
        tombstones: wish.tombstones,
        keep_timestamp: wish.keep_timestamp,
        again: wish.again,
        made_at: TimeNs(now_ns().unwrap_or_default()).to_rfc3339(),
        ..Request::default()
    })
}
