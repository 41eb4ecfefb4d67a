//! Compression around a body: gzip, zstd, LZ4 frames, Snappy frames and the Java library's own Snappy framing
//! are told by their first bytes; zlib and bare Snappy only by a header, since any bytes may look like them.

use std::io::{self, Read, Write as _};

use super::Why;
use crate::base::text;

/// A body without its packings.
#[derive(Debug)]
pub(super) struct Unpacked {
    pub bytes: Vec<u8>,
    /// Outermost first.
    pub packings: Vec<&'static str>,
    how: Vec<&'static Packing>,
}

impl Unpacked {
    /// Other bytes in the same packings.
    ///
    /// # Errors
    /// Those of memory.
    pub fn pack(&self, plain: Vec<u8>) -> Result<Vec<u8>, Why> {
        let inside_out = self.how.iter().rev();
        inside_out.into_iter().try_fold(plain, |plain, packing| {
            (packing.pack)(&plain).map_err(|cause| format!("{} cannot be written: {cause}", packing.name))
        })
    }
}

/// A compression.
#[derive(Debug)]
struct Packing {
    name: &'static str,
    /// As `content-encoding` has it.
    encodings: &'static [&'static str],
    fits: fn(&[u8]) -> bool,
    /// Writes at most so many bytes.
    unpack: fn(&[u8], &mut Vec<u8>, u64) -> io::Result<()>,
    /// The same bytes each time.
    pack: fn(&[u8]) -> io::Result<Vec<u8>>,
}

const PACKINGS: &[Packing] = &[
    Packing {
        name: "gzip",
        encodings: &["gzip", "x-gzip"],
        fits: |bytes| bytes.starts_with(&[0x1F, 0x8B, 8]),
        unpack: |bytes, out, most| copy(flate2::read::MultiGzDecoder::new(bytes), out, most),
        pack: |bytes| {
            let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(bytes).and_then(|()| out.finish())
        },
    },
    Packing {
        name: "zstd",
        encodings: &["zstd"],
        fits: |bytes| bytes.starts_with(&[0x28, 0xB5, 0x2F, 0xFD]),
        unpack: |bytes, out, most| {
            // Its window is 128 MiB at most unless one asks for more.
            copy(zstd::stream::read::Decoder::new(bytes)?, out, most)
        },
        pack: |bytes| zstd::encode_all(bytes, zstd::DEFAULT_COMPRESSION_LEVEL),
    },
    Packing {
        name: "LZ4",
        encodings: &["lz4"],
        fits: |bytes| bytes.starts_with(&[0x04, 0x22, 0x4D, 0x18]),
        unpack: |bytes, out, most| copy(lz4_flex::frame::FrameDecoder::new(bytes), out, most),
        pack: |bytes| {
            let mut out = lz4_flex::frame::FrameEncoder::new(Vec::new());
            out.write_all(bytes)?;
            out.finish().map_err(io::Error::other)
        },
    },
    Packing {
        name: "Snappy",
        encodings: &["x-snappy-framed"],
        fits: |bytes| bytes.starts_with(b"\xFF\x06\x00\x00sNaPpY"),
        unpack: |bytes, out, most| copy(snap::read::FrameDecoder::new(bytes), out, most),
        pack: |bytes| {
            let mut out = snap::write::FrameEncoder::new(Vec::new());
            out.write_all(bytes)?;
            out.into_inner().map_err(|failed| io::Error::other(failed.error().to_string()))
        },
    },
    Packing {
        name: "Snappy",
        encodings: &[],
        fits: |bytes| bytes.starts_with(XERIAL),
        unpack: xerial,
        pack: |bytes| {
            let packed = pack_block(bytes)?;
            Ok([XERIAL, &[0, 0, 0, 1, 0, 0, 0, 1], &(packed.len() as u32).to_be_bytes(), &packed].concat())
        },
    },
    Packing {
        name: "zlib",
        encodings: &["deflate", "zlib"],
        fits: |_| false,
        unpack: |bytes, out, most| copy(flate2::read::ZlibDecoder::new(bytes), out, most),
        pack: |bytes| {
            let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            out.write_all(bytes).and_then(|()| out.finish())
        },
    },
    Packing { name: "Snappy", encodings: &["snappy"], fits: |_| false, unpack: block, pack: pack_block },
];

/// How blocks of Avro's container files are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BlockCodec {
    Null,
    Deflate,
    Snappy,
    Zstandard,
}

impl BlockCodec {
    /// By the names of the specification.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "null" | "" => Self::Null,
            "deflate" => Self::Deflate,
            "snappy" => Self::Snappy,
            "zstandard" => Self::Zstandard,
            _ => return None,
        })
    }
}

