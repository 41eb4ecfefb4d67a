//! The window itself: eframe, the tiles, the header, dialogs, keys; carries out what panels ask for.

mod connect;
mod dialog;
mod effects;
mod files;
mod header;
mod keys;
mod keys_sheet;
mod layout;
mod notices;
mod palette;
mod save_session;
mod start;
mod status;
mod troubles;
mod window;

#[cfg(test)]
mod tests;

use eframe::egui::ViewportBuilder;

use crate::app::session::How;
use crate::app::settings::Settings;
use crate::model::error::{Error, Place, Result};
use window::{Start, Window};

/// Smallest window in which everything still has its place.
const SMALLEST: [f32; 2] = [720.0, 480.0];
const USUAL: (f32, f32) = (1440.0, 900.0);

/// Opens the window and returns when it is closed. `paths` are opened at once; without any there is
/// the start page.
///
/// # Errors
/// When there is no display, or none that can be drawn on.
pub fn run(paths: Vec<String>, how: How) -> Result<()> {
    let settings_path = Settings::path();
    let (settings, settings_error) = settings_path.as_deref().map(Settings::load).unwrap_or_default();
    let (width, height) = settings.window.unwrap_or(USUAL);
    let mut viewport = ViewportBuilder::default()
        .with_app_id("eventglass")
        .with_title("eventglass")
        .with_inner_size([width, height])
        .with_min_inner_size(SMALLEST)
        .with_drag_and_drop(true);
    if let Ok(icon) = eframe::icon_data::from_png_bytes(include_bytes!("../../../assets/icon.png")) {
        viewport = viewport.with_icon(icon);
    }
    let options = eframe::NativeOptions { viewport, ..Default::default() };
    let start = Start { paths, how, settings, settings_path, settings_error };
    let make: eframe::AppCreator<'_> = Box::new(move |cc| Ok(Box::new(Window::new(&cc.egui_ctx, start))));
    eframe::run_native("eventglass", options, make).map_err(|cause| no_window(&cause))
}

fn no_window(cause: &eframe::Error) -> Error {
    let next = "Without a display the command line shows the same: eventglass info FILE, eventglass events FILE";
    Error::new("The window could not be opened", Place::Nowhere, next).because(cause)
}
