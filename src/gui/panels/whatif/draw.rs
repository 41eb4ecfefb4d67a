//! Puts the panel together: branches at the left, the history in the middle, the selected event at the
//! right. Changes begin a branch by themselves where none is shown.

use std::ops::Range;
use std::sync::Arc;

use egui::{Key, Modifiers, RichText, Stroke, Ui, UiBuilder};

use super::detail::{Detail, detail_ui};
use super::export::Export;
use super::lines::{Line, sign};
use super::list::{Naming, list_ui};
use super::model::{event_ref, row_of};
use super::work::{Made, Told, load, make, tell};
use crate::analysis::state::event::Input;
use crate::analysis::state::whatif::{Branch, Edit, EventRef, What};
use crate::app::Command;
use crate::app::command::{BranchCommand, SelectCommand, TravelCommand};
use crate::app::jobs::{Focus, Slot};
use crate::base::text::plural;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{SMALL, strong};
use crate::gui::widgets::parts::{empty_state, split_header};
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::ids::TypeIx;

/// Events that are loaded around those in view.
const AROUND: u64 = 64;
/// Widths of the parts at the sides.
const LIST: f32 = 168.0;
const DETAIL: f32 = 320.0;

const TITLES: [(&str, f32, bool); 7] = [
    ("", 28.0, false),
    ("Stored", 56.0, true),
    ("Branch", 56.0, true),
    ("Type", 152.0, false),
    ("State differs", 232.0, true),
    ("Payload", 280.0, true),
    ("Time", 184.0, true),
];

/// A branch of one fold of one history.
#[derive(Clone, Debug, PartialEq)]
struct BranchKey {
    fold: u64,
    branch: Arc<Branch>,
}

/// Rows of a branch, from and to.
type Rows = (BranchKey, u64, u64);

#[derive(Default)]
pub struct WhatIf {
    made: Option<Slot<BranchKey, Option<Arc<Made>>>>,
    told: Option<Slot<BranchKey, Option<Told>>>,
    loaded: Option<Slot<Rows, Vec<Option<Input>>>>,
    table: TableState,
    naming: Naming,
    export: Export,
    detail: Detail,
    /// An inserted event that is selected: no other panel knows it.
    inserted: Option<EventRef>,
    followed: Option<EventRef>,
}

impl Panel for WhatIf {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let Some(entity) = ctx.state.selection.entity else {
            empty_state(
                ui,
                "No entity in focus",
                "Select an event or an entity: its history can be changed here.",
                None,
            );
            return;
        };
        let focus = ctx.jobs.travel.focus_of(ctx.state);
        let Some(focus) = focus.filter(|focus| focus.folded.is_some() || focus.error.is_some()) else {
            empty_state(ui, "Finding the history…", "", None);
            return;
        };
        if let Some(error) = &focus.error {
            if empty_state(ui, "The reducer does not compile", &error.message, Some("Go to the reducer")) {
                out.push(crate::app::command::LayoutCommand::Show("reducer").into());
            }
            return;
        }
        let full = ui.available_rect_before_wrap();
        let detail = if full.width() < 820.0 { 248.0 } else { DETAIL };
        let (left, rest) = full.split_left_right_at_x(full.left() + if full.width() < 820.0 { 128.0 } else { LIST });
        let (middle, right) = rest.split_left_right_at_x(rest.right() - detail);
        list_ui(&mut ui.new_child(UiBuilder::new().max_rect(left)), ctx, entity, &mut self.naming, out);
        let branch = ctx.state.view.branches.shown_of(entity);
        let number = branch.map(|b| b.number);
        let key = BranchKey { fold: focus.number, branch: branch.map(|b| Arc::clone(&b.branch)).unwrap_or_default() };
        self.ask(ctx, &focus, &key);
        let line = Stroke::new(1.0, ctx.theme.line);
        ui.painter().vline(middle.left(), full.y_range(), line);
        ui.painter().vline(right.left(), full.y_range(), line);
        let mut ui_middle = ui.new_child(UiBuilder::new().max_rect(middle.with_min_x(middle.left() + 1.0)));
        let made = self.made.as_ref().and_then(Slot::answer);
        let Some(made) = made.filter(|a| a.key.fold == focus.number).and_then(|a| a.value.clone()) else {
            empty_state(&mut ui_middle, "Making the branch…", "", None);
            return;
        };
        self.header_ui(&mut ui_middle, ctx, number, &key, &made, out);
        let name = number.map(|_| key.branch.name.clone());
        self.export.ui(&mut ui_middle, ctx, &focus, &made, name.as_deref(), out);
        let selected = self.selected(ctx, &focus, &made);
        self.table_ui(&mut ui_middle, ctx, &focus, &made, &key, selected, number, out);
        let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
        let Some((row, line)) = selected.and_then(|row| Some((row, made.lines.get(row)?))) else {
            empty_state(&mut ui_right, "No event selected", "Select one to leave it out, change or move it.", None);
            return;
        };
        let input = self.input(row);
        let edited = detail_ui(
            &mut ui_right,
            ctx,
            &mut self.detail,
            &made,
            &focus.history,
            (row, line),
            input.as_ref(),
            number,
            out,
        );
        out.extend(edited.map(|edit| BranchCommand::Edit(entity, number, edit).into()));
        ui.advance_cursor_after_rect(full);
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        let n = ctx.state.view.branches.of(ctx.state.selection.entity?).count();
        (n > 0).then(|| n.to_string())
    }
}

