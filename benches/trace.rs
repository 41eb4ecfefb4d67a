//! What following chains costs: the lookup of one in a large log, the layout and the frames of a long
//! one, and all chains, the service map and the rules beside opening the log.
//!
//! `cargo bench --bench trace -- [LOG [EVENTS]]`: the log is generated where it is missing (3 M events,
//! 1 GB). `--quick` takes 20,000 events and a chain of 1,000. Times are the best of a few runs.

#[path = "common/timing.rs"]
mod timing;
#[expect(dead_code, reason = "other benches move through time and filter")]
#[path = "common/window.rs"]
mod window;

use std::hint::black_box;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use egui::{Event, pos2, vec2};
use eventglass::analysis::flows::{Flows, ServiceMap, layout, survey};
use eventglass::analysis::lints::{self, Config, Context};
use eventglass::analysis::trace::{Folding, Graph, Sequence, Start, Trace, describe, trace};
use eventglass::base::cancel::Cancel;
use eventglass::input::ingest::Log;
use eventglass::input::open::{OpenOptions, open};
use eventglass::input::sources::address::Address;
use eventglass::model::ids::{CorrelationIx, EventIx};
use eventglass::store::snapshot::Snapshot;
use eventglass::store::testing::{Builder, TestEvent};
use timing::best;
use window::{FRAMES, Window, millis, wheel};

const RUNS: usize = 5;
/// The chain of which a lookup is measured.
const TWELVE: u32 = 12;

fn main() {
    let quick = std::env::args().any(|arg| arg == "--quick" || arg == "--test");
    let mut args = std::env::args().skip(1).filter(|arg| !arg.starts_with("--"));
    let (name, events) =
        if quick { ("eventglass-bench-20k.ndjson", 20_000) } else { ("eventglass-bench-3m.ndjson", 3_000_000) };
    let path = args.next().map_or_else(|| std::env::temp_dir().join(name), PathBuf::from);
    let events = args.next().and_then(|n| n.parse().ok()).unwrap_or(events);
    if !path.exists() {
        eventglass::cli::generate::generate(events, 1, &path).expect("the log can be written");
    }
    all_chains(path);
    one_long_chain(if quick { 1_000 } else { 10_000 });
}

fn all_chains(path: PathBuf) {
    let began = Instant::now();
    let log = Log::new();
    let address = Address::File { path, table: None };
    log.add(open(&address, &OpenOptions::default()).expect("the log can be opened")).expect("the log can be read");
    log.wait();
    let opening = began.elapsed();
    log.wait_valid();
    let log = log.snapshot();
    println!("{} events, opened in {:.1} ms", log.len(), millis(opening));
    let beside = |took: Duration| println!("    {:.2}× opening", took.as_secs_f64() / opening.as_secs_f64());
    let cancel = Cancel::new();
    let mut flows = Flows::default();
    let took = measure("all chains and the map", 2, || {
        flows = survey(&log, &cancel, &|_, _| ()).expect("nobody cancels");
        black_box(layout(&ServiceMap::of(&log, &flows)));
    });
    beside(took);
    println!("    {} chains, {} ways", flows.chains.len(), flows.variants.len());
    lookup(&log, &flows);
    let config = Config::default();
    let took = measure("all rules", 1, || {
        let findings = lints::run(&Context::new(&log, &config, None, &cancel), &[]).expect("nobody cancels");
        black_box(findings);
    });
    beside(took);
}

/// The chain of twelve events that lies nearest to the middle of the log.
fn lookup(log: &Arc<Snapshot>, flows: &Flows) {
    let size = flows.chains.iter().map(|chain| chain.events).filter(|events| *events <= TWELVE).max().unwrap_or(0);
    let chains: Vec<CorrelationIx> =
        flows.chains.iter().filter(|chain| chain.events == size).filter_map(|chain| chain.correlation).collect();
    let Some(&correlation) = chains.get(chains.len() / 2) else { return };
    let many = 1_000;
    let took = measure(&format!("events of a chain of {size}, 1,000 times"), RUNS, || {
        for _ in 0..many {
            black_box(log.correlation_events(black_box(correlation)).collect::<Vec<EventIx>>());
        }
    });
    println!("    {:.2} µs each", took.as_secs_f64() * 1e6 / f64::from(many));
    let cancel = Cancel::new();
    let start = Start::Correlation(correlation);
    measure("    followed, with its causes", RUNS, || drop(black_box(trace(log, &start, &cancel))));
    let Some(Trace::Chain(chain)) = trace(log, &start, &cancel) else { return };
    measure("    described and laid out", RUNS, || drop(black_box((describe(log, &chain), Graph::of(&chain)))));
}

/// A chain over twenty services whose events have one cause nearby, some another one far back.
fn long(events: usize) -> Arc<Snapshot> {
    let mut builder = Builder::new();
    for at in 0..events {
        let near = at.checked_sub(1 + at * 7919 % 40);
        let far = at.checked_sub(at / 2 + 1).filter(|_| at % 50 == 0);
        builder.push(TestEvent {
            time: Some(1_771_237_800_000_000_000 + at as i64 * 3_700_000),
            type_name: format!("Step{}", at % 37),
            service: format!("service-{}", at * 31 % 20),
            id: format!("e{at}"),
            entities: vec![format!("order:{}", at % 100)],
            correlations: vec!["c".to_owned()],
            causes: near.into_iter().chain(far).map(|cause| format!("e{cause}")).collect(),
            ..TestEvent::default()
        });
    }
    builder.build()
}

fn one_long_chain(events: usize) {
    let log = long(events);
    let (start, cancel) = (Start::Event(EventIx(events as u64 / 2)), Cancel::new());
    println!("a chain of {events} events");
    measure("followed", RUNS, || drop(black_box(trace(&log, &start, &cancel))));
    let Some(Trace::Chain(chain)) = trace(&log, &start, &cancel) else { unreachable!("it is a chain") };
    measure("its records read", RUNS, || drop(black_box(describe(&log, &chain))));
    let described = describe(&log, &chain);
    measure("laid out as a graph", RUNS, || drop(black_box(Graph::of(&chain))));
    let graph = Graph::of(&chain);
    println!("    {} columns, {} rows, {} arrows straight", graph.columns, graph.rows, graph.straight);
    measure("laid out as a sequence", RUNS, || drop(black_box(Sequence::of(&described, &Folding::default()))));

    let whole = ((0.0, 0.0), (1440.0, 900.0));
    let mut window = Window::new(log, |entry| (entry.id == "chain").then_some(whole));
    window.settle();
    // The buttons of the four views.
    for (view, x) in [("list", 26.0), ("waterfall", 89.0), ("graph", 158.0), ("sequence", 232.0)] {
        window.click(pos2(x, 15.0));
        window.settle();
        window.pointer = pos2(700.0, 500.0);
        window.play(&format!("{view}: idle"), |_| Vec::new());
        window
            .play(&format!("{view}: scroll"), |frame| wheel(vec2(0.0, if frame < FRAMES / 2 { -90.0 } else { 90.0 })));
        window.play(&format!("{view}: zoom"), |frame| {
            vec![Event::Zoom(if frame < FRAMES / 2 { 0.97 } else { 1.0 / 0.97 })]
        });
    }
}

fn measure(name: &str, runs: usize, run: impl FnMut()) -> Duration {
    let best = best(runs, run);
    println!("{name:<42}{:>9.2} ms", millis(best));
    best
}
