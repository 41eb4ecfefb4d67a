//! Arguments against folders made for each test.

use super::*;

fn names(found: &[Result<Target>], root: &Path) -> Vec<String> {
    found
        .iter()
        .map(|target| match target {
            Ok(target) => {
                let path =
                    target.address.path().map(|path| path.strip_prefix(root).unwrap_or(path).display().to_string());
                path.unwrap_or_else(|| "-".to_owned())
            }
            Err(error) => format!("! {}", error.summary),
        })
        .collect()
}

fn tree() -> tempfile::TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder");
    for name in ["b.log", "a.log", ".hidden.log", "sub/c.log", "sub/deep/d.ndjson", "x.db", "x.db-wal", "x.db-shm"] {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        std::fs::write(path, name).expect("a file");
    }
    dir
}

fn check(dir: &Path, args: &[&str], expected: &[&str]) {
    let args: Vec<String> = args
        .iter()
        .map(|arg| if *arg == "-" { (*arg).to_owned() } else { dir.join(arg).display().to_string() })
        .collect();
    assert_eq!(names(&expand(&args), dir), expected, "{args:?}");
}

#[test]
fn arguments_become_sources() {
    let tree = tree();
    let dir = tree.path();
    check(dir, &["b.log"], &["b.log"]);
    check(dir, &["-", "a.log"], &["-", "a.log"]);
    check(dir, &[""], &["a.log", "b.log", "sub/c.log", "sub/deep/d.ndjson", "x.db"]);
    check(dir, &["*.log"], &["a.log", "b.log"]);
    check(dir, &["**/*.log"], &["a.log", "b.log", "sub/c.log"]);
    check(dir, &["s?b/*"], &["sub/c.log", "sub/deep/d.ndjson"]);
    check(dir, &["[!a].log"], &["b.log"]);
    check(dir, &["a.log", "a.log", "./a.log"], &["a.log"]);
    check(dir, &["none.log", "a.log"], &["! Cannot read the file", "a.log"]);
    check(dir, &["*.csv"], &["! No file fits the pattern"]);
}

#[test]
fn a_table_may_be_named() {
    let tree = tree();
    let found = expand(&[format!("{}?table=events", tree.path().join("x.db").display())]);
    let expected = Address::File { path: tree.path().join("x.db"), table: Some("events".to_owned()) };
    assert!(matches!(found.as_slice(), [Ok(target)] if target.address == expected && target.named), "{found:?}");
    assert!(expected.to_string().ends_with("x.db?table=events"));
}

#[test]
fn it_is_known_what_was_named() {
    let tree = tree();
    let arg = |name: &str| tree.path().join(name).display().to_string();
    let found = expand(&[arg("*.log"), arg("a.log"), arg("sub"), arg("")]);
    let reasons: Vec<(String, bool, usize)> =
        found.iter().flatten().map(|target| (target.address.name(), target.named, target.groups.len())).collect();
    let expected =
        [("a.log", true, 2), ("b.log", false, 2), ("c.log", false, 1), ("d.ndjson", false, 1), ("x.db", false, 1)];
    assert_eq!(reasons, expected.map(|(name, named, groups)| (name.to_owned(), named, groups)));
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_loops_are_not() {
    let tree = tree();
    let dir = tree.path();
    std::os::unix::fs::symlink(dir, dir.join("sub/up")).expect("a link");
    std::os::unix::fs::symlink(dir.join("a.log"), dir.join("again.log")).expect("a link");
    std::os::unix::fs::symlink(dir.join("gone"), dir.join("broken.log")).expect("a link");
    std::os::unix::fs::symlink(dir.join("self"), dir.join("self")).expect("a link");
    check(dir, &[""], &["a.log", "b.log", "sub/c.log", "sub/deep/d.ndjson", "x.db"]);
    check(dir, &["broken.log"], &["! The link leads nowhere"]);
    check(dir, &["self"], &["! The link leads nowhere"]);
}

#[test]
fn names_fit_patterns() {
    for (pattern, name, expected) in [
        ("*", "a", true),
        ("a*b*c", "aXbYbc", true),
        ("a*b*c", "aXbYb", false),
        ("?.log", "ä.log", true),
        ("[a-c]x", "bx", true),
        ("[!a-c]x", "bx", false),
        ("[", "[", true),
        ("*a*a*a*a*a*a*a*b", &"a".repeat(200), false),
    ] {
        assert_eq!(glob::fits(pattern, name), expected, "{pattern} {name}");
    }
}
