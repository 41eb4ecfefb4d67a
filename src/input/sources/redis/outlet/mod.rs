//! Puts letters back into streams. A letter moves by one script: it is added to its target, acknowledged where it
//! was pending, and deleted, all or nothing, and only if it is still there. So whether it lies there tells what
//! happened, a second run of the script finds it gone, and what was sent carries its requeue id.
//!
//! A cluster runs a script only on keys of one slot. Elsewhere, and where scripts are forbidden, `two_steps=yes`
//! adds first and deletes then; a crash in between is found by the requeue id.

mod search;

use std::collections::BTreeMap;

use rapidhash::RapidHashSet;
use redis::cluster_routing::Slot;
use redis::{Cmd, RedisError, RedisResult, Value, cmd};

use super::fields::{Field, fields};
use super::link::{Link, next_step, words};
use super::settings::Settings;
use super::streams::{facts, range};
use super::{pending, value};
use crate::base::crash;
use crate::input::sources::broker::{Url, place};
use crate::input::sources::outlet::{Guarantee, Hold, Outcome, Outgoing, Outlet, Presence, Target};
use crate::model::error::{Error, Result};
use crate::model::message::{EntryForm, Place, RedisPlace};
use search::{Mark, Marks, Search};

pub(super) struct RedisOutlet {
    link: Link,
    /// Requeue ids of letters that were found where they lie: those move, all others are only added.
    held: RapidHashSet<String>,
    /// Requeue ids of those that moved: nothing is left to settle.
    moved: RapidHashSet<String>,
    /// Of the batch on its way.
    marks: Marks,
}

const MOVE: &str = include_str!("move.lua");

/// More arguments than that do not fit Lua's stack.
const MOST_FIELDS: usize = 3_500;

/// What a command of the batch does.
enum Kind {
    Move,
    Add,
}

impl RedisOutlet {
    /// # Errors
    /// The step of the connection that failed.
    pub(super) fn open(url: &Url) -> Result<Self> {
        let link = Link::connect(&Settings::read(url)?)?;
        let (held, moved) = (RapidHashSet::default(), RapidHashSet::default());
        Ok(Self { link, held, moved, marks: Marks::new() })
    }

    fn refusal(&self, what: impl Into<String>, next_step: impl Into<String>) -> Error {
        Error::new(what, place(&self.link.settings.url), next_step)
    }

    /// The command that sends a message, or why there is none.
    fn command(&self, outgoing: &Outgoing) -> std::result::Result<(Kind, Cmd), Error> {
        let Target::Queue { name: target } = &outgoing.target else {
            return Err(self.refusal("Redis has streams only", "Choose a stream as the target"));
        };
        let fields = sent_fields(outgoing).map_err(|why| {
            let error =
                self.refusal("The message cannot be sent to Redis", "Edit the message, or choose another target");
            error.because(why)
        })?;
        if fields.len() > MOST_FIELDS {
            let what = format!("The message has {} fields, more than a script can add", fields.len());
            return Err(self.refusal(what, "Move it by a program of your own"));
        }
        let moves = match lies_in(outgoing) {
            Some(source) if self.held.contains(&outgoing.requeue_id) && !self.link.settings.two_steps => Some(source),
            _ => None,
        };
        let Some(source) = moves else {
            let mut add = cmd("XADD");
            add.arg(target).arg("NOMKSTREAM").arg("*");
            return Ok((Kind::Add, with(add, &fields)));
        };
        if self.link.is_cluster() && Slot::for_key(target) != Slot::for_key(&source.stream) {
            let what = format!(
                "{} and {target} lie in different slots of the cluster, so nothing moves in one step",
                source.stream
            );
            let next_step =
                "Add two_steps=yes to the address: it is sent first and deleted then, and found again after a crash";
            return Err(self.refusal(what, next_step));
        }
        let mut script = cmd("EVAL");
        script.arg(MOVE).arg(2).arg(target).arg(&source.stream).arg(source.entry.to_string());
        match &source.pending {
            Some(pending) => script.arg(&pending.group).arg(pending.deliveries.to_string()),
            None => script.arg("").arg(""),
        };
        Ok((Kind::Move, with(script, &fields)))
    }

