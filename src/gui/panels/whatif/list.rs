//! The branches of the entity in focus, and the stored history above them.

use egui::{Margin, RichText, ScrollArea, Sense, TextEdit, Ui, vec2};

use crate::app::Command;
use crate::app::command::BranchCommand;
use crate::base::text::plural;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::one_line;
use crate::gui::theme::{BODY, GRID, ROW, SMALL, sans, semibold};
use crate::gui::widgets::parts::{focus_ring, icon_button, split_header};
use crate::gui::widgets::text;
use crate::model::ids::EntityIx;

/// A name that is being typed.
#[derive(Clone, Debug, Default)]
pub struct Naming {
    number: Option<u64>,
    text: String,
    focus: bool,
}

impl Naming {
    pub fn begin(&mut self, number: u64, name: &str) {
        *self = Self { number: Some(number), text: name.to_owned(), focus: true };
    }
}

pub fn list_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, entity: EntityIx, naming: &mut Naming, out: &mut Vec<Command>) {
    split_header(ui, "Branches", |ui| {
        if icon_button(ui, "+", "New branch").clicked() {
            out.push(BranchCommand::New(entity).into());
        }
    });
    let shown = ctx.state.view.branches.shown_of(entity).map(|b| b.number);
    ScrollArea::vertical().id_salt("branches").auto_shrink(false).show(ui, |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        let mut none = true;
        for branch in ctx.state.view.branches.of(entity) {
            none = false;
            if naming.number == Some(branch.number) {
                naming_ui(ui, naming, branch.number, out);
                continue;
            }
            let changes = match branch.branch.edits.len() {
                0 => "no changes".to_owned(),
                n => plural(n as u64, "change", "changes"),
            };
            let response = row_ui(ui, ctx, &branch.branch.name, &changes, shown == Some(branch.number));
            if response.clicked() {
                out.push(BranchCommand::Show(Some(branch.number)).into());
            }
            if response.double_clicked() {
                naming.begin(branch.number, &branch.branch.name);
            }
            response.context_menu(|ui| {
                if ui.button("Rename").clicked() {
                    naming.begin(branch.number, &branch.branch.name);
                    ui.close();
                }
                if ui.button("Delete").clicked() {
                    out.push(BranchCommand::Delete(branch.number).into());
                    ui.close();
                }
            });
        }
        if none {
            egui::Frame::new().inner_margin(Margin::symmetric(8, 6)).show(ui, |ui| {
                let words = "None yet. Leave out, change, add or move an event: that begins one.";
                ui.label(RichText::new(words).size(SMALL).color(ctx.theme.muted));
            });
        }
        ui.add_space(GRID);
    });
}

fn naming_ui(ui: &mut Ui, naming: &mut Naming, number: u64, out: &mut Vec<Command>) {
    let field = TextEdit::singleline(&mut naming.text).desired_width(ui.available_width() - 8.0).char_limit(80);
    let response = ui.add(field).accessible_name("Name of the branch");
    if std::mem::take(&mut naming.focus) {
        response.request_focus();
    } else if response.lost_focus() {
        if !ui.input(|i| i.key_pressed(egui::Key::Escape)) {
            out.push(BranchCommand::Rename(number, naming.text.clone()).into());
        }
        naming.number = None;
    }
}

fn row_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, name: &str, changes: &str, selected: bool) -> egui::Response {
    let theme = ctx.theme;
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW * 1.7), Sense::CLICK);
    if selected {
        ui.painter().rect_filled(rect, 0.0, theme.accent_soft);
        ui.painter().rect_filled(rect.with_max_x(rect.left() + 3.0), 0.0, theme.accent);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, 0.0, theme.hover);
    }
    if response.has_focus() {
        focus_ring(ui.painter(), rect, theme);
    }
    let name = one_line(name, 80);
    let width = rect.width() - 20.0;
    let font = if selected { semibold(BODY) } else { sans(BODY) };
    let title = text::line(ui.painter(), &name, font, theme.text, width);
    ui.painter().galley(rect.min + vec2(12.0, 3.0), title, theme.text);
    let below = text::line(ui.painter(), changes, sans(SMALL), theme.muted, width);
    ui.painter().galley(rect.min + vec2(12.0, 20.0), below, theme.muted);
    let label = format!("{name}, {changes}");
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::ListBoxOption, true, selected, &label));
    response
}
