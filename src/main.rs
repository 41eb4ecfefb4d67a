//! Arguments → command line or window.

use std::process::ExitCode;

use clap::Parser as _;
use eventglass::cli::{self, args::Typed};

fn main() -> ExitCode {
    let typed = Typed::parse();
    match typed.command {
        Some(command) => cli::run(&command, &typed.common).into(),
        None => ExitCode::SUCCESS,
    }
}