    fn outcome(&mut self, kind: &Kind, outgoing: &Outgoing, answer: RedisResult<Value>) -> Outcome {
        let target = outgoing.target.to_string();
        let answer = match answer {
            Ok(answer) => answer,
            Err(failure) => return Outcome::Refused(self.refused(&failure)),
        };
        if let Kind::Add = kind {
            return match value::text(answer) {
                Some(id) => Outcome::Confirmed(format!("{target}@{id}")),
                None => Outcome::Refused(self.no_stream(&target)),
            };
        }
        let mut parts = value::list(answer).into_iter();
        let word = parts.next().and_then(value::text).unwrap_or_default();
        let detail = parts.next().and_then(value::text).unwrap_or_default();
        let url = self.link.settings.url.clone();
        let gone = |what: String| Outcome::Refused(Error::new(what, place(&url), "Read the letters again"));
        match word.as_str() {
            "moved" => {
                self.moved.insert(outgoing.requeue_id.clone());
                Outcome::Confirmed(format!("{target}@{detail}"))
            }
            // Perhaps by this very script: an answer was lost, and the connection asked once more.
            "gone" => match self.is_there(outgoing) {
                Ok(Some(id)) => {
                    self.moved.insert(outgoing.requeue_id.clone());
                    Outcome::Confirmed(format!("{target}@{id}"))
                }
                Ok(None) => gone("Somebody else moved or deleted the letter meanwhile".to_owned()),
                Err(error) => Outcome::Unknown(error),
            },
            "acknowledged" => gone("Its group has acknowledged the letter meanwhile".to_owned()),
            "delivered" => gone(format!("The consumer {detail} has got the letter again meanwhile")),
            "nowhere" => Outcome::Refused(self.no_stream(&target)),
            "refused" => {
                let (code, words) = detail.split_once(' ').unwrap_or((&detail, ""));
                let failure =
                    redis::make_extension_error(code.trim_start_matches('-').to_owned(), Some(words.to_owned()));
                Outcome::Refused(self.refused(&failure))
            }
            _ => Outcome::Unknown(self.refusal("The server's answer cannot be read", "Look into the target")),
        }
    }

    fn no_stream(&self, target: &str) -> Error {
        let next_step = format!("Check the name, or make it: XGROUP CREATE {target} GROUP $ MKSTREAM");
        self.refusal(format!("There is no stream {target}"), next_step)
    }

    fn refused(&self, failure: &RedisError) -> Error {
        let said = words(failure);
        let of_script = failure.code() == Some("NOPERM") && said.contains("eval");
        let (what, next_step) = if of_script {
            let next_step =
                "Ask for the permission of EVAL, or add two_steps=yes to the address: add first, delete then";
            ("This user may not run scripts, by which letters move in one step", next_step.to_owned())
        } else {
            ("Redis refuses the message", next_step(&self.link.settings, failure))
        };
        self.refusal(what, next_step).because(said)
    }

    fn is_there(&mut self, outgoing: &Outgoing) -> Result<Option<String>> {
        let Target::Queue { name } = &outgoing.target else { return Ok(None) };
        let mark = self.marks.get(name).cloned().unwrap_or_default();
        let ids = [outgoing.requeue_id.as_str()].into();
        let search = Search::run(&mut self.link, name, &mark, &ids)?;
        Ok(search.found.get(&outgoing.requeue_id).map(ToString::to_string))
    }

    /// Whether each letter lies where it lay, with its bytes, and pending as often delivered as before.
    fn lie_there(&mut self, batch: &[&Outgoing]) -> Result<Vec<Hold>> {
        let mut commands = Vec::new();
        for outgoing in batch {
            let Some(source) = lies_in(outgoing) else { continue };
            commands.push(range(&source.stream, source.entry, source.entry, 1));
            if let Some(pending) = &source.pending {
                let id = source.entry.to_string();
                commands.push(cmd("XPENDING").arg(&source.stream).arg(&pending.group).arg(&id).arg(&id).arg(1).take());
            }
        }
        let answers = self.link.ask_all(&commands, || ());
        let answers = answers.map_err(|failure| self.link.explain("look at the letters", &failure))?;
        let mut answers = answers.into_iter();
        let mut next = |link: &Link| match answers.next() {
            Some(answer) => answer.map_err(|failure| link.explain("look at the letters", &failure)),
            None => Ok(Value::Nil),
        };
        let mut holds = Vec::new();
        for outgoing in batch {
            let Some(source) = lies_in(outgoing) else {
                holds.push(Hold::Gone("it does not lie in Redis".to_owned()));
                continue;
            };
            let entry = value::entries(next(&self.link)?).into_iter().next();
            let letter = fields(source, &outgoing.letter.headers, outgoing.letter.value.as_deref());
            let hold = match entry {
                None => Hold::Gone(format!("it is not in {} any more", source.stream)),
                Some(entry) if Ok(&entry.fields) != letter.as_ref() => {
                    Hold::Gone(format!("another entry has its id: {} was made anew", source.stream))
                }
                Some(_) => Hold::Held,
            };
            let Some(known) = &source.pending else {
                holds.push(hold);
                continue;
            };
            let now = value::list(next(&self.link)?).into_iter().next().and_then(pending::of_entry);
            holds.push(match (hold, now) {
                (Hold::Gone(why), _) => Hold::Gone(why),
                (Hold::Held, None) => Hold::Gone(format!("{} has acknowledged it", known.group)),
                (Hold::Held, Some((_, now))) if now.deliveries != known.deliveries => {
                    Hold::Gone(format!("the consumer {} has got it again", now.consumer))
                }
                (Hold::Held, Some(_)) => Hold::Held,
            });
        }
        Ok(holds)
    }
}

