//! What is inferred from small logs, as the text that a person gets.

use std::sync::Arc;

use super::infer;
use crate::analysis::state::event::Input;
use crate::analysis::state::reducer::Keep;
use crate::analysis::state::reducers::rules;
use crate::analysis::state::value::parse;
use crate::base::cancel::Cancel;
use crate::model::ids::KindIx;
use crate::store::testing::{Builder, TestEvent};

/// Events as `entities type payload`: `account:1 MoneyDeposited {"amount":5}`.
fn log(lines: &[&str]) -> Arc<crate::store::snapshot::Snapshot> {
    let mut builder = Builder::new();
    for (time, line) in lines.iter().enumerate() {
        let mut parts = line.splitn(3, ' ');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        builder.push(TestEvent {
            time: i64::try_from(time).ok(),
            entities: next().split(',').map(str::to_owned).collect(),
            type_name: next(),
            data: next(),
            ..TestEvent::default()
        });
    }
    builder.build()
}

/// The rules that were inferred for the first kind, without comments and blank lines.
fn rules_of(lines: &[&str]) -> Vec<String> {
    let inferred = infer(&log(lines), KindIx(0), &Cancel::default());
    let parsed = rules::parse(&inferred.text).unwrap_or_else(|error| panic!("{error:?}\n{}", inferred.text));
    assert_eq!(rules::parse(&parsed.to_string()), Ok(parsed));
    for rule in &inferred.rules {
        let line = inferred.text.lines().nth(rule.line as usize - 1).unwrap_or_default();
        assert!(line.starts_with("on ") && line.contains(&*rules::quoted_type(&rule.event_type)), "{line} {rule:?}");
    }
    let kept = inferred.text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    kept.map(|line| line.trim().to_owned()).collect()
}

/// The state that the inferred rules make of all events of the log.
fn state_of(lines: &[&str]) -> String {
    let text = infer(&log(lines), KindIx(0), &Cancel::default()).text;
    let mut reducer = rules::compile(&text).expect("inferred rules are rules");
    let events: Vec<Input> = lines
        .iter()
        .map(|line| line.splitn(3, ' ').collect::<Vec<_>>())
        .map(|parts| Input {
            type_name: parts[1].into(),
            data: parts.get(2).map(|data| parse(data.as_bytes()).expect("JSON")).unwrap_or_default(),
            ..Input::default()
        })
        .collect();
    let mut state = reducer.initial();
    let done = reducer.fold(&mut state, &events, Keep::Last, &mut |step| assert_eq!(step.error, None, "{text}"));
    assert_eq!(done, Ok(()));
    state.to_string()
}

