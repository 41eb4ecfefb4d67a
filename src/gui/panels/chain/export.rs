//! The chain as text for documents and tickets, or as a drawing: copied, or written to a file whose
//! ending says which. An SVG shows all of the chain, a PNG what is in sight, as it looks in the window.

use egui::{Rect, Ui};

use super::draw::{Mode, Parts};
use crate::analysis::trace::{Folding, Sequence, graph_svg, markdown, mermaid, plantuml, sequence_svg, waterfall_svg};
use crate::app::Command;
use crate::app::command::WindowCommand;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::save_row::{SaveRow, SaveTo};

#[derive(Default)]
pub struct Export {
    row: SaveRow,
    /// Where the drawing was in the last frame, for a picture of it.
    pub drawing: Option<Rect>,
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
    /// The menu's button. A drawing is of what the mode shows; the list's is the sequence.
    pub fn menu_ui(&mut self, ui: &mut Ui, parts: &Parts<'_>, mode: Mode, folding: &Folding, out: &mut Vec<Command>) {
        ui.menu_button("Export", |ui| {
            for (form, label) in FORMS {
                if ui.button(label).clicked() {
                    out.push(WindowCommand::Copy(text(form, parts, mode, folding)).into());
                }
            }
            if ui.button("Save as SVG, PNG or text…").clicked() {
                self.row.open(match mode {
                    Mode::Waterfall => "waterfall.svg",
                    Mode::Graph => "causes.svg",
                    Mode::List | Mode::Sequence => "chain.svg",
                });
            }
        });
    }

    /// The line with the path, while it is open.
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        parts: &Parts<'_>,
        mode: Mode,
        folding: &Folding,
        out: &mut Vec<Command>,
    ) {
        let endings = "SVG; .png for what is in sight; .mmd, .puml or .md for text";
        let Some(SaveTo { path, replace }) = self.row.ui(ui, ctx, "Path of the diagram", endings) else { return };
        let picture = self.drawing.filter(|_| path.to_ascii_lowercase().ends_with(".png"));
        if let Some(Rect { min, max }) = picture {
            let part = [min.x, min.y, max.x, max.y];
            out.push(WindowCommand::SavePicture { path, part, replace }.into());
        } else {
            let text = text(form_of(&path), parts, mode, folding).into();
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

fn text(form: Form, parts: &Parts<'_>, mode: Mode, folding: &Folding) -> String {
    let shown = &parts.shown;
    let sequence = || Sequence::of(shown.described, folding);
    match (form, mode) {
        (Form::Mermaid, _) => mermaid(&sequence()),
        (Form::PlantUml, _) => plantuml(&sequence()),
        (Form::Markdown, _) => markdown(shown.described),
        (Form::Svg, Mode::Waterfall) => waterfall_svg(shown.chain, shown.described, &parts.times()),
        (Form::Svg, Mode::Graph) => graph_svg(shown.chain, shown.described, parts.graph),
        (Form::Svg, Mode::List | Mode::Sequence) => sequence_svg(&sequence()),
    }
}
