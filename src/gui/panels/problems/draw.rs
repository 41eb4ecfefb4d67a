//! Counts by reason above, the table below.

use std::ops::Range;
use std::sync::Arc;

use egui::{RichText, Ui};

use super::model::{ProblemCells, Problems as Found, total};
use crate::app::Command;
use crate::app::command::{FilterCommand, LayoutCommand, SelectCommand, WindowCommand};
use crate::app::jobs::{Answer, Slot};
use crate::base::text::{count, plural};
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::SMALL;
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::issue::IssueCode;

const TITLES: [(&str, f32, bool); 5] = [
    ("Source", 144.0, false),
    ("Place", 152.0, true),
    ("Reason", 264.0, false),
    ("What may help", 320.0, false),
    ("Bytes", 480.0, true),
];
const BLOCK: u64 = 64;

/// Which answer the rows are taken from (its address tells it from the next one), and which of them.
type Page = (usize, Range<usize>);

#[derive(Default)]
pub struct Problems {
    table: TableState,
    only: Option<IssueCode>,
    found: Option<Slot<Option<IssueCode>, Found>>,
    page: Option<Slot<Page, Vec<ProblemCells>>>,
}

impl Panel for Problems {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        if ctx.snapshot.is_empty() {
            empty_state(ui, "No problems", "No log is open.", None);
            return;
        }
        let slot = self.found.get_or_insert_with(|| Slot::new("problems", ctx.waker.clone()));
        let (log, only) = (Arc::clone(ctx.snapshot), self.only);
        slot.ask(only, ctx.snapshot.generation(), move |job| Found::find(&log, only, &job.cancel));
        let Some(answer) = slot.answer() else { return };
        if answer.value.total == 0 {
            let why = format!("All {} could be decoded.", plural(ctx.snapshot.len(), "record", "records"));
            empty_state(ui, "No problems", &why, None);
            return;
        }
        self.counts_ui(ui, ctx, &answer.value, out);
        self.table_ui(ui, ctx, &answer, out);
    }

    fn badge(&self, ctx: &PanelCtx<'_>) -> Option<String> {
        Some(total(ctx.snapshot)).filter(|n| *n > 0).map(count)
    }
}

impl Problems {
    fn counts_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, found: &Found, out: &mut Vec<Command>) {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(8, 4)).show(ui, |ui| {
            ui.horizontal_wrapped(|ui| {
                let all = format!("All {}", count(found.total));
                if ui.add(egui::Button::selectable(self.only.is_none(), all)).clicked() {
                    self.only = None;
                }
                for (code, n) in &found.counts {
                    let label = format!("{} {}", code.summary(), count(*n));
                    if ui.add(egui::Button::selectable(self.only == Some(*code), label)).clicked() {
                        self.only = Some(*code).filter(|c| self.only != Some(*c));
                    }
                }
                let undecodable = ctx.snapshot.undecodable();
                let words = format!(
                    "{} of {} undecodable",
                    count(undecodable),
                    plural(ctx.snapshot.len(), "record", "records")
                );
                ui.add(egui::Label::new(RichText::new(words).size(SMALL).color(ctx.theme.muted)).extend());
                if undecodable > 0 && ui.button("Show them in the table").clicked() {
                    out.push(FilterCommand::Set("is:undecodable".to_owned()).into());
                    out.push(LayoutCommand::Show("events").into());
                }
            });
        });
    }

    fn table_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        answer: &Arc<Answer<Option<IssueCode>, Found>>,
        out: &mut Vec<Command>,
    ) {
        let columns = TITLES.map(|(title, width, mono)| table::Column::plain(title, width, mono));
        let rows = &answer.value.rows;
        let event = |row: u64| usize::try_from(row).ok().and_then(|i| rows.get(i)).map(|(event, _)| *event);
        let place = |wanted| rows.binary_search_by_key(&wanted, |(event, _)| *event).ok().map(|i| i as u64);
        let table = Table {
            id: ui.scope_id().with("problems"),
            label: "Problems",
            columns: &columns,
            rows: rows.len() as u64,
            selected: ctx.state.selection.event.and_then(place),
            hovered: None,
        };
        let page = self.page.as_ref().and_then(Slot::answer);
        let cells = page.as_deref().map_or(&[][..], |p| p.value.as_slice());
        let done = table.show(ui, &mut self.table, |row, column| {
            let found =
                event(row).and_then(|e| cells.binary_search_by_key(&e, |c| c.event).ok()).and_then(|i| cells.get(i));
            let Some(cells) = found else { return Cell::pending() };
            match column {
                0 => Cell::text(cells.source.clone()).color(ctx.theme.muted),
                1 => Cell::text(cells.place.clone()),
                2 => Cell::text(cells.reason.clone()).color(ctx.theme.amber),
                3 => Cell::text(cells.hint).color(ctx.theme.muted),
                _ => Cell::text(cells.bytes.clone()),
            }
        });
        let from = (done.visible.start / BLOCK).saturating_sub(1) * BLOCK;
        let to = (done.visible.end / BLOCK + 2) * BLOCK;
        let block = from as usize..(to as usize).min(rows.len());
        let slot = self.page.get_or_insert_with(|| Slot::new("problem rows", ctx.waker.clone()));
        let (log, found) = (Arc::clone(ctx.snapshot), Arc::clone(answer));
        slot.ask((Arc::as_ptr(answer) as usize, block.clone()), 0, move |job| {
            let rows = found.value.rows.get(block).unwrap_or_default();
            let read = |(event, issue): &(_, _)| ProblemCells::read(&log, *event, *issue);
            rows.iter().take_while(|_| !job.cancel.is_cancelled()).map(read).collect()
        });
        if let Some(event) = done.selected.and_then(event) {
            out.push(SelectCommand::Event(event).into());
        }
        if done.double_clicked.is_some() {
            out.push(LayoutCommand::Show("inspector").into());
        }
        if done.copy {
            let lines: Vec<String> =
                cells.iter().filter(|c| Some(c.event) == ctx.state.selection.event).map(ProblemCells::line).collect();
            if !lines.is_empty() {
                out.push(WindowCommand::Copy(lines.join("\n")).into());
            }
        }
    }
}
