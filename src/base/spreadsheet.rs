//! Cells for spreadsheets: one that a spreadsheet would take for a formula gets a quote in front (OWASP's
//! advice on CSV injection). Numbers stay numbers.

use std::borrow::Cow;

/// What a person should know of such a table.
pub const DISARMED: &str = "What a spreadsheet would run as a formula gets a quote in front";

/// What a formula begins with, blanks aside, in either width.
const TRIGGERS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\0', '＝', '＋', '－', '＠'];

/// `=1+1` → `'=1+1`, `-12.5e3` as it is.
#[must_use]
pub fn disarmed(cell: &str) -> Cow<'_, str> {
    let first = cell.chars().find(|c| *c != ' ');
    if first.is_some_and(|c| TRIGGERS.contains(&c)) && !is_number(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// As JSON writes them: `-12.5e3`.
fn is_number(cell: &str) -> bool {
    serde_json::from_str::<serde_json::Number>(cell).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_disarmed_and_numbers_stay() {
        for (cell, expected) in [
            ("=1+1", "'=1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("+49 170", "'+49 170"),
            ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
            ("  =1+1", "'  =1+1"),
            ("＝1+1", "'＝1+1"),
            ("\t=1", "'\t=1"),
            ("\0", "'\0"),
            ("-12.5e3", "-12.5e3"),
            ("-", "'-"),
            ("order-456", "order-456"),
            ("{\"a\":\"=1\"}", "{\"a\":\"=1\"}"),
            ("", ""),
        ] {
            assert_eq!(disarmed(cell), expected);
        }
    }
}
