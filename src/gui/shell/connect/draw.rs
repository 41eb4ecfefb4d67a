//! The form and the buttons.

use eframe::egui::{Align, Button, ComboBox, Grid, Layout, RichText, ScrollArea, TextEdit, Ui, Widget as _, vec2};

use super::form::{MECHANISMS, System, Window};
use super::{Connect, label};
use crate::app::Command;
use crate::app::command::{ConnectCommand, WindowCommand};
use crate::app::settings::Connection;
use crate::app::state::State;
use crate::gui::theme::Mark;
use crate::gui::theme::{self, BODY, GRID, SMALL, Theme};
use crate::gui::widgets::chip;
use crate::gui::widgets::parts;
use crate::input::sources::broker::Url;
use crate::model::error::Error;

/// Of the names of steps: `schema registry`.
const STEP_WIDTH: f32 = 112.0;

impl Connect {
    pub(super) fn contents(&mut self, ui: &mut Ui, theme: &Theme, state: &State, most: f32, out: &mut Vec<Command>) {
        ui.horizontal(|ui| {
            parts::heading(ui, "Connect to a broker");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| self.saved(ui, theme, state, out));
        });
        ui.add_space(GRID * 2.0);
        ScrollArea::vertical().max_height(most).show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(GRID * 2.0, GRID * 2.0);
            self.system(ui);
            // Wide enough for all labels, so that the fields of all systems stand in one place.
            let grid = Grid::new("connection").num_columns(2).min_col_width(72.0);
            grid.spacing(vec2(GRID * 4.0, GRID * 2.0)).show(ui, |ui| {
                self.server_fields(ui, theme);
                self.login_fields(ui, theme);
                let places = match self.form.system {
                    System::Kafka => "Topics",
                    System::RabbitMq | System::Sqs => "Queues",
                    System::Redis | System::Kurrent => "Streams",
                    System::Postgres => "Tables",
                };
                label(ui, theme, places);
                self.places_field(ui);
                ui.end_row();
                label(ui, theme, "Messages");
                self.window_fields(ui, theme);
                ui.end_row();
            });
            self.listed(ui, theme);
            self.settings(ui, theme);
            self.steps(ui, theme);
        });
    }

    fn system(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GRID;
            for &system in System::ALL {
                let chosen = self.form.system == system;
                if ui.add(Button::selectable(chosen, system.label())).clicked() && !chosen {
                    self.form.system = system;
                    if !Window::of(system).iter().any(|(window, _)| *window == self.form.window) {
                        self.form.window = Window::default();
                    }
                    self.tests.clear();
                    self.overviews.clear();
                }
            }
        });
    }

    fn server_fields(&mut self, ui: &mut Ui, theme: &Theme) {
        let kafka = self.form.system == System::Kafka;
        let aws = self.form.system == System::Sqs;
        let name = if aws { "Region" } else { "Hosts" };
        let several = kafka || aws || self.form.system == System::Kurrent;
        label(ui, theme, if several { name } else { "Host" });
        ui.horizontal(|ui| {
            let hint = self.form.system.usual_host();
            field(&mut self.form.hosts, 360.0).hint_text(hint).ui(ui).accessible_name(name);
            if !aws {
                ui.checkbox(&mut self.form.tls, "TLS").on_hover_text("Encrypted; the server's certificate is verified");
            }
        });
        ui.end_row();
        let own = match self.form.system {
            System::Kafka | System::Kurrent => None,
            System::RabbitMq => Some(("Virtual host", &mut self.form.vhost)),
            System::Redis | System::Postgres => Some(("Database", &mut self.form.database)),
            System::Sqs => Some(("Profile", &mut self.form.profile)),
        };
        if let Some((name, text)) = own {
            label(ui, theme, name);
            let hint = match self.form.system {
                System::Sqs => "default",
                System::Redis => "0",
                System::Postgres => "named like the user",
                _ => "",
            };
            field(text, 160.0).hint_text(hint).ui(ui).accessible_name(name);
            ui.end_row();
        }
    }

    fn login_fields(&mut self, ui: &mut Ui, theme: &Theme) {
        if self.form.system == System::Sqs {
            label(ui, theme, "Login");
            let words = "As for the AWS command line: environment, profile, single sign-on or role";
            ui.label(RichText::new(words).font(theme::sans(SMALL)).color(theme.muted));
            ui.end_row();
            return;
        }
        label(ui, theme, "User");
        ui.horizontal(|ui| {
            let hint = match self.form.system {
                System::RabbitMq => "guest",
                System::Postgres => "postgres",
                _ => "none",
            };
            field(&mut self.form.user, 160.0).hint_text(hint).ui(ui).accessible_name("User");
            if self.form.system == System::Kafka && !self.form.user.trim().is_empty() {
                let chosen = MECHANISMS.get(self.form.mechanism).copied().unwrap_or_default();
                ComboBox::from_id_salt("mechanism").selected_text(chosen).width(160.0).show_ui(ui, |ui| {
                    for (at, name) in MECHANISMS.iter().enumerate() {
                        ui.selectable_value(&mut self.form.mechanism, at, *name);
                    }
                });
            }
        });
        ui.end_row();
        let has_user = !self.form.user.trim().is_empty();
        if !has_user && self.form.system != System::Redis {
            return;
        }
        label(ui, theme, "Password");
        ui.horizontal(|ui| {
            let edit = field(&mut self.form.password, 160.0).password(true);
            edit.hint_text(if has_user { "as kept, or none" } else { "none" }).ui(ui).accessible_name("Password");
            if !has_user {
                return;
            }
            ui.checkbox(&mut self.form.keep_password, "Keep in the key store")
                .on_hover_text("The system's own; else it is held until eventglass is closed, and never written");
        });
        ui.end_row();
    }

    fn places_field(&mut self, ui: &mut Ui) {
        let (one, many) = self.form.system.places();
        ui.horizontal(|ui| {
            let hint = match self.form.system {
                System::Kurrent => format!("Name of a {one}; several with commas, none for $all"),
                System::Postgres => format!("Name of a {one}; several with commas, none for known stores"),
                _ => format!("Name of a {one}; several with commas"),
            };
            field(&mut self.form.places, 360.0).hint_text(hint).ui(ui).accessible_name("Names");
            let busy = self.overviews.busy();
            let text = if busy { "Listing…".to_owned() } else { format!("List {many}") };
            let server = self.form.server();
            let button = ui.add_enabled(!busy && server.is_ok(), Button::new(text));
            if let (true, Ok(url)) = (button.clicked(), server) {
                self.list(url);
            }
        });
    }

    fn window_fields(&mut self, ui: &mut Ui, theme: &Theme) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GRID;
            for (window, text) in Window::of(self.form.system) {
                if ui.add(Button::selectable(self.form.window == *window, *text)).clicked() {
                    self.form.window = *window;
                }
            }
            ui.add_space(GRID);
            match self.form.window {
                Window::Some => {
                    field(&mut self.form.newest, 72.0).ui(ui).accessible_name("How many messages");
                    let what = match self.form.system {
                        System::Kafka => "of each partition",
                        System::RabbitMq | System::Sqs => "of each queue",
                        System::Redis | System::Kurrent => "of each stream",
                        System::Postgres => "of each table",
                    };
                    ui.label(RichText::new(what).color(theme.muted));
                }
                Window::From => {
                    let edit = field(&mut self.form.from, 200.0);
                    edit.hint_text("2026-02-16T10:00Z or 2h").ui(ui).accessible_name("From which time");
                }
                Window::All | Window::Live | Window::Pending => {}
            }
        });
        if self.form.system == System::Sqs {
            ui.end_row();
            label(ui, theme, "");
            let words = "Looking counts as a receive and hides messages from consumers until they are given back";
            ui.label(RichText::new(words).font(theme::sans(SMALL)).color(theme.muted));
        }
        if self.form.system == System::Postgres {
            ui.end_row();
            label(ui, theme, "Only");
            self.stream_fields(ui, theme);
        }
        if self.form.window == Window::Pending {
            ui.end_row();
            label(ui, theme, "");
            self.pending_fields(ui, theme);
        }
    }

    /// Which streams of a store are read.
    fn stream_fields(&mut self, ui: &mut Ui, theme: &Theme) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GRID * 2.0;
            let word = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).color(theme.muted));
            word(ui, "the stream");
            field(&mut self.form.stream, 160.0).hint_text("all").ui(ui).accessible_name("Stream");
            word(ui, "the category");
            let hint =
                "Streams named alike (account-1, account-2), or aggregates of one type, where the store has them";
            let edit = field(&mut self.form.category, 120.0).hint_text("all").ui(ui).on_hover_text(hint);
            edit.accessible_name("Category");
        });
    }

    /// The rule by which an entry counts as stuck.
    fn pending_fields(&mut self, ui: &mut Ui, theme: &Theme) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GRID * 2.0;
            let word = |ui: &mut Ui, text: &str| ui.label(RichText::new(text).color(theme.muted));
            word(ui, "Group");
            field(&mut self.form.group, 120.0).hint_text("* for all").ui(ui).accessible_name("Group");
            if self.form.system == System::Kurrent {
                word(ui, "of these streams, or of all");
                return;
            }
            word(ui, "idle for");
            field(&mut self.form.idle, 48.0).ui(ui).accessible_name("Idle for");
            word(ui, "or longer, delivered");
            field(&mut self.form.deliveries, 32.0).ui(ui).accessible_name("Deliveries");
            word(ui, "times or more");
        });
    }

    /// Settings of the client that have no field of their own.
    fn settings(&mut self, ui: &mut Ui, theme: &Theme) {
        let open = self.more || !self.form.properties.is_empty();
        let bodies = self.with_bodies || !self.form.bodies.is_empty();
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = GRID;
            let text = |words: &str| RichText::new(words).font(theme::sans(SMALL)).color(theme.muted);
            let hint = "Avro, Protobuf and others: a schema registry, files of schemas";
            if ui.add(Button::selectable(bodies, text("Bodies"))).on_hover_text(hint).clicked() {
                self.with_bodies = !self.with_bodies;
            }
            if ui.add(Button::selectable(open, text("More settings"))).clicked() {
                self.more = !self.more;
            }
        });
        if bodies {
            self.bodies(ui, theme);
        }
        if !open {
            return;
        }
        let (hint, words) = match self.form.system {
            System::Kafka => (
                "ssl.ca.location=/etc/ssl/ca.pem\n?properties=client.properties",
                "librdkafka's settings, name=value a line; ?properties=FILE takes over a client.properties",
            ),
            System::RabbitMq => (
                "management=15672\nca=/etc/ssl/ca.pem",
                "management=PORT where its API is; ca, certificate, certificate_key for TLS; disturb=yes takes what a look may change",
            ),
            System::Postgres => (
                "schema=message_store\nsslmode=require",
                "schema; after, until (global positions), type; listen=CHANNEL that is notified of new rows, or off; sslmode and sslrootcert as libpq's; timeout=5m for slow answers",
            ),
            System::Kurrent => (
                "type=Opened,Money*\ntlsCAFile=/etc/ssl/ca.pem",
                "type, streams (patterns, in $all), system=yes, links=plain, to; else options of the client's connection strings: nodePreference, tlsVerifyCert, tlsCAFile, userCertFile, userKeyFile, …",
            ),
            System::Redis => (
                "ca=/etc/ssl/ca.pem\ntwo_steps=yes",
                "ca, certificate, certificate_key for TLS; two_steps=yes puts back across a cluster's slots: add first, delete then",
            ),
            System::Sqs => (
                "endpoint=http://localhost:4566\ndisturb=yes",
                "endpoint of another server; account of another owner; hold=1m hides messages longer; disturb=yes looks where a look may move messages on",
            ),
        };
        let edit = TextEdit::multiline(&mut self.form.properties).font(theme::mono(BODY - 1.0)).hint_text(hint);
        ui.add(edit.desired_rows(3).desired_width(f32::INFINITY)).accessible_name("More settings");
        ui.label(RichText::new(words).font(theme::sans(SMALL)).color(theme.faint));
    }

    /// What the last test found, step by step.
    fn steps(&self, ui: &mut Ui, theme: &Theme) {
        if let Some(said) = self.tests.failed() {
            ui.label(RichText::new(said).color(theme.red));
        }
        if self.tests.busy() {
            ui.label(RichText::new("Testing…").color(theme.muted));
            return;
        }
        let Some(answer) = self.tests.answer() else { return };
        for step in &answer.value {
            ui.horizontal_top(|ui| {
                let (rect, _) = ui.allocate_exact_size(vec2(12.0, 16.0), eframe::egui::Sense::hover());
                let (mark, color) =
                    if step.result.is_ok() { (Mark::Circle, theme.muted) } else { (Mark::Cross, theme.red) };
                chip::paint(ui.painter(), rect.center(), 8.0, mark, color);
                ui.allocate_ui(vec2(STEP_WIDTH, 16.0), |ui| {
                    ui.set_width(STEP_WIDTH);
                    ui.label(RichText::new(step.name).font(theme::semibold(BODY)));
                });
                ui.vertical(|ui| {
                    ui.spacing_mut().item_spacing.y = GRID;
                    match &step.result {
                        Ok(found) => {
                            ui.label(RichText::new(found).color(theme.muted));
                        }
                        Err(error) => failure(ui, theme, &error.summary, error),
                    }
                });
            });
        }
    }

    /// Returns whether the dialog is to be closed.
    pub(super) fn buttons(
        &mut self,
        ui: &mut Ui,
        theme: &Theme,
        state: &State,
        has_log: bool,
        first: bool,
        out: &mut Vec<Command>,
    ) -> bool {
        let urls = self.form.urls();
        ui.add_space(GRID * 2.0);
        self.address(ui, theme, urls.as_deref(), out);
        ui.add_space(GRID * 2.0);
        let mut close = false;
        ui.horizontal(|ui| {
            let server = self.form.server();
            let testable = server.is_ok() && !self.tests.busy();
            if let (true, Ok(url)) = (ui.add_enabled(testable, Button::new("Test")).clicked(), server) {
                self.test(url);
            }
            self.keep(ui, state, urls.as_deref().ok(), out);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let (one, many) = self.form.system.places();
                let words = match (self.form.names().count(), self.form.system) {
                    (0, System::Kurrent) => "Open all streams".to_owned(),
                    (0, System::Postgres) => "Open known tables".to_owned(),
                    (0 | 1, _) => format!("Open {one}"),
                    (count, _) => format!("Open {count} {many}"),
                };
                let text = RichText::new(words).font(theme::semibold(BODY)).color(theme.on_accent);
                let button = ui.add_enabled(urls.is_ok(), Button::new(text).fill(theme.accent));
                if first && urls.is_ok() {
                    button.request_focus();
                }
                let add = has_log && ui.add_enabled(urls.is_ok(), Button::new("Add to this log")).clicked();
                if let (true, Ok(urls)) = (button.clicked() || add, &urls) {
                    self.open(urls, add, out);
                }
                close = ui.button("Cancel").clicked();
            });
        });
        close
    }

    /// The address that the fields make, or what is missing.
    fn address(&self, ui: &mut Ui, theme: &Theme, urls: Result<&[Url], &String>, out: &mut Vec<Command>) {
        ui.horizontal(|ui| match urls {
            Ok(urls) => {
                let text = urls.iter().map(Url::to_string).collect::<Vec<_>>().join(" ");
                let copy = ui.add(Button::new("Copy").small()).on_hover_text("The address, for the command line");
                if copy.clicked() {
                    out.push(WindowCommand::Copy(text.clone()).into());
                }
                let shown = RichText::new(text.as_str()).font(theme::mono(BODY - 1.0)).color(theme.muted);
                ui.add(eframe::egui::Label::new(shown).truncate()).on_hover_text(text);
            }
            Err(missing) => {
                ui.label(RichText::new(missing.as_str()).color(theme.muted));
            }
        });
    }

    /// Addresses kept under a name.
    fn saved(&mut self, ui: &mut Ui, theme: &Theme, state: &State, out: &mut Vec<Command>) {
        let known = &state.settings.connections;
        if known.is_empty() {
            return;
        }
        ComboBox::from_id_salt("saved").selected_text("Saved").width(160.0).show_ui(ui, |ui| {
            for connection in known {
                ui.horizontal(|ui| {
                    let chosen = ui.selectable_label(false, &connection.name).on_hover_text(&connection.url);
                    if let (true, Ok(url)) = (chosen.clicked(), Url::parse(&connection.url)) {
                        self.form = super::Form::of(&url);
                    }
                    let forget = format!("Forget {}", connection.name);
                    if parts::icon_button(ui, "×", &forget).clicked() {
                        out.push(ConnectCommand::Forget(connection.name.clone()).into());
                    }
                });
            }
            ui.label(RichText::new("Without their passwords").font(theme::sans(SMALL)).color(theme.faint));
        });
    }

    fn keep(&mut self, ui: &mut Ui, state: &State, urls: Option<&[Url]>, out: &mut Vec<Command>) {
        let Some(url) = urls.and_then(<[Url]>::first) else {
            ui.add_enabled(false, Button::new("Save as…"));
            return;
        };
        let Some(name) = &mut self.naming else {
            if ui.button("Save as…").on_hover_text("Keeps the address under a name, without the password").clicked() {
                self.naming = Some(url.path.last().cloned().unwrap_or_default());
            }
            return;
        };
        let response = TextEdit::singleline(name).desired_width(120.0).ui(ui).accessible_name("Name");
        let enter = response.lost_focus() && ui.input(|input| input.key_pressed(eframe::egui::Key::Enter));
        let replaces = state.settings.connections.iter().any(|known| known.name == name.trim());
        let words = if replaces { "Replace" } else { "Save" };
        if ui.add_enabled(!name.trim().is_empty(), Button::new(words)).clicked() || (enter && !name.trim().is_empty()) {
            let connection = Connection { name: name.trim().to_owned(), url: url.to_string() };
            out.push(ConnectCommand::Save(connection).into());
            self.naming = None;
        }
    }
}

/// What failed, why, and what to do: a line each.
pub(super) fn failure(ui: &mut Ui, theme: &Theme, what: &str, error: &Error) {
    ui.label(RichText::new(what).color(theme.red));
    if !error.details.is_empty() {
        ui.label(RichText::new(&error.details).color(theme.muted));
    }
    if !error.next_step.is_empty() {
        ui.label(RichText::new(&error.next_step).color(theme.text));
    }
}

/// A line of text of one width.
pub(super) fn field(text: &mut String, width: f32) -> TextEdit<'_> {
    TextEdit::singleline(text).font(theme::mono(BODY - 1.0)).desired_width(width)
}
