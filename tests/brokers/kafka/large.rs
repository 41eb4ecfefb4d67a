//! More partitions and topics than anybody looks at one by one, in librdkafka's mock cluster: real servers would make
//! ten thousand folders first.

use std::time::Duration;

use eventglass::base::cancel::Cancel;
use eventglass::input::sources::broker::{self, Url};
use rdkafka::ClientConfig;
use rdkafka::mocking::MockCluster;
use rdkafka::producer::{BaseProducer, Producer as _};

use super::Sent;
use crate::program::run;

#[test]
fn ten_thousand_partitions_are_listed_and_read() {
    const PARTITIONS: i32 = 10_000;
    const TOPICS: usize = 1_000;
    let cluster = MockCluster::new(1).expect("a cluster");
    cluster.create_topic("wide", PARTITIONS, 1).expect("a topic");
    for n in 1..TOPICS {
        cluster.create_topic(&format!("narrow-{n}"), 1, 1).expect("a topic");
    }
    let servers = cluster.bootstrap_servers();
    let producer: BaseProducer = ClientConfig::new().set("bootstrap.servers", &servers).create().expect("a producer");
    for partition in [0, 4_999, PARTITIONS - 1] {
        let value = format!(r#"{{"type":"A","id":"{partition}"}}"#);
        let sent = Sent::json(partition, "k", &value);
        producer.send(sent.record("wide")).map_err(|(e, _)| e).expect("it is taken");
    }
    producer.flush(Duration::from_secs(20)).expect("they arrive");

    let url = Url::parse(&format!("kafka://{servers}")).expect("an address");
    let overview = broker::of(&url).expect("Kafka").overview(&url, &Cancel::new()).expect("an overview");
    assert_eq!(overview.places.len(), TOPICS);
    let wide = overview.places.iter().find(|place| place.name == "wide").expect("it is listed");
    assert_eq!((wide.partitions, wide.messages), (Some(PARTITIONS as u32), Some(3)));

    for window in ["", "?newest=1"] {
        let ran = run(["events", "--format", "ndjson", &format!("kafka://{servers}/wide{window}")]);
        assert_eq!((ran.code, ran.lines().len()), (0, 3), "{window}: {}", ran.err);
    }
}
