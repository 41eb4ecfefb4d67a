//! Puts the mapping panel together: source, form, errors, what to do, and ten events as they would be.

use std::sync::Arc;

use egui::{Button, ComboBox, RichText, ScrollArea, Ui, UiBuilder};

use super::form::form_ui;
use super::model::{Draft, DraftError};
use crate::app::Command;
use crate::app::command::OpenCommand;
use crate::app::jobs::Slot;
use crate::app::preview::{PreviewRow, preview};
use crate::gui::panels::parts::preview::one_line;
use crate::gui::panels::{Panel, PanelCtx};
use crate::gui::theme::{GRID, ROW, SMALL, Theme, strong};
use crate::gui::widgets::parts::empty_state;
use crate::gui::widgets::table::{self, Cell, Table, TableState};
use crate::model::charset::Charset;
use crate::model::error::Error;
use crate::model::ids::SourceIx;
use crate::model::mapping::Mapping;
use crate::model::source::SourceInfo;

/// Events of the preview.
const EVENTS: usize = 10;

/// Events in the log after which the preview's are surely among them.
const PATIENCE: u64 = 1_000;

/// Below this height and from this width on, form and preview stand side by side.
const LOW: f32 = 420.0;
const WIDE: f32 = 960.0;

const TITLES: [(&str, f32, bool); 8] = [
    ("Type", 160.0, false),
    ("Time", 184.0, true),
    ("Entities", 264.0, true),
    ("Event id", 136.0, true),
    ("Service", 104.0, false),
    ("Version", 64.0, true),
    ("Correlation", 136.0, true),
    ("Cause", 136.0, true),
];

/// Rows as the draft would make them, or why it cannot.
type Preview = Result<Vec<PreviewRow>, Error>;

/// The encoding of a text: the one in use, and in the list the one that is `given` by hand, if any. Gives that which is
/// chosen now.
fn encoding_ui(ui: &mut Ui, used: Charset, given: Option<Charset>, theme: &Theme) -> Option<Charset> {
    let mut chosen = given;
    let list = ComboBox::from_id_salt("encoding").selected_text(used.name()).width(120.0).height(500.0);
    let list = list.show_ui(ui, |ui| {
        ui.selectable_value(&mut chosen, None, "As recognised");
        for (name, who) in Charset::OFFERED {
            let words = (name, RichText::new(who).color(theme.muted));
            ui.selectable_value(&mut chosen, Charset::named(name), words);
        }
    });
    list.response
        .on_hover_text("What the text is written in; another one reads the source again")
        .accessible_name("Encoding");
    chosen
}

#[derive(Default)]
pub struct MappingPanel {
    source: SourceIx,
    draft: Option<Draft>,
    /// The mapping that the draft was made of: another one replaces the draft.
    of: Option<Arc<Mapping>>,
    preview: Option<Slot<(SourceIx, Mapping, usize), Preview>>,
    table: TableState,
}

impl Panel for MappingPanel {
    fn ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, out: &mut Vec<Command>) {
        let sources = ctx.snapshot.sources();
        let Some(source) = sources.get(self.source.at()).or_else(|| sources.first()) else {
            empty_state(ui, "No field mapping yet", "Open a log to see which field is what.", None);
            return;
        };
        if !sources.get(self.source.at()).is_some_and(|s| Arc::ptr_eq(s, source)) {
            self.source = SourceIx(0);
        }
        if self.of.as_ref().is_none_or(|of| !Arc::ptr_eq(of, &source.mapping)) {
            self.of = Some(Arc::clone(&source.mapping));
            self.draft = Some(Draft::of(self.source, &source.mapping));
        }
        let Some(mut draft) = self.draft.take() else { return };
        let full = ui.available_rect_before_wrap();
        if full.height() < LOW && full.width() >= WIDE {
            // Low and wide, as below the timeline: form and preview share the height.
            let (left, right) = full.split_left_right_at_fraction(0.58);
            let mut ui_left = ui.new_child(UiBuilder::new().max_rect(left));
            let mapping = self.edit_ui(&mut ui_left, ctx, source, &mut draft, left.height() - 76.0, out);
            ui.painter().vline(right.left(), right.y_range(), egui::Stroke::new(1.0, ctx.theme.line));
            let right = right.with_min_x(right.left() + 1.0);
            self.preview_ui(&mut ui.new_child(UiBuilder::new().max_rect(right)), ctx, source, &mapping);
        } else {
            let below = ROW * (EVENTS as f32 + 1.0) + 40.0;
            let most = (full.height() - below).max(full.height() * 0.45);
            let mapping = self.edit_ui(ui, ctx, source, &mut draft, most - 72.0, out);
            self.preview_ui(ui, ctx, source, &mapping);
        }
        self.draft = (draft.source == self.source).then_some(draft);
        if self.draft.is_none() {
            self.of = None;
        }
    }
}

