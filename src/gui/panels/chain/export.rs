//! The chain as text for documents and tickets, or as a drawing: copied, or written to a file whose
//! ending says which.

use egui::{RichText, Ui};

use crate::analysis::trace::{Description, Folding, Sequence, markdown, mermaid, plantuml, svg};
use crate::app::Command;
use crate::app::command::WindowCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::path_row::{Done, PathRow};
use crate::gui::theme::SMALL;

#[derive(Default)]
pub struct Export {
    /// The path, while it is typed.
    row: Option<PathRow>,
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
                self.row = Some(PathRow::new("chain.svg".to_owned()));
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
        let Some(row) = &mut self.row else { return };
        let path = row.trimmed().to_owned();
        let occupied = ctx.state.occupied.as_deref() == Some(&*path);
        let done = row.ui(ui, "Path of the diagram", if occupied { "Replace it" } else { "Save" });
        let words = if occupied { "There is a file of this name." } else { "SVG; .mmd, .puml or .md for text" };
        let color = if occupied { ctx.theme.amber } else { ctx.theme.muted };
        ui.label(RichText::new(words).size(SMALL).color(color));
        match done {
            Some(Done::Go) => {
                let text = text(form_of(&path), chain, folding);
                out.push(WindowCommand::Save { path, text: text.into(), replace: occupied }.into());
            }
            Some(Done::Close) => self.row = None,
            None => {}
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
