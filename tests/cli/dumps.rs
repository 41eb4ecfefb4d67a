//! What tools print for people: header dumps and console output, read as logs.

use std::path::Path;

use serde_json::{Value, json};

use crate::Bench;

pub fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).display().to_string()
}

fn events(bench: &Bench, source: &str) -> Vec<Value> {
    bench.lines(["events", "--format", "ndjson", source])
}

#[test]
fn header_dumps_are_messages() {
    let bench = Bench::new();
    let [error] = &events(&bench, &data("nservicebus/ErrorError.txt"))[..] else { panic!("one message") };
    assert_eq!(error["id"], "eb8cf6f5-6817-4e9f-ba8e-b43b016c458a");
    assert_eq!(error["type"], "Core.Headers.Writers.MyNamespace.MessageToSend");
    assert_eq!(error["time"], "2026-04-29T22:06:16.354264Z");
    assert_eq!(error["correlation"][0], "be6afcc4-3295-4b6c-8d2f-b43b016c458b");
    assert_eq!(error["entities"], json!(["queue:HeaderWriterError"]));
    let headers = error["data"]["headers"].as_object().expect("without a body the record is the data");
    assert_eq!(headers.len(), 31);
    let trace = headers["NServiceBus.ExceptionInfo.StackTrace"].as_str().expect("text");
    assert_eq!(trace.lines().count(), 14);
    let [sending] = &events(&bench, &data("nservicebus/SagaSending.txt"))[..] else { panic!("one message") };
    assert_eq!(sending["causation"], json!(["60ae1074-a3ac-4047-be45-b43b016ccb49"]));
    let folder = bench.info([data("nservicebus")]);
    assert_eq!((&folder["events"], &folder["undecodable"]), (&json!(3), &json!(0)));
}

#[test]
fn dumps_one_after_another_are_told_apart_and_bodies_kept() {
    let bench = Bench::new();
    let one = |n: u32| {
        format!(
            "NServiceBus.MessageId = m{n}\nNServiceBus.EnclosedMessageTypes = Shop.Placed, Shop\n\
             NServiceBus.TimeSent = 2026-02-16 10:30:0{n}:000001 Z\nNServiceBus.Empty =\n{{\"orderId\": \"o-{n}\"}}\n"
        )
    };
    bench.write("two.txt", one(1) + &one(2));
    let found = events(&bench, "two.txt");
    let ids: Vec<&Value> = found.iter().map(|event| &event["id"]).collect();
    assert_eq!(ids, ["m1", "m2"]);
    assert_eq!(found[1]["data"], json!({"orderId": "o-2"}));
    assert!(found[1]["entities"].as_array().is_some_and(|list| list.contains(&json!("order:o-2"))), "{found:?}");
}

#[test]
fn console_output_of_kafka_is_messages() {
    let bench = Bench::new();
    let found = events(&bench, &data("made/console-consumer.txt"));
    let types: Vec<&Value> = found.iter().map(|event| &event["type"]).collect();
    assert_eq!(types, ["OrderPlaced", "OrderPaid", "message"]);
    assert_eq!(found[0]["id"], "evt-1");
    assert_eq!(found[2]["id"], "1/7");
    assert_eq!(found[2]["time"], "2026-02-16T10:30:02Z");
    for event in &found[..2] {
        assert!(event["entities"].as_array().is_some_and(|list| list.contains(&json!("order:order-456"))), "{event}");
    }
}

#[test]
fn an_avro_file_of_many_types_is_a_log() {
    let bench = Bench::new();
    let found = events(&bench, &data("made/orders.avro"));
    assert_eq!(found.len(), 12);
    let first = &found[0];
    assert_eq!((&first["type"], &first["id"]), (&json!("shop.OrderPlaced"), &json!("evt-10")));
    assert_eq!(first["time"], "2026-02-16T10:31:00Z");
    assert_eq!(first["data"]["total"], json!(19.9));
    assert!(first["entities"].as_array().is_some_and(|list| list.contains(&json!("order:order-1"))), "{first}");
    // A block is whole or not there: of a file that breaks off the others are kept, and what is lost is said.
    let whole = std::fs::read(data("made/orders.avro")).expect("test data");
    bench.write("cut.avro", &whole[..whole.len() - 20]);
    let ran = bench.run(["info", "cut.avro"]);
    assert!(ran.err.contains("A part of the Avro file cannot be read; what came before is kept"), "{}", ran.err);
    assert_eq!(bench.info(["cut.avro"])["events"], json!(10));
    let mut damaged = whole;
    // Behind the mark that ends the header: the numbers before the first block, then what is packed.
    let header = damaged.windows(16).position(|part| part == b"eventglass tests").expect("the mark") + 16;
    damaged[header + 4] ^= 0xFF;
    bench.write("damaged.avro", damaged);
    let ran = bench.run(["info", "damaged.avro"]);
    assert!(ran.err.contains("reading went on at byte"), "{}", ran.err);
}

#[test]
fn a_line_that_is_something_else_is_counted() {
    let bench = Bench::new();
    bench.write(
        "out.txt",
        "CreateTime:1771237800000\tk\t{\"eventType\":\"A\",\"orderId\":1}\n".repeat(9)
            + "Processed a total of 9 messages\n",
    );
    let info = bench.info(["out.txt"]);
    assert_eq!((&info["events"], &info["undecodable"]), (&json!(9), &json!(1)));
}
