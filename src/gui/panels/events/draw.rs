//! The events table on the shared table widget: rows come from the filter's answer, texts from a
//! thread that reads the rows around those in sight.

use std::ops::Range;
use std::sync::Arc;

use egui::{Align, Layout, RichText, Sense, Ui, UiBuilder, vec2};

use super::cells::{RowCells, is_monospace, is_right_aligned};
use super::chained::chained;
use super::model::{View, order_of, place_of, shown, summary};
use super::watched::{self, Watched};
use crate::app::Command;
use crate::app::command::{FilterCommand, SelectCommand, TableCommand, WindowCommand};
use crate::app::jobs::{FlowsAnswer, Slot};
use crate::app::state::{Column, ColumnView, RowOrder};
use crate::gui::panels::parts::answers;
use crate::gui::panels::parts::preview::named;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, SMALL};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Sort, Table, TableOutput, TableState};
use crate::model::ids::{EventIx, TypeIx};
use crate::model::time::TimeNs;

const BAR: f32 = 28.0;

/// The rows of a page: which answer, which direction, from where to where.
pub(super) type PageKey = (usize, bool, Range<u64>);

#[derive(Default)]
pub struct Events {
    table: TableState,
    page: Option<Slot<PageKey, Vec<RowCells>>>,
    watched: Watched,
    /// The selection that the table last went to.
    revealed: Option<EventIx>,
    cursor: Option<TimeNs>,
    /// Where the context menu was opened.
    menu: Option<(u64, usize)>,
}

impl Panel for Events {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let answer = answers::rows(ctx);
        let found = answer.as_ref().and_then(|a| a.value.as_ref());
        let Some(found) = found else {
            let why =
                if ctx.snapshot.is_empty() { "Open a log to see its events." } else { "The rows are being found." };
            empty_state(ui, "No events yet", why, None);
            return;
        };
        let view = View { found, descending: ctx.state.view.table.descending };
        let words = summary(&view, ctx.snapshot, ctx.state.view.table.order);
        Self::bar_ui(ui, ctx, &words, out);
        if view.len() == 0 {
            if ctx.state.view.filter.is_empty() {
                empty_state(ui, "No events", "The log has none.", None);
            } else if empty_state(ui, "No event matches the filter", &ctx.state.view.filter, Some("Clear the filter")) {
                out.push(FilterCommand::Clear.into());
            }
            return;
        }
        self.table_ui(ui, ctx, &view, answer.as_ref().map_or(0, |a| Arc::as_ptr(a) as usize), out);
    }
}

