//! Arguments → command line or window.

use std::process::ExitCode;

use clap::Parser as _;
use eventglass::app::session::How;
use eventglass::cli::{self, Exit, args::Typed};
use eventglass::gui::shell;

fn main() -> ExitCode {
    // A reducer's child is this program too; it must not get as far as a window.
    if eventglass::sandbox::ran_as_child() {
        return ExitCode::SUCCESS;
    }
    let typed = Typed::parse();
    if let Some(command) = typed.command {
        return cli::run(&command, &typed.common).into();
    }
    let mapping = match typed.common.mapping.as_deref().map(cli::read_mapping).transpose() {
        Ok(mapping) => mapping,
        Err(error) => return cli::failed(&error, Exit::WrongUsage),
    };
    let how =
        How { mapping, no_cache: typed.common.no_cache, max_unpacked: typed.common.max_unpacked, ..How::default() };
    match shell::run(typed.sources, how) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => cli::failed(&error, Exit::Unreadable),
    }
}
