//! The dialog for brokers: how to reach one, a test that says which step fails, what it holds, and
//! which of its messages are read, said before they are.

mod bodies;
mod bodies_form;
mod draw;
mod form;
mod places;

use eframe::egui::{self, Align2, Context, Frame, Id, Modal, Stroke, vec2};

use self::form::Form;
use self::places::Places;
use crate::app::Command;
use crate::app::command::{ConnectCommand, OpenCommand};
use crate::app::jobs::{Slot, Waker};
use crate::app::state::State;
use crate::gui::theme::Theme;
use crate::input::codecs::bodies::Bodies;
use crate::input::sources::broker::{self, Overview, Step, Url};
use crate::model::error::Result;

/// Height of the heading, the address, the buttons and the margins, all but the form.
const AROUND: f32 = 160.0;

/// See the module's documentation.
pub struct Connect {
    form: Form,
    places: Places,
    tests: Slot<(Url, u64), Vec<Step>>,
    overviews: Slot<(Url, u64), Result<Overview>>,
    /// Presses of "Test" and "List": the same address may be asked again.
    presses: u64,
    /// The name under which the address is being kept.
    naming: Option<String>,
    more: bool,
    with_bodies: bool,
    /// Whether the dialog was drawn in the last frame.
    open: bool,
}

impl Connect {
    #[must_use]
    pub fn new(waker: &Waker) -> Self {
        Self {
            form: Form::default(),
            places: Places::default(),
            tests: Slot::new("test connection", waker.clone()),
            overviews: Slot::new("list topics", waker.clone()),
            presses: 0,
            naming: None,
            more: false,
            with_bodies: false,
            open: false,
        }
    }

    /// Not drawn in this frame: what is still being asked is nobody's interest any more.
    pub fn close(&mut self) {
        if std::mem::take(&mut self.open) {
            self.tests.clear();
            self.overviews.clear();
            self.naming = None;
            self.form.password.clear();
            self.form.bodies.password.clear();
        }
    }

    pub fn draw(&mut self, ctx: &Context, theme: &Theme, state: &State, has_log: bool, out: &mut Vec<Command>) {
        let first = !std::mem::replace(&mut self.open, true);
        if let (true, Some(url)) = (first, &state.connect_to) {
            self.form = Form::of(url);
        }
        let frame = Frame::new().fill(theme.raised).stroke(Stroke::new(1.0, theme.outline)).corner_radius(8);
        let id = Id::unique("connect");
        let screen = ctx.content_rect();
        // Its upper edge stays where it is, so that nothing moves under the pointer when fields come and go.
        let top = (screen.height() * 0.06).round();
        let area = Modal::default_area(id).anchor(Align2::CENTER_TOP, vec2(0.0, top));
        let modal = Modal::new(id).area(area).backdrop_color(theme.veil).frame(frame.inner_margin(20));
        let shown = modal.show(ctx, |ui| {
            ui.set_width((screen.width() - 96.0).min(720.0));
            let most = (screen.height() - 2.0 * top - AROUND).max(160.0);
            self.contents(ui, theme, state, most, out);
            self.buttons(ui, theme, state, has_log, first, out)
        });
        if shown.inner || shown.should_close() {
            out.push(ConnectCommand::Hide.into());
        }
    }

    fn test(&mut self, url: Url) {
        self.presses += 1;
        self.tests.ask((url.clone(), self.presses), 0, move |job| match broker::of(&url) {
            Ok(known) => {
                let mut steps = known.test(&url, &job.cancel);
                let registry = Bodies::test_registry(&url.bodies);
                steps.extend(registry.map(|result| Step { name: "schema registry", result }));
                steps
            }
            Err(error) => vec![Step { name: "address", result: Err(error) }],
        });
    }

    fn list(&mut self, url: Url) {
        self.presses += 1;
        self.overviews.ask((url.clone(), self.presses), 0, move |job| broker::of(&url)?.overview(&url, &job.cancel));
    }

    /// Passwords go ahead, so that the addresses can do without.
    fn open(&self, urls: &[Url], add: bool, out: &mut Vec<Command>) {
        let Some(first) = urls.first() else { return };
        if let Some(password) = first.password.clone() {
            let keep = self.form.keep_password;
            out.push(ConnectCommand::Password { login: first.login(), password, keep }.into());
        }
        if let (Some(password), Some(login)) = (first.bodies.registry_password.clone(), first.bodies.registry_login()) {
            let keep = self.form.keep_password;
            out.push(ConnectCommand::Password { login, password, keep }.into());
        }
        let paths = urls.iter().map(Url::to_string).collect();
        out.push(if add { OpenCommand::Add(paths) } else { OpenCommand::Paths(paths) }.into());
        out.push(ConnectCommand::Hide.into());
    }
}

/// A label at the left of a field.
fn label(ui: &mut egui::Ui, theme: &Theme, text: &str) {
    ui.label(egui::RichText::new(text).color(theme.muted));
}