#[test]
fn the_textbook_account() {
    let lines = [
        "account:1 AccountOpened {\"initialBalance\":1000}",
        "account:1 MoneyWithdrawn {\"amount\":200,\"note\":\"rent\"}",
        "account:1 MoneyDeposited {\"amount\":50}",
        "account:1 AccountClosed",
    ];
    let expected = [
        "start balance = 0",
        "on AccountOpened",
        "balance = initialBalance or 0",
        "status = \"opened\"",
        "on MoneyWithdrawn",
        "balance -= amount",
        "on MoneyDeposited",
        "balance += amount",
        "on AccountClosed",
        "status = \"closed\"",
        "on *",
        "merge . or {}",
    ];
    assert_eq!(rules_of(&lines), expected);
    assert_eq!(state_of(&lines), r#"{"balance":850,"status":"closed"}"#);
}

#[test]
fn sums_that_the_log_states_check_the_arithmetic() {
    let lines = [
        "account:1 Deposited {\"amount\":\"10.50\",\"balanceAfter\":\"10.50\"}",
        "account:1 Deposited {\"amount\":\"1.25\",\"balanceAfter\":\"11.75\"}",
        "account:1 Withdrawn {\"amount\":\"2.00\",\"balanceAfter\":\"9.75\"}",
    ];
    let inferred = infer(&log(&lines), KindIx(0), &Cancel::default());
    assert!(inferred.rules.iter().take(2).all(|rule| rule.confidence > 0.9), "{}", inferred.text);
    assert!(inferred.text.contains("balance -= number(amount)"), "{}", inferred.text);
    assert_eq!(state_of(&lines), r#"{"balance":9.75}"#);
}

#[test]
fn carts_fill_and_empty() {
    let lines = [
        "cart:c1 CartCreated {\"cartId\":\"c1\",\"customer\":\"x\"}",
        "cart:c1 ItemAdded {\"cartId\":\"c1\",\"sku\":\"A\",\"quantity\":1}",
        "cart:c1 ItemAdded {\"cartId\":\"c1\",\"sku\":\"B\",\"quantity\":2}",
        "cart:c1 ItemQuantityChanged {\"cartId\":\"c1\",\"sku\":\"B\",\"quantity\":5}",
        "cart:c1 ItemRemoved {\"cartId\":\"c1\",\"sku\":\"A\"}",
        "cart:c1 TagAdded {\"tag\":\"gift\"}",
        "cart:c1 CartCheckedOut",
    ];
    assert_eq!(
        state_of(&lines),
        r#"{"items":[{"sku":"B","quantity":5}],"tags":["gift"],"cartId":"c1","customer":"x","status":"checked out"}"#
    );
}

#[test]
fn parts_have_a_place_of_their_own_and_mentions_are_counted() {
    let orders = [
        "order:o1,customer:c1 OrderPlaced {\"orderId\":\"o1\",\"customerId\":\"c1\",\"items\":[1],\"total\":5}",
        "order:o1 StockReserved {\"orderId\":\"o1\",\"items\":[2]}",
        "order:o1,payment:p1 PaymentCaptured {\"orderId\":\"o1\",\"paymentId\":\"p1\",\"amount\":5}",
        "order:o1,customer:c1 OrderConfirmed {\"orderId\":\"o1\",\"customerId\":\"c1\"}",
        "order:o1,customer:c1 EmailSent {\"orderId\":\"o1\",\"customerId\":\"c1\",\"template\":\"t\"}",
    ];
    let expected = concat!(
        r#"{"orderId":"o1","customerId":"c1","items":[1],"total":5,"status":"confirmed","#,
        r#""stock":{"items":[2],"status":"reserved"},"payment":{"paymentId":"p1","amount":5,"status":"captured"},"#,
        r#""email":{"template":"t","status":"sent"}}"#
    );
    assert_eq!(state_of(&orders), expected);
    let customers: Vec<String> =
        orders.iter().map(|line| line.replace("order:o1,customer:c1", "customer:c1,order:o1")).collect();
    let customers: Vec<&str> = customers.iter().map(String::as_str).filter(|line| line.contains("customer")).collect();
    assert_eq!(state_of(&customers), r#"{"counts":{"OrderPlaced":1,"OrderConfirmed":1,"EmailSent":1}}"#);
}

#[test]
fn names_and_shapes() {
    for (lines, state) in [
        (
            &[
                "user:1 UserRegistered {\"email\":\"a\"}",
                "user:1 UserEmailChanged {\"email\":\"b\"}",
                "user:1 UserEmailVerified",
            ][..],
            r#"{"email":"b","status":"registered","emailStatus":"verified"}"#,
        ),
        (
            &["case:1 register_request {\"cost\":1}", "case:1 decide {\"cost\":2}"],
            r#"{"register_request":{"cost":1},"decide":{"cost":2}}"#,
        ),
        (&["doc:1 DocCreated {\"a\":1}", "doc:1 DocDeleted"], "null"),
        (
            &["p:1 Changed {\"before\":null,\"after\":{\"a\":1}}", "p:1 Changed {\"before\":{\"a\":1},\"after\":null}"],
            "null",
        ),
        (
            &["o:1 Created {\"x\":1}", "o:1 AttributeChanged {\"name\":\"x\",\"value\":5}"],
            r#"{"x":5,"status":"created"}"#,
        ),
        (
            &["o:1 Created {\"x\":1}", "o:1 OSnapshot {\"state\":{\"x\":1,\"status\":\"created\"}}"],
            r#"{"x":1,"status":"created"}"#,
        ),
        (
            &["user:1 UserRegistered {\"a\":1}", "user:1 UserLoggedIn", "user:1 UserLoggedIn", "user:1 UserLoggedIn"],
            r#"{"a":1,"status":"registered","counts":{"UserLoggedIn":3}}"#,
        ),
        (&["o:1 Noted \"hello\"", "o:1 Noted \"you\""], r#"{"value":"you","status":"noted"}"#),
    ] {
        assert_eq!(state_of(lines), state, "{}", rules_of(lines).join("\n"));
    }
}

#[test]
fn the_same_log_gives_the_same_rules_and_an_unknown_kind_none() {
    let lines: Vec<String> = (0..500).map(|i| format!("k:{} Counted {{\"n\":{i}}}", i % 200)).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let infer_once = |kind| infer(&log(&lines), KindIx(kind), &Cancel::default());
    assert_eq!(infer_once(0), infer_once(0));
    assert!(infer_once(0).text.contains("64 of 200 entities"), "{}", infer_once(0).text);
    assert_eq!(infer_once(9), super::Inferred::default());
}
