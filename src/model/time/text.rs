//! Times written as text, in every form that logs are known to use.
//!
//! Forms that mean different days to different readers (`03/04/2026`) are no time at all: a wrong
//! instant is worse than none. A year that is missing (syslog) makes no instant either.

use super::TimeNs;
use super::civil::Civil;
use super::number::dotnet_json_date;

/// Reads a date with a clock time (or a date alone, which is its midnight). `zone_minutes` east of UTC
/// counts where the text names no zone. Numbers that count from an epoch are not texts, except
/// `/Date(…)/`; `20240102T030405Z` and `20240102030405` are.
#[must_use]
pub fn parse_text(text: &[u8], zone_minutes: i32) -> Option<TimeNs> {
    let text = text.trim_ascii();
    let text = text.strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]")).unwrap_or(text);
    if text.starts_with(b"/Date(") {
        return dotnet_json_date(text);
    }
    // The longest honest form is JavaScript's, with the zone's name in words.
    if text.len() > 80 {
        return None;
    }
    let mut cursor = Cursor { rest: text };
    let mut civil = Civil { zone_minutes, ..Civil::default() };
    let year_comes_last = cursor.date(&mut civil)?;
    if !cursor.rest.is_empty() {
        cursor.separator()?;
        cursor.clock(&mut civil)?;
        cursor.tail(&mut civil, year_comes_last)?;
    } else if year_comes_last {
        return None;
    }
    civil.instant()
}

struct Cursor<'a> {
    rest: &'a [u8],
}

