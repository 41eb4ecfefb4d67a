//! Draws the rows of a state. What the event changed carries a sign, a ground and its old value; the
//! sign says it without colour.

use egui::text::{LayoutJob, TextFormat, TextWrapping};
use egui::{Align2, CornerRadius, Rect, Response, Role, ScrollArea, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::model::{Kind, Mark, Row};
use crate::app::Command;
use crate::app::command::{TravelCommand, WindowCommand};
use crate::app::state::{Travel, WatchAs};
use crate::gui::theme::{self, BODY, GRID, Theme};
use crate::gui::widgets::parts::{focus_ring, fold_arrow};
use crate::gui::widgets::text::visible;

pub const ROW: f32 = 21.0;
const INDENT: f32 = 14.0;
/// Room for the dots of the menu.
const MORE: f32 = 24.0;
/// Column of the sign.
const SIGN: f32 = 14.0;

/// What a person did in the tree.
#[derive(Default)]
pub struct TreeOutput {
    pub toggled: Option<usize>,
    /// The row under the pointer, for telling where its value comes from.
    pub hovered: Option<(usize, Response)>,
}

/// Draws into what is left of `ui`. `faded`: the rows are of another step than the cursor's.
pub fn tree_ui(
    ui: &mut Ui,
    theme: &Theme,
    rows: &[Row],
    faded: bool,
    travel: &Travel,
    kind: &str,
    out: &mut Vec<Command>,
) -> TreeOutput {
    let mut done = TreeOutput::default();
    ScrollArea::vertical().id_salt("state tree").auto_shrink(false).show_rows(ui, ROW, rows.len(), |ui, range| {
        ui.spacing_mut().item_spacing.y = 0.0;
        for at in range {
            let Some(row) = rows.get(at) else { break };
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::click());
            row_ui(ui, theme, rect, &response, row, faded, watch_of(travel, kind, row));
            if response.clicked() {
                done.toggled = Some(at);
            }
            response.context_menu(|ui| menu_ui(ui, row, travel, kind, out));
            if row.kind != Kind::More {
                more_ui(ui, theme, rect, row, |ui| menu_ui(ui, row, travel, kind, out));
            }
            if response.hovered() {
                done.hovered = Some((at, response));
            }
        }
    });
    done
}

/// Three dots at the end of the row under the pointer: the context menu for those who look for it.
fn more_ui(ui: &Ui, theme: &Theme, rect: Rect, row: &Row, menu: impl FnOnce(&mut Ui)) {
    let dots = Rect::from_min_max(pos2(rect.right() - MORE, rect.top()), rect.max);
    let response = ui.interact(dots, ui.scope_id().with(("more", &row.path)), Sense::CLICK);
    let under = ui.rect_contains_pointer(rect);
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("More about {}", row.path.dotted())));
    if under {
        let color = if response.hovered() { theme.text } else { theme.muted };
        for x in [-5.0, 0.0, 5.0] {
            ui.painter().circle_filled(dots.center() + vec2(x, 0.0), 1.4, color);
        }
    }
    egui::Popup::menu(&response).show(menu);
}

fn watch_of(travel: &Travel, kind: &str, row: &Row) -> (bool, bool) {
    if row.kind == Kind::More {
        return (false, false);
    }
    (travel.is_watched(kind, &row.path, WatchAs::Plot), travel.is_watched(kind, &row.path, WatchAs::Column))
}

fn row_ui(
    ui: &Ui,
    theme: &Theme,
    rect: Rect,
    response: &Response,
    row: &Row,
    faded: bool,
    (plot, column): (bool, bool),
) {
    let painter = ui.painter();
    let touched = matches!(row.mark, Mark::Set | Mark::Changed | Mark::Gone);
    if response.hovered() {
        painter.rect_filled(rect, CornerRadius::ZERO, theme.hover);
    } else if touched && !faded {
        painter.rect_filled(rect, CornerRadius::ZERO, theme.raised);
    }
    let sign = match row.mark {
        Mark::Set => "+",
        Mark::Changed => "~",
        Mark::Gone => "−",
        Mark::Same | Mark::Inside => "",
    };
    let y = rect.center().y;
    if !sign.is_empty() {
        let at = pos2(rect.left() + GRID + SIGN * 0.5, y);
        painter.text(at, Align2::CENTER_CENTER, sign, theme::semibold(BODY), theme.text);
    }
    let mut left = rect.left() + GRID + SIGN + f32::from(row.depth.min(40)) * INDENT;
    if let Some(open) = row.open {
        fold_arrow(ui.painter(), theme, pos2(left + 5.0, y), open);
    }
    left += INDENT;
    let mut right = rect.right() - MORE;
    for (on, sign) in [(column, Pin::Column), (plot, Pin::Plot)] {
        if on {
            right -= 16.0;
            pin(ui, theme, pos2(right + 8.0, y), sign);
        }
    }
    let job = job(row, theme, faded, (right - left).max(16.0));
    let words = label(row, sign);
    let galley = painter.layout_job(job);
    painter.galley(pos2(left, y - galley.size().y * 0.5), galley, theme.text);
    if response.has_focus() {
        focus_ring(painter, rect, theme);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::TreeItem, true, words.as_str()));
}

