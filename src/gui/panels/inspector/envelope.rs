//! The upper half of the inspector: what the event is, as lines of name and value, links where
//! something else can be gone to.

use egui::text::{LayoutJob, TextFormat};
use egui::{Grid, RichText, Ui};

use super::model::{EventView, distance, time_line};
use crate::analysis::query::term;
use crate::app::Command;
use crate::app::command::{FilterCommand, SelectCommand, WindowCommand};
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::header::header_ui;
use crate::gui::panels::parts::preview::{middle_cut, named, one_line};
use crate::gui::theme::{BODY, GRID, SMALL, mono, sans, semibold};
use crate::gui::widgets::chip;
use crate::gui::widgets::parts::link;
use crate::model::envelope::NamedId;
use crate::model::filter::NameKey;
use crate::model::message::{Decoding, SchemaName};
use crate::model::time::TimeNs;

/// Type, id, time and everything else that is not the payload. `before` is the time of the event
/// before it in the entity that has the focus, with that entity's name. Gives whether a person wants to see the
/// whole record.
pub fn envelope_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    view: &EventView,
    before: Option<&(String, TimeNs)>,
    out: &mut Vec<Command>,
) -> bool {
    let theme = ctx.theme;
    let mut wants_record = false;
    ui.spacing_mut().item_spacing = egui::vec2(GRID * 2.0, GRID);
    ui.horizontal(|ui| {
        let (rect, _) = ui.allocate_exact_size(egui::vec2(12.0, 20.0), egui::Sense::hover());
        chip::paint_look(ui.painter(), rect.center(), 11.0, ctx.looks.of_type(view.type_ix), theme);
        ui.label(RichText::new(named(&one_line(&view.type_name, 80))).font(semibold(16.0)).color(theme.text));
    });
    if let Some(trouble) = &view.trouble {
        egui::Frame::new().fill(theme.amber_soft).corner_radius(4).inner_margin(6).show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.label(RichText::new(&trouble.summary).font(semibold(BODY)).color(theme.amber));
            ui.label(RichText::new(&trouble.hint).size(SMALL).color(theme.text));
        });
    }
    if let Some(decoding) = view.body.as_ref().and_then(|body| body.decoding.as_ref()) {
        doubts_ui(ui, ctx, decoding);
    }
    ui.label(RichText::new(time_line(view.time, ctx.state.settings.zone)).font(mono(12.0)).color(theme.text));
    let mut distances = Vec::new();
    if let (Some(t), Some((name, at))) = (view.time, before) {
        distances.push(format!("{} after the previous event of {name}", distance(t, *at)));
    }
    if let (Some(t), Some(cursor)) = (view.time, ctx.state.cursor.filter(|c| Some(*c) != view.time)) {
        distances.push(format!("{} from the cursor", distance(t, cursor)));
    }
    if !distances.is_empty() {
        ui.label(RichText::new(distances.join(" · ")).size(SMALL).color(theme.muted));
    }
    Grid::new("envelope").num_columns(2).spacing([GRID * 3.0, GRID]).min_col_width(76.0).show(ui, |ui| {
        for entity in &view.entities {
            name_ui(ui, ctx, &one_line(&entity.kind, 24));
            let text = one_line(&entity.id, 120);
            match entity.ix {
                Some(ix) => {
                    if link(ui, &text, mono(12.0), "Select this entity").clicked() {
                        out.push(SelectCommand::Entity(ix).into());
                    }
                }
                None => drop(ui.label(RichText::new(text).font(mono(12.0)))),
            }
            ui.end_row();
        }
        if let Some(id) = &view.id {
            name_ui(ui, ctx, "event id");
            if link(ui, &one_line(id, 120), mono(12.0), "Copy the event id").clicked() {
                out.push(WindowCommand::Copy(id.clone()).into());
            }
            ui.end_row();
        }
        for correlation in &view.correlations {
            id_ui(ui, ctx, correlation, "Show only this correlation", out, |value| {
                FilterCommand::Set(term(NameKey::Correlation, value)).into()
            });
        }
        for cause in &view.causes {
            id_ui(ui, ctx, cause, "Go to the event that caused this one", out, |value| {
                SelectCommand::EventId(value.to_owned()).into()
            });
        }
        if let Some(service) = &view.service {
            name_ui(ui, ctx, "service");
            if link(ui, &one_line(service, 80), mono(12.0), "Show only this service").clicked() {
                out.push(FilterCommand::And(term(NameKey::Service, service)).into());
            }
            ui.end_row();
        }
        if let Some(version) = view.version {
            name_ui(ui, ctx, "version");
            value_ui(ui, &version.to_string());
            ui.end_row();
        }
        if let Some(key) = &view.key {
            name_ui(ui, ctx, "key");
            value_ui(ui, &one_line(key, 120));
            ui.end_row();
        }
        if let (Some(text), Some(time)) = (&view.time_text, view.time)
            && *text != time.to_rfc3339()
        {
            name_ui(ui, ctx, "as written");
            value_ui(ui, &one_line(text, 60));
            ui.end_row();
        }
        if let Some(decoding) = view.body.as_ref().and_then(|body| body.decoding.as_ref()) {
            let schema = decoding.schema.as_ref();
            let name = schema.map(|schema| schema.name.clone()).filter(|name| !name.is_empty());
            let registered = schema.and_then(SchemaName::registered);
            for (label, value) in [("body", decoding.written_in()), ("schema", name), ("registered", registered)] {
                if let Some(value) = value {
                    name_ui(ui, ctx, label);
                    value_ui(ui, &one_line(&value, 200));
                    ui.end_row();
                }
            }
        }
        name_ui(ui, ctx, "from");
        let place = format!("{}, {}", view.source, view.place);
        let response = ui.add(egui::Label::new(RichText::new(&place).font(mono(12.0)).color(theme.muted)).truncate());
        response.on_hover_text(&place);
        ui.end_row();
        for header in &view.headers {
            name_ui(ui, ctx, &middle_cut(&header.name, 26));
            header_ui(ui, ctx.theme, header);
            ui.end_row();
        }
        if view.more_headers > 0 {
            name_ui(ui, ctx, "");
            let words = plural(view.more_headers, "more header", "more headers");
            wants_record = link(ui, &words, mono(12.0), "Show the whole record, which has them all").clicked();
            ui.end_row();
        }
    });
    wants_record
}

