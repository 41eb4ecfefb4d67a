//! Puts the panel together: coverage above, groups and letters on the left, the chosen one on the right.

use std::collections::BTreeSet;
use std::sync::Arc;

use egui::{Key, Modifiers, Rect, RichText, Sense, Stroke, Ui, UiBuilder, WidgetInfo, pos2, vec2};

use super::detail;
use super::model::{List, Row, coverage, group_line, letter_line};
use super::rows;
use super::view::LetterView;
use crate::analysis::dead_letters::{Config, Entry, Group};
use crate::app::Command;
use crate::app::command::SelectCommand;
use crate::app::jobs::{Letters, Slot, attempts};
use crate::base::text::{capital, count, plural};
use crate::gui::panels::parts::list::{self, RowScroll};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, ROW, SMALL};
use crate::gui::widgets::parts::{empty_state, focus_ring};
use crate::model::ids::EventIx;

const SPARK_BARS: usize = 24;
/// The list's share of the width, and its least width.
const SHARE: f32 = 0.52;

#[derive(Default)]
pub struct DeadLetters {
    open: BTreeSet<String>,
    scroll: RowScroll,
    /// The group whose explanation is shown; else the selected letter is.
    group: Option<String>,
    /// The selection as it was seen last, to notice that it moved.
    selected: Option<EventIx>,
    view: Option<Slot<(EventIx, Config, u64), Option<LetterView>>>,
    sparks: Sparks,
    lines: detail::Lines,
    /// Groups that are archived are listed too.
    with_archived: bool,
}

/// Sparklines of the answer at this address.
#[derive(Default)]
struct Sparks {
    of: usize,
    bars: Vec<Vec<u32>>,
}

impl Panel for DeadLetters {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            let why = if ctx.reading { "They are looked for when the log is read." } else { "No log is open." };
            empty_state(ui, "No dead letters yet", why, None);
            return;
        }
        if let Some(why) = ctx.jobs.letters.failed() {
            empty_state(ui, "Looking for dead letters broke down", &why, None);
            return;
        }
        let Some(letters) = ctx.jobs.letters.answer() else {
            let why = match ctx.jobs.letters.progress() {
                Some(share) => format!("{:.0} % of the log", share * 100.0),
                None => "They are looked for when the log is read.".to_owned(),
            };
            empty_state(ui, "Looking for dead letters…", &why, None);
            return;
        };
        if letters.groups.is_empty() {
            let why = coverage(&letters.found, 0).into_iter().skip(1).collect::<Vec<_>>().join(" · ");
            empty_state(ui, "No dead letters", &capital(&why), None);
            return;
        }
        self.follow(ctx, &letters);
        let archived = archived(ctx, &letters);
        self.coverage_ui(ui, ctx, &letters, archived.len() as u64, out);
        let hidden = if self.with_archived { BTreeSet::new() } else { archived };
        let full = ui.available_rect_before_wrap();
        let (left, right) = full.split_left_right_at_x(full.left() + (full.width() * SHARE).round());
        let mut ui_left = ui.new_child(UiBuilder::new().max_rect(left));
        self.list_ui(&mut ui_left, ctx, &letters, &hidden, out);
        ui.painter().vline(right.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
        self.detail_ui(&mut ui_right, ctx, &letters, out);
        ui.advance_cursor_after_rect(full);
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        let letters = ctx.jobs.letters.answer()?;
        Some(letters.groups.len() as u64).filter(|n| *n > 0).map(count)
    }
}

