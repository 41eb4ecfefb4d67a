//! What the message that is looked at would do to its entities: worked out beside the window by the reducers in
//! use, inferred ones where there are no others.

use std::collections::BTreeMap;
use std::sync::Arc;

use egui::{Label, RichText, Ui};

use crate::analysis::dead_letters::context::context;
use crate::analysis::dead_letters::effect::{Effect, effect, input};
use crate::analysis::dead_letters::{Config, read};
use crate::analysis::state::compare::short;
use crate::analysis::state::reducer::{ReducerKind, ReducerSource};
use crate::analysis::state::reducers::infer::infer;
use crate::app::jobs::{Job, Letters, Pool, Slot};
use crate::app::state::Wish;
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{SMALL, mono, semibold};
use crate::model::ids::EventIx;
use crate::model::message::Message;
use crate::requeue::ids::letter_id;
use crate::requeue::plan::{Choice, Item, choose, letter_of};

/// Entities of one message that are looked at, and changes of each that are listed.
const ENTITIES: usize = 4;
const LISTED: usize = 12;

/// The message's requeue id and the reducers in use.
type Asked = (String, BTreeMap<String, ReducerSource>);

#[derive(Default)]
pub struct EffectView {
    slot: Option<Slot<Asked, Vec<Told>>>,
}

/// One entity's answer.
#[derive(Clone, Debug)]
struct Told {
    name: String,
    /// By rules that a person chose, not by inferred ones.
    by_hand: bool,
    effect: Result<Effect, String>,
}

impl EffectView {
    pub fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, item: &Item) {
        let (Some(letters), Some(wish)) = (ctx.jobs.letters.answer(), &ctx.state.requeue.wish) else { return };
        let slot = self.slot.get_or_insert_with(|| Slot::new("effect of a message", ctx.waker.clone()));
        let key = (item.requeue_id.clone(), ctx.state.travel.reducers.clone());
        let work = Work {
            letters,
            config: ctx.state.settings.dead_letters.clone(),
            choice: Wish::clone(wish).choice,
            letter_id: item.letter_id.clone(),
            message: item.message.clone(),
            reducers: key.1.clone(),
            pool: ctx.jobs.travel.pool.clone(),
        };
        slot.ask(key, 0, move |job| work.run(job));
        let answer = slot.answer();
        let Some(answer) = answer.as_ref().filter(|answer| answer.key.0 == item.requeue_id) else { return };
        for told in &answer.value {
            told_ui(ui, ctx, told);
        }
    }
}

struct Work {
    letters: Arc<Letters>,
    config: Config,
    choice: Choice,
    letter_id: String,
    message: Message,
    reducers: BTreeMap<String, ReducerSource>,
    pool: Pool,
}

impl Work {
    fn run(self, job: &Job) -> Vec<Told> {
        let log = &self.letters.snapshot;
        let Some(event) = self.event(job) else { return Vec::new() };
        let Some((letter, _)) = read(log, event, &self.config) else { return Vec::new() };
        let Some(found) = context(log, event, &letter, &job.cancel) else { return Vec::new() };
        let mut told = Vec::new();
        for around in found.entities.iter().take(ENTITIES) {
            let Some(kind) = log.entity(around.entity).map(|name| name.kind) else { continue };
            let chosen = self.reducers.get(log.kind_name(kind)).cloned();
            let by_hand = chosen.is_some();
            let source = chosen.unwrap_or_else(|| {
                let text = infer(log, kind, &job.cancel).text.into();
                ReducerSource { kind: ReducerKind::Inferred, text }
            });
            let done = match self.pool.lend(&source) {
                Err(wrong) => Some(Err(wrong.message)),
                Ok(mut reducer) => {
                    let message = input(log, event, &self.message);
                    effect(log, around, message, &source, &mut *reducer, &job.cancel).map(Ok)
                }
            };
            let name = one_line(&format!("{}:{}", around.name.kind, around.name.id), 80);
            told.extend(done.map(|effect| Told { name, by_hand, effect }));
        }
        told
    }

    /// The event whose letter it is: plans know letters by their ids alone.
    fn event(&self, job: &Job) -> Option<EventIx> {
        let log = &self.letters.snapshot;
        let plain = self.letter_id.split('+').next().unwrap_or_default();
        let events = choose(log, &self.letters.found, &self.config, &self.choice).ok()?;
        events.into_iter().take_while(|_| !job.cancel.is_cancelled()).find(|&event| {
            let message = log.record(event).ok().and_then(|record| letter_of(&record));
            message.is_some_and(|message| letter_id(&message) == plain)
        })
    }
}

fn told_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, told: &Told) {
    let theme = ctx.theme;
    ui.add_space(8.0);
    let heading = format!("What it would do to {}", told.name);
    ui.add(Label::new(RichText::new(heading).font(semibold(SMALL)).color(theme.muted)).wrap());
    let line = |ui: &mut Ui, text: String| {
        ui.add(Label::new(RichText::new(text).font(mono(12.0)).color(theme.text)).wrap());
    };
    match &told.effect {
        Err(why) => {
            let words = format!("Its reducer cannot be used: {}", one_line(why, 200));
            ui.add(Label::new(RichText::new(words).size(SMALL).color(theme.amber)).wrap());
        }
        Ok(effect) => {
            if let Some(problem) = &effect.problem {
                let words = format!("It fails: {}", one_line(problem, 200));
                ui.add(Label::new(RichText::new(words).size(SMALL).color(theme.red)).wrap());
            }
            for change in effect.changes.iter().take(LISTED) {
                let place = if change.path.is_root() { "the state".to_owned() } else { change.path.dotted() };
                let side = |value: Option<&_>| value.map_or_else(|| "nothing".to_owned(), short);
                line(ui, format!("{place}: {} → {}", side(change.before.as_ref()), side(change.after.as_ref())));
            }
            let more = effect.changes.len().saturating_sub(LISTED);
            if more > 0 || effect.more {
                line(ui, format!("and {}{more} more", if effect.more { "at least " } else { "" }));
            }
            if effect.changes.is_empty() && effect.problem.is_none() {
                line(ui, "nothing changes".to_owned());
            }
            let rules = if told.by_hand { "the reducer in use" } else { "inferred rules" };
            let words = format!("By {rules}, after {}", plural(effect.events.into(), "event", "events"));
            ui.label(RichText::new(words).size(SMALL).color(theme.muted));
        }
    }
}
