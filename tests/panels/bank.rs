//! A bank account for the panels of time travel: a life of twelve events, one of which can't be folded.

use std::sync::Arc;

use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::app::command::TravelCommand;
use eventglass::app::{State, update};
use eventglass::model::ids::EntityIx;
use eventglass::store::snapshot::Snapshot;
use eventglass::store::testing::{Builder, TestEvent};

use crate::harness::World;

const RULES: &str = "start balance = 0
on AccountOpened
  balance = initialBalance
  owner = owner
  limits = limits
on MoneyDeposited
  balance += amount
  entries append .
on MoneyWithdrawn
  balance -= amount
  entries append .
on LimitChanged
  limits.daily = daily
";

pub fn bank() -> Arc<Snapshot> {
    let mut builder = Builder::new();
    let opened = r#"{"initialBalance":1200,"owner":"Chika Obi","limits":{"daily":500,"monthly":4000}}"#;
    let events = [
        ("AccountOpened", opened.to_owned()),
        ("MoneyWithdrawn", r#"{"amount":45,"note":"groceries"}"#.to_owned()),
        ("MoneyDeposited", r#"{"amount":250.50}"#.to_owned()),
        ("MoneyWithdrawn", r#"{"amount":75}"#.to_owned()),
        ("MoneyWithdrawn", r#"{"amount":1400.00}"#.to_owned()),
        ("LimitChanged", r#"{"daily":250}"#.to_owned()),
        ("MoneyDeposited", r#"{"note":"no amount"}"#.to_owned()),
        ("MoneyDeposited", r#"{"amount":300}"#.to_owned()),
        ("MoneyWithdrawn", r#"{"amount":20}"#.to_owned()),
        ("MoneyDeposited", r#"{"amount":1000}"#.to_owned()),
        ("MoneyWithdrawn", r#"{"amount":12.34}"#.to_owned()),
        ("MoneyDeposited", r#"{"amount":5}"#.to_owned()),
    ];
    for (i, (type_name, data)) in (0..).zip(events) {
        builder.push(TestEvent {
            time: Some(1_771_237_800_000_000_000 + i64::from(i) * i64::from(i) * 1_234_567_890_123),
            type_name: type_name.to_owned(),
            service: "bank".to_owned(),
            id: format!("evt-{i:04}"),
            version: Some(i + 1),
            entities: vec!["account:account-125".to_owned()],
            data,
            ..TestEvent::default()
        });
    }
    builder.build()
}

/// The account in focus, at a step.
pub fn at_step(panel: &str, step: u32) -> World {
    let mut world = World::new(panel, bank());
    let rules = ReducerSource { kind: ReducerKind::Rules, text: RULES.into() };
    world.state.travel.reducers.insert("account".to_owned(), rules);
    focus(&mut world, step);
    world
}

/// Selects the account and goes to a step.
pub fn focus(world: &mut World, step: u32) {
    world.state.selection.entity = Some(EntityIx(0));
    while world.state.history().is_none() {
        world.jobs.refresh(&world.snapshot, &mut world.state);
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    go(&mut world.state, &world.snapshot, step);
}

fn go(state: &mut State, log: &Snapshot, step: u32) {
    update(state, TravelCommand::Step(step).into(), log, &mut Vec::new());
}
