//! Numbers of the state over its steps or over time. The series is found by one walk through the
//! history; a second, quick job makes as many points of it as there are pixels.

use std::sync::Arc;

use egui::{Align, Layout, RichText, Ui};
use egui_plot::{Line, Plot, PlotPoint, PlotPoints, VLine};

use crate::analysis::state::blame::series;
use crate::analysis::state::path::Path;
use crate::analysis::state::value::Value;
use crate::app::Command;
use crate::app::command::TravelCommand;
use crate::app::jobs::{Focus, Slot};
use crate::app::state::WatchAs;
use crate::gui::panels::PanelCtx;
use crate::gui::panels::parts::preview::middle_cut;
use crate::gui::theme::{GRID, SERIES, SMALL, mono, sans};
use crate::gui::widgets::parts::icon_button;
use crate::model::time::TimeNs;

pub const HEIGHT: f32 = 84.0;
const TITLE: f32 = 24.0;
/// Plots that are shown where no field is pinned.
const UNASKED: usize = 2;

/// A fold, whose places, on which axis, how many points wide.
type LinesKey = (u64, Vec<Path>, bool, u32);
/// Per place its values where they change, and the lines drawn of them.
type Series = Vec<Vec<(u32, f64)>>;

#[derive(Default)]
pub struct Plots {
    by_time: bool,
    series: Option<Slot<(u64, Vec<Path>), Series>>,
    lines: Option<Slot<LinesKey, Vec<Vec<PlotPoint>>>>,
}

/// The places to plot: those that are pinned, else the first numbers of the state.
#[must_use]
pub fn places(ctx: &PanelCtx<'_>, focus: &Focus, state: &Value) -> (Vec<Path>, bool) {
    let pinned: Vec<Path> = ctx.state.travel.watched(&focus.kind).filter(|w| w.plot).map(|w| w.path.clone()).collect();
    if !pinned.is_empty() {
        return (pinned, true);
    }
    let Value::Object(members) = state else { return (Vec::new(), false) };
    let numbers = members.iter().filter(|(_, value)| matches!(value, Value::Number(_)));
    (numbers.take(UNASKED).map(|(name, _)| Path::default().child(name)).collect(), false)
}

/// Room that so many plots take, within what there is.
#[must_use]
pub fn height(plots: usize, available: f32) -> f32 {
    let wanted = plots as f32 * (HEIGHT + TITLE) + GRID * 6.0;
    wanted.min((available * 0.5).max(HEIGHT))
}

