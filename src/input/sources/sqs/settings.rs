//! What an address of SQS or SNS says: which queue, where, as whom, how many messages, how carefully.
//!
//! `sqs://queue[?region=…&endpoint=…&profile=…&account=…&limit=…&disturb=yes&hold=…]`

use crate::base::text::parse_duration;
use crate::input::sources::broker::options::{self, wrong};
use crate::input::sources::broker::{AwsName, Url, reading};
use crate::model::error::Result;

/// Messages looked at where the address does not say how many: few enough to be given back in no time.
const USUAL_LIMIT: u64 = 1000;

/// How long messages are hidden from others at a time, in seconds; as long as they are needed it is prolonged.
const USUAL_HOLD_S: i32 = 30;

/// Options that belong to the account and not to what is read of it.
const OF_ACCOUNT: &[&str] = &["region", "endpoint", "profile", "account", "disturb", "hold"];

#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub url: Url,
    pub aws: AwsName,
    pub profile: Option<String>,
    /// Most messages that are read.
    pub limit: u64,
    /// Look even where that can move messages on to a dead-letter queue.
    pub disturb: bool,
    pub hold_s: i32,
}

impl Settings {
    /// # Errors
    /// What is wrong with the address, with the part that is.
    pub(super) fn read(url: &Url) -> Result<Self> {
        let aws = AwsName::of(url).filter(|_| url.hosts.len() == 1);
        let Some(aws) = aws else {
            return wrong(url, "The address names several queues", "Give one address for each queue");
        };
        if url.user.is_some() || url.password.is_some() {
            let next_step = "Use a profile (profile=NAME) or the environment, as the AWS command line does";
            return wrong(url, "Credentials of AWS do not belong into an address", next_step);
        }
        options::check(url, &[reading::SQS, OF_ACCOUNT])?;
        let host = url.hosts.first().map_or("", String::as_str);
        if !url.path.is_empty() && url.path.len() != 2 {
            return wrong(url, "The queue's name has a slash", format!("Write it like {}", super::EXAMPLE));
        }
        if url.path.len() == 2 && !host.ends_with(".amazonaws.com") && aws.endpoint.is_none() {
            let next_step = format!("Add endpoint=http://{host}, or https://");
            return wrong(url, format!("{host} is no address of AWS"), next_step);
        }
        if let Some(endpoint) = &aws.endpoint
            && !(endpoint.starts_with("http://") || endpoint.starts_with("https://"))
        {
            return wrong(url, "The endpoint has no scheme", "Write endpoint=http://localhost:4566");
        }
        let limit = options::count_or_all(url, "limit")?.unwrap_or(USUAL_LIMIT);
        let disturb = options::yes(url, "disturb")?;
        let hold_s = match url.option("hold").map(parse_duration) {
            None => USUAL_HOLD_S,
            Some(Ok(ns)) if (2..=43_200).contains(&(ns / 1_000_000_000)) => {
                i32::try_from(ns / 1_000_000_000).unwrap_or(USUAL_HOLD_S)
            }
            Some(_) => return wrong(url, "hold is no time between 2s and 12h", "Write hold=30s"),
        };
        let profile = url.option("profile").filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(Self { url: url.clone(), aws, profile, limit, disturb, hold_s })
    }

    pub(super) fn is_sns(&self) -> bool {
        self.url.scheme == "sns"
    }

    /// The queue, for those who cannot do without.
    ///
    /// # Errors
    /// When the address names none, or a topic.
    pub(super) fn queue(&self) -> Result<&str> {
        if self.is_sns() {
            let next_step = "Read a queue that is subscribed to it; sns:// is for --to";
            return wrong(&self.url, "A topic of SNS keeps no messages", next_step);
        }
        match &self.aws.name {
            Some(name) => Ok(name),
            None => wrong(&self.url, "The address names no queue", format!("Write it like {}", super::EXAMPLE)),
        }
    }

    /// The address of another queue or topic of the same account.
    pub(super) fn url_of(&self, name: &str) -> String {
        let keep = |(name, _): &&(String, String)| matches!(name.as_str(), "region" | "endpoint" | "profile");
        let mut query: Vec<(String, String)> = self.url.query.iter().filter(keep).cloned().collect();
        if let (Some(region), None) = (&self.aws.region, self.url.option("region")) {
            query.push(("region".to_owned(), region.clone()));
        }
        Url { hosts: vec![name.to_owned()], path: Vec::new(), query, password: None, ..self.url.clone() }.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::sources::broker::testing::{refused, right};

    fn settings(text: &str) -> Settings {
        right(Settings::read, text)
    }

    #[test]
    fn parts_are_read() {
        let read = settings("sqs://orders.fifo?region=eu-west-1&endpoint=http://localhost:4566&limit=5&hold=1m");
        assert_eq!((read.queue().expect("a queue"), read.limit, read.hold_s), ("orders.fifo", 5, 60));
        let other = "sqs://other?region=eu-west-1&endpoint=http%3A%2F%2Flocalhost%3A4566";
        assert_eq!(read.url_of("other"), other);
        let read = settings("sqs://arn:aws:sqs:eu-west-1:12:orders?profile=p");
        assert_eq!((read.limit, read.profile.as_deref(), read.disturb), (USUAL_LIMIT, Some("p"), false));
        assert_eq!(read.url_of("other"), "sqs://other?profile=p&region=eu-west-1");
        settings("sqs://localhost:4566/12/orders?endpoint=http://localhost:4566");
    }

    #[test]
    fn wrong_addresses_say_what_is_wrong() {
        let cases = [
            ("sqs://a,b", "several"),
            ("sqs://key:secret@orders", "Credentials"),
            ("sqs://orders?newest=5", "no option newest"),
            ("sqs://orders?limit=0", "limit"),
            ("sqs://orders?disturb=1", "disturb"),
            ("sqs://orders?hold=1s", "hold"),
            ("sqs://orders?endpoint=localhost:4566", "endpoint"),
            ("sqs://localhost:4566/12/orders", "no address of AWS"),
            ("sqs://orders/dlq", "slash"),
        ];
        refused(Settings::read, &cases);
        for (text, part) in [("sqs://*", "no queue"), ("sns://arn:aws:sns:eu-west-1:12:shop", "keeps no messages")] {
            assert!(settings(text).queue().expect_err(text).summary.contains(part), "{text}");
        }
    }
}