impl WhatIf {
    fn ask(&mut self, ctx: &PanelCtx<'_>, focus: &Arc<Focus>, key: &BranchKey) {
        let made = self.made.get_or_insert_with(|| Slot::new("branch", ctx.waker.clone()));
        let (of, branch) = (Arc::clone(focus), Arc::clone(&key.branch));
        made.ask(key.clone(), 0, move |_| make(&of, &branch).map(Arc::new));
        let told = self.told.get_or_insert_with(|| Slot::new("divergence", ctx.waker.clone()));
        if key.branch.edits.is_empty() || !focus.is_done() {
            return;
        }
        let Some(made) = made.answer().filter(|a| a.key == *key).and_then(|a| a.value.clone()) else { return };
        let (of, pool) = (Arc::clone(focus), ctx.jobs.travel.pool.clone());
        told.ask(key.clone(), 0, move |job| tell(&of, &made.events, &pool, job));
    }

    /// The row of the selected event: one that was added here, else that of the whole window.
    fn selected(&mut self, ctx: &PanelCtx<'_>, focus: &Focus, made: &Made) -> Option<u64> {
        let global = ctx.state.selection.event.map(EventRef::Stored);
        if global != self.followed {
            self.followed = global;
            self.inserted = None;
            let row = global.and_then(|event| row_of(made, &focus.history, event));
            if let Some(row) = row {
                self.table.reveal(row);
            }
        }
        self.inserted.or(global).and_then(|event| row_of(made, &focus.history, event))
    }

