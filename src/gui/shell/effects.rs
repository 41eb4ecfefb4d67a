//! Carries out effects: what commands ask of the world outside State.

use std::time::Instant;

use eframe::egui::{Context, ViewportCommand};

use super::window::Window;
use super::{dialog, files};
use crate::app::effect::Effect;
use crate::app::jobs::{archive, decide, note};
use crate::app::passwords;
use crate::app::session::{Event, Session, Wanted};
use crate::app::workspace;
use crate::model::secret::Secret;

impl Window {
    pub(super) fn apply(&mut self, ctx: &Context, effect: Effect) {
        match effect {
            Effect::PickFiles => self.pick(),
            Effect::Open { paths, add } => self.open(paths, add),
            Effect::HoldPassword { login, password, keep } => self.hold_password(login, password, keep),
            Effect::ReadSession(path) => files::read_session(path, self.sender.clone(), self.waker.clone()),
            Effect::CloseLog => self.forget_log(),
            Effect::Reload => self.reload(None),
            Effect::ReloadUnlimited => self.reload(Some(u64::MAX)),
            Effect::StopReading => {
                if let Some(session) = &self.session {
                    session.stop();
                }
            }
            Effect::ReadReducer { kind, path } => {
                files::read_reducer(kind, path, self.sender.clone(), self.waker.clone());
            }
            Effect::WriteText { path, text, replace } => {
                files::write_text(path, text, replace, self.sender.clone(), self.waker.clone());
            }
            Effect::WritePicture { path, part, replace } => {
                let (events, waker, scale) = (self.sender.clone(), self.waker.clone(), ctx.pixels_per_point());
                ctx.request_screenshot(move |window| {
                    files::write_picture(path, (window, part.map(|at| at * scale)), replace, events, waker);
                });
            }
            Effect::SetMapping(source, mapping) => {
                if let Some(source) = self.snapshot.sources().get(source.at()) {
                    self.state.settings.mappings.insert(source.address.clone(), (*mapping).clone());
                    self.keep_settings();
                    self.apply(ctx, Effect::Reload);
                }
            }
            Effect::SetCharset(source, charset) => {
                if let Some(source) = self.snapshot.sources().get(source.at()) {
                    let charsets = &mut self.state.settings.charsets;
                    match charset {
                        Some(charset) => _ = charsets.insert(source.address.clone(), charset),
                        None => _ = charsets.remove(&source.address),
                    }
                    self.keep_settings();
                    self.apply(ctx, Effect::Reload);
                }
            }
            Effect::Requeue(plan) => self.jobs.requeue.start(plan, &self.how.passwords),
            Effect::ResumeRequeue { plan, system } => {
                self.jobs.requeue.resume(plan, system, &self.how.passwords);
            }
            Effect::PauseRequeue(paused) => {
                if let Some(running) = self.jobs.requeue.running() {
                    running.control.pause(paused);
                }
            }
            Effect::StopRequeue => {
                if let Some(running) = self.jobs.requeue.running() {
                    running.control.stop();
                }
            }
            Effect::DecideRequeue(id, decision) => {
                let journal = self.jobs.requeue.journal.clone();
                files::spawn("decide", self.sender.clone(), self.waker.clone(), move || {
                    decide(journal, &id, decision).map_or_else(Event::Warned, |()| Event::JournalChanged)
                });
            }
            Effect::ChangeMoves(source, change) => self.jobs.requeue.change_moves(source, change),
            Effect::NoteLetters { subject, text } => {
                let journal = self.jobs.requeue.journal.clone();
                files::spawn("note", self.sender.clone(), self.waker.clone(), move || {
                    note(journal, &subject, &text).map_or_else(Event::Warned, |()| Event::JournalChanged)
                });
            }
            Effect::ArchiveLetters { subject, archived } => {
                let journal = self.jobs.requeue.journal.clone();
                files::spawn("archive", self.sender.clone(), self.waker.clone(), move || {
                    archive(journal, &subject, archived).map_or_else(Event::Warned, |()| Event::JournalChanged)
                });
            }
            Effect::StopLint => self.jobs.lints.slot.cancel(),
            Effect::ReadLintConfig(path) => files::read_lint_config(path, self.sender.clone(), self.waker.clone()),
            Effect::CancelFilter => self.jobs.stop(&self.state),
            Effect::FindCause(event) => self.find(Wanted::CauseOf(event)),
            Effect::FindEffect(event) => self.find(Wanted::EffectOf(event)),
            Effect::FindEventId(id) => self.find(Wanted::Id(id)),
            Effect::ShowPanel(panel) => self.layout.show(panel),
            Effect::HidePanel(panel) => self.layout.set_visible(panel, false),
            Effect::TogglePanel(panel) => self.layout.toggle(panel),
            Effect::ResetLayout => self.layout.reset(),
            Effect::SaveSettings => self.unsaved = Some(Instant::now()),
            Effect::Copy(text) => {
                ctx.copy_text(text);
                self.notices.say("Copied");
            }
            Effect::Say(text) => self.notices.say(text),
            Effect::DismissNotices => self.notices.clear(),
            Effect::Quit => ctx.send_viewport_cmd(ViewportCommand::Close),
        }
    }

    /// Settings are small, so they are written here; an error is said, never fatal.
    pub(super) fn keep_settings(&mut self) {
        self.state.settings.layout = self.layout.save();
        workspace::keep(&mut self.state, &self.snapshot);
        let Some(path) = &self.settings_path else { return };
        if let Err(error) = self.state.settings.save(path) {
            self.notices.error(error);
        }
    }

    /// The key store may ask the person to unlock it, so it is asked on another thread.
    fn hold_password(&self, login: String, password: Secret, keep: bool) {
        self.how.passwords.hold(login.clone(), password.clone());
        if keep {
            files::spawn("keep password", self.sender.clone(), self.waker.clone(), move || {
                passwords::keep(&login, &password)
                    .map_or_else(Event::Warned, |()| Event::Said("Password kept in the key store".to_owned()))
            });
        }
    }

    fn open(&mut self, paths: Vec<String>, add: bool) {
        match &mut self.session {
            Some(session) if add => session.add(paths),
            _ => {
                self.forget_log();
                self.how.mappings.clone_from(&self.state.settings.mappings);
                self.how.charsets.clone_from(&self.state.settings.charsets);
                let (how, sender, waker) = (self.how.clone(), self.sender.clone(), self.waker.clone());
                self.session = Some(Session::open(paths, how, sender, waker));
            }
        }
    }

    /// Reads the open sources again, with the limit that they had where no other is given. It is theirs alone: the next
    /// ones are foreign again.
    fn reload(&mut self, max_unpacked: Option<u64>) {
        let Some(session) = &self.session else { return };
        let (paths, limit) = (session.paths.clone(), max_unpacked.or(session.max_unpacked()));
        let usual = std::mem::replace(&mut self.how.max_unpacked, limit);
        self.open(paths, false);
        self.how.max_unpacked = usual;
    }

    fn find(&self, wanted: Wanted) {
        if let Some(session) = &self.session {
            session.find(wanted);
        }
    }

    fn pick(&mut self) {
        if !self.picking {
            self.picking = true;
            dialog::pick(self.sender.clone(), self.waker.clone());
        }
    }
}
