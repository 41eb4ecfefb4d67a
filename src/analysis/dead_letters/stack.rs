//! Stack traces as text: the root cause behind its wrappers, and where it was thrown.

/// The innermost class and message of a Java trace (the last `Caused by:`) or a .NET one (the last
/// `--->`). `None` where the text is no trace of either.
#[must_use]
pub fn root(stack: &str) -> Option<(&str, Option<&str>)> {
    let caused = stack.lines().filter_map(|line| line.trim_start().strip_prefix("Caused by: ")).next_back();
    let first = || stack.lines().next().filter(|line| !is_frame(line));
    let line = caused.or_else(first)?;
    let line = line.rsplit_once(" ---> ").map_or(line, |(_, inner)| inner);
    let (class, message) = line.split_once(": ").map_or((line, None), |(class, message)| (class, Some(message)));
    let class = class.trim().trim_end_matches(':');
    is_class(class).then(|| (class, message.map(str::trim).filter(|text| !text.is_empty() && *text != "null")))
}

/// Where the root was thrown: `com.shop.Orders.on`, without file and line, which change with every build.
#[must_use]
pub fn frame(stack: &str) -> Option<&str> {
    let root_at = stack.rfind("Caused by: ").unwrap_or(0);
    let line = stack.get(root_at..)?.lines().find(|line| is_frame(line))?;
    let frame = line.trim_start().strip_prefix("at ")?;
    let end = frame.find(['(', ' ']).unwrap_or(frame.len());
    frame.get(..end).filter(|frame| !frame.is_empty())
}

fn is_frame(line: &str) -> bool {
    line.trim_start().starts_with("at ")
}

/// `com.shop.OrderException`, `System.ArgumentNullException`, `ValueError`.
#[must_use]
pub fn is_class(text: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '$' | '`' | '/' | '+' | ':');
    text.chars().next().is_some_and(char::is_alphabetic)
        && text.len() < 200
        && text.chars().all(letter)
        && (text.contains('.') || text.ends_with("Error") || text.ends_with("Exception"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_behind_its_wrappers() {
        let java = "org.a.ListenerFailed: Listener failed\n\tat org.a.B.c(B.java:1)\nCaused by: java.lang.IllegalStateException: no customer\n\tat com.shop.Orders.on(Orders.java:42)\n\t... 7 more";
        let net = "NServiceBus.Failed: gone ---> System.InvalidOperationException: no customer\n   at Shop.Orders.Handle(Order o) in C:\\a.cs:line 4";
        for (stack, expected, at) in [
            (java, Some(("java.lang.IllegalStateException", Some("no customer"))), Some("com.shop.Orders.on")),
            (net, Some(("System.InvalidOperationException", Some("no customer"))), Some("Shop.Orders.Handle")),
            (
                "java.lang.NullPointerException\n\tat a.B.c(B.java)",
                Some(("java.lang.NullPointerException", None)),
                Some("a.B.c"),
            ),
            ("java.lang.NullPointerException: null", Some(("java.lang.NullPointerException", None)), None),
            ("it broke: badly", None, None),
            ("   at Shop.Orders.Handle()", None, Some("Shop.Orders.Handle")),
            ("", None, None),
        ] {
            assert_eq!(root(stack), expected, "{stack}");
            assert_eq!(frame(stack), at, "{stack}");
        }
    }
}
