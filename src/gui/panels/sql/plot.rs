//! An answer's numbers as lines over its first column.

use egui::Ui;
use egui_plot::{Legend, Line, Plot, PlotPoints};

use super::model::Lines;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{SERIES, SMALL, sans};
use crate::model::time::TimeNs;

pub fn plot_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, lines: &Lines) {
    let theme = ctx.theme;
    let zone = ctx.state.settings.zone;
    let time = move |seconds: f64, format: &str| zone.format_with(TimeNs((seconds * 1e9) as i64), format);
    let by_time = lines.by_time;
    ui.scope(|ui| {
        // The axis takes its letters from here.
        ui.style_mut().text_styles.insert(egui::TextStyle::Body, sans(SMALL));
        let names: Vec<&str> = lines.lines.iter().map(|(name, _)| name.as_str()).collect();
        let shown = Plot::new(ui.scope_id().with("sql plot"))
            .legend(Legend::default())
            .allow_scroll(false)
            .show_background(false)
            .grid_color(theme.line)
            .cursor_color(theme.outline)
            .y_axis_min_width(44.0)
            .x_axis_formatter(move |mark, _| {
                let format = if mark.step_size >= 86_400.0 { "%Y-%m-%d" } else { "%H:%M:%S" };
                if by_time { time(mark.value, format) } else { mark.value.to_string() }
            })
            .label_formatter(move |hover| match hover {
                egui_plot::HoverPosition::NearDataPoint { plot_name, position, .. } => {
                    let x = if by_time { time(position.x, "%Y-%m-%d %H:%M:%S") } else { position.x.to_string() };
                    Some(format!("{plot_name} {}\n{x}", position.y))
                }
                egui_plot::HoverPosition::Elsewhere { .. } => None,
            })
            .show(ui, |plot| {
                for (i, (name, points)) in lines.lines.iter().enumerate() {
                    let color = theme.series[i % SERIES];
                    plot.line(Line::new(name.clone(), PlotPoints::from(points.clone())).color(color).width(1.5));
                }
            });
        let label = format!("Plot of {}", names.join(", "));
        shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, label.clone()));
    });
}