impl DeadLetters {
    fn coverage_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        letters: &Letters,
        archived: u64,
        out: &mut Vec<Command>,
    ) {
        let small = |text: String| RichText::new(text).size(SMALL);
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.spacing_mut().item_spacing.x = GRID * 3.0;
                for part in coverage(&letters.found, letters.groups.len()) {
                    ui.label(small(part).color(ctx.theme.muted));
                }
                if letters.found.unread > 0 {
                    let words = format!("{} could not be read", plural(letters.found.unread, "record", "records"));
                    ui.label(small(words).color(ctx.theme.amber));
                }
                if archived > 0 {
                    let words = format!("{} archived", count(archived));
                    let toggle = egui::Button::selectable(self.with_archived, small(words));
                    if ui.add(toggle).on_hover_text("Show them too").clicked() {
                        self.with_archived = !self.with_archived;
                    }
                }
                self.lines.sorting.overall(ui, ctx, out);
            });
            self.lines.sorting.line(ui, ctx, None, out);
        });
        let line = ui.cursor().top();
        ui.painter().hline(ui.max_rect().x_range(), line, Stroke::new(1.0, ctx.theme.line));
    }

    /// A letter that was selected anywhere is the one that is shown.
    fn follow(&mut self, ctx: &PanelCtx<'_>, letters: &Letters) {
        let selected = ctx.state.selection.event;
        if std::mem::replace(&mut self.selected, selected) != selected
            && selected.is_some_and(|event| letters.is_letter(event))
        {
            self.group = None;
        }
    }

    fn list_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        letters: &Arc<Letters>,
        hidden: &BTreeSet<String>,
        out: &mut Vec<Command>,
    ) {
        let theme = ctx.theme;
        let groups = &letters.groups;
        let list = List::of(groups, &self.open, hidden);
        let full = ui.available_rect_before_wrap();
        ui.allocate_rect(full, Sense::hover());
        let body = full.with_max_x(full.right() - list::BAR);
        let response = ui.interact(body, ui.scope_id().with("dead letters"), Sense::click());
        response.widget_info(|| {
            WidgetInfo::labeled(egui::Role::List, true, plural(groups.len() as u64, "group", "groups"))
        });
        if ui.rect_contains_pointer(body) {
            let delta = ui.input(|i| i.smooth_scroll_delta().y);
            self.scroll = self.scroll.moved(-delta, list.len(), ROW, body.height());
        }
        if response.has_focus() {
            self.keys(ui, ctx, letters, &list, body.height(), out);
        }
        self.scroll = self.scroll.clamped(list.len(), ROW, body.height());
        self.sparks.of(letters);
        let painter = ui.painter_at(body);
        let zone = ctx.state.settings.zone;
        let fit = ((body.height() + self.scroll.part) / ROW).ceil() as u64;
        for i in 0..fit {
            let Some(row) = list.get(self.scroll.first + i) else { break };
            let y = body.top() - self.scroll.part + i as f32 * ROW;
            let rect = Rect::from_min_size(pos2(body.left(), y), vec2(body.width(), ROW));
            let hit =
                ui.interact(rect.intersect(body), ui.scope_id().with(("row", self.scroll.first + i)), Sense::click());
            let selected = self.is_selected(ctx, letters, row);
            rows::ground(&painter, rect, selected, hit.hovered(), theme);
            let words = match row {
                Row::Group(at) => {
                    let Some(group) = groups.get(at) else { continue };
                    let line = group_line(group, list.is_open(at));
                    rows::group_ui(&painter, rect, &line, self.sparks.bars.get(at).map(Vec::as_slice), zone, theme);
                    line.whole
                }
                Row::Letter(at, of) => {
                    let Some(entry) = entry_of(letters, at, of) else { continue };
                    let line = letter_line(ctx.snapshot, &letters.found, entry);
                    rows::letter_ui(&painter, rect, &line, zone, theme);
                    format!("{} {} {}", line.type_name, line.entity, line.origin)
                }
            };
            let role = if matches!(row, Row::Group(_)) { egui::Role::TreeItem } else { egui::Role::ListBoxOption };
            hit.widget_info(|| WidgetInfo::selected(role, true, selected, &words));
            if hit.clicked() {
                response.request_focus();
                self.choose(letters, row, true, out);
            }
            if matches!(row, Row::Group(_)) {
                hit.on_hover_text(words);
            }
        }
        if response.has_focus() {
            focus_ring(&painter, body, theme);
        }
        list::bar(ui, body, &mut self.scroll, list.len(), ROW, "Scroll dead letters");
    }

    fn is_selected(&self, ctx: &PanelCtx<'_>, letters: &Letters, row: Row) -> bool {
        match (row, &self.group) {
            (Row::Group(at), Some(id)) => letters.groups.get(at).is_some_and(|group| group.fingerprint.id == *id),
            (Row::Letter(at, of), None) => {
                let event = entry_of(letters, at, of).map(|entry| entry.event);
                event.is_some() && event == ctx.state.selection.event
            }
            _ => false,
        }
    }

    /// A group is unfolded and explained, a letter selected everywhere.
    fn choose(&mut self, letters: &Letters, row: Row, fold: bool, out: &mut Vec<Command>) {
        match row {
            Row::Group(at) => {
                let Some(group) = letters.groups.get(at) else { return };
                let id = group.fingerprint.id.clone();
                if fold && !self.open.remove(&id) {
                    self.open.insert(id.clone());
                }
                self.group = Some(id);
            }
            Row::Letter(at, of) => {
                let Some(entry) = entry_of(letters, at, of) else { return };
                self.group = None;
                out.push(SelectCommand::Event(entry.event).into());
            }
        }
    }

    fn keys(
        &mut self,
        ui: &Ui,
        ctx: &PanelCtx<'_>,
        letters: &Letters,
        list: &List,
        height: f32,
        out: &mut Vec<Command>,
    ) {
        let pressed = |key| ui.input_mut(|i| i.consume_key(Modifiers::NONE, key));
        let at = (0..list.len()).find(|&row| list.get(row).is_some_and(|row| self.is_selected(ctx, letters, row)));
        let to = match at {
            _ if pressed(Key::Home) => Some(0),
            _ if pressed(Key::End) => list.len().checked_sub(1),
            Some(at) if pressed(Key::ArrowDown) => Some((at + 1).min(list.len().saturating_sub(1))),
            Some(at) if pressed(Key::ArrowUp) => Some(at.saturating_sub(1)),
            None if pressed(Key::ArrowDown) || pressed(Key::ArrowUp) => Some(0),
            _ => None,
        };
        if let Some((to, row)) = to.and_then(|to| Some((to, list.get(to)?))) {
            self.scroll = self.scroll.showing(to, list.len(), ROW, height);
            self.choose(letters, row, false, out);
        }
        if pressed(Key::Enter)
            && let Some(row) = at.and_then(|at| list.get(at))
        {
            self.choose(letters, row, true, out);
        }
    }

    fn detail_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, letters: &Letters, out: &mut Vec<Command>) {
        let group = |id: &String| letters.groups.iter().find(|group| group.fingerprint.id == *id);
        if let Some(group) = self.group.as_ref().and_then(group) {
            detail::group_ui(ui, ctx, &letters.groups, group, &mut self.lines, out);
            return;
        }
        let Some(event) = ctx.state.selection.event.filter(|event| letters.is_letter(*event)) else {
            let why = "Choose a group to see what its letters share, or a letter to see where it came from.";
            empty_state(ui, "No letter selected", why, None);
            return;
        };
        let slot = self.view.get_or_insert_with(|| Slot::new("dead letter", ctx.waker.clone()));
        let config = ctx.state.settings.dead_letters.clone();
        let (log, wanted, journal) = (Arc::clone(ctx.snapshot), config.clone(), ctx.jobs.requeue.journal.clone());
        slot.ask((event, config, ctx.state.requeue.journal), ctx.snapshot.generation(), move |job| {
            let view = LetterView::read(&log, event, &wanted, &job.cancel)?;
            let record = log.record(event).ok();
            Some(view.with_attempts(record.and_then(|record| attempts(journal.as_deref(), &record))))
        });
        let answer = slot.answer();
        match answer.as_ref().filter(|answer| answer.key.0 == event).map(|answer| &answer.value) {
            Some(Some(view)) => detail::letter_ui(ui, ctx, event, view, &mut self.lines, out),
            Some(None) => {
                empty_state(ui, "The letter cannot be read", "Its source changed since it was found.", None);
            }
            None => {}
        }
    }
}

