//! What was saved comes back the same; anything else is no index.

use std::fs::File;
use std::io::{Read, Seek, Write};

use super::{read, write};
use crate::model::ids::{CorrelationIx, EntityIx};
use crate::store::snapshot::Snapshot;
use crate::store::testing::{Builder, TestEvent};

fn log() -> std::sync::Arc<Snapshot> {
    let mut builder = Builder::new().batch_rows(700);
    for n in 0..2500u32 {
        builder.push(TestEvent {
            time: (n % 50 != 3).then_some(i64::from(n ^ 5) * 1000),
            type_name: format!("Type{}", n % 11),
            service: if n % 4 == 0 { String::new() } else { format!("service {}", n % 4) },
            id: format!("id{}", n % 2000),
            version: (n % 3 == 0).then_some(n * 100),
            entities: vec![format!("order:{}", n / 4), format!("customer:ü{}", n % 90)],
            correlations: vec![format!("k{}", n / 6)],
            causes: vec![format!("id{}", n / 2)],
            undecodable: n % 301 == 5,
            ..TestEvent::default()
        });
    }
    builder.build()
}

fn saved(snapshot: &Snapshot) -> Vec<u8> {
    let mut file = tempfile::tempfile().expect("temporary files can be made");
    write(snapshot, "the key", &mut file).expect("temporary files can be written");
    let mut bytes = Vec::new();
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).expect("what was written can be read");
    bytes
}

fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().expect("temporary files can be made");
    file.write_all(bytes).expect("temporary files can be written");
    file
}

#[test]
fn what_was_saved_comes_back() {
    let before = log();
    let restored = read(&file_of(&saved(&before)), |key| key == "the key", 3).expect("a whole index");
    let after = restored.contents.snapshot();
    assert_eq!(after.segments, before.segments);
    assert_eq!((after.types(), after.services(), after.kinds()), (before.types(), before.services(), before.kinds()));
    assert_eq!(
        (after.len(), after.undecodable(), after.time_range()),
        (before.len(), before.undecodable(), before.time_range())
    );
    for entity in (0..before.entity_count()).map(EntityIx) {
        let name = before.entity(entity).expect("numbers are without gaps");
        assert_eq!(after.entity(entity), Some(name));
        let kind = &before.kinds()[name.kind.at()].name;
        assert_eq!(after.find_entity(kind, name.id), Some(entity));
        assert!(after.entity_events(entity).eq(before.entity_events(entity)));
    }
    assert_eq!(after.find_correlation("k7"), Some(CorrelationIx(7)));
    assert_eq!((restored.writer.rows, restored.writer.entity_count), (before.len(), before.entity_count()));
}

#[test]
fn another_key_is_another_log() {
    assert!(read(&file_of(&saved(&log())), |key| key == "some key", 1).is_none());
}

#[test]
fn a_cut_index_is_none() {
    let bytes = saved(&log());
    for end in (0..bytes.len()).step_by(997).chain(bytes.len() - 80..bytes.len()) {
        assert!(read(&file_of(&bytes[..end]), |_| true, 2).is_none(), "cut at {end}");
    }
}

#[test]
fn a_flipped_bit_is_noticed_anywhere() {
    let bytes = saved(&log());
    for at in (0..bytes.len()).step_by(311).chain(bytes.len() - 60..bytes.len()) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 4;
        assert!(read(&file_of(&damaged), |_| true, 2).is_none(), "flipped at {at}");
    }
}
