//! Arguments → command line or window.

use std::process::ExitCode;

use clap::Parser as _;
use eventglass::app::demo::{Demo, GREETING};
use eventglass::app::session::How;
use eventglass::cli::args::{Command, Typed};
use eventglass::cli::{self, Exit};
use eventglass::gui::shell;

fn main() -> ExitCode {
    // A reducer's child is this program too; it must not get as far as a window.
    if eventglass::sandbox::ran_as_child() {
        return ExitCode::SUCCESS;
    }
    let typed = Typed::parse();
    // Lives until the window closes.
    let demo = match &typed.command {
        Some(Command::Demo) => match Demo::start() {
            Ok(demo) => Some(demo),
            Err(error) => return cli::failed(&error, Exit::Unreadable),
        },
        Some(command) => return cli::run(command, &typed.common).into(),
        None => None,
    };
    let mapping = match typed.common.mapping.as_deref().map(cli::read_mapping).transpose() {
        Ok(mapping) => mapping,
        Err(error) => return cli::failed(&error, Exit::WrongUsage),
    };
    let bodies = match typed.common.bodies() {
        Ok(bodies) => bodies,
        Err(error) => return cli::failed(&error, Exit::WrongUsage),
    };
    let mut how = How {
        mapping,
        charset: typed.common.encoding,
        bodies,
        no_cache: typed.common.no_cache,
        max_unpacked: typed.common.max_unpacked,
        ..How::default()
    };
    how.greeting = demo.as_ref().map(|_| GREETING);
    let sources = demo.as_ref().map_or(typed.sources, |demo| vec![demo.address()]);
    match shell::run(sources, how) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::failed(&error, Exit::Unreadable),
    }
}
