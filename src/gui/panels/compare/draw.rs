//! Puts the panel together: what is compared, the histories beside each other, the states beside each
//! other. The answer before stays until the new one is there.

use std::sync::Arc;

use egui::{Margin, RichText, Stroke, Ui, UiBuilder};

use super::model::Question;
use super::pick::{Pick, pick_ui};
use super::work::{Shown, compare};
use crate::app::Command;
use crate::app::command::{LayoutCommand, TravelCommand};
use crate::app::jobs::Slot;
use crate::base::text::count;
use crate::gui::panels::parts::preview::{middle_cut, one_line};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::strong;
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::ids::TypeIx;

const FORM: f32 = 216.0;

#[derive(Clone, Debug, PartialEq)]
struct Asked {
    fold: u64,
    question: Question,
}

type Answered = Option<Result<Shown, String>>;

#[derive(Default)]
pub struct ComparePanel {
    pick: Pick,
    slot: Option<Slot<Asked, Answered>>,
    lines: TableState,
    differences: TableState,
}

impl Panel for ComparePanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.state.selection.entity.is_none() {
            let why = "Select an event or an entity: it is compared with itself at another time, or with another.";
            empty_state(ui, "No entity in focus", why, None);
            return;
        }
        let focus = ctx.jobs.travel.focus_of(ctx.state);
        if let Some(error) = focus.as_ref().and_then(|f| f.error.as_ref()) {
            if empty_state(ui, "The reducer does not compile", &error.message, Some("Go to the reducer")) {
                out.push(LayoutCommand::Show("reducer").into());
            }
            return;
        }
        let Some(focus) = focus.filter(|focus| focus.is_done()) else {
            empty_state(ui, "Folding the history…", "", None);
            return;
        };
        let full = ui.available_rect_before_wrap();
        let (left, right) = full.split_left_right_at_x(full.left() + FORM.min(full.width() * 0.4));
        let question = pick_ui(&mut ui.new_child(UiBuilder::new().max_rect(left)), ctx, &mut self.pick, &focus);
        let slot = self.slot.get_or_insert_with(|| Slot::new("compare", ctx.waker.clone()));
        if let Some(question) = &question {
            let asked = Asked { fold: focus.number, question: question.clone() };
            let (pool, question, keep) =
                (ctx.jobs.travel.pool.clone(), question.clone(), ctx.state.travel.keep_duplicates);
            let focus = Arc::clone(&focus);
            slot.ask(asked, 0, move |job| compare(&focus, &question, keep, &pool, job));
        }
        ui.painter().vline(right.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
        self.answer_ui(&mut ui_right, ctx, question.as_ref(), out);
        ui.advance_cursor_after_rect(full);
    }
}

