//! What is known of a queue before anything is taken from it, and whether looking is harmless.
//!
//! A classic queue puts a message back where it was and only remembers that it was redelivered. A quorum queue
//! counts deliveries. With a limit (an argument, a policy, or 20 by default since 4.0) it drops or dead-letters
//! what was delivered too often; from 4.3 on what is given back in good order does not count. Without a limit
//! what comes back goes to its end, so the order stays only if all of it is taken. Where that would do harm, a
//! person has to say that looking is worth it. A stream is only read.
//!
//! Source: <https://www.rabbitmq.com/docs/quorum-queues#repeated-requeues>, and tests with 3.10.

use lapin::options::{BasicConsumeOptions, BasicQosOptions};
use lapin::types::FieldTable;
use serde_json::Value;

use super::connect::{Session, short};
use super::management::{Management, QueueInfo, version};
use super::settings::Settings;
use crate::input::sources::broker::place;
use crate::model::error::{Error, Result};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Classic,
    Quorum,
    Stream,
    /// A quorum queue or a stream; without the management API nobody says which.
    NotClassic,
}

/// Most messages that are taken to give them back in their order.
pub(super) const MOST_TURNED: u64 = 10_000;

/// How often a message may be delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Limit {
    None,
    Deliveries(u64),
    /// There may be one.
    Unknown,
}

#[derive(Clone, Debug)]
pub(super) struct Facts {
    pub kind: Kind,
    pub limit: Limit,
    /// What is given back stands behind all that was left.
    pub to_end: bool,
    /// Held by consumers and therefore not seen.
    pub held_by_others: Option<u64>,
    pub ready: u64,
}

impl Facts {
    /// # Errors
    /// When there is no such queue, or it may not be seen.
    pub(super) fn of(session: &Session, name: &str) -> Result<Self> {
        let ready = session.queue(name)?.message_count().into();
        let known = Management::of(session.settings())
            .and_then(|api| Ok((api.queue(&session.settings().vhost, name)?, api.system()?.rabbitmq_version)));
        Ok(match known {
            Ok((info, release)) => {
                let kind = kind(&info.kind);
                let release = version(&release);
                let to_end = kind == Kind::Quorum && said_limit(&info, release).is_none();
                let limit = limit(kind, release, &info);
                Self { kind, limit, to_end, held_by_others: info.messages_unacknowledged, ready }
            }
            Err(_) => {
                let kind = probe(session.settings(), name)?;
                let classic = kind == Kind::Classic;
                let limit = if classic { Limit::None } else { Limit::Unknown };
                Self { kind, limit, to_end: !classic, held_by_others: None, ready }
            }
        })
    }

    /// Whether messages may be taken to look at them: all that there are, or a `part`.
    ///
    /// # Errors
    /// When looking could do harm and nobody said that it may.
    pub(super) fn may_take(&self, part: bool, settings: &Settings, name: &str) -> Result<()> {
        let (summary, why) = match self.limit {
            _ if settings.disturb => return Ok(()),
            Limit::None if part && self.to_end && self.ready > MOST_TURNED => (
                format!("Looking at a part of {name} moves it to the end of the queue"),
                "it is a quorum queue without a limit of deliveries, and too long to turn around as a whole".to_owned(),
            ),
            Limit::None => return Ok(()),
            Limit::Deliveries(limit) => (
                format!("Looking into {name} counts as a delivery of each message"),
                format!("after {limit} of them RabbitMQ drops a message or sends it to the dead-letter exchange"),
            ),
            Limit::Unknown => (
                format!("Looking into {name} counts as a delivery of each message"),
                "whether it limits them cannot be told without the management API".to_owned(),
            ),
        };
        let joint = if settings.url.query.is_empty() { "?" } else { "&" };
        let next_step = format!("To look all the same add {joint}disturb=yes to the address");
        Err(Error::new(summary, place(&settings.url), next_step).because(why))
    }
}

pub(super) fn kind(text: &str) -> Kind {
    match text {
        "quorum" => Kind::Quorum,
        "stream" => Kind::Stream,
        _ => Kind::Classic,
    }
}

/// The limit that an argument, a policy or the release sets, where it is one.
fn said_limit(info: &QueueInfo, release: Option<(u32, u32)>) -> Option<u64> {
    let of = |value: Option<&Value>| value.and_then(Value::as_i64);
    let said = [of(info.arguments.get("x-delivery-limit")), of(info.effective_policy_definition.get("delivery-limit"))];
    match said.into_iter().flatten().min() {
        Some(limit) => u64::try_from(limit).ok(),
        None => release.is_some_and(|release| release >= (4, 0)).then_some(20),
    }
}

fn limit(kind: Kind, release: Option<(u32, u32)>, info: &QueueInfo) -> Limit {
    match release {
        _ if kind != Kind::Quorum => Limit::None,
        Some(release) if release >= (4, 3) => Limit::None,
        Some(_) => said_limit(info, release).map_or(Limit::None, Limit::Deliveries),
        None => Limit::Unknown,
    }
}

/// Only classic queues serve consumers of a channel with a common limit; the others refuse before they
/// deliver anything, which costs the connection. A classic queue delivers one message, which goes back at once.
fn probe(settings: &Settings, name: &str) -> Result<Kind> {
    let session = Session::connect(settings)?;
    let channel = session.channel()?;
    let asked = session.ask(async {
        channel.basic_qos(1, BasicQosOptions { global: true }).await?;
        let options = BasicConsumeOptions::default();
        channel.basic_consume(short(name), short(""), options, FieldTable::default()).await
    });
    match asked {
        Ok(_) => {
            let _closed = session.ask(channel.close(200, "done".into()));
            Ok(Kind::Classic)
        }
        // NOT_IMPLEMENTED
        Err(failure) if failure.code() == Some(540) => Ok(Kind::NotClassic),
        Err(failure) => Err(session.explain_queue(name, &failure)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn limits_of_deliveries() {
        for (kind, release, arguments, policy, expected) in [
            (Kind::Classic, Some((4, 0)), json!({}), json!([]), Limit::None),
            (Kind::Stream, Some((4, 0)), json!({}), json!([]), Limit::None),
            (Kind::Quorum, Some((3, 10)), json!({}), json!([]), Limit::None),
            (Kind::Quorum, Some((3, 10)), json!({"x-delivery-limit": 3}), json!([]), Limit::Deliveries(3)),
            (
                Kind::Quorum,
                Some((3, 10)),
                json!({"x-delivery-limit": 9}),
                json!({"delivery-limit": 2}),
                Limit::Deliveries(2),
            ),
            (Kind::Quorum, Some((4, 1)), json!({}), json!({}), Limit::Deliveries(20)),
            (Kind::Quorum, Some((4, 1)), json!({"x-delivery-limit": -1}), json!({}), Limit::None),
            (Kind::Quorum, Some((4, 3)), json!({"x-delivery-limit": 2}), json!({}), Limit::None),
            (Kind::Quorum, None, json!({}), json!({}), Limit::Unknown),
        ] {
            let info = QueueInfo { arguments, effective_policy_definition: policy, ..QueueInfo::default() };
            assert_eq!(limit(kind, release, &info), expected, "{kind:?} of {release:?}");
        }
    }
}