impl MappingPanel {
    /// Source, form and buttons; the form is at most `most` points high.
    fn edit_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        source: &SourceInfo,
        draft: &mut Draft,
        most: f32,
        out: &mut Vec<Command>,
    ) -> Result<Mapping, Vec<DraftError>> {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 8)).show(ui, |ui| {
            self.source_ui(ui, ctx, source, out);
            ScrollArea::vertical().id_salt("form").max_height(most).auto_shrink([false, false]).show(ui, |ui| {
                form_ui(ui, draft, ctx.theme);
            });
        });
        let mapping = draft.mapping();
        self.actions_ui(ui, ctx, source, draft, &mapping, out);
        mapping
    }

    fn source_ui(&mut self, ui: &mut Ui, ctx: &PanelCtx<'_>, source: &SourceInfo, out: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            if ctx.snapshot.sources().len() > 1 {
                ComboBox::from_id_salt("source").selected_text(one_line(&source.name, 48)).show_ui(ui, |ui| {
                    for (i, other) in ctx.snapshot.sources().iter().enumerate() {
                        let ix = SourceIx(u16::try_from(i).unwrap_or(u16::MAX));
                        ui.selectable_value(&mut self.source, ix, one_line(&other.name, 64));
                    }
                });
            } else {
                ui.label(strong(one_line(&source.name, 64)));
            }
            if let Some(charset) = source.charset {
                let given = ctx.state.settings.charsets.get(&source.address).copied();
                let chosen = encoding_ui(ui, charset, given, ctx.theme);
                if chosen != given {
                    out.push(OpenCommand::SetCharset(self.source, chosen).into());
                }
            }
            let words = format!("{}; mapping: {}", source.format, source.mapping.envelope);
            ui.label(RichText::new(one_line(&words, 160)).size(SMALL).color(ctx.theme.muted));
        });
        ui.add_space(GRID);
    }

    fn actions_ui(
        &self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        source: &SourceInfo,
        draft: &mut Draft,
        mapping: &Result<Mapping, Vec<DraftError>>,
        out: &mut Vec<Command>,
    ) {
        let changed = draft.differs_from(&source.mapping);
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 4)).show(ui, |ui| {
            ui.horizontal(|ui| {
                let label = format!("Read {} again with this mapping", one_line(&source.name, 32));
                let button = ui.add_enabled(changed && mapping.is_ok(), Button::new(label));
                if let (true, Ok(mapping)) = (button.clicked(), mapping) {
                    out.push(OpenCommand::SetMapping(self.source, Arc::new(mapping.clone())).into());
                }
                if ui.add_enabled(changed, Button::new("Undo changes")).clicked() {
                    *draft = Draft::of(self.source, &source.mapping);
                }
                match mapping {
                    Err(errors) => {
                        if let Some(first) = errors.first() {
                            let more = if errors.len() > 1 {
                                format!(" (and {} more)", errors.len() - 1)
                            } else {
                                String::new()
                            };
                            let words = format!("{}: {}{more}", first.place, first.message);
                            ui.label(RichText::new(words).color(ctx.theme.red));
                        }
                    }
                    Ok(_) if changed => {
                        ui.label(RichText::new("It is kept for this source.").size(SMALL).color(ctx.theme.muted));
                    }
                    Ok(_) => {}
                }
            });
        });
    }

    fn preview_ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        source: &SourceInfo,
        mapping: &Result<Mapping, Vec<DraftError>>,
    ) {
        let slot = self.preview.get_or_insert_with(|| Slot::new("mapping preview", ctx.waker.clone()));
        if let Ok(mapping) = mapping {
            let (log, ix, mapping) = (Arc::clone(ctx.snapshot), self.source, mapping.clone());
            // Again while the first events of a source that was opened just now still come.
            let generation = ctx.snapshot.len().min(PATIENCE);
            let key = (ix, mapping.clone(), Arc::as_ptr(&source.mapping) as usize);
            slot.ask(key, generation, move |_| preview(&log, ix, mapping, EVENTS));
        }
        let Some(answer) = slot.answer() else { return };
        let rows = match &answer.value {
            Ok(rows) => rows,
            Err(error) => {
                empty_state(ui, &error.summary, &error.next_step, None);
                return;
            }
        };
        let columns = TITLES.map(|(title, width, mono)| table::Column::plain(title, width, mono));
        let table = Table {
            id: ui.scope_id().with(("preview", &source.address)),
            label: "Preview of ten events",
            columns: &columns,
            rows: rows.len() as u64,
            selected: None,
            hovered: None,
        };
        let zone = ctx.state.settings.zone;
        table.show(ui, &mut self.table, |row, column| {
            let Some(row) = usize::try_from(row).ok().and_then(|i| rows.get(i)) else { return Cell::default() };
            if let (Some(code), 0) = (row.issue, column) {
                return Cell::text(code.summary()).color(ctx.theme.amber);
            }
            let text = match column {
                0 => row.type_name.clone(),
                1 => row.time.map_or_else(|| "–".to_owned(), |t| zone.format(t)),
                2 => row.entities.clone(),
                3 => row.id.clone(),
                4 => row.service.clone(),
                5 => row.version.clone(),
                6 => row.correlation.clone(),
                _ => row.cause.clone(),
            };
            Cell::text(one_line(&text, 160))
        });
    }
}