/// The bytes of one block; at most `most` may come out.
///
/// # Errors
/// Where it is damaged or grows too large.
pub(super) fn unpack_block(codec: BlockCodec, packed: &[u8], most: usize) -> Result<Vec<u8>, Why> {
    let mut plain = Vec::new();
    let limit = most as u64 + 1;
    let done = match codec {
        BlockCodec::Null => return Ok(packed.to_vec()),
        // Without zlib's header.
        BlockCodec::Deflate => copy(flate2::read::DeflateDecoder::new(packed), &mut plain, limit),
        BlockCodec::Zstandard => {
            zstd::stream::read::Decoder::new(packed).and_then(|reader| copy(reader, &mut plain, limit))
        }
        // A checksum of what was packed follows, big-endian.
        BlockCodec::Snappy => match packed.split_last_chunk::<4>() {
            Some((packed, sum)) => block(packed, &mut plain, limit).and_then(|()| {
                let mut crc = flate2::Crc::new();
                crc.update(&plain);
                if crc.sum() == u32::from_be_bytes(*sum) {
                    Ok(())
                } else {
                    Err(io::Error::other("its checksum is wrong"))
                }
            }),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        },
    };
    match done {
        Ok(()) if plain.len() > most => Err("it unpacks to too much".to_owned()),
        Ok(()) => Ok(plain),
        Err(cause) => Err(format!("it is damaged: {cause}")),
    }
}

/// Packings around each other; more is a trick.
const MOST: usize = 3;

/// Whether these bytes may be zlib's: deflate, and the first two are a multiple of 31.
pub(super) fn may_be_zlib(bytes: &[u8]) -> bool {
    matches!(bytes, [first, second, ..] if first & 0x0F == 8 && (u16::from(*first) << 8 | u16::from(*second)) % 31 == 0)
}

/// Takes off all packings that are told, by the body or by a header (`content-encoding`). At most `most` bytes may
/// come out.
///
/// # Errors
/// Where one begins and cannot be read to its end, or grows too large.
pub(super) fn unpack(bytes: &[u8], encoding: Option<&str>, most: usize) -> Result<Unpacked, Why> {
    let mut unpacked = Unpacked { bytes: Vec::new(), packings: Vec::new(), how: Vec::new() };
    let encoding = encoding.map(str::trim).unwrap_or_default().to_ascii_lowercase();
    for layer in 0..MOST {
        let packed: &[u8] = if layer == 0 { bytes } else { &unpacked.bytes };
        let named = |packing: &&Packing| layer == 0 && packing.encodings.contains(&encoding.as_str());
        let fitting = PACKINGS.iter().find(|packing| (packing.fits)(packed));
        // A header that lies is passed over: bytes that are no packing cannot be read as one.
        let Some((packing, certain)) =
            fitting.map(|it| (it, true)).or(PACKINGS.iter().find(named).map(|it| (it, false)))
        else {
            break;
        };
        let mut plain = Vec::new();
        match (packing.unpack)(packed, &mut plain, most as u64 + 1) {
            Ok(()) if plain.len() > most => {
                return Err(format!("{} of {} unpack to too much", text::bytes(packed.len() as u64), packing.name));
            }
            Ok(()) => {}
            Err(_) if !certain => break,
            Err(cause) => return Err(format!("its {} is damaged: {cause}", packing.name)),
        }
        unpacked.packings.push(packing.name);
        unpacked.how.push(packing);
        unpacked.bytes = plain;
    }
    if unpacked.packings.is_empty() {
        unpacked.bytes = bytes.to_vec();
    }
    Ok(unpacked)
}

fn copy(reader: impl Read, out: &mut Vec<u8>, most: u64) -> io::Result<()> {
    reader.take(most).read_to_end(out).map(drop)
}

/// xerial's `SnappyOutputStream`, which Kafka's Java clients know:
/// <https://github.com/xerial/snappy-java/blob/master/src/main/java/org/xerial/snappy/SnappyCodec.java>.
/// A header of 16 bytes, then blocks with their length before them, big-endian.
fn xerial(bytes: &[u8], out: &mut Vec<u8>, most: u64) -> io::Result<()> {
    let breaks_off = || io::Error::from(io::ErrorKind::UnexpectedEof);
    let mut rest = bytes.get(16..).ok_or_else(breaks_off)?;
    while !rest.is_empty() {
        let (len, after) = rest.split_first_chunk::<4>().ok_or_else(breaks_off)?;
        let len = u32::from_be_bytes(*len) as usize;
        let (packed, after) = after.split_at_checked(len).ok_or_else(breaks_off)?;
        block(packed, out, most)?;
        rest = after;
    }
    Ok(())
}