fn lies_in(outgoing: &Outgoing) -> Option<&RedisPlace> {
    match &outgoing.letter.place {
        Place::Redis(place) => Some(place),
        _ => None,
    }
}

/// What comes from another system has its value in a field `data`.
fn sent_fields(outgoing: &Outgoing) -> std::result::Result<Vec<Field>, String> {
    let message = &outgoing.message;
    let value = message.value.as_deref();
    if let Place::Redis(place) = &message.place {
        return fields(place, &message.headers, value);
    }
    let form = EntryForm::Field("data".to_owned());
    let mut all = fields(&RedisPlace { form, ..RedisPlace::default() }, &message.headers, value)?;
    all.extend(message.key.clone().map(|key| (b"key".to_vec(), key)));
    Ok(all)
}

fn with(mut command: Cmd, fields: &[Field]) -> Cmd {
    for (name, value) in fields {
        command.arg(name.as_slice()).arg(value.as_slice());
    }
    command
}

/// Places in the batch by a stream.
fn by_stream<'b>(
    batch: &'b [Outgoing],
    stream: impl Fn(&'b Outgoing) -> Option<&'b str>,
) -> BTreeMap<&'b str, Vec<&'b Outgoing>> {
    let mut streams: BTreeMap<&str, Vec<&Outgoing>> = BTreeMap::new();
    for outgoing in batch {
        if let Some(stream) = stream(outgoing) {
            streams.entry(stream).or_default().push(outgoing);
        }
    }
    streams
}

fn target(outgoing: &Outgoing) -> Option<&str> {
    match &outgoing.target {
        Target::Queue { name } => Some(name),
        _ => None,
    }
}

impl Outlet for RedisOutlet {
    fn guarantee(&self) -> Guarantee {
        if self.link.settings.two_steps { Guarantee::FoundAgain } else { Guarantee::ExactlyOnce }
    }

    fn hold(&mut self, batch: &[Outgoing]) -> Result<Vec<Hold>> {
        let holds = self.lie_there(&batch.iter().collect::<Vec<_>>())?;
        for (outgoing, hold) in batch.iter().zip(&holds) {
            if matches!(hold, Hold::Held) {
                self.held.insert(outgoing.requeue_id.clone());
            }
        }
        Ok(holds)
    }

    fn mark(&mut self, batch: &[Outgoing]) -> Result<String> {
        self.marks.clear();
        let sources = by_stream(batch, |outgoing| lies_in(outgoing).map(|place| place.stream.as_str()));
        let targets = by_stream(batch, target);
        for stream in targets.keys().chain(sources.keys()) {
            if !self.marks.contains_key(*stream) {
                let facts = facts(&mut self.link, stream)?.unwrap_or_default();
                self.marks.insert((*stream).to_owned(), Mark::of(&facts));
            }
        }
        Ok(serde_json::to_string(&self.marks).unwrap_or_default())
    }

    fn send(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let prepared: Vec<_> = batch.iter().map(|outgoing| self.command(outgoing)).collect();
        let commands: Vec<Cmd> = prepared.iter().filter_map(|one| Some(one.as_ref().ok()?.1.clone())).collect();
        let answers = self.link.ask_all(&commands, || crash::point("redis.written"));
        let mut answers = match answers {
            Ok(answers) => Ok(answers.into_iter()),
            Err(failure) => {
                let error = self.refusal("Redis did not answer", "Look into the target before it is sent again");
                Err(error.because(words(&failure)))
            }
        };
        let mut outcomes = Vec::new();
        for (outgoing, one) in batch.iter().zip(prepared) {
            let outcome = match (one, &mut answers) {
                (Err(error), _) => Outcome::Refused(error),
                (Ok(_), Err(error)) => Outcome::Unknown(error.clone()),
                (Ok((kind, _)), Ok(answers)) => match answers.next() {
                    Some(answer) => self.outcome(&kind, outgoing, answer),
                    None => Outcome::Unknown(self.refusal("Redis did not answer", "Look into the target")),
                },
            };
            outcomes.push(outcome);
        }
        outcomes
    }

