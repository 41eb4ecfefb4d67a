//! The fuzzers' entry points with damaged sample logs, some seconds each (`FUZZ_SECONDS`, 2 unless
//! said otherwise). Inputs that once broke something lie in `fuzz/corpus` and are tried first.
//!
//! An input that fails is written to `fuzz/artifacts`; its path is in the message.

#[path = "../../fuzz/entries.rs"]
mod entries;
mod mutate;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entries::{ENTRIES, Entry};
use mutate::Mutator;

/// Longer logs only make rounds slower.
const LONGEST_SEED: u64 = 48 << 10;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_below(&path));
        } else if entry.metadata().is_ok_and(|metadata| metadata.len() <= LONGEST_SEED) {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn try_one(name: &str, entry: Entry, input: &[u8]) {
    if catch_unwind(AssertUnwindSafe(|| entry(input))).is_ok() {
        return;
    }
    let folder = root().join("fuzz/artifacts");
    let path = folder.join(format!("{name}-{:016x}", eventglass::base::hash::hash64(input)));
    let kept = std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&path, input));
    panic!("{name} fails on {} ({} bytes, written: {})", path.display(), input.len(), kept.is_ok());
}

fn fuzz(name: &str, seeds: &[Vec<u8>]) {
    let (_, entry) = *ENTRIES.iter().find(|(known, _)| *known == name).expect("it is in the list");
    for path in files_below(&root().join("fuzz/corpus").join(name)) {
        try_one(name, entry, &std::fs::read(path).expect("it can be read"));
    }
    for seed in seeds {
        try_one(name, entry, seed);
    }
    let seconds = std::env::var("FUZZ_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(2);
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut mutator = Mutator::new(name);
    while Instant::now() < end {
        try_one(name, entry, &mutator.next(seeds));
    }
}

fn logs() -> Vec<Vec<u8>> {
    let mut paths = files_below(&root().join("sample-data"));
    paths.extend(files_below(&root().join("tests/data")));
    assert!(paths.len() > 5, "sample logs are there");
    paths.into_iter().map(|path| std::fs::read(path).expect("it can be read")).collect()
}

fn texts(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

#[test]
fn records() {
    fuzz("records", &logs());
}

#[test]
fn files() {
    fuzz("files", &logs());
}

#[test]
fn times() {
    let seeds = [
        "2026-02-16T10:30:00.123456789+01:00",
        "2016-12-31T23:59:60Z",
        "16/Feb/2026:10:30:00 +0000",
        "Mon, 16 Feb 2026 10:30:00 GMT",
        "20240102T030405Z",
        "1588206894.130204",
        "637900000000000000",
        "9999-12-31T23:59:59Z",
        "2026-04-29 22:06:16:406166 Z",
    ];
    fuzz("times", &texts(&seeds));
}

#[test]
fn filter() {
    let seeds = [
        "type:Order* (service:orders or service:payments) not data.total<=50 time>=2026-02-16T10:00Z \"refund\"",
        "entity:order:456 version>=3 is:undecodable /a+b/ data.items[0].sku=\"x y\"",
        "kind:order source:file correlation:c cause:e id:\"quoted \\\" id\"",
    ];
    fuzz("filter", &texts(&seeds));
}

#[test]
fn mapping() {
    let seed = r#"{"envelope":"custom","type":["/type"],"id":["{/a}#{/b}"],"time":[{"field":"/t","unit":"millis"}],
        "entities":[{"kind":"{/k}","id":"/data/*/id","stream":true}],"correlation":["/c"],"data":["/data/{}/x"]}"#;
    fuzz("mapping", &texts(&[seed]));
}

#[test]
fn rules() {
    let own = r#"start a."b c" = [1, {x: null}]
on A, "b c", C* when not (a.b[0] >= -1 or c = "x") and event.version
  .on[sku = item.sku].x = (a + b) * 2 - number(c) or plain(.) # why
  delete items[-1]
  . remove name
  replace .[id = state.id] or .[0]"#;
    fuzz("rules", &texts(&[eventglass::analysis::state::reducers::rules::reference(), own]));
}

#[test]
fn messages() {
    let sample = std::fs::read(root().join("sample-data/dead-letters.ndjson")).expect("it can be read");
    fuzz("messages", &sample.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>());
}

#[test]
fn bodies() {
    #[derive(serde::Deserialize)]
    struct Golden {
        bytes: String,
        files: std::collections::BTreeMap<String, String>,
    }
    let text = std::fs::read(root().join("tests/data/bodies/golden.json")).expect("it can be read");
    let golden: Vec<Golden> = serde_json::from_slice(&text).expect("it is ours");
    let mut seeds = Vec::new();
    for Golden { bytes, files } in golden {
        let body = STANDARD.decode(bytes).expect("base64");
        for (name, schema) in &files {
            let kind = [".avsc", ".proto", ".desc"].iter().position(|ending| name.ends_with(ending)).unwrap_or(0);
            let schema = match schema.strip_prefix("base64:") {
                Some(text) => STANDARD.decode(text).expect("base64"),
                None => schema.clone().into_bytes(),
            };
            seeds.push([&[kind as u8][..], &schema, &[0, 0], &body].concat());
        }
        seeds.push(body);
    }
    fuzz("bodies", &seeds);
}