impl Events {
    fn bar_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, words: &str, out: &mut Vec<Command>) {
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), BAR), Sense::hover());
        let inner = rect.shrink2(vec2(GRID * 2.0, GRID * 0.5));
        let mut left = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
        left.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
        let mut right = ui.new_child(UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
        right.menu_button("Columns", |ui| {
            for column in &ctx.state.view.table.columns {
                let mut on = column.shown;
                if ui.checkbox(&mut on, column.column.label()).changed() {
                    out.push(TableCommand::ShowColumn(column.column, on).into());
                }
            }
            ui.separator();
            if ui.button("Columns as at first").clicked() {
                out.push(TableCommand::ResetColumns.into());
                ui.close();
            }
        });
        let order = ctx.state.view.table.order;
        let (label, other) = match order {
            RowOrder::Time => ("Sort: time", RowOrder::Position),
            RowOrder::Position => ("Sort: position", RowOrder::Time),
        };
        if right.button(label).on_hover_text("By time, or in the order of the log").clicked() {
            out.push(TableCommand::Order(other).into());
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, view: &View<'_>, answer: usize, out: &mut Vec<Command>) {
        self.follow(ctx, view);
        let columns = shown(ctx.state);
        let mut titles: Vec<table::Column<'_>> = columns.iter().map(|&c| title(c, ctx)).collect();
        // Fields of the state stand before the payload, which is wide.
        let extra = self.watched.choose(ctx);
        let place = columns.iter().position(|c| c.column == Column::Payload).unwrap_or(columns.len());
        titles.splice(place..place, self.watched.titles(ctx));
        let values = self.watched.values(ctx);
        let selected = ctx.state.selection.event.and_then(|e| view.row_of(e));
        let hovered = ctx.state.hover.and_then(|e| view.row_of(e));
        let table = Table {
            id: ui.scope_id().with("events"),
            label: "Events",
            columns: &titles,
            rows: view.len(),
            selected,
            hovered,
        };
        let page = self.page.as_ref().and_then(Slot::answer);
        let cells = page.as_deref().map_or(&[][..], |p| p.value.as_slice());
        let zone = ctx.state.settings.zone;
        // All chains are looked at only while somebody wants to see the column.
        let flows = columns.iter().any(|c| c.column == Column::Chain).then(|| ctx.jobs.flows.answer()).flatten();
        let mut done = table.show(ui, &mut self.table, |row, shown| {
            let Some(column) = watched::own(shown, place, extra) else {
                let event = view.event(row).zip(values.as_ref());
                let text = event.map_or("", |(e, values)| Watched::value(&values.value, e, shown - place));
                return Cell::text(text.to_owned());
            };
            let Some(column) = columns.get(column) else { return Cell::default() };
            let Some(cells) = view.event(row).and_then(|event| find(cells, event)) else { return Cell::pending() };
            if column.column == Column::Chain {
                return chain_cell(cells, flows.as_deref(), ctx);
            }
            let above = row.checked_sub(1).and_then(|r| view.event(r)).and_then(|e| ctx.snapshot.time(e));
            cell(cells, column.column, fitting(cells.text(column.column, zone, above), column.width), ctx)
        });
        self.ask(ctx, view, answer, &done.visible);
        self.watched.ask(ctx, view, answer, &done.visible);
        let own = |column| watched::own(column, place, extra);
        done.header_clicked = done.header_clicked.and_then(own);
        done.resized = done.resized.and_then(|(column, width)| Some((own(column)?, width)));
        done.moved = done.moved.and_then(|(from, to)| Some((own(from)?, own(to).unwrap_or(place))));
        done.secondary_clicked = done.secondary_clicked.and_then(|(row, column)| Some((row, own(column)?)));
        self.carry_out(ctx, view, &columns, done, out);
    }

    /// Reads the rows around those in sight.
    fn ask(&mut self, ctx: &PanelCtx<'_>, view: &View<'_>, answer: usize, visible: &Range<u64>) {
        let block = view.block(visible);
        let events: Vec<EventIx> = block.clone().filter_map(|row| view.event(row)).collect();
        let snapshot = Arc::clone(&view.found.snapshot);
        let slot = self.page.get_or_insert_with(|| Slot::new("table rows", ctx.waker.clone()));
        slot.ask((answer, view.descending, block), 0, move |job| {
            let mut cells: Vec<RowCells> = events
                .iter()
                .take_while(|_| !job.cancel.is_cancelled())
                .map(|&event| RowCells::read(&snapshot, event))
                .collect();
            cells.sort_by_key(|c| c.event);
            cells
        });
    }

    /// Goes to what was selected elsewhere, and to the time cursor.
    fn follow(&mut self, ctx: &PanelCtx<'_>, view: &View<'_>) {
        let selected = ctx.state.selection.event;
        if selected != self.revealed {
            self.revealed = selected;
            self.cursor = ctx.state.cursor;
            if let Some(row) = selected.and_then(|e| view.row_of(e)) {
                self.table.reveal(row);
            }
        } else if ctx.state.cursor != self.cursor {
            self.cursor = ctx.state.cursor;
            if let Some(time) = ctx.state.cursor.filter(|_| view.found.order.is_by_time()) {
                let k = view.found.order.place_of_time(&view.found.snapshot, time).min(view.len().saturating_sub(1));
                self.table.reveal(if view.descending { view.len().saturating_sub(k + 1) } else { k });
            }
        }
    }

    fn carry_out(
        &mut self,
        ctx: &PanelCtx<'_>,
        view: &View<'_>,
        columns: &[ColumnView],
        done: TableOutput,
        out: &mut Vec<Command>,
    ) {
        if let Some(event) = done.selected.and_then(|row| view.event(row)) {
            self.revealed = Some(event);
            out.push(SelectCommand::Event(event).into());
        }
        let hovered = done.hovered.and_then(|(row, _)| view.event(row));
        let inside = done.response.as_ref().is_some_and(egui::Response::contains_pointer);
        if hovered != ctx.state.hover && (hovered.is_some() || inside) {
            out.push(SelectCommand::Hover(hovered).into());
        }
        if done.copy
            && let Some(cells) = ctx.state.selection.event.and_then(|e| self.cells(e))
        {
            let zone = ctx.state.settings.zone;
            let texts: Vec<String> = columns.iter().map(|c| cells.text(c.column, zone, None)).collect();
            out.push(WindowCommand::Copy(texts.join("\t")).into());
        }
        if let Some(column) = done.header_clicked.and_then(|i| columns.get(i))
            && let Some(order) = order_of(column.column)
        {
            if order == ctx.state.view.table.order {
                out.push(TableCommand::Descending(!ctx.state.view.table.descending).into());
            } else {
                out.push(TableCommand::Order(order).into());
            }
        }
        if let Some((column, width)) = done.resized.and_then(|(i, width)| columns.get(i).map(|c| (c, width))) {
            out.push(TableCommand::ResizeColumn(column.column, width).into());
        }
        if let Some((column, to)) = done.moved.and_then(|(from, to)| columns.get(from).map(|c| (c, to))) {
            out.push(TableCommand::MoveColumn(column.column, place_of(ctx.state, to)).into());
        }
        if done.secondary_clicked.is_some() {
            self.menu = done.secondary_clicked;
        }
        let (Some(response), Some((row, column))) = (done.response, self.menu) else { return };
        let cells = view.event(row).and_then(|e| self.cells(e));
        let column = columns.get(column).map(|c| c.column);
        if let (Some(cells), Some(column)) = (cells, column) {
            response.context_menu(|ui| menu(ui, ctx, &cells, column, out));
        }
    }

    fn cells(&self, event: EventIx) -> Option<RowCells> {
        let page = self.page.as_ref()?.answer()?;
        find(&page.value, event).cloned()
    }
}