impl Cursor<'_> {
    fn peek(&self) -> u8 {
        self.rest.first().copied().unwrap_or(0)
    }

    fn skip(&mut self, n: usize) {
        self.rest = self.rest.get(n..).unwrap_or_default();
    }

    fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == byte && !self.rest.is_empty();
        if is {
            self.skip(1);
        }
        is
    }

    fn spaces(&mut self) {
        while self.eat(b' ') {}
    }

    fn digits_ahead(&self) -> usize {
        self.rest.iter().take_while(|b| b.is_ascii_digit()).count()
    }

    /// Exactly `n` digits.
    fn number(&mut self, n: usize) -> Option<u32> {
        let digits = self.rest.get(..n)?;
        let mut value = 0;
        for digit in digits {
            if !digit.is_ascii_digit() {
                return None;
            }
            value = value * 10 + u32::from(digit - b'0');
        }
        self.skip(n);
        Some(value)
    }

    /// One or two digits that are not part of a longer number.
    fn short_number(&mut self) -> Option<u32> {
        match self.digits_ahead() {
            n @ 1..=2 => self.number(n),
            _ => None,
        }
    }

    fn word(&mut self) -> &[u8] {
        let n = self.rest.iter().take_while(|b| b.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at(n);
        self.rest = rest;
        word
    }

    /// Reads a date in one of its forms; true where the year is still to come (ctime).
    fn date(&mut self, civil: &mut Civil) -> Option<bool> {
        if self.peek().is_ascii_alphabetic() {
            return self.date_with_words_first(civil);
        }
        match self.digits_ahead() {
            4 => self.year_first(civil)?,
            8 => self.compact_date(civil)?,
            14 | 17 => {
                self.compact_date(civil)?;
                return Some(false);
            }
            1 | 2 => self.day_or_month_first(civil)?,
            _ => return None,
        }
        Some(false)
    }

    /// `2026-02-16`, `2026/02/16`, `2026.02.16`, `2026-2-6`, `2026-Feb-16`, `2026-047`.
    fn year_first(&mut self, civil: &mut Civil) -> Option<()> {
        civil.year = i32::try_from(self.number(4)?).ok()?;
        let separator = self.peek();
        if !matches!(separator, b'-' | b'/' | b'.' | b' ') {
            return None;
        }
        self.skip(1);
        if separator == b'-' && self.digits_ahead() == 3 {
            return self.day_of_year(civil);
        }
        civil.month = if self.peek().is_ascii_alphabetic() { month(self.word())? } else { self.short_number()? };
        if !self.eat(separator) {
            return None;
        }
        civil.day = self.short_number()?;
        Some(())
    }

    /// `2026-047`: the 47th day, as ISO 8601 has it.
    fn day_of_year(&mut self, civil: &mut Civil) -> Option<()> {
        let mut day = self.number(3)?;
        let leap = super::civil::days_from_civil(civil.year, 2, 29).is_some();
        let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        for (length, month) in lengths.into_iter().zip(1..) {
            if day <= length {
                (civil.month, civil.day) = (month, day);
                return Some(());
            }
            day -= length;
        }
        None
    }

    fn compact_date(&mut self, civil: &mut Civil) -> Option<()> {
        civil.year = i32::try_from(self.number(4)?).ok()?;
        civil.month = self.number(2)?;
        civil.day = self.number(2)?;
        Some(())
    }

    /// `16/Feb/2026`, `16-Feb-26`, `16 Feb 2026`, `16.02.2026`, and `02/16/2026` where only one of the
    /// two numbers can be a month.
    fn day_or_month_first(&mut self, civil: &mut Civil) -> Option<()> {
        let first = self.short_number()?;
        let dot = self.eat(b'.');
        if dot {
            self.spaces();
        }
        let separator = if dot { b'.' } else { self.peek() };
        if !dot {
            if !matches!(separator, b'/' | b'-' | b' ') {
                return None;
            }
            self.skip(1);
        }
        if self.peek().is_ascii_alphabetic() {
            civil.day = first;
            civil.month = month(self.word())?;
            let _ = self.eat(b'.');
            if !(self.eat(b' ') || self.eat(b'/') || self.eat(b'-')) {
                return None;
            }
            civil.year = self.year()?;
            return Some(());
        }
        let second = self.short_number()?;
        if separator == b' ' || !self.eat(separator) {
            return None;
        }
        if dot {
            self.spaces();
        }
        civil.year = i32::try_from(self.number(4)?).ok()?;
        (civil.day, civil.month) = match (first, second) {
            _ if dot => (first, second),
            (13.., 1..=12) => (first, second),
            (1..=12, 13..) => (second, first),
            _ if first == second => (first, second),
            _ => return None,
        };
        Some(())
    }

    /// `Mon, 16 Feb 2026`, `Sunday, 06-Nov-94`, `Mon Feb 16` (the year behind the clock), `Feb 16, 2026`.
    fn date_with_words_first(&mut self, civil: &mut Civil) -> Option<bool> {
        let word = self.word();
        let mut known_month = month(word);
        if known_month.is_none() {
            if !is_weekday(word) {
                return None;
            }
            let _ = self.eat(b',');
            self.spaces();
            if self.peek().is_ascii_digit() {
                self.day_or_month_first(civil)?;
                return Some(false);
            }
            known_month = month(self.word());
        }
        civil.month = known_month?;
        let _ = self.eat(b'.');
        self.spaces();
        civil.day = self.short_number()?;
        let comma = self.eat(b',');
        // `Feb 16 2026`, or ctime, where the clock follows.
        let year_here =
            self.rest.get(..5).is_some_and(|r| r.starts_with(b" ") && r.iter().skip(1).all(u8::is_ascii_digit));
        if year_here && self.rest.get(5) != Some(&b':') {
            self.skip(1);
            civil.year = self.year()?;
            return Some(false);
        }
        if comma { None } else { Some(true) }
    }

    /// Four digits, or the two of RFC 850: 69 to 99 are the last century's.
    fn year(&mut self) -> Option<i32> {
        match self.digits_ahead() {
            4 => i32::try_from(self.number(4)?).ok(),
            2 => {
                let short = i32::try_from(self.number(2)?).ok()?;
                Some(if short < 69 { 2000 + short } else { 1900 + short })
            }
            _ => None,
        }
    }

    /// Between date and clock: `T`, spaces, a comma, Apache's colon.
    fn separator(&mut self) -> Option<()> {
        match self.peek() {
            b'T' | b't' | b':' | b'_' | b'-' => self.skip(1),
            b' ' | b',' => {
                let _ = self.eat(b',');
                self.spaces();
                if self.rest.starts_with(b"at ") {
                    self.skip(3);
                }
            }
            b'0'..=b'9' => {}
            _ => return None,
        }
        Some(())
    }

    /// `10:30:00.123456789`, `10:30`, `103000,5`, `10:30:00:123456` (NServiceBus), `10:30:00 PM`.
    fn clock(&mut self, civil: &mut Civil) -> Option<()> {
        let ahead = self.digits_ahead();
        if let 4 | 6 | 9 = ahead {
            (civil.hour, civil.minute) = (self.number(2)?, self.number(2)?);
            if ahead > 4 {
                civil.second = self.number(2)?;
            }
            if ahead == 9 {
                civil.nanos = self.number(3)? * 1_000_000;
                return Some(());
            }
        } else {
            civil.hour = self.short_number()?;
            if !self.eat(b':') {
                return None;
            }
            civil.minute = self.number(2)?;
            if self.eat(b':') {
                civil.second = self.number(2)?;
            }
        }
        let colon_fraction =
            self.peek() == b':' && self.rest.iter().skip(1).take_while(|b| b.is_ascii_digit()).count() >= 3;
        if matches!(self.peek(), b'.' | b',') || colon_fraction {
            self.skip(1);
            civil.nanos = self.fraction()?;
        }
        self.half_of_day(civil)
    }

    /// Any number of digits; those below a nanosecond are cut off.
    fn fraction(&mut self) -> Option<u32> {
        let n = self.digits_ahead();
        if n == 0 {
            return None;
        }
        let digits = self.rest.iter().take(n).chain(std::iter::repeat(&b'0')).take(9);
        let nanos = digits.fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
        self.skip(n);
        Some(nanos)
    }

    fn half_of_day(&mut self, civil: &mut Civil) -> Option<()> {
        let mut ahead = Cursor { rest: self.rest };
        ahead.spaces();
        let afternoon = match ahead.word() {
            b"AM" | b"am" => false,
            b"PM" | b"pm" => true,
            _ => return Some(()),
        };
        self.rest = ahead.rest;
        if !(1..=12).contains(&civil.hour) {
            return None;
        }
        civil.hour = civil.hour % 12 + if afternoon { 12 } else { 0 };
        Some(())
    }

    /// Zone, ctime's year, a comment; nothing may be left after them.
    fn tail(&mut self, civil: &mut Civil, mut year_missing: bool) -> Option<()> {
        let (mut zone_seen, mut offset_seen) = (false, false);
        loop {
            self.spaces();
            match self.peek() {
                0 if self.rest.is_empty() => return (!year_missing).then_some(()),
                // `GMT+0100` counts from a zone that is UTC itself.
                b'+' | b'-' if !offset_seen && (!zone_seen || civil.zone_minutes == 0) => {
                    civil.zone_minutes = self.offset()?;
                    offset_seen = true;
                }
                b'0'..=b'9' if year_missing => {
                    civil.year = i32::try_from(self.number(4)?).ok()?;
                    year_missing = false;
                }
                b'(' if self.rest.ends_with(b")") => self.rest = &[],
                b'[' if self.rest.ends_with(b"]") => self.rest = &[],
                letter if letter.is_ascii_alphabetic() && !zone_seen => {
                    let named = zone(self.word());
                    // Go writes `+0100 CET`: the offset is the truth, the name a label.
                    if !offset_seen {
                        civil.zone_minutes = named?;
                    }
                    zone_seen = true;
                }
                _ => return None,
            }
        }
    }

    /// `+01:00`, `+0100`, `+01`, `-05:30:00`.
    fn offset(&mut self) -> Option<i32> {
        let negative = self.peek() == b'-';
        self.skip(1);
        let hours = self.number(2)?;
        let _ = self.eat(b':');
        let minutes = if self.digits_ahead() >= 2 { self.number(2)? } else { 0 };
        if self.rest.starts_with(b":00") {
            self.skip(3);
        }
        if hours > 23 || minutes > 59 {
            return None;
        }
        let total = i32::try_from(hours * 60 + minutes).ok()?;
        Some(if negative { -total } else { total })
    }
}

fn month(word: &[u8]) -> Option<u32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let word = std::str::from_utf8(word).ok()?.to_ascii_lowercase();
    let fits = |name: &str| word.len() >= 3 && (name.starts_with(&word) || (word == "sept" && name == "september"));
    let at = MONTHS.iter().position(|name| fits(name) && (word.len() <= 4 || *name == word))?;
    u32::try_from(at + 1).ok()
}

fn is_weekday(word: &[u8]) -> bool {
    const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let word = String::from_utf8_lossy(word).to_ascii_lowercase();
    word.len() >= 3 && DAYS.iter().any(|day| day.starts_with(&word))
}

/// UTC's names and the zones of RFC 2822; other abbreviations mean several zones each.
fn zone(word: &[u8]) -> Option<i32> {
    Some(match word {
        b"Z" | b"z" | b"UTC" | b"utc" | b"GMT" | b"UT" => 0,
        b"CET" => 60,
        b"CEST" => 120,
        b"EST" => -300,
        b"EDT" => -240,
        b"CST" => -360,
        b"CDT" => -300,
        b"MST" => -420,
        b"MDT" => -360,
        b"PST" => -480,
        b"PDT" => -420,
        _ => return None,
    })
}