    fn header_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        number: Option<u64>,
        key: &BranchKey,
        made: &Made,
        out: &mut Vec<Command>,
    ) {
        let theme = ctx.theme;
        let name = if number.is_some() { one_line(&key.branch.name, 40) } else { "Stored history".to_owned() };
        split_header(ui, &name, |ui| {
            if ui.small_button("Export…").on_hover_text("As a test fixture").clicked() {
                let entity = ctx.state.selection.entity.and_then(|e| ctx.snapshot.entity(e));
                let id = entity.map_or("history", |e| e.id);
                self.export.begin(id, number.map(|_| &*key.branch.name));
            }
            let Some(number) = number else { return };
            let changes = plural(key.branch.edits.len() as u64, "change", "changes");
            if ui.small_button("Delete").on_hover_text("This branch goes; Undo brings it back").clicked() {
                out.push(BranchCommand::Delete(number).into());
            }
            if ui.small_button("Rename").clicked() {
                self.naming.begin(number, &key.branch.name);
            }
            if !key.branch.edits.is_empty() && ui.small_button("Take all back").clicked() {
                out.push(BranchCommand::Clear(number).into());
            }
            ui.label(RichText::new(changes).size(SMALL).color(theme.muted));
        });
        if key.branch.edits.is_empty() {
            return;
        }
        let answer = self.told.as_ref().and_then(Slot::answer).filter(|a| a.key == *key);
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = 6.0;
                let told = answer.as_ref().and_then(|a| a.value.as_ref());
                let Some(told) = told else {
                    ui.label(RichText::new("Comparing…").color(theme.muted));
                    return;
                };
                if let Some(error) = &told.error {
                    ui.label(RichText::new(&error.message).color(theme.red));
                    return;
                }
                for (i, words) in told.summary().into_iter().enumerate() {
                    let words = if i > 0 { format!("· {words}") } else { words };
                    ui.label(if i == 0 { strong(words) } else { RichText::new(words) });
                }
                if let Some(first) = told.found.first
                    && ui.small_button("Go there").clicked()
                {
                    if let Some(row) = made.lines.row_of_branch(first.branch_step.saturating_sub(1)) {
                        self.table.reveal(row);
                    }
                    out.push(TravelCommand::Step(first.base_step).into());
                }
                if let Some(stopped) = &told.found.stopped {
                    ui.label(RichText::new(format!("Stopped: {}", stopped.error)).color(theme.red));
                }
                if let Some((_, why)) = made.events.unplaced.first() {
                    let n = made.events.unplaced.len() as u64;
                    let words = format!("{} without a place: {why}", plural(n, "change", "changes"));
                    ui.label(RichText::new(words).color(theme.amber));
                }
            });
        });
    }

    #[expect(clippy::too_many_arguments, reason = "the frame's own parts")]
    fn table_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        focus: &Focus,
        made: &Arc<Made>,
        key: &BranchKey,
        selected: Option<u64>,
        number: Option<u64>,
        out: &mut Vec<Command>,
    ) {
        let theme = ctx.theme;
        let mut columns = TITLES.map(|(title, width, mono)| table::Column::plain(title, width, mono));
        columns[1].right = true;
        columns[2].right = true;
        // Without changes there is nothing that could differ.
        let first_hidden = if key.branch.edits.is_empty() { 4 } else { columns.len() };
        let columns: Vec<_> =
            columns.into_iter().enumerate().filter(|(i, _)| *i != first_hidden).map(|(_, c)| c).collect();
        let answer = self.told.as_ref().and_then(Slot::answer).filter(|a| a.key == *key);
        let told = answer.as_ref().and_then(|a| a.value.as_ref());
        let loaded = self.loaded.as_ref().and_then(Slot::answer).filter(|a| a.key.0 == *key);
        let types = ctx.snapshot.types();
        let zone = ctx.state.settings.zone;
        let table = Table {
            id: ui.scope_id().with("history"),
            label: "History of the branch",
            columns: &columns,
            rows: made.lines.len(),
            selected,
            hovered: None,
        };
        let done = table.show(ui, &mut self.table, |row, column| {
            let Some(line) = made.lines.get(row) else { return Cell::default() };
            let column = if column >= first_hidden { column + 1 } else { column };
            let changed = line.what != What::Same;
            let gone = line.branch.is_none();
            let color = if gone {
                theme.faint
            } else if changed || number.is_none() {
                theme.text
            } else {
                theme.muted
            };
            let step = |place: Option<u32>| place.map_or(String::new(), |at| (at + 1).to_string());
            let input = || {
                let loaded = loaded.as_ref()?;
                let at = usize::try_from(row.checked_sub(loaded.key.1)?).ok()?;
                loaded.value.get(at).map(Option::as_ref)
            };
            let cell = match column {
                0 => Cell::text(sign(line.what).0),
                1 => Cell::text(step(line.stored)),
                2 => Cell::text(step(line.branch)),
                4 => return difference(told, line, theme),
                _ => match input() {
                    None => return Cell::pending(),
                    Some(None) => Cell::default(),
                    Some(Some(input)) => match column {
                        3 => {
                            let ix = types.iter().position(|name| *name.name == *input.type_name);
                            let look = ix.and_then(|ix| u16::try_from(ix).ok()).map(|ix| ctx.looks.of_type(TypeIx(ix)));
                            let cell = Cell::text(one_line(&input.type_name, 60));
                            look.filter(|_| !gone).map_or(cell.clone(), |look| cell.look(look))
                        }
                        5 => Cell::text(one_line(&input.text, 160)),
                        _ => Cell::text(input.time.map_or_else(|| "–".to_owned(), |time| zone.format(time))),
                    },
                },
            };
            cell.color(color).strong(changed && !gone)
        });
        if let Some(line) = done.selected.and_then(|row| made.lines.get(row)) {
            self.select(focus, made, line, out);
        }
        let has_focus = done.response.as_ref().is_some_and(egui::Response::has_focus);
        if has_focus && ui.input_mut(|i| i.consume_key(Modifiers::NONE, Key::Delete)) {
            let line = selected.and_then(|row| made.lines.get(row)).filter(|line| line.branch.is_some());
            let event = line.and_then(|line| event_ref(made, &focus.history, line));
            out.extend(event.map(|event| BranchCommand::Edit(focus.entity, number, Edit::Skip(event)).into()));
        }
        self.load_visible(ctx, made, key, &done.visible, selected);
    }

    /// What lies in view and around it; the selected event too, where it is near.
    fn load_visible(
        &mut self,
        ctx: &PanelCtx<'_>,
        made: &Arc<Made>,
        key: &BranchKey,
        visible: &Range<u64>,
        selected: Option<u64>,
    ) {
        let near =
            selected.filter(|row| visible.start.saturating_sub(AROUND * 4) <= *row && *row < visible.end + AROUND * 4);
        let start = near.map_or(visible.start, |row| row.min(visible.start));
        let end = near.map_or(visible.end, |row| visible.end.max(row + 1));
        let start = start.saturating_sub(AROUND / 2) / AROUND * AROUND;
        let end = end.div_ceil(AROUND) * AROUND;
        let slot = self.loaded.get_or_insert_with(|| Slot::new("branch events", ctx.waker.clone()));
        let made = Arc::clone(made);
        slot.ask((key.clone(), start, end), 0, move |job| load(&made, start..end, job));
    }

    fn input(&self, row: u64) -> Option<Input> {
        let loaded = self.loaded.as_ref().and_then(Slot::answer)?;
        let at = usize::try_from(row.checked_sub(loaded.key.1)?).ok()?;
        loaded.value.get(at)?.clone()
    }

    fn select(&mut self, focus: &Focus, made: &Made, line: Line, out: &mut Vec<Command>) {
        match event_ref(made, &focus.history, line) {
            Some(EventRef::Stored(event)) => {
                self.inserted = None;
                self.followed = Some(EventRef::Stored(event));
                out.push(SelectCommand::EventOf(event, focus.entity).into());
            }
            made => self.inserted = made,
        }
    }
}

fn difference<'c>(told: Option<&Told>, line: Line, theme: &crate::gui::theme::Theme) -> Cell<'c> {
    let step = |place: Option<u32>| place.map(|at| at + 1);
    let Some((words, error)) = told.and_then(|told| told.of(step(line.stored_step()), step(line.branch))) else {
        return Cell::default();
    };
    match error {
        Some(error) => Cell::text(one_line(&error, 160)).color(theme.red),
        None => Cell::text(one_line(words, 160)).color(theme.text),
    }
}