    fn settle(&mut self, batch: &[Outgoing]) -> Vec<Outcome> {
        let mut commands = Vec::new();
        for outgoing in batch.iter().filter(|outgoing| !self.moved.contains(&outgoing.requeue_id)) {
            let Some(source) = lies_in(outgoing) else { continue };
            let id = source.entry.to_string();
            if let Some(pending) = &source.pending {
                commands.push(cmd("XACK").arg(&source.stream).arg(&pending.group).arg(&id).take());
            }
            commands.push(cmd("XDEL").arg(&source.stream).arg(&id).take());
        }
        let mut answers = match self.link.ask_all(&commands, || ()) {
            Ok(answers) => answers.into_iter(),
            Err(failure) => {
                let error = self.link.explain("take the letters from where they lay", &failure);
                return batch.iter().map(|_| Outcome::Unknown(error.clone())).collect();
            }
        };
        let mut outcomes = Vec::new();
        for outgoing in batch {
            let Some(source) = lies_in(outgoing) else {
                outcomes.push(Outcome::Unknown(self.refusal("The letter does not lie in Redis", "Read it again")));
                continue;
            };
            if self.moved.contains(&outgoing.requeue_id) {
                outcomes.push(Outcome::Confirmed(format!("moved out of {} in the same step", source.stream)));
                continue;
            }
            let count = if source.pending.is_some() { 2 } else { 1 };
            let failed = answers.by_ref().take(count).find_map(std::result::Result::err);
            outcomes.push(match failed {
                None => Outcome::Confirmed(format!("deleted from {}", source.stream)),
                Some(failure) => {
                    Outcome::Refused(self.link.explain(format!("delete from {}", source.stream), &failure))
                }
            });
        }
        outcomes
    }

    fn release(&mut self, batch: &[Outgoing]) {
        // Nothing was taken.
        for outgoing in batch {
            self.held.remove(&outgoing.requeue_id);
        }
    }

    fn look_for(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let marks: Marks = serde_json::from_str(mark).unwrap_or_default();
        let mut known: BTreeMap<&str, Presence> = BTreeMap::new();
        for (stream, wanted) in by_stream(batch, target) {
            let mark = marks.get(stream).cloned().unwrap_or_default();
            let ids = wanted.iter().map(|outgoing| outgoing.requeue_id.as_str()).collect();
            let search = Search::run(&mut self.link, stream, &mark, &ids)?;
            let lies = self.lie_there(&wanted)?;
            for (outgoing, lies) in wanted.into_iter().zip(lies) {
                let moves = !self.link.settings.two_steps && matches!(lies, Hold::Held);
                let presence = match search.found.get(&outgoing.requeue_id) {
                    Some(id) => Presence::There(format!("{stream}@{id}")),
                    // The script would have deleted it.
                    None if moves => Presence::Absent,
                    None => search.absence(stream),
                };
                known.insert(&outgoing.requeue_id, presence);
            }
        }
        let cannot = || Presence::CannotTell("Redis has streams only".to_owned());
        Ok(batch.iter().map(|outgoing| known.remove(outgoing.requeue_id.as_str()).unwrap_or_else(cannot)).collect())
    }

    fn returned(&mut self, batch: &[Outgoing], mark: &str) -> Result<Vec<Presence>> {
        let marks: Marks = serde_json::from_str(mark).unwrap_or_default();
        let mut known: BTreeMap<&str, Presence> = BTreeMap::new();
        for (stream, wanted) in by_stream(batch, |outgoing| lies_in(outgoing).map(|place| place.stream.as_str())) {
            let mark = marks.get(stream).cloned().unwrap_or_default();
            let ids = wanted.iter().map(|outgoing| outgoing.requeue_id.as_str()).collect();
            let search = Search::run(&mut self.link, stream, &mark, &ids)?;
            for outgoing in wanted {
                let stuck = lies_in(outgoing).and_then(|place| place.pending.as_ref());
                let presence = match (search.found.get(&outgoing.requeue_id), stuck) {
                    (None, _) => search.absence(stream),
                    (Some(id), None) => Presence::There(format!("{stream}@{id}")),
                    // What was sent lies there in any case; it failed if it was delivered more than once.
                    (Some(id), Some(known)) => {
                        let text = id.to_string();
                        let ask = cmd("XPENDING").arg(stream).arg(&known.group).arg(&text).arg(&text).arg(1).take();
                        let answer = self.link.ask(&ask);
                        let answer = answer.map_err(|failure| self.link.explain("ask what is pending", &failure))?;
                        match value::list(answer).into_iter().next().and_then(pending::of_entry) {
                            Some((_, now)) if now.deliveries > 1 => {
                                let words =
                                    format!("{stream}@{id}, delivered {} times to {}", now.deliveries, known.group);
                                Presence::There(words)
                            }
                            _ => Presence::Absent,
                        }
                    }
                };
                known.insert(&outgoing.requeue_id, presence);
            }
        }
        let cannot = || Presence::CannotTell("its letter does not lie in Redis".to_owned());
        Ok(batch.iter().map(|outgoing| known.remove(outgoing.requeue_id.as_str()).unwrap_or_else(cannot)).collect())
    }
}
