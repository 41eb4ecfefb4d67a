//! The program from outside: arguments in, standard output, standard error and exit code out.
//! Each test has a folder of its own for its files and for the program's cache.

mod answers;
mod chains;
mod damage;
mod dead_letters;
mod dumps;
mod flows;
mod generated;
mod large;
mod lint;
mod parts;
mod questions;
mod read_models;
mod requeue;
mod sources;
mod sql;
mod state;
mod usage;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

/// A place to run in.
pub struct Bench {
    folder: tempfile::TempDir,
}

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Bench {
    #[expect(clippy::new_without_default, reason = "it makes a folder")]
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("temporary folders can be made") }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("it lies in the folder")).expect("folders can be made");
        std::fs::write(&path, bytes).expect("files can be written");
        path
    }

    pub fn command<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_eventglass"));
        let home = self.folder.path().join("home");
        command.args(args).current_dir(self.folder.path()).stdin(Stdio::null());
        for home_name in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"] {
            command.env(home_name, &home);
        }
        command
    }

    pub fn run<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Ran {
        ran(self.command(args))
    }

    /// With bytes on standard input.
    pub fn run_with<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>, input: &[u8]) -> Ran {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program starts");
        let mut stdin = child.stdin.take().expect("it was asked for");
        let input = input.to_vec();
        let writer = std::thread::Builder::new()
            .name("stdin".to_owned())
            .spawn(move || stdin.write_all(&input))
            .expect("threads can be started");
        let output = child.wait_with_output().expect("the program ends");
        let _it_may_not_want_all = writer.join();
        Ran::of(output)
    }

    /// `info --format json` on these sources, which all must be readable.
    pub fn info<S: AsRef<OsStr>>(&self, sources: impl IntoIterator<Item = S>) -> Value {
        let mut args: Vec<std::ffi::OsString> = vec!["info".into(), "--format".into(), "json".into()];
        args.extend(sources.into_iter().map(|source| source.as_ref().to_owned()));
        let ran = self.run(&args);
        assert_eq!(ran.code, 0, "{ran:?}");
        serde_json::from_str(&ran.out).expect("info prints one JSON object")
    }

    /// The objects that a command prints one a line.
    pub fn lines<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> Vec<Value> {
        let ran = self.run(args);
        assert_eq!(ran.code, 0, "{ran:?}");
        ran.out.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    }
}

impl Ran {
    fn of(output: std::process::Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

fn ran(mut command: Command) -> Ran {
    Ran::of(command.output().expect("the program starts"))
}

/// A file of `sample-data`.
pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-data").join(name)
}

pub fn sample_bytes(name: &str) -> Vec<u8> {
    std::fs::read(sample(name)).expect("sample data are there")
}

/// The count of one kind of entity, type or service in an `info`.
pub fn counted<'a>(info: &'a Value, list: &str, name_key: &str, name: &str) -> &'a Value {
    let list = info[list].as_array().expect("it is a list");
    list.iter().find(|entry| entry[name_key] == name).unwrap_or(&Value::Null)
}
