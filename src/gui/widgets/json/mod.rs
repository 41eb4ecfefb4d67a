//! JSON as a tree that can be folded. Built lazily and without recursion; numbers keep their literal
//! text, repeated names stay, and characters that cannot be seen are written out.

mod model;
pub mod scan;

pub use model::{JsonTree, Repeated, Row};

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{CornerRadius, Role, ScrollArea, Sense, Ui, WidgetInfo, pos2, vec2};

use self::scan::Kind;
use super::parts::fold_arrow;
use super::text::{head, visible};
use crate::base::unusual::is_unusual;
use crate::gui::theme::{self, BODY, GRID, Theme};

const ROW_HEIGHT: f32 = 17.0;
const INDENT: f32 = 16.0;
/// Longest value that one row lays out, in bytes.
const SHOWN_BYTES: usize = 600;

/// What a person did in the tree.
#[derive(Debug, Default)]
pub struct TreeOutput {
    /// To the clipboard.
    pub copy: Option<String>,
}

/// Draws the tree into what is left of `ui`. `menu` adds the caller's own entries to a row's context
/// menu: it is given the pointer and the stored value.
pub fn show(ui: &mut Ui, tree: &mut JsonTree, menu: &mut dyn FnMut(&mut Ui, &str, &str)) -> TreeOutput {
    let theme = Theme::from_ui(ui);
    let mut out = TreeOutput::default();
    let mut toggled = None;
    let rows = tree.rows().len();
    ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW_HEIGHT, rows, |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for at in range {
            let Some(row) = tree.rows().get(at) else { break };
            let width = ui.available_width();
            let (rect, response) = ui.allocate_exact_size(vec2(width, ROW_HEIGHT + GRID), Sense::click());
            if response.hovered() {
                ui.painter().rect_filled(rect, CornerRadius::ZERO, theme.hover);
            }
            if response.has_focus() {
                super::parts::focus_ring(ui.painter(), rect, theme);
            }
            let left = rect.left() + GRID + f32::from(row.depth.min(64)) * INDENT;
            let branch = matches!(row.kind, Kind::Object | Kind::Array) && !row.more;
            if branch && !is_empty(tree.raw(row)) {
                fold_arrow(ui.painter(), theme, pos2(left + 5.0, rect.center().y), row.open);
            }
            let job = job(tree, row, theme, (rect.right() - left - INDENT).max(16.0));
            let label = head(&job.text, 120).to_owned();
            let galley = ui.painter().layout_job(job);
            let y = rect.center().y - galley.size().y / 2.0;
            ui.painter().galley(pos2(left + INDENT, y), galley, theme.text);
            response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, label.clone()));
            if response.clicked() {
                toggled = Some(at);
            }
            if row.repeated.is_some() {
                response
                    .clone()
                    .on_hover_text("The object has this name more than once; reducers and filters take the last");
            }
            response.context_menu(|ui| {
                let row = &tree.rows()[at];
                if ui.button("Copy value").clicked() {
                    out.copy = Some(tree.plain(row));
                }
                if ui.button("Copy as JSON").clicked() {
                    out.copy = Some(tree.raw(row).to_owned());
                }
                if ui.button("Copy path").clicked() {
                    out.copy = Some(tree.pointer(at));
                }
                menu(ui, &tree.pointer(at), tree.raw(row));
            });
        }
    });
    if let Some(at) = toggled {
        tree.toggle(at);
    }
    out
}

fn is_empty(raw: &str) -> bool {
    raw.trim_start_matches(['{', '[']).trim_start().starts_with(['}', ']'])
}

/// `name  value`, or a summary of what is folded.
fn job(tree: &JsonTree, row: &Row, theme: &Theme, width: f32) -> LayoutJob {
    let font = theme::mono(BODY - 1.0);
    let format = |color| TextFormat::simple(font.clone(), color);
    let wrap = TextWrapping { max_width: width, max_rows: 1, break_anywhere: true, ..Default::default() };
    let mut job = LayoutJob { wrap, break_on_newline: false, ..LayoutJob::default() };
    if row.more {
        job.append("more…", 0.0, format(theme.muted));
        return job;
    }
    if row.depth > 0 {
        let name = tree.name(row);
        let color = if row.name.is_some() { theme.json_key } else { theme.faint };
        append(&mut job, &name, &font, color, theme);
        match row.repeated {
            Some(Repeated::Overruled) => job.append(" (repeated below)", 0.0, format(theme.amber)),
            Some(Repeated::Last) => job.append(" (again)", 0.0, format(theme.amber)),
            None => {}
        }
        job.append("  ", 0.0, format(theme.faint));
    }
    let raw = tree.raw(row);
    match row.kind {
        Kind::Object | Kind::Array => {
            let (open, close) = if row.kind == Kind::Object { ("{", "}") } else { ("[", "]") };
            let text = match (row.open, is_empty(raw)) {
                (_, true) => format!("{open}{close}"),
                (true, false) => open.to_owned(),
                (false, false) => format!("{open} … {close}"),
            };
            job.append(&text, 0.0, format(theme.faint));
            if row.kind == Kind::Array && !is_empty(raw) && raw.len() < 1 << 16 {
                let count = scan::members(tree.text(), &row.value, 10_000).len();
                job.append(&format!("  {count}"), 0.0, format(theme.faint));
            }
        }
        Kind::Text => {
            // A value that is cut is decoded as far as it goes: names and texts are small, but one
            // of 60 MiB must not cost a frame.
            let short = raw.len() <= SHOWN_BYTES;
            let text = if short { tree.plain(row) } else { head(raw, SHOWN_BYTES).trim_start_matches('"').to_owned() };
            job.append("\"", 0.0, format(theme.faint));
            append(&mut job, &text, &font, theme.json_text, theme);
            job.append(if short { "\"" } else { "…" }, 0.0, format(theme.faint));
        }
        Kind::Number => append(&mut job, head(raw, SHOWN_BYTES), &font, theme.json_number, theme),
        Kind::Word => append(&mut job, head(raw, SHOWN_BYTES), &font, theme.json_word, theme),
        Kind::Other => append(&mut job, head(raw, SHOWN_BYTES), &font, theme.amber, theme),
    }
    job
}

/// Appends text; what cannot be seen is written out in amber.
fn append(job: &mut LayoutJob, text: &str, font: &egui::FontId, color: egui::Color32, theme: &Theme) {
    let mut rest = text;
    while !rest.is_empty() {
        let unusual = rest.chars().next().is_some_and(is_unusual);
        let end = rest.find(|c| is_unusual(c) != unusual).unwrap_or(rest.len());
        let (run, after) = rest.split_at(end);
        let color = if unusual { theme.amber } else { color };
        job.append(&visible(run), 0.0, TextFormat::simple(font.clone(), color));
        rest = after;
    }
}
