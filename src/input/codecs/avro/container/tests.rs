//! Containers that apache-avro wrote, blocks packed by hand, and damage.

use std::io::Write as _;

use apache_avro::types::Record;
use apache_avro::{Codec, Schema, Writer};

use super::*;

const ORDER: &str = r#"{"type":"record","name":"OrderPlaced","namespace":"shop","fields":[
    {"name":"orderId","type":"string"},{"name":"total","type":"double"}]}"#;

/// Orders 0 to `n`, in blocks of some hundred bytes.
fn orders(n: usize, codec: Codec) -> Vec<u8> {
    let schema = Schema::parse_str(ORDER).expect("a schema");
    let writer = Writer::builder().schema(&schema).writer(Vec::new()).codec(codec).block_size(300);
    let mut writer = writer.build().expect("a writer");
    for at in 0..n {
        let mut record = Record::new(&schema).expect("a record");
        record.put("orderId", format!("order-{at}"));
        record.put("total", at as f64);
        writer.append_value(record).expect("it fits");
    }
    writer.into_inner().expect("memory takes it")
}

fn long(number: i64) -> Vec<u8> {
    let mut left = ((number << 1) ^ (number >> 63)) as u64;
    let mut out = Vec::new();
    while left > 0x7F {
        out.push(left as u8 | 0x80);
        left >>= 7;
    }
    out.push(left as u8);
    out
}

fn bytes(bytes: &[u8]) -> Vec<u8> {
    [long(bytes.len() as i64), bytes.to_vec()].concat()
}

const SYNC: [u8; 16] = *b"end of one block";

fn header(schema: &str, codec: &str) -> Vec<u8> {
    let pairs = [("avro.schema", schema), ("avro.codec", codec), ("made.by", "us")];
    let pairs = pairs.map(|(name, value)| [bytes(name.as_bytes()), bytes(value.as_bytes())].concat()).concat();
    // With the size of the block, as writers of seekable maps have it.
    [MAGIC, &long(-3), &long(pairs.len() as i64), &pairs, &long(0), &SYNC].concat()
}

fn block(count: i64, packed: &[u8]) -> Vec<u8> {
    [&long(count)[..], &bytes(packed), &SYNC].concat()
}

/// All values, and what is said of the rest.
fn read(file: &[u8]) -> Result<(Vec<String>, Vec<Damage>), Why> {
    let mut container = Container::open(file)?;
    let (mut values, mut damages) = (Vec::new(), Vec::new());
    loop {
        match container.next_block() {
            Ok(None) => return Ok((values, damages)),
            Ok(Some(block)) => {
                let told = container.values(&block, |json| {
                    values.push(String::from_utf8(json.to_vec()).expect("JSON is text"));
                    Ok::<(), ()>(())
                });
                damages.extend(told.expect("nothing fails"));
            }
            Err(damage) => {
                let over = damage.next.is_none();
                damages.push(damage);
                if over {
                    return Ok((values, damages));
                }
            }
        }
    }
}

fn expected(n: usize) -> Vec<String> {
    (0..n).map(|at| format!("{{\"orderId\":\"order-{at}\",\"total\":{at}.0}}")).collect()
}

#[test]
fn blocks_of_every_packing_are_read() {
    for codec in [Codec::Null, Codec::Deflate(apache_avro::DeflateSettings::default()), Codec::Snappy] {
        let (values, damages) = read(&orders(1000, codec)).expect("a container");
        assert_eq!(values, expected(1000), "{codec:?}");
        assert!(damages.is_empty(), "{damages:?}");
    }
    let plain = [bytes(b"order-0"), 0_f64.to_le_bytes().to_vec()].concat();
    let zstd = zstd::encode_all(&*plain, 3).expect("memory takes it");
    let file = [header(ORDER, "zstandard"), block(1, &zstd)].concat();
    assert_eq!(read(&file).expect("a container").0, expected(1));
    let mut deflate = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    deflate.write_all(&plain).expect("memory takes it");
    let file = [header(ORDER, "deflate"), block(1, &deflate.finish().expect("memory takes it"))].concat();
    assert_eq!(read(&file).expect("a container").0, expected(1));
    let why = read(&[header(ORDER, "xz"), block(1, &plain)].concat()).expect_err("not read");
    assert!(why.contains("xz"), "{why}");
}

