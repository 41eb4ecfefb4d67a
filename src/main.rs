//! Arguments → command line or window.

use std::process::ExitCode;

use clap::Parser as _;
use eventglass::app::session::How;
use eventglass::cli::{self, Exit, args::Typed};
use eventglass::gui::shell;
use eventglass::input::decoders::mapping_file;
use eventglass::model::error::{Error, Place, Result};

fn main() -> ExitCode {
    let typed = Typed::parse();
    if let Some(command) = typed.command {
        return cli::run(&command, &typed.common).into();
    }
    let mapping = match typed.common.mapping.as_deref().map(read_mapping).transpose() {
        Ok(mapping) => mapping,
        Err(error) => return told(&error, Exit::WrongUsage),
    };
    let how = How { mapping, no_cache: typed.common.no_cache, ..How::default() };
    match shell::run(typed.sources, how) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => told(&error, Exit::Unreadable),
    }
}

fn read_mapping(path: &str) -> Result<eventglass::model::mapping::Mapping> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        let place = Place::File { path: path.to_owned(), offset: None };
        Error::new("The mapping file cannot be read", place, "Check the name given with --mapping").because(cause)
    })?;
    mapping_file::parse(&text, path)
}

/// On stderr: what happened, why, what to do.
fn told(error: &Error, exit: Exit) -> ExitCode {
    eprintln!("error: {error}");
    if !error.details.is_empty() {
        eprintln!("  {}", error.details);
    }
    eprintln!("  {}", error.next_step);
    exit.into()
}
