//! One line in the making: text, numbers, ids and times appended to bytes that are used again for
//! the next line. `write!` would cost more than all the rest of the generator.

use super::shop::{Kind, PREFIXES};

#[derive(Default)]
pub(super) struct Line {
    pub(super) bytes: Vec<u8>,
    /// `2026-01-05T`, kept while the day lasts.
    day_text: String,
    day: i64,
}

impl Line {
    pub(super) fn clear(&mut self) {
        self.bytes.clear();
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.bytes.extend_from_slice(text.as_bytes());
        self
    }

    pub(super) fn number(&mut self, n: u64) -> &mut Self {
        self.padded(n, 1)
    }

    pub(super) fn signed(&mut self, n: i64) -> &mut Self {
        if n < 0 {
            self.bytes.push(b'-');
        }
        self.number(n.unsigned_abs())
    }

    /// With zeros in front up to `width` digits.
    pub(super) fn padded(&mut self, mut n: u64, width: usize) -> &mut Self {
        let mut digits = [b'0'; 20];
        let mut start = digits.len();
        while n > 0 {
            start -= 1;
            digits[start] = b'0' + (n % 10) as u8;
            n /= 10;
        }
        start = start.min(digits.len() - width.min(digits.len()));
        self.bytes.extend_from_slice(&digits[start..]);
        self
    }

    /// `ord-00000042`.
    pub(super) fn entity(&mut self, kind: Kind, number: u64) -> &mut Self {
        self.bytes.extend_from_slice(PREFIXES[kind as usize]);
        self.padded(number, 8)
    }

    pub(super) fn id(&mut self, id: &Id) -> &mut Self {
        self.bytes.extend_from_slice(&id.0);
        self
    }

    /// `2026-01-05T10:30:00.250Z`.
    pub(super) fn time(&mut self, ms: i64) -> &mut Self {
        const DAY_MS: i64 = 86_400_000;
        let day = ms.div_euclid(DAY_MS);
        if day != self.day || self.day_text.is_empty() {
            self.day = day;
            self.day_text = chrono::DateTime::from_timestamp(day * 86_400, 0)
                .map_or_else(String::new, |d| d.format("%Y-%m-%dT").to_string());
        }
        self.bytes.extend_from_slice(self.day_text.as_bytes());
        let of_day = ms.rem_euclid(DAY_MS) as u64;
        self.padded(of_day / 3_600_000, 2).text(":");
        self.padded(of_day / 60_000 % 60, 2).text(":");
        self.padded(of_day / 1_000 % 60, 2).text(".");
        self.padded(of_day % 1_000, 3).text("Z")
    }
}

/// 20 characters as sortable ids have them: 8 that grow with time, 12 by chance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id([u8; 20]);

impl Id {
    pub(super) fn new(rising: u64, chance: u64) -> Self {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let mut text = [0; 20];
        for (i, letter) in text.iter_mut().enumerate() {
            let five_bits = if i < 8 { rising >> (35 - 5 * i) } else { chance >> (55 - 5 * (i - 8)) };
            *letter = LETTERS[(five_bits & 31) as usize];
        }
        Self(text)
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|&letter| write!(f, "{}", char::from(letter)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_out_as_they_are_written() {
        let mut line = Line::default();
        line.text("a").number(0).text(" ").signed(-120).text(" ").padded(7, 5).text(" ").number(u64::MAX);
        assert_eq!(line.bytes, b"a0 -120 00007 18446744073709551615");
        line.clear();
        line.entity(Kind::Account, 42).text(" ").time(1_767_607_500_250);
        assert_eq!(line.bytes, b"acc-00000042 2026-01-05T10:05:00.250Z");
    }

    #[test]
    fn ids_sort_by_time_first() {
        assert!(Id::new(5, u64::MAX).to_string() < Id::new(6, 0).to_string());
        assert_eq!(Id::new(1, 1).to_string().len(), 20);
    }
}
