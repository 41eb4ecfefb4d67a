//! The chain as text for documents and tickets, or as a drawing: copied, or written to a file whose
//! ending says which.

use egui::Ui;

use crate::analysis::trace::{Description, Folding, Sequence, markdown, mermaid, plantuml, svg};
use crate::app::Command;
use crate::app::command::WindowCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::save_row::{SaveRow, SaveTo};

#[derive(Default)]
pub struct Export {
    row: SaveRow,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Mermaid,
    PlantUml,
    Markdown,
    Svg,
}

const FORMS: [(Form, &str); 4] = [
    (Form::Mermaid, "Copy as Mermaid"),
    (Form::PlantUml, "Copy as PlantUML"),
    (Form::Markdown, "Copy as Markdown"),
    (Form::Svg, "Copy as SVG"),
];

impl Export {
    /// The menu's button.
    pub fn menu_ui(&mut self, ui: &mut Ui, chain: &Description, folding: &Folding, out: &mut Vec<Command>) {
        ui.menu_button("Export", |ui| {
            for (form, label) in FORMS {
                if ui.button(label).clicked() {
                    out.push(WindowCommand::Copy(text(form, chain, folding)).into());
                }
            }
            if ui.button("Save…").clicked() {
                self.row.open("chain.svg");
            }
        });
    }

    /// The line with the path, while it is open.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        chain: &Description,
        folding: &Folding,
        out: &mut Vec<Command>,
    ) {
        let to = self.row.ui(ui, ctx, "Path of the diagram", "SVG; .mmd, .puml or .md for text");
        if let Some(SaveTo { path, replace }) = to {
            let text = text(form_of(&path), chain, folding).into();
            out.push(WindowCommand::Save { path, text, replace }.into());
        }
    }
}

fn form_of(path: &str) -> Form {
    match path.rsplit_once('.').map(|(_, end)| end.to_ascii_lowercase()).as_deref() {
        Some("mmd" | "mermaid") => Form::Mermaid,
        Some("puml" | "plantuml") => Form::PlantUml,
        Some("md" | "markdown") => Form::Markdown,
        _ => Form::Svg,
    }
}

fn text(form: Form, chain: &Description, folding: &Folding) -> String {
    let sequence = || Sequence::of(chain, folding);
    match form {
        Form::Mermaid => mermaid(&sequence()),
        Form::PlantUml => plantuml(&sequence()),
        Form::Markdown => markdown(chain),
        Form::Svg => svg(&sequence()),
    }
}
