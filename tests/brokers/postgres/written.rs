//! Stores that their own libraries wrote (`tests/stores`): a bank account, its state, its causes and its letters.

use std::path::Path;
use std::process::Command;

use super::{events, server, short};

/// A database that this library wrote.
fn written(library: &str) -> String {
    let server = server();
    let name = library.replace('-', "_");
    let url = format!("{}_written", server.url(&name));
    server.database(&format!("{name}_written"), "");
    let folder = tempfile::tempdir().expect("a folder");
    let ran = Command::new(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stores/write.sh"))
        .args([library, &url, &folder.path().to_string_lossy()])
        .output()
        .expect("the script can be run");
    assert!(ran.status.success(), "{library}: {}", String::from_utf8_lossy(&ran.stderr));
    url
}

/// The balance after all events of the first account, by rules.
fn balance(url: &str, rules: &str) -> String {
    let entity =
        events(url).first().and_then(|event| Some(event["entities"][0].as_str()?.to_owned())).expect("an event");
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("balance.rules");
    std::fs::write(&file, format!("start balance = 0\n{rules}")).expect("files can be written");
    let file = file.to_string_lossy();
    let ran = crate::program::run(["state", url, "--entity", &entity, "--reducer", &file, "--format", "json", "-q"]);
    assert_eq!(ran.code, 0, "{url}: {}", ran.err);
    let told: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    told["state"]["balance"].to_string()
}

#[test]
fn by_eventsourcing() {
    let url = written("eventsourcing");
    let seen: Vec<String> = short(&events(&url)).iter().map(|event| without_ids(event)).collect();
    let ada = ["Opened v1", "Deposited v2", "Withdrawn v3", "Deposited v4"];
    assert_eq!(seen, [&ada[..], &["Opened v1"]].concat());
    assert_eq!(
        balance(&url, "on Account.Deposited\n  balance += amount\non Account.Withdrawn\n  balance -= amount\n"),
        "850"
    );
    assert_eq!(events(&format!("{url}?table=bank_snapshots")).len(), 2, "its snapshots");
}

/// `Account.Opened Account:5ece… v1` → `Opened v1`
fn without_ids(event: &str) -> String {
    let mut words = event.split(' ');
    let (kind, entity) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    assert!(entity.starts_with("Account:") && entity.len() > 40, "{event}");
    format!("{} {}", kind.trim_start_matches("Account."), words.next().unwrap_or_default())
}

#[test]
fn by_emmett() {
    let url = written("emmett");
    assert_eq!(
        short(&events(&url)),
        [
            "AccountOpened account:ada v1",
            "MoneyDeposited account:ada v2",
            "MoneyWithdrawn account:ada v3",
            "MoneyDeposited account:ada v4",
            "AccountOpened account:grace v1"
        ]
    );
    assert_eq!(events(&url)[2]["correlation"][0], "transfer-1");
    assert_eq!(
        balance(&url, "on MoneyDeposited\n  balance += amount\non MoneyWithdrawn\n  balance -= amount\n"),
        "850"
    );
}

/// Causes are named by their place in the store.
#[test]
fn by_message_db() {
    let url = written("message-db");
    let all = events(&url);
    assert_eq!(
        short(&all),
        [
            "Open account:command-ada v0",
            "Opened account:ada v0",
            "Deposited account:ada v1",
            "Withdrawn account:ada v2"
        ]
    );
    assert_eq!((&all[1]["id"], &all[1]["causation"][0]), (&"2".into(), &"1".into()));
    let ran = crate::program::run(["trace", &url, "--correlation", "branch-1", "--format", "json", "-q"]);
    let chain: serde_json::Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!((&chain["roots"], &chain["events"][1]["causes"]), (&serde_json::json!([0]), &serde_json::json!([0])));
}

#[test]
fn by_axon_as_json_and_as_xml() {
    for library in ["axon-json", "axon-xml"] {
        let url = written(library);
        let all = events(&format!("{url}?table=domainevententry"));
        assert_eq!(
            short(&all),
            [
                "Axon$AccountOpened Account:ada v0",
                "Axon$MoneyDeposited Account:ada v1",
                "Axon$MoneyWithdrawn Account:ada v2",
                "Axon$AccountOpened Account:grace v0"
            ]
        );
        assert_eq!(all[2]["data"]["amount"], 250, "{library}");
        assert!(all.iter().all(|event| event["correlation"][0].is_string()), "{library}: Axon's traces");
        let table = format!("{url}?table=domainevententry");
        let rules = "on Axon$MoneyDeposited\n  balance += amount\non Axon$MoneyWithdrawn\n  balance -= amount\n";
        assert_eq!(balance(&table, rules), "750", "{library}");
        // Its letters stand in a table beside.
        let info = crate::program::run(["info", &url, "-q"]);
        assert!(info.out.contains("dead letters: ?table=deadletterentry"), "{library}: {}", info.out);
        let letters = format!("{url}?table=deadletterentry");
        let ran = crate::program::run(["dead-letters", &letters, "--format", "json", "-q"]);
        let told: serde_json::Value =
            serde_json::from_str(&ran.out).unwrap_or_else(|e| panic!("{library}: {e} {ran:?}"));
        assert_eq!(told["cause"], "java.lang.IllegalStateException: no printer for account ada", "{library}");
        assert_eq!(told["entities"][0], "Account:ada", "{library}");
    }
}

#[test]
fn by_pekko_as_json_and_as_cbor() {
    for library in ["pekko-json", "pekko-cbor"] {
        let url = written(library);
        assert_eq!(
            short(&events(&url)),
            [
                "Pekko$Opened Account:ada v1",
                "Pekko$Moved Account:ada v2",
                "Pekko$Moved Account:ada v3",
                "Pekko$Moved Account:ada v4",
                "Pekko$Opened Account:grace v1"
            ]
        );
        assert_eq!(balance(&url, "on Pekko$Moved\n  balance += amount\n"), "850", "{library}");
        assert_eq!(events(&format!("{url}?table=snapshot")).len(), 2, "{library}: its snapshots");
    }
}
