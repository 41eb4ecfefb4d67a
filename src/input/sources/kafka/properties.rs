//! A Java client's `client.properties` in librdkafka's names. The file's form is that of
//! `java.util.Properties`; the names are those of Kafka's client configuration.

use std::collections::BTreeMap;
use std::path::Path;

use super::super::file::{place, unreadable};
use super::token;
use crate::model::error::{Error, Result};

/// Larger is no such file.
const MAX_BYTES: u64 = 1 << 20;

/// Settings of the file as librdkafka names them. What concerns only a Java program is left out.
///
/// # Errors
/// When the file cannot be read, or needs a Java key store that only Java can read.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, String>> {
    let size = std::fs::metadata(path).map_err(|cause| unreadable(path, &cause))?.len();
    if size > MAX_BYTES {
        return Err(Error::new("This is too large for a file of properties", place(path), "Give a client.properties"));
    }
    let bytes = std::fs::read(path).map_err(|cause| unreadable(path, &cause))?;
    let java = parse(&String::from_utf8_lossy(&bytes));
    translate(&java).map_err(|(what, next_step)| Error::new(what, place(path), next_step))
}

type Refusal = (String, &'static str);

fn translate(java: &BTreeMap<String, String>) -> std::result::Result<BTreeMap<String, String>, Refusal> {
    let mut settings = BTreeMap::new();
    let mut set = |name: &str, value: &str| settings.insert(name.to_owned(), value.to_owned());
    for (name, value) in java {
        match name.as_str() {
            "sasl.jaas.config" => {
                for (option, ours) in JAAS {
                    if let Some(found) = jaas_option(value, option) {
                        set(ours, &found);
                    }
                }
            }
            "ssl.endpoint.identification.algorithm" => {
                set(name, if value.trim().is_empty() { "none" } else { "https" });
            }
            "ssl.truststore.location" => match store_kind(java, "ssl.truststore", value) {
                Store::Pem => {
                    set("ssl.ca.location", value);
                }
                _ => {
                    let next_step = "Write its certificates out with: keytool -list -rfc -keystore FILE > ca.pem, and say ?ca=ca.pem";
                    return Err((format!("The trust store {value} can only be read by Java"), next_step));
                }
            },
            "ssl.keystore.location" => match store_kind(java, "ssl.keystore", value) {
                Store::Pem => {
                    set("ssl.certificate.location", value);
                    set("ssl.key.location", value);
                }
                Store::Pkcs12 => {
                    set("ssl.keystore.location", value);
                }
                Store::Jks => {
                    let next_step = "Convert it with: keytool -importkeystore -srckeystore FILE -destkeystore key.p12 -deststoretype PKCS12";
                    return Err((format!("The key store {value} can only be read by Java"), next_step));
                }
            },
            "ssl.keystore.password" => {
                if java.get("ssl.keystore.location").is_some() {
                    set(name, value);
                }
            }
            _ => {
                if let Some((_, ours)) = NAMES.iter().find(|(theirs, _)| theirs == name) {
                    set(ours, value);
                } else if NATIVE.iter().any(|start| name.starts_with(start)) {
                    set(name, value);
                }
            }
        }
    }
    Ok(settings)
}

/// Options of a login module.
const JAAS: &[(&str, &str)] = &[
    ("username", "sasl.username"),
    ("password", "sasl.password"),
    ("clientId", token::CLIENT),
    ("clientSecret", token::CLIENT_SECRET),
    ("scope", token::SCOPE),
    ("unsecuredLoginStringClaim_sub", token::SUBJECT),
];

/// Names that mean the same, theirs and librdkafka's.
const NAMES: &[(&str, &str)] = &[
    ("security.protocol", "security.protocol"),
    ("sasl.mechanism", "sasl.mechanism"),
    ("sasl.mechanisms", "sasl.mechanism"),
    ("sasl.oauthbearer.token.endpoint.url", token::ENDPOINT),
    ("sasl.oauthbearer.client.credentials.client.id", token::CLIENT),
    ("sasl.oauthbearer.client.id", token::CLIENT),
    ("sasl.oauthbearer.client.credentials.client.secret", token::CLIENT_SECRET),
    ("sasl.oauthbearer.client.secret", token::CLIENT_SECRET),
    ("sasl.oauthbearer.scope", token::SCOPE),
    ("sasl.kerberos.service.name", "sasl.kerberos.service.name"),
    ("ssl.truststore.certificates", "ssl.ca.pem"),
    ("ssl.keystore.certificate.chain", "ssl.certificate.pem"),
    ("ssl.keystore.key", "ssl.key.pem"),
    ("ssl.key.password", "ssl.key.password"),
    ("client.id", "client.id"),
    ("client.rack", "client.rack"),
    ("client.dns.lookup", "client.dns.lookup"),
    ("isolation.level", "isolation.level"),
    ("request.timeout.ms", "socket.timeout.ms"),
    ("metadata.max.age.ms", "metadata.max.age.ms"),
    ("reconnect.backoff.ms", "reconnect.backoff.ms"),
    ("socket.connection.setup.timeout.ms", "socket.connection.setup.timeout.ms"),
    ("fetch.max.bytes", "fetch.max.bytes"),
    ("fetch.min.bytes", "fetch.min.bytes"),
    ("fetch.max.wait.ms", "fetch.wait.max.ms"),
    ("max.partition.fetch.bytes", "max.partition.fetch.bytes"),
];

/// Names that only librdkafka has: its own files of settings are taken as they are.
const NATIVE: &[&str] = &[
    "ssl.ca.",
    "ssl.certificate.",
    "ssl.key.",
    "sasl.username",
    "sasl.password",
    "enable.ssl.certificate.verification",
];

enum Store {
    Pem,
    Pkcs12,
    Jks,
}

fn store_kind(java: &BTreeMap<String, String>, prefix: &str, path: &str) -> Store {
    let said = java.get(&format!("{prefix}.type")).map(|kind| kind.trim().to_ascii_uppercase());
    let ending = Path::new(path).extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    match (said.as_deref(), ending.as_deref()) {
        (Some("PEM"), _) | (None, Some("pem" | "crt" | "cer")) => Store::Pem,
        (Some("PKCS12"), _) | (None, Some("p12" | "pfx")) => Store::Pkcs12,
        _ => Store::Jks,
    }
}

/// `name="value"` of a login module's line; quotes and backslashes inside are escaped.
fn jaas_option(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let at = rest.find(name)?;
        let begins = rest.get(..at)?.chars().next_back().is_none_or(char::is_whitespace);
        rest = rest.get(at + name.len()..)?;
        let Some(value) = rest.trim_start().strip_prefix('=').filter(|_| begins) else { continue };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''));
        let mut found = String::new();
        let mut chars = value.chars().skip(usize::from(quote.is_some()));
        while let Some(char) = chars.next() {
            match (char, quote) {
                ('\\', Some(_)) => found.extend(chars.next()),
                (char, Some(quote)) if char == quote => break,
                (char, None) if char.is_whitespace() || char == ';' => break,
                (char, _) => found.push(char),
            }
        }
        return Some(found);
    }
}

