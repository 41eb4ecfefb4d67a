//! What parses to what, where errors point, and that printing reads back.

use proptest::prelude::*;

use super::parse;
use crate::model::filter::{
    Condition, Expr, Filter, NameKey, Node, Op, Operand, Path, Pattern, Piece, Root, Step, Test,
};

/// Every group in parentheses.
fn shape(filter: &str) -> String {
    fn write(node: &Node) -> String {
        let list = |parts: &[Node], word: &str| format!("({})", parts.iter().map(write).collect::<Vec<_>>().join(word));
        match &node.expr {
            Expr::And(parts) => list(parts, " & "),
            Expr::Or(parts) => list(parts, " | "),
            Expr::Not(inner) => format!("!{}", write(inner)),
            Expr::Test(test) => test.to_string(),
        }
    }
    match parse(filter) {
        Ok(filter) => filter.root.as_ref().map(write).unwrap_or_default(),
        Err(e) => format!("{}..{} {} / {}", e.at.start, e.at.end, e.message, e.hint),
    }
}

#[test]
fn words_become_trees() {
    for (filter, expected) in [
        ("", ""),
        ("  ", ""),
        ("refund", "\"refund\""),
        ("type:OrderPlaced", "type:OrderPlaced"),
        ("type=Order*", "type:Order*"),
        ("type!=A", "!type:A"),
        ("type:A type:B", "(type:A & type:B)"),
        ("type:A and type:B or type:C", "((type:A & type:B) | type:C)"),
        ("type:A AND (type:B OR type:C)", "(type:A & (type:B | type:C))"),
        ("not type:A type:B", "(!type:A & type:B)"),
        ("!(a or b)", "!(\"a\" | \"b\")"),
        ("not not a", "!!\"a\""),
        ("entity:order:456", "entity:order:456"),
        ("entity:\"order:a b\"", "entity:\"order:a b\""),
        ("service:\"a\\\"b\"", "service:\"a\\\"b\""),
        ("data.total>50", "data.total>50"),
        ("data.items[0].sku=A", "data.items[0].sku:A"),
        ("payload.\"a b\".*:x", "data.\"a b\".*:x"),
        ("headers.tenant:x", "headers.tenant:x"),
        ("data.total>\"50\"", "data.total>\"50\""),
        ("time>=2026-02-16T10:00Z", "time>=2026-02-16T10:00Z"),
        ("time:\"2026-02-16 10:00\"", "time=\"2026-02-16 10:00\""),
        ("version>=3", "version>=3"),
        ("is:undecodable", "is:undecodable"),
        ("/a\\/b \\d+/i", "/a\\/b \\d+/i"),
        ("\"and\"", "\"and\""),
        ("(((a)))", "\"a\""),
        ("a(b)c", "(\"a\" & \"b\" & \"c\")"),
        ("type:\\*", "type:\"*\""),
    ] {
        assert_eq!(shape(filter), expected, "{filter}");
    }
}

#[test]
fn errors_name_the_place_and_the_remedy() {
    for (filter, expected) in [
        ("type:", "0..5 expected a value after `type:` / put values with spaces in quotes"),
        ("a type: b", "2..7 expected a value after `type:` / put values with spaces in quotes"),
        ("typ:A", "0..3 `typ` is not a key / did you mean `type`?"),
        ("tpye:A", "0..4 `tpye` is not a key / did you mean `type`?"),
        (
            "total>50",
            "0..5 `total` is not a key / fields of the payload start with `data.`, as in `data.total`; text goes in quotes",
        ),
        ("type>A", "4..5 `type` has no order / write `type:A`; `*` stands for anything"),
        (">5", "0..1 `>` has nothing before it / write what to compare before it, as in `data.total>50`"),
        ("time>noon", "5..9 `noon` is not a time / write it as `2026-02-16` or `2026-02-16T10:30:00Z`"),
        ("version:x", "8..9 `x` is not a version / a version is a whole number, as in `version>=3`"),
        ("is:odd", "3..6 `odd` is not a condition / there are `is:undecodable`, `is:untimed`, `is:doubtful`"),
        ("is!=untimed", "2..4 a condition holds or it does not / write `is:untimed` or `not is:untimed`"),
        ("(a", "0..1 `(` is not closed / add `)`"),
        ("a)", "1..2 `)` has no `(` / remove it, or open it before"),
        ("()", "0..2 the parentheses are empty / put terms between them, or remove them"),
        ("a or", "2..4 `or` has nothing after it / add a term, or remove it"),
        (
            "and a",
            "0..3 `and` stands where a term should / add a term before it; the word itself is searched for in quotes",
        ),
        ("not", "0..3 `not` has nothing after it / add a term, or remove it"),
        ("\"a", "0..2 the quote is not closed / add `\"` at its end; `\\\"` is a quote inside quotes"),
        ("type:\"a", "5..7 the quote is not closed / add `\"` at its end; `\\\"` is a quote inside quotes"),
        (
            "/a",
            "0..2 the regular expression has no end / end it with `/`, or put text that starts with a slash in quotes",
        ),
        ("/(/", "0..3 the regular expression is not valid / unclosed group"),
        (
            "/a/x",
            "3..4 `x` is no flag of a regular expression / `i` ignores case; text that starts with a slash goes in quotes",
        ),
        ("data:5", "0..4 `data` alone has no value / name a field in it, as in `data.total`"),
        ("data.a..b:5", "6..7 a name is missing after the dot / write a field as `data.total`"),
        ("data.a[x]:5", "6..9 `x` is not a place in a list / write `items[0]`, or `items` for any element"),
    ] {
        assert_eq!(shape(filter), expected, "{filter}");
    }
}