const XERIAL: &[u8] = b"\x82SNAPPY\0";

/// One bare block.
fn block(bytes: &[u8], out: &mut Vec<u8>, most: u64) -> io::Result<()> {
    let len = snap::raw::decompress_len(bytes).map_err(io::Error::from)?;
    if (out.len() + len) as u64 > most {
        return Err(io::Error::other("it grows to too much"));
    }
    out.append(&mut snap::raw::Decoder::new().decompress_vec(bytes).map_err(io::Error::from)?);
    Ok(())
}

fn pack_block(bytes: &[u8]) -> io::Result<Vec<u8>> {
    snap::raw::Encoder::new().compress_vec(bytes).map_err(io::Error::from)
}

#[cfg(test)]
mod tests {
    use super::super::MAX_BODY_BYTES;
    use super::*;

    const JSON: &[u8] = b"{\"order\":\"order-1\",\"total\":59.90}";

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).and_then(|()| out.finish()).expect("memory takes it")
    }

    fn xerial_of(bytes: &[u8]) -> Vec<u8> {
        let packed = snap::raw::Encoder::new().compress_vec(bytes).expect("memory takes it");
        let mut out = [XERIAL, &[0, 0, 0, 1, 0, 0, 0, 1]].concat();
        out.extend_from_slice(&(packed.len() as u32).to_be_bytes());
        out.extend_from_slice(&packed);
        out
    }

    fn check(bytes: &[u8], encoding: Option<&str>, expected: &[&str]) {
        let unpacked = unpack(bytes, encoding, MAX_BODY_BYTES).expect("it unpacks");
        assert_eq!(unpacked.packings, expected);
        assert_eq!(unpacked.bytes, JSON);
        // And back: the same packings with something else inside.
        let again = unpacked.pack(b"{}".to_vec()).expect("memory takes it");
        let unpacked = unpack(&again, encoding, MAX_BODY_BYTES).expect("it unpacks");
        assert_eq!((unpacked.packings.as_slice(), &*unpacked.bytes), (expected, &b"{}"[..]));
    }

    #[test]
    fn packings_are_told_by_their_first_bytes() {
        check(JSON, None, &[]);
        check(&gzip(JSON), None, &["gzip"]);
        check(&zstd::encode_all(JSON, 3).expect("memory takes it"), None, &["zstd"]);
        let mut lz4 = lz4_flex::frame::FrameEncoder::new(Vec::new());
        lz4.write_all(JSON).expect("memory takes it");
        check(&lz4.finish().expect("memory takes it"), None, &["LZ4"]);
        let mut framed = snap::write::FrameEncoder::new(Vec::new());
        framed.write_all(JSON).expect("memory takes it");
        check(&framed.into_inner().expect("memory takes it"), None, &["Snappy"]);
        check(&xerial_of(JSON), None, &["Snappy"]);
        check(&gzip(&gzip(JSON)), None, &["gzip", "gzip"]);
    }

    #[test]
    fn a_header_names_what_has_no_mark_of_its_own() {
        let bare = snap::raw::Encoder::new().compress_vec(JSON).expect("memory takes it");
        check(&bare, Some("snappy"), &["Snappy"]);
        let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        zlib.write_all(JSON).expect("memory takes it");
        check(&zlib.finish().expect("memory takes it"), Some("deflate"), &["zlib"]);
        check(JSON, Some("deflate"), &[]);
        check(JSON, Some("br"), &[]);
    }

    #[test]
    fn bombs_and_damage_are_refused() {
        let bomb = gzip(&vec![0; MAX_BODY_BYTES * 4]);
        assert!(bomb.len() < 64 << 10);
        assert!(unpack(&bomb, None, MAX_BODY_BYTES).expect_err("a bomb").contains("too much"));
        let zstd = zstd::encode_all(&vec![0; MAX_BODY_BYTES * 4][..], 3).expect("memory takes it");
        assert!(unpack(&zstd, None, MAX_BODY_BYTES).is_err());
        // Claims four gigabytes.
        let claim = [XERIAL, &[0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 6], &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 0]].concat();
        assert!(unpack(&claim, None, MAX_BODY_BYTES).is_err());
        for whole in [gzip(JSON), xerial_of(JSON)] {
            for len in 12..whole.len() {
                assert!(unpack(&whole[..len], None, MAX_BODY_BYTES).is_err() || len == 16, "{len}");
            }
        }
    }
}
