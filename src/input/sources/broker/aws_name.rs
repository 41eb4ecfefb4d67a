//! The name of a queue of SQS or a topic of SNS in an address: `sqs://orders`,
//! `sqs://sqs.eu-west-1.amazonaws.com/123456789012/orders`, `sqs://arn:aws:sqs:eu-west-1:123456789012:orders`,
//! `sns://arn:aws:sns:…`; `*` is all there are.

use super::{Url, reading};

/// See the module's documentation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AwsName {
    /// None for all there are. Of a topic the whole ARN.
    pub name: Option<String>,
    pub region: Option<String>,
    pub account: Option<String>,
    pub endpoint: Option<String>,
}

impl AwsName {
    /// None for addresses of other systems.
    #[must_use]
    pub fn of(url: &Url) -> Option<Self> {
        if !matches!(url.scheme.as_str(), "sqs" | "sns") {
            return None;
        }
        let host = url.hosts.first().map_or("", String::as_str);
        let option = |name: &str| url.option(name).filter(|text| !text.is_empty()).map(str::to_owned);
        let arn: Vec<&str> = host.splitn(6, ':').collect();
        let (name, region, account) = match (arn.as_slice(), url.path.as_slice()) {
            (["arn", _, _, region, account, queue], []) => {
                let name = if url.scheme == "sns" { host } else { *queue };
                (name.to_owned(), Some((*region).to_owned()), Some((*account).to_owned()))
            }
            // The queue's URL without `https://`; older ones begin with the region or have none.
            (_, [account, queue]) => {
                let region = host.strip_prefix("sqs.").and_then(|rest| rest.split('.').next());
                (queue.clone(), region.map(str::to_owned), Some(account.clone()))
            }
            _ => (host.to_owned(), None, None),
        };
        let said = |part: Option<String>| part.filter(|part| !part.is_empty());
        Some(Self {
            name: (name != "*").then_some(name),
            region: option("region").or(said(region)),
            account: option("account").or(said(account)),
            endpoint: option("endpoint"),
        })
    }

    /// The address of the system alone, and the name.
    #[must_use]
    pub fn system(self, url: &Url) -> (String, Option<String>) {
        let (hosts, query) = (vec!["*".to_owned()], reading::left_out(url));
        let mut system = Url { hosts, query, path: Vec::new(), password: None, ..url.clone() };
        for (name, value) in [("region", &self.region), ("account", &self.account)] {
            if let (None, Some(value)) = (system.option(name), value) {
                system.query.push((name.to_owned(), value.clone()));
            }
        }
        (system.to_string(), self.name)
    }

    /// Whether both are asked for at one place, queues and topics alike. What is not said may be the same: a
    /// letter is known by its message's id, so one that lies elsewhere is not found there.
    #[must_use]
    pub fn shares_endpoint(&self, other: &Self) -> bool {
        let may_be = |a: &Option<String>, b: &Option<String>| a.is_none() || b.is_none() || a == b;
        may_be(&self.region, &other.region) && self.endpoint == other.endpoint
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_all_their_forms() {
        for (address, name, region, account) in [
            ("sqs://orders.fifo", Some("orders.fifo"), None, None),
            ("sqs://*?region=eu-west-1", None, Some("eu-west-1"), None),
            ("sqs://sqs.eu-west-1.amazonaws.com/12/orders", Some("orders"), Some("eu-west-1"), Some("12")),
            ("sqs://https://sqs.eu-west-1.amazonaws.com/12/orders", Some("orders"), Some("eu-west-1"), Some("12")),
            ("sqs://arn:aws:sqs:eu-west-1:12:orders?region=x", Some("orders"), Some("x"), Some("12")),
            (
                "sns://arn:aws:sns:eu-west-1:12:shop",
                Some("arn:aws:sns:eu-west-1:12:shop"),
                Some("eu-west-1"),
                Some("12"),
            ),
        ] {
            let found = AwsName::of(&Url::parse(address).expect("an address")).expect("one of AWS");
            let found = (found.name.as_deref(), found.region.as_deref(), found.account.as_deref());
            assert_eq!(found, (name, region, account), "{address}");
        }
        assert_eq!(AwsName::of(&Url::parse("kafka://orders").expect("an address")), None);
    }
}