#[test]
fn nothing_exhausts_the_stack() {
    for filter in ["(".repeat(100_000), "not ".repeat(100_000), "!(".repeat(50_000), "data.a[".repeat(1000) + ":x"] {
        assert!(parse(&filter).is_err());
    }
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z]{1,5}", "[-a-z .:()*\"\\\\/é]{1,6}", Just("and".to_owned()), Just("50.0".to_owned())]
}

fn pattern() -> impl Strategy<Value = Pattern> {
    (text(), proptest::option::of(text()), any::<bool>()).prop_map(|(first, last, leads)| {
        let mut pieces = if leads { vec![Piece::Any] } else { Vec::new() };
        pieces.push(Piece::Text(first));
        pieces.extend(last.map(|last| [Piece::Any, Piece::Text(last)]).into_iter().flatten());
        Pattern(pieces)
    })
}

fn op() -> impl Strategy<Value = Op> {
    proptest::sample::select(vec![Op::Is, Op::IsNot, Op::Less, Op::AtMost, Op::Greater, Op::AtLeast])
}

fn test() -> impl Strategy<Value = Test> {
    let step = prop_oneof![text().prop_map(Step::Member), (0_usize..9).prop_map(Step::Index), Just(Step::Any)];
    let path = (proptest::sample::select(Root::ALL.to_vec()), proptest::collection::vec(step, 1..4));
    let operand = prop_oneof![
        pattern()
            .prop_filter("as a bare value", |p| !p.to_string().starts_with('"'))
            .prop_map(|pattern| Operand { pattern, quoted: false }),
        text().prop_map(|text| Operand { pattern: Pattern::exactly(text), quoted: true }),
    ];
    prop_oneof![
        (proptest::sample::select(NameKey::ALL.to_vec()), pattern())
            .prop_map(|(key, pattern)| Test::Name { key, pattern }),
        (op(), any::<u32>()).prop_map(|(op, value)| Test::Version { op, value }),
        proptest::sample::select(Condition::ALL.to_vec()).prop_map(Test::Is),
        op().prop_map(|op| Test::Time {
            op,
            value: super::moment::parse_instant("2026-02-16 10:30").expect("a moment")
        }),
        (path, op(), operand).prop_map(|((root, steps), op, value)| Test::Field {
            path: Path { root, steps },
            op,
            value
        }),
        text().prop_map(Test::Text),
        any::<bool>().prop_map(|ignore_case| Test::Regex { pattern: "a/b\\\\/\\d[/]".to_owned(), ignore_case }),
    ]
}

fn node() -> impl Strategy<Value = Node> {
    let at = |expr| Node { expr, at: 0..0 };
    test().prop_map(move |test| at(Expr::Test(test))).prop_recursive(4, 24, 3, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(move |parts| at(Expr::And(parts))),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(move |parts| at(Expr::Or(parts))),
            inner.prop_map(move |inner| at(Expr::Not(Box::new(inner)))),
        ]
    })
}

proptest! {
    #[test]
    fn printing_reads_back(root in node()) {
        let filter = Filter { root: Some(root) };
        let printed = filter.to_string();
        prop_assert_eq!(parse(&printed).map_err(|e| format!("{e} in {printed}")), Ok(filter), "{}", printed);
    }

    #[test]
    fn no_text_breaks_the_parser(text in "[a-z:.<>=!()\"/*\\\\\\[\\] é]{0,30}") {
        match parse(&text) {
            Ok(_) => {}
            Err(e) => {
                prop_assert!(text.get(e.at.clone()).is_some(), "{:?} in {}", e.at, text);
                prop_assert!(!e.message.is_empty() && !e.hint.is_empty());
            }
        }
    }
}
