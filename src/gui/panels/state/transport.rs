//! First, back, play, forward, last, the speed, and the field to go to a place by typing it.

use egui::{CornerRadius, Key, Painter, Pos2, Role, Sense, Shape, Stroke, TextEdit, Ui, WidgetInfo, pos2, vec2};

use crate::app::Command;
use crate::app::command::{SelectCommand, TravelCommand};
use crate::app::destination::Here;
use crate::app::jobs::Focus;
use crate::app::state::Pace;
use crate::base::clock::now_ns;
use crate::gui::panels::PanelCtx;
use crate::gui::theme::{GRID, ROW, SMALL, mono};
use crate::gui::widgets::parts::focus_ring;
use crate::model::time::TimeNs;

/// The field's text, and the request for the keyboard that it answered.
#[derive(Debug, Default)]
pub struct GoTo {
    text: String,
    focused: Option<u64>,
}

/// Least width of the field beside the buttons; where there is less it gets a line of its own.
const FIELD: f32 = 88.0;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    First,
    Back,
    Play,
    Pause,
    Forward,
    Last,
}

pub fn transport_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, step: u32, go: &mut GoTo, out: &mut Vec<Command>) {
    let len = focus.history.len();
    let playing = ctx.state.playing;
    let fits = ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        let play = if playing { (Sign::Pause, "Pause") } else { (Sign::Play, "Play the history") };
        let buttons: [(Sign, &str, bool, Command); 5] = [
            (Sign::First, "Before the first event", step > 0, TravelCommand::Step(0).into()),
            (Sign::Back, "One event back", step > 0, TravelCommand::By(-1).into()),
            (play.0, play.1, len > 0, SelectCommand::Play.into()),
            (Sign::Forward, "One event forward", step < len, TravelCommand::By(1).into()),
            (Sign::Last, "After the last event", step < len, TravelCommand::Step(len).into()),
        ];
        for (sign, label, possible, command) in buttons {
            if button(ui, ctx, sign, label, possible) {
                out.push(command);
            }
        }
        let pace = ctx.state.travel.pace;
        ui.menu_button(egui::RichText::new(pace.short()).font(mono(SMALL)), |ui| {
            for choice in Pace::ALL {
                if ui.selectable_label(choice == pace, choice.label()).clicked() {
                    out.push(TravelCommand::Pace(choice).into());
                    ui.close();
                }
            }
        })
        .response
        .on_hover_text(format!("How fast playing goes: {}", pace.label()));
        ui.add_space(GRID);
        let fits = ui.available_width() >= FIELD;
        if fits {
            go_ui(ui, ctx, focus, go, out);
        }
        fits
    });
    if !fits.inner {
        go_ui(ui, ctx, focus, go, out);
    }
}

fn go_ui(ui: &mut Ui, ctx: &PanelCtx<'_>, focus: &Focus, go: &mut GoTo, out: &mut Vec<Command>) {
    let width = (ui.available_width() - GRID).max(64.0);
    let field = TextEdit::singleline(&mut go.text)
        .hint_text("Go to 5, v12, 14:34…")
        .font(mono(12.0))
        .desired_width(width)
        .align(egui::Align2::LEFT_CENTER)
        .min_size(vec2(0.0, ROW));
    let response = ui.add(field);
    response.widget_info(|| WidgetInfo::labeled(Role::TextInput, true, "Go to an event, a version or a time"));
    if let Some((panel, number)) = ctx.state.focus
        && panel == "state"
        && go.focused != Some(number)
    {
        go.focused = Some(number);
        response.request_focus();
    }
    let entered = response.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    if entered && !go.text.trim().is_empty() {
        out.push(TravelCommand::GoTo(go.text.clone()).into());
        if here(ctx, focus).read(&go.text).is_ok() {
            go.text.clear();
        } else {
            response.request_focus();
        }
    }
    if response.has_focus() {
        let (words, color) = match here(ctx, focus).read(&go.text) {
            Ok(found) => (found.hint, ctx.theme.text),
            Err(why) if go.text.trim().is_empty() => (why, ctx.theme.muted),
            Err(why) => (why, ctx.theme.amber),
        };
        egui::Popup::from_response(&response).open(true).gap(GRID).show(|ui| {
            ui.set_max_width(280.0);
            ui.label(egui::RichText::new(words).size(SMALL).color(color));
        });
    }
}

fn here<'a>(ctx: &'a PanelCtx<'_>, focus: &'a Focus) -> Here<'a> {
    let (state, log) = (ctx.state, ctx.snapshot);
    let now = TimeNs(now_ns().unwrap_or(i64::MAX));
    Here { log, history: &focus.history, cursor: state.cursor, zone: state.settings.zone, now }
}

fn button(ui: &mut Ui, ctx: &PanelCtx<'_>, sign: Sign, label: &str, possible: bool) -> bool {
    let theme = ctx.theme;
    let sense = if possible { Sense::click() } else { Sense::hover() };
    let (rect, response) = ui.allocate_exact_size(vec2(ROW + 4.0, ROW), sense);
    if response.hovered() && possible {
        ui.painter().rect_filled(rect, CornerRadius::same(4), theme.hover);
    }
    let color = match (possible, response.hovered()) {
        (false, _) => theme.outline,
        (true, true) => theme.text,
        (true, false) => theme.muted,
    };
    paint(ui.painter(), rect.center(), sign, color);
    if response.has_focus() {
        focus_ring(ui.painter(), rect, theme);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, possible, label));
    let clicked = response.clicked();
    response.on_hover_text(label);
    clicked
}

fn paint(painter: &Painter, centre: Pos2, sign: Sign, color: egui::Color32) {
    let at = |x: f32, y: f32| pos2(centre.x + x, centre.y + y);
    let triangle = |x: f32, side: f32| {
        let points = vec![at(x - 4.0 * side, -5.0), at(x + 4.0 * side, 0.0), at(x - 4.0 * side, 5.0)];
        painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
    };
    let bar = |x: f32| {
        painter.line_segment([at(x, -5.0), at(x, 5.0)], Stroke::new(2.0, color));
    };
    match sign {
        Sign::First => {
            bar(-5.0);
            triangle(1.5, -1.0);
        }
        Sign::Back => triangle(0.0, -1.0),
        Sign::Play => {
            let points = vec![at(-4.0, -6.0), at(6.0, 0.0), at(-4.0, 6.0)];
            painter.add(Shape::convex_polygon(points, color, Stroke::NONE));
        }
        Sign::Pause => {
            bar(-2.5);
            bar(2.5);
        }
        Sign::Forward => triangle(0.0, 1.0),
        Sign::Last => {
            triangle(-1.5, 1.0);
            bar(5.0);
        }
    }
}