impl ComparePanel {
    fn answer_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, question: Option<&Question>, out: &mut Vec<Command>) {
        let slot = self.slot.as_ref();
        if let Some(why) = slot.and_then(Slot::failed) {
            empty_state(ui, "The comparison broke down", &why, None);
            return;
        }
        let same = |asked: &Question| question.map(std::mem::discriminant) == Some(std::mem::discriminant(asked));
        let answer = slot.and_then(Slot::answer).filter(|answer| same(&answer.key.question));
        let shown = match answer.as_ref().and_then(|a| a.value.as_ref()) {
            Some(Ok(shown)) => shown,
            Some(Err(why)) => {
                empty_state(ui, "Nothing could be compared", why, None);
                return;
            }
            None => {
                let title = if question.is_some() { "Comparing…" } else { "Nothing to compare with yet" };
                empty_state(ui, title, "", None);
                return;
            }
        };
        egui::Frame::new().inner_margin(Margin::symmetric(12, 6)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                ui.label(strong(shown.summary.clone()));
                if let Some(at) = shown.parts_at
                    && ui.small_button("Go to where they part").clicked()
                {
                    self.lines.reveal(at as u64);
                }
                if shown.more_lines > 0 {
                    let words = format!("{} more lines are not listed", count(shown.more_lines));
                    ui.label(RichText::new(words).color(ctx.theme.amber));
                }
            });
        });
        let full = ui.available_rect_before_wrap();
        let (left, right) = full.split_left_right_at_fraction(0.5);
        self.lines_ui(&mut ui.new_child(UiBuilder::new().max_rect(left)), ctx, shown, question, out);
        ui.painter().vline(right.left(), full.y_range(), Stroke::new(1.0, ctx.theme.line));
        let mut ui_right = ui.new_child(UiBuilder::new().max_rect(right.with_min_x(right.left() + 1.0)));
        self.differences_ui(&mut ui_right, ctx, shown);
    }

    fn lines_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        shown: &Shown,
        question: Option<&Question>,
        out: &mut Vec<Command>,
    ) {
        let theme = ctx.theme;
        let two = matches!(question, Some(Question::Entities(_)));
        let words = matches!(question, Some(Question::Reducers(_)));
        let mut columns = vec![table::Column::plain("", 28.0, false)];
        let step =
            |title: String| table::Column { title: title.into(), right: true, ..table::Column::plain("", 88.0, true) };
        if two {
            columns.extend(shown.sides.iter().map(|side| step(middle_cut(&one_line(side, 40), 11))));
        } else {
            columns.push(table::Column { width: 56.0, ..step("Event".to_owned()) });
        }
        columns.push(table::Column::plain("Type", 176.0, false));
        if words {
            let rest = ui.available_width() - columns.iter().map(|c| c.width).sum::<f32>() - 12.0;
            columns.push(table::Column::plain("Second instead of first", rest.max(240.0), false));
        }
        let table = Table {
            id: ui.scope_id().with("lines"),
            label: "Histories side by side",
            columns: &columns,
            rows: shown.lines.len() as u64,
            selected: None,
            hovered: None,
        };
        let types = ctx.snapshot.types();
        let done = table.show(ui, &mut self.lines, |row, column| {
            let Some(line) = usize::try_from(row).ok().and_then(|at| shown.lines.get(at)) else {
                return Cell::default();
            };
            let alone = two && line.is_alone();
            let number = |step: Option<u32>| Cell::text(step.map_or_else(String::new, |step| step.to_string()));
            let column = if two || column < 2 { column } else { column + 1 };
            let cell = match column {
                0 => Cell::text(if two { line.sign() } else { "" }),
                1 => number(line.left_step),
                2 => number(line.right_step),
                3 => {
                    let ix = types.iter().position(|name| *name.name == *line.type_name);
                    let look = ix.and_then(|ix| u16::try_from(ix).ok()).map(|ix| ctx.looks.of_type(TypeIx(ix)));
                    let cell = Cell::text(one_line(&line.type_name, 80));
                    look.map_or(cell.clone(), |look| cell.look(look))
                }
                _ => Cell::text(one_line(&line.words, 200)),
            };
            let color = match (line.failed, two && !alone) {
                (true, _) if column == 4 => theme.red,
                (_, true) => theme.muted,
                _ => theme.text,
            };
            cell.color(color).strong(alone)
        });
        let line = done.selected.and_then(|row| shown.lines.get(usize::try_from(row).ok()?));
        out.extend(line.and_then(|line| line.left_step).map(|step| TravelCommand::Step(step).into()));
    }

    fn differences_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, shown: &Shown) {
        if shown.differences.is_empty() {
            empty_state(ui, "The states are the same", "", None);
            return;
        }
        let theme = ctx.theme;
        let side =
            |name: &String| table::Column { title: one_line(name, 40).into(), ..table::Column::plain("", 168.0, true) };
        let [left, right] = &shown.sides;
        let columns = [table::Column::plain("State", 136.0, true), side(left), side(right)];
        let more = u64::from(shown.more_differences);
        let table = Table {
            id: ui.scope_id().with("differences"),
            label: "States side by side",
            columns: &columns,
            rows: shown.differences.len() as u64 + more,
            selected: None,
            hovered: None,
        };
        table.show(ui, &mut self.differences, |row, column| {
            let Some(difference) = usize::try_from(row).ok().and_then(|at| shown.differences.get(at)) else {
                return if column == 0 { Cell::text("and more").color(theme.muted) } else { Cell::default() };
            };
            match column {
                0 => Cell::text(difference.place.as_str()).color(theme.json_key),
                1 => Cell::text(one_line(&difference.left, 200)),
                _ => Cell::text(one_line(&difference.right, 200)),
            }
        });
    }
}
