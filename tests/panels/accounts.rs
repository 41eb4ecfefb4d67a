//! Two accounts with a few events each, for the panels that rebuild states.

use std::sync::Arc;

use eventglass::analysis::state::reducer::{ReducerKind, ReducerSource};
use eventglass::app::Effects;
use eventglass::app::command::{SelectCommand, TravelCommand};
use eventglass::app::{Command, update};
use eventglass::store::snapshot::Snapshot;
use eventglass::store::testing::{Builder, TestEvent};

use crate::harness::World;

/// The article's class, with its `fromEvents` left out.
pub const CLASS: &str = "class Account {\n  constructor() {\n    this.balance = 0;\n    this.events = [];\n  }\n\n  \
    apply(event) {\n    switch (event.type) {\n      case 'AccountOpened':\n        this.balance = \
    event.initialBalance || 0;\n        break;\n      case 'MoneyDeposited':\n        this.balance += event.amount;\n        \
    break;\n      case 'MoneyWithdrawn':\n        this.balance -= event.amount;\n        break;\n    }\n    \
    this.events.push(event);\n  }\n}\n";

pub const RULES: &str = "# an account\nstart balance = 0\non AccountOpened\n  balance = initialBalance or 0\n  owner = \
    owner\non MoneyDeposited\n  balance += amount\non MoneyWithdrawn\n  balance -= amount\n";

/// `account:a` has seven events, `account:b` four.
pub fn bank() -> Arc<Snapshot> {
    let mut builder = Builder::new();
    let start = 1_771_237_800_000_000_000_i64;
    let hour = 3_600_000_000_000_i64;
    let events = [
        ("account-124", "AccountOpened", r#"{"initialBalance":1000,"owner":"Ada Maier"}"#),
        ("account-125", "AccountOpened", r#"{"initialBalance":40,"owner":"Dora Weiss"}"#),
        ("account-124", "MoneyDeposited", r#"{"amount":50}"#),
        ("account-124", "MoneyWithdrawn", r#"{"amount":200,"reason":"rent"}"#),
        ("account-125", "MoneyDeposited", r#"{"amount":20}"#),
        ("account-124", "MoneyDeposited", r#"{"amount":12.50}"#),
        ("account-125", "MoneyWithdrawn", r#"{"amount":15}"#),
        ("account-124", "FeeCharged", r#"{"fee":2}"#),
        ("account-124", "MoneyWithdrawn", r#"{"amount":30}"#),
        ("account-124", "MoneyDeposited", r#"{"amount":500}"#),
        ("account-125", "AccountClosed", "{}"),
    ];
    let mut versions = std::collections::BTreeMap::new();
    for (i, (id, type_name, data)) in events.into_iter().enumerate() {
        let version = versions.entry(id).and_modify(|v| *v += 1).or_insert(1);
        builder.push(TestEvent {
            time: Some(start + i as i64 * hour),
            type_name: type_name.to_owned(),
            id: format!("evt-{:04}", i + 1),
            version: Some(*version),
            entities: vec![format!("account:{id}")],
            data: data.to_owned(),
            ..TestEvent::default()
        });
    }
    builder.build()
}

/// A panel with the first account in focus and rules of a person's own.
pub fn account(panel: &str) -> World {
    let mut world = World::new(panel, bank());
    let entity = world.snapshot.find_entity("account", "account-124").expect("it is there");
    run(&mut world, SelectCommand::Entity(entity));
    let source = ReducerSource { kind: ReducerKind::Rules, text: RULES.into() };
    run(&mut world, TravelCommand::Reducer("account".to_owned(), Some(source)));
    world
}

pub fn run(world: &mut World, command: impl Into<Command>) {
    let log = Arc::clone(&world.snapshot);
    update(&mut world.state, command.into(), &log, &mut Effects::default());
}