#[test]
fn what_is_no_record_becomes_one() {
    let union = format!("[\"null\",{ORDER},\"long\"]");
    let order = [long(1), bytes(b"order-0"), 0_f64.to_le_bytes().to_vec()].concat();
    let file = [header(&union, "null"), block(3, &[order, long(0), long(2), long(7)].concat())].concat();
    let expected = [
        r#"{"type":"shop.OrderPlaced","data":{"orderId":"order-0","total":0.0}}"#,
        r#"{"type":"null","data":null}"#,
        r#"{"type":"long","data":7}"#,
    ];
    assert_eq!(read(&file).expect("a container").0, expected);
    let file = [header("\"string\"", ""), block(1, &bytes(b"paid"))].concat();
    assert_eq!(read(&file).expect("a container").0, [r#"{"value":"paid"}"#]);
}

#[test]
fn a_damaged_block_is_told_and_the_next_one_read() {
    let value = |at: usize| [bytes(format!("order-{at}").as_bytes()), (at as f64).to_le_bytes().to_vec()].concat();
    let three =
        |second: &[u8]| [&header(ORDER, "null")[..], &block(1, &value(0)), second, &block(1, &value(1))].concat();
    let good = block(2, &[value(7), value(8)].concat());
    // A size that is wrong, a mark that is wrong, a size beyond all bounds, a count below zero.
    let mut size = good.clone();
    size[1] += 2;
    let mut mark = good.clone();
    *mark.last_mut().expect("bytes") ^= 1;
    let bound = [&long(2)[..], &long(1 << 40), &good[2..]].concat();
    let below = [&long(-2)[..], &good[1..]].concat();
    for damaged in [size, bound, below] {
        let (values, damages) = read(&three(&damaged)).expect("a container");
        assert_eq!(values, expected(2), "{damages:?}");
        assert!(matches!(&damages[..], [Damage { lost: None, next: Some(_), .. }]), "{damages:?}");
    }
    // Without its mark a block's end is that of the one behind it.
    let (values, damages) = read(&three(&mark)).expect("a container");
    assert_eq!((values, damages.len()), (expected(1), 1));
    // A value that does not fit takes the rest of its block along.
    let mut wrong = value(7);
    wrong[1] = 0xFF;
    let file = three(&block(3, &[value(8), wrong, value(9)].concat()));
    let (values, damages) = read(&file).expect("a container");
    assert_eq!(values.len(), 3, "{values:?}");
    assert!(matches!(&damages[..], [Damage { lost: Some(2), .. }]), "{damages:?}");
    // And one more than it says is told.
    let (values, damages) = read(&three(&block(1, &[value(7), value(8)].concat()))).expect("a container");
    assert_eq!(values.len(), 3);
    assert!(matches!(&damages[..], [Damage { lost: Some(0), .. }]), "{damages:?}");
}

#[test]
fn a_file_that_breaks_off_keeps_what_came_before() {
    let whole = orders(100, Codec::Snappy);
    let all = expected(100);
    let mut most = 0;
    for len in 0..whole.len() {
        match read(&whole[..len]) {
            Ok((values, damages)) => {
                assert!(all.starts_with(&values), "{len}");
                assert!(damages.len() <= 1 && damages.iter().all(|damage| damage.next.is_none()), "{damages:?}");
                assert!(values.len() >= most);
                most = values.len();
            }
            Err(why) => assert!(why.contains("breaks off") || why.contains("begin") || why.contains("header"), "{why}"),
        }
    }
    assert!(most > 50, "{most}");
}

#[test]
fn bombs_and_lies_end() {
    // Four gigabytes in a block of Snappy.
    let claim = [&[0xFF, 0xFF, 0xFF, 0xFF, 0x0F][..], &[0; 8]].concat();
    let (values, damages) = read(&[header(ORDER, "snappy"), block(1, &claim)].concat()).expect("a container");
    assert!(values.is_empty() && damages[0].why.contains("too much"), "{damages:?}");
    let zeros = zstd::encode_all(&vec![0; MAX_BLOCK_BYTES + 1][..], 1).expect("memory takes it");
    let (_, damages) = read(&[header(ORDER, "zstandard"), block(1, &zeros)].concat()).expect("a container");
    assert!(damages[0].why.contains("too much"), "{damages:?}");
    // A checksum that is not that of the block.
    let mut wrong = orders(1, Codec::Snappy);
    let len = wrong.len();
    wrong[len - SYNC_BYTES - 1] ^= 1;
    assert!(read(&wrong).expect("a container").1[0].why.contains("checksum"));
    // A header with more entries than bytes, one without a schema, one that names another file's schema.
    let many = [MAGIC, &long(i64::MAX), &[0; 100]].concat();
    assert!(read(&many).is_err());
    let none = [MAGIC, &long(0), &SYNC].concat();
    assert!(read(&none).expect_err("no schema").contains("no schema"));
    assert!(read(&header(r#"{"type":"record","name":"A","fields":[{"name":"b","type":"B"}]}"#, "null")).is_err());
    // Values that take no bytes: the caller stops, since they are endless.
    let file = [header("\"null\"", "null"), block(i64::MAX, &[])].concat();
    let mut container = Container::open(&file[..]).expect("a container");
    let block = container.next_block().expect("a block").expect("one");
    let mut n = 0;
    let stopped = container.values(&block, |_| {
        n += 1;
        if n == 1000 { Err("enough") } else { Ok(()) }
    });
    assert_eq!(stopped.err(), Some("enough"));
}