impl Sparks {
    /// All groups over the same time, so that they can be compared.
    fn of(&mut self, letters: &Arc<Letters>) {
        let address = Arc::as_ptr(letters) as usize;
        if std::mem::replace(&mut self.of, address) == address {
            return;
        }
        let first = letters.groups.iter().filter_map(|group| group.first).min();
        let range = first.zip(letters.groups.iter().filter_map(|group| group.last).max());
        let bars =
            |group: &Group| range.map(|range| group.sparkline(&letters.found, range, SPARK_BARS)).unwrap_or_default();
        self.bars = letters.groups.iter().map(bars).collect();
    }
}

fn entry_of(letters: &Letters, group: usize, of: usize) -> Option<&Entry> {
    let at = letters.groups.get(group)?.entries.get(of)?;
    letters.found.entries.get(*at as usize)
}

/// Groups that are out of sight.
fn archived(ctx: &PanelCtx<'_>, letters: &Letters) -> BTreeSet<String> {
    let told = ctx.jobs.requeue.told.answer();
    let Some(Ok(told)) = told.as_ref().map(|told| &told.value) else { return BTreeSet::new() };
    if told.archived.is_empty() {
        return BTreeSet::new();
    }
    let ids = letters.groups.iter().map(|group| &group.fingerprint.id);
    ids.filter(|id| told.archived.contains(*id)).cloned().collect()
}