/// Why a body could not be read, codec by codec, or what is doubtful about what was read.
fn doubts_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, decoding: &Decoding) {
    let theme = ctx.theme;
    let heading = match (&decoding.note, decoding.refused.is_empty()) {
        (Some(note), true) => one_line(note, 200),
        (_, false) => "Body not decoded".to_owned(),
        (None, true) => return,
    };
    egui::Frame::new().fill(theme.amber_soft).corner_radius(4).inner_margin(6).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = GRID * 0.5;
        ui.label(RichText::new(heading).font(semibold(BODY)).color(theme.amber));
        for (codecs, why) in decoding.reasons() {
            let mut said = LayoutJob::default();
            for (text, color) in
                [(format!("{}: ", one_line(&codecs, 60)), theme.muted), (one_line(why, 300), theme.text)]
            {
                said.append(&text, 0.0, TextFormat::simple(sans(SMALL), color));
            }
            ui.label(said);
        }
    });
}

fn name_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, name: &str) {
    ui.label(RichText::new(name).size(SMALL).color(ctx.theme.muted));
}

fn value_ui(ui: &mut Ui, value: &str) {
    ui.add(egui::Label::new(RichText::new(value).font(mono(12.0))).truncate()).on_hover_text(value);
}

fn id_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    id: &NamedId,
    hint: &str,
    out: &mut Vec<Command>,
    command: impl Fn(&str) -> Command,
) {
    name_ui(ui, ctx, &one_line(&id.name, 40));
    if link(ui, &one_line(&id.value, 120), mono(12.0), hint).clicked() {
        out.push(command(&id.value));
    }
    ui.end_row();
}
