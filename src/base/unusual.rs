//! Characters that show nothing of themselves or change how others are shown. In an id they make two names
//! look like one; on a terminal some of them are commands.

/// Control characters, format characters (Unicode's Cc and Cf: marks of direction, zero widths, tags), and what
/// is drawn as nothing by other names: fillers, variation selectors, line separators.
#[must_use]
pub fn is_unusual(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{9f}'          // control characters
        | '\u{ad}'                                         // soft hyphen
        | '\u{34f}' | '\u{61c}' | '\u{180e}'
        | '\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}'..='\u{891}' | '\u{8e2}' // signs over digits
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // fillers
        | '\u{200b}'..='\u{200f}'                          // zero widths, marks of direction
        | '\u{2028}'..='\u{202e}'                          // separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}'                          // joiners, isolates
        | '\u{fe00}'..='\u{fe0f}'                          // variation selectors
        | '\u{feff}' | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}' | '\u{110cd}' | '\u{13430}'..='\u{1345f}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}'                        // tags
    )
}

/// What is odd about a name that one sends something to, in words: characters that cannot be seen, or letters
/// of two alphabets that look alike (`оrders` with a Cyrillic о).
#[must_use]
pub fn oddity(name: &str) -> Option<String> {
    if let Some(c) = name.chars().find(|c| is_unusual(*c)) {
        return Some(format!("holds a character that cannot be seen, U+{:04X}", u32::from(c)));
    }
    let latin =
        name.chars().any(|c| matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'));
    let (c, script) = name.chars().find_map(|c| Some((c, looks_latin(c)?)))?;
    latin.then(|| format!("mixes Latin with {script} letters (U+{:04X}), which look alike", u32::from(c)))
}

/// The alphabets with letters that are drawn as Latin ones are (Unicode's confusables; full widths too).
fn looks_latin(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{370}'..='\u{3ff}' | '\u{1f00}'..='\u{1fff}' => "Greek",
        '\u{400}'..='\u{52f}' | '\u{1c80}'..='\u{1c8f}' | '\u{2de0}'..='\u{2dff}' | '\u{a640}'..='\u{a69f}' => {
            "Cyrillic"
        }
        '\u{531}'..='\u{588}' => "Armenian",
        '\u{13a0}'..='\u{13ff}' | '\u{ab70}'..='\u{abbf}' => "Cherokee",
        '\u{2c80}'..='\u{2cff}' => "Coptic",
        '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => "full-width",
        '\u{1d400}'..='\u{1d7ff}' => "mathematical",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_and_control_character_is_unusual() {
        let hidden =
            regex::Regex::new(r"^[\p{Cf}\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]$").expect("known classes");
        let mut buf = [0; 4];
        let missed: Vec<char> =
            ('\0'..=char::MAX).filter(|c| hidden.is_match(c.encode_utf8(&mut buf)) && !is_unusual(*c)).collect();
        // Khmer's two vowels of no form and their like are part of words, not of attacks.
        assert!(missed.iter().all(|c| matches!(c, '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}')), "{missed:?}");
        for c in "aé漢🙂 -_.:/ßЖعדา".chars() {
            assert!(!is_unusual(c), "{c}");
        }
    }

    #[test]
    fn names_that_look_like_others_are_odd() {
        for (name, odd) in [
            ("orders", ""),
            ("größe.straße", ""),
            ("заказы", ""),
            ("注文-orders", ""),
            ("παραγγελίες", ""),
            ("\u{43e}rders", "mixes Latin with Cyrillic letters (U+043E), which look alike"),
            ("\u{3bf}rders", "mixes Latin with Greek letters (U+03BF), which look alike"),
            ("ord\u{ff45}rs", "mixes Latin with full-width letters (U+FF45), which look alike"),
            ("ord\u{200b}ers", "holds a character that cannot be seen, U+200B"),
            ("a\0", "holds a character that cannot be seen, U+0000"),
        ] {
            assert_eq!(oddity(name).unwrap_or_default(), odd, "{name:?}");
        }
    }
}