impl Plots {
    pub fn ui(
        &mut self,
        ui: &mut Ui,
        ctx: &PanelCtx<'_>,
        focus: &Arc<Focus>,
        (paths, pinned): &(Vec<Path>, bool),
        step: u32,
        out: &mut Vec<Command>,
    ) {
        let timed = ctx.snapshot.time_range().is_some();
        let by_time = self.by_time && timed;
        self.ask(ctx, focus, paths, by_time, ui.available_width());
        let lines = self.lines.as_ref().and_then(Slot::answer).filter(|a| a.key.0 == focus.number);
        egui::ScrollArea::vertical().id_salt("plots").auto_shrink(false).show(ui, |ui| {
            for (i, path) in paths.iter().enumerate() {
                ui.horizontal(|ui| {
                    ui.set_height(TITLE - GRID);
                    let fits = ((ui.available_width() - 120.0) / 7.5).max(8.0) as usize;
                    ui.label(RichText::new(middle_cut(&path.dotted(), fits)).font(mono(12.0)));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        let watch = |on| TravelCommand::Watch(focus.kind.to_string(), path.clone(), WatchAs::Plot, on);
                        if *pinned {
                            if icon_button(ui, "×", &format!("Unpin {}", path.dotted())).clicked() {
                                out.push(watch(false).into());
                            }
                        } else if ui.small_button("Pin").on_hover_text("Keep this plot").clicked() {
                            out.push(watch(true).into());
                        }
                        if i == 0 && timed {
                            let words = if by_time { "Over time" } else { "By event" };
                            let hint = "The axis: one place per event, or true distances in time";
                            if ui.small_button(words).on_hover_text(hint).clicked() {
                                self.by_time = !self.by_time;
                            }
                        }
                    });
                });
                let line = lines.as_ref().filter(|a| a.key.2 == by_time);
                let at = line.and_then(|a| a.key.1.iter().position(|p| p == path));
                let points = line.zip(at).and_then(|(a, at)| a.value.get(at)).map_or(&[][..], Vec::as_slice);
                ui.scope(|ui| {
                    // The axis takes its letters from here.
                    ui.style_mut().text_styles.insert(egui::TextStyle::Body, sans(SMALL));
                    plot_ui(ui, ctx, focus, i, path, points, by_time, step, out);
                });
            }
            if paths.is_empty() {
                ui.label(RichText::new("No number to plot").size(SMALL).color(ctx.theme.muted));
            }
        });
    }

    fn ask(&mut self, ctx: &PanelCtx<'_>, focus: &Arc<Focus>, paths: &[Path], by_time: bool, width: f32) {
        let Some(folded) = focus.folded.clone().filter(|_| focus.is_done()) else { return };
        let slot = self.series.get_or_insert_with(|| Slot::new("series", ctx.waker.clone()));
        let (pool, asked) = (ctx.jobs.travel.pool.clone(), paths.to_vec());
        slot.ask((focus.number, paths.to_vec()), 0, move |job| {
            let Ok(mut reducer) = pool.lend(folded.source()) else { return Vec::new() };
            let progress = |done: u64, of: u64| job.report(done as f64 / of.max(1) as f64);
            series(&folded, &mut *reducer, &asked, &job.cancel, &progress)
        });
        let Some(found) = slot.answer().filter(|a| a.key == (focus.number, paths.to_vec())) else { return };
        let wide = (width / 16.0).ceil() as u32 * 16;
        let slot = self.lines.get_or_insert_with(|| Slot::new("plot lines", ctx.waker.clone()));
        let focus = Arc::clone(focus);
        slot.ask((focus.number, paths.to_vec(), by_time, wide), 0, move |_| {
            let x = |step: u32| place(&focus, step, by_time);
            let (from, to) = (x(0), x(focus.history.len()));
            found.value.iter().map(|values| line(values, focus.history.len(), (from, to), wide, &x)).collect()
        });
    }
}

/// Where a step lies on the axis: seconds since the first event where it is one of time.
fn place(focus: &Focus, step: u32, by_time: bool) -> f64 {
    if !by_time {
        return f64::from(step);
    }
    let time = |step: u32| focus.history.event_of(step).and_then(|event| focus.snapshot.time(event));
    let first = time(1).map_or(0, |t| t.0);
    time(step.max(1)).map_or(0.0, |t| t.0.saturating_sub(first) as f64 / 1e9)
}

/// A line of steps with no more points than pixels can show: of each pixel the first value, the least,
/// the greatest and the last. Values that are no numbers interrupt it.
#[must_use]
pub fn line(
    values: &[(u32, f64)],
    end: u32,
    (from, to): (f64, f64),
    wide: u32,
    x: &dyn Fn(u32) -> f64,
) -> Vec<PlotPoint> {
    let unit = ((to - from) / f64::from(wide.max(1))).max(f64::MIN_POSITIVE);
    let pixel = |at: f64| ((at - from) / unit) as i64;
    let mut points: Vec<PlotPoint> = Vec::new();
    let mut last = f64::NAN;
    let mut i = 0;
    while let Some(&(step, value)) = values.get(i) {
        let at = x(step);
        let here = pixel(at);
        // A step: the old value up to here, then the new one.
        points.push(PlotPoint::new(at, last));
        points.push(PlotPoint::new(at, value));
        let (mut least, mut most, mut end) = (value, value, value);
        let mut next = i + 1;
        while let Some(&(_, value)) = values.get(next).filter(|(step, _)| pixel(x(*step)) == here) {
            (least, most, end) = (least.min(value), most.max(value), value);
            next += 1;
        }
        if next > i + 1 {
            points.extend([least, most, end].map(|y| PlotPoint::new(at, y)));
        }
        last = end;
        i = next;
    }
    points.push(PlotPoint::new(x(end), last));
    points
}