fn label(row: &Row, sign: &str) -> String {
    let said = match sign {
        "+" => ", set by this event",
        "~" => ", changed by this event",
        "−" => ", removed by this event",
        _ => "",
    };
    match &row.was {
        Some(was) => format!("{}: {was} → {}{said}", row.name, row.text),
        None => format!("{}: {}{said}", row.name, row.text),
    }
}

fn job(row: &Row, theme: &Theme, faded: bool, width: f32) -> LayoutJob {
    let font = theme::mono(BODY - 1.0);
    let touched = matches!(row.mark, Mark::Set | Mark::Changed | Mark::Gone);
    let weight = if touched {
        egui::FontId::new(BODY - 1.0, egui::FontFamily::Name(theme::MONO_SEMIBOLD.into()))
    } else {
        font.clone()
    };
    let wrap = TextWrapping { max_width: width, max_rows: 1, break_anywhere: true, ..Default::default() };
    let mut job = LayoutJob { wrap, break_on_newline: false, ..LayoutJob::default() };
    let dim = |color| if faded { theme.muted } else { color };
    if row.kind == Kind::More {
        job.append(&row.text, 0.0, TextFormat::simple(font, theme.muted));
        return job;
    }
    let name_color = if row.in_list { theme.faint } else { dim(theme.json_key) };
    job.append(&visible(&row.name), 0.0, TextFormat::simple(weight.clone(), name_color));
    let color = match row.kind {
        Kind::Text => theme.json_text,
        Kind::Number => theme.json_number,
        Kind::Word => theme.json_word,
        Kind::Branch | Kind::More => theme.faint,
    };
    if let Some(was) = &row.was {
        let mut old = TextFormat::simple(font.clone(), theme.muted);
        old.strikethrough = Stroke::new(1.0, theme.muted);
        job.append(was, GRID * 2.0, old);
        if !row.text.is_empty() {
            job.append("→", GRID * 1.5, TextFormat::simple(font, theme.muted));
        }
    }
    if !row.text.is_empty() {
        let mut format = TextFormat::simple(weight, dim(color));
        if row.mark == Mark::Gone && row.was.is_none() {
            format.strikethrough = Stroke::new(1.0, theme.muted);
        }
        job.append(&row.text, GRID * if row.was.is_some() { 1.5 } else { 2.0 }, format);
    }
    job
}

#[derive(Clone, Copy)]
enum Pin {
    Plot,
    Column,
}

/// A step for a plot, two bars for a column.
fn pin(ui: &Ui, theme: &Theme, centre: egui::Pos2, pin: Pin) {
    let at = |x: f32, y: f32| pos2(centre.x + x, centre.y + y);
    let stroke = Stroke::new(1.25, theme.muted);
    match pin {
        Pin::Plot => {
            ui.painter().line(vec![at(-5.0, 3.0), at(-1.0, 3.0), at(-1.0, -3.0), at(5.0, -3.0)], stroke);
        }
        Pin::Column => {
            for x in [-3.0, 3.0] {
                ui.painter().line_segment([at(x, -4.0), at(x, 4.0)], stroke);
            }
        }
    }
}

/// What can be done with a field.
fn menu_ui(ui: &mut Ui, row: &Row, travel: &Travel, kind: &str, out: &mut Vec<Command>) {
    if row.kind == Kind::More {
        return;
    }
    let place = row.path.dotted();
    let mut item = |ui: &mut Ui, label: String, command: Command| {
        if ui.button(label).clicked() {
            out.push(command);
            ui.close();
        }
    };
    let watch = |how, on| TravelCommand::Watch(kind.to_owned(), row.path.clone(), how, on).into();
    if !row.path.is_root() {
        if travel.is_watched(kind, &row.path, WatchAs::Plot) {
            item(ui, "Unpin the plot".to_owned(), watch(WatchAs::Plot, false));
        } else if row.is_number {
            item(ui, "Pin as a plot".to_owned(), watch(WatchAs::Plot, true));
        }
        if travel.is_watched(kind, &row.path, WatchAs::Column) {
            item(ui, "Unpin the column".to_owned(), watch(WatchAs::Column, false));
        } else {
            item(ui, "Pin as a column of the events".to_owned(), watch(WatchAs::Column, true));
        }
        ui.separator();
    }
    item(ui, format!("History of {place}"), TravelCommand::FieldHistory(row.path.clone()).into());
    if row.open.is_none() && matches!(row.kind, Kind::Number | Kind::Text | Kind::Word) {
        let asked = |op: &str| TravelCommand::Bisect(format!("{place} {op} {}", row.text)).into();
        item(ui, "First event where it had this value".to_owned(), asked("="));
        if row.is_number {
            item(ui, format!("First event where it was below {}", row.text), asked("<"));
            item(ui, format!("First event where it was above {}", row.text), asked(">"));
        }
    }
    ui.separator();
    item(ui, "Copy value".to_owned(), WindowCommand::Copy(plain(row)).into());
    item(ui, "Copy path".to_owned(), WindowCommand::Copy(row.path.to_string()).into());
}

/// A text without its quotes.
fn plain(row: &Row) -> String {
    if row.kind == Kind::Text {
        serde_json::from_str(&row.text).unwrap_or_else(|_| row.text.clone())
    } else {
        row.text.clone()
    }
}
