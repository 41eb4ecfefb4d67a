//! Makes a script of a module's text without moving anything: every line and column stays where it is.
//!
//! `export` goes, `export default` becomes a variable, and private members become public ones: a state
//! must be seen and restored from outside (`#balance` is `$balance` in it).

use super::lexer::{Kind, Token, tokens};

/// The variable that holds what a module exports by default: as long as the word `export`.
pub const EXPORTED: &str = "$_";

pub struct Prepared {
    pub code: String,
    /// Classes that the text declares on its outermost level.
    pub classes: Vec<String>,
    /// What may be types of events: the text's short quoted pieces.
    pub quoted: Vec<String>,
    /// Byte places of `import`s, which can't be served.
    pub import: Option<usize>,
}

const MOST_QUOTED: usize = 64;

#[must_use]
pub fn prepare(text: &str) -> Prepared {
    let mut code = text.as_bytes().to_vec();
    let tokens: Vec<Token> = tokens(text).into_iter().filter(|token| token.kind != Kind::Comment).collect();
    let word = |i: usize| tokens.get(i).and_then(|token: &Token| text.get(token.at.clone())).unwrap_or_default();
    let mut prepared = Prepared { code: String::new(), classes: Vec::new(), quoted: Vec::new(), import: None };
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate() {
        match (token.kind, word(i)) {
            (Kind::Sign, "{" | "(" | "[") => depth += 1,
            (Kind::Sign, "}" | ")" | "]") => depth = depth.saturating_sub(1),
            // `${` … `}` are pieces of text; what is between is balanced.
            (Kind::Private, _) => code[token.at.start] = b'$',
            (Kind::Keyword, "class") if depth == 0 && tokens.get(i + 1).is_some_and(|t| t.kind == Kind::Name) => {
                prepared.classes.push(word(i + 1).to_owned());
            }
            (Kind::Keyword, "export") if depth == 0 && word(i + 1) == "default" => {
                code[token.at.clone()].copy_from_slice(b"var $_");
                if let Some(default) = tokens.get(i + 1) {
                    code[default.at.clone()].copy_from_slice(b"=      ");
                }
            }
            (Kind::Keyword, "export") if depth == 0 => code[token.at.clone()].fill(b' '),
            (Kind::Keyword, "import") if depth == 0 && !matches!(word(i + 1), "(" | ".") => {
                prepared.import.get_or_insert(token.at.start);
            }
            (Kind::Text, quoted) if quoted.len() < 100 && prepared.quoted.len() < MOST_QUOTED => {
                let inner = quoted.trim_matches(['"', '\'', '`']).to_owned();
                if !inner.is_empty() && !prepared.quoted.contains(&inner) {
                    prepared.quoted.push(inner);
                }
            }
            _ => {}
        }
    }
    // Only whole ASCII words were replaced by as many ASCII bytes.
    prepared.code = String::from_utf8(code).unwrap_or_else(|_| text.to_owned());
    prepared
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_become_scripts_of_the_same_shape() {
        for (text, code) in [
            ("export default class A {}", "var $_ =       class A {}"),
            ("export\ndefault (s, e) => s", "var $_\n=       (s, e) => s"),
            ("export function apply(s, e) {}", "       function apply(s, e) {}"),
            ("export { apply };", "       { apply };"),
            ("class A { #b = 0; apply() { this.#b++ } }", "class A { $b = 0; apply() { this.$b++ } }"),
            ("const a = 'export default #b';", "const a = 'export default #b';"),
        ] {
            let prepared = prepare(text);
            assert_eq!(prepared.code, code);
            assert_eq!(prepared.code.len(), text.len());
        }
    }

    #[test]
    fn declarations_are_found() {
        let found = prepare("class A {}\nclass B extends A { m() { class C {} } }\nconst t = { type: 'Opened' };");
        assert_eq!((found.classes, found.quoted), (vec!["A".to_owned(), "B".to_owned()], vec!["Opened".to_owned()]));
        assert_eq!(prepare("\nimport x from 'y';").import, Some(1));
        assert_eq!(prepare("import('y')").import, None);
    }
}
