//! Damages inputs as a fuzzer does: bits, bytes, cuts, repeats, splices, and bytes that mean much to
//! readers of logs. The same run makes the same inputs.

use eventglass::base::hash::hash64;

pub struct Mutator {
    state: u64,
}

/// What readers of logs stumble over.
const TELLING: [&[u8]; 24] = [
    b"\n",
    b"\r\n",
    b"\0",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\xFF",
    b"\xEF\xBB\xBF",
    b"null",
    b"1e999",
    b"-",
    b"{\"a\":",
    b"[[[[[[[[",
    b"\x1f\x8b",
    b"<!--",
    b"&lt;",
    b"99999999999999999999",
];

impl Mutator {
    pub fn new(name: &str) -> Self {
        Self { state: hash64(name.as_bytes()) }
    }

    fn below(&mut self, n: usize) -> usize {
        self.state = hash64(&self.state.to_le_bytes());
        (self.state % n.max(1) as u64) as usize
    }

    pub fn next(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let chosen = self.below(seeds.len());
        let mut bytes = seeds[chosen].clone();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(8) {
                0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
                1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                2 => bytes.truncate(at),
                3 => {
                    let end = (at + self.below(64)).min(bytes.len());
                    bytes.drain(at..end);
                }
                4 => {
                    let end = (at + self.below(200)).min(bytes.len());
                    let again = bytes[at..end].to_vec();
                    bytes.splice(at..at, again);
                }
                5 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len() + 1);
                    let end = (from + self.below(400)).min(other.len());
                    bytes.splice(at..at, other[from..end].iter().copied());
                }
                _ => {
                    let telling = TELLING[self.below(TELLING.len())];
                    bytes.splice(at..at, telling.iter().copied());
                }
            }
        }
        bytes
    }
}
