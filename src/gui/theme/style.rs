//! The theme in egui's own terms, so that its stock widgets look like ours.

use egui::style::{Selection, WidgetVisuals, Widgets};
use egui::{Context, CornerRadius, FontFamily, FontId, Margin, Shadow, Stroke, TextStyle, Visuals, vec2};

use super::{BODY, GRID, LARGE, ROW, SMALL, Theme};

/// Sets both themes' styles; egui picks one by the preference (dark, light or the system's).
pub fn apply(ctx: &Context) {
    for (theme, tokens) in [(egui::Theme::Dark, Theme::of(true)), (egui::Theme::Light, Theme::of(false))] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(tokens);
            style.text_styles = [
                (TextStyle::Small, FontId::new(SMALL, FontFamily::Proportional)),
                (TextStyle::Body, FontId::new(BODY, FontFamily::Proportional)),
                (TextStyle::Button, FontId::new(BODY, FontFamily::Proportional)),
                (TextStyle::Heading, super::semibold(LARGE)),
                (TextStyle::Monospace, FontId::new(BODY, FontFamily::Monospace)),
            ]
            .into();
            style.animation_time = 0.0;
            let spacing = &mut style.spacing;
            spacing.item_spacing = vec2(GRID * 2.0, GRID);
            spacing.button_padding = vec2(GRID * 2.0, GRID * 0.5);
            spacing.interact_size = vec2(ROW, ROW);
            spacing.menu_margin = Margin::same(4);
            spacing.window_margin = Margin::same(12);
            spacing.indent = GRID * 4.0;
            spacing.icon_width = 14.0;
            spacing.icon_width_inner = 8.0;
            spacing.tooltip_width = 480.0;
            // Menus may be as long as the list of encodings before they scroll.
            spacing.default_area_size.y = 520.0;
            spacing.scroll = egui::style::ScrollStyle::solid();
            spacing.scroll.bar_width = 8.0;
            spacing.scroll.bar_inner_margin = 2.0;
            spacing.scroll.bar_outer_margin = 1.0;
            style.interaction.selectable_labels = false;
            style.interaction.tooltip_delay = 0.35;
        });
    }
}

fn visuals(t: &Theme) -> Visuals {
    let base = if t.dark { Visuals::dark() } else { Visuals::light() };
    let radius = CornerRadius::same(4);
    let widget = |fill, outline, text| WidgetVisuals {
        bg_fill: fill,
        weak_bg_fill: fill,
        bg_stroke: Stroke::new(1.0, outline),
        fg_stroke: Stroke::new(1.0, text),
        corner_radius: radius,
        expansion: 0.0,
    };
    Visuals {
        dark_mode: t.dark,
        override_text_color: None,
        weak_text_color: Some(t.faint),
        widgets: Widgets {
            noninteractive: widget(t.panel, t.line, t.text),
            inactive: widget(t.raised, t.line, t.text),
            hovered: widget(t.hover, t.outline, t.text),
            active: widget(t.accent_soft, t.accent, t.text),
            open: widget(t.hover, t.outline, t.text),
        },
        selection: Selection { bg_fill: t.accent_soft, stroke: Stroke::new(1.0, t.accent) },
        hyperlink_color: t.accent,
        faint_bg_color: t.stripe,
        extreme_bg_color: t.sunken,
        text_edit_bg_color: Some(t.sunken),
        code_bg_color: t.raised,
        warn_fg_color: t.amber,
        error_fg_color: t.red,
        window_corner_radius: CornerRadius::same(8),
        menu_corner_radius: CornerRadius::same(6),
        window_fill: t.raised,
        window_stroke: Stroke::new(1.0, t.outline),
        window_shadow: Shadow { offset: [0, 8], blur: 24, spread: 0, color: t.shadow },
        popup_shadow: Shadow { offset: [0, 4], blur: 12, spread: 0, color: t.shadow },
        panel_fill: t.panel,
        striped: false,
        indent_has_left_vline: false,
        // A blinking cursor repaints for ever.
        text_cursor: egui::style::TextCursorStyle {
            stroke: Stroke::new(2.0, t.accent),
            blink: false,
            ..Default::default()
        },
        ..base
    }
}