fn menu(ui: &mut Ui, ctx: &PanelCtx<'_>, cells: &RowCells, column: Column, out: &mut Vec<Command>) {
    let mut item = |ui: &mut Ui, label: String, command: Command| {
        if ui.button(label).clicked() {
            out.push(command);
            ui.close();
        }
    };
    use crate::analysis::query::term;
    use crate::model::filter::NameKey;
    if cells.type_ix != TypeIx::UNDECODABLE {
        item(
            ui,
            format!("Show only {}", named(&cells.type_name)),
            FilterCommand::And(term(NameKey::Type, &cells.type_name)).into(),
        );
        item(
            ui,
            format!("Leave {} out", named(&cells.type_name)),
            FilterCommand::AndNot(term(NameKey::Type, &cells.type_name)).into(),
        );
    }
    if !cells.correlation.is_empty() {
        let filter = term(NameKey::Correlation, &cells.correlation);
        item(ui, format!("Show only correlation {}", cells.correlation), FilterCommand::And(filter).into());
    }
    ui.separator();
    let text = cells.text(column, ctx.state.settings.zone, None);
    item(ui, format!("Copy {}", column.label().to_lowercase()), WindowCommand::Copy(text).into());
}

fn chain_cell<'a>(cells: &RowCells, flows: Option<&FlowsAnswer>, ctx: &PanelCtx<'_>) -> Cell<'a> {
    let Some(flows) = flows else { return Cell::pending() };
    let Some(told) = chained(&flows.flows, &cells.correlations) else { return Cell::default() };
    let color = match (told.failed, told.incomplete) {
        (true, _) => ctx.theme.red,
        (_, true) => ctx.theme.amber,
        _ => ctx.theme.muted,
    };
    Cell::text(told.words).color(color)
}

fn title(column: ColumnView, ctx: &PanelCtx<'_>) -> table::Column<'static> {
    let table = &ctx.state.view.table;
    let arrow = if table.descending { Sort::Falling } else { Sort::Rising };
    let order = order_of(column.column).filter(|_| column.column != Column::Delta);
    table::Column {
        title: column.column.label().into(),
        width: column.width,
        right: is_right_aligned(column.column),
        mono: is_monospace(column.column),
        sorted: order.filter(|o| *o == table.order).map(|_| arrow),
        sortable: order.is_some(),
    }
}

fn cell<'a>(cells: &RowCells, column: Column, text: String, ctx: &PanelCtx<'_>) -> Cell<'a> {
    let theme = ctx.theme;
    let text = if column == Column::Type { named(&text) } else { text };
    let cell = Cell::text(text);
    match column {
        Column::Type => cell.look(ctx.looks.of_type(cells.type_ix)).keeps_end(),
        Column::Payload if cells.trouble.is_some() => cell.color(theme.amber),
        Column::Delta | Column::Position | Column::Version | Column::Source | Column::Correlation | Column::Id => {
            cell.color(theme.muted)
        }
        _ => cell,
    }
}

/// What a column of this width could show at most: every row that scrolls by is laid out once, and
/// the rest of a payload would be laid out for nothing.
fn fitting(mut text: String, width: f32) -> String {
    let most = (width / 3.5) as usize + 4;
    if text.len() > most
        && let Some((end, _)) = text.char_indices().nth(most)
    {
        text.truncate(end);
    }
    text
}

fn find(cells: &[RowCells], event: EventIx) -> Option<&RowCells> {
    cells.binary_search_by_key(&event, |c| c.event).ok().and_then(|i| cells.get(i))
}