/// Lines of `java.util.Properties`: comments, continued lines, escapes.
fn parse(text: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let mut line = line.trim_start().to_owned();
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        while line.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
            line.pop();
            let Some(next) = lines.next() else { break };
            line.push_str(next.trim_start());
        }
        let (name, value) = split(&line);
        found.insert(unescape(name), unescape(value));
    }
    found
}

/// At the first `=`, `:` or blank that is not escaped.
fn split(line: &str) -> (&str, &str) {
    let mut escaped = false;
    for (at, char) in line.char_indices() {
        if !escaped && (matches!(char, '=' | ':') || char.is_whitespace()) {
            let (name, rest) = line.split_at(at);
            let rest = rest.trim_start();
            return (name, rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start());
        }
        escaped = char == '\\' && !escaped;
    }
    (line, "")
}

fn unescape(text: &str) -> String {
    let mut found = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            found.push(char);
            continue;
        }
        match chars.next() {
            Some('n') => found.push('\n'),
            Some('r') => found.push('\r'),
            Some('t') => found.push('\t'),
            Some('f') => found.push('\u{c}'),
            Some('u') => {
                let digits: String = chars.by_ref().take(4).collect();
                found.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
            }
            other => found.extend(other),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(text: &str) -> std::result::Result<Vec<String>, String> {
        translate(&parse(text))
            .map(|settings| settings.into_iter().map(|(name, value)| format!("{name}={value}")).collect())
            .map_err(|(what, _)| what)
    }

    #[test]
    fn names_are_translated() {
        for (text, expected) in [
            (
                "security.protocol=SSL\nssl.truststore.location=/a/ca.pem",
                &["security.protocol=SSL", "ssl.ca.location=/a/ca.pem"][..],
            ),
            ("ssl.truststore.type=PEM\nssl.truststore.location=/a/x", &["ssl.ca.location=/a/x"]),
            (
                "ssl.keystore.location=k.p12\nssl.keystore.password=p",
                &["ssl.keystore.location=k.p12", "ssl.keystore.password=p"],
            ),
            ("ssl.keystore.type=PEM\nssl.keystore.location=k", &["ssl.certificate.location=k", "ssl.key.location=k"]),
            ("ssl.endpoint.identification.algorithm=", &["ssl.endpoint.identification.algorithm=none"]),
            ("ssl.truststore.certificates=-----BEGIN \\\n  X", &["ssl.ca.pem=-----BEGIN X"]),
            ("request.timeout.ms=7", &["socket.timeout.ms=7"]),
            ("key.deserializer=x.Y\ngroup.id=g\nacks=all", &[]),
            ("sasl.username=u\nssl.ca.location=c", &["sasl.username=u", "ssl.ca.location=c"]),
            ("sasl.jaas.config=a.B required username=\"u\" password='p w';", &["sasl.password=p w", "sasl.username=u"]),
            (
                "sasl.jaas.config=a.B required usernames=\"x\" username=u password=p;",
                &["sasl.password=p", "sasl.username=u"],
            ),
            ("# a=b\n! c=d\n  client.id : x\\u0041\\=y", &["client.id=xA=y"]),
            ("client.id x", &["client.id=x"]),
        ] {
            let expected: Vec<String> = expected.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(translated(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn stores_that_only_java_reads_are_said() {
        for text in ["ssl.truststore.location=t.jks", "ssl.keystore.location=k.jks", "ssl.truststore.location=t.p12"] {
            assert!(translated(text).is_err_and(|what| what.contains("only be read by Java")), "{text}");
        }
    }

    #[test]
    fn odd_lines_do_no_harm() {
        for text in
            ["\\", "=", ":=x", "a\\", "\\u12", "a=\\u", "sasl.jaas.config=username", "sasl.jaas.config=username=\""]
        {
            let _any = translated(text);
        }
    }
}