#[expect(clippy::too_many_arguments, reason = "all of them are this frame's own")]
fn plot_ui(
    ui: &mut Ui,
    ctx: &PanelCtx<'_>,
    focus: &Focus,
    number: usize,
    path: &Path,
    points: &[PlotPoint],
    by_time: bool,
    step: u32,
    out: &mut Vec<Command>,
) {
    let theme = ctx.theme;
    let color = theme.series[number % SERIES];
    let (from, to) = (place(focus, 0, by_time), place(focus, focus.history.len(), by_time));
    let zone = ctx.state.settings.zone;
    let first = focus.history.event_of(1).and_then(|event| focus.snapshot.time(event)).map_or(0, |t| t.0);
    let response = Plot::new(ui.scope_id().with(("plot", path.to_string())))
        .height(HEIGHT)
        .allow_zoom(false)
        .allow_drag(false)
        .allow_scroll(false)
        .allow_boxed_zoom(false)
        .allow_double_click_reset(false)
        .allow_axis_zoom_drag(false)
        .show_background(false)
        .show_axes([false, true])
        .show_grid([false, true])
        .grid_color(theme.line)
        .y_axis_min_width(44.0)
        .y_axis_formatter(|mark, _| short_number(mark.value))
        .include_x(from)
        .include_x(to)
        .set_margin_fraction(egui::vec2(0.01, 0.12))
        .cursor_color(theme.outline)
        .sense(egui::Sense::click_and_drag())
        .label_formatter(|hover| match hover {
            egui_plot::HoverPosition::NearDataPoint { position, .. } => Some(if by_time {
                let at = TimeNs(first.saturating_add((position.x * 1e9) as i64));
                format!("{}\n{}", exact(position.y), zone.format_with(at, "%Y-%m-%d %H:%M:%S"))
            } else {
                format!("{}\nevent {:.0}", exact(position.y), position.x)
            }),
            egui_plot::HoverPosition::Elsewhere { .. } => None,
        })
        .show(ui, |plot| {
            // A gap in the line is a break between two lines.
            for run in points.split(|p| p.y.is_nan()).filter(|run| !run.is_empty()) {
                plot.line(
                    Line::new(path.dotted(), PlotPoints::Borrowed(run)).color(color).width(1.5).allow_band(false),
                );
            }
            plot.vline(VLine::new("cursor", place(focus, step, by_time)).color(theme.accent).width(1.5));
            plot.pointer_coordinate()
        });
    let held = response.response.clicked() || response.response.dragged();
    response
        .response
        .widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, format!("Plot of {}", path.dotted())));
    if let Some(at) = response.inner.filter(|_| held) {
        let to = if by_time {
            focus.history.step_at_time(TimeNs(first.saturating_add((at.x * 1e9) as i64)))
        } else {
            at.x.round().clamp(0.0, f64::from(focus.history.len())) as u32
        };
        if to != step {
            out.push(TravelCommand::Step(to).into());
        }
    }
}

/// `1.2k`, `-69.5`: for the axis.
fn short_number(n: f64) -> String {
    let abs = n.abs();
    let (scaled, unit) = match abs {
        _ if abs >= 1e12 => return format!("{n:.1e}"),
        _ if abs >= 1e9 => (n / 1e9, "G"),
        _ if abs >= 1e6 => (n / 1e6, "M"),
        _ if abs >= 1e4 => (n / 1e3, "k"),
        _ => (n, ""),
    };
    let text = format!("{scaled:.2}");
    format!("{}{unit}", text.trim_end_matches('0').trim_end_matches('.'))
}

fn exact(n: f64) -> String {
    format!("{n}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_steps_and_no_more_points_than_pixels_show() {
        let x = |step: u32| f64::from(step);
        let few = line(&[(0, 5.0), (2, 7.0)], 4, (0.0, 4.0), 100, &x);
        let shown: Vec<(f64, f64)> = few.iter().skip(1).map(|p| (p.x, p.y)).collect();
        assert_eq!(shown, [(0.0, 5.0), (2.0, 5.0), (2.0, 7.0), (4.0, 7.0)]);
        let many: Vec<(u32, f64)> = (0..1_000_000).map(|i| (i, f64::from(i % 1_000))).collect();
        let points = line(&many, 1_000_000, (0.0, 1_000_000.0), 400, &x);
        assert!(points.len() <= 400 * 5 + 8, "{}", points.len());
        assert!(points.iter().skip(10).any(|p| p.y > 998.5) && points.iter().any(|p| p.y < 0.5), "extremes stay");
    }

    #[test]
    fn numbers_of_the_axis_are_short() {
        for (n, text) in [(0.0, "0"), (-69.5, "-69.5"), (1_500.0, "1500"), (12_000.0, "12k"), (2.5e6, "2.5M")] {
            assert_eq!(short_number(n), text);
        }
    }
}
