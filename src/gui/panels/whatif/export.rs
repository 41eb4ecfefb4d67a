//! A branch, or the stored history, as a test fixture: JSON that a build can check again, or text in
//! given, when, then where the path ends so.

use std::sync::Arc;

use egui::{Margin, RichText, Ui};

use super::work::Made;
use crate::analysis::state::event::Events;
use crate::analysis::state::fixture::{Fixture, Wanted};
use crate::analysis::state::fold::{LIMIT_BYTES, fold_on};
use crate::app::Command;
use crate::app::command::WindowCommand;
use crate::app::jobs::{Focus, Job, Pool, Slot};
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::path_row::{Done, PathRow};
use crate::gui::theme::SMALL;

/// What is written, and where.
#[derive(Clone, Debug, PartialEq)]
struct Asked {
    /// Rises with each press.
    number: u64,
    path: String,
    replace: bool,
}

#[derive(Default)]
pub struct Export {
    open: bool,
    row: PathRow,
    only_last: bool,
    asked: u64,
    written: u64,
    slot: Option<Slot<Asked, Result<Arc<str>, String>>>,
}

impl Export {
    pub fn begin(&mut self, entity: &str, branch: Option<&str>) {
        let plain = |text: &str| -> String {
            let fits = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
            text.chars().map(fits).take(40).collect()
        };
        let branch = branch.map_or_else(String::new, |name| format!("-{}", plain(name)));
        self.row = PathRow::new(format!("{}{branch}.json", plain(entity)));
        self.open = true;
    }

    /// The line with the path, while it is open; hands over what is ready to be written.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        focus: &Arc<Focus>,
        made: &Arc<Made>,
        branch: Option<&str>,
        out: &mut Vec<Command>,
    ) {
        if !self.open {
            return;
        }
        let answer = self.slot.as_ref().and_then(Slot::answer).filter(|a| a.key.number == self.asked);
        if let Some(answer) = answer.as_ref().filter(|a| a.key.number > self.written) {
            self.written = answer.key.number;
            if let Ok(text) = &answer.value {
                let (path, replace) = (answer.key.path.clone(), answer.key.replace);
                out.push(WindowCommand::Save { path, text: Arc::clone(text), replace }.into());
            }
        }
        let occupied = ctx.state.occupied.as_deref() == Some(self.row.trimmed());
        let mut done = None;
        egui::Frame::new().inner_margin(Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal(|ui| {
                done = self.row.ui(ui, "Path of the fixture", if occupied { "Replace it" } else { "Save" });
                ui.checkbox(&mut self.only_last, "only the last state");
            });
            let words = "JSON to be checked again; .txt for given, when, then";
            let (words, color) = match answer.as_ref().map(|a| &a.value) {
                _ if occupied => ("There is a file of this name.", ctx.theme.amber),
                Some(Err(why)) => (&**why, ctx.theme.red),
                _ => (words, ctx.theme.muted),
            };
            ui.label(RichText::new(words).size(SMALL).color(color));
        });
        match done {
            Some(Done::Go) => self.ask(ctx, focus, made, branch, occupied),
            Some(Done::Close) => self.open = false,
            None => {}
        }
    }

    fn ask(&mut self, ctx: &PanelCtx<'_>, focus: &Arc<Focus>, made: &Arc<Made>, branch: Option<&str>, replace: bool) {
        self.asked += 1;
        let asked = Asked { number: self.asked, path: self.row.trimmed().to_owned(), replace };
        let slot = self.slot.get_or_insert_with(|| Slot::new("fixture", ctx.waker.clone()));
        let (focus, made, pool) = (Arc::clone(focus), Arc::clone(made), ctx.jobs.travel.pool.clone());
        let (branch, every, path) = (branch.map(str::to_owned), !self.only_last, asked.path.clone());
        slot.ask(asked, 0, move |job| fixture(&focus, &made, branch.as_deref(), every, &path, &pool, job));
    }
}

/// The text of the file.
fn fixture(
    focus: &Focus,
    made: &Made,
    branch: Option<&str>,
    every: bool,
    path: &str,
    pool: &Pool,
    job: &Job,
) -> Result<Arc<str>, String> {
    let base = focus.folded.as_ref().ok_or("nothing is folded yet")?;
    let mut reducer = pool.lend(base.source()).map_err(|error| error.message)?;
    let events: Arc<dyn Events> = Arc::clone(&made.events) as Arc<dyn Events>;
    let same = made.events.lowest_change().min(base.done());
    let folded = fold_on(base, same, events, &mut *reducer, LIMIT_BYTES, &job.cancel, &mut |_| ());
    let id = focus.snapshot.entity(focus.entity).map_or_else(String::new, |name| name.id.to_owned());
    let entity = format!("{}:{id}", focus.kind);
    let fixture = Fixture::of(&folded, &mut *reducer, Wanted { entity: &entity, branch, every }, &job.cancel)?;
    let as_text = path.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "txt" | "md" | "feature"));
    Ok(if as_text { fixture.to_text() } else { fixture.to_json() }.into())
}
