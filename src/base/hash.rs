//! The one hash of the program. It is written into saved indexes, so it must not change between
//! runs, machines or versions: rapidhash V3 with its default seed, which its authors keep stable.

/// 64-bit hash of `bytes`.
#[inline]
#[must_use]
pub fn hash64(bytes: &[u8]) -> u64 {
    rapidhash::v3::rapidhash_v3(bytes)
}

/// Mixes a small number (a kind, a name's number) into a hash, so that equal ids of different
/// kinds stay apart.
#[inline]
#[must_use]
pub fn mix(hash: u64, salt: u64) -> u64 {
    let product = u128::from(hash ^ 0x9E37_79B9_7F4A_7C15) * u128::from(salt.wrapping_mul(2) | 1);
    (product as u64) ^ ((product >> 64) as u64)
}
