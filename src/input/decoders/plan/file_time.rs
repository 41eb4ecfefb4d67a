//! The first date and time in a file's name: folders with one event per file often have no other.

/// `003--2022-12-03--00-00-01--usage.json` → `2022-12-03T00:00:01`; a date alone is its midnight.
pub(super) fn file_time(name: &str) -> Option<String> {
    let bytes = name.as_bytes();
    (0..bytes.len()).find_map(|start| {
        let mut digits = String::new();
        let boundary = start == 0 || !bytes.get(start - 1).is_some_and(u8::is_ascii_digit);
        let mut at = start;
        // A date, then a clock: digits with at most two other characters between them.
        while digits.len() < 14 {
            let gap =
                bytes.get(at..)?.iter().take_while(|b| matches!(b, b'-' | b'_' | b'T' | b'.' | b':' | b' ')).count();
            let digit = bytes.get(at + gap).copied().filter(u8::is_ascii_digit);
            let Some(digit) = digit.filter(|_| gap <= 2 && !(digits.is_empty() && gap > 0)) else { break };
            digits.push(char::from(digit));
            at += gap + 1;
        }
        let part = |from: usize, to: usize| digits.get(from..to);
        let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
        let number = |text: &str| text.parse::<u32>().unwrap_or(u32::MAX);
        let date = boundary
            && (1970..2262).contains(&number(year))
            && (1..=12).contains(&number(month))
            && (1..=31).contains(&number(day));
        if !date {
            return None;
        }
        let clock = match (part(8, 10), part(10, 12), part(12, 14)) {
            (Some(h), Some(m), s) if number(h) < 24 && number(m) < 60 => {
                format!("{h}:{m}:{}", s.filter(|s| number(s) < 60).unwrap_or("00"))
            }
            _ => "00:00:00".to_owned(),
        };
        Some(format!("{year}-{month}-{day}T{clock}"))
    })
}
