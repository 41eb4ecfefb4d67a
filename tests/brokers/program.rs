//! The program from outside.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Longest run of the program.
const PATIENCE: Duration = Duration::from_mins(2);

/// Runs it with a cache and settings of its own.
pub fn run<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Ran {
    run_with(args, &[])
}

/// As [`run`], with variables of the environment.
pub fn run_with<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>, variables: &[(&str, &str)]) -> Ran {
    let home = tempfile::tempdir().expect("temporary folders can be made");
    let mut command = Command::new(env!("CARGO_BIN_EXE_eventglass"));
    command.args(args).current_dir(home.path()).stdin(Stdio::null()).envs(variables.iter().copied());
    for name in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"] {
        command.env(name, home.path());
    }
    let out = tempfile::tempfile().expect("temporary files can be made");
    let err = tempfile::tempfile().expect("temporary files can be made");
    let copy = |file: &std::fs::File| file.try_clone().expect("files can be shared");
    let mut child = command.stdout(copy(&out)).stderr(copy(&err)).spawn().expect("the program starts");
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("it can be waited for") {
            break status;
        }
        if started.elapsed() > PATIENCE {
            let _gone = child.kill();
            panic!("it does not end: {:?} {}", text(&out), text(&err));
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    Ran { code: status.code().unwrap_or(-1), out: text(&out), err: text(&err) }
}

fn text(file: &std::fs::File) -> String {
    use std::io::{Read as _, Seek as _};
    let mut file = file;
    let mut text = String::new();
    file.rewind().expect("it can be read again");
    file.read_to_string(&mut text).expect("it is text");
    text
}

impl Ran {
    /// Its output as one JSON object a line.
    pub fn lines(&self) -> Vec<Value> {
        self.out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
    }
}
