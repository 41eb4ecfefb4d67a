//! Numbers, sizes and durations as people read them. No locale: thin groups of three by commas.

use std::fmt::Write as _;

/// `2995510` → `2,995,510`.
#[must_use]
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// `2 events`, `1 event`.
#[must_use]
pub fn plural(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// The text as a sentence begins.
#[must_use]
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Bytes in binary units with three significant digits: `1.04 GiB`, `512 B`.
#[must_use]
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if n < 1024 {
        return format!("{n} B");
    }
    let mut value = n as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {}", UNITS[unit])
}

/// `1500000`, `500M`, `20G`, `1.5 GiB`: all binary units, with or without their last letters.
///
/// # Errors
/// What it should look like.
pub fn parse_bytes(text: &str) -> Result<u64, String> {
    let wrong = || format!("{text:?} is no size; write it as 500M or 20G");
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let shift = match unit.trim().to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "" => 0,
        "k" => 10,
        "m" => 20,
        "g" => 30,
        "t" => 40,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    Ok((number * (1u64 << shift) as f64) as u64)
}

/// `250ms`, `30s`, `1.5 h`, `2d`, in nanoseconds.
///
/// # Errors
/// What it should look like.
pub fn parse_duration(text: &str) -> Result<i64, String> {
    let wrong = || format!("{text:?} is no length of time; write it as 250ms, 30s, 5m, 2h or 1d");
    let trimmed = text.trim();
    let end = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(end);
    let ns = match unit.trim() {
        "ns" => 1.0,
        "us" | "µs" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "m" | "min" => 60e9,
        "h" => 3_600e9,
        "d" => 86_400e9,
        _ => return Err(wrong()),
    };
    let number: f64 = number.parse().map_err(|_| wrong())?;
    Ok((number * ns) as i64)
}

/// A length of time in the two largest units that matter: `412 ms`, `3.2 s`, `4 min 10 s`, `2 d 3 h`.
#[must_use]
pub fn duration_ns(ns: i64) -> String {
    let mut out = String::new();
    if ns < 0 {
        out.push('−');
    }
    let n = ns.unsigned_abs();
    let written = match n {
        0 => write!(out, "0 s"),
        1..1_000 => write!(out, "{n} ns"),
        1_000..1_000_000 => write!(out, "{} µs", n / 1_000),
        1_000_000..1_000_000_000 => write!(out, "{} ms", n / 1_000_000),
        1_000_000_000..60_000_000_000 => write!(out, "{:.1} s", n as f64 / 1e9),
        _ => {
            let s = n / 1_000_000_000;
            let two = |out: &mut String, big: u64, big_unit: &str, small: u64, small_unit: &str| {
                if small == 0 {
                    write!(out, "{big} {big_unit}")
                } else {
                    write!(out, "{big} {big_unit} {small} {small_unit}")
                }
            };
            match s {
                0..3_600 => two(&mut out, s / 60, "min", s % 60, "s"),
                3_600..86_400 => two(&mut out, s / 3_600, "h", s / 60 % 60, "min"),
                86_400..31_557_600 => two(&mut out, s / 86_400, "d", s / 3_600 % 24, "h"),
                _ => two(&mut out, s / 31_557_600, "y", s % 31_557_600 / 86_400, "d"),
            }
        }
    };
    debug_assert!(written.is_ok(), "writing to a String cannot fail");
    out
}

/// A name without case and underscores: `Aggregate_Id` and `aggregateId` are the same to two mappers of one store.
#[must_use]
pub fn folded(name: &str) -> String {
    name.chars().filter(|c| *c != '_').map(|c| c.to_ascii_lowercase()).collect()
}

/// Whether one letter changed, missing, added or swapped with its neighbour makes `a` of `b`.
#[must_use]
pub fn one_edit(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    let same_end = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    match (&a[..a.len() - same_end], &b[..b.len() - same_end]) {
        ([x1, x2], [y1, y2]) => x1 == y2 && x2 == y1,
        (x, y) => x.len().max(y.len()) <= 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped_by_three() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (2_995_510, "2,995,510")] {
            assert_eq!(count(n), text);
        }
    }

    #[test]
    fn sizes_keep_three_digits() {
        for (n, text) in [(512, "512 B"), (1024, "1.00 KiB"), (10_240, "10.0 KiB"), (1_000 << 20, "0.98 GiB")] {
            assert_eq!(bytes(n), text);
        }
    }

    #[test]
    fn durations_show_their_two_largest_units() {
        for (ns, text) in [
            (412_000_000, "412 ms"),
            (-3_200_000_000, "−3.2 s"),
            (250_000_000_000, "4 min 10 s"),
            (51 * 3_600_000_000_000, "2 d 3 h"),
            (0, "0 s"),
        ] {
            assert_eq!(duration_ns(ns), text);
        }
    }
}
