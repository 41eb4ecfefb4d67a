//! Small parts that all panels share: the ring of the keyboard, headers, empty states, links.

use egui::{Align, CornerRadius, Layout, Painter, Rect, Response, RichText, Role, Sense, Stroke, StrokeKind, Ui};
use egui::{Pos2, Shape, WidgetInfo, vec2};

use crate::gui::theme::{self, BODY, GRID, LARGE, ROW, SMALL, Theme};

/// Around what has the keyboard.
pub fn focus_ring(painter: &Painter, rect: Rect, theme: &Theme) {
    painter.rect_stroke(rect, CornerRadius::same(4), Stroke::new(1.5, theme.accent), StrokeKind::Inside);
}

/// Before a row of a tree that can be folded: down where it is open.
pub fn fold_arrow(painter: &Painter, theme: &Theme, centre: Pos2, open: bool) {
    let at = |x: f32, y: f32| centre + vec2(x, y);
    let points = if open {
        vec![at(-4.0, -2.0), at(4.0, -2.0), at(0.0, 3.0)]
    } else {
        vec![at(-2.0, -4.0), at(3.0, 0.0), at(-2.0, 4.0)]
    };
    painter.add(Shape::convex_polygon(points, theme.faint, Stroke::NONE));
}

/// A header row inside a panel: a title on the left, parts on the right.
pub fn split_header(ui: &mut Ui, title: &str, right: impl FnOnce(&mut Ui)) {
    let theme = Theme::from_ui(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW + GRID), Sense::hover());
    let inner = rect.shrink2(vec2(GRID * 2.0, 0.0));
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, theme.line));
    let mut left = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::left_to_right(Align::Center)));
    left.label(RichText::new(title).font(theme::semibold(SMALL)).color(theme.muted));
    let mut rest = ui.new_child(egui::UiBuilder::new().max_rect(inner).layout(Layout::right_to_left(Align::Center)));
    right(&mut rest);
}

/// What a panel without content says: what is missing, why, and what mends it. Returns whether the
/// button was pressed.
pub fn empty_state(ui: &mut Ui, title: &str, why: &str, button: Option<&str>) -> bool {
    let theme = Theme::from_ui(ui);
    let mut pressed = false;
    let height = ui.available_height();
    ui.vertical_centered(|ui| {
        ui.add_space((height * 0.35 - 32.0).max(GRID * 2.0));
        ui.label(RichText::new(title).font(theme::semibold(BODY)).color(theme.text));
        if !why.is_empty() {
            ui.label(RichText::new(why).color(theme.muted));
        }
        if let Some(label) = button {
            ui.add_space(GRID * 2.0);
            pressed = ui.button(label).clicked();
        }
    });
    pressed
}

/// A large heading, of which a view has at most one.
pub fn heading(ui: &mut Ui, text: &str) -> Response {
    let theme = Theme::from_ui(ui);
    ui.label(RichText::new(text).font(theme::semibold(LARGE)).color(theme.text))
}

/// Text that can be clicked: an entity, an id, a path. The accent only under the pointer, so that a
/// page full of links stays calm.
pub fn link(ui: &mut Ui, text: &str, font: egui::FontId, tooltip: &str) -> Response {
    let theme = Theme::from_ui(ui);
    let width = ui.available_width();
    let galley = super::text::line(ui.painter(), text, font, theme.text, width);
    let (rect, response) = ui.allocate_exact_size(galley.size(), Sense::click());
    let hot = response.hovered() || response.has_focus();
    let color = if hot { theme.accent } else { theme.text };
    ui.painter().galley_with_override_text_color(rect.min, galley, color);
    let underline = Stroke::new(1.0, if hot { theme.accent } else { theme.outline });
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, underline);
    if response.has_focus() {
        focus_ring(ui.painter(), rect.expand(2.0), theme);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Link, true, text));
    let response = response.on_hover_cursor(egui::CursorIcon::PointingHand);
    if tooltip.is_empty() { response } else { response.on_hover_text(tooltip) }
}

/// Signs that are drawn, so that no font has to have them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Icon {
    Close,
    Maximise,
    Plus,
    Minus,
    Fit,
}

/// A button that is only its sign; `label` is what it does, for the tooltip and for screen readers.
/// `×`, `⛶`, `+`, `−` and `↔` are drawn, other signs are text.
pub fn icon_button(ui: &mut Ui, sign: &str, label: &str) -> Response {
    let theme = Theme::from_ui(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ROW, ROW), Sense::click());
    if response.hovered() {
        ui.painter().rect_filled(rect, CornerRadius::same(4), theme.hover);
    }
    if response.has_focus() {
        focus_ring(ui.painter(), rect, theme);
    }
    let color = if response.hovered() || response.has_focus() { theme.text } else { theme.muted };
    let icon = match sign {
        "×" => Some(Icon::Close),
        "⛶" => Some(Icon::Maximise),
        "+" => Some(Icon::Plus),
        "−" | "-" => Some(Icon::Minus),
        "↔" => Some(Icon::Fit),
        _ => None,
    };
    if let Some(icon) = icon {
        paint_icon(ui.painter(), rect.center(), icon, Stroke::new(1.25, color));
    } else {
        ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, sign, theme::sans(BODY), color);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, label));
    response.on_hover_text(label)
}

fn paint_icon(painter: &Painter, centre: egui::Pos2, icon: Icon, stroke: Stroke) {
    let at = |x: f32, y: f32| egui::pos2(centre.x + x, centre.y + y);
    let line = |a: egui::Pos2, b: egui::Pos2| {
        painter.line_segment([a, b], stroke);
    };
    match icon {
        Icon::Close => {
            line(at(-4.0, -4.0), at(4.0, 4.0));
            line(at(-4.0, 4.0), at(4.0, -4.0));
        }
        Icon::Maximise => {
            for (x, y) in [(-5.0, -5.0), (5.0, -5.0), (-5.0, 5.0), (5.0, 5.0_f32)] {
                line(at(x, y), at(x - x.signum() * 3.5, y));
                line(at(x, y), at(x, y - y.signum() * 3.5));
            }
        }
        Icon::Plus | Icon::Minus => {
            line(at(-4.5, 0.0), at(4.5, 0.0));
            if icon == Icon::Plus {
                line(at(0.0, -4.5), at(0.0, 4.5));
            }
        }
        Icon::Fit => {
            line(at(-6.0, 0.0), at(6.0, 0.0));
            for side in [-1.0, 1.0] {
                line(at(6.0 * side, 0.0), at(3.0 * side, -3.0));
                line(at(6.0 * side, 0.0), at(3.0 * side, 3.0));
            }
        }
    }
}
